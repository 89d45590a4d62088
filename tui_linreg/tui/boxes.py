"""A drawing of boxes and arrows made of characters, each with its role. No widget.

Where the font has no box drawing (`MarkerSet` "ascii") the same lines are drawn with ASCII.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui_linreg.tui.plot import MarkerSet
from tui_linreg.tui.styles import Line, Span, line_width

_ASCII = dict(zip(map(ord, "╭╮╰╯├┤─│▶◀▼▲"), "++++++-|><v^", strict=True))


def glyphs(text: str, marker: MarkerSet) -> str:
    """Return a text of box drawing and arrows as this set of glyphs has it."""
    return text.translate(_ASCII) if marker == "ascii" else text


class Drawing:
    """A rectangle of cells. What lies outside it is left out.

    Args:
        width: cells across.
        height: lines.
        marker: the set of glyphs.
    """

    def __init__(self, width: int, height: int, marker: MarkerSet) -> None:
        self.width, self.height = width, height
        self._marker = marker
        self._cells: list[list[Span]] = [[(" ", "")] * width for _ in range(height)]

    def write(self, x: int, y: int, line: Line) -> None:
        """Write a line of one-cell characters from (x, y) on."""
        for text, role in line:
            for glyph in text:
                if 0 <= y < self.height and 0 <= x < self.width:
                    self._cells[y][x] = glyph, role
                x += 1

    def glyph(self, x: int, y: int, text: str, role: str) -> None:
        """Write box drawing or an arrow from (x, y) on."""
        self.write(x, y, [(glyphs(text, self._marker), role)])

    def box(self, x: int, y: int, width: int, rows: Sequence[tuple[Line, Line]], role: str) -> None:
        """Draw a box of so many cells from (x, y) on: for each row a line with its title, and the row beneath it."""
        inner = width - 2
        for i, (title, row) in enumerate(rows):
            left, right = "├┤" if i else "╭╮"
            self.glyph(x, y + 2 * i, f"{left}{'─' * inner}{right}", role)
            self.write(
                x + 1, y + 2 * i, [(" ", role), *title, *([(" ", role)] if line_width(title) + 2 <= inner else [])]
            )
            self.glyph(x, y + 2 * i + 1, "│", role)
            self.write(x + 1, y + 2 * i + 1, row)
            self.glyph(x + width - 1, y + 2 * i + 1, "│", role)
        self.glyph(x, y + 2 * len(rows), f"╰{'─' * inner}╯", role)

    def lines(self) -> list[Line]:
        """Return the drawing, line by line, cells of one role together."""
        found: list[Line] = []
        for row in self._cells:
            parts: list[Span] = []
            for glyph, role in row:
                if parts and parts[-1][1] == role:
                    parts[-1] = parts[-1][0] + glyph, role
                else:
                    parts.append((glyph, role))
            found.append(parts)
        return found
