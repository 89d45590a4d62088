"""The verdicts of one step: each quantity of the scratch model beside torch's, against its error bound.

The bounds are those of `engine.verdicts.drift`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from tui_linreg.engine.schedule import Place
from tui_linreg.engine.step import Comparison, Side
from tui_linreg.engine.verdicts.compare import compare, each, merged, on_host, worst
from tui_linreg.engine.verdicts.drift import ROUNDINGS, Drift, sum_roundings

Vector = NDArray[np.floating[Any]]

BLOCK = 262_144
"""Elements judged at a time, so that a long batch needs little memory beside itself."""

_SCALARS = ("loss", "grad_b", "grad_w", "b", "w")


class StepNumbers(NamedTuple):
    """The numbers of one step that its verdicts are computed from; the vectors are on this machine, of shape (m,)."""

    place: Place
    x: Vector
    y: Vector
    y_pred: Vector
    torch_y_pred: Vector
    signal: Vector
    """∂L/∂ŷ of the scratch model."""
    torch_signal: Vector
    scratch: Side
    torch: Side
    drift_b: float
    """How far rounding explains that b of both models is apart before the step."""
    drift_w: float
    bound_at_overflow: float
    """The bound where an overflow leaves none."""


class Judge:
    """Judges the steps of one run; bounds come from torch's side and the explained drift, never from a mistake."""

    def __init__(self, drift: Drift) -> None:
        self._drift = drift
        self._precision = drift.precision

    def numbers(self, place: Place, x: Tensor, y: Tensor, scratch: Side, torch: Side) -> StepNumbers:
        """Return a step's numbers with the drift that rounding explains before it."""
        drift_b, drift_w = self._drift.before(place.step)
        return StepNumbers(
            place=place,
            x=on_host(x),
            y=on_host(y),
            y_pred=on_host(scratch.y_pred),
            torch_y_pred=on_host(torch.y_pred),
            signal=on_host(scratch.dloss_dpred),
            torch_signal=on_host(torch.dloss_dpred),
            scratch=scratch,
            torch=torch,
            drift_b=drift_b,
            drift_w=drift_w,
            bound_at_overflow=self._drift.bound_at_overflow(place.step),
        )

    def comparisons(self, step: StepNumbers) -> dict[str, Comparison]:
        """Return the verdict on every quantity, by the keys of `phases.QUANTITIES`."""
        sums = np.zeros(3)
        y_pred, signal = [], []
        with np.errstate(all="ignore"):
            for start in range(0, step.place.m, BLOCK):
                rows = slice(start, min(start + BLOCK, step.place.m))
                explained, bound, size = self._prediction_limits(step, rows)
                y_pred.append(worst(compare(step.y_pred[rows], step.torch_y_pred[rows], explained, bound)))
                limits = self._signal_limits(step, explained, bound)
                signal.append(worst(compare(step.signal[rows], step.torch_signal[rows], *limits)))
                error = step.torch_y_pred[rows] - step.y[rows]
                sums += self._loss_sums(step, error, explained, bound, size)
            scalars = self._scalars(step, *sums.tolist())
        return {"y_pred": merged(y_pred), "loss": scalars.pop("loss"), "dloss_dpred": merged(signal)} | scalars

    def signal(self, step: StepNumbers, start: int, stop: int) -> list[Comparison]:
        """Compare the two ∂L/∂ŷ of rows `start` to `stop` (exclusive, from 0 within the batch), element by element."""
        rows = slice(start, stop)
        with np.errstate(all="ignore"):
            limits = self._signal_limits(step, *self._prediction_limits(step, rows)[:2])
            return each(compare(step.signal[rows], step.torch_signal[rows], *limits))

    def _prediction_limits(self, step: StepNumbers, rows: slice) -> tuple[Vector, Vector, Vector]:
        """Return the explained difference of ŷ, the bound on its rounding, and the size of the numbers behind it."""
        x, y, precision = step.x[rows], step.y[rows], self._precision
        drift_b, drift_w, theirs = step.drift_b, step.drift_w, step.torch
        size = abs(theirs.b_before) + abs(drift_b) + (abs(theirs.w_before) + abs(drift_w)) * np.abs(x) + np.abs(y)
        bound = ROUNDINGS * precision.roundoff * size + 4 * precision.smallest
        # No bound where numbers of this size come near overflow, or their size is unknown.
        bound = np.where(size * 64 < precision.largest, bound, size.dtype.type(step.bound_at_overflow))
        return drift_b + drift_w * x, bound, size

    def _signal_limits(self, step: StepNumbers, explained: Vector, bound: Vector) -> tuple[Vector, Vector]:
        """Return the explained difference of ∂L/∂ŷ and the bound on its rounding, from those of ŷ."""
        m = step.place.m
        return 2 / m * explained, 2 / m * bound + 4 * self._precision.smallest

    def _loss_sums(
        self, step: StepNumbers, error: Vector, explained: Vector, bound: Vector, size: Vector
    ) -> tuple[float, float, float]:
        """Return over some rows: the explained difference of m L, the bound on its rounding, and the squared sizes.

        `error` is torch's ŷ − y.
        """
        of_the_sum = sum_roundings(float(step.place.m)) * self._precision.roundoff
        reach = np.abs(error) + np.abs(explained)
        difference = (explained * (2 * error + explained)).sum()
        rounding = (bound * (2 * reach + bound) + of_the_sum * reach**2).sum()
        return float(difference), float(rounding), float((size**2).sum())

    def _scalars(self, step: StepNumbers, difference: float, rounding: float, squares: float) -> dict[str, Comparison]:
        """Return the verdicts on L, ∂L/∂b, ∂L/∂w and the new b and w; the sums are those of `_loss_sums`."""
        place, drift_b, drift_w = step.place, step.drift_b, step.drift_w
        sum_x, sum_xx = float(self._drift.moments.x[place.batch]), float(self._drift.moments.xx[place.batch])
        of_b = 2 / place.m * (place.m * drift_b + drift_w * sum_x)
        of_w = 2 / place.m * (drift_b * sum_x + drift_w * sum_xx)
        explained = [difference / place.m, of_b, of_w, drift_b - self._drift.lr * of_b, drift_w - self._drift.lr * of_w]
        loss = rounding / place.m + 4 * self._precision.smallest
        if not place.m * squares * 64 < self._precision.largest:
            loss = step.bound_at_overflow
        limits = self._drift.bounds(place.step, drift_b, drift_w)
        bounds = [loss, *(bound if math.isfinite(bound) else step.bound_at_overflow for bound in limits)]
        columns: list[Sequence[float]] = [_scalars(step.scratch), _scalars(step.torch), explained, bounds]
        table = np.array(columns, dtype=step.x.dtype)
        return dict(zip(_SCALARS, each(compare(*table)), strict=True))


def _scalars(side: Side) -> list[float]:
    return [side.loss, side.grad_b, side.grad_w, side.b_after, side.w_after]
