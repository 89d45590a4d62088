"""`LessonSession`: a lesson on the screen: the course of its learner, its run, and what the panes show of it."""

from __future__ import annotations

from dataclasses import dataclass

from tui_linreg.study.lessons.checks import ChoiceAnswer
from tui_linreg.study.lessons.conditions import TaskCondition
from tui_linreg.study.lessons.course import Course
from tui_linreg.study.lessons.lesson import Task
from tui_linreg.tui.hidden import MARK, Hidden
from tui_linreg.tui.run import Run
from tui_linreg.tui.view import LessonPage, LessonView

_MANNERS = {"check": "checked as you go", "answer": "to be answered"}


@dataclass(slots=True, eq=False)
class LessonSession(Course):
    """One lesson and how far its learner is."""

    run: Run | None = None
    """The task's own run, which answers are judged by; None while it is loaded."""

    def hidden(self, step: int, run: Run) -> Hidden:
        """Return what a frame of a step (from 0) of a run must not show."""
        secret = run is self.run and self.secret
        if not self.lesson.blanks:
            return Hidden(secret=secret)
        return Hidden(blanks=self.blanks_at(step), secret=secret, cuts=self.cuts)

    # ── what is told of it ───────────────────────────────────────────────────────────────────────────────────────

    def view(self, *, hides: bool, away: bool) -> LessonView:
        """Return what the panes show.

        Args:
            hides: whether something of this frame is hidden.
            away: whether another run than the task's own is on the screen.
        """
        return LessonView(
            number=self.number,
            count=self.count,
            title=self.lesson.title,
            place=self._place(),
            done=tuple(task.id in self.finished for task in self.lesson.tasks),
            at=self.at,
            text=self._text(),
            told=self.told or self._manner(hides),
            keys=tuple(self._keys(hides, away)),
            page=self._shown_page(),
            away=away,
        )

    def _place(self) -> str:
        if self.over:
            return "finished"
        if self.at is not None:
            return f"task {self.at + 1} of {len(self.lesson.tasks)}"
        return "text" if self.page is None else f"page {self.page + 1} of {len(self.lesson.pages)}"

    def _text(self) -> str:
        task = self.task
        if self.over:
            return "This lesson is finished."
        if task is not None:
            return " ".join(f"{task.title}: {task.text}".split())
        return "Read first; T puts the text away and brings it back. Then come the tasks."

    def _manner(self, hides: bool) -> tuple[str, str] | None:
        task = self.task
        if task is None or not self.open:
            return None
        how = _MANNERS["check" if isinstance(task.check, TaskCondition) else "answer"]
        return ("muted", f"{how}; ▒ is hidden until it is answered, here, by t, or shown by R" if hides else how)

    def _keys(self, hides: bool, away: bool) -> list[tuple[str, str]]:
        task = self.task
        found: list[tuple[str, str]] = []
        if self.page is not None and self.page + 1 < self.pages:
            found.append(("lesson.go", "next page"))
        elif self.page is not None and task is None:
            found.append(("lesson.go", "the tasks" if self.lesson.tasks else "finish"))
        elif self.over:
            found.append(("lesson.go", "next lesson" if self.number < self.count else "all lessons"))
        elif task is not None and not self.open:
            found.append(("lesson.go", "finish" if self.following is None else "next task"))
        elif task is not None and not isinstance(task.check, TaskCondition):
            found.append(("lesson.go", "answer"))
        if self.page:
            found.append(("lesson.back", "page before"))
        if away:
            found.append(("lessons", "lesson's run"))
        if task is not None and self.open and self.hints < len(task.hints):
            found.append(("lesson.hint", f"hint {self.hints + 1}/{len(task.hints)}"))
        if hides:
            found.append(("lesson.uncover", f"show {MARK[0]}"))
        found.append(("lesson.text", "text" if self.page is None else "text away"))
        return [*found, *([] if away else [("lessons", "lessons")]), ("lesson.leave", "leave")]

    def _shown_page(self) -> LessonPage | None:
        pages = self.lesson.pages
        if self.page is None:
            return None
        if self.page < len(pages):
            page = pages[self.page]
            return LessonPage(page.title, page.text, f"page {self.page + 1} of {len(pages)}")
        task = self.task
        if task is None:
            return None
        extra = [("text", f"{letter}  {option}") for letter, option in _options(task)]
        extra += [("rounding", f"Hint {i + 1}: {hint}") for i, hint in enumerate(task.hints[: self.hints])]
        return LessonPage(task.title, task.text, self._place(), tuple(extra))


def _options(task: Task) -> tuple[tuple[str, str], ...]:
    return task.check.lettered if isinstance(task.check, ChoiceAnswer) else ()
