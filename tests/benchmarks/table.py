"""What a benchmark measured, and how it is written."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the summary: what was measured beside its baseline."""

    name: str
    what: str
    value: float
    """Median, in `unit`."""
    unit: str
    reach: str
    aim: str
    p95: float | None = None
    beside: float | None = None
    """The baseline's median, in `unit`."""
    ratio: float | None = None
    p95_ratio: float | None = None
    limit: float | None = None
    """What the ratio, or without one the value, must not be above."""
    p95_limit: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the row is within its reach."""
        measured = self.value if self.ratio is None else self.ratio
        within = self.limit is None or measured <= self.limit
        return within and (self.p95_limit is None or self.p95_ratio is None or self.p95_ratio <= self.p95_limit)


def p95(values: Sequence[float]) -> float:
    """Return the value that 95 % of these are not above."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def compared(
    name: str, what: str, ours: Sequence[float], beside: Sequence[float], *, unit: str, scale: float,
    reach: str, aim: str, limit: float, p95_limit: float | None = None,
) -> Row:  # fmt: skip
    """Return the row of measurements in seconds taken in turns with their baseline's; `scale` makes them `unit`s."""
    mine, base = statistics.median(ours), statistics.median(beside)
    return Row(
        name, what, mine * scale, unit, reach, aim, p95(ours) * scale, base * scale, mine / base, p95(ours) / base,
        limit, p95_limit,
    )  # fmt: skip


def lines(rows: Sequence[Row]) -> list[str]:
    """Return the summary table."""
    head = ("", "measured", "median", "p95", "beside", "ratio", "p95 ratio", "reach", "aim", "")
    table = [head]
    for row in rows:
        table.append(
            (
                row.name, row.what, f"{row.value:.3g} {row.unit}", _number(row.p95, row.unit),
                _number(row.beside, row.unit), _number(row.ratio, "×"), _number(row.p95_ratio, "×"), row.reach, row.aim,
                "yes" if row.reached else "NO",
            )
        )  # fmt: skip
    widths = [max(len(line[i]) for line in table) for i in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table]


def _number(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.3g} {unit}"
