"""The dialog in which a task is answered, and what it is judged by."""

from __future__ import annotations

from tui_linreg.study.lessons.answers import Answer, NumberAnswer, TaskJudgement
from tui_linreg.study.lessons.lesson import Task
from tui_linreg.study.lessons.values import question_of, true_value
from tui_linreg.study.predict.drafts import INPUTS
from tui_linreg.tui.features.lessons.answer_dialog import LessonAnswerDialog, ListDialog, NumberDialog
from tui_linreg.tui.features.lessons.lesson_session import LessonSession
from tui_linreg.tui.run import Run


def dialog_for(session: LessonSession, task: Task, check: Answer, run: Run) -> LessonAnswerDialog:
    """Return the dialog for a task of a lesson; its run is trained to the step asked for, where that is quick."""

    def hinted(hints: int) -> None:
        while session.hints < hints:
            session.hint()

    place = f"lesson {session.number}, task {(session.at or 0) + 1} of {len(session.lesson.tasks)}"
    if not isinstance(check, NumberAnswer):
        return ListDialog(task, place, check, hints=session.hints, told=hinted)
    at = run.cursor.step
    needed = at if check.wanted.step is None else check.wanted.step - 1
    if run.missing(needed) and needed <= run.last and run.is_quick(needed):
        run.session.train_to(needed + 1)
    asked = question_of(check.wanted, run.session, at)

    def judge(text: str) -> TaskJudgement:
        return check.judge(text, lambda wanted: true_value(wanted, run.instruments, run.session, at), asked)

    # A number that the lesson hides is not listed; what is known of mistakes is said all the same.
    hidden = session.hidden(needed, run).blanks
    listed = None if asked is None or not hidden.isdisjoint(INPUTS[asked.key]) else asked
    return NumberDialog(task, place, check, judge, listed, hints=session.hints, told=hinted)
