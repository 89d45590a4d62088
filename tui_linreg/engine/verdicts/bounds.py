"""How far rounding alone may take two correct models apart in one step: the moments of the data, and the bounds.

A bound is c u times the magnitudes that are added up, plus what the sums over the mini-batch may lose. It is no
theorem: the constant c = `ROUNDINGS` is measured, by `tests/measurements/verdict_limits.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_linreg.engine.schedule import slices

Numbers = Any
"""An array of shape (k,), a value for each of k steps, or the number of a single step."""
Vector = NDArray[np.float64]
Matrices = NDArray[np.float64]

_SAMPLES_AT_ONCE = 1_000_000
"""So many samples at a time, so that large data needs little memory beside itself."""

ROUNDINGS = 16.0
"""Multiples of the unit roundoff that one step of one quantity may be off, beside what its sums over the batch lose."""


class Precision(NamedTuple):
    """The dtype's numbers that bounds need."""

    roundoff: float
    """u: 2⁻⁵³ for float64, 2⁻²⁴ for float32."""
    largest: float
    smallest: float
    """What an underflow may lose: the smallest subnormal, or the smallest normal where a device has no subnormals."""
    product: float
    """The unit roundoff of products of matrices, ŷ and ∂L/∂w: u, or 2⁻¹¹ under TF32."""

    @property
    def coarser(self) -> float:
        """What a term of a product of matrices may lose beyond u, by its two factors: 0 but under TF32."""
        return 2 * (self.product - self.roundoff)


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over each mini-batch of an epoch, arrays of shape (batches,), in float64."""

    m: Vector
    x: Vector
    xx: Vector
    abs_x: Vector
    abs_y: Vector
    abs_xy: Vector
    yy: Vector

    def of(self, batch: Any) -> Moments:
        """Return the moments of these mini-batches, shape (k,), or of a single one."""
        return Moments(*(getattr(self, name)[batch] for name in self.__slots__))


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
    """Return all of `Moments` but m for the mini-batches that begin at `starts`, shape (6, batches)."""
    abs_x, abs_y = np.abs(x), np.abs(y)
    return np.stack([np.add.reduceat(values, starts) for values in (x, x * x, abs_x, abs_y, abs_x * abs_y, y * y)])


def step_matrices(own: Moments, lr: Numbers) -> tuple[tuple[Numbers, Numbers], tuple[Numbers, Numbers]]:
    """Return the two rows of I − ηH of steps, with the Hessian H = 2 [[1, x̄], [x̄, mean(x²)]] of their mini-batches.

    `own` are the moments of each step's mini-batch, `lr` its learning rate.
    """
    with np.errstate(all="ignore"):
        slope = 2 * lr * (own.x / own.m)
        return (1 - 2 * lr, -slope), (-slope, 1 - 2 * lr * (own.xx / own.m))


class ParameterBounds(NamedTuple):
    """Bounds on the rounding of one step, without what the sums lose; inf where the dtype may overflow."""

    grad_b: Numbers
    grad_w: Numbers
    b: Numbers
    w: Numbers


def parameter_bounds(
    own: Moments, b: Numbers, w: Numbers, step_b: Numbers, step_w: Numbers, lr: Numbers, precision: Precision
) -> ParameterBounds:
    """Return the bounds of ∂L/∂b, ∂L/∂w and the updates, for steps with these parameters.

    |Δ ∂L/∂w| ≤ 16 u Σᵢ (2/m)(|b| + |w xᵢ| + |yᵢ|)|xᵢ|, the same without |xᵢ| for b; an update adds
    16 u (|θ| + |η g|). `own` are the moments of each step's mini-batch; the magnitudes |b|, |w|, |η ∂L/∂b| and
    |η ∂L/∂w| must hold for both models, so they include their explained drift.
    """
    m, abs_x = own.m, own.abs_x
    total_b = 2 * (b * m + w * abs_x + own.abs_y)
    total_w = 2 * (b * abs_x + w * own.xx + own.abs_xy)
    unit = ROUNDINGS * precision.roundoff
    lost = 4 * precision.smallest
    # ŷ loses `coarser` of each w x, the product (1, m) @ (m, 1) that of each of its terms.
    coarse_b, coarse_w = precision.coarser * 2 * w * abs_x, precision.coarser * (2 * w * own.xx + total_w)
    grad_b = _unless_overflow(total_b, (total_b * unit + coarse_b) / m + lost * m, precision)
    # total_b as well: where ∂L/∂ŷ overflows, no tiny x makes ∂L/∂w finite again.
    grad_w = _unless_overflow(
        np.maximum(total_b, total_w), (total_w * unit + coarse_w) / m + lost * (m + abs_x), precision
    )
    return ParameterBounds(
        grad_b,
        grad_w,
        _unless_overflow(b + step_b, lr * grad_b + unit * (b + step_b) + lost, precision),
        _unless_overflow(w + step_w, lr * grad_w + unit * (w + step_w) + lost, precision),
    )


def _unless_overflow(magnitude: Numbers, bound: Numbers, precision: Precision) -> Numbers:
    """Return `bound`, but inf where numbers of `magnitude` come near overflow (or their size is unknown)."""
    return np.where(magnitude * 32 < precision.largest, bound, np.inf)
