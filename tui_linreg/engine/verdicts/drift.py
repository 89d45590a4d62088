"""How far rounding alone may have taken the two models' parameters apart before a step: a running error analysis.

Both models apply the same affine map, so a drift (Δb, Δw) before a step becomes (I − ηH)(Δb, Δw) after it, plus the
rounding of that one step, which has a forward-error bound. As long as that holds, the drift that was measured is the
drift that rounding explains. From the first step where it does not hold (a wrong gradient), only the explained part is
carried on, so that a mistake never excuses the differences it causes later.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tui_linreg.engine.data.curvature import Moments, step_matrices
from tui_linreg.engine.training.timeline import Timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

ROUNDINGS = 16.0
"""Multiples of the unit roundoff that one step of one quantity may be off; the worst seen on correct runs is 5.5."""
_LANES = 32.0
_CHUNK = 65_536
_FEW = 12
"""Fewer steps than this are checked one by one, which is cheaper than arrays of them."""


Numbers = Any
"""An array over steps, or the float of one step: the formulas are the same, and a float costs a hundredth."""


def sum_roundings(m: Numbers) -> Numbers:
    """Return how many unit roundoffs a sum of m terms may be off, relative to the sum of their magnitudes.

    `sum` and `dot` keep at least 32 partial sums, so a sum of m terms adds m/32 times in a row.
    """
    return _larger(ROUNDINGS, m / _LANES)


def product_roundings(m: Numbers) -> Numbers:
    """Return the same for the matrix product (1, m) @ (m, 1) of autograd's ∂L/∂w.

    Its kernels may add all m terms in one row (seen: m/4 roundoffs), which the classical bound γₘ ≈ m u covers.
    """
    return _larger(ROUNDINGS, m)


def _larger(a: Numbers, b: Numbers) -> Numbers:
    """Return the larger number, or nan where one is nan."""
    if isinstance(a, float) and isinstance(b, float):
        return a if a >= b or a != a else b
    return np.maximum(a, b)


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
    grad_b = unlimited(total_b, total_b / m * unit_b + lost * m, precision)
    # total_b as well: where ∂L/∂ŷ overflows, no tiny x makes ∂L/∂w finite again.
    grad_w = unlimited(_larger(total_b, total_w), total_w / m * unit_w + lost * (m + abs_x), precision)
    step = ROUNDINGS * precision.roundoff
    bound_b = lr * grad_b + step * (b + step_b) + lost
    bound_w = lr * grad_w + step * (w + step_w) + lost
    return ParameterBounds(
        grad_b, grad_w, unlimited(b + step_b, bound_b, precision), unlimited(w + step_w, bound_w, precision)
    )


def unlimited(magnitude: Numbers, bound: Numbers, precision: Precision) -> Numbers:
    """Return `bound`, but inf where numbers of `magnitude` come near overflow (or their size is unknown)."""
    if isinstance(magnitude, float):
        return bound if magnitude * 32 < precision.largest else math.inf
    near = ~(magnitude * 32 < precision.largest)
    return np.where(near, np.inf, bound)


class Drift:
    """The explained drift before every step of a recorded run, worked out as far as it is asked for."""

    def __init__(self, timeline: Timeline, moments: Moments, lr: float, precision: Precision) -> None:
        self._timeline = timeline
        self._states = lru_cache(maxsize=4)(timeline.states)  # a step and the next are asked for by turns
        self._moments = moments
        self._lr = lr
        self._precision = precision
        self._matrices = step_matrices(moments, lr)
        self._checked = 0
        self._latest: tuple[tuple[int, float, float], ParameterBounds] | None = None
        self._tainted: int | None = None
        self._carried = array("d")  # Δb, Δw, Δb, Δw, … from the tainted step on

    def before(self, step: int) -> tuple[float, float]:
        """Return the (Δb, Δw) before `step` that rounding explains: all of it, unless a gradient went wrong."""
        while self._tainted is None and self._checked < step:
            if step - self._checked < _FEW:
                self._check(self._checked)
            else:
                self._scan(self._checked, min(step, self._checked + _CHUNK))
        if self._tainted is None or step <= self._tainted:
            return self._measured(step)
        while len(self._carried) // 2 <= step - self._tainted:
            self._carry(self._tainted + len(self._carried) // 2 - 1)
        return self._explained(step)

    def without_bound(self, step: int) -> float:
        """Return the bound at `step` where overflow leaves none: inf, but 0 once a gradient went wrong before it.

        A correct run overflows in both models; after a mistake, whatever is not identical there differs.
        """
        if self._tainted is None and self._checked < step:
            self.before(step)
        return math.inf if self._tainted is None or step <= self._tainted else 0.0

    def bounds(self, step: int, drift_b: float, drift_w: float, theirs: Sequence[float]) -> ParameterBounds:
        """Return the rounding bounds of one step with this explained drift before it, as floats.

        `theirs` are torch's b and w before the step, and its b and w after it. Magnitudes are those and the explained
        drift: a mistake cannot widen its own bound, but a parameter that torch has at 0 by luck still rounds in the
        other model.
        """
        asked = (step, drift_b, drift_w)
        if self._latest is None or self._latest[0] != asked:
            b, w, b_after, w_after = theirs
            carried_b, carried_w = self._carry_over(step, drift_b, drift_w)
            sizes = abs(b) + abs(drift_b), abs(w) + abs(drift_w)
            steps = abs(b_after - b) + abs(carried_b - drift_b), abs(w_after - w) + abs(carried_w - drift_w)
            own = self._moments.of(step % len(self._moments.m))
            self._latest = asked, parameter_bounds(own, *sizes, *steps, self._lr, self._precision)
        return self._latest[1]

    def _carry_over(self, step: int, drift_b: float, drift_w: float) -> tuple[float, float]:
        """Return what (I − ηH) of the step's batch makes of the drift before it."""
        (bb, bw), (wb, ww) = self._matrices[step % len(self._matrices)].tolist()
        return bb * drift_b + bw * drift_w, wb * drift_b + ww * drift_w

    def _explained(self, step: int) -> tuple[float, float]:
        assert self._tainted is not None
        at = 2 * (step - self._tainted)
        return self._carried[at], self._carried[at + 1]

    def _measured(self, step: int) -> tuple[float, float]:
        scratch, reference = self._states(step)
        return scratch[0] - reference[0], scratch[1] - reference[1]

    def _theirs(self, step: int) -> list[float]:
        return [*self._states(step)[1], *self._states(step + 1)[1]]

    def _check(self, step: int) -> None:
        """Do for one step what `_scan` does for many, without arrays."""
        before, after = self._measured(step), self._measured(step + 1)
        bounds, carried = self.bounds(step, *before, self._theirs(step)), self._carry_over(step, *before)
        limits = bounds.b, bounds.w
        outside = any(abs(a - c) > limit for a, c, limit in zip(after, carried, limits, strict=True))
        ours_broken = not all(map(math.isfinite, after)) and all(map(math.isfinite, limits))
        self._checked = step + 1
        if outside or ours_broken:
            self._taint(step)

    def _scan(self, start: int, stop: int) -> None:
        """Check steps `start` to `stop` at once and remember the first that rounding does not explain."""
        t, batch = self._timeline, np.arange(start, stop, dtype=np.int64) % len(self._matrices)
        own, matrices = self._moments.of(batch), self._matrices[batch].swapaxes(0, 1)
        ours, theirs = ((t.biases(side, start, stop + 1), t.weights(side, start, stop + 1)) for side in (0, 1))
        with np.errstate(all="ignore"):
            drift = [a - b for a, b in zip(ours, theirs, strict=True)]
            carried = [rows[:, 0] * drift[0][:-1] + rows[:, 1] * drift[1][:-1] for rows in matrices]
            sizes = [np.abs(values[:-1]) + np.abs(d[:-1]) for values, d in zip(theirs, drift, strict=True)]
            steps = [
                np.abs(np.diff(values)) + np.abs(c - d[:-1])
                for values, c, d in zip(theirs, carried, drift, strict=True)
            ]
            bounds = parameter_bounds(own, sizes[0], sizes[1], steps[0], steps[1], self._lr, self._precision)
            left = [np.abs(d[1:] - c) for d, c in zip(drift, carried, strict=True)]
            outside = (left[0] > bounds.b) | (left[1] > bounds.w)
            broken = ~(np.isfinite(drift[0][1:]) & np.isfinite(drift[1][1:]))
            wrong = np.flatnonzero(outside | (broken & np.isfinite(bounds.b) & np.isfinite(bounds.w)))
        self._checked = stop
        if len(wrong):
            self._taint(start + int(wrong[0]))

    def _taint(self, step: int) -> None:
        self._tainted = step
        self._carried.extend(self._measured(step))

    def _carry(self, step: int) -> None:
        """Append the explained drift after `step`: carried through the map, plus what that step's bound allows."""
        before = self._explained(step)
        bounds = self.bounds(step, *before, self._theirs(step))
        for carried, after, limit in zip(
            self._carry_over(step, *before), self._measured(step + 1), (bounds.b, bounds.w), strict=True
        ):
            rest, limit = after - carried, limit if math.isfinite(limit) else 0.0
            self._carried.append(carried + (min(max(rest, -limit), limit) if math.isfinite(rest) else 0.0))
