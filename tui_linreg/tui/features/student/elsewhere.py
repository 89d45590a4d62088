"""The learner's file over a run that the built-in model does: a lesson's. Judged in the background."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.tui.background import Background

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_linreg.study.student.student import Student

_SECONDS = 10.0
"""How long the steps of one run are judged at most."""


class Elsewhere:
    """Judges the newest version of a file over the runs of lessons, one at a time.

    Args:
        student: its process.
    """

    def __init__(self, student: Student) -> None:
        self._student = student
        self._work = Background()
        self._asked: RunConfig | None = None
        self._found: tuple[RunConfig, frozenset[str]] | None = None
        self._news = False

    def look(self, config: RunConfig) -> bool:
        """Begin to judge the file over this run if it has been saved or the run is another; return what is new."""
        if self._asked != config or self._student.changed():
            self._asked, self._found = config, None
            self._work.cancel()
            self._work.start(lambda cancelled: self._judge(config, cancelled))
        news, self._news = self._news, False
        return news

    def right_parts(self, config: RunConfig) -> frozenset[str]:
        """Return the parts that are right over this run, as far as that is known."""
        found = self._found
        return found[1] if found is not None and found[0] == config else frozenset()

    def _judge(self, config: RunConfig, cancelled: Callable[[], bool]) -> None:
        from tui_linreg.study.student.judged import judge_run
        from tui_linreg.study.student.session import StudentSession

        until = time.monotonic() + _SECONDS
        try:
            code = self._student.newest()
            session = StudentSession(replace(config, mistake=None, arithmetic="notebook"), self._student, code)
            judgement = judge_run(session, cancelled=lambda: cancelled() or time.monotonic() > until)
        except InputError:
            return  # said when the learner's own run is there again
        if not cancelled():
            self._found, self._news = (config, judgement.right_parts), True
