"""The glyphs and colours of a chart: what each marker set draws points, lines, stems and axes with.

A set divides a cell into ``px`` x ``py`` pixels and has one glyph for each combination of them. Where the font has no
braille, "blocks" needs box drawing and block elements, "ascii" nothing beyond ASCII. Shapes differ within every set, so
that series can be told apart without colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
from rich.color import Color
from rich.style import Style

from tui_linreg.tui.plot.marker_sets import MarkerSet
from tui_linreg.tui.plot.raster import Mask

Kind = Literal["points", "line", "stems", "text"]


@dataclass(frozen=True, slots=True)
class Marks:
    """One marker set."""

    px: int
    py: int
    weights: tuple[tuple[int, ...], ...]
    """[py, px], row 0 lowest: what a pixel adds to the code of its cell."""
    codes: str
    """The glyph of each code, the blank first."""
    points: Mapping[str, str]
    """Markers of one cell. "dot" is missing where it is made of pixels."""
    legend: Mapping[str, str]
    """How kinds and line styles show in the legend."""
    stem: str
    """Glyph of a stem's cell; empty where it is every second pixel."""
    v_line: str
    axis: str
    """Five glyphs: vertical, its tick, corner, horizontal, its tick."""
    dashes: Mapping[str, tuple[int, int]]
    """Line style -> (period, set) in pixels along the line."""
    by_pixels: str = field(init=False)
    """The glyph of each set of pixels: a bit for each of the first column from the lowest up, then the second's."""

    def __post_init__(self) -> None:
        weights = [line[x] for x in range(self.px) for line in self.weights]
        codes = (sum(w for i, w in enumerate(weights) if pixels >> i & 1) for pixels in range(1 << len(weights)))
        object.__setattr__(self, "by_pixels", "".join(self.codes[code] for code in codes))

    def legend_glyph(self, kind: Kind, marker: str) -> str:
        """Return the glyph before a series' label in the legend."""
        if kind == "text":
            return marker
        if kind == "points":
            return self.points.get(marker, self.legend["dot"])
        return self.legend.get(marker if kind == "line" and marker != "dot" else kind, self.legend["line"])

    def cells(self, mask: Mask, columns: int, rows: int, glyph: str) -> tuple[list[int], list[int], str | list[str]]:
        """Return columns, rows (0 lowest) and marks of the cells a mask [rows * py, columns * px] touches.

        The marks are ``glyph`` itself when it is not empty, else one for each cell, made of its pixels.
        """
        lines = mask.view("<u2" if self.px == 2 else np.uint8)  # a cell's pixels of one line in one number
        pixels = lines[:: self.py].copy()
        for y in range(1, self.py):
            pixels |= lines[y :: self.py] << _SHIFTS[y]
        row, column = np.nonzero(pixels)
        if glyph:
            return column.tolist(), row.tolist(), glyph
        touched = pixels[row, column]
        if self.px == 2:
            touched = touched & 0xFF | touched >> (8 - self.py)
        return column.tolist(), row.tolist(), [self.by_pixels[each] for each in touched.tolist()]


_SHIFTS = tuple(np.arange(8, dtype=np.uint8))
_SHAPES = {
    "small": "·",
    "bullet": "•",
    "big": "●",
    "diamond": "◆",
    "ring": "◇",
    "square": "■",
    "cross": "×",
    "plus": "+",
    "up": "▲",
    "down": "▼",
    "left": "◀",
    "right": "▶",
}
_LETTERS = {
    "small": ".",
    "bullet": "o",
    "big": "O",
    "diamond": "#",
    "ring": "*",
    "square": "%",
    "cross": "x",
    "plus": "+",
    "up": "^",
    "down": "v",
    "left": "<",
    "right": ">",
}
_THIRDS = ((4,), (2,), (1,))

SETS: Mapping[MarkerSet, Marks] = {
    "braille": Marks(
        px=2,
        py=4,
        weights=((64, 128), (4, 32), (2, 16), (1, 8)),
        codes="".join(map(chr, range(0x2800, 0x2900))),
        points=_SHAPES,
        legend={"dot": "⠂", "line": "⠒⠒", "dash": "⠒ ⠒", "dotted": "⠂⠐⠠", "stems": "⠅"},
        stem="",
        v_line="┊",
        axis="│┤└─┬",
        dashes={"dash": (8, 5), "dotted": (3, 1)},
    ),
    "blocks": Marks(
        px=1,
        py=3,
        weights=_THIRDS,
        codes=" ▔─╵▁│╷│",
        points={"dot": "·", **_SHAPES},
        legend={"dot": "·", "line": "──", "dash": "─ ─", "dotted": "─  ─", "stems": "╎"},
        stem="╎",
        v_line="┊",
        axis="│┤└─┬",
        dashes={"dash": (5, 3), "dotted": (3, 1)},
    ),
    "ascii": Marks(
        px=1,
        py=3,
        weights=_THIRDS,
        codes=" '-'.:.|",
        points={"dot": ".", **_LETTERS},
        legend={"dot": ".", "line": "--", "dash": "- -", "dotted": "-  -", "stems": ":"},
        stem=":",
        v_line="|",
        axis="|++-+",
        dashes={"dash": (5, 3), "dotted": (3, 1)},
    ),
}


@lru_cache(maxsize=512)
def style(color: str, background: str) -> Style:
    """Return the style of two colours, "#rrggbb"; made once, because making one costs more than drawing with it."""
    return Style.from_color(Color.parse(color), Color.parse(background))


def rgb(color: str) -> tuple[int, int, int]:
    """Return red, green, blue of "#rrggbb", 0 … 255."""
    red, green, blue = Color.parse(color).get_truecolor()
    return red, green, blue


def mix(color: str, background: str, part: float) -> str:
    """Return ``part`` of color over background."""
    return "#" + "".join(f"{round(b + (c - b) * part):02x}" for c, b in zip(rgb(color), rgb(background), strict=True))
