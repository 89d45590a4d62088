"""What stands around plotext's picture: the legend, text of our own; and rows as strips."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from tui_linreg.tui.plot.chart import ChartTheme, Series
from tui_linreg.tui.plot.marks import SETS, style

Item = tuple[str, str, str]
"""Of a legend: glyph, label, colour."""


class Piece(NamedTuple):
    """A piece of one row. The pieces of a row go from left to right and do not overlap."""

    at: int
    """Its first column."""
    text: str
    color: str


def strip(pieces: Sequence[Piece], width: int, theme: ChartTheme) -> Strip:
    """Return one row of exactly ``width`` cells; what no piece covers is blank on the theme's background."""
    blank = style(theme.foreground, theme.background)
    segments: list[Segment] = []
    at = 0
    for start, text, color in pieces:
        if start > at:
            segments.append(Segment(" " * (start - at), blank))
        segments.append(Segment(text, style(color, theme.background)))
        at = start + cell_len(text)
    if at < width:
        segments.append(Segment(" " * (width - at), blank))
    return Strip(segments, width)


def text_row(text: str, width: int, theme: ChartTheme, middle: bool = False) -> Strip:
    """Return a row with a text, cut to the width, at its left or in its middle."""
    text = set_cell_size(text, min(cell_len(text), width))
    return strip([Piece((width - cell_len(text)) // 2 * middle, text, theme.muted)], width, theme)


def legend_row(series: Sequence[Series], theme: ChartTheme, width: int) -> Strip:
    """Return the legend, centred: every series in it; labels are shortened where there is no room, at last left out."""
    marks = SETS[theme.marker_set]
    named = [each for each in series if each.label]
    glyphs = [(marks.legend_glyph(each.kind, each.marker), theme.color(each.color)) for each in named]
    full, short = [each.label for each in named], [each.label if each.short is None else each.short for each in named]
    longest = max((cell_len(word) for text in short for word in text.split()), default=0)
    cut = (([_cut(text, most) for text in short], 1) for most in range(longest, -1, -1))
    tries = itertools.chain([(full, 3), (full, 2), (short, 2)], cut, [([""] * len(named), 1)])
    for labels, gap in tries:
        items = [(glyph, label, color) for (glyph, color), label in zip(glyphs, labels, strict=True)]
        if _width(items, gap) <= width:
            break
    while _width(items, gap) > width:  # narrower than any pane
        items = items[:-1]
    pieces: list[Piece] = []
    at = (width - _width(items, gap)) // 2
    for glyph, label, color in items:
        pieces.append(Piece(at, glyph, color))
        at += cell_len(glyph)
        if label:
            pieces.append(Piece(at, " " + label, theme.muted))
            at += 1 + cell_len(label)
        at += gap
    return strip(pieces, width, theme)


def _cut(text: str, most: int) -> str:
    """Return a label with words of at most so many letters; words with digits stay, half a number is another number."""
    words = (
        word if any(map(str.isdigit, word)) else set_cell_size(word, min(cell_len(word), most)).rstrip()
        for word in text.split()
    )
    return " ".join(filter(None, words))


def _width(items: list[Item], gap: int) -> int:
    words = sum(cell_len(glyph) + (1 + cell_len(label) if label else 0) for glyph, label, _ in items)
    return words + gap * max(len(items) - 1, 0)
