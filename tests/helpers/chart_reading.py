"""Reading a drawn chart cell by cell, and where a point belongs on it, worked out without the drawing code.

Places are fractions of whole numbers, and pixels are read off the glyphs by Unicode's own numbering of braille dots.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import NamedTuple, get_args

from hypothesis import strategies as st
from rich.cells import cell_len
from textual.strip import Strip

from tui_linreg.tui.plot import MarkerSet
from tui_linreg.tui.plot.axis import Axis as ShownAxis
from tui_linreg.tui.plot.chart import Chart, ChartTheme, Series
from tui_linreg.tui.plot.plot import axes
from tui_linreg.tui.plot.ranges import Values

ROLES = {"train": "#112233", "batch": "#ffd75f", "line": "#56c8ff", "mark": "#ffb454"}
BACK = "#000000"
MARKER_SETS: tuple[MarkerSet, ...] = get_args(MarkerSet)
INF, NAN, HUGE, TINY = math.inf, math.nan, 1.7976931348623157e308, 5e-324
PIXELS = {"braille": (2, 4), "blocks": (2, 2), "ascii": (1, 1)}
BITS = {(0, 3): 0, (0, 2): 1, (0, 1): 2, (1, 3): 3, (1, 2): 4, (1, 1): 5, (0, 0): 6, (1, 0): 7}  # row 0 lowest
NEAR = Fraction(1, 10**6)  # of a pixel: so near to the middle between two pixels, rounding decides

Cell = tuple[int, int]


def theme(marker_set: MarkerSet = "braille") -> ChartTheme:
    return ChartTheme(ROLES, "#ffffff", "#808080", BACK, marker_set)


def text(strips: list[Strip]) -> list[str]:
    return [strip.text for strip in strips]


def points(x: Values, y: Values, marker: str = "big") -> Series:
    return Series(x, y, "points", "batch", marker)


def line(x: Values, y: Values) -> Series:
    return Series(x, y, "line", "line")


def assert_exact(strips: list[Strip], width: int, height: int) -> None:
    """So many strips, each of so many cells by rich's own count, every cell on the background, no control character."""
    assert len(strips) == height
    for strip in strips:
        assert strip.cell_length == sum(cell_len(segment.text) for segment in strip) == width
        for segment in strip:
            assert segment.style is not None
            assert segment.style.bgcolor is not None
            assert segment.style.bgcolor.name == BACK
            assert not any(ord(c) < 32 for c in segment.text)


def cells(strips: list[Strip], role: str) -> dict[Cell, str]:
    """Return (column, row from the top) -> glyph of the cells in a role's colour."""
    found: dict[Cell, str] = {}
    for row, strip in enumerate(strips):
        column = 0
        for segment in strip:
            assert segment.style is not None
            assert segment.style.color is not None
            for glyph in segment.text:
                if segment.style.color.name == ROLES[role] and glyph != " ":
                    found[column, row] = glyph
                column += 1
    return found


class Area(NamedTuple):
    """The plotted part of a chart, as it was drawn."""

    columns: int
    rows: int
    cells: dict[Cell, str]
    """Column and row, row 0 lowest -> glyph, of one role."""


def area(strips: list[Strip], width: int, height: int, role: str = "batch") -> Area:
    """Read a chart without a legend and y label (the sizes at which it loses its axes are `draw`'s own word)."""
    framed = width >= 16 and height >= 5 and not any("nothing to draw" in strip.text for strip in strips)
    left = min(strips[-2].text.index(corner) for corner in "└+" if corner in strips[-2].text) + 1 if framed else 0
    columns, rows = (width - left, height - 2) if framed else (width, height)
    found = {(column - left, rows - 1 - row): glyph for (column, row), glyph in cells(strips[:rows], role).items()}
    assert all(0 <= column < columns for column, _ in found)
    return Area(columns, rows, found)


def dots(found: Area) -> Iterator[Cell]:
    """The lit pixels of braille, by Unicode's numbering of its dots."""
    for (column, row), glyph in found.cells.items():
        code = ord(glyph) - 0x2800
        yield from ((2 * column + a, 4 * row + b) for (a, b), bit in BITS.items() if code >> bit & 1)


