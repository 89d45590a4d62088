"""Draw a chart into strips.

Series become cells (`ranges` has the ranges, `marks` the pixels and glyphs), and plotext composes them (`compose`, the
only caller of plotext). Axes, ticks, labels and the legend are drawn by `frame`: plotext's own eat the plot at 1e30.

The pixels are computed here and not by plotext because plotext 5.3.2 joins points across a nan, raises at inf and
1e300, and has no dashes, no stems, no labels that keep clear of points, no glyphs for terminals without braille and no
coloured ground. So plotext gets finished glyphs in small whole numbers, which it is known to place right.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby, repeat
from typing import Any

import numpy as np
from plotext import uncolorize
from rich.cells import cell_len, set_cell_size
from textual.strip import Strip
from textual_plotext import Plot

from tui_linreg.tui.plot import ranges
from tui_linreg.tui.plot.chart import Chart, ChartTheme, Ground, Series
from tui_linreg.tui.plot.frame import Piece, legend_row, strip, x_axis, y_ticks
from tui_linreg.tui.plot.marks import SETS, Marks, line_mask, points_cells, points_mask, segments_mask

Covered = tuple[list[int], list[int], str | list[str]]
"""Columns and rows (0 lowest) of cells, and the glyph of all or of each."""
Cells = dict[tuple[int, int], tuple[str, str]]
"""What lies on top in each cell that is not blank: (column, row) → (glyph, colour "#rrggbb"), row 0 the lowest."""
_BLANK = (" ", "")


def draw(chart: Chart, theme: ChartTheme, width: int, height: int) -> list[Strip]:
    """Return ``height`` strips of exactly ``width`` cells (both at least 1) that show the chart. Never raises for data.

    Small sizes lose the legend (under 8 rows), then the axes (under 16 columns or 5 rows).
    """
    logs = chart.log_y, chart.log_x
    values = [ranges.columns(s.x, s.y, s.y2, s.kind == "stems", *logs) for s in chart.series]
    lines = [x for x, _ in chart.v_lines]
    limits = ranges.limits(values, lines, chart.x_range, chart.y_range, chart.log_y, chart.x_integer, chart.log_x)
    if limits is None:
        text = set_cell_size(chart.empty, min(cell_len(chart.empty), width))
        middle = [Piece((width - cell_len(text)) // 2, text, theme.muted)]
        return [strip(middle if row == (height - 1) // 2 else [], width, theme) for row in range(height)]
    legend = legend_row(chart, theme, width) if height >= 8 else []
    framed = width >= 16 and height >= 5
    head = chart.y_label if framed and height >= 12 else ""
    rows = height - bool(head) - bool(legend) - 2 * framed
    labels = y_ticks(chart, limits[1], rows, SETS[theme.marker_set].py) if framed else {}
    left = max(map(len, labels.values()), default=0) + 1 if framed else 0
    columns = width - left - (1 if framed else 0)  # one column of air at the right
    lines_of_pieces = [[Piece(0, set_cell_size(head, min(width, cell_len(head))), theme.muted)]] if head else []
    for i, pieces in enumerate(_plot(chart, theme, values, limits, (columns, rows))):
        front = _y_axis(labels.get(rows - 1 - i), left, theme) if left else []
        lines_of_pieces.append(front + [piece._replace(at=left + piece.at) for piece in pieces])
    if framed:
        lines_of_pieces += x_axis(chart, theme, limits[0], left, columns, width)
    if legend:
        lines_of_pieces.append(legend)
    return [strip(pieces, width, theme) for pieces in lines_of_pieces]


def _y_axis(label: str | None, left: int, theme: ChartTheme) -> list[Piece]:
    """Return one row of the y axis, which ends before column `left`, with its label if it has one."""
    line = Piece(left - 1, SETS[theme.marker_set].axis[label is not None], theme.quiet())
    return [line] if label is None else [Piece(left - 1 - len(label), label, theme.muted), line]


def _plot(
    chart: Chart, theme: ChartTheme, columns: list[ranges.Columns], limits: ranges.Limits, size: tuple[int, int]
) -> list[list[Piece]]:
    """Return the pieces of the plotted area that are not blank, top row first."""
    marks, (width, height) = SETS[theme.marker_set], size
    cells: Cells = {}
    for x, role in chart.v_lines:
        unit = ranges.unit_of(float(ranges.log10(np.array([x]))[0]) if chart.log_x else x, limits[0])
        if 0 <= unit <= 1:
            column = ranges.pixel(unit, width * marks.px) // marks.px
            cells |= dict.fromkeys(((column, row) for row in range(height)), (marks.v_line, theme.color(role)))
    taken: set[tuple[int, int]] = set()
    for series, values in zip(chart.series, columns, strict=True):
        if values.x.size and not series.first_free:
            covered = _covered(series, values, limits, size, marks)
            cells |= _colored(covered, theme.color(series.color))
            if series.kind in ("points", "text"):
                taken.update(zip(covered[0], covered[1], strict=True))
    for series, values in zip(chart.series, columns, strict=True):
        if series.first_free:
            covered = _first_free(series.marker, values, limits, size, taken)
            cells |= _colored(covered, theme.color(series.color))
    return compose(cells, size, None if chart.ground is None else _grounds(chart.ground, theme, limits, size))


def _covered(
    series: Series, columns: ranges.Columns, limits: ranges.Limits, size: tuple[int, int], marks: Marks
) -> Covered:
    """Return the cells a series covers, as ``Marks.cells`` does."""
    grid = (*size, marks.px, marks.py)
    u, v = ranges.units_of(columns.x, limits[0]), ranges.units_of(columns.y, limits[1])
    if series.kind == "text":
        return _letters(u, v, series.marker, size)
    if series.kind == "points":
        glyph = marks.points.get(series.marker)
        return (*points_cells(u, v, *grid), glyph) if glyph else marks.cells(points_mask(u, v, *grid), *size, "")
    if series.kind == "line":
        dash = marks.dashes.get(series.marker, (1, 1))
        return marks.cells(line_mask(u, v, *grid, dash), *size, "")
    finite = np.isfinite(u)
    ends = ranges.units_of(columns.y2, limits[1])
    mask = segments_mask(u[finite], v[finite], u[finite], ends[finite], *grid)
    if not marks.stem:
        mask[1::2] = False
    return marks.cells(mask, *size, marks.stem)


def _letters(u: ranges.Floats, v: ranges.Floats, text: str, size: tuple[int, int]) -> Covered:
    """Return the cells of a text at each point inside the range where it has room."""
    columns: list[int] = []
    rows: list[int] = []
    for at_x, at_y in zip(u.tolist(), v.tolist(), strict=True):
        start = ranges.pixel(at_x, size[0]) - len(text) // 2 if 0 <= at_x <= 1 else -1
        if 0 <= at_y <= 1 and 0 <= start <= size[0] - len(text):
            columns += range(start, start + len(text))
            rows += [ranges.pixel(at_y, size[1])] * len(text)
    return columns, rows, list(text) * (len(columns) // max(len(text), 1))


def _first_free(
    text: str, columns: ranges.Columns, limits: ranges.Limits, size: tuple[int, int], taken: set[tuple[int, int]]
) -> Covered:
    """Return the cells of a text at the first point where none is taken, and take them; none where there is no such."""
    u, v = ranges.units_of(columns.x, limits[0]), ranges.units_of(columns.y, limits[1])
    for i in range(u.size):
        covered = _letters(u[i : i + 1], v[i : i + 1], text, size)
        places = set(zip(covered[0], covered[1], strict=True))
        if places and not places & taken:
            taken |= places
            return covered
    return [], [], ""


def _colored(covered: Covered, color: str) -> Cells:
    columns, rows, glyphs = covered
    each = repeat(glyphs, len(columns)) if isinstance(glyphs, str) else glyphs
    return {(x, y): (glyph, color) for x, y, glyph in zip(columns, rows, each, strict=True)}


def _grounds(ground: Ground, theme: ChartTheme, limits: ranges.Limits, size: tuple[int, int]) -> list[list[str]]:
    """Return the colour behind each cell, [rows][columns], row 0 the lowest."""
    colors = [theme.color(color) for color in ground.colors]
    return [[colors[band] for band in row] for row in ground.bands(*size, limits).tolist()]


def compose(cells: Cells, size: tuple[int, int], grounds: Sequence[Sequence[str]] | None = None) -> list[list[Piece]]:
    """Return the pieces of each row that are not blank, top row first.

    Args:
        cells: the cells, inside the size.
        size: columns and rows.
        grounds: the colour "#rrggbb" behind each cell, [rows][columns], row 0 the lowest; None: none.
    """
    figure = _figure()
    figure.clear_data()
    figure.plotsize(*size)
    figure.xlim(0, max(size[0] - 1, 1))
    figure.ylim(0, max(size[1] - 1, 1))
    if cells:
        columns, rows = map(list, zip(*cells, strict=True))
        figure.scatter(columns, rows, marker=[glyph for glyph, _ in cells.values()])
    # The colours are those of the cells: plotext's would have to be read out of its escape codes again.
    lines = uncolorize(figure.build()).split("\n")[: size[1]]
    return [
        _pieces(line, [cells.get((x, y), _BLANK)[1] for x in range(size[0])], () if grounds is None else grounds[y])
        for y, line in zip(range(size[1] - 1, -1, -1), lines, strict=False)
    ]


@cache
def _figure() -> Any:
    """Return the one plotext figure, bare of frame and ticks; to make one takes longer than to draw with it.

    It is a subplot of textual-plotext's Plot: ``plotsize`` of the top figure is cut to the terminal's size, which in
    a test or over a pipe is 80x24, while a subplot that is built on its own takes any size.
    """
    figure: Any = Plot().subplots(1, 1).subplot(1, 1)
    figure.frame(False)
    figure.xticks([], [])
    figure.yticks([], [])
    for paint in (figure.canvas_color, figure.axes_color, figure.ticks_color):
        paint("default")
    return figure


def _pieces(line: str, colors: Sequence[str], grounds: Sequence[str]) -> list[Piece]:
    pieces: list[Piece] = []
    start = 0
    for (color, ground), same in groupby(zip(colors, grounds or repeat(""), strict=False)):
        end = start + len(list(same))
        if color:
            pieces.append(Piece(start, line[start:end], color, ground))
        elif ground:
            pieces.append(Piece(start, " " * (end - start), ground, ground))
        start = end
    return pieces
