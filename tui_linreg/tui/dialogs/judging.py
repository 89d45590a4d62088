"""The base of the two dialogs that judge what is typed: a question that scrolls, below it a field and the judgement."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.tui.dialogs.base import APPLY_KEYS, Answer, Dialog

Judged = TypeVar("Judged")
_PATIENCE = 0.3
"""Seconds of judging before the dialog says that it takes a while."""


class JudgingDialog(Dialog[Answer]):
    """A question, a field and a judgement. A subclass gives `field` and `redraw`, and calls `judge`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *APPLY_KEYS,
        Binding("down", "scroll('down')", "scroll", show=False, tooltip="A line down"),
        Binding("up", "scroll('up')", "scroll", show=False, tooltip="A line up"),
    ]
    JUDGING: ClassVar[str]
    """What is said while an answer is judged for long."""

    def __init__(self) -> None:
        super().__init__()
        self.judging = False
        """Whether an answer is being judged."""
        self.judgement = Content("")
        """What is said below the field: a judgement, or what to do."""

    def contents(self) -> Iterable[Widget]:
        yield Static(id="page")

    def fixed(self) -> Iterable[Widget]:
        with Horizontal(id="answer"):
            yield from self.field()
        yield Static(id="judgement")

    def field(self) -> Iterable[Widget]:
        """Return the widgets of the line in which the answer is typed."""
        raise NotImplementedError

    def say(self, text: str, style: str) -> None:
        """Say something below the field."""
        self.judgement = Content.styled(text, style)
        self.redraw()

    def say_judging(self) -> None:
        """Say that judging takes a while."""
        self.say(self.JUDGING, "$foreground-muted")

    async def judge(self, judge: Callable[[], Judged]) -> Judged:
        """Return what `judge` returns (or raise its error), called in a thread: it may take seconds."""
        self.judging = True
        try:
            work = asyncio.ensure_future(asyncio.to_thread(judge))
            finished, _ = await asyncio.wait({work}, timeout=_PATIENCE)
            if not finished:
                self.say_judging()
            return await work
        finally:
            self.judging = False

    def to_end(self) -> None:
        """Scroll to the last line of the question once it is laid out."""
        self.call_after_refresh(self.body.scroll_end, animate=False)
