"""The answer to a lesson's task. The box leaves the run in sight: one looks at it while one answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, NamedTuple

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.errors import InputError
from tui_linreg.study.lessons.answers import ListAnswer, NumberAnswer, TaskJudgement
from tui_linreg.study.lessons.lesson import Task
from tui_linreg.study.predict.questions import Question, given_lines
from tui_linreg.tui.dialogs.answers import Answers, Offered
from tui_linreg.tui.dialogs.base import HINT, Hint, JudgingDialog
from tui_linreg.tui.dialogs.controls import TextField
from tui_linreg.tui.dialogs.texts import coloured

_WIDTH, _FRAME = 76, 6


class Answered(NamedTuple):
    """A right answer."""

    text: str
    """As it was typed or stands in the list."""
    why: str
    """Why it is right; may be empty."""


class LessonAnswerDialog(JudgingDialog[Answered | None]):
    """Ask for the answer until it is right; None when closed before. A subclass says how one answers.

    Args:
        task: what is asked.
        place: "task 2 of 4".
        hints: how many hints are shown already.
        told: called with the number of hints shown, when it grows.
    """

    HEADING = "Answer"
    JUDGING = "… working it out"
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-tiny"), (12, "-low"), (30, "-high")]  # noqa: RUF012
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("enter", "check", "screen.apply"),
        HINT,
        ("esc", "back to the run", "screen.cancel"),
    )

    def __init__(self, task: Task, place: str, *, hints: int, told: Callable[[int], None]) -> None:
        super().__init__()
        self._asked_task = task
        self._place = place
        self._hints = hints
        self._told = told

    def contents(self) -> Iterable[Widget]:
        yield Static(id="page")
        yield from self.answers()
        yield Static(id="hints-so-far")

    def answers(self) -> Iterable[Widget]:
        """Return the widgets between the question and its hints."""
        return ()

    def on_mount(self) -> None:
        self.entitle(f"{self.HEADING} · {self._place}")

    def action_cancel(self) -> None:
        """Close without an answer; not while one is judged, which uses the run."""
        if not self.judging:
            self.dismiss(None)

    def action_hint(self) -> None:
        """Show one hint more."""
        if self._hints < len(self._asked_task.hints):
            self._hints += 1
            self._told(self._hints)
            self.redraw()
        else:
            self.say("these were all hints", "$foreground")
        self.to_end()

    def question(self) -> Content:
        """Return what is asked, and what there is to compute with."""
        return Content.styled(" ".join(self._asked_task.text.split()), "bold")

    def redraw(self) -> None:
        task = self._asked_task
        hints = [
            Content.assemble((f"Hint {i + 1} of {len(task.hints)}  ", "bold $warning"), hint)
            for i, hint in enumerate(task.hints[: self._hints])
        ]
        self.set_class(bool(hints), "-hinted")
        self.query_one("#page", Static).update(self.question())
        shown = self.query_one("#hints-so-far", Static)
        shown.update(Content("\n").join(hints))
        shown.display = bool(hints)
        self.query_one("#judgement", Static).update(self.judgement)

    def say_judged(self, judgement: TaskJudgement) -> None:
        """Say what is wrong with an answer."""
        if judgement.readable:
            self.say(f"✗ {judgement.message}", "bold $error")
        else:
            self.say(f"… {judgement.message}", "bold $warning")


class NumberDialog(LessonAnswerDialog):
    """Ask for a number or a formula.

    Args:
        task: what is asked.
        place: "task 2 of 4".
        check: its answer.
        judge: judges a text; may take a while and raise InputError.
        asked: predict's question after the same number: what there is to compute with; None: there is none.
        hints: how many hints are shown already.
        told: called with the number of hints shown, when it grows.
    """

    def __init__(
        self,
        task: Task,
        place: str,
        check: NumberAnswer,
        judge: Callable[[str], TaskJudgement],
        asked: Question | None,
        *,
        hints: int,
        told: Callable[[int], None],
    ) -> None:
        super().__init__(task, place, hints=hints, told=told)
        self._check = check
        self._judge_text = judge
        self._question = asked
        self.set_class(asked is not None, "-values")
        # Who computes with the numbers on the screen must see them: on a low screen the task gets two lines.
        self.set_class(asked is None, "-number")

    def field(self) -> Iterable[Widget]:
        yield Static("answer " if self._question is None else f"{self._question.symbol} = ", id="symbol", markup=False)
        yield TextField(placeholder=self._check.prompt if self._question is None else self._question.asks_for)

    def on_mount(self) -> None:
        self.query_one(TextField).focus()

    def question(self) -> Content:
        parts = [super().question()]
        if self._question is not None:
            room = max(min(_WIDTH if self.has_class("-wide") else self.size.width, self.size.width) - _FRAME, 1)
            parts.append(coloured("\n".join(given_lines(self._question.given, room)), self.app))
        return Content("\n").join(parts)

    def action_apply(self) -> None:
        """Judge what is typed; close when it is right."""
        text = self.query_one(TextField).value
        if not text.strip():
            self.say(f"type {self._check.prompt}", "$foreground")
        elif not self.judging:
            self.judging = True
            self.run_worker(self._judge_answer(text))

    async def _judge_answer(self, text: str) -> None:
        try:
            judgement = await self.judge(lambda: self._judge_text(text))
        except InputError as error:
            self.say(f"✗ {error}", "bold $error")
            return
        if judgement.right:
            self.dismiss(Answered(text.strip(), judgement.message))
            return
        if judgement.position is not None:
            self.query_one(TextField).cursor_position = judgement.position - 1
        self.say_judged(judgement)


class ListDialog(LessonAnswerDialog):
    """Ask for one of several answers.

    Args:
        task: what is asked.
        place: "task 2 of 4".
        check: its answer.
        hints: how many hints are shown already.
        told: called with the number of hints shown, when it grows.
    """

    def __init__(self, task: Task, place: str, check: ListAnswer, *, hints: int, told: Callable[[int], None]) -> None:
        super().__init__(task, place, hints=hints, told=told)
        self._check = check

    def field(self) -> Iterable[Widget]:
        return ()

    def answers(self) -> Iterable[Widget]:
        listed = self._check.listed
        yield Answers([Offered(each.key, *each) for each in listed], "")

    def on_mount(self) -> None:
        self.query_one("#answer").display = False
        self.query_one(Answers).focus()
        self.say("a key or the arrows choose", "$foreground-muted")

    def action_apply(self) -> None:
        """Judge the answer that is chosen; close when it is right."""
        answers = self.query_one(Answers)
        if not answers.key:
            self.say("choose an answer first: a key or the arrows", "$foreground")
            return
        judgement = self._check.judge(answers.key)
        if judgement.right:
            text = next(each.text for each in self._check.listed if each.key == answers.key)
            self.dismiss(Answered(text, judgement.message))
            return
        answers.cross(answers.value)
        self.say_judged(judgement)
