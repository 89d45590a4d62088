"""The keys of lessons: the list, a lesson's text, its tasks, hints and answers, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_linreg.engine.errors import InputError
from tui_linreg.tui.lesson_runs import LessonRunsScreen
from tui_linreg.tui.panes.lesson import LessonPane

if TYPE_CHECKING:
    from tui_linreg.study.lessons.checks import TaskJudgement
    from tui_linreg.study.lessons.folder import Lessons
    from tui_linreg.study.lessons.lesson import Lesson
    from tui_linreg.study.progress.progress import Progress
    from tui_linreg.tui.course import Course

_NO_LESSON = "no lesson is on: L lists them"


class LessonScreen(LessonRunsScreen):
    """A run to study, with lessons about it."""

    _lessons: Lessons | None = None

    # ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────

    def action_lessons(self) -> None:
        """List the lessons; enter begins one, or goes on where it was left."""
        from tui_linreg.study.lessons.folder import load_lessons
        from tui_linreg.tui.dialogs.lessons import LessonsDialog

        if self._refuse_when_busy():
            return
        self._stop_playing()
        try:
            self._lessons = load_lessons(self.app.lessons_folder)
        except InputError as error:
            self._say(f"✗ {error}")
            return
        keeper = self._progress()
        here = None if self._course is None else self._course.lesson.id
        dialog = LessonsDialog(
            self._lessons, keeper.progress, here=here, reset=self._reset_lesson, note=self._new_note(keeper.note)
        )
        self._ask(dialog, self._chosen)

    def _chosen(self, id_: str | None) -> None:
        lessons = () if self._lessons is None else self._lessons.lessons
        number = next((i for i, lesson in enumerate(lessons, start=1) if lesson.id == id_), None)
        if number is None:
            self._load_what_was_reset()
            self.render_view()
        elif not self._refuse_when_busy():
            self._begin_lesson(lessons[number - 1], number, len(lessons))

    def _reset_lesson(self, lesson: Lesson) -> tuple[Progress, str]:
        from tui_linreg.tui.course import Course

        keeper = self._progress()
        note = keeper.keep(keeper.progress.reset_lesson(lesson.id))
        course = self._course
        if course is not None and course.lesson.id == lesson.id:
            self._course = Course.resumed(course.lesson, course.number, course.count, keeper.progress)
        return keeper.progress, note

    def _load_what_was_reset(self) -> None:
        if self._course is not None and self._course.explorer is None and self._awaited is None:
            self._arranging = True
            self._begin_task()

    # ── a page before what the other keys show ───────────────────────────────────────────────────────────────────

    def _page_covers(self, number: int | None) -> bool:
        """Say whether the page stands where a chart would, or for None the instruments."""
        if self._course is None or self._course.page is None:
            return False
        if isinstance(self.maximized, LessonPane) or self.has_class("-compact"):
            return True
        return number is not None and not (self.has_class("-roomy") and self._pane_of(number).id == "upper")

    def _put_page_away(self, number: int | None) -> bool:
        """Put the page away where it covers what is asked for; T brings it back. Says whether it did."""
        course = self._course
        if course is None or not self._page_covers(number):
            return False
        course.page = None
        self._lay_out_page(False)
        return True

    def action_chart(self, number: int) -> None:
        """Show a chart in its pane, be there a page or not."""
        if self._put_page_away(number):
            self.remove_class("-charts")  # or in one column its key would put the chart away that was behind the page
        super().action_chart(number)

    def _bring_up(self, number: int) -> None:
        if self._page_covers(number):
            self.action_chart(number)
        else:
            super()._bring_up(number)

    def action_panel(self, name: str) -> None:
        """Show an instrument; one that was behind the page comes to the front."""
        if self._put_page_away(None) and self._ready().panel == name:
            self._show_panel(name)
        else:
            super().action_panel(name)

    def action_next_panel(self, by: int) -> None:
        """Show the next instrument, be there a page or not."""
        self._put_page_away(None)
        super().action_next_panel(by)

    def action_maximise(self) -> None:
        """Maximise the focused pane, or the page while it stands where the last chosen chart would."""
        if self.maximized is None and self.focused is None and self._page_covers(self._chart):
            self.maximize(self.query_one(LessonPane), container=False)
        else:
            super().action_maximise()

    # ── the keys of one ──────────────────────────────────────────────────────────────────────────────────────────

    def action_lesson_go(self) -> None:
        """Turn the page, begin the next task, or answer this one."""
        course = self._course
        if course is None:
            self._say(_NO_LESSON)
        elif self._awaited is not None:
            self._say("the lesson's run is being loaded")
        elif course.page is not None:
            self._turn_on(course)
        elif course.over:
            self._next_lesson(course)
        elif course.task is None or not course.open:
            self._next_task(course)
        elif course.condition is not None:
            self._say("this task is checked as you go; H gives a hint, T its text in full")
        else:
            self._answer(course)

    def _turn_on(self, course: Course) -> None:
        if course.turn(1):
            self._say("")
        elif course.task is None:
            self._next_task(course)
        else:
            course.page = None
            self._say("")

    def _next_task(self, course: Course) -> None:
        if self._refuse_when_busy():
            return
        following = course.following
        if following is None:
            self._ready().message = ""
            if not course.lesson.tasks:
                self._tell_note(self._progress().keep(self._progress().progress.lesson_done(course.lesson.id)))
            course.end()
        else:
            self._ready().message = ""
            course.begin(following)
            self._begin_task()
        self.render_view()

    def _next_lesson(self, course: Course) -> None:
        lessons = () if self._lessons is None else self._lessons.lessons
        if course.number < len(lessons):
            if not self._refuse_when_busy():
                self._begin_lesson(lessons[course.number], course.number + 1, len(lessons))
        else:
            self.action_lessons()

    def _answer(self, course: Course) -> None:
        from tui_linreg.study.lessons.conditions import TaskCondition
        from tui_linreg.study.lessons.values import true_value
        from tui_linreg.tui.dialogs.lesson_answer import LessonAnswerDialog

        task, own = course.task, course.explorer
        if self._refuse_when_busy() or task is None or own is None or isinstance(task.check, TaskCondition):
            return
        check, cursor = task.check, own.cursor.step
        self._stop_playing()

        def judge(text: str) -> TaskJudgement:
            return check.judge(text, lambda wanted: true_value(wanted, own.instruments, own.session, cursor))

        def answered(right: str | None) -> None:
            if right is not None and course is self._course and task is course.task:
                self._task_done(course, f"✓ right: {right}")
            self.render_view()

        def told(hints: int) -> None:
            while course.hints < hints:
                course.hint()

        place = f"lesson {course.number}, task {(course.at or 0) + 1} of {len(course.lesson.tasks)}"
        self._ask(LessonAnswerDialog(task, check, place, judge, hints=course.hints, told=told), answered)

    def action_lesson_back(self) -> None:
        """Turn to the page before."""
        if self._course is None:
            self._say(_NO_LESSON)
        else:
            turned = self._course.turn(-1)
            self._say("" if turned else "T brings the lesson's text" if self._course.page is None else "the first page")

    def action_lesson_text(self) -> None:
        """Bring the lesson's text up, or put it away."""
        if self._course is None:
            self._say(_NO_LESSON)
        else:
            self._course.toggle_text()
            self._say("")

    def action_lesson_hint(self) -> None:
        """Show the next hint of the task."""
        course = self._course
        if course is None:
            self._say(_NO_LESSON)
        elif course.task is None or not course.open:
            self._say("hints belong to a task that is open")
        else:
            shown = course.hints
            course.hint()
            self._say("" if course.hints > shown else "these were all hints; T shows them together")

    def action_lesson_uncover(self) -> None:
        """Show what is hidden of this mini-batch."""
        course = self._course
        if course is None:
            self._say(_NO_LESSON)
        elif course.uncover(self._ready().cursor.step):
            self._say("shown for this mini-batch; the task is still yours to answer")
        else:
            self._say("nothing is hidden here")

    def action_lesson_leave(self) -> None:
        """Leave the lesson, back to the run from before."""
        if self._course is None:
            self._say(_NO_LESSON)
        elif not self._refuse_when_busy():
            self._back_to_own()
            own = self._ready()
            self._say(
                f"your own run again: η {own.session.config.lr:g}, step {own.cursor.step + 1}; L goes on with it all"
            )

    def action_scroll_samples(self, pages: int) -> None:
        """Scroll the lesson's text while it is there, else the samples."""
        if self._course is not None and self._course.page is not None:
            self.query_one(LessonPane).scroll_rows(pages)
        else:
            super().action_scroll_samples(pages)
