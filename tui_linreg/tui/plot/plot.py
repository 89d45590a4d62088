"""Draw a chart into strips.

Series become cells (``plot_data`` has the ranges, ``plot_masks`` the pixels, ``plot_marks`` the glyphs), and plotext
composes them (``plot_compose``). Axes, ticks, labels and the legend are ours: plotext's own eat the plot at 1e30.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from itertools import repeat
from typing import Any, TypeVar

import numpy as np
from rich.cells import cell_len, set_cell_size
from textual.strip import Strip

from tui_linreg.tui.plot import ranges as data
from tui_linreg.tui.plot.chart import Chart, ChartTheme, Ground, Series
from tui_linreg.tui.plot.compose import Layer, Shown, blank, compose, layer
from tui_linreg.tui.plot.frame import Span, Spans, legend_row, strip, x_axis, y_ticks
from tui_linreg.tui.plot.marks import SETS, Marks
from tui_linreg.tui.plot.raster import line_mask, points_cells, points_mask, segments_mask

Kept = TypeVar("Kept")


Cells = tuple[list[int], list[int], str | list[str]]
_KEPT: dict[tuple[int, int, object], tuple[Series, Any]] = {}  # the series as well, so that no other gets its ids
_MOST_KEPT = 8


def _kept(series: Series, what: object, make: Callable[[], Kept]) -> Kept:
    """Return what ``make`` returned for these arrays and this question before, if the series is a fixed one."""
    if not series.fixed:
        return make()
    key = id(series.x), id(series.y), what
    if key not in _KEPT:
        while len(_KEPT) >= _MOST_KEPT:
            del _KEPT[next(iter(_KEPT))]
        _KEPT[key] = series, make()
    found: Kept = _KEPT[key][1]
    return found


def _cells(series: Series, columns: data.Columns, limits: data.Limits, size: tuple[int, int], marks: Marks) -> Cells:
    """Return the cells a series covers, as ``Marks.cells`` does."""
    grid = (*size, marks.px, marks.py)
    u, v = data.place(columns.x, limits[0]), data.place(columns.y, limits[1])
    if series.kind == "text":
        return _letters(u, v, series.marker, size)
    if series.kind == "points":
        glyph = marks.points.get(series.marker)
        return (*points_cells(u, v, *grid), glyph) if glyph else marks.cells(points_mask(u, v, *grid), *size, "")
    if series.kind == "line":
        dash = marks.dashes.get(series.marker, (1, 1))
        return marks.cells(line_mask(u, v, *grid, dash), *size, "")
    good = np.isfinite(u)
    ends = data.place(columns.y2, limits[1])
    mask = segments_mask(u[good], v[good], u[good], ends[good], *grid)
    if not marks.stem:
        mask[1::2] = False
    return marks.cells(mask, *size, marks.stem)


def _letters(u: data.Floats, v: data.Floats, text: str, size: tuple[int, int]) -> Cells:
    """Return the cells of a text at each point inside the range where it has room."""
    columns: list[int] = []
    rows: list[int] = []
    for at_x, at_y in zip(u.tolist(), v.tolist(), strict=True):
        start = data.pixel(at_x, size[0]) - len(text) // 2 if 0 <= at_x <= 1 else -1
        if 0 <= at_y <= 1 and 0 <= start <= size[0] - len(text):
            columns += range(start, start + len(text))
            rows += [data.pixel(at_y, size[1])] * len(text)
    return columns, rows, list(text) * (len(columns) // max(len(text), 1))


def _where_free(
    text: str, columns: data.Columns, limits: data.Limits, size: tuple[int, int], taken: set[tuple[int, int]]
) -> Cells:
    """Return the cells of a text at the first point where none is taken, and take them; none where there is no such."""
    u, v = data.place(columns.x, limits[0]), data.place(columns.y, limits[1])
    for i in range(u.size):
        cells = _letters(u[i : i + 1], v[i : i + 1], text, size)
        places = set(zip(cells[0], cells[1], strict=True))
        if places and not places & taken:
            taken |= places
            return cells
    return [], [], ""


def _plot(
    chart: Chart, theme: ChartTheme, columns: list[data.Columns], limits: data.Limits, size: tuple[int, int]
) -> list[Spans]:
    """Return the plotted area, top row first, as plotext composed it: the pieces of each row that are not blank."""
    marks, (width, height) = SETS[theme.marker_set], size
    shown: Shown = {}
    beneath = None if chart.ground is None else _layer_of_ground(chart.ground, theme, limits, size)
    for x, role in chart.v_lines:
        unit = data.spot(float(data.log10(np.array([x]))[0]) if chart.log_x else x, limits[0])
        if 0 <= unit <= 1:
            at = data.pixel(unit, width * marks.px) // marks.px
            shown |= dict.fromkeys(((at, row) for row in range(height)), (marks.v_line, theme.color(role)))
    taken: set[tuple[int, int]] = set()
    shy: list[tuple[Series, data.Columns]] = []
    for series, values in zip(chart.series, columns, strict=True):
        if not values.x.size:
            continue
        if series.first_free:
            shy.append((series, values))
            continue
        question = (limits, size, theme.marker_set, series.kind, series.marker)
        cells = _kept(series, question, partial(_cells, series, values, limits, size, marks))
        color = theme.color(series.color)
        if series.fixed and not shown and beneath is None:
            beneath = _kept(series, (*question, color), partial(layer, _shown(cells, color), size))
            continue
        shown |= _shown(cells, color)
        if series.kind in ("points", "text"):
            taken.update(zip(cells[0], cells[1], strict=True))
    for series, values in shy:
        shown |= _shown(_where_free(series.marker, values, limits, size, taken), theme.color(series.color))
    return compose((_name(chart), size), shown, size, beneath)


def _layer_of_ground(ground: Ground, theme: ChartTheme, limits: data.Limits, size: tuple[int, int]) -> Layer:
    """Return the coloured cells behind everything."""
    colors = [theme.color(color) for color in ground.colors]
    return blank(size, [[colors[band] for band in row] for row in ground.bands(*size, limits).tolist()])


def _shown(cells: Cells, color: str) -> Shown:
    """Return a series' cells by their places."""
    at_x, at_y, glyphs = cells
    each = repeat(glyphs, len(at_x)) if isinstance(glyphs, str) else glyphs
    return {(x, y): (glyph, color) for x, y, glyph in zip(at_x, at_y, each, strict=True)}


