"""What is drawn around a chart's plotted area: axes with their ticks and labels, the legend; and rows as strips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from tui_linreg.tui.plot import ranges
from tui_linreg.tui.plot.chart import Chart, ChartTheme
from tui_linreg.tui.plot.marks import SETS, style


class Piece(NamedTuple):
    """A piece of one row. The pieces of a row go from left to right and do not overlap."""

    at: int
    """Its first column."""
    text: str
    color: str
    ground: str = ""
    """The colour behind it; the theme's background when empty."""


def strip(pieces: Sequence[Piece], width: int, theme: ChartTheme) -> Strip:
    """Return one row of exactly ``width`` cells; what no piece covers is blank on the theme's background."""
    blank = style(theme.foreground, theme.background)
    segments: list[Segment] = []
    at = 0
    for start, text, color, ground in pieces:
        if start > at:
            segments.append(Segment(" " * (start - at), blank))
        segments.append(Segment(text, style(color, ground or theme.background)))
        at = start + cell_len(text)
    if at < width:
        segments.append(Segment(" " * (width - at), blank))
    return Strip(segments, width)


def legend_row(chart: Chart, theme: ChartTheme, width: int) -> list[Piece]:
    """Return the legend's row, centred: all labels, else the short ones, as many as fit, never a part of one."""
    marks = SETS[theme.marker_set]
    named = [series for series in chart.series if series.label]
    colors = [theme.color(series.color) for series in named]
    glyphs = [marks.legend_glyph(series.kind, series.marker) for series in named]
    gap = 3
    items = list(zip(glyphs, [series.label for series in named], colors, strict=True))
    if _legend_width(items, gap) > width:
        gap, short = 2, [series.label if series.short is None else series.short for series in named]
        items = list(zip(glyphs, short, colors, strict=True))
    while _legend_width(items, gap) > width:
        items = items[:-1]
    pieces: list[Piece] = []
    at = (width - _legend_width(items, gap)) // 2
    for glyph, label, color in items:
        pieces.append(Piece(at, glyph, color))
        at += cell_len(glyph)
        if label:
            pieces.append(Piece(at, " " + label, theme.muted))
            at += 1 + cell_len(label)
        at += gap
    return pieces


def _legend_width(items: list[tuple[str, str, str]], gap: int) -> int:
    words = sum(cell_len(glyph) + (1 + cell_len(label) if label else 0) for glyph, label, _ in items)
    return words + gap * max(len(items) - 1, 0)


def x_axis(
    chart: Chart, theme: ChartTheme, limits: ranges.Range, left: int, columns: int, width: int
) -> tuple[list[Piece], list[Piece]]:
    """Return the axis row and the row of its labels. Labels that would touch are avoided by taking fewer ticks."""
    marks, label = SETS[theme.marker_set], chart.x_label
    edge = width - (cell_len(label) + 2 if label and columns > 4 * cell_len(label) else 0)
    placed: list[tuple[int, int, str]] = []
    for count in range(max(columns // 6, 1), 0, -1):
        placed, fits, free = [], True, 0
        for value, text in _ticks(limits, count, chart.log_x, chart.x_integer):
            column = left + _cell(value, limits, columns, marks.px)
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
    line = "".join(marks.axis[4] if left + c in ticked else marks.axis[3] for c in range(columns))
    labels = [Piece(start, text, theme.muted) for _, start, text in placed]
    if edge < width:
        labels.append(Piece(edge + 2, label, theme.muted))
    return [Piece(left - 1, marks.axis[2] + line, theme.quiet())], labels


def y_ticks(chart: Chart, limits: ranges.Range, rows: int, py: int) -> dict[int, str]:
    """Return row (0 lowest) -> label; one label a row."""
    count = max(min(rows * 2 // 5, 8), 1)
    return {_cell(value, limits, rows, py): text for value, text in _ticks(limits, count, chart.log_y)}


def _ticks(limits: ranges.Range, count: int, log: bool, integer: bool = False) -> list[tuple[float, str]]:
    return ranges.log_ticks(limits, count) if log else ranges.ticks(limits, count, integer)


def _cell(value: float, limits: ranges.Range, cells: int, pixels: int) -> int:
    """Return which of so many cells, of so many pixels each, a value of an axis falls into."""
    return ranges.pixel(ranges.unit_of(value, limits), cells * pixels) // pixels
