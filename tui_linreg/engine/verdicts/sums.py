"""What a sum over a mini-batch may lose: measured on the terms themselves, since it depends on the order of adding.

A library adds in a tree or in lanes, a plain loop one term after the other. On repeated values a loop rounds the same
way again and again, which no bound on random terms covers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Terms = NDArray[np.floating[Any]]
Vector = NDArray[np.float64]


def exact_sum(terms: Terms) -> tuple[Vector, Vector]:
    """Return the sums of k rows of terms, shape (k, m), as unevaluated pairs (high, low) of float64, shape (k,) each.

    float32 is summed in float64; float64 pair by pair, with the rounding of each addition kept (TwoSum: Knuth, The Art
    of Computer Programming 2, 4.2.2), which is exact but for the rounding of the rounding.
    """
    high: Vector
    if terms.dtype == np.float32:
        high = terms.sum(axis=1, dtype=np.float64)
        return high, np.zeros(len(terms))
    low: Vector = np.zeros(len(terms))
    while (m := terms.shape[1]) > 1:
        half = m // 2
        one, other = terms[:, :half], terms[:, half : 2 * half]
        total = one + other
        part = total - one
        low += ((one - (total - part)) + (other - part)).sum(axis=1)
        terms = total if m % 2 == 0 else np.concatenate([total, terms[:, -1:]], axis=1)
    high = terms[:, 0].astype(np.float64)
    return high, low


def lost_in_one_row(terms: Terms) -> Vector:
    """Return |row − exact| of k rows of terms, shape (k,): what is lost by adding one term after the other."""
    high, low = exact_sum(terms)
    row = np.add.accumulate(terms, axis=1)[:, -1].astype(np.float64)
    lost: Vector = np.abs((row - high) - low)
    return lost


def lost_by_adding(terms: Terms, theirs: Vector, enough: Vector) -> Vector:
    """Return what sums of k rows of terms may lose: 2 max(|row − exact|, |theirs − exact|), shape (k,).

    Args:
        terms: torch's terms, shape (k, m).
        theirs: torch's sums of them, shape (k,).
        enough: what would explain the difference that is judged; where |theirs − exact| already does, the slower sum
            of one term after the other (`row`) is left out.
    """
    high, low = exact_sum(terms)
    lost: Vector = 2 * np.abs((theirs - high) - low)
    short = np.flatnonzero(~(lost >= enough))
    if len(short):
        lost[short] = np.fmax(lost[short], 2 * lost_in_one_row(terms[short]))
    return lost
