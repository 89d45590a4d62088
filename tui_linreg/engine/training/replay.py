"""Turns the numbers kept in the timeline back into a whole `Step`, with its verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import torch

from tui_linreg.engine.data.dataset import Dataset
from tui_linreg.engine.schedule import Place
from tui_linreg.engine.step import Side, Step
from tui_linreg.engine.training.lockstep import Lockstep, Pass
from tui_linreg.engine.training.timeline import Timeline
from tui_linreg.engine.verdicts.drift import Drift, Moments, Precision
from tui_linreg.engine.verdicts.judge import Judge


class Computed(NamedTuple):
    """A step that both models have done, not judged yet."""

    place: Place
    scratch: Side
    torch: Side


class Replay:
    """Recomputes steps on a pair of models of its own, so that looking back never touches the run."""

    def __init__(
        self, models: Lockstep, dataset: Dataset, timeline: Timeline, moments: Moments, precision: Precision
    ) -> None:
        self._models = models
        self._dataset = dataset
        self._timeline = timeline
        self._judge = Judge(Drift(timeline, moments, models.lr, precision), moments, models.lr, precision)

    def step(self, place: Place) -> Step:
        """Return the step at `place`, computed by the very calls that training made."""
        models, data = self._models, self._dataset
        models.restore(*self._timeline.states(place.step))
        x, y = data.x_train, data.y_train
        x_column, y_column = x.unsqueeze(1), y.unsqueeze(1)
        rows = slice(place.start, place.stop)
        with torch.inference_mode():
            ours = models.train_scratch(x[rows], y[rows])
        theirs = models.watch_reference(x_column[rows], y_column[rows])
        return self.judged(self.computed(place, ours, theirs, models.states()))

    def computed(self, place: Place, ours: Pass, theirs: Pass, after: Sequence[float]) -> Computed:
        """Return a step from what the models computed; `after` begins with the states after it."""
        before, width = self._timeline.states(place.step), self._timeline.scratch_width
        return Computed(place, _side(ours, before[0], after[:width]), _side(theirs, before[1], after[width:]))

    def judged(self, computed: Computed) -> Step:
        """Return a computed step with its verdicts."""
        place, scratch, reference = computed
        rows = slice(place.start, place.stop)
        x, y = self._dataset.x_train[rows], self._dataset.y_train[rows]
        numbers = self._judge.numbers(place, x, y, scratch, reference)
        return Step(
            place=place,
            lr=self._models.lr,
            x=x,
            y=y,
            scratch=scratch,
            torch=reference,
            comparisons=MappingProxyType(self._judge.comparisons(numbers)),
            compare_signal=partial(self._judge.signal, numbers),
        )


def _side(computed: Pass, before: Sequence[float], after: Sequence[float]) -> Side:
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
