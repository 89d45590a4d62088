"""Draw a chart into strips: the only module that touches plotext.

Plotext composes the plotted area, one ``scatter`` call per series, in a figure of our own. What it is known to get
wrong with bad numbers is kept from it: series arrive as cells that exist, in small integers, with explicit colours
(``plot_data`` has the numbers, ``plot_marks`` the glyphs). Axes, ticks, labels and the legend are ours: plotext's own
eat the plot at 1e30.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from itertools import groupby, repeat
from threading import Lock
from types import MethodType
from typing import Any, TypeVar

import numpy as np
from rich.cells import cell_len, set_cell_size
from textual.strip import Strip
from textual_plotext import Plot

from tui_linreg.tui import plot_data as data
from tui_linreg.tui.plot_chart import Chart, ChartTheme, Ground, Series
from tui_linreg.tui.plot_frame import Span, Spans, legend_row, strip, x_axis, y_ticks
from tui_linreg.tui.plot_marks import SETS, Marks, hexed, rgb

Kept = TypeVar("Kept")


_LOCK = Lock()  # one figure serves every chart, and an export may draw beside the screen


def _ground(matrix: Any) -> None:
    """Fill plotext's matrix with what lies beneath, else with blanks as its own ``set_matrices`` does, by rows."""
    rows, columns = matrix.rows, matrix.cols
    beneath: _Layer | None = matrix.beneath
    if beneath is None:
        matrix.marker = [[" "] * columns for _ in range(rows)]
        matrix.fullground = [["default"] * columns for _ in range(rows)]
    else:
        matrix.marker, matrix.fullground = ([row.copy() for row in each] for each in beneath[:2])
    matrix.style = [["default"] * columns for _ in range(rows)]
    matrix.background = beneath[2] if beneath is not None else [["default"] * columns for _ in range(rows)]


def _write_nothing(matrix: Any) -> str:
    """Leave the text unwritten: ``_spans`` reads the matrix."""
    matrix.canvas = ""
    return ""


def _spans(figure: Any) -> list[Spans]:
    """Return what plotext put into its matrix, top row first: the pieces of each row that are not blank.

    Its own ``set_canvas`` compares colour, style and background of every cell with both neighbours' to write a text
    that would have to be taken apart again. A test finds the same glyphs and colours in that text.
    """
    matrix = figure.monitor.matrix
    found: list[Spans] = []
    rows = zip(*map(reversed, (matrix.marker, matrix.fullground, matrix.background)), strict=True)
    for glyphs, colors, grounds in rows:
        spans: Spans = []
        at = 0
        plain = grounds[0] == "default"  # all of a chart or nothing of it has a ground
        for look, same in groupby(colors if plain else zip(colors, grounds, strict=True)):
            start, at = at, at + len(list(same))
            color, ground = (look, "") if plain else look
            if color != "default":
                spans.append(Span(start, "".join(glyphs[start:at]), hexed(color), ground))
            elif ground:
                spans.append(Span(start, " " * (at - start), ground, ground))
        found.append(spans)
    return found


@lru_cache(maxsize=1)
def _figure() -> Any:
    """Return the one plotext figure, bare of frame and ticks.

    It is a subplot of textual-plotext's Plot: ``plotsize`` of the top figure is cut to the terminal's size, which in
    a test or over a pipe is 80x24, while a subplot that is built on its own takes any size.
    """
    figure: Any = Plot().subplots(1, 1).subplot(1, 1)
    figure.frame(False)
    figure.xticks([], [])
    figure.yticks([], [])
    for paint in (figure.canvas_color, figure.axes_color, figure.ticks_color):
        paint("default")
    matrix = figure.monitor.matrix
    matrix.beneath = None
    matrix.set_matrices = MethodType(_ground, matrix)
    matrix.set_canvas = MethodType(_write_nothing, matrix)
    return figure


