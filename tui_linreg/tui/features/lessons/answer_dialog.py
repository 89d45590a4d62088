"""The answer to a lesson's task. The box leaves the run in sight: one looks at it while one types."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.study.lessons.checks import NO_MISTAKE, Answer, ChoiceAnswer, MistakeAnswer, NumberAnswer, TaskJudgement
from tui_linreg.study.lessons.lesson import Task
from tui_linreg.tui.dialogs.base import Hint, JudgingDialog
from tui_linreg.tui.dialogs.controls import TextField


class LessonAnswerDialog(JudgingDialog[str | None]):
    """Ask for the answer until it is right; gives the right answer as typed, None when closed before.

    Args:
        task: what is asked.
        check: its answer.
        place: "task 2 of 4".
        judge: judges a text; may take a while and raise InputError.
        hints: how many hints are shown already.
        told: called with the number of hints shown, when it grows.
    """

    HEADING = "Answer"
    JUDGING = "… working it out"
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-tiny"), (12, "-low"), (30, "-high")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "hint", "hint", show=False, priority=True, tooltip="The next hint"),
    ]
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("enter", "check", "screen.apply"),
        ("f1", "hint", "screen.hint"),
        ("esc", "back to the run", "screen.cancel"),
    )

    def __init__(
        self,
        task: Task,
        check: Answer,
        place: str,
        judge: Callable[[str], TaskJudgement],
        *,
        hints: int,
        told: Callable[[int], None],
    ) -> None:
        super().__init__()
        self._asked_task = task
        self._check = check
        self._place = place
        self._judge_text = judge
        self._hints = hints
        self._told = told
        # Who computes with the numbers on the screen must see them: on a low screen the task gets two lines.
        self.set_class(isinstance(check, NumberAnswer), "-number")

    def field(self) -> Iterable[Widget]:
        yield Static("answer ", id="symbol", markup=False)
        yield TextField(placeholder="its name" if isinstance(self._check, MistakeAnswer) else self._check.prompt)

    def on_mount(self) -> None:
        self.entitle(f"{self.HEADING} · {self._place}")
        self.query_one(TextField).focus()

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
            self.dismiss(text.strip())
        elif judgement.readable:
            self.say(f"✗ {judgement.message}", "bold $error")
        else:
            self.say(f"… {judgement.message}", "bold $warning")

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
            self.to_end()
        else:
            self.say("these were all hints", "$foreground")

    def redraw(self) -> None:
        task = self._asked_task
        parts = [Content.styled(" ".join(task.text.split()), "bold")]
        if isinstance(self._check, ChoiceAnswer):
            parts += [
                Content.assemble((f"  {letter}  ", "bold $primary"), option) for letter, option in self._check.lettered
            ]
        if isinstance(self._check, MistakeAnswer):
            parts.append(Content(" · ".join((*MISTAKES, NO_MISTAKE))))
        parts += [
            Content.assemble((f"Hint {i + 1} of {len(task.hints)}  ", "bold $warning"), hint)
            for i, hint in enumerate(task.hints[: self._hints])
        ]
        self.query_one("#page", Static).update(Content("\n").join(parts))
        self.query_one("#judgement", Static).update(self.judgement)
