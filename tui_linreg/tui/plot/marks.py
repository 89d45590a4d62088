"""Which pixels of its cells a series covers, and the glyphs and colours that show them.

A plot of ``columns`` x ``rows`` cells has ``columns * px`` by ``rows * py`` pixels, row 0 at the bottom. The low end of
a range falls on the first pixel's centre, the high end on the last one's. Coordinates are those of ``ranges.units_of``.
Each marker set has its own ``px`` and ``py`` and a glyph for each combination of a cell's pixels. Where the font has no
braille, "blocks" needs box drawing and block elements, "ascii" nothing beyond ASCII. Shapes differ within every set, so
that series can be told apart without colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.style import Style

from tui_linreg.tui.plot import MarkerSet
from tui_linreg.tui.plot.ranges import FAR, Floats

Mask = NDArray[np.bool_]
Dash = tuple[int, int]  # period, and how many pixels of each are set

_CHUNK = 1_000_000  # pixels rasterised at once


def points_mask(u: Floats, v: Floats, columns: int, rows: int, px: int, py: int) -> Mask:
    """Return the pixels, shape [rows * py, columns * px], of the points inside the range; others are left out."""
    mask = np.zeros((rows * py, columns * px), dtype=np.bool_)
    mask[_pixels_inside(u, v, columns * px, rows * py)] = True
    return mask


def points_cells(u: Floats, v: Floats, columns: int, rows: int, px: int, py: int) -> tuple[list[int], list[int]]:
    """Return columns and rows (0 lowest) of the cells that hold such a pixel, each once, from the lowest row up."""
    y, x = _pixels_inside(u, v, columns * px, rows * py)
    row, column = np.divmod(np.flatnonzero(np.bincount(y // py * columns + x // px)), columns)
    return column.tolist(), row.tolist()


def _pixels_inside(u: Floats, v: Floats, wide: int, tall: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    with np.errstate(invalid="ignore"):
        inside = (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)
    if not inside.all():
        u, v = u[inside], v[inside]
    return np.rint(v * (tall - 1)).astype(np.intp), np.rint(u * (wide - 1)).astype(np.intp)


def decimate(u: Floats, v: Floats, pixels: int) -> tuple[Floats, Floats]:
    """Return the line through first, lowest, highest and last point of each stretch inside one pixel column.

    What is drawn stays the same pixel for pixel, but at most four points a column are left (for sorted x). Gaps (nan)
    stay gaps.
    """
    gap = ~(np.isfinite(u) & np.isfinite(v))
    column = np.where(gap, -FAR, np.rint(u * (pixels - 1)))
    starts = np.concatenate(([0], np.flatnonzero(np.diff(column)) + 1))
    ends = np.concatenate((starts[1:], [u.size])) - 1
    value = np.where(gap, np.nan, v)
    kept_u = np.stack((u[starts], u[starts], u[starts], u[ends]), axis=1)
    low, high = np.minimum.reduceat(value, starts), np.maximum.reduceat(value, starts)
    kept_v = np.stack((value[starts], low, high, value[ends]), axis=1)
    return kept_u.ravel(), kept_v.ravel()


def line_mask(u: Floats, v: Floats, columns: int, rows: int, px: int, py: int, dash: Dash = (1, 1)) -> Mask:
    """Return the pixels of the line through consecutive finite points, clipped at the edge of the range.

    ``dash`` is (period, on): of every ``period`` pixels along the line the first ``on`` are set. A finite point between
    two gaps is a single pixel.
    """
    if u.size > 4 * columns * px:
        u, v = decimate(u, v, columns * px)
    good = np.isfinite(u) & np.isfinite(v)
    joined = good[:-1] & good[1:]
    lone = good.copy()
    lone[:-1] &= ~joined
    lone[1:] &= ~joined
    start = np.flatnonzero(joined)
    mask = segments_mask(u[start], v[start], u[start + 1], v[start + 1], columns, rows, px, py, dash)
    return mask | points_mask(u[lone], v[lone], columns, rows, px, py) if lone.any() else mask


def _clip(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the parts of the segments (a, b)-(c, d) inside the unit square, cut at one edge after the other.

    A cut end lies on its edge exactly, and what is left has digits for the next cut, however far off the end was.
    """
    with np.errstate(all="ignore"):
        for _ in "xy":
            for edge in (0.0, 1.0):
                out_a, out_c = (a > 1, c > 1) if edge else (a < 0, c < 0)
                cut_b, cut_d = d + (edge - c) / (a - c) * (b - d), b + (edge - a) / (c - a) * (d - b)
                ends = (np.where(out_a, edge, a), np.where(out_a, cut_b, b),
                        np.where(out_c, edge, c), np.where(out_c, cut_d, d))  # fmt: skip
                a, b, c, d = (end[~(out_a & out_c)] for end in ends)
            a, b, c, d = b, a, d, c
    return a, b, c, d


def segments_mask(
    a: Floats, b: Floats, c: Floats, d: Floats, columns: int, rows: int, px: int, py: int, dash: Dash = (1, 1)
) -> Mask:
    """Return the pixels of the straight segments from (a, b) to (c, d), all finite; clipped to the unit square."""
    mask = np.zeros((rows * py, columns * px), dtype=np.bool_)
    if a.size and (min(a.min(), b.min(), c.min(), d.min()) < 0 or max(a.max(), b.max(), c.max(), d.max()) > 1):
        a, b, c, d = _clip(a, b, c, d)
    if not a.size:
        return mask
    wide, tall = columns * px - 1, rows * py - 1
    x0, y0, x1, y1 = np.rint(a * wide), np.rint(b * tall), np.rint(c * wide), np.rint(d * tall)
    length = np.maximum(np.abs(x1 - x0), np.abs(y1 - y0)).astype(np.intp)
    stops = np.cumsum(length + 1)
    begin = 0
    while begin < length.size:  # in pieces: a million long segments would not fit in memory at once
        base = int(stops[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(stops, base + _CHUNK, side="right")))
        part = slice(begin, end)
        count = length[part] + 1
        which = np.repeat(np.arange(begin, end), count)
        index = np.arange(base, base + which.size)
        along = (index - (stops - length - 1)[which]) / np.maximum(length, 1)[which]
        x = np.rint(x0[which] + (x1 - x0)[which] * along).astype(np.intp)
        y = np.rint(y0[which] + (y1 - y0)[which] * along).astype(np.intp)
        if dash[1] < dash[0]:
            on = (index - which) % dash[0] < dash[1]  # minus which: neighbours share a pixel, it must not count twice
            x, y = x[on], y[on]
        mask[y, x] = True
        begin = end
    return mask


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