def _name(chart: Chart) -> Hashable:
    """Return what tells a chart from the others on the screen: what was drawn of it last is drawn on."""
    return chart.x_label, chart.y_label


_Row = tuple[Spans, str | None, Strip]
_ROWS: dict[Hashable, tuple[object, list[_Row | None]]] = {}


def _body_strips(
    name: Hashable, body: list[Spans], labels: dict[int, str], left: int, width: int, theme: ChartTheme
) -> list[Strip]:
    """Return the plotted area's rows behind their pieces of the axis; those that are as before are the same strips."""
    look = left, width, len(body), theme
    before, kept = _ROWS.get(name, (None, []))
    if before != look:
        kept = [None] * len(body)
    glyphs, quiet = SETS[theme.marker_set].axis, theme.quiet()
    rows: list[_Row] = []
    for index, (spans, found) in enumerate(zip(body, kept, strict=True)):
        label = labels.get(len(body) - 1 - index)
        if found is None or found[0] is not spans or found[1] != label:
            front = [Span(left - 1, glyphs[label is not None], quiet)] if left else []
            if label is not None:
                front.insert(0, Span(left - 1 - len(label), label, theme.muted))
            found = spans, label, strip(front + [Span(left + at, *rest) for at, *rest in spans], width, theme)
        rows.append(found)
    if name not in _ROWS and len(_ROWS) >= _MOST_KEPT:
        del _ROWS[next(iter(_ROWS))]
    _ROWS[name] = look, [*rows]
    return [row for *_, row in rows]


def draw(chart: Chart, theme: ChartTheme, width: int, height: int) -> list[Strip]:
    """Return ``height`` strips of exactly ``width`` cells (both at least 1) that show the chart. Never raises for data.

    The same arguments give the same strips; a caller that draws often keeps them. Small sizes lose the legend (under
    8 rows), then the axes (under 16 columns or 5 rows).
    """
    logs = chart.log_y, chart.log_x
    values = [_kept(s, logs, partial(data.columns, s.x, s.y, s.y2, s.kind == "stems", *logs)) for s in chart.series]
    lines = [x for x, _ in chart.v_lines]
    limits = data.limits(values, lines, chart.x_range, chart.y_range, chart.log_y, chart.x_integer, chart.log_x)
    if limits is None:
        text = set_cell_size(chart.empty, min(cell_len(chart.empty), width))
        middle = [Span((width - cell_len(text)) // 2, text, theme.muted)]
        return [strip(middle if row == (height - 1) // 2 else [], width, theme) for row in range(height)]
    legend = legend_row(chart, theme, width) if height >= 8 else []
    framed = width >= 16 and height >= 5
    head = 1 if chart.y_label and framed and height >= 12 else 0
    rows = height - head - bool(legend) - 2 * framed
    labels = y_ticks(chart, limits[1], rows, SETS[theme.marker_set].py) if framed else {}
    left = max(map(len, labels.values()), default=0) + 1 if framed else 0
    columns = width - left - (1 if framed else 0)  # one column of air at the right
    body = _plot(chart, theme, values, limits, (columns, rows))
    strips = (
        [strip([Span(0, set_cell_size(chart.y_label, min(width, cell_len(chart.y_label))), theme.muted)], width, theme)]
        if head
        else []
    )
    strips += _body_strips(_name(chart), body, labels, left, width, theme)
    if framed:
        strips += [strip(spans, width, theme) for spans in x_axis(chart, theme, limits[0], left, columns, width)]
    return strips + ([strip(legend, width, theme)] if legend else [])
