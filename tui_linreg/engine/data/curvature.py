"""Sums over each mini-batch, and what a step over it does to an error in (b, w).

For a mini-batch, L has the Hessian H = 2 [[1, x̄], [x̄, mean(x²)]]; a step maps the distance e from any solution to
(I − ηH) e.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_linreg.engine.schedule import slices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Matrices = NDArray[np.float64]


_SAMPLES_AT_ONCE = 1_000_000
"""So many samples at a time, so that large data needs little memory beside itself."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums and extremes over each mini-batch of an epoch, arrays of shape (batches,), in float64."""

    m: Vector
    x: Vector
    xx: Vector
    abs_x: Vector
    abs_y: Vector
    abs_xy: Vector
    max_x: Vector
    """The largest |x|."""
    max_y: Vector

    def of(self, batch: int | NDArray[np.int64]) -> Moments:
        """Return the moments of these mini-batches, as floats for a single one."""
        values: list[Any] = [getattr(self, name)[batch] for name in self.__slots__]
        return Moments(*(map(float, values) if isinstance(batch, int) else values))


def batch_moments(x: Vector, y: Vector, batch_size: int) -> Moments:
    """Return the sums over the mini-batches of x, y of shape (n,)."""
    starts = np.array([start for start, _ in slices(len(x), batch_size)])
    group = max(1, _SAMPLES_AT_ONCE // batch_size)  # whole batches, so that each is summed as it would be alone
    with np.errstate(all="ignore"):
        parts = []
        for first in range(0, len(starts), group):
            own = starts[first : first + group]
            rows = slice(own[0], own[-1] + batch_size)
            parts.append(_sums(x[rows], y[rows], own - own[0]))
    m = np.diff(np.append(starts, len(x))).astype(np.float64)
    return Moments(m, *np.concatenate(parts, axis=1))


def _sums(x: Vector, y: Vector, starts: NDArray[np.int64]) -> Matrices:
    """Return all of `Moments` but m for the mini-batches that begin at `starts`, shape (7, batches)."""
    abs_x, abs_y = np.abs(x), np.abs(y)
    extremes = [np.maximum.reduceat(values, starts) for values in (abs_x, abs_y)]
    sums = [np.add.reduceat(values, starts) for values in (x, x * x, abs_x, abs_y, abs_x * abs_y)]
    return np.stack([*sums, *extremes])


def step_matrices(moments: Moments, lr: float) -> Matrices:
    """Return I − ηH of every mini-batch, shape (batches, 2, 2)."""
    with np.errstate(all="ignore"):
        slope = 2 * lr * (moments.x / moments.m)
        matrices = np.empty((len(moments.m), 2, 2))
        matrices[:, 0, 0] = 1 - 2 * lr
        matrices[:, 0, 1] = matrices[:, 1, 0] = -slope
        matrices[:, 1, 1] = 1 - 2 * lr * (moments.xx / moments.m)
    return matrices
