"""What a benchmark measured, and how it is written."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One line of the summary."""

    name: str
    what: str
    unit: str
    value: float
    """Median, in `unit`."""
    p95: float
    """The value that 95 % are not above, in `unit`."""
    limit: float
    """What the ratio, or without one the median, must not be above."""
    beside: float | None = None
    """The baseline's median, in `unit`."""

    @property
    def ratio(self) -> float | None:
        """The median in medians of the baseline."""
        return None if self.beside is None else self.value / self.beside

    @property
    def reached(self) -> bool:
        """Whether the row is within its limit."""
        return (self.value if self.ratio is None else self.ratio) <= self.limit

    def cells(self) -> tuple[str, ...]:
        """Return its cells of the summary."""
        against = ("", "") if self.ratio is None else (f"{self.beside:.3g} {self.unit}", f"{self.ratio:.3g}×")
        limit = f"≤ {self.limit:g}{'×' if self.beside is not None else f' {self.unit}'}"
        values = f"{self.value:.3g} {self.unit}", f"{self.p95:.3g} {self.unit}"
        return (self.name, self.what, *values, *against, limit, "yes" if self.reached else "NO")


UNITS = {"s": 1.0, "ms": 1e3, "µs": 1e6}


def measured(
    name: str, what: str, unit: str, limit: float, ours: Sequence[float], beside: Sequence[float] | None = None
) -> Row:
    """Return the row of measurements in seconds, taken in turns with those of their baseline."""
    scale = UNITS[unit]
    base = None if beside is None else statistics.median(beside) * scale
    p95 = sorted(ours)[min(len(ours) - 1, int(len(ours) * 0.95))]
    return Row(name, what, unit, statistics.median(ours) * scale, p95 * scale, limit, base)


def lines(rows: Sequence[Row]) -> list[str]:
    """Return the summary table."""
    table = [("", "measured", "median", "p95", "beside", "ratio", "reach", ""), *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(map(str.ljust, line, widths)).rstrip() for line in table]
