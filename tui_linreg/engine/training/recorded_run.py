"""Both models in training, every step recorded and at hand: what a restart of a session replaces as a whole.

A step is looked at again on a second pair of models, so that looking back never touches the run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import torch

from tui_linreg.engine.data.dataset import Batches, Dataset
from tui_linreg.engine.device import number_of_threads, one_thread_at_a_time, readable
from tui_linreg.engine.errors import ReplayError
from tui_linreg.engine.progress import Cancelled, Progress
from tui_linreg.engine.schedule import Place, Schedule
from tui_linreg.engine.step import Side, Step
from tui_linreg.engine.training.lockstep import Agreement, Lockstep, Pass, StepBlock
from tui_linreg.engine.training.timeline import Timeline
from tui_linreg.engine.verdicts.judge import Judge

_BLOCK_SECONDS = 0.02
"""How long one block of training may take: `cancelled` and the screen wait so long at most."""


class Computed(NamedTuple):
    """A step that both models have done, not judged yet."""

    place: Place
    scratch: Side
    torch: Side


class RecordedRun:
    """A run of both models. Threads that train take turns, and so do those that look at a step.

    Args:
        models: the two models at their start.
        spare: two models of the same classes, on which recorded steps are computed again.
        timeline: what `models` recorded: nothing yet.
        judge: gives the verdicts on its steps.
        dataset: the data.
        schedule: the order of its mini-batches.
        threads: how many torch computes with, whichever thread trains or looks: the last bits depend on it.
    """

    def __init__(
        self,
        models: Lockstep,
        spare: Lockstep,
        timeline: Timeline,
        judge: Judge,
        dataset: Dataset,
        schedule: Schedule,
        threads: int,
    ) -> None:
        self.models = models
        self.timeline = timeline
        self.cancelled_by_restart = False
        """Set by another thread; training ends after the present block then."""
        self._spare = spare
        self._judge = judge
        self._dataset = dataset
        self._schedule = schedule
        self._threads = threads
        self._batches = Batches(dataset, schedule)
        self._training = threading.Lock()
        self._looking = threading.Lock()
        self._newest: Computed | None = None  # the step trained last, so that looking at it need not compute it again

    def train_to(self, goal: int, progress: Progress | None, cancelled: Cancelled | None) -> int:
        """Train until `goal` steps are recorded, and return how many are; see `Session.train_to`."""
        with self._training:
            try:
                self._train(goal, progress, cancelled)
            except BaseException:
                # The models may be ahead of the timeline, one of them further than the other.
                with self._computing():
                    self.models.restore(*self.timeline.states(len(self.timeline)))
                raise
        trained = len(self.timeline)
        if progress is not None:
            progress(trained, goal)
        return trained

    def _train(self, goal: int, progress: Progress | None, cancelled: Cancelled | None) -> None:
        length = 1
        while (first := len(self.timeline)) < goal and not self.cancelled_by_restart:
            if cancelled is not None and cancelled():
                break
            if progress is not None:
                progress(first, goal)
            self._newest = None  # before the block, so that its memory is there for it
            length = min(length, goal - first)
            with self._computing():
                began = time.perf_counter()
                block = self.models.train(self._batches, first, length, watch=first + length == goal)
                spent = time.perf_counter() - began
                self._record(first, block)
            length = max(1, min(2 * length, int(length * _BLOCK_SECONDS / max(spent, 1e-9))))

    def _record(self, first: int, block: StepBlock) -> None:
        # The epochs first, so that a thread that sees an epoch's last step sees its validation too.
        self.timeline.append_valid(block.valid)
        self.timeline.extend(block.rows)
        if block.last is not None:
            place = self._schedule.place(first + len(block.rows) - 1)
            self._newest = self._computed(place, *block.last, block.rows[-1].tolist())

    def cut_back(self, steps: int) -> None:
        """Forget all but the first `steps` steps; training goes on from there."""
        with self._training:
            if steps < len(self.timeline):
                self._newest = None
                self.timeline.truncate(steps)
                with self._computing():
                    self.models.restore(*self.timeline.states(steps))

    def agreement(self) -> Agreement:
        """Return how far the newest parameters of the two models agree."""
        with self._computing():
            return self.models.agreement(self._dataset)

    @contextmanager
    def _computing(self) -> Iterator[None]:
        """Hold what a thread needs to compute for this run: the run's number of threads, and on MPS the device."""
        with one_thread_at_a_time(self._dataset.x_train.device), number_of_threads(self._threads):
            yield

    def step(self, index: int) -> Step:
        """Return step `index`, bit for bit as training computed it.

        Raises:
            IndexError: when that step is not trained yet.
            ReplayError: when it is computed again and has other numbers than in training.
        """
        trained = len(self.timeline)
        if not 0 <= index < trained:
            raise IndexError(f"step {index}: trained are {trained} steps, from 0")
        newest = self._newest
        with self._looking, self._computing():
            if newest is not None and newest.place.step == index:
                return self._judged(newest)
            return self._judged(self.recomputed(self._schedule.place(index)))

    def recomputed(self, place: Place) -> Computed:
        """Return the recorded step at `place`, computed by the very calls that training made.

        For one thread at a time, which holds `_computing`.

        Raises:
            ReplayError: when a number that training recorded is another one now.
        """
        models, data = self._spare, self._dataset
        recorded = self.timeline.recorded(place.step)
        models.restore(*self.timeline.states(place.step))
        x, y = data.x_train, data.y_train
        x_column, y_column = x.unsqueeze(1), y.unsqueeze(1)
        rows = slice(place.start, place.stop)
        with torch.inference_mode():
            ours = models.train_scratch(x[rows], y[rows])
        theirs = models.watch_reference(x_column[rows], y_column[rows])
        after = models.states()
        computed = self._computed(place, ours, theirs, after)
        scratch, reference = computed.scratch, computed.torch
        again = [*after, scratch.loss, reference.loss, scratch.grad_b, scratch.grad_w]
        if repr(again) != repr(recorded):  # as text nan is nan, and 0 is not -0
            raise ReplayError(place.step, models.scratch.why_other_numbers)
        return computed

    def _computed(self, place: Place, ours: Pass, theirs: Pass, after: Sequence[float]) -> Computed:
        """Return a step from what the models computed; `after` begins with the states after it."""
        before, width = self.timeline.states(place.step), self.timeline.scratch_width
        return Computed(place, _side(ours, before[0], after[:width]), _side(theirs, before[1], after[width:]))

    def _judged(self, computed: Computed) -> Step:
        """Return a computed step with its verdicts."""
        place, scratch, reference = computed
        rows = slice(place.start, place.stop)
        x, y = readable(self._dataset.x_train[rows]), readable(self._dataset.y_train[rows])
        numbers = self._judge.numbers(place, x, y, scratch, reference)
        return Step(
            place=place,
            lr=self.models.lr,
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
        y_pred=readable(computed.y_pred),
        loss=computed.loss.item(),
        dloss_dpred=readable(computed.dloss_dpred),
        grad_b=computed.grad_b.item(),
        grad_w=computed.grad_w.item(),
        b_after=after[0],
        w_after=after[1],
    )
