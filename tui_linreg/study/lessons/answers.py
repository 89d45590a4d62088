"""Answers to a task, and how they are judged: numbers and formulas by the judge of predict, the rest from a list."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.engine.errors import quoted
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import info
from tui_linreg.study.lessons.conditions import plain
from tui_linreg.study.lessons.values import Wanted
from tui_linreg.study.predict.answer import Result
from tui_linreg.study.predict.formula import FormulaError, Typed, evaluate

if TYPE_CHECKING:
    from tui_linreg.study.predict.questions import Question

NO_MISTAKE = "none"
"""The answer to "which mistake?" when there is none."""
LETTERS = "abcdef"
_MISTAKE_KEYS = "123456789abcdefghijklmnop"
_LONGEST_NUMBER = 200
_NOTHING_KNOWN = "Not right, and none of the mistakes known here gives this number."
_SAME = 1e-12
"""Relative: so near a question's true number and the answer's are the same."""

_CLOSE = 0.05
"""Relative: what is farther off is not called close."""

TrueValue = Callable[[Wanted], float]
"""Gives the true value: `values.true_value` of the session at hand."""


@dataclass(frozen=True, slots=True)
class TaskJudgement:
    """What became of an answer."""

    right: bool
    message: str
    """One or a few sentences: of a right answer why it is, else empty; of a wrong one in which way, no solution."""
    readable: bool = True
    """False when the answer was not one (no number, one digit too few): it should not count as an attempt."""
    position: int | None = None
    """The character that cannot be read, from 1."""


@dataclass(frozen=True, slots=True)
class NumberAnswer:
    """A number within a tolerance, or to some digits, of a true value."""

    wanted: Wanted
    tolerance: float = 0.0
    """Largest absolute difference; used when `digits` is None."""
    digits: int | None = None
    """Right is what lies within half a unit of this significant digit of the true value."""
    known: tuple[tuple[float, str], ...] = ()
    """(a wrong number, what was done there) of the task's own."""

    @property
    def prompt(self) -> str:
        """What to type, in a few words."""
        kind = "a number or a formula"
        if self.digits is None:
            return kind
        return f"{kind}; {self.digits} digit{'s' * (self.digits > 1)} {'are' if self.digits > 1 else 'is'} enough"

    def judge(self, text: str, true_value: TrueValue, question: Question | None = None) -> TaskJudgement:
        """Judge what a learner typed.

        Args:
            text: what was typed.
            true_value: gives the true number.
            question: predict's question after the same number, whose known mistakes are named; None: there is none.
        """
        try:
            typed = [evaluate(text, None if question is None else question.names)]
        except FormulaError as error:
            typed = [evaluate(repr(number)) for number in read_numbers(text)]
            if not typed:
                return TaskJudgement(False, str(error), False, error.position)
        true = true_value(self.wanted)
        why = "" if question is None else question.why
        if question is not None and not abs(question.true - true) <= _SAME * abs(true):
            question = None  # it asks for the other model's number
        if any(self._close(each.value, true) and self._is_meant(each, question) for each in typed):
            return TaskJudgement(True, why)
        if question is not None and (found := self._as_predicted(typed, question, why)) is not None:
            return found
        return self._told(typed, true, "not this number" if question is None else _NOTHING_KNOWN)

    def _is_meant(self, typed: Typed, question: Question | None) -> bool:
        """Say whether a number that is near enough is no known mistake: only of a formula that can be told."""
        return question is None or typed.plain or question.judged(typed).result is not Result.KNOWN_ERROR

    def _as_predicted(self, typed: list[Typed], question: Question, why: str) -> TaskJudgement | None:
        judgements = [question.judged(each) for each in typed]
        best = min(judgements, key=lambda each: [*Result].index(each.result))
        if best.result is Result.RIGHT:
            return TaskJudgement(True, why) if self.digits is None or self.digits <= 2 else None
        if best.result is Result.WRONG:
            return None
        return TaskJudgement(False, best.text, best.result is not Result.TOO_FEW_DIGITS)

    def _told(self, typed: list[Typed], true: float, otherwise: str) -> TaskJudgement:
        """Return what can be said without known mistakes of a quantity."""
        numbers = [each.value for each in typed]
        for value, why in self.known:
            if any(self._close(number, value) for number in numbers):
                return TaskJudgement(False, why)
        if true and any(self._close(-number, true) for number in numbers):
            return TaskJudgement(False, "the size is right, the sign is not")
        if self.digits is not None and any(abs(number - true) <= self._close_by(true) for number in numbers):
            return TaskJudgement(False, "close; look at the last digit")
        return TaskJudgement(False, otherwise)

    def _close_by(self, true: float) -> float:
        """Return how far off a number is close: two units of its last digit, unless that is much."""
        return min(4 * self._reach(true), _CLOSE * abs(true))

    def _close(self, number: float, true: float) -> bool:
        return abs(number - true) <= self._reach(true) or number == true

    def _reach(self, true: float) -> float:
        if self.digits is None:
            # A tolerance written in decimals should include its own end.
            return self.tolerance * (1 + 1e-9)
        if true == 0 or not math.isfinite(true):
            return 0.0
        return 0.5 * 10.0 ** (Decimal(repr(abs(true))).adjusted() - self.digits + 1) * (1 + 1e-9)


