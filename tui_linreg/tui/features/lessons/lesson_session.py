"""`LessonSession`: a lesson being studied in the app: its course, and the run on the screen. No widget."""

from __future__ import annotations

from dataclasses import dataclass

from tui_linreg.study.lessons.course import Course
from tui_linreg.tui.hidden import Hidden
from tui_linreg.tui.run import Run


@dataclass(slots=True, eq=False)
class LessonSession(Course):
    """One lesson and how far its learner is."""

    run: Run | None = None
    """The task's own run, which answers are judged by; None while it is loaded."""

    def hidden(self, step: int, run: Run) -> Hidden:
        """Return what a frame of a step (from 0) of a run must not show."""
        secret = run is self.run and self.secret
        return Hidden(
            self.blanks_at(step),
            cuts=self.cuts,
            inputs=self.inputs_at(step),
            formulas=self.formulas_at(step),
            secret=secret,
        )
