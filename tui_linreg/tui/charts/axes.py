"""Ranges that charts share: padded, round, and over the steps of a run; and the samples that are drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tui_linreg.tui.plot.ranges import LARGEST, Floats, drawn_rows
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from torch import Tensor

_WHOLE_RUN = 256
"""Runs of up to so many steps get an x axis that never moves."""
_FIRST_STEPS = 20
"""A longer run's axis shows so many from the start, so that there are ticks."""


def drawn(view: View, *vectors: Tensor) -> list[Floats]:
    """Return the rows of this batch's vectors, shape (m,), that charts draw."""
    x, y, *arrays = (vector.cpu().numpy() for vector in (view.step.x, view.step.y, *vectors))
    rows = drawn_rows(x, y)
    return arrays if rows is None else [array[rows] for array in arrays]


def units(view: View, name: str) -> str:
    """Return the name of x or y as an axis has it: whether the numbers are standardized."""
    return f"{name} (standardized)" if view.run.scaled else name


def outside(values: Floats, low: float, high: float) -> str:
    """Return where all of these values are, as seen from a range: "below ↓", "above ↑", "not finite"; "" for in it."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return "not finite"
    return "below ↓" if finite.max() < low else "above ↑" if finite.min() > high else ""


def padded(low: float, high: float, share: float) -> tuple[float, float]:
    """Return a range with this share of it added at both ends."""
    pad = (high / 2 - low / 2) * 2 * share or max(abs(high), 1.0) * 0.1
    return max(low - pad, -LARGEST), min(high + pad, LARGEST)


def steps(view: View) -> tuple[float, float]:
    """Return the x axis over steps: the whole of a short run, else a round number past the cursor."""
    total = view.run.schedule.steps
    return (0, total if total <= _WHOLE_RUN else min(total, nice(max(view.history.step + 1, _FIRST_STEPS))))


def nice(value: float) -> float:
    """Return the next of 1, 2, 5 times a power of ten, so that an axis moves seldom."""
    if not 0 < value < 1e300:
        return 1.0 if value <= 0 else LARGEST
    power = max(10.0 ** math.floor(math.log10(value)), 5e-324)
    return next((step * power for step in (1, 2, 5, 10) if value <= step * power), 10 * power)
