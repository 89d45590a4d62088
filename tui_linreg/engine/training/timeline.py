"""What training leaves behind: parameters after each step, the losses, and the gradients that charts draw.

For the two plain models that is 64 bytes a step (b and w of both, both losses, the scratch model's two gradients) and
16 an epoch. Everything else of a step is recomputed from it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tui_linreg.engine.models.metrics import EpochLosses, epoch_mean

Vector = NDArray[np.float64]
Table = NDArray[np.float64]
Places = NDArray[np.int64]

_FIRST_ROOM = 1024


class Columns:
    """The table. One thread writes while others read: a row is counted only after it is written.

    Its memory is doubled when it is full; the part not written yet takes address space only.

    Args:
        width: the number of columns.
    """

    def __init__(self, width: int) -> None:
        self._values: Table = np.empty((width, _FIRST_ROOM))
        self._rows = 0

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._rows

    @property
    def nbytes(self) -> int:
        """Bytes written."""
        return self._rows * len(self._values) * self._values.itemsize

    def extend(self, rows: Table) -> None:
        """Add rows, shape (k, width)."""
        stop = self._rows + len(rows)
        if stop > self._values.shape[1]:
            larger = np.empty((len(self._values), max(stop, 2 * self._values.shape[1])))
            larger[:, : self._rows] = self._values[:, : self._rows]
            self._values = larger
        self._values[:, self._rows : stop] = rows.T
        self._rows = stop

    def truncate(self, rows: int) -> None:
        """Forget all but the first `rows` rows."""
        self._rows = min(self._rows, rows)

    def row(self, index: int) -> list[float]:
        """Return row `index` (from 0).

        Raises:
            IndexError: when there is no such row.
        """
        if not 0 <= index < self._rows:
            raise IndexError(f"row {index}: there are {self._rows}")
        row: list[float] = self._values[:, index].tolist()
        return row

    def table(self, start: int, stop: int) -> Table:
        """Return rows `start` to `stop` (exclusive), shape (k, width)."""
        return np.ascontiguousarray(self._values[:, start : min(stop, self._rows)].T)

    def column(self, index: int, start: int = 0, stop: int | None = None) -> Vector:
        """Return rows `start` to `stop` (exclusive; None: all there are) of a column, read-only, not copied."""
        stop = self._rows if stop is None else min(stop, self._rows)
        values = self._values[index, start:stop]
        values.flags.writeable = False
        return values


class Timeline:
    """The recorded run of both models. One thread appends while others read.

    Args:
        scratch_width: numbers that decide the scratch model's next step (2: b and w).
        start: those numbers, followed by the torch model's b and w, before the first step.
        batches: mini-batches in an epoch.
    """

    def __init__(self, scratch_width: int, start: Sequence[float], *, batches: int = 1) -> None:
        self.scratch_width = scratch_width
        self._start = list(start)
        self._batches = batches
        self._theirs, self._loss, self._gradient = scratch_width, scratch_width + 2, scratch_width + 4
        self._steps = Columns(scratch_width + 6)
        self._epochs = Columns(2)
        self.first_overflow: int | None = None
        """The first step after whose update, or in whose loss, a number of either model was not finite."""

    def __len__(self) -> int:
        """Return the number of steps trained."""
        return len(self._steps)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self._steps.nbytes + self._epochs.nbytes

    def extend(self, rows: Table) -> None:
        """Record steps, shape (k, scratch width + 6).

        Columns: the scratch model's numbers after the step, torch's b and w after it, both losses (scratch, torch),
        scratch's ∂L/∂b and ∂L/∂w.
        """
        if self.first_overflow is None:
            broken = np.flatnonzero(~np.isfinite(rows[:, : self._gradient]).all(axis=1))
            if len(broken):
                self.first_overflow = len(self) + int(broken[0])
        self._steps.extend(rows)

    def truncate(self, steps: int) -> None:
        """Forget all but the first `steps` steps, and the epochs that end after them."""
        self._steps.truncate(steps)
        self._epochs.truncate(steps // self._batches)
        if self.first_overflow is not None and self.first_overflow >= steps:
            self.first_overflow = None

    def append_valid(self, losses: Sequence[float] | Table) -> None:
        """Record both validation losses (scratch, torch) after an epoch, or after several, shape (epochs, 2)."""
        self._epochs.extend(np.asarray(losses, dtype=np.float64).reshape(-1, 2))

    def epoch_log(self, side: int, start: int = 0, stop: int | None = None) -> list[EpochLosses]:
        """Return the losses of finished epochs `start` to `stop` (None: all) of side 0 (scratch) or 1 (torch)."""
        batches = self._batches
        valid = self.valid(side, start, len(self) // batches if stop is None else stop)
        return [
            EpochLosses(epoch, epoch_mean(self.losses(side, epoch * batches, (epoch + 1) * batches).tolist()), loss)
            for epoch, loss in enumerate(valid.tolist(), start)
        ]

    def states(self, step: int) -> tuple[list[float], list[float]]:
        """Return (scratch numbers, [b, w] of torch) before `step`; `step` may be the next one to train.

        Raises:
            IndexError: when no step before `step` is recorded.
        """
        row = self._steps.row(step - 1)[: self._loss] if step else self._start
        return row[: self.scratch_width], row[self.scratch_width :]

    def rows(self, start: int, stop: int) -> Table:
        """Return all that is recorded of steps `start` to `stop` (exclusive), in the shape of `extend`."""
        return self._steps.table(start, stop)

    def after(self, side: int, step: int) -> Vector:
        """Return b and w after a step, and its loss, of side 0 (scratch) or 1 (torch).

        Raises:
            IndexError: when the step is not recorded.
        """
        row = self._steps.row(step)
        own = side * self._theirs
        return np.array([*row[own : own + 2], row[self._loss + side]])

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