_Layer = tuple[list[list[str]], list[list[Any]], list[list[str]]]  # glyphs, colours, grounds, by rows, the lowest first
Shown = dict[tuple[int, int], tuple[str, str]]
"""What lies on top in each cell that is not blank: (column, row) → (glyph, colour). plotext takes long for a point."""
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
        return marks.cells(data.points_mask(u, v, *grid), *size, marks.points.get(series.marker, ""))
    if series.kind == "line":
        dash = marks.dashes.get(series.marker, (1, 1))
        return marks.cells(data.line_mask(u, v, *grid, dash), *size, "")
    good = np.isfinite(u)
    ends = data.place(columns.y2, limits[1])
    mask = data.segments_mask(u[good], v[good], u[good], ends[good], *grid)
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
            beneath = _kept(series, (*question, color), partial(_layer, cells, color, size))
            continue
        shown |= _shown(cells, color)
        if series.kind in ("points", "text"):
            taken.update(zip(cells[0], cells[1], strict=True))
    for series, values in shy:
        shown |= _shown(_where_free(series.marker, values, limits, size, taken), theme.color(series.color))
    with _LOCK:
        return _spans(_build(shown, size, beneath))[:height]


def _layer(cells: Cells, color: str, size: tuple[int, int]) -> _Layer:
    """Return one series as plotext composes it."""
    with _LOCK:
        matrix = _build(_shown(cells, color), size, None).monitor.matrix
        return matrix.marker, matrix.fullground, matrix.background


def _layer_of_ground(ground: Ground, theme: ChartTheme, limits: data.Limits, size: tuple[int, int]) -> _Layer:
    """Return the coloured cells behind everything."""
    width, height = size
    colors = [theme.color(color) for color in ground.colors]
    cells = [[colors[band] for band in row] for row in ground.bands(width, height, limits).tolist()]
    return [[" "] * width for _ in range(height)], [["default"] * width for _ in range(height)], cells


def _shown(cells: Cells, color: str) -> Shown:
    """Return a series' cells by their places."""
    at_x, at_y, glyphs = cells
    each = repeat(glyphs, len(at_x)) if isinstance(glyphs, str) else glyphs
    return {(x, y): (glyph, color) for x, y, glyph in zip(at_x, at_y, each, strict=True)}


def _build(shown: Shown, size: tuple[int, int], beneath: _Layer | None) -> Any:
    """Let plotext compose these cells over what lies beneath; return its figure."""
    figure = _figure()
    figure.monitor.matrix.beneath = beneath
    figure.clear_data()
    figure.plotsize(*size)
    figure.xlim(0, max(size[0] - 1, 1))
    figure.ylim(0, max(size[1] - 1, 1))
    if shown:
        figure.scatter([x for x, _ in shown], [y for _, y in shown], marker=[glyph for glyph, _ in shown.values()])
        # A scatter for each colour takes twice as long, a list of colours given to it as well: it checks each.
        figure.monitor.color[-1] = [rgb(color) for _, color in shown.values()]
    figure.build()
    return figure


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
    glyphs, quiet = SETS[theme.marker_set], theme.quiet()
    framed = width >= 16 and height >= 5
    head = 1 if chart.y_label and framed and height >= 12 else 0
    rows = height - head - bool(legend) - 2 * framed
    labels = y_ticks(chart, limits[1], rows, glyphs.py) if framed else {}
    left = max(map(len, labels.values()), default=0) + 1 if framed else 0
    columns = width - left - (1 if framed else 0)  # one column of air at the right
    body = _plot(chart, theme, values, limits, (columns, rows))
    strips = (
        [strip([Span(0, set_cell_size(chart.y_label, min(width, cell_len(chart.y_label))), theme.muted)], width, theme)]
        if head
        else []
    )
    for index, spans in enumerate(body):
        label = labels.get(rows - 1 - index)
        front: Spans = (
            [] if not framed else [Span(left - 1, glyphs.axis[0] if label is None else glyphs.axis[1], quiet)]
        )
        if label is not None:
            front.insert(0, Span(left - 1 - len(label), label, theme.muted))
        strips.append(strip(front + [Span(left + at, *rest) for at, *rest in spans], width, theme))
    if framed:
        strips += [strip(spans, width, theme) for spans in x_axis(chart, theme, limits[0], left, columns, width)]
    return strips + ([strip(legend, width, theme)] if legend else [])
