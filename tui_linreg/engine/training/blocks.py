"""A table of float64 numbers that only grows, kept in blocks: full ones packed without loss, outlines for charts.

Two models that agree up to rounding are a few units in the last place apart, so the second one's column is kept as its
distance from the first one's, in the fewest bytes that hold it; a block where they are far apart is kept in full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from tui_linreg.engine.training.outline import Curve, Outline

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Table = NDArray[np.float64]

ROWS = 4096
"""Rows of a block."""
_SIZES = (16, 256, 1024)
"""Values in a stretch of each outline."""
_MOST_BLOCKS = (16, 128)
"""So many blocks the finer outlines are kept and used for; of a longer run the next one is finer than any screen."""
_AS_IT_IS = 2 * ROWS
"""Up to so many rows a curve is drawn through all of them."""


class _Block(Protocol):
    """Rows of the table, in one of the two forms below."""

    @property
    def nbytes(self) -> int: ...
    def column(self, index: int, start: int, stop: int) -> Vector: ...


class _Open:
    """The block that is being filled, row by row."""

    def __init__(self, width: int) -> None:
        self.rows: Table = np.empty((ROWS, width))

    @property
    def nbytes(self) -> int:
        return self.rows.nbytes

    def column(self, index: int, start: int, stop: int) -> Vector:
        return self.rows[start:stop, index]


class _Packed:
    """A full block. Columns in `pairs` are kept as distances from another column, the rest as they are."""

    def __init__(self, rows: Table, pairs: Mapping[int, int], single: bool) -> None:
        self._type: type[np.floating[Any]] = np.float32 if single else np.float64
        with np.errstate(all="ignore"):
            columns = rows.T.astype(self._type, order="C")  # float32 runs hold nothing but float32 numbers
        self._columns: list[NDArray[Any]] = []
        self._pairs: dict[int, int] = {}
        for index, column in enumerate(columns):
            kept: NDArray[Any] = column.copy()
            if index in pairs:
                distance = _fewest_bytes(_ordered(column) - _ordered(columns[pairs[index]]))
                if distance.itemsize < column.itemsize:
                    kept, self._pairs[index] = distance, pairs[index]
            self._columns.append(kept)

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for column in self._columns)

    def column(self, index: int, start: int, stop: int) -> Vector:
        kept = self._columns[index][start:stop]
        if index in self._pairs:
            order = _ordered(self._columns[self._pairs[index]][start:stop])
            kept = _from_ordered(order + kept.astype(order.dtype), self._type)
        return kept.astype(np.float64, copy=False)


class Blocks:
    """The table. One thread appends while others read: a row is counted only after it is written.

    Args:
        width: columns.
        pairs: column → the column it is compared with, and close to unless a model is wrong.
        outlined: the columns that charts draw.
        single: whether all numbers are float32 numbers.
    """

    def __init__(
        self, width: int, *, pairs: Mapping[int, int], outlined: Sequence[int] = (), single: bool = False
    ) -> None:
        self._width = width
        self._pairs = pairs
        self._single = single
        self._open = _Open(width)
        self._blocks: list[_Block] = [self._open]
        self._rows = 0
        self._read: tuple[int, list[float]] = -1, []
        self._outlines = {column: [Outline(size, ROWS) for size in _SIZES] for column in outlined}

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._rows

    @property
    def nbytes(self) -> int:
        """Bytes held, the unused part of the open block included."""
        outlines = (outline for each in self._outlines.values() for outline in each)
        return sum(block.nbytes for block in self._blocks) + sum(outline.nbytes for outline in outlines)

    def extend(self, rows: Table) -> None:
        """Add rows, shape (k, width)."""
        done = 0
        while done < len(rows):
            at = self._rows % ROWS
            some = min(ROWS - at, len(rows) - done)
            self._open.rows[at : at + some] = rows[done : done + some]
            self._counted(some)
            done += some

    def _counted(self, rows: int) -> None:
        """Count rows just written to the open block, and pack it when it is full."""
        full = self._open
        if (self._rows + rows) % ROWS == 0:
            self._open = _Open(self._width)
            self._blocks.append(self._open)  # before the rows are counted, so that no reader misses it
            for column, outlines in self._outlines.items():
                values = np.ascontiguousarray(full.rows[:, column])
                for outline, most in zip(outlines, (*_MOST_BLOCKS, len(self._blocks)), strict=True):
                    if len(self._blocks) <= most + 1:
                        outline.add(values)
            self._blocks[-2] = _Packed(full.rows, self._pairs, self._single)
        self._rows += rows

    def row(self, index: int) -> list[float]:
        """Return row `index` (from 0), every number exactly as it was added.

        Raises:
            IndexError: when there is no such row.
        """
        if not 0 <= index < self._rows:
            raise IndexError(f"row {index}: there are {self._rows}")
        known, row = self._read
        if known != index:
            block, at = self._blocks[index // ROWS], index % ROWS
            row = [float(block.column(column, at, at + 1)[0]) for column in range(self._width)]
            self._read = index, row  # looking at a step asks for the same row several times
        return row.copy()

    def column(self, index: int, start: int = 0, stop: int | None = None) -> Vector:
        """Return rows `start` to `stop` (exclusive; None: all there are) of a column, read-only."""
        stop = self._rows if stop is None else min(stop, self._rows)
        parts = [
            self._blocks[number].column(index, max(start - number * ROWS, 0), min(stop - number * ROWS, ROWS))
            for number in range(start // ROWS, -(-stop // ROWS))
        ]
        # Always a copy: what is handed out must not change when the open block is filled.
        found = np.concatenate(parts) if parts else np.empty(0)
        found.flags.writeable = False
        return found

    def every(self, stride: int, index: int, first: int, stop: int) -> Vector:
        """Return every `stride`-th row of a column, from row `first` to `stop` (exclusive)."""
        parts = [np.empty(0)]
        while first < stop:
            number, at = divmod(first, ROWS)
            part = self._blocks[number].column(index, at, min(stop - number * ROWS, ROWS))[::stride]
            parts.append(part)
            first += len(part) * stride
        return np.concatenate(parts)

    def curve(self, index: int, stop: int) -> Curve:
        """Return the first `stop` rows of an outlined column as a chart needs them: of very many the outline."""
        if stop <= _AS_IT_IS:
            return Curve(np.arange(stop), self.column(index, 0, stop))
        level = sum(stop > most * ROWS for most in _MOST_BLOCKS)
        outline = self._outlines[index][level]
        outlined = min(stop, self._rows // ROWS * ROWS) // outline.size * outline.size
        at, values = outline.curve(outlined)
        rest = self.column(index, outlined, stop)
        return Curve(np.concatenate([at, np.arange(outlined, stop)]), np.concatenate([values, rest]))


def _ordered(values: NDArray[Any]) -> NDArray[Any]:
    """Return floats as integers of the same order, one apart where the floats are neighbours; nothing is lost."""
    double = values.itemsize == 8
    bits: NDArray[Any] = values.view(np.int64 if double else np.int32)
    return _flipped(bits)


def _flipped(bits: NDArray[Any]) -> NDArray[Any]:
    """Return integers with all bits but the sign turned over where they are negative; doing it twice undoes it."""
    sign = 8 * bits.itemsize - 1
    turned: NDArray[Any] = bits ^ ((bits >> sign) & ((1 << sign) - 1))
    return turned


def _from_ordered(order: NDArray[Any], to: type[np.floating[Any]]) -> NDArray[Any]:
    """Undo `_ordered`."""
    return _flipped(order).view(to)


def _fewest_bytes(numbers: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers in the smallest signed type that holds them all."""
    low, high = int(numbers.min()), int(numbers.max())
    for kind in (np.int8, np.int16, np.int32):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return numbers.astype(kind)
    return numbers
