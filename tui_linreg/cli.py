"""The command line: reads options, builds one configuration, opens the app or runs without a screen.

torch, scikit-learn and textual are imported by what needs them, so that `--help` and `--version` answer at once.
"""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import click

from tui_linreg.cli_errors import BROKEN_PIPE, PROGRAM, tell
from tui_linreg.cli_options import CONTEXT, RunCommand, RunGroup, given, run_options
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError


@click.group(PROGRAM, cls=RunGroup, invoke_without_command=True, context_settings=CONTEXT,
             subcommand_metavar="[COMMAND [OPTIONS]]")  # fmt: skip
@run_options
@click.pass_context
def program(ctx: click.Context, /, **values: object) -> None:
    """Step through every mini-batch of gradient descent, from scratch and in PyTorch side by side.

    Without a command it opens the app. Options may stand before or after a command; after it they win.
    """
    ctx.obj = given(values)
    if ctx.invoked_subcommand is None:
        _open_app(RunConfig.read(ctx.obj))


@program.command("train", cls=RunCommand)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead, numbers unrounded.")
@run_options
@click.pass_obj
def train_command(before: dict[str, str], /, as_json: bool, **values: object) -> None:
    """Print both models' epoch logs and the comparison, no screen."""
    config = RunConfig.read(before | given(values))
    from tui_linreg import headless

    headless.train(config, as_json=as_json)


@program.command("trace", cls=RunCommand)
@click.option("--out", metavar="FILE", help="Where to: a name that ends in .csv, or in .jsonl with vectors too.")
@click.option("--verdicts", is_flag=True, help="Add a verdict on each compared quantity.")
@run_options
@click.pass_obj
def trace_command(before: dict[str, str], /, out: str | None, verdicts: bool, **values: object) -> None:
    """Write every step of both models to a .csv or .jsonl file."""
    config = RunConfig.read(before | given(values))
    from tui_linreg import headless, trace_file

    if out is None:
        raise InputError(f"--out: is missing; trace needs {trace_file.ALLOWED}")
    trace_file.check_trace_path(out)
    if config.data is not None and _same_file(out, config.data):
        raise InputError("--out: is the file that --data reads; the trace needs one of its own")
    headless.trace(config, out, verdicts=verdicts)


@program.command("config", cls=RunCommand)
def config_command() -> None:
    """Print the settings file's path and the keys that it can remap."""
    from tui_linreg.settings import describe

    for line in describe():
        print(line)


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
    # Not through click's own main, which prints several lines for an error and swallows Ctrl+C.
    try:
        with program.make_context(PROGRAM, args) as ctx:
            program.invoke(ctx)
    except click.exceptions.Exit as done:
        return done.exit_code
    return 0


def _open_app(config: RunConfig) -> None:
    _need_terminal()
    from tui_linreg.settings import load_settings

    settings = load_settings()
    from tui_linreg.tui.app import LinRegApp

    app = LinRegApp(config, settings)
    app.run()
    if app.exit_line:
        print(f"{PROGRAM}: {app.exit_line}", file=sys.stderr)
    if not app.work_ended():
        # A thread inside torch while the interpreter shuts down aborts the process; there is nothing left to save.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(app.return_code or 0)
    raise click.exceptions.Exit(app.return_code or 0)


def _need_terminal() -> None:
    """Raise InputError unless textual can read keys and draw here.

    Raises:
        InputError: when stdin, or the stream that textual draws on, is no terminal.
    """
    drawn_on = sys.stdout if sys.platform == "win32" else sys.stderr
    # TEXTUAL_DRIVER asks for another way in and out, a browser for example.
    if not os.environ.get("TEXTUAL_DRIVER") and not (sys.stdin.isatty() and drawn_on.isatty()):
        raise InputError(f"the app needs a terminal; {PROGRAM} train prints the numbers without one")


def _same_file(one: str, other: str) -> bool:
    with suppress(OSError, ValueError):
        return Path(one).samefile(other)
    return False


def _prepare_streams() -> None:
    """Make the streams exist and take every character, whatever the terminal's encoding."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123  # for good
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _fail(error: BaseException) -> int:
    """Say what is wrong, after what was printed before, and return the exit code."""
    try:
        sys.stdout.flush()
    except OSError:
        _drop_output()
    return tell(error)


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
