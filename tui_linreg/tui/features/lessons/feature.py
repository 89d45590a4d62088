"""Lessons on the screen: the list, a lesson's text, its tasks, hints and answers, and the way out."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.feature import Feature
from tui_linreg.tui.features.lessons.runs import LessonRuns
from tui_linreg.tui.hidden import Hidden
from tui_linreg.tui.run import Run, RunRequest
from tui_linreg.tui.view import LessonView

if TYPE_CHECKING:
    from tui_linreg.study.lessons.lesson import Lesson, Task
    from tui_linreg.study.lessons.lesson import Lessons as LessonList
    from tui_linreg.study.progress import Progress
    from tui_linreg.tui.controller import Controller
    from tui_linreg.tui.features.lessons.answer_dialog import Answered
    from tui_linreg.tui.features.lessons.lesson_session import LessonSession

_NO_LESSON = "no lesson is on: L lists them"


class Lessons(Feature):
    """A lesson about the run on the screen."""

    name = "lessons"

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self.runs = LessonRuns(controller)
        self._lessons: LessonList | None = None

    @property
    def session(self) -> LessonSession | None:
        """The lesson that is on."""
        return self.runs.session

    # ── hooks ────────────────────────────────────────────────────────────────────────────────────────────────────

    def state_changed(self) -> None:
        if self.session is not None:  # what a page covers is not seen, and may be asked for
            self.controller.screen.make_room_for_page(self.session.page is not None)
        self._check_task(None)

    def dialog_opened(self, name: str) -> None:
        self._check_task(name)

    def hidden(self, run: Run) -> Hidden:
        return self.runs.hidden(run)

    def lesson_view(self) -> LessonView | None:
        session, controller = self.session, self.controller
        if session is None:
            return None
        away = session.run is not None and session.run is not controller.run
        from tui_linreg.tui.features.lessons.showing import view_of

        return view_of(session, hides=bool(controller.hidden.blanks), away=away)

    def put_page_away(self) -> None:
        if self.session is not None:
            self.session.page = None

    def run_began(self, request: RunRequest, before: Run | None) -> None:
        self.runs.began(request)

    def run_refused(self, request: RunRequest, error: InputError) -> bool:
        """Leave a lesson whose run is impossible; what is wrong is said by who asked."""
        self.runs.failed(request)
        return False

    def work_ended(self) -> None:
        """Leave a lesson whose run was not waited for, or broke."""
        self.runs.failed(self.runs.awaited)

    def next_to_predict(self, cursor: Cursor) -> Cursor | None:
        """Return the first phase up to here with a number that is hidden."""
        hidden = frozenset() if self.session is None else self.session.hidden_at(cursor.step)
        phase = min((q.phase for q in QUANTITIES if q.key in hidden and q.phase <= cursor.phase), default=None)
        return None if phase is None else Cursor(cursor.step, phase)

    def predicted(self, keys: Collection[str], right: Collection[str], step: int) -> None:
        """Show what was predicted or revealed; a task that asks for what was predicted is done."""
        session = self.session
        if session is None or session.run is not self.controller.run:
            return
        session.uncovered |= {(key, step) for key in keys}
        for task in session.solved_by(right, step):
            self._task_done(session, "✓ right, predicted" + (f". {task.why}" if task.why else ""), task)

    def comes_first(self, command: str) -> bool:
        """Enter goes on in the lesson, where there is something to go on to."""
        return command == "lesson.go" and self.session is not None and self.session.goes_on

    # ── tasks ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _check_task(self, dialog: str | None) -> None:
        """Look whether the task at hand is done by what is on the screen now."""
        session, controller = self.session, self.controller
        condition = None if session is None else session.condition
        if session is None or condition is None or self.runs.awaited is not None or controller.work.busy is not None:
            return
        from tui_linreg.tui.features.lessons.facts import state_of

        known = [*(feature.facts() for feature in controller.features.values())]
        if controller.mode is not None:
            known.append(controller.mode.facts())
        state = state_of(
            controller.run,
            known,
            charts=controller.screen.charts_in_sight,
            dialog=dialog,
            playing=controller.player.playing,
            since=self.runs.counted_since(),
            student=controller.right_parts,
        )
        if condition.holds(state):
            self._task_done(session, "✓ done")

    def _task_done(self, session: LessonSession, said: str, task: Task | None = None) -> None:
        from tui_linreg.study.lessons.answers import MistakeAnswer

        task = task or session.task
        if task is None:
            return
        session.done(said, task)
        if session.named is not None and session.run is not None:
            session.run.name_mistake(session.named)
        lesson, ids = session.lesson.id, [each.id for each in session.lesson.needed]
        found = task.check.name if isinstance(task.check, MistakeAnswer) else None

        def count(progress: Progress) -> Progress:
            progress = progress.task_done(lesson, task.id, ids)
            return progress if found is None else progress.found_mistake(found, 1)

        note = self.controller.progress.change(count)
        self.runs.say_note(note)

    # ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────

    def lessons(self) -> None:
        """List the lessons; enter begins one, or goes on where it was left."""
        from tui_linreg.study.lessons.folder import load_lessons
        from tui_linreg.tui.features.lessons.facts import VOCABULARY
        from tui_linreg.tui.features.lessons.list_dialog import LessonsDialog

        try:
            self._lessons = load_lessons(self.controller.lessons_folder, VOCABULARY)
        except InputError as error:
            self.controller.say(f"✗ {error}")
            return
        keeper = self.controller.progress
        here = None if self.session is None else self.session.lesson.id
        note = self.runs.new_note(keeper.note)
        dialog = LessonsDialog(self._lessons, keeper.progress, here=here, reset=self._reset, note=note)
        self.controller.ask(dialog, self._chosen)

    def _chosen(self, id_: str | None) -> None:
        lessons = () if self._lessons is None else self._lessons.lessons
        number = next((i for i, lesson in enumerate(lessons, start=1) if lesson.id == id_), None)
        if number is None:
            self.runs.load_what_was_reset()
        elif not self.controller.refuse_when_busy():
            self.runs.begin_lesson(lessons[number - 1], number, len(lessons))

    def _reset(self, lesson: Lesson) -> tuple[Progress, str]:
        keeper = self.controller.progress
        note = keeper.change(lambda progress: progress.reset_lesson(lesson.id))
        self.runs.reset(lesson)
        return keeper.progress, note

    # ── the keys of one ──────────────────────────────────────────────────────────────────────────────────────────

    def go_on(self) -> None:
        """Turn the page, begin the next task, or answer this one."""
        session = self.session
        if session is None:
            self.controller.say(_NO_LESSON)
        elif self.runs.awaited is not None:
            self.controller.say("the lesson's run is being loaded")
        elif session.page is not None:
            self._turn_page(session)
        elif session.over:
            self._next_lesson(session)
        elif session.task is None or not session.open or (session.task.optional and session.condition is not None):
            self._next_task(session)
        elif session.condition is not None:
            self.controller.say("this task is checked as you go; ^t gives a hint, T its text in full")
        else:
            self._answer(session)

    def _turn_page(self, session: LessonSession) -> None:
        self.controller.say("")
        if self.controller.screen.scroll_page():
            return
        if session.turn(1):
            self.runs.bring_up()
            return
        if session.over:
            self._next_lesson(session)
        elif session.task is None:
            self._next_task(session)
        else:
            session.page = None

    def _next_task(self, session: LessonSession) -> None:
        if self.controller.refuse_when_busy():
            return
        self.controller.say("")
        following = session.following
        if following is not None:
            self.runs.begin_task(following)
            return
        if not session.lesson.needed:
            lesson = session.lesson.id
            self.runs.say_note(self.controller.progress.change(lambda progress: progress.lesson_done(lesson)))
        session.end()

    def _next_lesson(self, session: LessonSession) -> None:
        lessons = () if self._lessons is None else self._lessons.lessons
        if self.controller.refuse_when_busy():
            return
        if session.number < len(lessons):
            self.runs.begin_lesson(lessons[session.number], session.number + 1, len(lessons))
        else:
            self.controller.player.stop()
            self.lessons()

    def _answer(self, session: LessonSession) -> None:
        from tui_linreg.study.lessons.conditions import TaskCondition
        from tui_linreg.tui.features.lessons.answering import dialog_for

        task, run = session.task, session.run
        if self.controller.refuse_when_busy() or task is None or run is None or isinstance(task.check, TaskCondition):
            return
        self.controller.player.stop()

        def answered(answer: Answered | None) -> None:
            if answer is not None and session is self.session and task is session.task:
                why = task.why or answer.why
                self._task_done(session, f"✓ right: {answer.text}" + (f". {why}" if why else ""))

        self.controller.ask(dialog_for(session, task, task.check, run), answered)

    def page_back(self) -> None:
        """Turn to the page before."""
        session = self.session
        if session is None:
            self.controller.say(_NO_LESSON)
        elif session.leaf_back():
            self.runs.bring_up()
            self.controller.say("")
        else:
            self.controller.say("T brings the lesson's text" if session.page is None else "the first page")

    def text(self) -> None:
        """Bring the lesson's text up, or put it away."""
        if self.session is not None:
            self.session.toggle_text()
            self.runs.bring_up()
        self.controller.say(_NO_LESSON if self.session is None else "")

    def hint(self) -> None:
        """Show the next hint of the task."""
        session = self.session
        if session is None:
            self.controller.say(_NO_LESSON)
        elif session.task is None or not session.open:
            self.controller.say("hints belong to a task that is open")
        else:
            shown = session.hints
            session.hint()
            self.controller.say("" if session.hints > shown else "these were all hints; T shows them together")

    def uncover(self) -> None:
        """Show what is hidden of this mini-batch."""
        session = self.session
        if session is None:
            self.controller.say(_NO_LESSON)
        elif session.uncover(self.controller.run.cursor.step):
            self.controller.say("shown for this mini-batch; the task is still yours to answer")
        else:
            self.controller.say("nothing is hidden here")

    def leave(self) -> None:
        """Leave the lesson, back to the run from before."""
        if self.session is None:
            self.controller.say(_NO_LESSON)
        elif not self.controller.refuse_when_busy():
            self.runs.leave()
            own = self.controller.run
            step = own.cursor.step + 1
            self.controller.say(
                f"your own run again: {own.session.config.rates.words}, step {step}; L goes on with it all"
            )
