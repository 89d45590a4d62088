"""What stands around a chart's plotted area: axes with their ticks and labels, the legend; and rows as strips."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from tui_linreg.tui import plot_data as data
from tui_linreg.tui.light_strip import LightStrip
from tui_linreg.tui.marker_sets import MarkerSet
from tui_linreg.tui.plot_marks import SETS, Kind, style

if TYPE_CHECKING:
    from tui_linreg.tui.plot_chart import Chart, ChartTheme


class Span(NamedTuple):
    """A piece of one row."""

    at: int
    """Its first column."""
    text: str
    color: str
    ground: str = ""
    """The colour behind it; the theme's background when empty."""


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
    return LightStrip(segments, width)


def legend_row(chart: Chart, theme: ChartTheme, width: int) -> Spans:
    """Return the legend's row, centred: as many labels as fit, in order, never a part of one."""
    named = tuple((s.kind, s.marker, s.label, theme.color(s.color)) for s in chart.series if s.label)
    return _legend(named, theme.marker_set, theme.muted, width)


@lru_cache(maxsize=32)
def _legend(named: tuple[tuple[Kind, str, str, str], ...], marker_set: MarkerSet, muted: str, width: int) -> Spans:
    items: list[tuple[str, str, str]] = []
    used = 0
    for kind, marker, label, color in named:
        glyph = SETS[marker_set].legend_glyph(kind, marker)
        needs = len(glyph) + 1 + cell_len(label) + (3 if items else 0)
        if used + needs > width:
            break
        items.append((glyph, label, color))
        used += needs
    spans: Spans = []
    at = (width - used) // 2
    for glyph, label, color in items:
        spans += [Span(at, glyph, color), Span(at + len(glyph), " " + label, muted)]
        at += len(glyph) + 1 + cell_len(label) + 3
    return spans


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
