"""Where a run ends up: the fixed point of the epoch's map, which is not the least-squares line unless B = n."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tui_linreg.engine.analysis.quadratic import BatchLosses, EpochMap

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
            return "all x are equal: a line of best points, and only one direction moves; this run lands at this one"
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
    current = Spot(b, w, float(whole.at(b, w)), float(whole.rise(*here)))
    fixed = None if z is None else spot(*batches.turned_back(*z))
    return FixedPoint(spot(0.0, 0.0), fixed, current, converges, not batches.stuck)
