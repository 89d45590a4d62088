"""The points of a chart that its cursor can stand on, in the order of the keys, and what is said of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tui_linreg.tui.hidden import MARK
from tui_linreg.tui.plot.ranges import Floats, drawn_rows

if TYPE_CHECKING:
    from tui_linreg.tui.view import View

Write = Callable[[float], str]
"""Writes a number."""


@dataclass(frozen=True, slots=True)
class Points:
    """Places of a chart, n of them; a chart without any has empty arrays."""

    x: Floats
    """Where they are, shape (n,), in the units of the axis."""
    y: Floats
    words: Callable[[int, Write], str]
    """What is said of one of them, its numbers written by the function given."""
    first: int = 0
    """Where the cursor begins."""
    stride: int = 10
    """How many points the keys for many move by."""
    steps: Sequence[int] | NDArray[np.int64] | None = None
    """The step (from 0) that each belongs to; None: to none."""
    samples: Sequence[int] | NDArray[np.int64] | None = None
    """The row of the mini-batch (from 0) that each is; None: none is a sample."""

    def __len__(self) -> int:
        return len(self.x)


NONE = Points(np.empty(0), np.empty(0), lambda _, __: "")
"""The points of a chart without any."""


def of_samples(view: View, heights: Floats) -> Points:
    """Return the samples of this batch from the left to the right, at these heights, shape (m,)."""
    step = view.step
    x = step.x.cpu().numpy()
    drawn = drawn_rows(x, step.y.cpu().numpy())
    rows = np.arange(len(x)) if drawn is None else drawn
    rows = rows[np.argsort(x[rows], kind="stable")]

    def words(at: int, write: Write) -> str:
        from tui_linreg.engine.phases import Phase

        row = int(rows[at])
        [sample] = step.samples(row, row + 1)
        parts = [f"sample {sample.i}", f"x {write(sample.x)}", f"y {write(sample.y)}"]
        for name, key, value, phase in (
            ("ŷ", "y_pred", sample.y_pred, Phase.PREDICT),
            ("residual", "residual", sample.residual, Phase.LOSS),
        ):
            if view.reached(phase):
                parts.append(f"{name} {MARK if view.hides(key) else write(value)}")
        return "  ".join(parts)

    return Points(x[rows], heights[rows], words, samples=rows)


def nearest(steps: NDArray[np.int64], step: int) -> int:
    """Return which of these steps, rising, is `step`, or the last one before it; 0 where there is none."""
    return max(int(np.searchsorted(steps, step, side="right")) - 1, 0)
