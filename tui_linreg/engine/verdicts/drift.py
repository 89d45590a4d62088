"""How far rounding alone may have taken the two models' parameters apart before a step: a running error analysis.

Both models apply the same affine map, so a drift (Δb, Δw) before a step becomes (I − ηH)(Δb, Δw) after it, plus the
rounding of that one step, which has a forward-error bound. As long as that holds, the drift that was measured is the
drift that rounding explains. From the first step where it does not hold (a wrong gradient), only the explained part is
carried on, so that a mistake never excuses the differences it causes later.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_linreg.engine.schedule import slices

if TYPE_CHECKING:
    from tui_linreg.engine.training.timeline import Timeline

Vector = NDArray[np.float64]
Matrices = NDArray[np.float64]

_SAMPLES_AT_ONCE = 1_000_000
"""So many samples at a time, so that large data needs little memory beside itself."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over each mini-batch of an epoch, arrays of shape (batches,), in float64."""

    m: Vector
    x: Vector
    xx: Vector
    abs_x: Vector
    abs_y: Vector
    abs_xy: Vector

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
    """Return all of `Moments` but m for the mini-batches that begin at `starts`, shape (5, batches)."""
    abs_x, abs_y = np.abs(x), np.abs(y)
    return np.stack([np.add.reduceat(values, starts) for values in (x, x * x, abs_x, abs_y, abs_x * abs_y)])


def step_matrices(moments: Moments, lr: float) -> Matrices:
    """Return I − ηH of every mini-batch, shape (batches, 2, 2), with its Hessian H = 2 [[1, x̄], [x̄, mean(x²)]]."""
    with np.errstate(all="ignore"):
        slope = 2 * lr * (moments.x / moments.m)
        matrices = np.empty((len(moments.m), 2, 2))
        matrices[:, 0, 0] = 1 - 2 * lr
        matrices[:, 0, 1] = matrices[:, 1, 0] = -slope
        matrices[:, 1, 1] = 1 - 2 * lr * (moments.xx / moments.m)
    return matrices


ROUNDINGS = 16.0
"""Multiples of the unit roundoff that one step of one quantity may be off; the worst seen on correct runs is 5.5."""
_PARTIAL_SUMS = 32.0
_STEPS_AT_ONCE = 65_536


Numbers = Any
"""An array of shape (k,), a value for each of k steps, or the number of a single step."""


def sum_roundings(m: Numbers) -> Numbers:
    """Return how many unit roundoffs a sum of m terms may be off, relative to the sum of their magnitudes.

    `sum` and `dot` keep at least 32 partial sums, so a sum of m terms adds m/32 times in a row.
    """
    return np.maximum(ROUNDINGS, m / _PARTIAL_SUMS)


def product_roundings(m: Numbers) -> Numbers:
    """Return the same for the matrix product (1, m) @ (m, 1) of autograd's ∂L/∂w.

    Its kernels may add all m terms in one row (seen: m/4 roundoffs), which the classical bound γₘ ≈ m u covers.
    """
    return np.maximum(ROUNDINGS, m)


class ParameterBounds(NamedTuple):
    """Bounds on the rounding of one step; inf where the dtype may overflow."""

    grad_b: Numbers
    grad_w: Numbers
    b: Numbers
    w: Numbers


class Precision(NamedTuple):
    """The dtype's numbers that bounds need."""

    roundoff: float
    """u: 2⁻⁵³ for float64, 2⁻²⁴ for float32."""
    largest: float
    smallest: float
    """The smallest subnormal: what an underflow may lose."""


def parameter_bounds(
    own: Moments, b: Numbers, w: Numbers, step_b: Numbers, step_w: Numbers, lr: float, precision: Precision
) -> ParameterBounds:
    """Return the forward-error bounds of ∂L/∂b, ∂L/∂w and the updates, for steps with these parameters.

    |Δ ∂L/∂w| ≤ c u Σᵢ (2/m)(|b| + |w xᵢ| + |yᵢ|)|xᵢ|, the same without |xᵢ| for b, with c from the two above; an
    update adds 16 u (|θ| + |η g|). `own` are the moments of each step's mini-batch; the magnitudes |b|, |w|, |η ∂L/∂b|
    and |η ∂L/∂w| must hold for both models, so they include their explained drift.
    """
    m, abs_x = own.m, own.abs_x
    total_b = 2 * (b * m + w * abs_x + own.abs_y)
    total_w = 2 * (b * abs_x + w * own.xx + own.abs_xy)
    unit_b, unit_w = sum_roundings(m) * precision.roundoff, product_roundings(m) * precision.roundoff
    lost = 4 * precision.smallest
    grad_b = _unless_overflow(total_b, total_b / m * unit_b + lost * m, precision)
    # total_b as well: where ∂L/∂ŷ overflows, no tiny x makes ∂L/∂w finite again.
    grad_w = _unless_overflow(np.maximum(total_b, total_w), total_w / m * unit_w + lost * (m + abs_x), precision)
    step = ROUNDINGS * precision.roundoff
    bound_b = lr * grad_b + step * (b + step_b) + lost
    bound_w = lr * grad_w + step * (w + step_w) + lost
    return ParameterBounds(
        grad_b,
        grad_w,
        _unless_overflow(b + step_b, bound_b, precision),
        _unless_overflow(w + step_w, bound_w, precision),
    )


def _unless_overflow(magnitude: Numbers, bound: Numbers, precision: Precision) -> Numbers:
    """Return `bound`, but inf where numbers of `magnitude` come near overflow (or their size is unknown)."""
    return np.where(magnitude * 32 < precision.largest, bound, np.inf)


