"""The epoch's loss, honestly: the notebook's unweighted mean, the sample-weighted one, and the loss at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tui_linreg.engine.analysis.quadratic import Quadratic
from tui_linreg.engine.models.epoch_log import epoch_mean
from tui_linreg.engine.progress import Cancelled, Pace, Progress
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.training.timeline import Timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

_STEPS_AT_ONCE = 65_536
_SAME = 1e-5
"""Losses closer than this, relative to the larger, agree: their first five digits do."""
_FEW = 64
"""Of epochs longer than this the parameters at the end are read one by one, not picked from all steps."""


@dataclass(frozen=True, slots=True)
class EpochRow:
    """One finished epoch of one model."""

    epoch: int
    """From 0."""
    notebook: float
    """Unweighted mean of the batch losses, each taken before its update: bit for bit what the log prints."""
    weighted: float
    """The same losses weighted by their batches' samples: Σ mₖ Lₖ / n."""
    end: float
    """Loss of the whole train set with the parameters at the epoch's end, in float64."""
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
        found = []
        if self.short and _differ(self.notebook, self.weighted):
            found.append(
                f"short batch: {self.short} of {self.samples} samples weigh 1/{self.batches} in the notebook's mean "
                f"(own loss {self.last:.4g}): {self.moved:+.4g}"
            )
        if _differ(self.weighted, self.end):
            found.append(
                f"lag: batch losses are taken before their updates, the end after all of them: {self.lag:+.4g}"
            )
        return tuple(found)

    def as_json(self) -> dict[str, float]:
        """Return the epoch and its four losses."""
        return {name: getattr(self, name) for name in ("epoch", "notebook", "weighted", "end", "valid")}


class EpochColumns(NamedTuple):
    """The same of many epochs, arrays of shape (epochs,)."""

    epoch: NDArray[np.int64]
    notebook: Vector
    """The means of one summation order, so in their last bits not those of the log."""
    weighted: Vector
    end: Vector
    valid: Vector


def _differ(a: float, b: float) -> bool:
    return bool(np.isfinite(a) and np.isfinite(b)) and abs(a - b) > _SAME * max(abs(a), abs(b))


def finished(timeline: Timeline, schedule: Schedule) -> int:
    """Return how many epochs of the recorded run are finished."""
    return len(timeline) // schedule.batches


def epoch_rows(
    timeline: Timeline,
    schedule: Schedule,
    whole: Quadratic,
    start: int = 0,
    stop: int | None = None,
    *,
    side: int = 0,
    summed: bool = False,
) -> list[EpochRow]:
    """Return the rows of finished epochs `start` to `stop` (exclusive; None: all) of side 0 (scratch) or 1 (torch).

    For a window of a table or a report; `whole` is the loss of the train set, `summed` whether batch losses are sums.
    Costs some 30 ns for each step.
    """
    known = finished(timeline, schedule)
    stop = known if stop is None else min(stop, known)
    rows: list[EpochRow] = []
    each = max(1, _STEPS_AT_ONCE // schedule.batches)
    short = schedule.n_train % schedule.batch_size if schedule.batches > 1 else 0
    for first in range(max(start, 0), stop, each):
        after = min(first + each, stop)
        losses = _losses(timeline, schedule, first, after, side)
        columns = _columns(timeline, schedule, whole, first, after, side, losses)
        for own, *values in zip(losses.tolist(), *(column.tolist() for column in columns), strict=True):
            epoch, _, weighted, end, valid = values
            mean = epoch_mean(own)
            weighted = weighted if short else mean
            rows.append(EpochRow(epoch, mean, weighted, end, valid, len(own), short, schedule.n_train, own[-1], summed))
    return rows


def epoch_columns(
    timeline: Timeline,
    schedule: Schedule,
    whole: Quadratic,
    start: int = 0,
    stop: int | None = None,
    *,
    side: int = 0,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> EpochColumns:
    """Return the losses of finished epochs `start` to `stop` as columns, for a chart; fewer when cancelled.

    Costs some 30 ns for each step of them, and as much again for each epoch, so a million are work for the background.
    """
    known = finished(timeline, schedule)
    start, stop = max(start, 0), known if stop is None else min(stop, known)
    pace, parts = Pace(stop - start, progress, cancelled), []
    each = max(1, _STEPS_AT_ONCE // schedule.batches)
    for first in range(start, stop, each):
        if pace.stops(first - start):
            break
        after = min(first + each, stop)
        losses = _losses(timeline, schedule, first, after, side)
        parts.append(_columns(timeline, schedule, whole, first, after, side, losses))
    else:
        pace.finish(stop - start)
    if not parts:
        return EpochColumns(np.empty(0, dtype=np.int64), *(np.empty(0) for _ in range(4)))
    return EpochColumns(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _losses(timeline: Timeline, schedule: Schedule, first: int, after: int, side: int) -> Vector:
    """Return the batch losses of epochs `first` to `after`, shape (epochs, batches)."""
    steps = schedule.first_step(first), schedule.first_step(after)
    return timeline.losses(side, *steps).reshape(after - first, schedule.batches)


def _columns(
    timeline: Timeline, schedule: Schedule, whole: Quadratic, first: int, after: int, side: int, losses: Vector
) -> EpochColumns:
    n, size, batches = schedule.n_train, schedule.batch_size, schedule.batches
    with np.errstate(all="ignore"):
        notebook = losses.mean(axis=1)
        weighted = notebook
        if n % size and batches > 1:
            weights = np.full(batches, size / n)
            weights[-1] = n % size / n
            weighted = (losses * weights).sum(axis=1)
        end = np.asarray(whole.at(*_ends(timeline, schedule, first, after, side)))
    return EpochColumns(np.arange(first, after), notebook, weighted, end, timeline.valid(side, first, after))


def _ends(timeline: Timeline, schedule: Schedule, first: int, after: int, side: int) -> tuple[Vector, Vector]:
    """Return b and w after each of epochs `first` to `after`."""
    batches = schedule.batches
    if batches > _FEW:
        states = (timeline.states(schedule.first_step(epoch + 1))[side][:2] for epoch in range(first, after))
        b, w = np.array(list(states)).T
        return b, w
    last = schedule.first_step(first + 1)
    steps = last, schedule.first_step(after) + 1
    return timeline.biases(side, *steps)[::batches], timeline.weights(side, *steps)[::batches]
