"""Draw a chart into strips: the only module that touches plotext.

Plotext composes the plotted area, one ``scatter`` call per series, in a figure of our own. What it is known to get
wrong with bad numbers is kept from it: series arrive as cells that exist, in small integers, with explicit colours
(``plot_data`` has the numbers, ``plot_marks`` the glyphs). Axes, ticks, labels and the legend are ours: plotext's own
eat the plot at 1e30.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby
from threading import Lock
from types import MethodType
from typing import Any, TypeVar

import numpy as np
from rich.cells import cell_len, set_cell_size
from textual.strip import Strip
from textual_plotext import Plot

from tui_linreg.tui import plot_data as data
from tui_linreg.tui.marker_sets import MarkerSet
from tui_linreg.tui.plot_frame import Spans, legend_row, strip, x_axis, y_ticks
from tui_linreg.tui.plot_marks import SETS, Kind, Marks, hexed, mix, rgb

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Series:
    """One set of values to draw. ``x``, ``y`` (and ``y2``) belong together; the longer ones are cut to the shortest."""

    x: data.Values
    """Any floats, also a numpy array. What is not finite is left out."""
    y: data.Values
    kind: Kind
    """line: consecutive finite points joined, a gap where not finite. stems: a dotted vertical from y to y2."""
    color: str
    """A role of ChartTheme.roles, or "#rrggbb"."""
    marker: str = "dot"
    """Points: dot small big diamond ring square cross plus. Lines: dot (solid), dash, dotted."""
    label: str = ""
    """Text in the legend; none when empty."""
    y2: data.Values | None = None
    """The other end of stems; zero when not given."""
    fixed: bool = False
    """Whether x and y are arrays that never change, so that what was worked out for them once is kept."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What to draw. Later series lie over earlier ones."""

    series: tuple[Series, ...]
    x_label: str = ""
    """At the right end of the row of x ticks."""
    y_label: str = ""
    """Above the y axis, when the chart is high enough."""
    x_range: tuple[float, float] | None = None
    """None: the finite data, padded. What lies outside is not drawn; lines are cut at the edge."""
    y_range: tuple[float, float] | None = None
    log_y: bool = False
    """Leaves out every y that is not above zero."""
    v_lines: tuple[tuple[float, str], ...] = ()
    """(x, colour role) of dotted verticals beneath all series."""
    x_integer: bool = False
    """Ticks at whole numbers only: steps, epochs."""
    empty: str = "nothing to draw yet"
    """Centred text when there is no finite point."""


@dataclass(frozen=True, slots=True)
class ChartTheme:
    """Colours as "#rrggbb" and the set of glyphs. Hashable only if the caller's mapping is."""

    roles: Mapping[str, str]
    foreground: str
    muted: str
    background: str
    marker_set: MarkerSet = "braille"

    def color(self, role: str) -> str:
        """Return the colour of a role; a "#rrggbb" is itself, an unknown role the foreground."""
        return role if role.startswith("#") else self.roles.get(role, self.foreground)

    def quiet(self) -> str:
        """Return the colour of the axes: the muted one, halfway to the background."""
        return mix(self.muted, self.background, 0.5)


_RUN = re.compile(r"(?:\x1b\[0m)*(?:\x1b\[38;2;(\d+);(\d+);(\d+)m)?([^\x1b\n]+)|(\n)")
_LOCK = Lock()  # one figure serves every chart, and an export may draw beside the screen


def _blank(matrix: Any) -> None:
    """Empty plotext's matrix as its own ``set_matrices`` does, by rows: the background is the default everywhere."""
    matrix.marker = [[" "] * matrix.cols for _ in range(matrix.rows)]
    matrix.fullground, matrix.background, matrix.style = (
        [["default"] * matrix.cols for _ in range(matrix.rows)] for _ in range(3)
    )


