"""A command line that click could not read, in one line."""

from __future__ import annotations

import re
from difflib import get_close_matches

import click

from tui_linreg.engine.errors import quoted
from tui_linreg.engine.fields import FIELDS
from tui_linreg.plain_text import visible


def usage_line(error: BaseException) -> str:
    """Return the line for an error of click's; nothing when it stands for Ctrl+C."""
    if not isinstance(error, click.ClickException):
        return ""
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
