"""The learner's file over a run that the built-in model does: a lesson's. Judged in the background."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.tui.background import Background

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_linreg.study.student.judged import RunJudgement
    from tui_linreg.study.student.output import PrintedLine
    from tui_linreg.study.student.student import Student

_SECONDS = 10.0
"""How long the steps of one run are judged at most."""


class Found(NamedTuple):
    """How a version of the file stands over a run."""

    config: RunConfig
    judgement: RunJudgement | None = None
    printed: Sequence[PrintedLine] = ()
    error: InputError | None = None
    """Why the file cannot be used."""


class Elsewhere:
    """Judges the newest version of a file over the runs of lessons, one at a time.

    Args:
        student: its process.
    """

    def __init__(self, student: Student) -> None:
        self._student = student
        self._work = Background()
        self._asked: RunConfig | None = None
        self._found: Found | None = None
        self._news = False

    def look(self, config: RunConfig) -> bool:
        """Begin to judge the file over this run if it has been saved or the run is another; return what is new."""
        if self._asked != config or self._student.changed():
            self._asked, self._found = config, None
            self._work.cancel()
            self._work.start(lambda cancelled: self._judge(config, cancelled))
        news, self._news = self._news, False
        return news

    def found(self, config: RunConfig) -> Found | None:
        """Return how the file stands over this run, None as long as that is not known."""
        return self._found if self._found is not None and self._found.config == config else None

    def _judge(self, config: RunConfig, cancelled: Callable[[], bool]) -> None:
        from tui_linreg.study.student.judged import judge_run
        from tui_linreg.study.student.session import StudentSession

        until = time.monotonic() + _SECONDS
        try:
            code = self._student.newest()
            session = StudentSession(replace(config, mistake=None, arithmetic="notebook"), self._student, code)
            judgement = judge_run(session, cancelled=lambda: cancelled() or time.monotonic() > until)
            found = Found(config, judgement, session.printed.lines())
        except InputError as error:
            found = Found(config, error=error)
        if not cancelled():
            self._found, self._news = found, True
