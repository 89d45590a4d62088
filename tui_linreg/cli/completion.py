"""Completion of the command line by the shell: the script that a shell reads, and what it asks for at each TAB."""

from __future__ import annotations

import os

import click
from click.shell_completion import get_completion_class, shell_complete

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.explain import PROGRAM

VARIABLE = "_TUI_LINREG_COMPLETE"
"""The environment variable by which a shell asks, as click names it."""
SHELLS = ("bash", "zsh", "fish")
_WHERE = {"bash": "~/.bashrc", "zsh": "~/.zshrc", "fish": "~/.config/fish/config.fish"}


def script(program: click.Command, shell: str | None) -> str:
    """Return what a shell has to read, with a line on where.

    Raises:
        InputError: when there is no such shell.
    """
    if shell not in SHELLS:
        given = "" if shell is None else f" {quoted(shell)}"
        raise InputError(f"completion{given}: give one of {', '.join(SHELLS)}")
    kind = get_completion_class(shell)
    assert kind is not None  # click has these three
    load = f"{PROGRAM} completion fish | source" if shell == "fish" else f'eval "$({PROGRAM} completion {shell})"'
    return f"# in {_WHERE[shell]}: {load}\n{kind(program, {}, PROGRAM, VARIABLE).source()}"


def answer(program: click.Command) -> int | None:
    """Print what a shell asks for and return the exit code; None where none asks.

    Raises:
        InputError: when the variable holds something else.
    """
    asked = os.environ.get(VARIABLE)
    if not asked:
        return None
    shell, _, what = asked.partition("_")
    if shell not in SHELLS or what not in ("source", "complete"):
        raise InputError(f"{VARIABLE} {quoted(asked)}: must be a shell and what it asks, such as bash_source")
    return shell_complete(program, {}, PROGRAM, VARIABLE, asked)
