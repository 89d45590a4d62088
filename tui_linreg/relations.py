"""Which sign may stand between two sides that are written in digits: found by evaluating what stands there."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Generic, TypeVar

_TOKEN = re.compile(r"\s*(-?(?:[0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]+)?|inf|nan)|[-+−·/()²])")
Number = TypeVar("Number", Fraction, float)


def relation(left: str, right: str) -> str:
    """Return "=" where both sides, as they are written, are the same number, else "≈".

    Decimals are taken as they stand, without rounding; where one is not finite the floats decide, nan being nan. Of a
    left side with an ellipsis it is not known. A right side may be a number or arithmetic, too.
    """
    if "…" in left or "…" in right:
        return "≈"
    if re.search("inf|nan", left + right):
        a, b = value(left, float), value(right, float)
        same = a == b or (math.isnan(a) and math.isnan(b))
    else:
        same = value(left, Fraction) == value(right, Fraction)
    return "=" if same else "≈"


def shortened(written: str, whole: str) -> bool:
    """Say whether a number's text has fewer digits than its whole one."""
    return relation(written, whole) != "="


def value(text: str, kind: type[Number]) -> Number:
    """Return the value of sums of products of numbers, squares and parentheses, in the signs of this program.

    Beside a parenthesis the sign of a product may be left out.

    Raises:
        ValueError: for anything else.
    """
    reader = _Reader(text, kind)
    found = reader.sum()
    if reader.token:
        raise ValueError(f"cannot be evaluated: {text!r} from {reader.token!r} on")
    return found


class _Reader(Generic[Number]):
    """Reads one token after the other; `token` is the next, empty at the end."""

    def __init__(self, text: str, kind: type[Number]) -> None:
        self._kind: type[Number] = kind
        self._tokens = _tokens(text)
        self.token = next(self._tokens)

    def _take(self) -> str:
        taken, self.token = self.token, next(self._tokens, "")
        return taken

    def sum(self) -> Number:
        found = self._product()
        while self.token in ("+", "−"):
            found = found + self._product() if self._take() == "+" else found - self._product()
        return found

    def _product(self) -> Number:
        found = self._power()
        while self.token and self.token in "·/(":
            if self.token == "(":
                found = found * self._power()
            else:
                found = found * self._power() if self._take() == "·" else found / self._power()
        return found

    def _power(self) -> Number:
        if self.token == "(":
            self._take()
            found = self.sum()
            if self._take() != ")":
                raise ValueError("a parenthesis is not closed")
        else:
            found = self._kind(self._take())
        if self.token == "²":
            self._take()
            found = found * found
        return found


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"cannot be evaluated: {text!r} at position {at + 1}")
        yield match[1]
        at = match.end()
    yield ""