def _compose(matrix: Any) -> str:
    """Write plotext's matrix as text, character for character as its own ``set_canvas`` does.

    Plotext compares colour, style and background of every cell with both neighbours'; that and ``set_matrices`` are
    half its time. Here both never change, so only runs of one colour are left to be found. A test compares the texts.
    """
    lines: list[str] = []
    for glyphs, colors in zip(reversed(matrix.marker), reversed(matrix.fullground), strict=True):
        at = 0
        for color, same in groupby(colors):
            start, at = at, at + len(list(same))
            code = "" if color == "default" else "\x1b[38;2;{};{};{}m".format(*color)
            lines.append(f"{code}{''.join(glyphs[start:at])}\x1b[0m")
        lines.append("\n")
    matrix.canvas = "".join(lines)
    return str(matrix.canvas)


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
    matrix.set_matrices = MethodType(_blank, matrix)
    matrix.set_canvas = MethodType(_compose, matrix)
    return figure


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


def _plot(
    chart: Chart, theme: ChartTheme, columns: list[data.Columns], limits: data.Limits, size: tuple[int, int]
) -> list[Spans]:
    """Return the plotted area, top row first, as plotext composed it: the pieces of each row that are not blank."""
    marks, (width, height) = SETS[theme.marker_set], size
    with _LOCK:
        figure = _figure()
        figure.clear_data()
        figure.plotsize(width, height)
        figure.xlim(0, max(width - 1, 1))
        figure.ylim(0, max(height - 1, 1))
        for x, role in chart.v_lines:
            unit = data.spot(x, limits[0])
            if 0 <= unit <= 1:
                at = data.pixel(unit, width * marks.px) // marks.px
                figure.scatter([at] * height, list(range(height)), marker=marks.v_line, color=rgb(theme.color(role)))
        for series, values in zip(chart.series, columns, strict=True):
            question = (limits, size, theme.marker_set, series.kind, series.marker)
            at_x, at_y, glyphs = _kept(series, question, partial(_cells, series, values, limits, size, marks))
            if at_x:
                figure.scatter(at_x, at_y, marker=glyphs, color=rgb(theme.color(series.color)))
        text: str = figure.build()
    found: list[Spans] = [[]]
    at = 0
    for red, green, blue, run, newline in _RUN.findall(text):
        if newline:
            found.append([])
            at = 0
            continue
        if red:
            found[-1].append((at, run, hexed(red, green, blue)))
        at += len(run)
    return found[:height]


def draw(chart: Chart, theme: ChartTheme, width: int, height: int) -> list[Strip]:
    """Return ``height`` strips of exactly ``width`` cells (both at least 1) that show the chart. Never raises for data.

    The same arguments give the same strips; a caller that draws often keeps them. Small sizes lose the legend (under
    8 rows), then the axes (under 16 columns or 5 rows).
    """
    values = [
        _kept(s, chart.log_y, partial(data.columns, s.x, s.y, s.y2, s.kind == "stems", chart.log_y))
        for s in chart.series
    ]
    lines = [x for x, _ in chart.v_lines]
    limits = data.limits(values, lines, chart.x_range, chart.y_range, chart.log_y, chart.x_integer)
    if limits is None:
        text = set_cell_size(chart.empty, min(cell_len(chart.empty), width))
        middle = [((width - cell_len(text)) // 2, text, theme.muted)]
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
        [strip([(0, set_cell_size(chart.y_label, min(width, cell_len(chart.y_label))), theme.muted)], width, theme)]
        if head
        else []
    )
    for index, spans in enumerate(body):
        label = labels.get(rows - 1 - index)
        front: Spans = [] if not framed else [(left - 1, glyphs.axis[0] if label is None else glyphs.axis[1], quiet)]
        if label is not None:
            front.insert(0, (left - 1 - len(label), label, theme.muted))
        strips.append(strip(front + [(left + at, run, color) for at, run, color in spans], width, theme))
    if framed:
        strips += [strip(spans, width, theme) for spans in x_axis(chart, theme, limits[0], left, columns, width)]
    return strips + ([strip(legend, width, theme)] if legend else [])
