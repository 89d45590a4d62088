"""What stands around a chart's plotted area: axes with their ticks and labels, the legend; and rows as strips."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from tui_linreg.tui.plot import ranges as data
from tui_linreg.tui.plot.marker_sets import MarkerSet
from tui_linreg.tui.plot.marks import SETS, Kind, style

if TYPE_CHECKING:
    from tui_linreg.tui.plot.chart import Chart, ChartTheme


class Span(NamedTuple):
    """A piece of one row."""

    at: int
    """Its first column."""
    text: str
    color: str
    ground: str = ""
    """The colour behind it; the theme's background when empty."""


_Named = tuple[Kind, str, str, str | None, str]
"""Of a series in the legend: kind, marker, label, short label, colour."""
Spans = list[Span]
"""Pieces of one row, left to right, not overlapping."""


# Axes move seldom, so the same ticks are asked for frame after frame.
_ticks = lru_cache(maxsize=256)(data.ticks)
_log_ticks = lru_cache(maxsize=64)(data.log_ticks)


def strip(spans: Spans, width: int, theme: ChartTheme) -> Strip:
    """Return one row of exactly ``width`` cells; what no span covers is blank on the theme's background."""
    blank = style(theme.foreground, theme.background)
    segments: list[Segment] = []
    at = 0
    for start, text, color, ground in spans:
        if start > at:
            segments.append(Segment(" " * (start - at), blank))
        segments.append(Segment(text, style(color, ground or theme.background)))
        at = start + cell_len(text)
    if at < width:
        segments.append(Segment(" " * (width - at), blank))
    return Strip(segments, width)


def legend_row(chart: Chart, theme: ChartTheme, width: int) -> Spans:
    """Return the legend's row, centred: all labels, else the short ones, as many as fit, never a part of one."""
    named = tuple((s.kind, s.marker, s.label, s.short, theme.color(s.color)) for s in chart.series if s.label)
    return _legend(named, theme.marker_set, theme.muted, width)


@lru_cache(maxsize=32)
def _legend(named: tuple[_Named, ...], marker_set: MarkerSet, muted: str, width: int) -> Spans:
    glyphs, gap = SETS[marker_set], 3
    items = [(glyphs.legend_glyph(kind, marker), label, color) for kind, marker, label, _, color in named]
    if _legend_width(items, gap) > width:
        gap, short = 2, [short for *_, short, _ in named]
        items = [(glyph, label if s is None else s, c) for (glyph, label, c), s in zip(items, short, strict=True)]
    while _legend_width(items, gap) > width:
        items = items[:-1]
    spans: Spans = []
    at = (width - _legend_width(items, gap)) // 2
    for glyph, label, color in items:
        spans.append(Span(at, glyph, color))
        at += cell_len(glyph)
        if label:
            spans.append(Span(at, " " + label, muted))
            at += 1 + cell_len(label)
        at += gap
    return spans


def _legend_width(items: list[tuple[str, str, str]], gap: int) -> int:
    words = sum(cell_len(glyph) + (1 + cell_len(label) if label else 0) for glyph, label, _ in items)
    return words + gap * max(len(items) - 1, 0)


def x_axis(
    chart: Chart, theme: ChartTheme, limits: data.Range, left: int, columns: int, width: int
) -> tuple[Spans, Spans]:
    """Return the axis row and the row of its labels. Labels that would touch are avoided by taking fewer ticks."""
    colors = theme.quiet(), theme.muted
    return _x_axis(chart.x_label, chart.x_integer, chart.log_x, theme.marker_set, colors, limits, left, columns, width)


@lru_cache(maxsize=32)
def _x_axis(
    label: str, whole: bool, log: bool, marker_set: MarkerSet, colors: tuple[str, str], limits: data.Range,
    left: int, columns: int, width: int,
) -> tuple[Spans, Spans]:  # fmt: skip
    glyphs, (quiet, muted) = SETS[marker_set], colors
    edge = width - (cell_len(label) + 2 if label and columns > 4 * cell_len(label) else 0)
    placed: list[tuple[int, int, str]] = []
    for count in range(max(columns // 6, 1), 0, -1):
        placed, fits, free = [], True, 0
        for value, text in _log_ticks(limits, count) if log else _ticks(limits, count, whole):
            column = left + data.pixel(data.spot(value, limits), columns * glyphs.px) // glyphs.px
            start = max(column - len(text) // 2 + (text[0] == "-" and len(text) % 2 == 0), 0)
            if start + len(text) <= edge:
                fits = fits and start >= free
                placed.append((column, start, text))
                free = start + len(text) + 2
        if fits:
            break
    else:
        placed = placed[:1]
    ticked = {column for column, _, _ in placed}
    marks = "".join(glyphs.axis[4] if left + c in ticked else glyphs.axis[3] for c in range(columns))
    labels = [Span(start, text, muted) for _, start, text in placed]
    if edge < width:
        labels.append(Span(edge + 2, label, muted))
    return [Span(left - 1, glyphs.axis[2] + marks, quiet)], labels


def y_ticks(chart: Chart, limits: data.Range, rows: int, py: int) -> dict[int, str]:
    """Return row (0 lowest) -> label; one label a row."""
    count = max(min(rows * 2 // 5, 8), 1)
    found = _log_ticks(limits, count) if chart.log_y else _ticks(limits, count)
    return {data.pixel(data.spot(value, limits), rows * py) // py: text for value, text in found}
