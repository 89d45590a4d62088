"""Many short texts, each beside its term or line number, in one widget: a page opens at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Entry:
    """A term and its text, which goes on under itself where it is too long for the line."""

    term: Content
    text: Content
    indent: int = 0
    """Columns between the term's column and the text, on every line of it."""
    background: str = ""
    """What lies behind the whole width; empty for nothing."""
    optional: bool = False
    """True when it is left out on short screens."""


class Hanging(Widget):
    """Entries under each other.

    Args:
        entries: what to show.
        term_width: the width of the terms' column.
    """

    def __init__(self, entries: Iterable[Entry], term_width: int) -> None:
        super().__init__(classes="hanging")
        self._entries = tuple(entries)
        self._term_width = term_width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines the entries take at this width."""
        return len(self._lines(width))

    def render(self) -> Content:
        """Return all lines."""
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        short = self.screen.has_class("-short")
        lines: list[Content] = []
        for entry in self._entries:
            if short and entry.optional:
                continue
            room = width - self._term_width - entry.indent
            if room < 8:  # hardly a word: the text goes below its term
                found = [entry.term, *entry.text.wrap(max(width, 1))]
            else:
                first, *rest = entry.text.wrap(room) or [Content("")]
                gap = " " * entry.indent
                found = [entry.term.pad_right(self._term_width - entry.term.cell_length) + gap + first]
                found += [line.pad_left(self._term_width + entry.indent) for line in rest]
            if entry.background:
                found = [
                    line.pad_right(max(width - line.cell_length, 0)).stylize_before(f"on {entry.background}")
                    for line in found
                ]
            lines += found
        return lines
