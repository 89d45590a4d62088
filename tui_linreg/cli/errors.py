"""What ends the program in one line on stderr; how click's errors are worded."""

from __future__ import annotations

import os
import re
import sys
import traceback
from contextlib import suppress
from difflib import get_close_matches

import click

from tui_linreg.engine.config import FIELDS
from tui_linreg.engine.errors import quoted
from tui_linreg.explain import BAD_INPUT, PROGRAM, explain
from tui_linreg.plain_text import visible


def print_error(error: BaseException) -> int:
    """Print an error's line on stderr and return the exit code; with TUI_LINREG_DEBUG set, its traceback too."""
    code, line = (BAD_INPUT, _usage_line(error)) if isinstance(error, click.ClickException) else explain(error)
    with suppress(OSError):
        if os.environ.get("TUI_LINREG_DEBUG"):
            traceback.print_exception(error)
        print(f"{PROGRAM}: {line}", file=sys.stderr, flush=True)
    return code


def _usage_line(error: click.ClickException) -> str:
    """Return the line for a command line that click could not read."""
    ctx = getattr(error, "ctx", None)
    if isinstance(error, click.NoSuchOption):
        return _no_such_option(error.option_name, ctx)
    if isinstance(error, click.BadOptionUsage):
        return _bad_option_use(error.option_name, ctx)
    return visible(error.format_message())


def _no_such_option(name: str, ctx: click.Context | None) -> str:
    """Return the line for an unknown option, with the nearest one, or the command that has it."""
    line = f"no option {quoted(name)}"
    if ctx is None:
        return line
    options = {option: option for param in ctx.command.get_params(ctx) for option in param.opts}
    if isinstance(ctx.command, click.Group):
        for command in ctx.command.commands.values():
            if any(name in param.opts for param in command.params):
                return f"{line} before the command; did you mean {ctx.command_path} {command.name} {name}?"
    # A person may also know an option by its label: --learning-rate, --csv-file.
    labels = {"--" + re.sub(r"[^a-z]+", "-", f.label.lower()).strip("-"): f.option for f in FIELDS.values()}
    candidates = {label: option for label, option in labels.items() if option in options} | options
    near = get_close_matches(name, candidates, n=1, cutoff=0.65)
    hint = f"did you mean {candidates[near[0]]}?" if near else f"{ctx.command_path} --help lists them"
    return f"{line}; {hint}"


def _bad_option_use(name: str, ctx: click.Context | None) -> str:
    """Return the line for an option without its value, or a flag with one."""
    params = [] if ctx is None else ctx.command.get_params(ctx)
    if any(name in param.opts and getattr(param, "is_flag", False) for param in params):
        return f"{name}: takes no value"
    allowed = next((field.allowed for field in FIELDS.values() if field.option == name), None)
    return f"{name}: needs a value" + (f"; it must be {allowed}" if allowed else "")
