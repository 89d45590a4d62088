"""The program: what surrounds every command (streams, warnings, errors in one line).

Without arguments it opens the app at once; click is loaded where there is a command line to read.
"""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

from tui_linreg.cli.launch import open_app
from tui_linreg.engine.config import RunConfig
from tui_linreg.explain import BROKEN_PIPE


def main(args: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code; every failure is one line on stderr.

    Args:
        args: what follows the program's name; None takes it from the command line.
    """
    _prepare_streams()
    try:
        with warnings.catch_warnings():
            # A library's warning would be a second line beside ours, or text across the app's screen.
            if not sys.warnoptions:
                warnings.simplefilter("ignore")
            code = _run(sys.argv[1:] if args is None else list(args))
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return BROKEN_PIPE
    except (Exception, KeyboardInterrupt) as error:
        return _fail(error)
    return code


def _run(args: list[str]) -> int:
    """Run a command line and return its exit code."""
    if not args and not os.environ.get("_TUI_LINREG_COMPLETE"):  # by it a shell asks what may be typed
        return open_app(RunConfig())
    from tui_linreg.cli.commands import run

    return run(args)


def _prepare_streams() -> None:
    """Make the streams exist and take every character, whatever the terminal's encoding."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123  # for good
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _fail(error: BaseException) -> int:
    """Print what is wrong, after what was printed before, and return the exit code."""
    try:
        sys.stdout.flush()
    except OSError:
        _drop_output()
    from tui_linreg.cli.errors import print_error  # loads click

    return print_error(error)


def _drop_output() -> None:
    """Point stdout elsewhere, or Python would try to write what is left and complain when it exits."""
    _divert(sys.stdout)
    try:
        sys.stderr.flush()
    except OSError:
        _divert(sys.stderr)


def _divert(stream: TextIO) -> None:
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
