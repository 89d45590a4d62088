"""What training leaves behind: parameters before each step, the losses, and the gradients that charts draw.

For the two plain models that is 64 bytes a step (b and w of both, both losses, the scratch model's two gradients) and
16 an epoch. Everything else of a step is recomputed from it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Table = NDArray[np.float64]

_GROWTH = 1 + 1 / 16  # geometric, so that appending stays cheap, and small, so that little memory lies unused
_FIRST_ROOM = 256


class FlatTable:
    """`width` columns of float64 that grow together, each contiguous.

    One thread appends while others read: a row is counted only after it is written, and views taken before a
    growth keep showing the same numbers.
    """

    def __init__(self, width: int) -> None:
        self._columns: Table = np.empty((width, _FIRST_ROOM))
        self._rows = 0

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._rows

    @property
    def nbytes(self) -> int:
        """Bytes held, spare room included."""
        return self._columns.nbytes

    def append(self, row: Sequence[float]) -> None:
        """Add one row of `width` numbers."""
        room = self._columns.shape[1]
        if self._rows == room:
            grown = np.empty((self._columns.shape[0], int(room * _GROWTH) + _FIRST_ROOM))
            grown[:, :room] = self._columns
            self._columns = grown
        self._columns[:, self._rows] = row
        self._rows += 1

    def row(self, index: int) -> list[float]:
        """Return row `index` (from 0) as floats, exactly as they were appended."""
        if not 0 <= index < self._rows:
            raise IndexError(f"row {index}: there are {self._rows}")
        values: list[float] = self._columns[:, index].tolist()
        return values

    def column(self, index: int, start: int = 0, stop: int | None = None) -> Vector:
        """Return rows `start` to `stop` (exclusive; None: all there are) of a column as a read-only view."""
        view = self._columns[index, start : self._rows if stop is None else min(stop, self._rows)]
        view.flags.writeable = False
        return view


class Timeline:
    """The recorded run of both models.

    Args:
        scratch_width: numbers that decide the scratch model's next step (2: b and w).
        start: those numbers, followed by the torch model's b and w, before the first step.
    """

    def __init__(self, scratch_width: int, start: Sequence[float]) -> None:
        self.scratch_width = scratch_width
        self._states = FlatTable(scratch_width + 2)
        self._losses = FlatTable(2)
        self._gradients = FlatTable(2)
        self._valid = FlatTable(2)
        self._states.append(start)
        self.first_overflow: int | None = None
        """The first step after whose update, or in whose loss, a number of either model was not finite."""

    def __len__(self) -> int:
        """Return the number of steps trained."""
        return len(self._losses)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self._states.nbytes + self._losses.nbytes + self._gradients.nbytes + self._valid.nbytes

    def append(self, losses: Sequence[float], gradients: Sequence[float], states: Sequence[float]) -> None:
        """Record a step: both losses (scratch, torch), scratch's ∂L/∂b and ∂L/∂w, the numbers after as in `start`."""
        if self.first_overflow is None and not all(map(math.isfinite, (*losses, *states))):
            self.first_overflow = len(self)
        self._states.append(states)
        self._gradients.append(gradients)
        self._losses.append(losses)

    def append_valid(self, losses: Sequence[float]) -> None:
        """Record both validation losses (scratch, torch) after an epoch."""
        self._valid.append(losses)

    def states(self, step: int) -> tuple[list[float], list[float]]:
        """Return (scratch numbers, [b, w] of torch) before `step`; `step` may be the next one to train."""
        row = self._states.row(step)
        return row[: self.scratch_width], row[self.scratch_width :]

    def losses(self, side: int, start: int = 0, stop: int | None = None) -> Vector:
        """Return the batch losses of steps `start` to `stop` of side 0 (scratch) or 1 (torch), read-only."""
        return self._losses.column(side, start, stop)

    def gradients(self, parameter: int, stop: int | None = None) -> Vector:
        """Return ∂L/∂b (parameter 0) or ∂L/∂w (1) of the scratch model before step `stop`, read-only."""
        return self._gradients.column(parameter, 0, stop)

    def valid(self, side: int, epochs: int | None = None) -> Vector:
        """Return the validation losses of the first `epochs` epochs, read-only."""
        return self._valid.column(side, 0, epochs)

    def biases(self, side: int, start: int = 0, stop: int | None = None) -> Vector:
        """Return b before steps `start` to `stop`; row len(self) is the newest b."""
        return self._states.column(0 if side == 0 else self.scratch_width, start, stop)

    def weights(self, side: int, start: int = 0, stop: int | None = None) -> Vector:
        """Return w before steps `start` to `stop`; row len(self) is the newest w."""
        return self._states.column(1 if side == 0 else self.scratch_width + 1, start, stop)
