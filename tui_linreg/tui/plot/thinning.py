"""Which of very many samples charts draw: one for each cell of a grid finer than a chart, the extremes always."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Rows = NDArray[np.int64]

MOST_POINTS = 20_000
"""Up to so many samples are all drawn."""
_GRID = 256


def drawn_rows(x: Vector, y: Vector) -> Rows | None:
    """Return the rows of x, y (shape (n,)) to draw, in their order; None for all of them."""
    if len(x) <= MOST_POINTS:
        return None
    cells = np.zeros(len(x), dtype=np.int64)
    kept = {int(end) for values in (x, y) for end in (values.argmin(), values.argmax())}
    for values in (x, y):
        low, high = float(values.min()), float(values.max())
        with np.errstate(all="ignore"):
            share = (values / 2 - low / 2) / ((high / 2 - low / 2) or 1.0) * _GRID
        cells *= _GRID
        cells += np.clip(np.nan_to_num(share, copy=False), 0, _GRID - 1).astype(np.int64)
    # The last write to a cell wins, so that going backwards leaves each cell's first sample.
    first = np.full(_GRID * _GRID, -1, dtype=np.int64)
    first[cells[::-1]] = np.arange(len(x) - 1, -1, -1)
    rows: Rows = np.union1d(first[first >= 0], sorted(kept))
    return rows