class Axis(NamedTuple):
    """A range of values over so many pixels, from the outer edge of the first to that of the last one."""

    low: float
    high: float
    pixels: int

    def at(self, value: float) -> Fraction:
        """Where a finite value lies, in pixels, exactly; 0 is the middle of the first one."""
        low = Fraction(self.low)
        return (Fraction(value) - low) / (Fraction(self.high) - low) * self.pixels - Fraction(1, 2)

    def nearest(self, value: float) -> set[int]:
        """The pixels (two where the value lies in the middle of them) of a value; none outside the range."""
        at = self.at(value)
        if not -NEAR * self.pixels <= at + Fraction(1, 2) <= self.pixels * (1 + NEAR):
            return set()
        found = {round(at - NEAR * self.pixels), round(at), round(at + NEAR * self.pixels)}
        return {min(max(pixel, 0), self.pixels - 1) for pixel in found}

    def inside(self, value: float) -> bool:
        return self.low <= value <= self.high


# ── what Hypothesis draws ────────────────────────────────────────────────────────────────────────────────────────

bad = st.sampled_from([NAN, INF, -INF])
edges = st.sampled_from([NAN, INF, -INF, HUGE, -HUGE, 1e308, -1e308, TINY, -TINY, 2.2e-308, 0.0, -0.0, 1.0, 1e8, 1e30])
small = st.tuples(st.integers(1, 40), st.integers(1, 16))


def between(low: float, high: float, part: float) -> float:
    return low + part * (high - low)


Scene = tuple[list[float], list[float], tuple[float, float], tuple[float, float]]


@st.composite
def scenes(draw_: st.DrawFn, far: str = "xy") -> Scene:
    """Values in and about a range of x and of y, some of them not finite, some exactly at its ends.

    Any float is among those of the axes that are `far`.
    """
    axes: list[tuple[list[float], tuple[float, float]]] = []
    count = draw_(st.integers(1, 25))
    for name in "xy":
        scale = draw_(st.sampled_from([1.0, 1e-3, 1e8, 1e300, 1e-300]))
        low = draw_(st.sampled_from([0.0, -1.0, -0.3, 5.0, -7e3])) * scale
        high = low + draw_(st.floats(0.1, 10.0)) * scale
        part = st.one_of(st.floats(0, 1), st.floats(-0.5, 1.5), st.sampled_from([0.0, 0.5, 1.0]))
        near = st.one_of(part.map(partial(between, low, high)), st.sampled_from([low, high]))
        value = st.one_of(near, edges if name in far else bad)
        axes.append((draw_(st.lists(value, min_size=count, max_size=count)), (low, high)))
    return axes[0][0], axes[1][0], axes[0][1], axes[1][1]


def finite(x: Sequence[float], y: Sequence[float]) -> list[tuple[float, float]]:
    return [(a, b) for a, b in zip(x, y, strict=False) if math.isfinite(a) and math.isfinite(b)]


def where(chart: Chart, found: Area, marker_set: MarkerSet, size: tuple[int, int]) -> tuple[Axis, Axis]:
    """The ranges that are shown over the area's pixels: those asked for, and not much more."""
    assert chart.x_range is not None
    assert chart.y_range is not None
    shown = axes(chart, *size)
    if shown is None:  # nothing finite, nothing drawn
        (left, right), (bottom, top) = sorted(chart.x_range), sorted(chart.y_range)
        shown = ShownAxis(left, right, found.columns), ShownAxis(bottom, top, found.rows)
    both = []
    for axis, asked, cells, pixels in zip(
        shown, (chart.x_range, chart.y_range), (found.columns, found.rows), PIXELS[marker_set], strict=True
    ):
        assert axis.cells == cells
        low, high = sorted(asked)
        least = NEAR * (Fraction(high) - Fraction(low))  # as much as ends are rounded
        assert Fraction(axis.low) <= Fraction(low) + least
        assert Fraction(axis.high) >= Fraction(high) - least
        wide = 2 * cells * (Fraction(high) - Fraction(low)) / max(cells - 1, 1)
        assert Fraction(axis.high) - Fraction(axis.low) <= wide
        both.append(Axis(axis.low, axis.high, cells * pixels))
    return both[0], both[1]
