"""`step`: the run as sentences, read and answered line by line. Importable without torch."""

from __future__ import annotations

from tui_linreg.cli.launch import opened_session
from tui_linreg.engine.config import RunConfig
from tui_linreg.line.words import DIGITS, read_digits
from tui_linreg.study.lessons.folder import load_lessons


def step(config: RunConfig, *, digits: str | None, lessons: str | None, student: str | None) -> None:
    """Talk about a run until the input ends.

    Args:
        config: the run.
        digits: significant digits of numbers, as typed; None: the usual ones.
        lessons: a folder with more lessons.
        student: a file whose `update` replaces that of the hand-written model.

    Raises:
        InputError: when an option is wrong or the run is impossible.
    """
    count = DIGITS if digits is None else read_digits(digits)
    if lessons is not None:
        load_lessons(lessons)  # what is wrong with the folder is said first
    with opened_session(config, student, plain=True) as session:
        from tui_linreg.line.loop import run_lines

        run_lines(session, lessons=lessons, digits=count)
