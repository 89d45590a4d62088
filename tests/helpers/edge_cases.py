"""Runs with numbers at the edge of the floats, and what a text on the screen says of a number."""

from __future__ import annotations

import math
import re
import struct
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.training.session import Session

COUNT = [float(i) for i in range(1, 11)]
UNEVEN = [3.0, -1.5, 4.25, 0.5, -9.0, 2.0, 6.5, -5.0, 3.5, 8.0]


class Case(NamedTuple):
    """A run: its options, and the columns of its CSV file if it has one."""

    options: dict[str, Any] = {}  # noqa: RUF012
    x: list[float] | None = None
    y: list[float] = UNEVEN


def times(values: list[float], factor: float, plus: float = 0.0) -> list[float]:
    return [value * factor + plus for value in values]


CASES = {
    "x of 1e300": Case({"lr": 1e-300}, times(UNEVEN, 1e300)),
    "x of 1e-300": Case({}, times(UNEVEN, 1e-300)),
    "y of -1e300": Case({}, COUNT, times(UNEVEN, -1e300)),
    "y of 1e-300": Case({"batch_size": 3}, COUNT, times(UNEVEN, 1e-300)),
    "the largest": Case({}, times([1, -1] * 5, 1.79e308), times([1, 1, -1, -1, 1] * 2, 1.79e308)),
    "y next to the largest": Case({"lr": 1e-3}, COUNT, times(COUNT, 7e305, 1.72e308)),
    "denormal": Case({"lr": 1e300}, times(COUNT, 5e-324), times(UNEVEN, 5e-324)),
    "1e8 away": Case({"lr": 1e-17, "batch_size": 4}, times(COUNT, 1.0, 1e8), times(UNEVEN, 0.01, -1e8)),
    "all y equal": Case({"batch_size": 1}, COUNT, [0.1] * 10),
    "all y zero": Case({"lr": 1e-300, "batch_size": 5}, COUNT, [0.0] * 10),
    "all y 1e300": Case({"standardize": False}, COUNT, [1e300] * 10),
    "η of 1e300": Case({"lr": 1e300, "samples": 120}),
    "the largest η": Case({"lr": 1.7976931348623157e308, "samples": 120, "epochs": 1}),
    "the smallest η": Case({"lr": 5e-324, "samples": 120, "epochs": 1}),
    "two rows": Case({"samples": 2, "train_size": 1, "epochs": 1}),
    "far apart": Case({"batch_size": 7, "lr": 1e-20}, [1e-3, 1e9, -4e-4, 12.5, -1e8, 0.0, 7e-7, 1.0, 2.0, 3.0]),
    "three rows": Case({"batch_size": 2, "epochs": 1}, [1e-8, 2.5, 1e9], [-7.0, 1e12, 0.0]),
    "float32, overflow": Case({"dtype": "float32", "lr": 1e-38}, times(UNEVEN, 1e37), times(UNEVEN, -3e37)),
    "float32, the largest η": Case({"dtype": "float32", "lr": 3.4028234663852886e38, "batch_size": 500}),
    "float32, denormal": Case({"dtype": "float32", "lr": 1e-45}, times(COUNT, 1e-45), times(UNEVEN, 1e-44)),
    "standardized, 1e8 away": Case({"standardize": True, "lr": 0.5}, times(COUNT, 1.0, 1e8), times(UNEVEN, 1e-7, -1e8)),
    "standardized, 1e150": Case({"standardize": True, "lr": 1.9}, times(UNEVEN, 1e150), times(COUNT, -1e-150)),
}  # fmt: skip


def options_of(case: Case, folder: Path) -> dict[str, Any]:
    """The case's options, its CSV file written."""
    if case.x is None:
        return {"epochs": 2, **case.options}
    path = folder / "edge.csv"
    rows = "".join(f"{x!r},{y!r}\n" for x, y in zip(case.x, case.y, strict=False))
    path.write_text("x,y\n" + rows, encoding="utf-8")
    return {"epochs": 2, "data": str(path), **case.options}


def trained(options: dict[str, Any]) -> Session:
    session = Session(RunConfig(**options))
    session.train_to(session.schedule.steps)
    return session


def bits(value: float) -> bytes:
    return b"nan" if math.isnan(value) else struct.pack("d", value)


def says(shown: str, value: float) -> bool:
    """Whether a text is this number, rounded to the digits that the text has; only zero may read as zero."""
    if not math.isfinite(value):
        return shown == str(value)
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?", shown):
        return False
    read, (mantissa, _, power) = Decimal(shown), shown.partition("e")
    unit = Decimal(10) ** (int(power or 0) - len(mantissa.partition(".")[2]))
    return abs(read - Decimal(value)) <= unit / 2 and (read != 0 or value == 0)
