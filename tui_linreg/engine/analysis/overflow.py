"""About when the loss of a diverging run overflows, worked out without running it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tui_linreg.engine.analysis.epoch_map import AT_ONCE, BatchLosses, EpochMap
from tui_linreg.engine.analysis.fixed_point import offset
from tui_linreg.engine.analysis.stability import products, scaled_product, step_maps

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.epoch_map import Parts

_MOST_DOUBLINGS = 62


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

    def after(self, part: tuple[float, ...]) -> _Far:
        """Return the distance after a rescaled map."""
        a, b, c, d, log = part
        return _Far.of(a * self.u + b * self.v, c * self.u + d * self.v, self.log + log)


def overflow(batches: BatchLosses, lr: float, b: float, w: float, largest: float) -> Overflow | None:
    """Return about when a run that starts at (b, w) leaves the numbers up to `largest`, None when it does not.

    The distance e from the fixed point becomes M e in an epoch; the run ends where the sum of the squared residuals of
    a batch, m (H/2)(e, e), or e itself is above `largest`. Only what is told apart from radius 1 grows: ask where
    `LearningRate.outcome` is "diverges". A start on the fixed point itself never leaves by this account.

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
        far, epoch = _last_epoch(far, _epoch(batches, lr), limit)
        if epoch >= 2**_MOST_DOUBLINGS - 1:
            return None
        within = _last_step(far, batches, lr, limit)
    return Overflow(epoch, epoch * len(batches) + within)


class _Limit:
    """Says whether a distance is so long that numbers overflow."""

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


def _epoch(batches: BatchLosses, lr: float) -> tuple[float, ...]:
    """Return the rescaled map of an epoch."""
    parts = [scaled_product(*step_maps(batches, lr, own)) for own in batches.blocks(AT_ONCE)]
    joined = scaled_product(*(np.array(column) for column in zip(*parts, strict=True)))
    return tuple(map(float, joined))


def _last_epoch(far: _Far, epoch: tuple[float, ...], limit: _Limit) -> tuple[_Far, int]:
    """Return the distance at the start of the last epoch that begins within the limit, and that epoch's number."""
    powers = [epoch]
    while len(powers) < _MOST_DOUBLINGS and not limit.passed(far.after(powers[-1])):
        both = (np.array([value, value]) for value in powers[-1])
        powers.append(tuple(map(float, scaled_product(*both))))
    done = 0
    for doubling in range(len(powers) - 1, -1, -1):
        further = far.after(powers[doubling])
        if not limit.passed(further):
            far, done = further, done + 2**doubling
    return far, done


def _last_step(far: _Far, batches: BatchLosses, lr: float, limit: _Limit) -> int:
    """Return the step within the epoch, from 0, that takes the distance past the limit (the last, if none does)."""
    for own in batches.blocks(AT_ONCE):
        levels = products(*step_maps(batches, lr, own))
        after = far.after(_at(levels[-1], 0))
        if limit.passed(after):
            return int(own.start) + _descend(far, levels, limit)
        far = after
    return len(batches) - 1


def _descend(far: _Far, levels: list[Parts], limit: _Limit) -> int:
    """Return the first leaf of the tree of products after which the limit is passed."""
    at = 0
    for level in reversed(levels[:-1]):
        at *= 2
        if at + 1 < level[0].shape[-1]:
            after = far.after(_at(level, at))
            if not limit.passed(after):
                far, at = after, at + 1
    return at


def _at(level: Parts, index: int) -> tuple[float, ...]:
    return tuple(float(part[index]) for part in level)
