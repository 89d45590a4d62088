"""Texts of the dialogs: definitions beside their terms, formulas in colour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from textual.app import App
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui_linreg.tui.panes.phase import linked
from tui_linreg.tui.styles import Styles

_LEAST_ROOM = 8
"""Cells that a text needs beside its term: hardly a word."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A term and its text, which continues under itself where it is too long for the line."""

    term: Content
    text: Content
    indent: int = 0
    """Columns between the term's column and the text, on every line of it."""
    background: str = ""
    """The colour behind the whole width; empty for none."""

    def lines(self, width: int, term_width: int) -> list[Content]:
        """Return the lines at this width."""
        room = width - term_width - self.indent
        if room < _LEAST_ROOM:
            lines = [self.term, *self.text.wrap(max(width, 1))]
        else:
            first, *rest = self.text.wrap(room) or [Content("")]
            lines = [self.term.pad_right(term_width - self.term.cell_length) + " " * self.indent + first]
            lines += [line.pad_left(term_width + self.indent) for line in rest]
        if self.background:
            padded = (line.pad_right(max(width - line.cell_length, 0)) for line in lines)
            lines = [line.stylize_before(f"on {self.background}") for line in padded]
        return lines


class DefinitionList(Widget):
    """Definitions under each other.

    Args:
        definitions: what to show.
        term_width: the width of the terms' column.
        classes: more style classes.
    """

    def __init__(self, definitions: Iterable[Definition], term_width: int, classes: str = "") -> None:
        super().__init__(classes=f"definitions {classes}")
        self._definitions = tuple(definitions)
        self._term_width = term_width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        return [line for each in self._definitions for line in each.lines(width, self._term_width)]


def coloured(formula: str, app: App[Any]) -> Content:
    """Return a formula, each derivative in its own colour under the app's present theme."""
    styles = Styles.of(app.theme_variables, app.current_theme.dark)
    parts = []
    for text, role in linked(formula):
        colour, *rest = role.split()
        parts.append((text, " ".join([*rest, styles.colours[colour]])))
    return Content.assemble(*parts)
