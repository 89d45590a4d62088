"""From the numbers of a trained block to its steps, each with its verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray

from tui_linreg.engine.data.dataset import Dataset
from tui_linreg.engine.device import readable
from tui_linreg.engine.schedule import Place, Schedule
from tui_linreg.engine.step import Side, Step
from tui_linreg.engine.training.lockstep import Pass, StepBlock
from tui_linreg.engine.training.timeline import Timeline
from tui_linreg.engine.verdicts.basis import SideNumbers, StepNumbers
from tui_linreg.engine.verdicts.bits import on_host
from tui_linreg.engine.verdicts.drift import Drift
from tui_linreg.engine.verdicts.judge import Judge, Judged

Table = NDArray[np.float64]


class StepReader:
    """Makes the steps of one run.

    Args:
        drift: what rounding explains in that run.
        timeline: the recorded run.
        dataset: the data.
        schedule: the order of its mini-batches.
    """

    def __init__(self, drift: Drift, timeline: Timeline, dataset: Dataset, schedule: Schedule) -> None:
        self._drift = drift
        self._timeline = timeline
        self.schedule = schedule
        """The order of the run's mini-batches; its end may move."""
        self._x, self._y = readable(dataset.x_train), readable(dataset.y_train)
        self._host_x, self._host_y = on_host(self._x), on_host(self._y)
        self._judge = Judge(drift)

    def steps(self, first: int, block: StepBlock) -> Iterator[Step]:
        """Yield the steps of a block, of which all was watched; `first` is the number of the first."""
        places = [self.schedule.place(first + number) for number in range(len(block.rows))]
        scalars = self._scalars(block)
        judged = self._judged(places, block, scalars)
        read = (self._timeline.biases, self._timeline.weights)
        before = [[of(side, first, first + len(places)).tolist() for of in read] for side in (0, 1)]
        columns = [table.tolist() for table in scalars]
        for number, (place, passes) in enumerate(zip(places, block.watched, strict=True)):
            rows = slice(place.start, place.stop)
            sides = [
                _side(passes[side], before[side][0][number], before[side][1][number], columns[side][number])
                for side in (0, 1)
            ]
            verdicts, index = judged[number]
            yield Step(
                place=place,
                lr=self._drift.rates.at(place.step),
                x=self._x[rows],
                y=self._y[rows],
                scratch=sides[0],
                torch=sides[1],
                comparisons=MappingProxyType(verdicts.comparisons(index)),
                compare_signal=partial(verdicts.signal, index),
            )

    def _scalars(self, block: StepBlock) -> tuple[Table, Table]:
        """Return loss, ∂L/∂b, ∂L/∂w, b and w after each step, of both models, shape (k, 5) each."""
        theirs = self._timeline.scratch_width
        rows, losses = block.rows, theirs + 2
        passes = [of_torch for _, of_torch in block.watched]
        gradients = (
            torch.stack([each.grad_b.reshape(()) for each in passes]),
            torch.stack([each.grad_w.reshape(()) for each in passes]),
        )
        return (
            rows[:, [losses, losses + 2, losses + 3, 0, 1]],
            np.column_stack([rows[:, losses + 1], *map(on_host, gradients), rows[:, theirs : theirs + 2]]),
        )

    def numbers(self, step: int, block: StepBlock) -> StepNumbers:
        """Return what the one step of a block is judged by."""
        return self._numbers([self.schedule.place(step)], block, self._scalars(block), [0])

    def _numbers(
        self, places: Sequence[Place], block: StepBlock, scalars: tuple[Table, Table], at: Sequence[int]
    ) -> StepNumbers:
        """Return what the steps at these places of a block, of one batch length, are judged by."""
        sides = [
            SideNumbers(
                _stacked([on_host(block.watched[number][side].y_pred) for number in at]),
                _stacked([on_host(block.watched[number][side].dloss_dpred) for number in at]),
                scalars[side][at],
            )
            for side in (0, 1)
        ]
        own = [slice(places[number].start, places[number].stop) for number in at]
        x, y = (_stacked([values[rows] for rows in own]) for values in (self._host_x, self._host_y))
        return StepNumbers(np.array([places[number].step for number in at]), x, y, sides[0], sides[1])

    def _judged(
        self, places: Sequence[Place], block: StepBlock, scalars: tuple[Table, Table]
    ) -> dict[int, tuple[Judged, int]]:
        """Return of each step of a block the verdicts that its own are among, and where; one batch length at a time."""
        found: dict[int, tuple[Judged, int]] = {}
        for length in {place.m for place in places}:
            at = [number for number, place in enumerate(places) if place.m == length]
            verdicts = self._judge.judge(self._numbers(places, block, scalars, at))
            found |= {number: (verdicts, index) for index, number in enumerate(at)}
        return found


def _stacked(vectors: list[NDArray[np.floating]]) -> NDArray[np.floating]:
    """Return vectors of shape (m,) as rows; a single long one is not copied."""
    return vectors[0][None] if len(vectors) == 1 else np.stack(vectors)


def _side(computed: Pass, b: float, w: float, scalars: Sequence[float]) -> Side:
    loss, grad_b, grad_w, b_after, w_after = scalars
    return Side(
        b_before=b,
        w_before=w,
        y_pred=computed.y_pred,
        loss=loss,
        dloss_dpred=computed.dloss_dpred,
        grad_b=grad_b,
        grad_w=grad_w,
        b_after=b_after,
        w_after=w_after,
    )
