"""Which sub-cell pixels a series covers.

A plot of ``columns`` x ``rows`` cells has ``columns * px`` by ``rows * py`` pixels, row 0 at the bottom. The low end of
a range falls on the first pixel's centre, the high end on the last one's. Coordinates are those of ``ranges.units_of``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
    """Return the pixels' rows and columns."""
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
