"""A table of float64 numbers that grows by rows and is read by columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Table = NDArray[np.float64]

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

    def column(self, index: int, start: int = 0, stop: int | None = None) -> Vector:
        """Return rows `start` to `stop` (exclusive; None: all there are) of a column, read-only, not copied."""
        stop = self._rows if stop is None else min(stop, self._rows)
        values = self._values[index, start:stop]
        values.flags.writeable = False
        return values
