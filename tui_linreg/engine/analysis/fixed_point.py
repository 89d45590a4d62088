"""Where a run ends up: the fixed point of the epoch's map, or about where its numbers overflow, without running it.

The fixed point is not the least-squares line unless B = n.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tui_linreg.engine.analysis.quadratic import AT_ONCE, BatchLosses, EpochMap, Parts, Quadratic, joined, over_epoch
from tui_linreg.engine.analysis.stability import scaled_then, step_maps

_SINGULAR = 1e-10
"""A determinant of D this small beside its two products has too few digits left to divide by."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A point (b, w) and the loss of the whole train set there, in float64."""

    b: float
    w: float
    loss: float
    above: float
    """By how much that loss is above the least-squares one, without cancellation."""

    @classmethod
    def of(cls, whole: Quadratic, b: float, w: float) -> Spot:
        """Return the point (b, w) of this loss of the whole train set."""
        return cls(b, w, float(whole.at(b, w)), float(whole.rise(b - whole.b, w - whole.w)))

    def distance(self, other: Spot) -> float:
        """Return the Euclidean distance in (b, w)."""
        return math.hypot(self.b - other.b, self.w - other.w)

    def as_json(self) -> dict[str, float]:
        """Return b, w and loss."""
        return {"b": self.b, "w": self.w, "loss": self.loss}


@dataclass(frozen=True, slots=True)
class FixedPoint:
    """The fixed point of a run, beside the lowest loss and the place where the run is now."""

    least_squares: Spot
    spot: Spot | None
    """Where (b, w) is at the end of every epoch once the run has settled; None where that cannot be computed."""
    current: Spot
    converges: bool
    """Whether the run goes to the fixed point. A diverging run has one too, but moves away from it."""
    unique: bool
    """Whether there is one fixed point. When all x are equal there is a line of them, and this is this run's own."""

    @property
    def gap(self) -> float:
        """How much higher the loss is at the fixed point than at the least-squares line; nan without one."""
        return math.nan if self.spot is None else self.spot.above

    @property
    def note(self) -> str:
        """What one has to know about the fixed point, in one line; empty for a plain converging run."""
        if self.spot is None:
            return "no fixed point can be told: within an epoch numbers grow past what a float resolves"
        if not self.converges:
            return "the fixed point is not reached: this η diverges, runs move away from it"
        if not self.unique:
            return "x has variance 0 in float64: a line of best points, one direction moves; this run lands at this one"
        return ""

    def as_json(self) -> dict[str, dict[str, float] | None]:
        """Return the three places; `fixed_point` is None where it cannot be computed."""
        fixed = None if self.spot is None else self.spot.as_json()
        return {"least_squares": self.least_squares.as_json(), "fixed_point": fixed, "current": self.current.as_json()}


def offset(
    batches: BatchLosses, epoch: EpochMap, start: tuple[float, float] | None = None
) -> tuple[float, float] | None:
    """Return the epoch's fixed point as a distance from the least-squares point, over the turned axes.

    It solves D z = −a. When all x are equal, D is singular along the direction that never moves: the result is then the
    fixed point of the run that begins at the distance `start`, and None without a start. The result is also None where
    D is singular, has lost its digits or is not finite.
    """
    (d_uu, d_uv, d_vu, d_vv), (a_u, a_v) = epoch.d, epoch.a
    if batches.stuck:
        if start is None or d_uu == 0:
            return None
        z = -a_u / d_uu, start[1]
    else:
        det, size = d_uu * d_vv - d_uv * d_vu, abs(d_uu * d_vv) + abs(d_uv * d_vu)
        if not abs(det) > _SINGULAR * size:
            return None
        z = (d_uv * a_v - d_vv * a_u) / det, (d_vu * a_u - d_uu * a_v) / det
    return z if all(map(math.isfinite, z)) else None


def fixed_point(batches: BatchLosses, epoch: EpochMap, b: float, w: float, *, converges: bool) -> FixedPoint:
    """Return the fixed point of a run that is at (b, w).

    Args:
        batches: the mini-batches' losses.
        epoch: what an epoch with the run's learning rate does.
        b: present bias.
        w: present weight.
        converges: whether the spectral radius of that epoch is below 1.
    """
    whole = batches.whole

    def spot(db: float, dw: float) -> Spot:
        rise = float(whole.rise(db, dw))
        return Spot(whole.b + db, whole.w + dw, whole.loss + rise, rise)

    here = b - whole.b, w - whole.w
    z = offset(batches, epoch, batches.turned(*here))
    current = Spot.of(whole, b, w)
    fixed = None if z is None else spot(*batches.turned_back(*z))
    return FixedPoint(spot(0.0, 0.0), fixed, current, converges, not batches.stuck)


