"""Compose cells into the rows of a chart with plotext: the only module that calls it.

What plotext gets wrong with bad numbers is kept from it: cells arrive where they are drawn, in small integers, with
explicit colours, one ``scatter`` for each colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby, repeat
from typing import Any

from plotext import uncolorize
from textual_plotext import Plot

from tui_linreg.tui.plot.frame import Piece

Cells = dict[tuple[int, int], tuple[str, str]]
"""What lies on top in each cell that is not blank: (column, row) → (glyph, colour "#rrggbb"), row 0 the lowest."""
_BLANK = (" ", "")


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
    """Return the pieces of one row that are not blank."""
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
