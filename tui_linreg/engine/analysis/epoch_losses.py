"""Four losses of a finished epoch: the notebook's mean, the sample-weighted mean, the loss at its end, validation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tui_linreg.engine.analysis.quadratic import Quadratic
from tui_linreg.engine.models.metrics import epoch_mean
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.training.timeline import Timeline

_SAME = 1e-5
"""Losses closer than this, relative to the larger, agree: their first five digits do."""


@dataclass(frozen=True, slots=True)
class EpochRow:
    """One finished epoch of the hand-written model. All losses are mean squared errors in float64."""

    epoch: int
    """From 0."""
    notebook: float
    """Unweighted mean of the batch losses, each taken before its update: bit for bit what the log prints."""
    weighted: float
    """The same losses weighted by their batches' samples: Σ mₖ Lₖ / n."""
    end: float
    """Loss of the whole train set with the parameters at the epoch's end."""
    valid: float
    """Loss of the whole validation set there."""
    batches: int
    short: int
    """Samples in the last batch if that is shorter than the others, else 0."""
    samples: int
    last: float
    """The last batch's own loss."""
    summed: bool = False
    """Whether the batch losses are sums over their samples: the mistake `sum`."""

    @property
    def moved(self) -> float:
        """By how much the short batch's weight moves the notebook's mean: notebook − weighted."""
        return self.notebook - self.weighted

    @property
    def lag(self) -> float:
        """How far the weighted mean lies above the end: each of its losses was taken before the epoch was over."""
        return self.weighted - self.end

    @property
    def why(self) -> tuple[str, ...]:
        """Why the three differ, in one line each; empty where they agree to five digits or are not finite."""
        if self.summed:
            return ("sum: batch losses and validation are sums of squares, the end is a mean: they do not compare",)
        reasons = []
        if self.short and _differ(self.notebook, self.weighted):
            reasons.append(
                f"short batch: {self.short} of {self.samples} samples counts for 1/{self.batches} of the notebook's "
                f"mean (own loss {self.last:.4g}): {self.moved:+.4g}"
            )
        if _differ(self.weighted, self.end):
            reasons.append(
                f"lag: batch losses are taken before their updates, the end after all of them: {self.lag:+.4g}"
            )
        return tuple(reasons)

    def as_json(self) -> dict[str, float]:
        """Return the epoch and its four losses."""
        return {name: getattr(self, name) for name in ("epoch", "notebook", "weighted", "end", "valid")}


def _differ(a: float, b: float) -> bool:
    return bool(np.isfinite(a) and np.isfinite(b)) and abs(a - b) > _SAME * max(abs(a), abs(b))


def epoch_rows(
    timeline: Timeline, schedule: Schedule, whole: Quadratic, start: int, stop: int, *, summed: bool = False
) -> list[EpochRow]:
    """Return the rows of the finished ones among epochs `start` to `stop` (exclusive).

    Args:
        timeline: the recorded run.
        schedule: its batches and epochs.
        whole: the loss of the whole train set.
        start: the first epoch, from 0.
        stop: the epoch to end before.
        summed: whether the recorded batch losses are sums over their samples.
    """
    batches, size, n = schedule.batches, schedule.batch_size, schedule.n_train
    start, stop = max(start, 0), min(stop, len(timeline) // batches)
    short = n % size if batches > 1 else 0
    weights = np.full(batches, size / n)
    weights[-1] = (short or size) / n
    rows = []
    for epoch in range(start, stop):
        first, after = schedule.first_step(epoch), schedule.first_step(epoch + 1)
        losses = timeline.losses(0, first, after)
        notebook = weighted = epoch_mean(losses.tolist())
        if short:
            with np.errstate(all="ignore"):
                weighted = float((losses * weights).sum())
        end = float(whole.at(*timeline.states(after)[0][:2]))
        valid = float(timeline.valid(0, epoch, epoch + 1)[0])
        rows.append(EpochRow(epoch, notebook, weighted, end, valid, batches, short, n, float(losses[-1]), summed))
    return rows
