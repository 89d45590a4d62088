"""Is a typed answer right? The tolerance knows how many digits were given, and known mistakes are recognised.

Three allowances add up to what an answer may be off by.

- *Digits.* A number is right when the true value rounds to it: it may be off by half a unit of its last digit. Two
  significant digits are asked for; one where the true value itself has only one, such as 2 or 0.5.
- *Slack.* The learner computes with numbers rounded as they are shown. How far that can move the result is worked
  out for each question (`tui_linreg.study.predict.questions`); it is given here as `slack`.
- *Formulas.* A formula has no last digit. A number copied with four digits is off by at most 0.05 %, so 0.1 % is
  allowed for two such factors, besides the slack. With fewer digits the answer is judged as close.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from tui_linreg.study.predict.formula import Typed
from tui_linreg.study.predict.known_errors import KnownError

FORMULA_TOLERANCE = 1e-3
"""Relative, of a formula's result."""
CLOSE = 0.01
"""Relative: below this a result that is not right is taken for rounding or a slip in the arithmetic."""
_TWO_DIGITS = 0.05
"""Relative: half a unit of a second digit is at most this."""
_ONE_DIGIT = 5e-7
"""Relative: a true value so near to one of one digit counts as having one (float32 keeps seven)."""
_ROUNDING = 1e-12
"""Relative: what reading a decimal number and writing it cost."""
_MOST_NAMED = 3


class Result(Enum):
    """How an answer is judged, with a sign and a word, so that neither needs colour."""

    RIGHT = ("✓", "right")
    TOO_FEW_DIGITS = ("…", "one more digit")
    CLOSE = ("≈", "close")
    KNOWN_ERROR = ("!", "a known mistake")
    WRONG = ("✗", "not right")

    def __init__(self, sign: str, word: str) -> None:
        self.sign = sign
        self.word = word


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said to an answer."""

    result: Result
    text: str
    """One or a few sentences for the learner; they do not give the true value away unless the answer is right."""
    errors: tuple[KnownError, ...] = ()
    """With KNOWN_ERROR the mistakes that give this number, the nearest first; more than one where they cannot be told
    apart by it."""


def judge(
    typed: Typed,
    true: float,
    *,
    slack: float = 0.0,
    known_errors: Callable[[], Sequence[KnownError]] = tuple,
) -> Judgement:
    """Return how the typed answer stands to the true value; never raises.

    Args:
        typed: what `tui_linreg.study.predict.formula.evaluate` made of it.
        true: what the engine computed; of an inf or nan no answer is right.
        slack: how far rounded inputs can move the result, absolute and finite.
        known_errors: called only where the answer is not right; values that the slack hides are not offered.
    """
    if not math.isfinite(true):
        return Judgement(Result.WRONG, f"The run has left the range of numbers: this value is {true}.")
    slack = max(slack, _ROUNDING * abs(true))
    off = abs(typed.value - true)
    half = 0.0 if typed.unit is None else typed.unit / 2
    rounds_to_it = typed.plain and off <= half + slack
    if off <= slack or (rounds_to_it and (typed.digits or 0) >= needed_digits(true, slack)):
        return _right(true)
    offered = [error for error in known_errors() if distinct(error.value, true, slack)]
    if hit := _hit(typed, true, slack, offered, exact=True):
        return _known(hit)
    if not typed.plain and off <= FORMULA_TOLERANCE * abs(true) + slack:
        return _right(true)
    if rounds_to_it:
        more = "one more digit" if typed.digits else "its first digits, if need be as in 1.2e-3"
        return Judgement(Result.TOO_FEW_DIGITS, f"About right. Give {more}.")
    if hit := _hit(typed, true, slack, offered, exact=False):
        return _known(hit)
    if off < CLOSE * abs(true):
        return Judgement(
            Result.CLOSE,
            "Close, less than 1 % away: rounding on the way, or a slip in the arithmetic. Keep more digits and compute "
            "again.",
        )
    return Judgement(Result.WRONG, "Not right, and none of the mistakes known here gives this number.")


def needed_digits(true: float, slack: float = 0.0) -> int:
    """Return how many significant digits an answer needs: 2, or 1 where the true value has one, or 0 where it is 0."""
    if true == 0:
        return 0
    return 1 if abs(float(f"{true:.0e}") - true) <= max(slack, _ONE_DIGIT * abs(true)) else 2


def distinct(value: float, true: float, slack: float) -> bool:
    """Say whether a wrong value is finite and can be told from the true one."""
    return math.isfinite(value) and abs(value - true) > 2 * max(slack, _ROUNDING * abs(true))


def _hit(typed: Typed, true: float, slack: float, errors: Sequence[KnownError], *, exact: bool) -> list[KnownError]:
    """Return the errors whose value was typed, the nearest first, of equally near ones in their order; a name once."""
    hits: list[tuple[float, KnownError]] = []
    for error in errors:
        size = abs(error.value)
        # A wrong value many times as large carries the inputs' rounding so many times.
        allowed = max(_ROUNDING * size, slack * max(1.0, size / abs(true) if true else 1.0))
        away = abs(typed.value - error.value)
        exactly = away <= allowed
        if not exact:
            allowed += FORMULA_TOLERANCE * size if typed.unit is None else min(typed.unit / 2, _TWO_DIGITS * size)
        if away <= allowed and away < abs(typed.value - true):
            hits.append((0.0 if exactly else away, error))  # rounding must not decide which is named first
    hits.sort(key=lambda pair: pair[0])
    named = {error.name: error for _, error in reversed(hits)}
    return [named[name] for name in dict.fromkeys(error.name for _, error in hits)]


def titles(errors: Sequence[KnownError]) -> str:
    """Return what was done, in a few words; of several mistakes, one or the other."""
    return "; or ".join(error.title for error in errors)


def _right(true: float) -> Judgement:
    return Judgement(Result.RIGHT, f"Right: {true:.6g}.")


def _known(errors: Sequence[KnownError]) -> Judgement:
    """Return the judgement that names one mistake, or those that this number cannot tell apart."""
    named = tuple(errors[:_MOST_NAMED])
    if len(named) == 1:
        text = f"A known mistake gives this number: {named[0].title}. {named[0].hint}"
    else:
        text = f"{len(named)} known mistakes give this number: {titles(named)}. "
        text += " ".join(error.hint for error in named)
    return Judgement(Result.KNOWN_ERROR, text, named)
