"""plotext's figure: axes, series, text and rows of it. The only caller of plotext, by its documented calls.

With `xlim` and `ylim` 0 … 1, plotext has 0 at the middle of the first cell (of braille, of the first dot) and 1 at that
of the last one. Places are given as such shares of whole cells or dots, which it is known to draw where they belong.
"""

from __future__ import annotations

import itertools
import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from rich.ansi import AnsiDecoder
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual_plotext import Plot

from tui_linreg.tui.plot import dots
from tui_linreg.tui.plot.axis import Axis
from tui_linreg.tui.plot.chart import ChartTheme, Series
from tui_linreg.tui.plot.marks import SETS, rgb, style
from tui_linreg.tui.plot.ranges import Columns

_COLOR = re.compile("(\x1b\\[[0-9;]*m)")


class Frame(NamedTuple):
    """The two axes, and the room beside them."""

    x: Axis
    y: Axis
    left: int
    """Columns of y labels."""
    axes: bool
    """Whether the axes are drawn."""
    x_labels: bool = True
    edge: int = 0
    """The column of the plotted area before which labels of x end."""


class Figure:
    """One picture; the figure behind it is always the same, so that the next picture takes its place."""

    def __init__(self, frame: Frame, theme: ChartTheme, width: int, height: int) -> None:
        self._frame, self._theme, self._width = frame, theme, width
        self._marks = SETS[theme.marker_set]
        self._taken: set[tuple[int, int]] = set()
        self._figure = figure = _plot()
        figure.clear_data()
        figure.plotsize(width, height)
        figure.frame(False)
        figure.xaxes(frame.axes, False)
        figure.yaxes(frame.axes, False)
        figure.canvas_color("default")
        figure.axes_color("default")
        figure.ticks_color(rgb(theme.muted))
        figure.xlim(0, 1)
        figure.ylim(0, 1)
        x_ticks, y_ticks = (
            {cell: text for at, text in axis.ticks if frame.axes and (cell := axis.cell(at)) is not None}
            for axis in (frame.x, frame.y)
        )
        shown = [cell for cell, text in x_ticks.items() if frame.x_labels and cell + len(text) // 2 < frame.edge]
        if frame.axes and frame.x_labels and not shown:
            shown, x_ticks = [0], {0: " "}  # without a label, plotext would make the plot a row higher
        figure.xticks([_share(cell, frame.x.cells) for cell in shown], [x_ticks[cell] for cell in shown])
        figure.yticks(
            [_share(cell, frame.y.cells) for cell in y_ticks], [text.rjust(frame.left) for text in y_ticks.values()]
        )
        figure.scatter([0], [0], marker=" ")  # plotext draws no axes where there is no series

    def v_line(self, x: float, color: str) -> None:
        """Draw a vertical through the cell of x, from edge to edge."""
        if (cell := self._frame.x.cell(x)) is not None:
            self._figure.vline(_share(cell, self._frame.x.cells), color=rgb(self._theme.color(color)))

    def h_line(self, y: float, color: str) -> None:
        """Draw a horizontal through the cell of y, from edge to edge."""
        if (cell := self._frame.y.cell(y)) is not None:
            self._figure.hline(_share(cell, self._frame.y.cells), color=rgb(self._theme.color(color)))

    def add(self, series: Series, columns: Columns, note: bool = False) -> None:
        """Draw a series that is no text; `note` which cells it covers, for texts that must not."""
        marks, frame = self._marks, self._frame
        marker = marks.lines.get(series.marker, marks.dot) if series.kind == "line" else marks.stem
        if series.kind == "points":
            marker = marks.points.get(series.marker, marks.points.get("dot", marks.dot))
        px, py = (marks.px, marks.py) if marker == marks.dot else (1, 1)
        size = frame.x.cells * px, frame.y.cells * py
        u, v = frame.x.units(columns.x), frame.y.units(columns.y)
        call, corners = self._figure.scatter, None
        if series.kind == "line":
            dash = marks.dashes.get(series.marker)
            corners = None if dash else dots.corners(u, v, size, beads=series.marker == "beads" and px > 1)
            if corners is None or note:
                x, y = dots.dashes(u, v, size, dash or (1, 1))
        elif series.kind == "stems":
            x, y = dots.stems(u, v, frame.y.units(columns.y2), size, every=1 if py == 1 else 2)
        else:
            x, y = (dots.fat_points if series.marker == "fat" and py > 1 else dots.points)(u, v, size)
        if note:
            self._taken.update(zip((x // px).astype(int).tolist(), (y // py).astype(int).tolist(), strict=True))
        if corners is not None:
            call, (x, y) = self._figure.plot, corners
        if x.size:
            xs, ys = (
                [None if share != share else share for share in (each / max(count - 1, 1)).tolist()]  # None: a gap
                for each, count in zip((x, y), size, strict=True)
            )
            call(xs, ys, marker=marker, color=rgb(self._theme.color(series.color)))

    def write(self, series: Series, columns: Columns) -> None:
        """Write a text at each of its points where it has room; a `first_free` one once, where it covers nothing.

        Where there is no room beside any of its points, it may lie on one of them.
        """
        text, frame = series.marker, self._frame
        places = [
            (column, row)
            for x, y in zip(columns.x.tolist(), columns.y.tolist(), strict=True)
            if (column := frame.x.cell(x)) is not None and (row := frame.y.cell(y)) is not None
        ]
        if not series.first_free:
            for column, row in places:
                self._put(series, column - len(text) // 2, row)
            return
        beside = ((column + gap, row, -1) for column, row in places for gap in (2, -len(text) - 1))
        on = ((column - len(text) // 2, row, column) for column, row in places)
        for start, row, own in itertools.chain(beside, on):
            around = {(at, row) for at in range(start - 1, start + len(text) + 1)}
            if not (around - {(own, row)}) & self._taken and self._put(series, start, row):
                self._taken |= around
                return

    def _put(self, series: Series, start: int, row: int) -> bool:
        """Write a text from a cell on, if all of it is inside; say whether it is."""
        x, y = self._frame.x.cells, self._frame.y.cells
        if not 0 <= start <= x - len(series.marker):
            return False
        color = rgb(self._theme.color(series.color))
        self._figure.text(series.marker, _share(start, x), _share(row, y), color=color, alignment="left")
        return True

    def strips(self) -> list[Strip]:
        """Return the rows of the picture, on the theme's background."""
        theme = self._theme.foreground, self._theme.background
        rows: list[Strip] = []
        for line in self._figure.build().translate(self._marks.axes).removesuffix("\n").split("\n"):
            parts = _COLOR.split(line)  # texts, and between them the colour from there on
            pairs = zip(["", *parts[1::2]], parts[::2], strict=True)
            rows.append(Strip([Segment(text, _style(code, *theme)) for code, text in pairs if text], self._width))
        return rows


@cache
def _plot() -> Any:
    """Return the one plotext figure; to make one takes longer than to draw with it.

    It is a subplot of textual-plotext's Plot: ``plotsize`` of the top figure is cut to the terminal's size, which in
    a test or over a pipe is 80x24, while a subplot that is built on its own takes any size.
    """
    return Plot().subplots(1, 1).subplot(1, 1)


def _share(place: float, count: int) -> float:
    return place / max(count - 1, 1)


@lru_cache(maxsize=512)
def _style(code: str, foreground: str, background: str) -> Style:
    """Return the style that an escape sequence means; each once, because to decode one takes long."""
    blank, spans = style(foreground, background), AnsiDecoder().decode_line(f"{code} ").spans
    return blank if not spans or isinstance(spans[0].style, str) else blank + spans[0].style
