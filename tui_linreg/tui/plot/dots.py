"""What of a series plotext is given: dots in small whole numbers, each once; lines thinned and cut at the edges.

plotext 5.3.2 joins points across a nan, raises at inf and 1e300, goes through a line dot by dot however far it reaches
outside, and has no dashes. So coordinates become dots of the plotted area before it sees them: column and row, (0, 0)
at the lower left. Units are those of `Axis.units`: 0 … 1 inside.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_linreg.tui.plot.ranges import FAR, Floats

Dots = NDArray[np.float64]
Size = tuple[int, int]
"""Dots across and up."""
Dash = tuple[int, int]
"""Period, and how many dots of each are set."""

_MOST = 2048
"""Pieces of a line at most; only one that goes back and forth, or has many gaps, has more."""
_CHUNK = 1_000_000
"""Dots of a line worked out at once."""


def points(u: Floats, v: Floats, size: Size) -> tuple[Dots, Dots]:
    """Return the dots of the points inside the range."""
    with np.errstate(invalid="ignore"):
        inside = (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)
    return _once(_dots(u[inside], size[0]), _dots(v[inside], size[1]), size)


def fat_points(u: Floats, v: Floats, size: Size) -> tuple[Dots, Dots]:
    """Return two by two dots, around each point inside the range."""
    with np.errstate(invalid="ignore"):
        inside = (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)
    left, low = (np.rint(each[inside] * n) for each, n in ((u, size[0]), (v, size[1])))
    x = np.concatenate([left - 1, left, left - 1, left])
    y = np.concatenate([low - 1, low - 1, low, low])
    seen = (x >= 0) & (x < size[0]) & (y >= 0) & (y < size[1])
    return _once(x[seen], y[seen], size)


def stems(u: Floats, v: Floats, ends: Floats, size: Size, every: int) -> tuple[Dots, Dots]:
    """Return the dots of verticals from v to `ends`; of each row that is a multiple of `every`."""
    with np.errstate(invalid="ignore"):
        seen = (u >= 0) & (u <= 1) & (np.maximum(v, ends) >= 0) & (np.minimum(v, ends) <= 1)
    x, one, other = _dots(u[seen], size[0]), *(_dots(np.clip(each[seen], 0, 1), size[1]) for each in (v, ends))
    area = size[0] * (size[1] + 1)
    # How many begin in a dot, less those that ended below it: summed upwards, how many cover it.
    begin, end = np.minimum(one, other), np.maximum(one, other) + 1
    turns = [np.bincount((y * size[0] + x).astype(np.intp), minlength=area) for y in (begin, end)]
    covered = np.cumsum((turns[0] - turns[1]).reshape(-1, size[0]), axis=0)[:-1] > 0
    covered[np.arange(size[1]) % every != 0] = False
    return _of(covered)


def corners(u: Floats, v: Floats, size: Size, beads: bool = False) -> tuple[Dots, Dots] | None:
    """Return the corners of the line through consecutive finite points, in dots; nan where it is not joined.

    With `beads` it goes around four dots at each corner: of two series plotext would show only one in a cell. None
    where there are so many corners that the dots themselves are fewer.
    """
    a, b, c, d = _pieces(u, v, size)
    if a.size > _MOST:
        return None
    x0, y0, x1, y1 = (_dots(each, size[i % 2]) for i, each in enumerate((a, b, c, d)))
    # Each piece is its first corner and, where the next one begins elsewhere, its last one and a gap.
    ends = np.ones(x0.size, dtype=np.bool_)
    ends[:-1] = (x1[:-1] != x0[1:]) | (y1[:-1] != y0[1:])
    gap = np.full(x0.size, np.nan)
    shown = np.stack((np.ones(x0.size, dtype=np.bool_), ends, ends), axis=1).ravel()
    x, y = (np.stack(each, axis=1).ravel()[shown] for each in ((x0, x1, gap), (y0, y1, gap)))
    moved = np.ones(x.size, dtype=np.bool_)
    moved[1:] = (x[1:] != x[:-1]) | (y[1:] != y[:-1])  # also at a gap, since nan is not nan
    x, y = x[moved], y[moved]
    # A corner between two equal steps is none. With few corners plotext is much faster.
    turns = np.ones(x.size, dtype=np.bool_)
    turns[1:-1] = (np.diff(x[1:]) != np.diff(x[:-1])) | (np.diff(y[1:]) != np.diff(y[:-1]))
    x, y = (x, y) if beads else (x[turns], y[turns])
    if beads:
        around = np.array([[0, 1, 1, 0, 0], [0, 0, 1, 1, 0]])
        x, y = (
            np.minimum(each[:, None] + more, count - 1).ravel()
            for each, more, count in zip((x, y), around, size, strict=True)
        )
    return x, y


def dashes(u: Floats, v: Floats, size: Size, dash: Dash = (1, 1)) -> tuple[Dots, Dots]:
    """Return the dots along the same line, of every `dash[0]` the first `dash[1]`: plotext has no dashes."""
    a, b, c, d = _pieces(u, v, size)
    x0, y0, x1, y1 = (_dots(each, size[i % 2]) for i, each in enumerate((a, b, c, d)))
    length = np.maximum(np.abs(x1 - x0), np.abs(y1 - y0)).astype(np.intp)
    stops = np.cumsum(length + 1)
    covered = np.zeros((size[1], size[0]), dtype=np.bool_)
    begin = 0
    while begin < length.size:  # in parts: a million long pieces would not fit in memory at once
        base = int(stops[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(stops, base + _CHUNK, side="right")))
        which = np.repeat(np.arange(begin, end), length[begin:end] + 1)
        index = np.arange(base, base + which.size)
        along = (index - (stops - length - 1)[which]) / np.maximum(length, 1)[which]
        on = (index - which) % dash[0] < dash[1]  # minus which: neighbours share a dot, it must not count twice
        x = np.rint(x0[which] + (x1 - x0)[which] * along)[on].astype(np.intp)
        y = np.rint(y0[which] + (y1 - y0)[which] * along)[on].astype(np.intp)
        covered[y, x] = True
        begin = end
    return _of(covered)


def _dots(units: Floats, count: int) -> Dots:
    return np.minimum(np.floor(units * count), count - 1)


def _once(x: Dots, y: Dots, size: Size) -> tuple[Dots, Dots]:
    covered = np.zeros((size[1], size[0]), dtype=np.bool_)
    covered[y.astype(np.intp), x.astype(np.intp)] = True
    return _of(covered)


def _of(covered: NDArray[np.bool_]) -> tuple[Dots, Dots]:
    """Return columns and rows of the dots that are set, shape [rows, columns]."""
    row, column = np.nonzero(covered)
    return column.astype(np.float64), row.astype(np.float64)


def _pieces(u: Floats, v: Floats, size: Size) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the straight pieces of a line inside the range; a point between two gaps is a piece to itself."""
    if u.size > 4 * size[0]:
        u, v = decimate(u, v, size[0])
    good = np.isfinite(u) & np.isfinite(v)
    joined = good & np.append(good[1:], [False])
    lone = good & ~joined & ~np.append([False], joined[:-1])
    start = np.flatnonzero(joined | lone)
    end = start + joined[start]
    pieces = u[start], v[start], u[end], v[end]
    inside = not start.size or (min(map(np.min, pieces)) >= 0 and max(map(np.max, pieces)) <= 1)
    return pieces if inside else _clip(*pieces)


def decimate(u: Floats, v: Floats, columns: int) -> tuple[Floats, Floats]:
    """Return the line through first, lowest, highest and last point of each stretch inside one column of dots.

    What is drawn stays the same dot for dot, but at most four points a column are left (for sorted u). Gaps (nan) stay
    gaps.
    """
    gap = ~(np.isfinite(u) & np.isfinite(v))
    column = np.where(gap, -FAR, np.floor(u * columns))
    starts = np.concatenate(([0], np.flatnonzero(np.diff(column)) + 1))
    ends = np.concatenate((starts[1:], [u.size])) - 1
    value = np.where(gap, np.nan, v)
    kept_u = np.stack((u[starts], u[starts], u[starts], u[ends]), axis=1)
    low, high = np.minimum.reduceat(value, starts), np.maximum.reduceat(value, starts)
    kept_v = np.stack((value[starts], low, high, value[ends]), axis=1)
    return kept_u.ravel(), kept_v.ravel()


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
