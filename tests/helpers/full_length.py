"""How much the tests go through: a share that takes minutes, or with TUI_LINREG_LONG=1 all there is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

LONG = bool(os.environ.get("TUI_LINREG_LONG"))
"""Whether all there is to be tried is tried, which takes an hour or more."""

T = TypeVar("T")
U = TypeVar("U")


def pairs(first: Sequence[T], second: Sequence[U]) -> list[tuple[T, U]]:
    """Each of one with each of the other, of lengths without a common divisor; if not at full length half of them.

    The two go round beside each other, so that half of the pairs has each of both as often as can be.
    """
    count = len(first) * len(second)
    return [(first[i % len(first)], second[i % len(second)]) for i in range(count if LONG else count // 2)]


def at_full_length(*more: T) -> Sequence[T]:
    """What is tried at full length only."""
    return more if LONG else ()
