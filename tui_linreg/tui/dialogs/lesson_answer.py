"""The answer to a lesson's task. The box leaves the run in sight: one looks at it while one types."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.study.lessons.checks import NO_MISTAKE, Answer, ChoiceAnswer, MistakeAnswer, NumberAnswer, TaskJudgement
from tui_linreg.study.lessons.lesson import Task
from tui_linreg.tui.dialogs.base import AskingDialog, Hint
from tui_linreg.tui.dialogs.controls import TextField

_LOW = 30
_PATIENCE = 0.3
"""Seconds of judging before that is said: a step may have to be trained first."""


class LessonAnswerDialog(AskingDialog[str | None]):
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
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "hint", "hint", show=False, priority=True, tooltip="The next hint"),
        Binding("down", "scroll_lines(1)", "scroll", show=False, tooltip="A line down"),
        Binding("up", "scroll_lines(-1)", "scroll", show=False, tooltip="A line up"),
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
        self._judge = judge
        self._hints = hints
        self._told = told
        self._judging = False
        self._said = Content("")

    def contents(self) -> Iterable[Widget]:
        """Return what scrolls: the task, its options, the hints so far."""
        yield Static(id="page")

    def fixed(self) -> Iterable[Widget]:
        """Return the field and the judgement, which stay in sight."""
        with Horizontal(id="answer"):
            yield Static("answer ", id="symbol", markup=False)
            yield TextField(placeholder="its name" if isinstance(self._check, MistakeAnswer) else self._check.prompt)
        yield Static(id="judgement")

    def on_mount(self) -> None:
        """Show the task."""
        self.query_one("#box").border_title = Content(f"Answer · {self._place}")
        self.app.theme_changed_signal.subscribe(self, lambda _: self._show())
        self._show()
        self.query_one(TextField).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the text out in the new width."""
        if self.query("#page"):
            self._show()

    def action_apply(self) -> None:
        """Judge what is typed; close when it is right."""
        text = self.query_one(TextField).value
        if not text.strip():
            self._say(f"type {self._check.prompt}", "$foreground")
        elif not self._judging:
            self._judging = True
            self.run_worker(self._judged(text))

    async def _judged(self, text: str) -> None:
        judging = asyncio.ensure_future(asyncio.to_thread(self._judge, text))
        finished, _ = await asyncio.wait({judging}, timeout=_PATIENCE)
        if not finished:
            self._say("… working it out", "$foreground-muted")
        try:
            judgement = await judging
        except InputError as error:
            self._judging = False
            self._say(f"✗ {error}", "bold $error")
            return
        self._judging = False
        if judgement.right:
            self.dismiss(text.strip())
        else:
            sign = "✗" if judgement.readable else "…"
            self._say(f"{sign} {judgement.message}", "bold $error" if judgement.readable else "bold $warning")

    def action_cancel(self) -> None:
        """Close without an answer; not while one is judged, which uses the run."""
        if not self._judging:
            self.dismiss(None)

    def action_hint(self) -> None:
        """Show one hint more."""
        if self._hints < len(self._asked_task.hints):
            self._hints += 1
            self._told(self._hints)
            self._show()
            self.call_after_refresh(self.body.scroll_end, animate=False)
        else:
            self._say("these were all hints", "$foreground")

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll by lines."""
        self.body.scroll_relative(y=lines, animate=False)

    def _say(self, text: str, style: str) -> None:
        self._said = Content.styled(text, style)
        self._show()

    def _show(self) -> None:
        task = self._asked_task
        groups = [Content.styled(" ".join(task.text.split()), "bold")]
        if isinstance(self._check, ChoiceAnswer):
            groups += [
                Content.assemble((f"  {letter}  ", "bold $primary"), option) for letter, option in self._check.lettered
            ]
        if isinstance(self._check, MistakeAnswer):
            groups.append(Content(" · ".join((*MISTAKES, NO_MISTAKE))))
        groups += [
            Content.assemble((f"Hint {i + 1} of {len(task.hints)}  ", "bold $warning"), hint)
            for i, hint in enumerate(task.hints[: self._hints])
        ]
        self.query_one("#page", Static).update(Content("\n").join(groups))
        judgement = self.query_one("#judgement", Static)
        judgement.update(self._said)
        room = max(self.query_one("#box").size.width - 2, 20)
        below = max(len(self._said.wrap(room)), 1) if self._said.plain else 1
        judgement.styles.height = below
        # Who reckons with the numbers on the screen must see them; a choice's options must be seen themselves.
        low = self.size.height < _LOW and isinstance(self._check, NumberAnswer)
        self.body.styles.max_height = 2 if low else max(1, min(self.size.height - 10 - below, 14))
