"""Texts of the dialogs: definitions beside their terms, formulas in colour, numbers aligned at their decimal points."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from textual.app import App
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui_linreg.study.predict.questions import Given
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


_LONG_NAME = 14
"""A longer name stands outside the columns of the others."""
_SAMPLE = re.compile("[₀₁₂₃₄₅₆₇₈₉]+$")


def given_lines(given: Sequence[Given], room: int) -> list[str]:
    """Return the numbers as lines, aligned at their decimal points; those of one sample stand beside each other."""
    groups = groupby(enumerate(given), key=lambda pair: _together(*pair))
    rows = [[item for _, item in group] for _, group in groups]
    lines = _aligned(rows)
    if max(map(len, lines), default=0) > room:
        lines = _aligned([[item] for item in given])
    return lines


def _together(at: int, item: Given) -> str:
    """Return the same for numbers that belong to one sample."""
    found = _SAMPLE.search(item.name)
    return found[0] if found else f"alone {at}"


def _aligned(rows: Sequence[Sequence[Given]]) -> list[str]:
    short = [row for row in rows if len(row[0].name) <= _LONG_NAME]
    columns = [[row[i] for row in short if i < len(row)] for i in range(max(map(len, short), default=0))]
    names = [max(len(item.name) for item in column) for column in columns]
    wholes = [max(_whole(item.text) for item in column) for column in columns]
    cells = [max(len(_padded(item.text, whole)) for item in column)
             for column, whole in zip(columns, wholes, strict=True)]  # fmt: skip
    lines = []
    for row in rows:
        if len(row[0].name) > _LONG_NAME:
            lines.append(f"  {row[0].name} = {row[0].text}")
            continue
        parts = [f"{item.name:<{names[i]}} = {_padded(item.text, wholes[i]):<{cells[i]}}" for i, item in enumerate(row)]
        lines.append("  " + "     ".join(parts).rstrip())
    return lines


def _whole(text: str) -> int:
    """Return how many characters stand before the decimal point."""
    return len(re.split("[.e]", text, maxsplit=1)[0])


def _padded(text: str, whole: int) -> str:
    return " " * (whole - _whole(text)) + text
