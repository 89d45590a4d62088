"""What stands around plotext's picture: the legend, text of our own; and rows as strips."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from tui_linreg.tui.plot import MarkerSet
from tui_linreg.tui.plot.chart import ChartTheme, Series
from tui_linreg.tui.plot.marks import SETS, Marks, style

Item = tuple[str, str, str]
"""Of a legend: glyph, label, colour role."""


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


def label_row(label: str, width: int, theme: ChartTheme) -> Strip:
    """Return a row with an axis' label, or as many of its parts, between commas, as fit."""
    while cell_len(label) > width and ", " in label:
        label = label.rpartition(", ")[0]
    return text_row(label, width, theme)


def legend_height(series: Sequence[Series], marker_set: MarkerSet, width: int, most: int) -> int:
    """Return in how many rows, up to `most`, the legend of these series has room for all of their short labels."""
    named = _named(series)
    if not named or most < 1:
        return 0
    items = _items(named, SETS[marker_set], [_short(each) for each in named])
    return next((rows for rows in range(1, most) if _fits(_filled(items, 1, width), rows, width)), most)


def legend_rows(series: Sequence[Series], theme: ChartTheme, width: int, count: int) -> list[Strip]:
    """Return so many rows with the legend, centred: every series in it.

    Where there is no room for the labels there are the short ones; only where these do not fit either words are cut.
    """
    named = _named(series)
    full, short = [each.label for each in named], [_short(each) for each in named]
    some = [_short(each) if not _short(each) or " " in each.label else each.label for each in named]  # words stay whole
    longest = max((cell_len(word) for text in short for word in text.split()), default=0)
    cut = (([_cut(text, most) for text in short], 1) for most in range(longest, -1, -1))
    for labels, gap in itertools.chain([(full, 3), (full, 2), (some, 2), (short, 2)], cut, [([""] * len(named), 1)]):
        rows = _filled(_items(named, SETS[theme.marker_set], labels), gap, width)
        if _fits(rows, count, width):
            break
    strips = [_legend_row(row, theme, gap, width) for row in rows[:count]]
    return [*strips, *(text_row("", width, theme) for _ in range(count - len(strips)))]


def _named(series: Sequence[Series]) -> list[Series]:
    return [each for each in series if each.label]


def _short(series: Series) -> str:
    return series.label if series.short is None else series.short


def _items(named: Sequence[Series], marks: Marks, labels: Sequence[str]) -> list[Item]:
    glyphs = (marks.legend_glyph(each.kind, each.marker) for each in named)
    return [(glyph, label, each.color) for glyph, label, each in zip(glyphs, labels, named, strict=True)]


def _filled(items: Sequence[Item], gap: int, width: int) -> list[list[Item]]:
    """Return the items in rows, each with as many as fit, but at least one."""
    rows: list[list[Item]] = [[]]
    for item in items:
        if rows[-1] and _width([*rows[-1], item], gap) > width:
            rows.append([])
        rows[-1].append(item)
    return rows


def _fits(rows: Sequence[list[Item]], count: int, width: int) -> bool:
    return len(rows) <= count and all(_width(row, 0) <= width for row in rows)


def _legend_row(items: list[Item], theme: ChartTheme, gap: int, width: int) -> Strip:
    while _width(items, gap) > width:  # narrower than any pane
        items = items[:-1]
    pieces: list[Piece] = []
    at = (width - _width(items, gap)) // 2
    for glyph, label, color in items:
        pieces.append(Piece(at, glyph, theme.color(color)))
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


def _width(items: Sequence[Item], gap: int) -> int:
    words = sum(cell_len(glyph) + (1 + cell_len(label) if label else 0) for glyph, label, _ in items)
    return words + gap * max(len(items) - 1, 0)
