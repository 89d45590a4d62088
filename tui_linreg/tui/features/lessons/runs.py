"""The run of a lesson's task: loaded when the task begins; the user's own is given back as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_linreg.engine.analysis.kept_runs import KeptRuns
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.hidden import NOTHING, Hidden
from tui_linreg.tui.look import ShownCharts
from tui_linreg.tui.run import Run, RunRequest

if TYPE_CHECKING:
    from tui_linreg.study.lessons.lesson import Lesson, Start
    from tui_linreg.tui.controller import Controller
    from tui_linreg.tui.features.lessons.lesson_session import LessonSession


_LONGEST_WAIT = 1.0
"""Seconds that keys wait for a lesson's run; of one that takes longer the progress bar is shown, and space stops it."""


class LessonRuns:
    """The lesson that is on, and its run.

    Args:
        controller: of the main screen.
    """

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self.session: LessonSession | None = None
        """The lesson that is on."""
        self.awaited: RunRequest | None = None
        """The request for its run, as long as that is being loaded."""
        self._hidden_until_loaded = NOTHING
        """What stays hidden of the run that is on the screen until the lesson's is there."""
        self._arranging = False
        """Whether the charts and the instrument of a lesson that was begun are yet to be shown."""
        self._release_keys: Callable[[], None] | None = None
        """Lets keys through again that wait for the lesson's run."""
        self._counts = (0, 0)
        """Right predictions and mistakes found when the task began."""
        self._note_to_say = ""
        self._last_note = ""

    def hidden(self, run: Run) -> Hidden:
        """Return what a frame of this run must not show: nothing of a hunt's run, which hides for itself."""
        if self.session is None or run.owner == "hunt":
            return NOTHING
        if self.session.run is None:
            return self._hidden_until_loaded
        return self.session.hidden(run.cursor.step, run)

    def counted_since(self) -> tuple[int, int]:
        """Return how many right predictions and mistakes found there are since the task began."""
        from tui_linreg.study.lessons.facts import counts

        now = counts(self._controller.progress.progress)
        return now[0] - self._counts[0], now[1] - self._counts[1]

    # ── beginning and leaving ────────────────────────────────────────────────────────────────────────────────────

    def begin_lesson(self, lesson: Lesson, number: int, count: int) -> None:
        """Begin a lesson where it was left."""
        from tui_linreg.tui.features.lessons.lesson_session import LessonSession

        self._hidden_until_loaded = self.hidden(self._controller.run)
        self._arranging = True
        self.session = LessonSession.resumed(lesson, number, count, self._controller.progress.progress)
        self._begin()

    def begin_task(self, index: int) -> None:
        """Begin another task of the lesson that is on."""
        if self.session is not None:
            self._hidden_until_loaded = self.hidden(self._controller.run)
            self.session.begin(index)
            self._begin()

    def reset(self, lesson: Lesson) -> None:
        """Begin the lesson that is on anew, if it is this one: its run is loaded when the list is closed."""
        from tui_linreg.tui.features.lessons.lesson_session import LessonSession

        session = self.session
        if session is not None and session.lesson.id == lesson.id:
            self._hidden_until_loaded = self.hidden(self._controller.run)
            progress = self._controller.progress.progress
            self.session = LessonSession.resumed(session.lesson, session.number, session.count, progress)

    def load_what_was_reset(self) -> None:
        """Load the run of a lesson that was begun anew."""
        if self.session is not None and self.session.run is None and self.awaited is None:
            self._arranging = True
            self._begin()

    def leave(self) -> None:
        """Give the user's own run back as it was."""
        own = self._controller.runs.own
        self.session = self.awaited = None
        if own is not None:
            self._controller.back_to(own)

    def _begin(self) -> None:
        """Keep where the learner is, and load the task's run or go where it starts."""
        from tui_linreg.study.lessons.facts import counts

        session, keeper = self.session, self._controller.progress
        if session is None:
            return
        task, lesson = session.task, session.lesson.id
        id_ = None if task is None else task.id
        if keeper.progress.left != (lesson, id_):
            self._note_to_say = self.new_note(keeper.change(lambda progress: progress.left_at(lesson, id_)))
        self._counts = counts(keeper.progress)
        if session.run is None or (task is not None and task.config is not None):
            self._load(session)
        else:
            self._back_to(session.run)
            if task is not None and task.start is not None:
                self._go_to_start(task.start)
            self.bring_up()
        self._say_kept_note()

    def _back_to(self, run: Run) -> None:
        """Show the run again that the lesson's tasks are about, where it was left."""
        controller = self._controller
        if run is not controller.run:
            run.look = controller.run.look
            controller.back_to(run)
            controller.say("the lesson's own run again")

    def bring_up(self) -> None:
        """Show the charts and the instrument that the page or the task names; a page stays beside them."""
        from tui_linreg.study.lessons.lesson import NO_PANEL

        show, controller = None if self.session is None else self.session.show, self._controller
        if show is None:
            return
        message, run = controller.message, controller.run
        if show.panel is not None:
            controller.show_instrument(None if show.panel == NO_PANEL else show.panel)
        if show.charts:
            run.look = replace(run.look, charts=ShownCharts.of(*show.charts))
        controller.message = message

    # ── loading ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _load(self, session: LessonSession) -> None:
        controller, own = self._controller, self._controller.runs.own
        config, planted, _ = session.wanted_run()
        if "device" not in session.lesson.options and own is not None:
            config = replace(config, device=own.session.config.device)
        session.run = None
        message = f"lesson {session.number}: {session.lesson.title}"
        self.awaited = RunRequest(config, planted=planted, owner="lesson", message=message)
        self._let_keys_through()
        self._release_keys = controller.app.key_queue.hold()
        controller.screen.set_timer(_LONGEST_WAIT, self._release_keys)
        controller.load(self.awaited)

    def began(self, request: RunRequest) -> None:
        """Begin the task where it starts, if this is its run."""
        session, controller = self.session, self._controller
        if session is None or request is not self.awaited:
            return
        run = session.run = controller.run
        run.look = replace(run.look, kept=KeptRuns(), log_y=None)
        message = controller.message
        self._go_to_start(session.wanted_run()[2])
        if self._arranging:
            self._arranging = False
            controller.show_instrument(session.lesson.panel)
            if session.lesson.charts:
                run.look = replace(run.look, charts=ShownCharts.of(*session.lesson.charts))
        self.bring_up()
        controller.message = message
        self.awaited = None  # from now on the task is checked
        self._say_kept_note()
        controller.screen.call_after_refresh(self._let_keys_through)

    def failed(self, request: RunRequest | None) -> None:
        """Leave the lesson if this is its run, which cannot be had."""
        if request is not None and request is self.awaited:
            self._let_keys_through()
            self.leave()

    def _let_keys_through(self) -> None:
        if self._release_keys is not None:
            self._release_keys()
            self._release_keys = None

    def _go_to_start(self, start: Start) -> None:
        run = self._controller.run
        aim = Cursor(min(start.step - 1, run.last), start.phase)
        run.cursor = replace(run.cursor, phase=aim.phase)
        self._controller.go(aim)

    # ── what is wrong with keeping the progress ──────────────────────────────────────────────────────────────────

    def new_note(self, note: str) -> str:
        """Return a note about the progress file, empty where it was said already."""
        if note == self._last_note:
            return ""
        self._last_note = note
        return note

    def say_note(self, note: str) -> None:
        """Say a note about the progress file the first time it is there."""
        if new := self.new_note(note):
            self._controller.say(f"✗ {new}")

    def _say_kept_note(self) -> None:
        """Say the note when the lesson's run is there, which would take the line away."""
        if self._note_to_say and self.awaited is None:
            self._controller.say(f"✗ {self._note_to_say}")
            self._note_to_say = ""
