"""Whatever goes wrong, in one line: what, which value, what is allowed."""

from __future__ import annotations

import os
import re
import sys
import traceback
from contextlib import suppress
from difflib import get_close_matches

import click

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.fields import FIELDS
from tui_linreg.plain_text import visible

PROGRAM = "tui-linreg"
BAD_INPUT, INTERNAL, INTERRUPTED, BROKEN_PIPE = 2, 1, 130, 141
"""Exit codes; the last two are those of a program that the signal ended."""

# torch has no MemoryError of its own on the CPU.
_TORCH_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory", re.IGNORECASE)


def tell(error: BaseException) -> int:
    """Print an error's one line on stderr and return the exit code; with TUI_LINREG_DEBUG set, its traceback too."""
    code, line = explain(error)
    with suppress(OSError):
        if os.environ.get("TUI_LINREG_DEBUG"):
            traceback.print_exception(error)
        print(f"{PROGRAM}: {line}", file=sys.stderr, flush=True)
    return code


def explain(error: BaseException) -> tuple[int, str]:
    """Return the exit code and the line (without the program's name) for an error that ends the program."""
    match error:
        case KeyboardInterrupt() | click.Abort():
            return INTERRUPTED, "interrupted"
        case InputError():
            return BAD_INPUT, _input_error(error)
        case click.ClickException():
            return BAD_INPUT, _usage(error)
        case OSError():
            return BAD_INPUT, _os_error(error)
        case MemoryError():
            return BAD_INPUT, _NO_MEMORY
        case RuntimeError() if _TORCH_MEMORY.search(str(error)):
            return BAD_INPUT, _NO_MEMORY
    what = f"{type(error).__name__}: {quoted(error)}"
    return INTERNAL, f"internal error: {what}; please report it (TUI_LINREG_DEBUG=1 shows where)"


_NO_MEMORY = "this machine has not enough memory for this run; fewer --samples or --epochs need less"


def _input_error(error: InputError) -> str:
    """Return the error's line, with the option in front where it names none."""
    text = str(error)
    if error.field is None or text.startswith("--"):
        return text
    return f"--{error.field.replace('_', '-')}: {text}"


def _os_error(error: OSError) -> str:
    words = (error.strerror or type(error).__name__).lower()
    return f"input or output failed: {words}" if error.filename is None else f"{quoted(error.filename)}: {words}"


def _usage(error: click.ClickException) -> str:
    ctx = getattr(error, "ctx", None)
    if isinstance(error, click.NoSuchOption):
        return _no_such_option(error.option_name, ctx)
    if isinstance(error, click.BadOptionUsage):
        return _bad_use(error.option_name, ctx)
    return visible(error.format_message())


def _no_such_option(name: str, ctx: click.Context | None) -> str:
    if ctx is None:
        return f"no option {quoted(name)}"
    known = {option: option for param in ctx.command.get_params(ctx) for option in param.opts}
    here = f"no option {quoted(name)}"
    if isinstance(ctx.command, click.Group):
        for command in ctx.command.commands.values():
            if any(name in param.opts for param in command.params):
                return f"{here} before the command; did you mean {ctx.command_path} {command.name} {name}?"
    # A person may also know an option by its label: --learning-rate, --csv-file.
    labels = {"--" + re.sub(r"[^a-z]+", "-", f.label.lower()).strip("-"): f.option for f in FIELDS.values()}
    candidates = {label: option for label, option in labels.items() if option in known} | known
    near = get_close_matches(name, candidates, n=1, cutoff=0.65)
    hint = f"did you mean {candidates[near[0]]}?" if near else f"{ctx.command_path} --help lists them"
    return f"{here}; {hint}"


def _bad_use(name: str, ctx: click.Context | None) -> str:
    """Say that an option lacks its value, or that a flag was given one."""
    params = [] if ctx is None else ctx.command.get_params(ctx)
    if any(name in param.opts and getattr(param, "is_flag", False) for param in params):
        return f"{name}: takes no value"
    allowed = next((field.allowed for field in FIELDS.values() if field.option == name), None)
    return f"{name}: needs a value" + (f"; it must be {allowed}" if allowed else "")
