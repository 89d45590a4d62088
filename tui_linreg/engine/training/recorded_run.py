"""Both models in training, every step recorded and at hand: what a restart of a session replaces as a whole.

A step is looked at again on a second pair of models, so that looking back never touches the run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from tui_linreg.engine.data.batches import Batches
from tui_linreg.engine.data.dataset import Dataset
from tui_linreg.engine.device import number_of_threads, one_thread_at_a_time
from tui_linreg.engine.errors import ReplayError
from tui_linreg.engine.models.autograd import AutogradGraph, GraphRecorder
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.progress import Cancelled, Progress
from tui_linreg.engine.rates import Rates
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.step import Step
from tui_linreg.engine.training.judged_steps import StepReader
from tui_linreg.engine.training.lockstep import Agreement, Lockstep, StepBlock, readable_block
from tui_linreg.engine.training.timeline import Timeline
from tui_linreg.engine.verdicts.basis import StepNumbers
from tui_linreg.engine.verdicts.bits import identical
from tui_linreg.engine.verdicts.bounds import Moments, Precision
from tui_linreg.engine.verdicts.drift import Drift
from tui_linreg.engine.verdicts.judge import BLOCK

_BLOCK_SECONDS = 0.02
"""How long one block of training may take: `cancelled` and the screen wait so long at most."""
_WALKED_AT_ONCE = 256


class RecordedRun:
    """A run of both models. Threads that train take turns, and so do those that look at a step.

    Args:
        models: the two models at their start.
        spare: two models of the same classes, on which recorded steps are computed again.
        timeline: what `models` recorded: nothing yet.
        dataset: the data.
        schedule: the order of its mini-batches.
        moments: sums over the mini-batches of an epoch.
        precision: of the run's dtype.
        threads: how many torch computes with, whichever thread trains or looks: the last bits depend on it.
    """

    def __init__(
        self,
        models: Lockstep,
        spare: Lockstep,
        timeline: Timeline,
        dataset: Dataset,
        schedule: Schedule,
        moments: Moments,
        precision: Precision,
        threads: int,
    ) -> None:
        self.models = models
        self.timeline = timeline
        self.cancelled_by_restart = False
        """Set by another thread; training ends after the present block then."""
        self._spare = spare
        self._dataset = dataset
        self._schedule = schedule
        self._threads = threads
        self._batches, self._spare_batches = Batches(dataset, schedule), Batches(dataset, schedule)
        self._training = threading.Lock()
        self._looking = threading.Lock()
        # The steps trained last of which all was kept, so that looking at them need not compute them again.
        self._newest: tuple[int, StepBlock] | None = None
        self._drift = Drift(timeline, moments, models.rates, precision, self._numbers_of)
        self._reader = StepReader(self._drift, timeline, dataset, schedule)

    def train_to(self, goal: int, progress: Progress | None, cancelled: Cancelled | None) -> int:
        """Train until `goal` steps are recorded, and return how many are; see `Session.train_to`."""
        length = 1
        with self._training:
            while (first := len(self.timeline)) < goal and not self.cancelled_by_restart:
                if cancelled is not None and cancelled():
                    break
                if progress is not None:
                    progress(first, goal)
                length = min(length, goal - first)
                began = time.perf_counter()
                # A long batch is a block by itself, and kept in case its verdict needs its vectors.
                self._train_block(first, length, watch=int(length == 1 or first + length == goal))
                spent = time.perf_counter() - began
                length = max(1, min(2 * length, int(length * _BLOCK_SECONDS / max(spent, 1e-9))))
        trained = len(self.timeline)
        if progress is not None:
            progress(trained, goal)
        return trained

    def _train_block(self, first: int, length: int, *, watch: int) -> StepBlock:
        """Train and record so many steps; of the last `watch` of them all numbers are kept."""
        self._newest = None  # before the block, so that its memory is there for it
        try:
            with self._computing():
                block = readable_block(self.models.train(self._batches, first, length, watch=watch))
            # The epochs first, so that a thread that sees an epoch's last step sees its validation too.
            self.timeline.append_valid(block.valid)
            self.timeline.extend(block.rows)
        except BaseException:
            # The models may be ahead of the timeline, one of them further than the other.
            with self._computing():
                self.models.restore(*self.timeline.states(len(self.timeline)))
            raise
        if watch:
            self._newest = first + length - watch, block._replace(rows=block.rows[-watch:])
        self._drift.check_to(first + length)
        return block

    def extend(self, schedule: Schedule) -> None:
        """Take a schedule that only has more epochs."""
        self._schedule = self._reader.schedule = schedule

    def cut_back(self, steps: int, rates: Rates | None = None) -> None:
        """Forget all but the first `steps` steps; training goes on from there, with `rates` where they are given.

        They must be those of before in the steps that stay.
        """
        with self._training:
            with self._looking:  # so that nobody computes a step again with rates that it was not trained with
                rates = rates or self.models.rates
                self.models.rates = self._spare.rates = self._drift.rates = rates
                fewer = steps < len(self.timeline)
                if fewer:
                    self._newest = None
                    self.timeline.truncate(steps)
            if fewer:
                self._drift.forget()
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
        return next(self._reader.steps(index, self._block(index)))

    def walk(self, start: int, stop: int) -> Iterator[Step]:
        """Yield steps `start` to `stop` (exclusive), judged some at a time; steps not trained yet are trained.

        Raises:
            ReplayError: as `step`.
        """
        at_once = max(1, min(_WALKED_AT_ONCE, BLOCK // self._schedule.batch_size))
        while start < stop and not self.cancelled_by_restart:
            length = min(at_once, stop - start)
            if start < (trained := len(self.timeline)):
                length = min(length, trained - start)
                block = self.recomputed(start, length)
            else:
                with self._training:
                    if len(self.timeline) != start:  # another thread has trained meanwhile
                        continue
                    block = self._train_block(start, length, watch=length)
            yield from self._reader.steps(start, block)
            start += length

    def recomputed(self, first: int, count: int) -> StepBlock:
        """Return recorded steps, computed by the very calls that training made.

        Raises:
            IndexError: when they are not recorded (any more).
            ReplayError: when a number that training recorded is another one now.
        """
        with self._looking, self._computing():
            recorded = self.timeline.rows(first, first + count)
            if len(recorded) < count:
                raise IndexError(f"steps {first} to {first + count - 1} are not recorded")
            self._spare.restore(*self.timeline.states(first))
            block = self._spare.train(self._spare_batches, first, count, watch=count, validate=False)
            block = readable_block(block)
        other = np.flatnonzero(~identical(block.rows, recorded).all(axis=1))
        if len(other):
            raise ReplayError(first + int(other[0]), self._spare.scratch.why_other_numbers)
        return block

    def autograd_graph(self, step: Step) -> AutogradGraph:
        """Return the graph that torch builds of a step, recorded or tried: its forward and backward pass, once more.

        Raises:
            ReplayError: when torch's loss, b or w is another one than in that step.
        """
        theirs, number = step.torch, step.place.step
        known = np.array([theirs.b_after, theirs.w_after, theirs.loss])
        spare, layer = self._spare, self._spare.reference.layer
        with self._looking, self._computing():
            spare.restore_reference((theirs.b_before, theirs.w_before))
            x, y = (samples.to(layer.bias.device).unsqueeze(1) for samples in (step.x, step.y))
            recorder = GraphRecorder({"b": layer.bias, "w": layer.weight})
            done = spare.watch_reference(x, y, step.lr, recorder.watch)
            found = [tensor.item() for tensor in (layer.bias, layer.weight, done.loss)]
            graph = recorder.graph(number)
        if not identical(np.array(found), known).all():
            raise ReplayError(number, SimpleLinearRegression.why_other_numbers)
        return graph

    def _numbers_of(self, step: int) -> StepNumbers:
        """Return the numbers of a recorded step."""
        return self._reader.numbers(step, self._block(step))

    def _block(self, step: int) -> StepBlock:
        """Return a recorded step: one of the newest as it was trained, any other computed again."""
        newest = self._newest
        if newest is not None and 0 <= (at := step - newest[0]) < len(newest[1].rows):
            return newest[1]._replace(rows=newest[1].rows[at : at + 1], watched=newest[1].watched[at : at + 1])
        return self.recomputed(step, 1)
