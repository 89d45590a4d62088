"""The outline of a long column of numbers: of every so many values the first, lowest, highest and last.

A line through those points looks the same as one through all of them wherever one stretch is narrower than what can be
drawn, so a chart of a million steps costs what one of a few thousand costs. Only recorded values are in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Places = NDArray[np.int64]


class Curve(NamedTuple):
    """Points of a curve over steps (or epochs), in their order; read-only."""

    at: Places
    """Which row each value is of, from 0."""
    values: Vector


class Outline:
    """Grows by whole stretches of `size` values.

    Args:
        size: values in a stretch, at most 65536.
        rows: values in one call of `add`, a multiple of `size`.
    """

    def __init__(self, size: int, rows: int) -> None:
        self.size = size
        self._each = rows // size
        self._parts: list[tuple[NDArray[np.uint16], Vector]] = []
        self._joined = 0, self._join([])

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(places.nbytes + values.nbytes for places, values in self._parts)

    def add(self, values: Vector) -> None:
        """Take the next values of the column, as many as were said."""
        table = values.reshape(self._each, self.size)
        finite = np.isfinite(table)
        places = np.zeros((self._each, 5), dtype=np.uint16)
        places[:, 1] = np.where(finite, table, np.inf).argmin(axis=1)
        places[:, 2] = np.where(finite, table, -np.inf).argmax(axis=1)
        places[:, 3] = (~finite).argmax(axis=1)  # where a gap begins; the first value again if there is none
        places[:, 4] = self.size - 1
        places.sort(axis=1)
        kept = np.take_along_axis(table, places.astype(np.int64), axis=1)
        # Written before it is counted, as one object: another thread may be reading.
        self._parts.append((places, kept))

    def curve(self, rows: int) -> Curve:
        """Return the points of the first `rows` // size stretches, each row at most once."""
        end = rows // self.size * self.size
        count = -(-end // (self._each * self.size))
        known, joined = self._joined
        if known != count:
            joined = self._join(self._parts[:count])
            self._joined = count, joined  # the next frame asks for the same, or for a little more or less
        kept = int(np.searchsorted(joined.at, end))
        return Curve(joined.at[:kept], joined.values[:kept])

    def _join(self, parts: list[tuple[NDArray[np.uint16], Vector]]) -> Curve:
        if not parts:
            return Curve(np.empty(0, dtype=np.int64), np.empty(0))
        places = np.concatenate([part[0] for part in parts]).astype(np.int64)
        at = (places + np.arange(len(places))[:, None] * self.size).ravel()
        once = np.append(True, at[1:] != at[:-1])
        joined = Curve(at[once], np.concatenate([part[1] for part in parts]).ravel()[once])
        for column in joined:
            column.flags.writeable = False
        return joined
