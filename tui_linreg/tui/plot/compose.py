"""Compose cells into the rows of a chart with plotext: the only module that touches it.

Cells arrive where they are drawn, in small integers, with explicit colours, in one ``scatter`` call: what plotext is
known to get wrong with bad numbers is kept from it. It takes long for a point, so that of a chart that is drawn again
only the cells that differ from the last time are composed, over what stood there.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from threading import Lock
from types import MethodType
from typing import Any, NamedTuple

from textual_plotext import Plot

from tui_linreg.tui.plot.frame import Span, Spans
from tui_linreg.tui.plot.marks import hexed, rgb

Shown = dict[tuple[int, int], tuple[str, str]]
"""What lies on top in each cell that is not blank: (column, row) → (glyph, colour), row 0 the lowest."""
_BLANK = "default"
"""plotext's word for no colour."""
_MOST_SHEETS = 8
_LOCK = Lock()  # one figure serves every chart, and an export may draw beside the screen


class Layer(NamedTuple):
    """Composed cells, by rows, the lowest first."""

    glyphs: list[list[str]]
    colors: list[list[Any]]
    """Red, green, blue of each glyph, or "default"."""
    grounds: list[list[str]]
    """The colour behind each, "#rrggbb", or "default"."""

    def copy(self) -> Layer:
        """Return a copy that can be drawn upon."""
        return Layer(*([row.copy() for row in each] for each in self))


def blank(size: tuple[int, int], grounds: list[list[str]] | None = None) -> Layer:
    """Return a layer (columns, rows) with nothing in it but perhaps colours behind."""
    columns, rows = size
    glyphs, colors = ([[each] * columns for _ in range(rows)] for each in (" ", _BLANK))
    return Layer(glyphs, colors, [[_BLANK] * columns for _ in range(rows)] if grounds is None else grounds)


@dataclass(slots=True, eq=False)
class _Sheet:
    """What was composed last for one chart."""

    size: tuple[int, int]
    beneath: Layer | None
    shown: Shown
    layer: Layer
    rows: list[Spans]
    """The pieces of each row, top row first."""


_SHEETS: dict[Hashable, _Sheet] = {}


def layer(shown: Shown, size: tuple[int, int]) -> Layer:
    """Return cells as plotext composes them, to be drawn beneath others."""
    with _LOCK:
        return _draw(shown, size, blank(size))


def compose(of: Hashable, shown: Shown, size: tuple[int, int], beneath: Layer | None) -> list[Spans]:
    """Return the pieces of each row that are not blank, top row first. A row that is as before is the same object.

    Args:
        of: which chart this is: one that is drawn again under the same name is composed faster, and looks the same.
        shown: the cells, inside the size.
        size: columns and rows.
        beneath: what lies behind the cells; nobody changes it.
    """
    with _LOCK:
        sheet = _SHEETS.pop(of, None)
        if sheet is None or sheet.size != size or sheet.beneath is not beneath:
            below = blank(size) if beneath is None else beneath.copy()
            drawn = _draw(shown, size, below)
            sheet = _Sheet(size, beneath, shown, drawn, [_spans(drawn, row) for row in reversed(range(size[1]))])
        else:
            _redraw(sheet, shown)
        while len(_SHEETS) >= _MOST_SHEETS:
            del _SHEETS[next(iter(_SHEETS))]
        _SHEETS[of] = sheet
        return sheet.rows.copy()


def _redraw(sheet: _Sheet, shown: Shown) -> None:
    """Take away what is no longer shown, and compose what is new or looks otherwise."""
    before, drawn, beneath = sheet.shown, sheet.layer, sheet.beneath
    gone = before.keys() - shown.keys()
    for column, row in gone:
        drawn.glyphs[row][column] = " " if beneath is None else beneath.glyphs[row][column]
        drawn.colors[row][column] = _BLANK if beneath is None else beneath.colors[row][column]
    changed = {place: look for place, look in shown.items() if before.get(place) != look}
    if changed:
        _draw(changed, sheet.size, drawn)
    for row in {row for _, row in gone} | {row for _, row in changed}:
        sheet.rows[-1 - row] = _spans(drawn, row)
    sheet.shown = shown


def _draw(shown: Shown, size: tuple[int, int], upon: Layer) -> Layer:
    """Let plotext compose these cells upon a layer, and return it."""
    figure = _figure()
    figure.monitor.matrix.upon = upon
    figure.clear_data()
    figure.plotsize(*size)
    figure.xlim(0, max(size[0] - 1, 1))
    figure.ylim(0, max(size[1] - 1, 1))
    if shown:
        figure.scatter([x for x, _ in shown], [y for _, y in shown], marker=[glyph for glyph, _ in shown.values()])
        # A scatter for each colour takes twice as long, a list of colours given to it as well: it checks each.
        figure.monitor.color[-1] = [rgb(color) for _, color in shown.values()]
    figure.build()
    return upon


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
        paint(_BLANK)
    matrix = figure.monitor.matrix
    matrix.set_matrices = MethodType(_lay_out, matrix)
    matrix.set_canvas = MethodType(_write_nothing, matrix)
    return figure


def _lay_out(matrix: Any) -> None:
    """Give plotext's matrix the layer to draw upon; its own ``set_matrices`` makes one of blanks."""
    matrix.marker, matrix.fullground, matrix.background = matrix.upon
    matrix.style = [[_BLANK] * matrix.cols for _ in range(matrix.rows)]


def _write_nothing(matrix: Any) -> str:
    """Leave the text unwritten: ``_spans`` reads what was composed.

    Its own ``set_canvas`` compares colour, style and background of every cell with both neighbours' to write a text
    that would have to be taken apart again. A test finds the same glyphs and colours in that text.
    """
    matrix.canvas = ""
    return ""


def _spans(drawn: Layer, row: int) -> Spans:
    """Return the pieces of one row that are not blank."""
    glyphs, colors, grounds = drawn.glyphs[row], drawn.colors[row], drawn.grounds[row]
    spans: Spans = []
    at = 0
    plain = grounds[0] == _BLANK  # all of a chart or nothing of it has a ground
    for look, same in groupby(colors if plain else zip(colors, grounds, strict=True)):
        start, at = at, at + len(list(same))
        color, ground = (look, "") if plain else look
        if color != _BLANK:
            spans.append(Span(start, "".join(glyphs[start:at]), hexed(color), ground))
        elif ground:
            spans.append(Span(start, " " * (at - start), ground, ground))
    return spans