class Drift:
    """The explained drift before every step of a recorded run, computed as far as it is asked for.

    Args:
        timeline: the recorded run.
        moments: sums over the mini-batches of an epoch.
        lr: learning rate η.
        precision: of the run's dtype.
    """

    def __init__(self, timeline: Timeline, moments: Moments, lr: float, precision: Precision) -> None:
        self._timeline = timeline
        self.moments = moments
        self.lr = lr
        self.precision = precision
        self._matrices = step_matrices(moments, lr)
        self._checked = 0
        self._first_unexplained: int | None = None
        self._carried = array("d")  # Δb, Δw, Δb, Δw, … from the first unexplained step on

    def before(self, step: int) -> tuple[float, float]:
        """Return the (Δb, Δw) before `step` that rounding explains: all of it, unless a gradient went wrong."""
        while self._first_unexplained is None and self._checked < step:
            self._check(self._checked, min(step, self._checked + _STEPS_AT_ONCE))
        first = self._first_unexplained
        if first is None or step <= first:
            return self._measured(step)
        while len(self._carried) // 2 <= step - first:
            self._carry(first + len(self._carried) // 2 - 1)
        return self._explained(step, first)

    def bound_at_overflow(self, step: int) -> float:
        """Return the bound at `step` where overflow leaves none: inf, but 0 once a gradient went wrong before it.

        A correct run overflows in both models; after a mistake, whatever is not identical there differs.
        """
        self.before(step)
        return math.inf if self._first_unexplained is None or step <= self._first_unexplained else 0.0

    def bounds(self, step: int, drift_b: float, drift_w: float) -> ParameterBounds:
        """Return the rounding bounds of one step with this explained drift before it, as floats.

        Magnitudes are torch's numbers and the explained drift: a mistake cannot widen its own bound, but a parameter
        that torch has at 0 by luck still rounds in the other model.
        """
        return self._after(step, drift_b, drift_w)[0]

    def _after(self, step: int, drift_b: float, drift_w: float) -> tuple[ParameterBounds, list[float]]:
        """Return the bounds of one step, and what its map (I − ηH) makes of this drift before it."""
        batch = step % len(self._matrices)
        theirs = [self._timeline.states(at)[1] for at in (step, step + 1)]
        with np.errstate(all="ignore"):
            bounds, carried = self._bounds(
                self.moments.of(batch), self._matrices[batch].tolist(), (drift_b, drift_w), *theirs
            )
        return ParameterBounds(*map(float, bounds)), carried

    def _bounds(
        self, own: Moments, matrices: Numbers, drift: Numbers, theirs: Numbers, theirs_after: Numbers
    ) -> tuple[ParameterBounds, list[Numbers]]:
        """Return the bounds of steps, and the drift before them carried through (I − ηH).

        `matrices` has rows of two entries, the rest are pairs (b, w): the explained drift before each step, torch's
        parameters before and after it.
        """
        carried = [row[0] * drift[0] + row[1] * drift[1] for row in matrices]
        sizes = [abs(value) + abs(d) for value, d in zip(theirs, drift, strict=True)]
        updates = [
            abs(after - value) + abs(c - d)
            for value, after, c, d in zip(theirs, theirs_after, carried, drift, strict=True)
        ]
        bounds = parameter_bounds(own, sizes[0], sizes[1], updates[0], updates[1], self.lr, self.precision)
        return bounds, carried

    def _explained(self, step: int, first: int) -> tuple[float, float]:
        at = 2 * (step - first)
        return self._carried[at], self._carried[at + 1]

    def _measured(self, step: int) -> tuple[float, float]:
        scratch, reference = self._timeline.states(step)
        return scratch[0] - reference[0], scratch[1] - reference[1]

    def _check(self, start: int, stop: int) -> None:
        """Check steps `start` to `stop` (exclusive) and remember the first that rounding does not explain."""
        timeline, batch = self._timeline, np.arange(start, stop, dtype=np.int64) % len(self._matrices)
        ours, theirs = (
            [read(side, start, stop + 1) for read in (timeline.biases, timeline.weights)] for side in (0, 1)
        )
        with np.errstate(all="ignore"):
            drift = [a - b for a, b in zip(ours, theirs, strict=True)]
            bounds, carried = self._bounds(
                self.moments.of(batch),
                self._matrices[batch].transpose(1, 2, 0),
                [values[:-1] for values in drift],
                [values[:-1] for values in theirs],
                [values[1:] for values in theirs],
            )
            rest = [np.abs(values[1:] - c) for values, c in zip(drift, carried, strict=True)]
            outside = (rest[0] > bounds.b) | (rest[1] > bounds.w)
            broken = ~(np.isfinite(drift[0][1:]) & np.isfinite(drift[1][1:]))
            wrong = np.flatnonzero(outside | (broken & np.isfinite(bounds.b) & np.isfinite(bounds.w)))
        self._checked = stop
        if len(wrong):
            self._first_unexplained = start + int(wrong[0])
            self._carried.extend(self._measured(self._first_unexplained))

    def _carry(self, step: int) -> None:
        """Append the explained drift after `step`: carried through the map, plus what that step's bound allows."""
        assert self._first_unexplained is not None
        before = self._explained(step, self._first_unexplained)
        bounds, carried = self._after(step, *before)
        for value, after, limit in zip(carried, self._measured(step + 1), (bounds.b, bounds.w), strict=True):
            rest, limit = after - value, limit if math.isfinite(limit) else 0.0
            self._carried.append(value + (min(max(rest, -limit), limit) if math.isfinite(rest) else 0.0))
