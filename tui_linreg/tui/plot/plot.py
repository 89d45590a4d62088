"""Draw a chart into strips: its ranges and room here, the picture by plotext (`figure`), the legend by `frame`.

plotext draws lines, points, axes and ticks. Our code prepares what it is given (`axis`, `dots`): finite stretches,
thinned and cut at the edges; round ticks; colours of the theme. The legend is ours, since plotext's lies over the data.
"""

from __future__ import annotations

import numpy as np
from textual.strip import Strip

from tui_linreg.tui.plot import MarkerSet, ranges
from tui_linreg.tui.plot.axis import Axis, equal_axes, plain, x_axis, y_axis
from tui_linreg.tui.plot.chart import Chart, ChartTheme, Series
from tui_linreg.tui.plot.figure import Figure, Frame
from tui_linreg.tui.plot.frame import label_row, legend_height, legend_rows, text_row

_LABEL_ROOM = 10
"""Columns that a label of x leaves for ticks, and as many again as it is long."""
_LEGEND, _HEAD, _AXES, _HALVES = (8, 10, 12), 12, (16, 5), 10
"""The least rows for a legend of one, two and three rows, for a label above the axis; columns and rows for axes; rows
for two charts."""


def draw(chart: Chart, theme: ChartTheme, width: int, height: int) -> list[Strip]:
    """Return ``height`` strips of exactly ``width`` cells (both at least 1) that show the chart. Never raises for data.

    Small sizes lose the legend (under 8 rows), then the axes (under 16 columns or 5 rows).
    """
    legend = _legend_height(chart, theme.marker_set, width, height)
    rooms = [(chart, height - legend)]
    if chart.below is not None and height >= _HALVES:
        lower = height // 2  # one row more, for the labels of x
        rooms = [(chart, height - legend - lower), (chart.below, lower)]
    head = height >= _HEAD
    left = max(_left(each, width, rows, head) for each, rows in rooms) if len(rooms) > 1 else 0
    strips: list[Strip] = []
    shown: list[Series] = []
    for i, (each, rows) in enumerate(rooms):
        drawn = _picture(each, theme, (width, rows), head, left, i == len(rooms) - 1)
        if drawn is None:
            rows += legend if len(rooms) == 1 else 0
            strips += [text_row(each.empty * (row == (rows - 1) // 2), width, theme, True) for row in range(rows)]
        else:
            strips += drawn[0]
            shown += drawn[1]
    return strips if len(strips) == height else [*strips, *legend_rows(shown, theme, width, legend)]


def axes(chart: Chart, width: int, height: int, marker_set: MarkerSet = "braille") -> tuple[Axis, Axis] | None:
    """Return the axes with which `draw` draws a chart that stands alone; None where it has no finite point."""
    size = width, height - _legend_height(chart, marker_set, width, height)
    laid = _laid_out(chart, _values(chart, chart.series), size, height >= _HEAD, 0, True)
    return None if laid is None else (laid.x, laid.y)


def _legend_height(chart: Chart, marker_set: MarkerSet, width: int, height: int) -> int:
    """Return the rows of the legend, with room for what later phases add: no phase makes the picture lower."""
    series = (*chart.series, *(() if chart.below is None else chart.below.series))
    if not any(each.label for each in series):
        return 0
    known = {each.label for each in series}
    more = [each for each in chart.later if each.label not in known]
    return legend_height([*series, *more], marker_set, width, sum(height >= least for least in _LEGEND))


def _left(chart: Chart, width: int, height: int, head: bool) -> int:
    """Return the columns that the labels of the y axis take."""
    laid = _laid_out(chart, _values(chart, chart.series), (width, height), head, 0, True)
    return 0 if laid is None else laid.left


def _picture(
    chart: Chart, theme: ChartTheme, size: tuple[int, int], head: bool, left: int, lowest: bool
) -> tuple[list[Strip], list[Series]] | None:
    """Return the rows of a chart without its legend, and the series that have a point; None where none has."""
    values, series = _values(chart, chart.series), chart.series
    frame = _laid_out(chart, values, size, head, left, lowest)
    if frame is None:
        return None
    if chart.within is not None:
        more = chart.within(((frame.x.low, frame.x.high), (frame.y.low, frame.y.high)))
        series, values = (*more, *series), [*_values(chart, more), *values]
    headed = head and frame.axes and chart.y_label != ""
    x_label = f"{chart.x_label}, y log" if chart.x_label and chart.log_y and not headed else chart.x_label
    labelled = frame.axes and x_label != "" and frame.x.cells >= 2 * len(x_label) + _LABEL_ROOM
    end = len(x_label) + 2 if labelled else 0
    edge = frame.x.cells - end if labelled else 2 * frame.x.cells
    figure = Figure(frame._replace(edge=edge), theme, size[0], size[1] - headed)
    for at, color in chart.v_lines:
        figure.v_line(float(ranges.log10(np.array([at]))[0]) if chart.log_x else at, color)
    for at, color in chart.h_lines:
        figure.h_line(at, color)
    note = any(each.first_free for each in series)
    for each, columns in zip(series, values, strict=True):
        if each.kind != "text" and columns.x.size:
            figure.add(each, columns, note)
    for each, columns in zip(series, values, strict=True):
        if each.kind == "text" and each.marker:
            figure.write(each, columns)
    rows = figure.strips()
    if labelled:
        label = text_row(f"  {x_label}", end, theme)
        rows[-1] = Strip.join([rows[-1].crop(0, size[0] - end), label])
    if headed:
        rows.insert(0, label_row(chart.y_label, size[0], theme))
    return rows, [each for each, at in zip(series, values, strict=True) if np.isfinite(at.x).any()]


def _values(chart: Chart, series: tuple[Series, ...]) -> list[ranges.Columns]:
    return [ranges.columns(each.x, each.y, each.y2, each.kind == "stems", chart.log_y, chart.log_x) for each in series]


def _laid_out(
    chart: Chart, values: list[ranges.Columns], size: tuple[int, int], head: bool, left: int, lowest: bool
) -> Frame | None:
    """Return the axes of a chart of so many columns and rows without its legend; None without a finite point."""
    lines = [at for at, _ in chart.v_lines]
    limits = ranges.limits(values, lines, chart.x_range, chart.y_range, chart.log_y, chart.x_integer, chart.log_x)
    if limits is None:
        return None
    width, height = size
    if width < _AXES[0] or height < _AXES[1] - (not lowest):
        return Frame(plain(limits[0], width, 1), plain(limits[1], height, 1), 0, False)
    rows = height - 1 - lowest - (head and chart.y_label != "")
    if chart.equal:
        axes = equal_axes(limits, width - left - 1, rows)
        while axes is not None and axes[1].longest > left:  # the labels' width and the scale depend on each other
            left = axes[1].longest
            axes = equal_axes(limits, width - left - 1, rows)
        if axes is not None:
            return Frame(*axes, left, True)
    y = y_axis(limits[1], rows, chart.log_y)
    left = max(left, y.longest)
    return Frame(x_axis(limits[0], width - left - 1, chart.log_x, chart.x_integer), y, left, True, lowest)
