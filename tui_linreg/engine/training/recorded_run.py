"""Both models in training, every step recorded and at hand: what a restart of a session replaces as a whole."""

from __future__ import annotations

import threading
import time

from tui_linreg.engine.data.dataset import Batches, Dataset
from tui_linreg.engine.progress import Cancelled, Progress
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.step import Step
from tui_linreg.engine.training.lockstep import Lockstep, StepBlock
from tui_linreg.engine.training.replay import Computed, Replay
from tui_linreg.engine.training.timeline import Timeline

_BLOCK_SECONDS = 0.02
"""How long one block of training may take: `cancelled` and the screen wait so long at most."""


class RecordedRun:
    """A run of both models. Threads that train take turns, and so do those that look at a step.

    Args:
        models: the two models at their start.
        replay: computes a recorded step again.
        timeline: what `models` recorded: nothing yet.
        dataset: the data.
        schedule: the order of its mini-batches.
    """

    def __init__(
        self, models: Lockstep, replay: Replay, timeline: Timeline, dataset: Dataset, schedule: Schedule
    ) -> None:
        self.models = models
        self.timeline = timeline
        self.cancelled_by_restart = False
        """Set by another thread; training ends after the present block then."""
        self._replay = replay
        self._schedule = schedule
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
            self._newest = self._replay.computed(place, *block.last, block.rows[-1].tolist())

    def cut_back(self, steps: int) -> None:
        """Forget all but the first `steps` steps; training goes on from there."""
        with self._training:
            if steps < len(self.timeline):
                self._newest = None
                self.timeline.truncate(steps)
                self.models.restore(*self.timeline.states(steps))

    def step(self, index: int) -> Step:
        """Return step `index`, bit for bit as training computed it.

        Raises:
            IndexError: when that step is not trained yet.
        """
        trained = len(self.timeline)
        if not 0 <= index < trained:
            raise IndexError(f"step {index}: trained are {trained} steps, from 0")
        newest = self._newest
        with self._looking:
            if newest is not None and newest.place.step == index:
                return self._replay.judged(newest)
            return self._replay.step(self._schedule.place(index))
