"""Where a run lands: the fixed point of the epoch's map, which is not the least-squares line unless B = n."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_linreg.engine.analysis.epoch_map import BatchLosses, EpochMap
from tui_linreg.engine.analysis.stability import log_radius

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

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
class Landing:
    """The three places that matter: the lowest loss, where this η and batching lead, and here."""

    least_squares: Spot
    fixed_point: Spot | None
    """Where (b, w) stands at the end of every epoch once it has settled; None where that cannot be told."""
    current: Spot
    converges: bool
    """Whether the run goes to the fixed point. A diverging epoch has one too, but runs leave it."""
    unique: bool
    """Whether there is one fixed point. When all x are equal there is a line of them, and this is this run's own."""

    @property
    def gap(self) -> float:
        """How much higher the loss is at the fixed point than at the least-squares line; nan without one."""
        return math.nan if self.fixed_point is None else self.fixed_point.above

    @property
    def note(self) -> str:
        """What one has to know about the fixed point, in one line; empty for a plain converging run."""
        if self.fixed_point is None:
            return "no fixed point can be told: within an epoch numbers grow past what a float resolves"
        if not self.converges:
            return "the fixed point is not reached: this η diverges, runs move away from it"
        if not self.unique:
            return "all x are equal: a line of best points, and only one direction moves; this run lands at this one"
        return ""

    def as_json(self) -> dict[str, dict[str, float] | None]:
        """Return the three places; `fixed_point` is None where there is none to be told."""
        fixed = None if self.fixed_point is None else self.fixed_point.as_json()
        return {"least_squares": self.least_squares.as_json(), "fixed_point": fixed, "current": self.current.as_json()}


def offset(
    batches: BatchLosses, lr: float, start: tuple[float, float] | None = None, epoch: EpochMap | None = None
) -> tuple[float, float] | None:
    """Return the epoch's fixed point as a distance from the least-squares point, over the turned axes.

    It solves D z = −a. When all x are equal, D is singular along the direction that never moves: then the fixed point
    that a run through `start` (a distance, over the turned axes) has, None without a start. `epoch` is the map where it
    is known: it costs time with every batch. Also None where D is
    singular, has lost its digits or is not finite.
    """
    epoch = epoch or EpochMap.of(batches, lr)
    (d_uu, d_uv, d_vu, d_vv), (a_u, a_v) = epoch.d, epoch.a
    if batches.stuck:
        found = None if start is None or d_uu == 0 else (-a_u / d_uu, start[1])
    else:
        det, size = d_uu * d_vv - d_uv * d_vu, abs(d_uu * d_vv) + abs(d_uv * d_vu)
        if not abs(det) > _SINGULAR * size:
            return None
        found = (d_uv * a_v - d_vv * a_u) / det, (d_vu * a_u - d_uu * a_v) / det
    return found if found is not None and all(map(math.isfinite, found)) else None


def fixed_point(x: Vector, y: Vector, batch_size: int, lr: float) -> tuple[float, float] | None:
    """Return (b, w) at which an epoch over x, y of shape (n,) ends where it began; None where no single one is known.

    There is none to be known when all x are equal (a line of them), and where an epoch's growth leaves no digits.
    """
    batches = BatchLosses.of(x, y, batch_size)
    z = offset(batches, lr)
    if z is None:
        return None
    db, dw = batches.turned_back(*z)
    return batches.whole.b + db, batches.whole.w + dw


def landing(
    batches: BatchLosses,
    lr: float,
    b: float,
    w: float,
    log_radius_known: float | None = None,
    epoch: EpochMap | None = None,
) -> Landing:
    """Return where a run with learning rate `lr` that stands at (b, w) goes.

    Args:
        batches: the mini-batches' losses.
        lr: η.
        b: present bias.
        w: present weight.
        log_radius_known: ln of the spectral radius, where it is known (it costs as much as the fixed point).
        epoch: the map of an epoch, where it is known.
    """
    whole = batches.whole

    def spot(db: float, dw: float) -> Spot:
        rise = float(whole.rise(db, dw))
        return Spot(whole.b + db, whole.w + dw, whole.loss + rise, rise)

    here = b - whole.b, w - whole.w
    z = offset(batches, lr, batches.turned(*here), epoch)
    radius = log_radius(batches, lr) if log_radius_known is None else log_radius_known
    current = Spot(b, w, float(whole.at(b, w)), float(whole.rise(*here)))
    fixed = None if z is None else spot(*batches.turned_back(*z))
    return Landing(spot(0.0, 0.0), fixed, current, radius < 0, not batches.stuck)
