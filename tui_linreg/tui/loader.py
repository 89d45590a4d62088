"""Builds a session in a thread, saying what it is at; the first frame does not wait for torch."""

from __future__ import annotations

import gc
import importlib
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import printable
from tui_linreg.study.student.code import StudentError
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.run import RunRequest

if TYPE_CHECKING:
    from tui_linreg.engine.training.session import Session
    from tui_linreg.study.student.student import Student

STAGES = ("torch", "scikit-learn", "data")
"""What `load` reports, in its order."""
_CATCH_UP_SECONDS = 2.0
"""How long a saved file may train to reach the step where the cursor stood."""
_JUDGING_SECONDS = 2.0
_JUDGED_STEPS = 256
"""How long a saved file may be judged over its run, and how many steps are judged however long that takes."""
_LONGEST_NAME = 24


def load(request: RunRequest, report: Callable[[str], None]) -> Session:
    """Return a session that has trained its first step, so that the first key finds everything warm.

    With a learner's file also those up to the request's cursor, as far as that is soon done.

    Args:
        request: the run.
        report: called with each of `STAGES` when it begins, then with the name of the learner's file if there is one.

    Raises:
        InputError: when the data, the split or the device is impossible, or a learner's file cannot do the first step.
    """
    _import_libraries(request.config, report)
    from tui_linreg.engine.training.session import Session

    report("data")
    if request.student is not None:
        return _with_student(request, request.student, report)
    session = Session(request.config, planted=request.planted)
    session.train_to(1)
    session.step(0)
    return session


def _import_libraries(config: RunConfig, report: Callable[[str], None]) -> None:
    """Import what a run and its charts need, most of all torch.

    The garbage collector rests meanwhile, and ignores afterwards what was imported: a million objects that stay.
    """
    gc.disable()
    try:
        report("torch")
        importlib.import_module("torch")
        if config.source != "csv":
            report("scikit-learn")
            importlib.import_module("sklearn.datasets")
        for chart in CHARTS.values():
            importlib.import_module(f"tui_linreg.tui.charts.{chart.id}")
        importlib.import_module("tui_linreg.engine.training.session")
    finally:
        if not gc.get_freeze_count():  # once only: a run must be collectable when the next one replaces it
            gc.freeze()
        gc.enable()


def _with_student(request: RunRequest, student: Student, report: Callable[[str], None]) -> Session:
    from tui_linreg.study.student.judged import judge_run
    from tui_linreg.study.student.session import StudentSession
    from tui_linreg.study.student.student import refuse_options

    refuse_options(request.config)
    report(printable(student.path.name, _LONGEST_NAME))
    session = StudentSession(request.config, student, request.code or student.newest())
    session.train_to(1)
    until = time.monotonic() + _CATCH_UP_SECONDS
    with suppress(StudentError):  # the session keeps what was trained, and says why no more
        session.train_to(request.cursor.step + 1, cancelled=lambda: time.monotonic() > until)
    judged = StudentSession(request.config, student, session.code, dataset=session.dataset, printed=session.printed)
    until = time.monotonic() + _JUDGING_SECONDS
    session.judgement = judge_run(
        judged, cancelled=lambda: judged.trained >= _JUDGED_STEPS and time.monotonic() > until
    )
    return session
