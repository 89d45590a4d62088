"""A lesson's runs: loaded for its tasks, and one's own run given back as it stood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.hidden import Curtain
from tui_linreg.tui.lesson_tasks import LessonTasksScreen
from tui_linreg.tui.panes.chart import ChartPane
from tui_linreg.tui.run_request import RunRequest

if TYPE_CHECKING:
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.engine.errors import InputError
    from tui_linreg.study.lessons.lesson import Lesson, Start
    from tui_linreg.tui.messages import Broken, Finished
    from tui_linreg.tui.run import Explorer

_MOST_WAIT = 1.0
"""Seconds that keys wait for a lesson's run; of one that takes longer the progress bar tells, and space stops it."""


class _Kept(NamedTuple):
    """The run from before a lesson, as it stood."""

    explorer: Explorer
    charts: tuple[int, int]


class LessonRunsScreen(LessonTasksScreen):
    """A run to study: one's own, or a lesson's."""

    _kept: _Kept | None = None
    _note = ""
    """What is still to be said of the progress file."""
    _arranging = False
    """Whether a lesson was begun whose charts and instrument are to be opened."""
    _held: Callable[[], None] | None = None
    """Lets keys through again that wait for the lesson's run."""

    def _begin_lesson(self, lesson: Lesson, number: int, count: int) -> None:
        from tui_linreg.tui.course import Course

        if self._kept is None:
            upper, lower = (self.query_one(f"#{name}", ChartPane).number for name in ("upper", "lower"))
            self._kept = _Kept(self._own(), (upper, lower))
        self._arranging = True
        self._course = Course.resumed(lesson, number, count, self._progress().progress)
        self._begin_task()

    def _begin_task(self) -> None:
        """Keep where the learner is, and load the task's run or go where it starts."""
        from tui_linreg.tui.lesson_state import counts

        course = self._course
        if course is None:
            return
        keeper = self._progress()
        id_ = None if course.task is None else course.task.id
        if keeper.progress.left != (course.lesson.id, id_):
            lesson = course.lesson.id
            self._note = self._new_note(keeper.change(lambda progress: progress.left_at(lesson, id_)))
        self._since = counts(keeper.progress)
        task = course.task
        if course.explorer is None or (task is not None and task.config is not None):
            self._load_lesson_run()
        else:
            self._back_to_lesson_run(course.explorer)
            if task is not None and task.start is not None:
                self._go_to_start(task.start)
        self._say_note()

    def _say_note(self) -> None:
        """Say what is wrong with keeping the progress: when the run is there, which would take the line away."""
        if self._note and self._awaited is None and self.explorer is not None:
            self.explorer.message, self._note = f"✗ {self._note}", ""

    def _load_lesson_run(self) -> None:
        course = self._course
        if course is None:
            return
        config, planted, _ = course.run()
        if "device" not in course.lesson.options:
            config = replace(config, device=self._own_config().device)
        course.explorer = None
        said = f"lesson {course.number}: {course.lesson.title}"
        curtain = Curtain(secret=course.lesson.hidden)
        self._awaited = RunRequest(config, planted=planted, curtain=curtain, message=said)
        self._let_keys()
        self._held = self.app.key_queue.hold()
        self.set_timer(_MOST_WAIT, self._held)
        self.load(self._awaited)

    def _own_config(self) -> RunConfig:
        return self._config if self._kept is None else self._kept.explorer.session.config

    def run_began(self, request: RunRequest, before: Explorer | None) -> None:
        """Begin the task where it starts, if this is its run."""
        from tui_linreg.tui.kept_runs import Ghosts

        super().run_began(request, before)
        course = self._course
        if course is None or request is not self._awaited:
            return
        explorer = course.explorer = self._ready()
        explorer.ghosts = Ghosts()
        explorer.log_y = False
        explorer.curtain = course.curtain(explorer.cursor.step, explorer)
        said = explorer.message
        self._go_to_start(course.run()[2])
        if self._arranging:
            self._arranging = False
            for number in course.lesson.charts:
                self._pane_of(number).choose(number)
            self._show_panel(course.lesson.panel)
        explorer.message = said
        self._awaited = None  # from now on the task is looked after
        self._say_note()
        self.call_after_refresh(self._let_keys)

    def _let_keys(self) -> None:
        if self._held is not None:
            self._held()
            self._held = None

    def _go_to_start(self, start: Start) -> None:
        explorer = self._ready()
        aim = Cursor(min(start.step - 1, explorer.last), start.phase)
        explorer.cursor = replace(explorer.cursor, phase=aim.phase)
        self._go(aim)

    def run_refused(self, request: RunRequest, error: InputError) -> bool:
        """Leave a lesson whose run is impossible; what is wrong is said by who asked."""
        self._without_run(request)
        return super().run_refused(request, error)

    def on_finished(self, message: Finished) -> None:
        """Leave a lesson whose run was not waited for."""
        if self._awaited is not None:
            self._without_run(self._awaited)

    def on_broken(self, message: Broken) -> None:
        """Leave a lesson whose run broke."""
        if self._awaited is not None and not message.beside:
            self._without_run(self._awaited)

    def _without_run(self, request: RunRequest) -> None:
        if request is self._awaited:
            self._awaited = None
            self._let_keys()
            self._back_to_own()

    def _back_to_lesson_run(self, own: Explorer) -> None:
        """Show the run again that the lesson's tasks are about, where it was left."""
        if own is self.explorer:
            return
        self._stop_playing()
        own.look_as(self._ready())
        self._round = self._preparing = None
        self.explorer = own
        self._config = own.session.config
        self._show_panel(own.panel)
        own.message = "the lesson's own run again"

    def _back_to_own(self) -> None:
        kept, self._kept, self._course, self._awaited = self._kept, None, None, None
        if kept is None:
            return
        self._stop_playing()
        self._round = self._preparing = None
        self.explorer = kept.explorer
        self.explorer.lesson = None
        self._config = kept.explorer.session.config
        for name, number in zip(("upper", "lower"), kept.charts, strict=True):
            self.query_one(f"#{name}", ChartPane).choose(number)
        self._show_panel(kept.explorer.panel)
