"""How far rounding alone may have taken the two models' parameters apart before a step: a running error analysis.

Both models apply the same affine map, so a drift (Δb, Δw) before a step becomes (I − ηH)(Δb, Δw) after it, plus the
rounding of that one step, which has a forward-error bound. As long as that holds, the drift that was measured is the
drift that rounding explains. From the first step where it does not hold (a wrong gradient), only the explained part is
carried on, so that a mistake never excuses the differences it causes later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tui_linreg.engine.curvature import Moments, step_matrices
from tui_linreg.engine.timeline import FlatTable, Timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Table = NDArray[np.float64]

ROUNDINGS = 16.0
"""Multiples of the unit roundoff that one step of one quantity may be off; the worst seen on correct runs is 5.5."""
_LANES = 32.0
_CHUNK = 65_536


def sum_roundings(m: Vector | float) -> Vector:
    """Return how many unit roundoffs a sum of m terms may be off, relative to the sum of their magnitudes.

    `sum` and `dot` keep at least 32 partial sums, so a sum of m terms adds m/32 times in a row.
    """
    return np.maximum(ROUNDINGS, np.asarray(m, dtype=np.float64) / _LANES)


def product_roundings(m: Vector | float) -> Vector:
    """Return the same for the matrix product (1, m) @ (m, 1) of autograd's ∂L/∂w.

    Its kernels may add all m terms in one row (seen: m/4 roundoffs), which the classical bound γₘ ≈ m u covers.
    """
    return np.maximum(ROUNDINGS, np.asarray(m, dtype=np.float64))


class ParameterBounds(NamedTuple):
    """Bounds on the rounding of one step, arrays over steps; inf where the dtype may overflow."""

    grad_b: Vector
    grad_w: Vector
    b: Vector
    w: Vector


class Precision(NamedTuple):
    """The dtype's numbers that bounds need."""

    roundoff: float
    """u: 2⁻⁵³ for float64, 2⁻²⁴ for float32."""
    largest: float
    smallest: float
    """The smallest subnormal: what an underflow may lose."""


def parameter_bounds(
    moments: Moments, batch: NDArray[np.int64], b: Vector, w: Vector, step_b: Vector, step_w: Vector,
    lr: float, precision: Precision,
) -> ParameterBounds:  # fmt: skip
    """Return the forward-error bounds of ∂L/∂b, ∂L/∂w and the updates, for steps with these parameters.

    |Δ ∂L/∂w| ≤ c u Σᵢ (2/m)(|b| + |w xᵢ| + |yᵢ|)|xᵢ|, the same without |xᵢ| for b, with c from the two above; an
    update adds 16 u (|θ| + |η g|). `batch` (the batch within its epoch) and the magnitudes |b|, |w|, |η ∂L/∂b|,
    |η ∂L/∂w| are arrays over steps; a magnitude must hold for both models, so it includes their explained drift.
    """
    m, abs_x = moments.m[batch], moments.abs_x[batch]
    with np.errstate(all="ignore"):
        total_b = 2 * (b * m + w * abs_x + moments.abs_y[batch])
        total_w = 2 * (b * abs_x + w * moments.xx[batch] + moments.abs_xy[batch])
        unit_b, unit_w = sum_roundings(m) * precision.roundoff, product_roundings(m) * precision.roundoff
        lost = 4 * precision.smallest
        grad_b = unlimited(total_b, total_b / m * unit_b + lost * m, precision)
        # total_b as well: where ∂L/∂ŷ overflows, no tiny x makes ∂L/∂w finite again.
        grad_w = unlimited(np.maximum(total_b, total_w), total_w / m * unit_w + lost * (m + abs_x), precision)
        step = ROUNDINGS * precision.roundoff
        bound_b = lr * grad_b + step * (b + step_b) + lost
        bound_w = lr * grad_w + step * (w + step_w) + lost
        return ParameterBounds(
            grad_b, grad_w, unlimited(b + step_b, bound_b, precision), unlimited(w + step_w, bound_w, precision)
        )


def unlimited(magnitude: Vector, bound: Vector, precision: Precision) -> Vector:
    """Return `bound`, but inf where numbers of `magnitude` come near overflow (or their size is unknown)."""
    near = ~(magnitude * 32 < precision.largest)
    return np.where(near, np.inf, bound)