class Listed(NamedTuple):
    """One of the answers of a list."""

    key: str
    """The character that chooses it."""
    text: str
    formula: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceAnswer:
    """One of several options, chosen from a list."""

    right: int
    """Which option is right, from 0."""
    options: tuple[str, ...]
    known: tuple[tuple[int, str], ...] = ()
    """(a wrong option, from 0; why it is wrong) of the task's own."""

    @property
    def listed(self) -> tuple[Listed, ...]:
        """The options with their keys."""
        return tuple(Listed(letter, option) for letter, option in zip(LETTERS, self.options, strict=False))

    def judge(self, key: str) -> TaskJudgement:
        """Judge the option that a key chooses."""
        number = LETTERS.index(key)
        if number == self.right:
            return TaskJudgement(True, "")
        return TaskJudgement(False, dict(self.known).get(number, "no, another one"))


@dataclass(frozen=True, slots=True)
class MistakeAnswer:
    """The mistake that the hand-written model makes, or none, chosen from a list."""

    name: str

    @property
    def listed(self) -> tuple[Listed, ...]:
        """All mistakes, whichever is made, with their keys."""
        mistakes = [
            Listed(key, name, mistake.wrong)
            for key, (name, mistake) in zip(_MISTAKE_KEYS, MISTAKES.items(), strict=False)
        ]
        return *mistakes, Listed("0", f"{NO_MISTAKE}: every formula is right")

    def judge(self, key: str) -> TaskJudgement:
        """Judge the mistake that a key chooses."""
        names = dict(zip((each.key for each in self.listed), (*MISTAKES, NO_MISTAKE), strict=True))
        chosen = names[key]
        if chosen == self.name:
            return TaskJudgement(True, MISTAKES[chosen].explanation if chosen in MISTAKES else "")
        if chosen == NO_MISTAKE:
            return TaskJudgement(False, "no: some number differs by more than rounding")
        phase = info(MISTAKES[chosen].phase)
        if self.name in MISTAKES and MISTAKES[self.name].phase is phase.phase:
            when = MISTAKES[chosen].first_difference
            return TaskJudgement(
                False, f"no: that changes the same quantity, but by another amount. It first shows in: {when}"
            )
        return TaskJudgement(False, f"no: that would first show in phase {phase.phase:d}, {phase.name}")


ListAnswer = ChoiceAnswer | MistakeAnswer
Answer = NumberAnswer | ListAnswer


_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
# Perhaps a name and =, the number, perhaps a unit: "η = 0.91", "33 samples", "≈ −22.57".
_TYPED = re.compile(rf"(?:[^0-9.+-]*[=≈~:]\s*)?(?P<number>{_PLAIN.pattern})\s*[^\W\d_]*\.?")


def plain_number(text: str) -> float | None:
    """Return the finite number that a text is; None where it is none."""
    number = float(text) if _PLAIN.fullmatch(text.strip()) else math.inf
    return number if math.isfinite(number) else None


def read_numbers(text: str) -> tuple[float, ...]:
    """Return the finite numbers that a learner's text can be read as: none, one, or two where a comma is ambiguous.

    Spaces between digits, a name before (`η =`) and a unit after it are ignored; −, × 10^ and a decimal comma are read.
    """
    if len(text) > _LONGEST_NUMBER:
        return ()
    typed = text.strip().replace("−", "-").replace("\N{NO-BREAK SPACE}", " ")
    typed = re.sub(r"\s*[×x*·]\s*10\s*\^?\s*(?=[+-]?[0-9])", "e", typed)
    typed = re.sub(r"(?<=[0-9])[ _'](?=[0-9]{3}(?![0-9]))", "", typed)
    typed = re.sub(r"(?<=^[+-])\s+|(?<=[=≈][+-])\s+", "", typed)
    readings = [typed.replace(",", "."), re.sub(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", "", typed)]
    matches = (_TYPED.fullmatch(reading) for reading in dict.fromkeys(readings))
    numbers = (float(match["number"]) for match in matches if match is not None)
    return tuple(number for number in dict.fromkeys(numbers) if math.isfinite(number))


def mistake_named(text: str) -> str | None:
    """Return the name of the mistake, or "none", that a lesson's file means; None where it means none of them."""
    return next((name for name in (*MISTAKES, NO_MISTAKE) if plain(name) == plain(text)), None)


def must_be_one_of_the_mistakes(text: str) -> str:
    """Return what is wrong with a name that is no mistake's."""
    return f"mistake {quoted(text)}: must be {', '.join(MISTAKES)} or {NO_MISTAKE}"
