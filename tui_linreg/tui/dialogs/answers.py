"""Answers to choose from: each with its key, those that were wrong crossed, the formula beside the words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.style import Style
from textual.widget import Widget

from tui_linreg.tui.dialogs.controls import Choice

_INDENT = 5
_GAP = 3


class Offered(NamedTuple):
    """One answer."""

    value: str
    key: str
    """The character that chooses it."""
    text: str
    formula: str = ""
    """Stands beside the text, below it where there is no room."""


class Answers(Choice):
    """The answers under each other; the arrows, a key or a click choose.

    Args:
        answers: at least one.
        value: the one chosen at first; empty: none.
        tried: the values of those that were wrong.
    """

    def __init__(self, answers: Sequence[Offered], value: str, tried: Iterable[str] = ()) -> None:
        super().__init__([(answer.value, answer.text) for answer in answers], value, numbered=True, id="answers")
        if not value:
            self.set_reactive(Choice.value, "")
        self._answers = tuple(answers)
        self.tried = set(tried)

    @property
    def key(self) -> str:
        """The key of the answer that is chosen; empty where none is."""
        return self._answers[self._at].key if self.value else ""

    def cross(self, value: str) -> None:
        """Mark an answer as wrong."""
        self.tried.add(value)
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return sum(len(lines) for lines in self._lines(width))

    def render(self) -> Content:
        return Content("\n").join([line for lines in self._lines(self.content_size.width) for line in lines])

    def _lines(self, width: int) -> list[list[Content]]:
        found = []
        for answer in self._answers:
            chosen, tried = answer.value == self.value, answer.value in self.tried
            sign = "✗" if tried else "●" if chosen else "○"
            style = "bold $primary" if chosen else "$foreground-muted" if tried else "$foreground"
            first, *rest = self._texts(answer, max(width - _INDENT, 8))
            lines = [Content(f"{sign} {answer.key}  ") + first, *(line.pad_left(_INDENT) for line in rest)]
            meta = Style.from_meta({"option": answer.value})
            found.append([line.stylize(style).stylize(meta) for line in lines])
        return found

    def _texts(self, answer: Offered, room: int) -> list[Content]:
        """Return the lines of one answer; a formula keeps its column on the right where all of them have room there."""
        beside = max((Content(each.formula).cell_length for each in self._answers), default=0) + _GAP
        longest = max(Content(each.text).cell_length for each in self._answers if each.formula) if beside > _GAP else 0
        if answer.formula and longest + beside <= room:
            text = Content(answer.text)
            return [text + " " * (room - beside + _GAP - text.cell_length) + answer.formula]
        lines = list(Content(answer.text).wrap(room)) or [Content("")]
        return [*lines, *(Content(answer.formula).wrap(room) if answer.formula else ())]

    def watch_value(self) -> None:
        """Keep the chosen answer in sight."""
        super().watch_value()
        self.call_after_refresh(self.bring_up)

    def bring_up(self) -> None:
        """Scroll to the chosen answer."""
        if not self.size.width or not self.value:
            return
        lines = [len(each) for each in self._lines(self.content_size.width)]
        top = self.virtual_region.y + sum(lines[: self._at])
        parent = self.parent
        if isinstance(parent, Widget):
            parent.scroll_to_region(Region(0, top, 1, lines[self._at]), animate=False)

    def on_key(self, event: events.Key) -> None:
        """Choose by an answer's key; digits that are no answer's do nothing."""
        event.prevent_default()  # the base class counts the answers through
        found = next((answer for answer in self._answers if answer.key == event.character), None)
        if found is not None:
            event.stop()
            self._pick(found.value)