class Drift:
    """The explained drift before every step of a recorded run, worked out as far as it is asked for."""

    def __init__(self, timeline: Timeline, moments: Moments, lr: float, precision: Precision) -> None:
        self._timeline = timeline
        self._moments = moments
        self._lr = lr
        self._precision = precision
        self._matrices = step_matrices(moments, lr)
        self._checked = 0
        self._tainted: int | None = None
        self._carried = FlatTable(2)

    def before(self, step: int) -> tuple[float, float]:
        """Return the (Δb, Δw) before `step` that rounding explains: all of it, unless a gradient went wrong."""
        while self._tainted is None and self._checked < step:
            self._scan(self._checked, min(step, self._checked + _CHUNK))
        if self._tainted is None or step <= self._tainted:
            return self._measured(step)
        while len(self._carried) <= step - self._tainted:
            self._carry(self._tainted + len(self._carried) - 1)
        explained_b, explained_w = self._carried.row(step - self._tainted)
        return explained_b, explained_w

    def without_bound(self, step: int) -> float:
        """Return the bound at `step` where overflow leaves none: inf, but 0 once a gradient went wrong before it.

        A correct run overflows in both models; after a mistake, whatever is not identical there differs.
        """
        self.before(step)
        return np.inf if self._tainted is None or step <= self._tainted else 0.0

    def bounds(self, start: int, stop: int, drift: Table) -> ParameterBounds:
        """Return the rounding bounds of steps `start` to `stop` (exclusive).

        Magnitudes are those of torch's side of the run and the explained `drift` before each step, shape (steps, 2):
        a mistake cannot widen its own bound, but a parameter that torch has at 0 by luck still rounds in the other.
        """
        t, batch = self._timeline, self._batch(start, stop)
        with np.errstate(all="ignore"):
            theirs = np.stack([t.biases(1, start, stop + 1), t.weights(1, start, stop + 1)], axis=1)
            moved = np.abs(self._carry_over(batch, drift) - drift)
            sizes = np.abs(theirs[:-1]) + np.abs(drift)
            steps = np.abs(np.diff(theirs, axis=0)) + moved
        return parameter_bounds(
            self._moments, batch, sizes[:, 0], sizes[:, 1], steps[:, 0], steps[:, 1], self._lr, self._precision
        )

    def _carry_over(self, batch: NDArray[np.int64], drift: Table) -> Table:
        """Return what (I − ηH) of each step's batch makes of the drift before it, both of shape (steps, 2)."""
        carried: Table = np.einsum("kij,kj->ki", self._matrices[batch], drift)
        return carried

    def _measured(self, step: int) -> tuple[float, float]:
        scratch, reference = self._timeline.states(step)
        return scratch[0] - reference[0], scratch[1] - reference[1]

    def _batch(self, start: int, stop: int) -> NDArray[np.int64]:
        return np.arange(start, stop, dtype=np.int64) % len(self._moments.m)

    def _scan(self, start: int, stop: int) -> None:
        """Check steps `start` to `stop` at once and remember the first that rounding does not explain."""
        t = self._timeline
        with np.errstate(all="ignore"):
            drift = np.stack(
                [t.biases(0, start, stop + 1) - t.biases(1, start, stop + 1),
                 t.weights(0, start, stop + 1) - t.weights(1, start, stop + 1)], axis=1,
            )  # fmt: skip
            carried = self._carry_over(self._batch(start, stop), drift[:-1])
            bounds = self.bounds(start, stop, drift[:-1])
            left = np.abs(drift[1:] - carried)
            outside = (left[:, 0] > bounds.b) | (left[:, 1] > bounds.w)
            ours_broken = ~np.isfinite(drift[1:]).all(axis=1) & np.isfinite(bounds.b) & np.isfinite(bounds.w)
        wrong = np.flatnonzero(outside | ours_broken)
        self._checked = stop
        if len(wrong):
            self._tainted = start + int(wrong[0])
            self._carried.append(self._measured(self._tainted))

    def _carry(self, step: int) -> None:
        """Append the explained drift after `step`: carried through the map, plus what that step's bound allows."""
        assert self._tainted is not None
        before = np.array([self._carried.row(step - self._tainted)])
        bounds = self.bounds(step, step + 1, before)
        limit = np.nan_to_num([bounds.b[0], bounds.w[0]], nan=0.0, posinf=0.0)
        with np.errstate(all="ignore"):
            carried = self._carry_over(self._batch(step, step + 1), before)[0]
            rest = np.array(self._measured(step + 1)) - carried
            rest = np.where(np.isfinite(rest), np.clip(rest, -limit, limit), 0.0)
            self._carried.append((carried + rest).tolist())
