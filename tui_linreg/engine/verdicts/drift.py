"""How far rounding alone may have taken the two models' parameters apart before a step: a running error analysis.

Both models apply the same affine map, so a drift (Δb, Δw) before a step becomes (I − ηH)(Δb, Δw) after it, plus the
rounding of that one step, which has a bound. As long as that holds, the drift that was measured is the drift that
rounding explains. From the first step where it does not hold, only the explained part is carried on.

A mistake that hides below the bound in every step is found by what updates are off together: `one_way`.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tui_linreg.engine.rates import Rates
from tui_linreg.engine.verdicts.basis import GRAD_B, GRAD_W, Basis, Explained, StepNumbers, Steps
from tui_linreg.engine.verdicts.bounds import (
    Moments,
    Numbers,
    ParameterBounds,
    Precision,
    Vector,
    parameter_bounds,
    step_matrices,
)
from tui_linreg.engine.verdicts.one_way import OneWay

if TYPE_CHECKING:
    from tui_linreg.engine.training.timeline import Timeline

_STEPS_AT_ONCE = 65_536


class Drift:
    """The explained drift before every step of a recorded run. May be asked from any thread.

    Args:
        timeline: the recorded run.
        moments: sums over the mini-batches of an epoch.
        rates: the learning rate of every step.
        precision: of the run's dtype.
        numbers_of: computes a recorded step again, for those that their bounds without the sums do not explain.
    """

    def __init__(
        self,
        timeline: Timeline,
        moments: Moments,
        rates: Rates,
        precision: Precision,
        numbers_of: Callable[[int], StepNumbers],
    ) -> None:
        self._timeline = timeline
        self.moments = moments
        self.rates = rates
        """Others may take their place that are the same in all recorded steps."""
        self.precision = precision
        self._numbers_of = numbers_of
        self._lock = threading.RLock()
        self.forget()

    def forget(self) -> None:
        """Forget all that was found: the run was cut back."""
        with self._lock:
            self._checked = 0
            self._parameters = (OneWay(), OneWay())
            self._first_wrong: int | None = None
            self._together: tuple[bool, bool] = (False, False)
            self._carried: list[tuple[float, float]] = []  # before the steps from `_carried_from` on
            self._carried_from = 0

    def check_to(self, steps: int) -> None:
        """Check the first `steps` steps, as far as that is not done yet."""
        with self._lock:
            while self._first_wrong is None and self._checked < steps:
                with np.errstate(all="ignore"):
                    self._check(self._checked, min(steps, self._checked + _STEPS_AT_ONCE))

    def explained(self, steps: Steps) -> Explained:
        """Return what rounding explains of recorded steps, shape (k,), in any order: all, unless one went wrong."""
        self.check_to(int(steps.max()) + 1)
        with self._lock:
            first = self._first_wrong
            measured = [self._measured(parameter, steps) for parameter in (0, 1)]
            together = np.zeros((2, len(steps)), dtype=np.bool_)
            at_overflow = np.full(len(steps), np.inf)
            if first is None:
                return Explained(measured[0], measured[1], at_overflow, together)
            later = steps > first
            with np.errstate(all="ignore"):
                self._carry_to(int(steps.max()))
            if later.any():
                carried = np.array(self._carried)[steps[later] - self._carried_from]
                for parameter in (0, 1):
                    measured[parameter][later] = carried[:, parameter]
            at_overflow[later] = 0.0
            for parameter in (0, 1):
                together[parameter] = (steps == first) & self._together[parameter]
            return Explained(measured[0], measured[1], at_overflow, together)

    def torch_before(self, steps: Steps) -> tuple[Vector, Vector]:
        """Return torch's b and w before these steps, shape (k,) each."""
        return self._at(1, 0, steps), self._at(1, 1, steps)

    def bounds(self, steps: Steps, drift: Sequence[Vector]) -> ParameterBounds:
        """Return the bounds of steps with this drift (b, w) before them, without what their sums lose, shape (k,).

        Magnitudes are torch's numbers and the explained drift: a mistake cannot widen its own bound, but a parameter
        that torch has at 0 by luck still rounds in the other model.
        """
        theirs, after = ([self._at(1, parameter, at) for parameter in (0, 1)] for at in (steps, steps + 1))
        return self._bounds(self._moments_of(steps), self.rates.over(steps), drift, theirs, after)[0]

    def _moments_of(self, steps: Steps) -> Moments:
        """Return the moments of the mini-batches of these steps, shape (k,)."""
        return self.moments.of(steps % len(self.moments.m))

    def _bounds(
        self, own: Moments, lr: Numbers, drift: Sequence[Numbers], theirs: Numbers, theirs_after: Numbers
    ) -> tuple[ParameterBounds, list[Numbers]]:
        """Return the bounds of steps, and the drift before them carried through (I − ηH).

        `own` are the moments of their mini-batches, `lr` their learning rates, the rest are pairs (b, w): the explained
        drift before each step, torch's parameters before and after it.
        """
        carried = [row[0] * drift[0] + row[1] * drift[1] for row in step_matrices(own, lr)]
        sizes = [abs(value) + abs(d) for value, d in zip(theirs, drift, strict=True)]
        updates = [
            abs(after - value) + abs(c - d)
            for value, after, c, d in zip(theirs, theirs_after, carried, drift, strict=True)
        ]
        bounds = parameter_bounds(own, sizes[0], sizes[1], updates[0], updates[1], lr, self.precision)
        return bounds, carried

    def _at(self, side: int, parameter: int, steps: Steps) -> Vector:
        """Return b (parameter 0) or w (1) of a side before these steps, shape (k,)."""
        low, high = int(steps.min()), int(steps.max())
        read = (self._timeline.biases, self._timeline.weights)[parameter]
        return read(side, low, high + 1)[steps - low]

    def _measured(self, parameter: int, steps: Steps) -> Vector:
        with np.errstate(all="ignore"):
            return self._at(0, parameter, steps) - self._at(1, parameter, steps)

    def _own_drift(self, start: int, stop: int) -> list[Vector]:
        """Return of b and w what each step adds to the drift that it carries through (I − ηH), shape (k,)."""
        steps = np.arange(start, stop, dtype=np.int64)
        before, after = ([self._measured(parameter, at) for parameter in (0, 1)] for at in (steps, steps + 1))
        matrices = step_matrices(self._moments_of(steps), self.rates.over(steps))
        return [value - (row[0] * before[0] + row[1] * before[1]) for value, row in zip(after, matrices, strict=True)]

    def _update_errors(self, start: int, stop: int, own_drift: Sequence[Vector]) -> list[Vector]:
        """Return of b and w how far each update is off the rounded θ − η g, shape (k,).

        0 where it is θ − η g in one of the ways of rounding it: η g rounded first, or product and difference in one.
        The gradient g is the model's own, or torch's, whichever is nearer: a model may add up twice, in two orders.
        """
        single = self.precision.roundoff > 2.0**-30
        errors, rates = [], self.rates.over(np.arange(start, stop))
        for parameter, read in enumerate((self._timeline.biases, self._timeline.weights)):
            values, gradients = read(0, start, stop + 1), self._timeline.gradients(parameter, start, stop)
            before, after = values[:-1], values[1:]
            if single:
                low, lr = before.astype(np.float32), rates.astype(np.float32)
                ways = [
                    (low - lr * gradients.astype(np.float32)).astype(np.float64),
                    (before - lr.astype(np.float64) * gradients).astype(np.float32).astype(np.float64),
                    (before - rates * gradients).astype(np.float32).astype(np.float64),
                ]
            else:
                ways = [before - rates * gradients]
            off = np.stack([*(after - way for way in ways), own_drift[parameter][: stop - start]])
            errors.append(np.take_along_axis(off, np.abs(off).argmin(axis=0)[None], axis=0)[0])
        return errors

    def _units(self, start: int, stop: int, bounds: ParameterBounds) -> list[Vector]:
        """Return of b and w what one more rounding of an update is, u|θ| + η times the bound of g, shape (k,)."""
        rates = self.rates.over(np.arange(start, stop))
        return [
            self.precision.roundoff * np.abs(read(0, start + 1, stop + 1)) + rates * bound + self.precision.smallest
            for read, bound in zip(
                (self._timeline.biases, self._timeline.weights), (bounds.grad_b, bounds.grad_w), strict=True
            )
        ]

    def _check(self, start: int, stop: int) -> None:
        """Check steps `start` to `stop` (exclusive) and remember the first that rounding does not explain."""
        steps = np.arange(start, stop, dtype=np.int64)
        own_drift = self._own_drift(start, stop)
        bounds = self.bounds(steps, [self._measured(parameter, steps) for parameter in (0, 1)])
        rest = [np.abs(values) for values in own_drift]
        outside = (rest[0] > bounds.b) | (rest[1] > bounds.w)
        broken = ~np.isfinite([self._measured(parameter, steps + 1) for parameter in (0, 1)]).all(axis=0)
        broken &= np.isfinite(bounds.b) & np.isfinite(bounds.w)
        doubtful = np.flatnonzero(outside | broken).tolist()
        wrong = next((index for index in doubtful if self._is_wrong(start, index, rest, bounds)), None)
        hits = self._together_in(start, stop if wrong is None else start + wrong, bounds, own_drift)
        self._checked = stop
        if hits:
            first, since = min(hits.values())
            self._together = (0 in hits and hits[0][0] == first, 1 in hits and hits[1][0] == first)
            self._go_wrong(first, since)
        elif wrong is not None:
            self._go_wrong(start + wrong, start + wrong)

    def _is_wrong(self, start: int, index: int, rest: Sequence[Vector], bounds: ParameterBounds) -> bool:
        """Say whether a step that its bounds without the sums do not explain stays unexplained with them."""
        over = [float(values[index]) - float(bound[index]) for values, bound in zip(rest, bounds[2:], strict=True)]
        if not all(map(math.isfinite, over)):
            return True
        at, lr = np.array([start + index]), self.rates.at(start + index)
        none = np.zeros((2, 1), dtype=np.bool_)
        explained = Explained(self._measured(0, at), self._measured(1, at), np.array([np.inf]), none)
        basis = Basis(self._numbers_of(start + index), explained, self.torch_before(at), self.precision)
        lost = [
            basis.lost_by_sum(which, np.array([o / lr])).item() if o > 0 else 0.0
            for which, o in zip((GRAD_B, GRAD_W), over, strict=True)
        ]
        return any(o > 0 and not o <= lr * by_sum for o, by_sum in zip(over, lost, strict=True))

    def _together_in(
        self, start: int, stop: int, bounds: ParameterBounds, own_drift: Sequence[Vector]
    ) -> dict[int, tuple[int, int]]:
        """Return by parameter (the step at which its updates are off too far together, the step it began)."""
        hits = {}
        if stop > start:
            units = self._units(start, start + len(bounds.b), bounds)
            errors = self._update_errors(start, stop, own_drift)
            for parameter, (error, unit) in enumerate(zip(errors, units, strict=True)):
                off = error / unit[: stop - start]
                off[~np.isfinite(off)] = 0.0  # after an overflow nothing adds up
                if (hit := self._parameters[parameter].add(start, off)) is not None:
                    hits[parameter] = hit
        return hits

    def _go_wrong(self, first: int, carried_from: int) -> None:
        """From `first` on carry only what is explained, beginning with the drift before step `carried_from`."""
        at = np.array([carried_from])
        self._carried_from = carried_from
        self._carried = [(float(self._measured(0, at)[0]), float(self._measured(1, at)[0]))]
        self._first_wrong = first

    def _carry_to(self, step: int) -> None:
        """Carry the explained drift up to that before `step`: through the map, plus what each step's bound allows."""
        start = self._carried_from + len(self._carried) - 1
        if start >= step:
            return
        steps = np.arange(start, step + 1)
        theirs = np.stack([self._at(1, parameter, steps) for parameter in (0, 1)], axis=1).tolist()
        own_drift = self._own_drift(start, step)
        # What an update is off is left out: it is the mistake, or part of it.
        errors = self._update_errors(start, step, own_drift)
        rest = np.stack([own - error for own, error in zip(own_drift, errors, strict=True)], axis=1).tolist()
        moments, rates = self._moments_of(steps), self.rates.over(steps).tolist()
        columns = [getattr(moments, name).tolist() for name in Moments.__slots__]
        own = [Moments(*row) for row in zip(*columns, strict=True)]
        for i in range(step - start):
            bounds, carried = self._bounds(own[i], rates[i], self._carried[-1], theirs[i], theirs[i + 1])
            allowed = [_allowed(r, float(limit)) for r, limit in zip(rest[i], bounds[2:], strict=True)]
            self._carried.append((carried[0] + allowed[0], carried[1] + allowed[1]))


def _allowed(rest: float, limit: float) -> float:
    """Return as much of a step's unexplained drift as its bound allows."""
    limit = limit if math.isfinite(limit) else 0.0
    return min(max(rest, -limit), limit) if math.isfinite(rest) else 0.0
