"""Axes: where a value lies among cells and dots, and ticks that stand at even distances.

An axis reaches from the outer edge of its first cell to that of its last one. `even` widens a range a little, so that
round numbers fall on the middles of cells that are equally far apart, as long as floats can tell these numbers apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from tui_linreg.tui.plot.ranges import FAR, Floats, Limits, Range, Tick, log_ticks, one_notation, ticks

_USUAL = (1e-290, 1e290)
"""Of ranges narrower or wider than that, ticks stand in the nearest cells instead."""
_NARROW = 1e-9
"""The same where a range is so much narrower than its numbers are large."""
_STEPS = 6
_HARDLY = 1.2
_FEWEST_ROWS = 3
"""Rows from one tick to the next."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A range of values over so many cells, from outer edge to outer edge; on a log axis of their log10."""

    low: float
    high: float
    cells: int
    ticks: tuple[Tick, ...] = ()

    def units(self, values: Floats) -> Floats:
        """Return where values, finite or nan, lie: 0 at the low edge, 1 at the high edge; nan stays nan."""
        with np.errstate(over="ignore"):
            placed: Floats = (values * 0.5 - self.low / 2) / (self.high / 2 - self.low / 2)
        return np.minimum(np.maximum(placed, -FAR), FAR)  # np.clip takes three times as long

    def cell(self, value: float) -> int | None:
        """Return the cell (0 … cells-1) of a value, None outside of the range."""
        unit = (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return min(int(unit * self.cells), self.cells - 1) if 0 <= unit <= 1 else None

    @property
    def longest(self) -> int:
        """The length of the longest label."""
        return max((len(text) for _, text in self.ticks), default=0)


def plain(limits: Range, cells: int, count: int, log: bool = False, integer: bool = False) -> Axis:
    """Return exactly this range, with about `count` ticks at round numbers."""
    return Axis(*limits, cells, tuple(log_ticks(limits, count) if log else ticks(limits, count, integer)))


def y_axis(limits: Range, rows: int, log: bool) -> Axis:
    """Return the vertical axis of so many rows."""
    even = _even(limits, rows, min(_FEWEST_ROWS, rows // 3), log=log) or _even(limits, rows, 1, log=log)
    return even or plain(limits, rows, max(min(rows * 2 // 5, 8), 1), log)


def x_axis(limits: Range, columns: int, log: bool, integer: bool) -> Axis:
    """Return the horizontal axis of so many columns; no two labels touch."""
    even = _even(limits, columns, 5, integer, log, across=True)
    if even is not None:
        return even
    for count in range(max(columns // 6, 1), 0, -1):
        axis = plain(limits, columns, count, log, integer)
        cells = [axis.cell(at) or 0 for at, _ in axis.ticks]
        if all(right - left >= axis.longest + 2 for left, right in pairwise(cells)):
            return axis
    return Axis(axis.low, axis.high, columns, axis.ticks[:1])


def equal_axes(limits: Limits, columns: int, rows: int) -> tuple[Axis, Axis] | None:
    """Return both axes with the same units a dot, a cell being twice as high as wide; None where that cannot be."""
    (left, right), (low, high) = limits
    need = max((high - low) / max(rows - 1, 1), 2 * (right - left) / max(columns - 1, 1))
    if not (_usual(limits[0]) and _usual(limits[1])):
        return None
    for lead, power in _leads(need * 2):
        step = lead * 10.0**power
        cells = int(step / need * (1 + 1e-12))
        across = _placed(limits[0], columns, lead, power, 2 * cells, middle=True)
        up = _placed(limits[1], rows, lead, power, cells, middle=True)
        if cells >= _FEWEST_ROWS and across.longest + 2 <= 2 * cells and across.ticks and up.ticks:
            return across, up
    return None


def _usual(limits: Range) -> bool:
    low, high = limits
    largest = max(abs(low), abs(high))
    return largest < _USUAL[1] and high - low > max(_USUAL[0], largest * _NARROW)


def _even(
    limits: Range, cells: int, least: int, integer: bool = False, log: bool = False, across: bool = False
) -> Axis | None:
    """Return an axis with a tick every `least` cells or a little more, None where there is none.

    Of the first three such axes it is the first that is hardly wider than the narrowest. On a log axis the ticks are
    whole powers of ten.
    """
    if cells < 2 or not _usual(limits):
        return None
    need, least = (limits[1] - limits[0]) / (cells - 1), max(least, 1)
    found: list[Axis] = []
    for lead, power in _leads(need * least):
        if (integer or log) and power < 0:
            continue
        apart = int(lead * 10.0**power / need * (1 + 1e-12))
        axis = _placed(limits, cells, lead, power, apart)
        if integer:  # there is no step beyond the last one
            axis = replace(axis, ticks=tuple(tick for tick in axis.ticks if limits[0] <= tick[0] <= limits[1]))
        if log:
            powers = [round(at) for at, _ in axis.ticks if -323 <= at <= 308]
            texts = one_notation([10.0**at for at in powers], powers)
            axis = replace(axis, ticks=tuple((float(at), text) for at, (_, text) in zip(powers, texts, strict=True)))
        if found and len(axis.ticks) < 3:
            break
        if len(axis.ticks) > 1 and (not across or axis.longest + 2 <= apart):
            found.append(axis)
        if len(found) == 3:
            break
    narrowest = min((axis.high - axis.low for axis in found), default=0.0)
    return next((axis for axis in found if axis.high - axis.low <= narrowest * _HARDLY), None)


def _leads(least: float) -> Iterator[tuple[int, int]]:
    """Yield (1, 2 or 5, power of ten) of round steps from `least` on."""
    power = math.floor(math.log10(least))
    steps = ((lead, power + more) for more in range(_STEPS) for lead in (1, 2, 5))
    return ((lead, power) for lead, power in steps if lead * 10.0**power >= least * (1 - 1e-12))


def _placed(limits: Range, cells: int, lead: int, power: int, apart: int, middle: bool = False) -> Axis:
    """Return the axis around a range with a tick at every multiple of lead · 10**power, `apart` cells each."""
    (low, high), step = limits, lead * 10.0**power
    per_cell = step / apart
    # A range that begins or ends at 0 has it in its first or last cell, any other one lies in the middle.
    edge = (low + high - cells * per_cell) / 2
    if not middle and low == 0:
        edge = -per_cell / 2
    elif not middle and high == 0:
        edge = per_cell / 2 - cells * per_cell
    first = math.ceil(edge / step)
    before = round((first * step - edge) / per_cell - 0.5)
    if before < 0:
        first, before = first + 1, before + apart
    numbers = range(first, first + (cells - 1 - before) // apart + 1)
    edge = first * step - (before + 0.5) * per_cell
    values = [index * lead / 10.0**-power if power < 0 else index * step for index in numbers]
    return Axis(edge, edge + cells * per_cell, cells, tuple(one_notation(values, power)))
