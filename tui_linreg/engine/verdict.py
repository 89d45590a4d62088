"""Verdicts: are two numbers the same, the same up to rounding, or different?"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple


class Verdict(Enum):
    """How a number of the scratch model stands to torch's, with the sign and the word shown for it."""

    IDENTICAL = ("=", "identical")
    ROUNDING = ("≈", "rounding")
    DIFFERS = ("≠", "differs")

    def __init__(self, sign: str, word: str) -> None:
        self.sign = sign
        self.word = word


def worst_verdict(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the last of "identical", "rounding", "differs" that is among some verdicts, at least one."""
    found = set(verdicts)
    return next(verdict for verdict in reversed(Verdict) if verdict in found)


class Comparison(NamedTuple):
    """The verdict on one quantity of one step."""

    verdict: Verdict
    """Of a vector: the worst of its elements."""
    ulps: float
    """Floats between the two values (of a vector: the most); nan where one of them is not finite."""
    unequal: int
    """Elements that are not bit for bit the same."""
