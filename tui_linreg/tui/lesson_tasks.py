"""A lesson's task on the screen: looked after at each key, kept when done; and what its lesson hides until then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.screen import Screen

from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.dialogs.base import Dialog
from tui_linreg.tui.panes.chart import ChartPane
from tui_linreg.tui.student_screen import StudentScreen
from tui_linreg.tui.studying import Answer

if TYPE_CHECKING:
    from tui_linreg.study.predict.questions import Question
    from tui_linreg.tui.course import Course
    from tui_linreg.tui.run import Explorer
    from tui_linreg.tui.run_request import RunRequest


class LessonTasksScreen(StudentScreen):
    """A run to study, and perhaps a lesson's task in it."""

    _course: Course | None = None
    """The lesson that is on."""
    _awaited: RunRequest | None = None
    """Its run, as long as that is being loaded."""
    _since = (0, 0)
    """Right predictions and mistakes found when the task began."""
    _predicted_at = 0
    _told_note = ""

    def _next_to_predict(self, cursor: Cursor) -> Cursor | None:
        """Return what is hidden and reached here before what comes next."""
        course = self._course
        hidden = frozenset() if course is None else course.hidden_at(cursor.step)
        first = min((q.phase for q in QUANTITIES if q.key in hidden and q.phase <= cursor.phase), default=None)
        aim = super()._next_to_predict(cursor) if first is None else Cursor(cursor.step, first)
        self._predicted_at = cursor.step if aim is None else aim.step
        return aim

    def _count(self, asked: tuple[Question, ...], right: tuple[bool | None, ...]) -> str:
        """Count the predictions; what was predicted or revealed is no longer hidden."""
        if self._course is not None:
            self._course.uncovered |= {(question.key, self._predicted_at) for question in asked}
        return super()._count(asked, right)

    # ── what is done, and what may be seen ───────────────────────────────────────────────────────────────────────

    def render_view(self) -> None:
        """Check the task at hand, then give every pane the frame, the lesson's state in it."""
        course, explorer = self._course, self.explorer
        self.set_class(course is not None, "-lesson")
        self._lay_out_page(course is not None and course.page is not None)
        if course is not None and explorer is not None:
            self._check_task(course, explorer, None)
            # Not of one's own run while the lesson's is loaded, and not of a hunt's.
            if course.explorer is not None and self._round is None:
                explorer.curtain = course.curtain(explorer.cursor.step, explorer)
            away = course.explorer is not None and course.explorer is not explorer
            explorer.lesson = course.view(hides=bool(explorer.curtain.blanks), away=away)
        super().render_view()

    def _lay_out_page(self, reading: bool) -> None:
        """Make room for the page, or give its room back; what is maximised may lose its place by that."""
        if reading != self.has_class("-reading"):
            self.set_class(reading, "-reading")
            if self.maximized is not None:
                self.minimize()

    def _ask(self, dialog: Screen[Answer], answered: Callable[[Answer | None], None] | None = None) -> None:
        """Open a dialog; a task may ask for just that."""
        super()._ask(dialog, answered)
        course, explorer = self._course, self.explorer
        if course is not None and explorer is not None and course.condition is not None:
            name = dialog.NAME if isinstance(dialog, Dialog) else ""
            if name and self._check_task(course, explorer, name):
                self.render_view()

    def _check_task(self, course: Course, explorer: Explorer, dialog: str | None) -> bool:
        from tui_linreg.tui.lesson_state import counts, state_of

        condition = course.condition
        if condition is None or self._awaited is not None or self._busy is not None:
            return False
        now = counts(self._progress().progress)
        since = (now[0] - self._since[0], now[1] - self._since[1])
        playing = self._timer is not None
        state = state_of(explorer, charts=self._charts_in_sight(), dialog=dialog, playing=playing, since=since)
        if condition.holds(state):
            self._task_done(course, "✓ done")
            return True
        return False

    def _charts_in_sight(self) -> tuple[int, ...]:
        """Return the numbers of the charts that stand on the screen, by the classes that the screen wears."""
        upper, lower = (self.query_one(f"#{name}", ChartPane) for name in ("upper", "lower"))
        if self.maximized is not None:
            return tuple(pane.number for pane in (upper, lower) if pane is self.maximized)
        if self.has_class("-tiny"):
            return ()
        if self.has_class("-compact"):
            seen = self.has_class("-charts") and not self.has_class("-reading")
            return ((lower if self.has_class("-lower") else upper).number,) if seen else ()
        if self.has_class("-reading"):
            return (upper.number,) if self.has_class("-roomy") else ()
        return (upper.number, lower.number)

    def _task_done(self, course: Course, said: str) -> None:
        task = course.task
        if task is None:
            return
        course.done(said)
        if course.named is not None and course.explorer is not None:
            self._name_mistake(course.explorer, course.named)
        keeper = self._progress()
        progress = keeper.progress.task_done(course.lesson.id, task.id, [each.id for each in course.lesson.tasks])
        self._tell_note(keeper.keep(progress))

    def _tell_note(self, note: str) -> None:
        note = self._new_note(note)
        if note and self.explorer is not None:
            self.explorer.message = f"✗ {note}"

    def _new_note(self, note: str) -> str:
        """Return a note of the progress file the first time it is there."""
        if note == self._told_note:
            return ""
        self._told_note = note
        return note
