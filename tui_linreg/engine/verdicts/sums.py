"""What a sum over a mini-batch may lose: measured on the terms themselves, since it depends on the order of adding.

A plain loop adds one term after the other, a library in lanes or in a tree. On repeated values a partial sum is rounded
the same way again and again, which no bound on random terms covers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Terms = NDArray[np.floating[Any]]
Vector = NDArray[np.float64]


_IN_CACHE = 32_768


def exact_sum(terms: Terms) -> tuple[Vector, Vector]:
    """Return the sums of k rows of terms, shape (k, m), as unevaluated pairs (high, low) of float64, shape (k,) each.

    float32 is summed in float64; float64 pair by pair, with the rounding of each addition kept (TwoSum: Knuth, The Art
    of Computer Programming 2, 4.2.2), which is exact but for the rounding of the rounding.
    """
    high: Vector
    low: Vector
    if terms.dtype == np.float32:
        high = terms.sum(axis=1, dtype=np.float64)
        return high, np.zeros(len(terms))
    if terms.shape[1] > _IN_CACHE:
        starts = range(0, terms.shape[1], _IN_CACHE)
        parts = [exact_sum(terms[:, start : start + _IN_CACHE]) for start in starts]
        high, low = exact_sum(np.stack([high for high, _ in parts], axis=1))
        return high, low + np.sum([low for _, low in parts], axis=0)
    low = np.zeros(len(terms))
    while (m := terms.shape[1]) > 1:
        half = m // 2
        one, other = terms[:, :half], terms[:, half : 2 * half]
        total = one + other
        part = total - one
        low += ((one - (total - part)) + (other - part)).sum(axis=1)
        terms = total if m % 2 == 0 else np.concatenate([total, terms[:, -1:]], axis=1)
    high = terms[:, 0].astype(np.float64)
    return high, low


_LANES = (1, 4, 8, 16, 32)
"""Partial sums kept side by side: one in a plain loop, in a library as many as some vector registers hold."""


def sum_in_lanes(terms: Terms, lanes: int) -> Vector:
    """Return the sums of k rows of terms, shape (k, m), added in lanes in their own dtype, shape (k,).

    Every n-th term goes to one of n partial sums, one after the other; at the end these are added.
    """
    k, m = terms.shape
    rows = m // lanes if lanes > 1 else 0
    partial = terms[:, : rows * lanes].reshape(k, rows, lanes).sum(axis=1)[:, : min(rows, 1) * lanes]
    rest = np.concatenate([partial, terms[:, rows * lanes :]], axis=1)
    total: Vector = np.add.accumulate(rest, axis=1)[:, -1].astype(np.float64)
    return total


def lost_in_lanes(terms: Terms) -> Vector:
    """Return how far the sums of k rows of terms, shape (k, m), are off when added in lanes: the most, shape (k,)."""
    high, low = exact_sum(terms)
    lost: Vector = np.zeros(len(terms))
    for lanes in _LANES:
        lost = np.fmax(lost, np.abs((sum_in_lanes(terms, lanes) - high) - low))
    return lost


def is_plain_sum(terms: Terms, factor: int, m: int, ours: Vector) -> NDArray[np.bool_]:
    """Say of k numbers whether each is, to the bit, what a loop makes of its row of terms (k, n), times factor/m.

    A loop adds forwards, backwards, or in as many lanes as are common; the factor is applied in one of three ways.
    """
    found = np.zeros(len(terms), dtype=np.bool_)
    f, n = terms.dtype.type(factor), terms.dtype.type(m)
    for total in (sum_in_lanes(terms[:, ::-1], 1), *(sum_in_lanes(terms, lanes) for lanes in (*_LANES, 2))):
        own = total.astype(terms.dtype)
        for value in (f * own / n, f * (own / n), terms.dtype.type(factor / m) * own):
            found |= ours == value
    return found


def lost_by_adding(terms: Terms, theirs: Vector, enough: Vector) -> Vector:
    """Return what sums of k rows of terms may lose, shape (k,): twice what torch's, or one in lanes, is off.

    Args:
        terms: torch's terms, shape (k, m).
        theirs: torch's sums of them, shape (k,).
        enough: what would explain the difference that is judged; where torch's own sum already does, the slower sums
            in lanes are left out.
    """
    high, low = exact_sum(terms)
    lost: Vector = 2 * np.abs((theirs - high) - low)
    short = np.flatnonzero(~(lost >= enough))
    if len(short):
        lost[short] = np.fmax(lost[short], 2 * lost_in_lanes(terms[short]))
    return lost