_MOST_DOUBLINGS = 62
_STEPS = 4096
"""Within an epoch the distance is looked at after so many steps, and then after each of those that pass the limit."""


class Overflow(NamedTuple):
    """Where a number of the run first leaves what its dtype holds; an estimate, everything from 0."""

    epoch: int
    step: int


class _Far(NamedTuple):
    """A distance (u, v) · eˡᵒᵍ over the turned axes, the larger of |u| and |v| being 1."""

    u: float
    v: float
    log: float

    @classmethod
    def of(cls, u: float, v: float, log: float) -> _Far:
        size = max(abs(u), abs(v))
        return cls(u / size, v / size, log + math.log(size)) if 0 < size < math.inf else cls(u, v, log)

    def after(self, part: Sequence[Any]) -> _Far:
        """Return the distance after a rescaled map."""
        a, b, c, d, log = map(float, part)
        return _Far.of(a * self.u + b * self.v, c * self.u + d * self.v, self.log + log)


def overflow(batches: BatchLosses, lr: float, b: float, w: float, largest: float) -> Overflow | None:
    """Return about when a run that starts at (b, w) leaves the numbers up to `largest`, None when it does not.

    The distance e from the fixed point becomes M e in an epoch; the run ends where the sum of the squared residuals of
    a batch, m (H/2)(e, e), or e itself is above `largest`. Call it only for a run that surely diverges. A run that
    starts on the fixed point itself never overflows in this estimate.

    Args:
        batches: the mini-batches' losses.
        lr: η.
        b: bias before the first step.
        w: weight before the first step.
        largest: the largest finite number of the run's dtype.
    """
    start = batches.turned(b - batches.whole.b, w - batches.whole.w)
    fixed = offset(batches, EpochMap.of(batches, lr), start) or (0.0, 0.0)
    far = _Far.of(start[0] - fixed[0], start[1] - fixed[1], 0.0)
    limit = _Limit(batches, largest)
    if not all(map(math.isfinite, far)) or limit.passed(far):
        return Overflow(0, 0)
    if far.u == far.v == 0:
        return None
    with np.errstate(all="ignore"):
        one = over_epoch(batches, AT_ONCE, lambda own: step_maps(batches, lr, own), scaled_then)
        far, epoch = _last_epoch(far, one, limit)
        if epoch >= 2**_MOST_DOUBLINGS - 1:
            return None
        within = _last_step(far, batches, lr, limit)
    return Overflow(epoch, epoch * len(batches) + within)


class _Limit:
    """Tells at which distance numbers overflow."""

    def __init__(self, batches: BatchLosses, largest: float) -> None:
        whole = batches.whole
        norm = math.hypot(1.0, whole.mean_x)
        spread = math.sqrt(whole.variance_x) if whole.variance_x > 0 else 0.0
        self._uu, self._along, self._across = norm, whole.mean_x / norm * spread, spread / norm
        self._largest = math.log(largest)
        self._m = math.log(batches.batch_size)

    def passed(self, far: _Far) -> bool:
        # ŷ − y grows as p u + q v; its mean square is two squares of independent parts.
        residual = math.hypot(self._uu * far.u, self._along * far.u + self._across * far.v)
        if not math.isfinite(residual) or not math.isfinite(far.log):
            return True
        loss = 2 * (far.log + math.log(residual)) + self._m if residual > 0 else -math.inf
        return max(loss, far.log) >= self._largest


def _last_epoch(far: _Far, epoch: Parts, limit: _Limit) -> tuple[_Far, int]:
    """Return the distance at the start of the last epoch that begins within the limit, and that epoch's number."""
    powers = [epoch]  # of 1, 2, 4, … epochs
    while len(powers) < _MOST_DOUBLINGS and not limit.passed(far.after(powers[-1])):
        powers.append(scaled_then(powers[-1], powers[-1]))
    number = 0
    for doubling in range(len(powers) - 1, -1, -1):
        further = far.after(powers[doubling])
        if not limit.passed(further):
            far, number = further, number + 2**doubling
    return far, number


def _last_step(far: _Far, batches: BatchLosses, lr: float, limit: _Limit) -> int:
    """Return the step within the epoch, from 0, that takes the distance past the limit (the last, if none does)."""
    for first in range(0, len(batches), _STEPS):
        maps = step_maps(batches, lr, slice(first, first + _STEPS))
        after = far.after([part[0] for part in joined(maps, scaled_then)])
        if limit.passed(after):
            for step, one in enumerate(zip(*maps, strict=True), first):
                far = far.after(one)
                if limit.passed(far):
                    return step
        far = after
    return len(batches) - 1
