"""Reads lines and prints what answers them, until the input ends."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import TextIO

from tui_linreg.engine.training.session import Session
from tui_linreg.line.moves import arrive
from tui_linreg.line.reader import respond
from tui_linreg.line.run import LineRun
from tui_linreg.line.state import State
from tui_linreg.line.words import DIGITS, count, lines_of
from tui_linreg.study.progress_file import Keeper

_PROMPT = "> "


def opening(state: State) -> list[str]:
    """Return what is said first."""
    schedule = state.run.session.schedule
    samples, epochs = count(schedule.n_train, "train sample"), count(schedule.epochs, "epoch")
    about = f"Linear regression: {samples}, {epochs}, {count(schedule.steps, 'step')}."
    return [about, "Say help for the words.", *arrive(state)]


def run_lines(
    session: Session, *, lessons: str | None = None, digits: int = DIGITS, source: TextIO | None = None
) -> None:
    """Talk about a run until `quit` or the end of the input.

    Args:
        session: the run.
        lessons: a folder with more lessons.
        digits: significant digits of numbers.
        source: where lines come from; None: stdin. A terminal gets a prompt.
    """
    source = sys.stdin if source is None else source
    if isinstance(source, io.TextIOWrapper):
        source.reconfigure(errors="replace")  # bytes of another encoding are an unknown word, no error
    state = State([LineRun(session)], Keeper(), lessons, digits)
    asked = source.isatty()
    _say(lines_of(opening(state)))
    while not state.over:
        if asked:
            print(_PROMPT, end="", flush=True)
        try:
            line = source.readline()
        except KeyboardInterrupt:
            print(flush=True)  # what comes next begins a line of its own
            raise
        if not line:
            if asked:
                print()
            return
        _say(respond(state, line))


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)
