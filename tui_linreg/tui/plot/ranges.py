"""The numbers of a chart: ranges, round ticks with their labels; what of much is drawn.

Nothing here knows of plotext, Textual or colours. All of it is numpy over whole series, so a million points cost
milliseconds, and every step survives nan, ±inf, ±1.8e308 and 5e-324: differences are taken of *halves*, since
``1e308 - -1e308`` overflows and ``1e308 / 2 - -1e308 / 2`` does not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Values = Sequence[float] | NDArray[Any]
Range = tuple[float, float]
Limits = tuple[Range, Range]  # of x, of y
Tick = tuple[float, str]

LARGEST = float(np.finfo(np.float64).max)
_SMALLEST_SPAN = 1e-305  # below it denormals leave no room to place a point
FAR = 1e300  # where coordinates outside the range are held, so that clipping never meets inf
_LONGEST_LABEL = 11  # beside it the narrowest chart with axes, 16 columns, still has room to plot


def floats(values: Values) -> Floats:
    """Return ``values`` as a one-dimensional float64 array; None becomes nan."""
    return np.asarray(values, dtype=np.float64).reshape(-1)


def log10(values: Floats) -> Floats:
    """Return log10 of the values; nan where a value is not above zero (it has no place on a log axis)."""
    with np.errstate(all="ignore"):
        return np.where(values > 0, np.log10(values), np.nan)


def data_range(
    arrays: Sequence[Floats], wanted: Range | None, pad: float, integer: bool = False, floor: bool = True
) -> Range | None:
    """Return (low, high) with low < high, or None when there is no finite value and no usable range is wanted.

    A wanted range is kept as it is (ends swapped if need be, widened only where next to nothing lies between them).
    Otherwise the finite values are padded by ``pad`` of their span, not below zero with ``floor`` if none is negative.
    """
    if wanted is not None and math.isfinite(wanted[0]) and math.isfinite(wanted[1]):
        low, high = min(wanted), max(wanted)
        pad = 0.0
    else:
        finite = [kept for array in arrays if (kept := array[np.isfinite(array)]).size]
        if not finite:
            return None
        low, high = min(float(a.min()) for a in finite), max(float(a.max()) for a in finite)
    half = high / 2 - low / 2
    if half <= max(abs(low), abs(high)) * 1e-12 or half < _SMALLEST_SPAN:
        size = max(abs(low), abs(high))
        margin = max(1.0, size * 1e-9) if integer or size == 0 else max(size * 0.1, 4 * _SMALLEST_SPAN)
        return max(low - margin, -LARGEST), min(high + margin, LARGEST)
    margin = 2 * pad * half if pad * half < LARGEST / 4 else LARGEST / 2
    padded = max(low - margin, -LARGEST)
    return (max(padded, 0.0) if floor and low >= 0 else padded), min(high + margin, LARGEST)


class Columns(NamedTuple):
    """One series, arrays of one length: all nan where any is not finite; on a log axis their log10."""

    x: Floats
    y: Floats
    y2: Floats
    """The other end of stems; for other kinds the same array as y."""


def columns(x: Values, y: Values, y2: Values | None, stems: bool, log_y: bool, log_x: bool = False) -> Columns:
    """Return the values of a series, cut to the shortest; stems without y2 start at zero."""
    arrays = [floats(x), floats(y)]
    if stems:
        arrays.append(floats(y2) if y2 is not None else np.zeros(arrays[1].size))
    size = min(array.size for array in arrays)
    arrays = [array[:size] for array in arrays]
    if log_y:
        arrays[1:] = [log10(array) for array in arrays[1:]]
    if log_x:
        arrays[0] = log10(arrays[0])
    good = np.isfinite(arrays[0])
    for array in arrays[1:]:
        good &= np.isfinite(array)
    if not good.all():
        arrays = [np.where(good, array, np.nan) for array in arrays]
    return Columns(arrays[0], arrays[1], arrays[-1] if stems else arrays[1])


def limits(
    series: Sequence[Columns],
    lines: Sequence[float],
    x_range: Range | None,
    y_range: Range | None,
    log_y: bool,
    integer: bool,
    log_x: bool = False,
) -> Limits | None:
    """Return the ranges of x and of y (of their log10 on a log axis), or None when no point is finite.

    An automatic y range looks only at what a given x range shows; vertical lines count for an automatic x range.
    """
    if not any(np.isfinite(each.x).any() for each in series):
        return None
    marks = log10(floats(lines)) if log_x else floats(lines)
    x_range = _logs(x_range) if log_x else x_range
    x = data_range([*(each.x for each in series), marks], x_range, 0.015, integer, floor=not log_x) or (0.0, 1.0)
    heights: list[Floats] = []
    if y_range is not None and not log_y and math.isfinite(y_range[0]) and math.isfinite(y_range[1]):
        series = ()  # a given range is kept, whatever the values are
    for each in series:
        for array in (each.y,) if each.y2 is each.y else (each.y, each.y2):
            with np.errstate(invalid="ignore"):
                heights.append(array if x_range is None else array[(each.x >= x[0]) & (each.x <= x[1])])
    y_range = _logs(y_range) if log_y else y_range
    return x, data_range(heights, y_range, 0.03, floor=not log_y) or (0.0, 1.0)


def _logs(ends: Range | None) -> Range | None:
    if ends is None:
        return None
    low, high = log10(floats(ends)).tolist()
    return low, high


def label(value: float, power: int) -> str:
    """Return all digits of a tick that is a multiple of 10**power: plain while that is short, else like ``1.5e30``."""
    if value == 0:
        return "0"
    plain = f"{value:.{max(0, -power)}f}" if abs(value) < 1e15 and power > -7 else ""
    if plain and len(plain) <= 7:
        return plain
    short = _with_power(value, power)
    digits = max(math.floor(math.log10(abs(value))) - power, 0)
    if plain and digits > 3 and len(plain) <= min(len(short.partition("e")[0]) + 2, _LONGEST_LABEL):
        return plain
    return short


def _with_power(value: float, power: int) -> str:
    digits = max(math.floor(math.log10(abs(value))) - power, 0)
    mantissa, _, exponent = f"{value:.{digits}e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.') if digits else mantissa}e{int(exponent)}"


def one_notation(values: Sequence[float], power: int | Sequence[int]) -> list[Tick]:
    """Return (value, label) of an axis: all labels plain, or all but 0 with a power of ten. Too long ones are left out.

    Args:
        values: multiples of 10**power.
        power: the same for all values, or one for each.
    """
    powers = [power] * len(values) if isinstance(power, int) else power
    texts = [label(value, p) for value, p in zip(values, powers, strict=True)]
    if any("e" in text for text in texts):
        texts = [_with_power(value, p) if value else "0" for value, p in zip(values, powers, strict=True)]
    return [(value, text) for value, text in zip(values, texts, strict=True) if len(text) <= _LONGEST_LABEL]


def ticks(limits: Range, count: int, integer: bool = False) -> list[Tick]:
    """Return (value, label) of about ``count`` ticks at multiples of 1, 2 or 5 times a power of ten, low to high.

    Each label is exactly the number at its place. There are fewer ticks where labels would be too long, and more where
    no multiple lies in the range.
    """
    tries = (_ticks(limits, tried, integer) for tried in (count, 2 * count, count // 2, 1))
    return next(filter(None, tries), [])


def _ticks(limits: Range, count: int, integer: bool) -> list[Tick]:
    low, high = limits
    raw = min((high / 2 - low / 2) / max(count, 1) * 2, LARGEST)
    power = math.floor(math.log10(raw)) if raw > 0 else 0
    lead = next((n for n in (1, 2, 5) if raw <= n * 10.0**power * (1 + 1e-9)), 10)
    if lead == 10:
        lead, power = 1, power + 1
    if power > 307 or (integer and power < 0):
        lead, power = 1, min(max(power, 0), 308)
    step = lead * 10.0**power
    if not 0 < step < math.inf:
        return []
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    # Dividing by a power of ten is exact where multiplying by 0.1 is not: 3 * 0.1 is not 0.3.
    values = [
        index * lead / 10.0**-power if -300 < power < 0 else index * step
        for index in range(first, min(last, first + 2 * count + 2) + 1)
    ]
    return [(min(max(value, low), high), text) for value, text in one_notation([*filter(math.isfinite, values)], power)]


def log_ticks(limits: Range, count: int) -> list[Tick]:
    """Return (log10 of the value, label) for a range given in log10: whole decades, thinned or filled with 2 and 5."""
    low, high = limits
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    if last - first >= 1:
        stride = max(1, -(-(last - first) // max(count, 1)))
        leads = (1, 2, 5) if (last - first + 1) * 3 <= count + 2 else (1,)
        powers = range(first - 1, last + 1) if stride == 1 else [p for p in range(first, last + 1) if p % stride == 0]
        both = [(p + math.log10(lead), lead, p) for p in powers for lead in leads]
        low, high = max(low, -323.0), min(high, 308.2)  # 10**309 is no float
        both = [each for each in both if low <= each[0] <= high]
        texts = one_notation([lead * 10.0**p for _, lead, p in both], [p for *_, p in both])
        return [(at, text) for (at, *_), (_, text) in zip(both, texts, strict=True)]
    ends = (10.0 ** min(max(low, -300.0), 308.0), 10.0 ** min(max(high, -299.0), 308.2))
    near = [(math.log10(value), text) for value, text in ticks(ends, count) if value > 0]
    return [(at, text) for at, text in near if low <= at <= high]


Rows = NDArray[np.int64]

MOST_POINTS = 20_000
"""Up to so many samples are all drawn."""
_GRID = 256


def drawn_rows(x: Floats, y: Floats) -> Rows | None:
    """Return the rows of x, y (shape (n,)) to draw, in their order; None for all of them."""
    if len(x) <= MOST_POINTS:
        return None
    cells = np.zeros(len(x), dtype=np.int64)
    kept = {int(end) for values in (x, y) for end in (values.argmin(), values.argmax())}
    for values in (x, y):
        low, high = float(values.min()), float(values.max())
        with np.errstate(invalid="ignore", divide="ignore"):
            share = (values / 2 - low / 2) / (high / 2 - low / 2) * _GRID
        cells *= _GRID
        cells += np.clip(np.nan_to_num(share, copy=False), 0, _GRID - 1).astype(np.int64)
    # The last write to a cell wins, so that going backwards leaves each cell's first sample.
    first = np.full(_GRID * _GRID, -1, dtype=np.int64)
    first[cells[::-1]] = np.arange(len(x) - 1, -1, -1)
    rows: Rows = np.union1d(first[first >= 0], sorted(kept))
    return rows
