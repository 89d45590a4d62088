"""Turns the numbers kept in the timeline back into a whole `Step`, with its verdicts."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from tui_linreg.engine.compare import Elementwise, compare, each, worst
from tui_linreg.engine.curvature import Moments
from tui_linreg.engine.dataset import Dataset
from tui_linreg.engine.drift import ROUNDINGS, Drift, ParameterBounds, Precision, sum_roundings
from tui_linreg.engine.lockstep import Lockstep, Pass
from tui_linreg.engine.minibatch import Place
from tui_linreg.engine.step import Side, Step
from tui_linreg.engine.timeline import Timeline
from tui_linreg.engine.verdict import Comparison


class _Judged(NamedTuple):
    comparisons: dict[str, Comparison]
    signal: Elementwise


class Replay:
    """Recomputes steps on a pair of models of its own, so that looking back never touches the run."""

    def __init__(
        self, models: Lockstep, dataset: Dataset, timeline: Timeline, moments: Moments, precision: Precision
    ) -> None:
        self._models = models
        self._dataset = dataset
        self._timeline = timeline
        self._moments = moments
        self._precision = precision
        self._drift = Drift(timeline, moments, models.lr, precision)

    def step(self, place: Place) -> Step:
        """Return the step at `place`, computed by the very calls that training made."""
        rows = slice(place.start, place.stop)
        x, y = self._dataset.x_train[rows], self._dataset.y_train[rows]
        before = self._timeline.states(place.step)
        self._models.restore(*before)
        ours = self._models.train_scratch(x, y)
        theirs = self._models.watch_reference(x.unsqueeze(1), y.unsqueeze(1))
        after = self._models.states()
        width = self._timeline.scratch_width
        scratch = _side(ours, before[0], after[:width])
        reference = _side(theirs, before[1], after[width:])
        judged = self._judge(place, x, y, scratch, reference)
        return Step(
            place=place,
            lr=self._models.lr,
            x=x,
            y=y,
            scratch=scratch,
            torch=reference,
            residual=scratch.y_pred - y,
            weight_terms=scratch.dloss_dpred * x,
            comparisons=MappingProxyType(judged.comparisons),
            signal_comparison=judged.signal,
        )

    def _judge(self, place: Place, x: Tensor, y: Tensor, ours: Side, theirs: Side) -> _Judged:
        """Judge all quantities; bounds come from torch's side and the explained drift, never from a mistake."""
        drift_b, drift_w = self._drift.before(place.step)
        limits = self._drift.bounds(place.step, place.step + 1, np.array([[drift_b, drift_w]]))
        unit, lost, m = self._precision.roundoff, 4 * self._precision.smallest, place.m
        unlimited = self._drift.without_bound(place.step)

        size = abs(theirs.b_before) + abs(drift_b) + (abs(theirs.w_before) + abs(drift_w)) * x.abs() + y.abs()
        rounding = self._guard(size, ROUNDINGS * unit * size + lost, unlimited)
        carried = drift_b + drift_w * x
        y_pred = compare(ours.y_pred, theirs.y_pred, carried, rounding)
        signal = compare(ours.dloss_dpred, theirs.dloss_dpred, 2 / m * carried, 2 / m * rounding + lost)

        error = theirs.y_pred - y
        loss_carried = (carried * (2 * error + carried)).mean()
        sums = float(sum_roundings(m)) * unit
        reach = error.abs() + carried.abs()
        loss_rounding = (rounding * (2 * reach + rounding) + sums * reach**2).mean() + lost
        loss_rounding = self._guard(m * (size**2).sum(), loss_rounding, unlimited)
        loss = compare(
            x.new_tensor([ours.loss]), x.new_tensor([theirs.loss]), loss_carried.reshape(1), loss_rounding.reshape(1)
        )
        comparisons = {"y_pred": worst(y_pred), "loss": worst(loss), "dloss_dpred": worst(signal)}
        comparisons |= self._judge_parameters(place, x.dtype, ours, theirs, (drift_b, drift_w), limits)
        return _Judged(comparisons, signal)

    def _judge_parameters(
        self,
        place: Place,
        dtype: torch.dtype,
        ours: Side,
        theirs: Side,
        drift: tuple[float, float],
        limits: ParameterBounds,
    ) -> dict[str, Comparison]:
        db, dw = drift
        sum_x, sum_xx = float(self._moments.x[place.batch]), float(self._moments.xx[place.batch])
        carried_b = 2 / place.m * (place.m * db + dw * sum_x)
        carried_w = 2 / place.m * (db * sum_x + dw * sum_xx)
        lr = self._models.lr
        explained = [carried_b, carried_w, db - lr * carried_b, dw - lr * carried_w]
        unlimited = self._drift.without_bound(place.step)
        bounds = [float(bound[0]) if np.isfinite(bound[0]) else unlimited for bound in limits]
        keys = ("grad_b", "grad_w", "b_after", "w_after")
        numbers = (
            [getattr(ours, key) for key in keys],
            [getattr(theirs, key) for key in keys],
            explained,
            bounds,
        )
        judged = each(compare(*(torch.tensor(values, dtype=dtype) for values in numbers)))
        return dict(zip(("grad_b", "grad_w", "b", "w"), judged, strict=True))

    def _guard(self, size: Tensor, bound: Tensor, unlimited: float) -> Tensor:
        """Return `bound`, but `unlimited` where numbers of this size come near overflow (or their size is unknown)."""
        return torch.where(size * 64 < self._precision.largest, bound, unlimited)


def _side(computed: Pass, before: list[float], after: list[float]) -> Side:
    return Side(
        b_before=before[0],
        w_before=before[1],
        y_pred=computed.y_pred,
        loss=computed.loss.item(),
        dloss_dpred=computed.dloss_dpred,
        grad_b=computed.grad_b.item(),
        grad_w=computed.grad_w.item(),
        b_after=after[0],
        w_after=after[1],
    )
