"""A curve over steps, thinned where it has more points than a screen can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Places = NDArray[np.int64]

_AS_IT_IS = 8192
"""Up to so many values a curve has all of them."""
_MOST_STRETCHES = 4096


class Curve(NamedTuple):
    """Points of a curve over steps (or epochs), in their order."""

    at: Places
    """Which value each point is, from 0."""
    values: Vector


def thinned(values: Vector) -> Curve:
    """Return the points that a chart needs of these values, shape (n,).

    Of many values these are the first, lowest, highest and last of every 4, 8, 16, …, and the first that is not finite.
    A line through those points looks the same as one through all of them, since one stretch is narrower than a dot.
    """
    size = 1
    while len(values) > _AS_IT_IS and len(values) > size * _MOST_STRETCHES:
        size *= 2
    if size == 1:
        return Curve(np.arange(len(values)), values)
    whole = len(values) // size * size
    table = values[:whole].reshape(-1, size)
    finite = np.isfinite(table)
    starts = np.arange(0, whole, size)
    places = [
        starts,
        starts + np.where(finite, table, np.inf).argmin(axis=1),
        starts + np.where(finite, table, -np.inf).argmax(axis=1),
        starts + finite.argmin(axis=1),  # the first value again if all are finite
        starts + size - 1,
        np.arange(whole, len(values)),
    ]
    at = np.unique(np.concatenate(places))
    return Curve(at, values[at])
