"""What training leaves behind: parameters after each step, the losses, and the gradients that charts draw.

For the two plain models that is less than 50 bytes a step while they agree up to rounding (64 in full: b and w of both,
both losses, the scratch model's two gradients). Everything else of a step is recomputed from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tui_linreg.engine.training.blocks import Blocks
from tui_linreg.engine.training.outline import Curve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Table = NDArray[np.float64]


_MOST_OF_PATH = 2048


class Timeline:
    """The recorded run of both models. One thread appends while others read.

    Args:
        scratch_width: numbers that decide the scratch model's next step (2: b and w).
        start: those numbers, followed by the torch model's b and w, before the first step.
        batches: mini-batches in an epoch.
        single: whether the run is one of float32.
    """

    def __init__(self, scratch_width: int, start: Sequence[float], *, batches: int = 1, single: bool = False) -> None:
        self.scratch_width = scratch_width
        self._start = list(start)
        self._batches = batches
        w = scratch_width
        self._theirs, self._loss, self._gradient = w, w + 2, w + 4
        self._steps = Blocks(
            w + 6,
            pairs={w: 0, w + 1: 1, w + 3: w + 2},
            outlined=(0, 1, self._loss, self._gradient, self._gradient + 1),
            single=single,
        )
        self._epochs = Blocks(2, pairs={1: 0}, outlined=(0,), single=single)
        self._means = Blocks(1, pairs={}, outlined=(0,))
        self.first_overflow: int | None = None
        """The first step after whose update, or in whose loss, a number of either model was not finite."""

    def __len__(self) -> int:
        """Return the number of steps trained."""
        return len(self._steps)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self._steps.nbytes + self._epochs.nbytes + self._means.nbytes

    def extend(self, rows: Table) -> None:
        """Record steps, shape (k, scratch width + 6).

        Columns: the scratch model's numbers after the step, torch's b and w after it, both losses (scratch, torch),
        scratch's ∂L/∂b and ∂L/∂w.
        """
        if self.first_overflow is None:
            broken = np.flatnonzero(~np.isfinite(rows[:, : self._gradient]).all(axis=1))
            if len(broken):
                self.first_overflow = len(self) + int(broken[0])
        self._before_count(len(rows), rows[:, self._loss])
        self._steps.extend(rows)

    def _before_count(self, steps: int, losses: Vector) -> None:
        """Record the mean loss of every epoch that the next `steps` steps end."""
        first, size = len(self), self._batches
        epochs = (first + steps) // size - first // size
        if not epochs:
            return
        begun = first % size
        new = np.concatenate([self.losses(0, first - begun, first), losses])[: epochs * size]
        with np.errstate(all="ignore"):
            self._means.extend(new.reshape(epochs, size).mean(axis=1)[:, None])

    def append_valid(self, losses: Sequence[float] | Table) -> None:
        """Record both validation losses (scratch, torch) after an epoch, or after several, shape (epochs, 2)."""
        self._epochs.extend(np.asarray(losses, dtype=np.float64).reshape(-1, 2))

    def states(self, step: int) -> tuple[list[float], list[float]]:
        """Return (scratch numbers, [b, w] of torch) before `step`; `step` may be the next one to train.

        Raises:
            IndexError: when no step before `step` is recorded.
        """
        row = self._steps.row(step - 1)[: self._loss] if step else self._start
        return row[: self.scratch_width], row[self.scratch_width :]

    def losses(self, side: int, start: int = 0, stop: int | None = None) -> Vector:
        """Return the batch losses of steps `start` to `stop` of side 0 (scratch) or 1 (torch), read-only."""
        return self._steps.column(self._loss + side, start, stop)

    def gradients(self, parameter: int, start: int = 0, stop: int | None = None) -> Vector:
        """Return ∂L/∂b (parameter 0) or ∂L/∂w (1) of the scratch model in steps `start` to `stop`, read-only."""
        return self._steps.column(self._gradient + parameter, start, stop)

    def valid(self, side: int, start: int = 0, stop: int | None = None) -> Vector:
        """Return the validation losses of epochs `start` to `stop`, read-only."""
        return self._epochs.column(side, start, stop)

    def biases(self, side: int, start: int = 0, stop: int | None = None) -> Vector:
        """Return b before steps `start` to `stop`; row len(self) is the newest b."""
        return self._parameter(0, side, start, stop)

    def weights(self, side: int, start: int = 0, stop: int | None = None) -> Vector:
        """Return w before steps `start` to `stop`; row len(self) is the newest w."""
        return self._parameter(1, side, start, stop)

    def _parameter(self, which: int, side: int, start: int, stop: int | None) -> Vector:
        column = which + side * self._theirs
        after = self._steps.column(column, max(start - 1, 0), None if stop is None else max(stop - 1, 0))
        if start or stop == 0:
            return after
        return np.concatenate([[self._start[column]], after])

    # ── for charts: all points, or of a long run its outline ────────────────────────────────────────────────────────

    def loss_curve(self, steps: int) -> Curve:
        """Return the scratch model's batch losses of the first `steps` steps."""
        return self._steps.curve(self._loss, steps)

    def gradient_curve(self, parameter: int, steps: int) -> Curve:
        """Return the scratch model's ∂L/∂b (parameter 0) or ∂L/∂w (1) of the first `steps` steps."""
        return self._steps.curve(self._gradient + parameter, steps)

    def parameter_curve(self, parameter: int, updates: int) -> Curve:
        """Return the scratch model's b (parameter 0) or w (1) after 0, 1, … `updates` updates."""
        at, values = self._steps.curve(parameter, updates)
        return Curve(np.append(0, at + 1), np.append(self._start[parameter], values))

    def path(self, updates: int, side: int = 0) -> tuple[Vector, Vector]:
        """Return b and w of side 0 (scratch) or 1 (torch) after 0, 1, … `updates` updates, of the same updates each.

        Of more than `_MOST_OF_PATH` only every second, fourth, … and the last: a curve in the plane needs both numbers
        of one step, which two outlines do not have.
        """
        stride = 1
        while updates // stride > _MOST_OF_PATH:
            stride *= 2
        found = []
        for column in (side * self._theirs, side * self._theirs + 1):
            values = self._steps.every(stride, column, stride - 1, updates)
            last = [self._steps.row(updates - 1)[column]] if updates % stride else []
            found.append(np.concatenate([[self._start[column]], values, last]))
        return found[0], found[1]

    def mean_curve(self, epochs: int) -> Curve:
        """Return the unweighted mean of the batch losses of each of the first epochs."""
        return self._means.curve(0, epochs)

    def valid_curve(self, epochs: int) -> Curve:
        """Return the scratch model's validation loss after each of the first epochs."""
        return self._epochs.curve(0, epochs)
