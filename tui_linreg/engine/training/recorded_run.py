"""Both models in training, every step recorded and at hand: what a restart of a session replaces as a whole.

A step is looked at again on a second pair of models, so that looking back never touches the run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from functools import partial
from types import MappingProxyType

import torch

from tui_linreg.engine.data.dataset import Batches, Dataset
from tui_linreg.engine.progress import Cancelled, Progress
from tui_linreg.engine.schedule import Place, Schedule
from tui_linreg.engine.step import Side, Step
from tui_linreg.engine.training.lockstep import Lockstep, Pass
from tui_linreg.engine.training.timeline import Timeline
from tui_linreg.engine.verdicts.judge import Judge

_BLOCK_SECONDS = 0.02
"""How long one block of training may take: `cancelled` and the screen wait so long at most."""


class RecordedRun:
    """A run of both models. Threads that train take turns, and so do those that look at a step.

    Args:
        models: the two models at their start.
        spare: two models of the same classes, on which recorded steps are computed again.
        timeline: what `models` recorded: nothing yet.
        judge: gives the verdicts on its steps.
        dataset: the data.
        schedule: the order of its mini-batches.
    """

    def __init__(
        self, models: Lockstep, spare: Lockstep, timeline: Timeline, judge: Judge, dataset: Dataset, schedule: Schedule
    ) -> None:
        self.models = models
        self.timeline = timeline
        self.cancelled_by_restart = False
        """Set by another thread; training ends after the present block then."""
        self._spare = spare
        self._judge = judge
        self._dataset = dataset
        self._schedule = schedule
        self._batches = Batches(dataset, schedule)
        self._training = threading.Lock()
        self._looking = threading.Lock()

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
            length = min(length, goal - first)
            began = time.perf_counter()
            block = self.models.train(self._batches, first, length)
            spent = time.perf_counter() - began
            # The epochs first, so that a thread that sees an epoch's last step sees its validation too.
            self.timeline.append_valid(block.valid)
            self.timeline.extend(block.rows)
            length = max(1, min(2 * length, int(length * _BLOCK_SECONDS / max(spent, 1e-9))))

    def cut_back(self, steps: int) -> None:
        """Forget all but the first `steps` steps; training goes on from there."""
        with self._training:
            if steps < len(self.timeline):
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
        with self._looking:
            return self._recomputed(self._schedule.place(index))

    def _recomputed(self, place: Place) -> Step:
        """Return the recorded step at `place`, computed by the very calls that training made, with its verdicts."""
        models, data = self._spare, self._dataset
        states = self.timeline.states(place.step)
        models.restore(*states)
        x, y = data.x_train, data.y_train
        x_column, y_column = x.unsqueeze(1), y.unsqueeze(1)
        rows = slice(place.start, place.stop)
        with torch.inference_mode():
            ours = models.train_scratch(x[rows], y[rows])
        theirs = models.watch_reference(x_column[rows], y_column[rows])
        after, width = models.states(), self.timeline.scratch_width
        scratch, reference = _side(ours, states[0], after[:width]), _side(theirs, states[1], after[width:])
        numbers = self._judge.numbers(place, x[rows], y[rows], scratch, reference)
        return Step(
            place=place,
            lr=models.lr,
            x=x[rows],
            y=y[rows],
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
