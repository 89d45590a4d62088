"""What the panes of a lesson show: its page or task, what is told of it, and the keys that go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_linreg.study.lessons.answers import ChoiceAnswer
from tui_linreg.study.lessons.conditions import TaskCondition
from tui_linreg.study.lessons.lesson import Task
from tui_linreg.tui.hidden import MARK
from tui_linreg.tui.view import LessonPage, LessonView

if TYPE_CHECKING:
    from tui_linreg.tui.features.lessons.lesson_session import LessonSession

_MANNERS = {"check": "checked as you go", "answer": "to be answered"}


def view_of(session: LessonSession, *, hides: bool, away: bool) -> LessonView:
    """Return what the panes show.

    Args:
        session: the lesson and how far its learner is.
        hides: whether something of this frame is hidden.
        away: whether another run than the task's own is on the screen.
    """
    return LessonView(
        number=session.number,
        count=session.count,
        title=session.lesson.title,
        place=_place(session),
        done=tuple(task.id in session.finished for task in session.lesson.tasks),
        at=session.at,
        text=_text(session),
        told=session.told or _manner(session, hides),
        keys=tuple(_keys(session, hides, away)),
        page=_shown_page(session),
        away=away,
    )


def _place(session: LessonSession) -> str:
    if session.over:
        return "finished"
    if session.at is not None:
        return f"task {session.at + 1} of {len(session.lesson.tasks)}"
    pages = len(session.lesson.pages)
    return "text" if session.page is None or not pages else f"page {session.page + 1} of {pages}"


def _text(session: LessonSession) -> str:
    task = session.task
    if session.over:
        left = any(each.optional and each.id not in session.finished for each in session.lesson.tasks)
        return "This lesson is finished." + (" An optional task is left: L and enter go on with it." if left else "")
    if task is not None:
        return " ".join(f"{task.title}: {task.text}".split())
    return "Read first; T hides the text and shows it again. Then come the tasks."


def _manner(session: LessonSession, hides: bool) -> tuple[str, str] | None:
    task = session.task
    if task is None or not session.open:
        return None
    how = _MANNERS["check" if isinstance(task.check, TaskCondition) else "answer"]
    how = f"optional; {how}" if task.optional else how
    return ("muted", f"{how}; ▒ is hidden until it is answered, here, by t, or shown by R" if hides else how)


def _keys(session: LessonSession, hides: bool, away: bool) -> list[tuple[str, str]]:
    task = session.task
    found: list[tuple[str, str]] = []
    if session.page is not None and session.page + 1 < session.pages:
        found.append(("lesson.go", "next page"))
    elif session.page is not None and task is None and not session.over:
        found.append(("lesson.go", "the tasks" if session.lesson.tasks else "finish"))
    elif session.over:
        found.append(("lesson.go", "next lesson" if session.number < session.count else "all lessons"))
    elif task is not None and not session.open:
        found.append(("lesson.go", "finish" if session.following is None else "next task"))
    elif task is not None and not isinstance(task.check, TaskCondition):
        found.append(("lesson.go", "answer"))
    elif task is not None and task.optional and session.page is None:
        found.append(("lesson.go", "pass over"))
    if session.page:
        found.append(("lesson.back", "page before"))
    if away:
        found.append(("lessons", "lesson's run"))
    reading = session.page is not None and session.page < len(session.lesson.pages)
    if task is not None and session.open and session.hints < len(task.hints) and not reading:
        found.append(("lesson.hint", f"hint {session.hints + 1}/{len(task.hints)}"))
    if hides and not reading:
        found.append(("lesson.uncover", f"show {MARK[0]}"))
    text = "text" if session.page is None else "hide the text" if task is None else "to the task"
    found += [("lesson.text", text), ("lesson.leave", "leave")]
    if session.page is None and task is not None:
        found.append(("lesson.back", "pages"))
    return [*found, *([] if away else [("lessons", "lessons")])]


def _shown_page(session: LessonSession) -> LessonPage | None:
    pages = session.lesson.pages
    if session.page is None:
        return None
    if session.page < len(pages):
        page = pages[session.page]
        picture = page.show is not None and bool(page.show.charts)
        return LessonPage(page.title, page.text, f"page {session.page + 1} of {len(pages)}", picture=picture)
    task, end = session.task, session.lesson.end
    if session.over and end is not None:
        return LessonPage(end.title, end.text, "finished", picture=end.show is not None and bool(end.show.charts))
    if task is None:
        return None
    extra = [("text", f"{letter}  {option}") for letter, option in _options(task)]
    extra += [("rounding", f"Hint {i + 1}: {hint}") for i, hint in enumerate(task.hints[: session.hints])]
    if session.told is not None and not session.open:
        extra.append(session.told)
    return LessonPage(task.title, task.text, _place(session), tuple(extra))


def _options(task: Task) -> tuple[tuple[str, str], ...]:
    return tuple(each[:2] for each in task.check.listed) if isinstance(task.check, ChoiceAnswer) else ()
