"""How a task is judged: by a condition on the screen, or by an answer. Both are read when the lesson is."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.study.lessons.conditions import TaskCondition, plain
from tui_linreg.study.lessons.values import LATEST_STEP, OF_STEP, VALUES, Wanted

NO_MISTAKE = "none"
"""The answer to "which mistake?" when there is none."""
MOST_OPTIONS = 6
_LETTERS = "abcdef"
_LONGEST_ANSWER = 200
_MOST_DIGITS = 15
_CLOSE = 0.05
"""Relative: what is farther off is not called close."""

TrueValue = Callable[[Wanted], float]
"""Gives the true value: `values.true_value` of the session at hand."""


@dataclass(frozen=True, slots=True)
class TaskJudgement:
    """What became of an answer."""

    right: bool
    message: str
    """One line for the learner. Of a wrong answer it says in which way, never the solution."""
    readable: bool = True
    """False when the answer was not one (no number, no such option): it should not count as an attempt."""


@dataclass(frozen=True, slots=True)
class NumberAnswer:
    """A number within a tolerance, or to some digits, of a true value."""

    wanted: Wanted
    tolerance: float = 0.0
    """Largest absolute difference; used when `digits` is None."""
    digits: int | None = None
    """Right is what lies within half a unit of this significant digit of the true value."""

    @property
    def prompt(self) -> str:
        """What to type, in a few words."""
        if self.digits is None:
            return "a number"
        return f"a number, {self.digits} digit{'s' * (self.digits > 1)} {'are' if self.digits > 1 else 'is'} enough"

    def judge(self, text: str, true_value: TrueValue) -> TaskJudgement:
        """Judge what a learner typed."""
        numbers = read_numbers(text)
        if not numbers:
            return TaskJudgement(
                False, f"{quoted(text.strip())} is not a number; type one such as 0.25", readable=False
            )
        true = true_value(self.wanted)
        if any(self._close(number, true) for number in numbers):
            return TaskJudgement(True, "right")
        if true and any(self._close(-number, true) for number in numbers):
            return TaskJudgement(False, "the size is right, the sign is not")
        if self.digits is not None and any(abs(n - true) <= self._close_by(true) for n in numbers):
            return TaskJudgement(False, "close; look at the last digit")
        return TaskJudgement(False, "not this number")

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
        return 0.5 * 10.0 ** (math.floor(math.log10(abs(true))) - self.digits + 1) * (1 + 1e-9)


@dataclass(frozen=True, slots=True)
class ChoiceAnswer:
    """One of several options, by its letter or its text."""

    right: int
    """Which option is right, from 0."""
    options: tuple[str, ...]

    @property
    def prompt(self) -> str:
        """What to type, in a few words."""
        return f"{', '.join(_LETTERS[: len(self.options) - 1])} or {_LETTERS[len(self.options) - 1]}"

    @property
    def lettered(self) -> tuple[tuple[str, str], ...]:
        """Each option's letter and text."""
        return tuple(zip(_LETTERS, self.options, strict=False))

    def judge(self, text: str, true_value: TrueValue | None = None) -> TaskJudgement:
        """Judge what a learner typed."""
        typed = plain(text.strip().strip("().:"))
        for number, (letter, option) in enumerate(self.lettered):
            if typed in (letter, plain(option)):
                return TaskJudgement(number == self.right, "right" if number == self.right else "no, another one")
        return TaskJudgement(False, f"{quoted(text.strip())}: type {self.prompt}", readable=False)


@dataclass(frozen=True, slots=True)
class MistakeAnswer:
    """The name of a mistake that the hand-written model makes, or "none"."""

    name: str

    @property
    def prompt(self) -> str:
        """What to type, in a few words."""
        return f"{', '.join(MISTAKES)} or {NO_MISTAKE}"

    def judge(self, text: str, true_value: TrueValue | None = None) -> TaskJudgement:
        """Judge what a learner typed."""
        typed = plain(text)
        for name in (*MISTAKES, NO_MISTAKE):
            if typed == plain(name):
                return TaskJudgement(
                    name == self.name, "right" if name == self.name else "no, look at the numbers again"
                )
        return TaskJudgement(False, f"{quoted(text.strip())}: type {self.prompt}", readable=False)


Answer = NumberAnswer | ChoiceAnswer | MistakeAnswer
Check = TaskCondition | Answer


def read_answer(text: str, options: Sequence[str] = ()) -> Answer:
    """Return the answer that the text after `answer:` stands for.

    Its forms: `number V tolerance T` (T may be a percentage of V), `digits D of V`, `choice LETTER`, `mistake NAME`.
    V is a number or a name of `VALUES`, which may be followed by `at step N`.

    Args:
        text: the line without `answer:`.
        options: the task's options, for a choice.

    Raises:
        InputError: in one line: what is wrong and what is allowed.
    """
    kind, _, rest = text.strip().partition(" ")
    kind, rest = kind.casefold(), rest.strip()
    if options and kind != "choice":
        raise InputError(f"answer {quoted(text)}: only a choice has options")
    match kind:
        case "number":
            return _number(rest)
        case "digits":
            return _digits(rest)
        case "choice":
            return _choice(rest, tuple(options))
        case "mistake":
            name = next((name for name in (*MISTAKES, NO_MISTAKE) if plain(name) == plain(rest)), None)
            if name is None:
                raise InputError(f"mistake {quoted(rest)}: must be {', '.join(MISTAKES)} or {NO_MISTAKE}")
            return MistakeAnswer(name)
    raise InputError(f"answer {quoted(text)}: must begin with number, digits, choice or mistake")


def _number(text: str) -> NumberAnswer:
    match = re.fullmatch(r"(?P<value>.+?)\s+tolerance\s+(?P<size>[^\s%]+)\s*(?P<percent>%?)", text, re.IGNORECASE)
    if match is None:
        raise InputError(f"number {quoted(text)}: must be a value and its tolerance, such as 0.91 tolerance 0.005")
    wanted, size = _wanted(match["value"]), _plain_number(match["size"])
    if size is None or size < 0:
        raise InputError(f"tolerance {quoted(match['size'])}: must be a number, 0 or more")
    if match["percent"]:
        if wanted.name is not None:
            raise InputError("a tolerance in % needs a number before it; for a named value use digits")
        size *= abs(wanted.number) / 100
    return NumberAnswer(wanted, tolerance=size)


def _digits(text: str) -> NumberAnswer:
    match = re.fullmatch(r"(?P<digits>[0-9]{1,3})\s+of\s+(?P<value>.+)", text, re.IGNORECASE)
    if match is None or not 1 <= int(match["digits"]) <= _MOST_DIGITS:
        raise InputError(f"digits {quoted(text)}: must be 1 to {_MOST_DIGITS} and a value, such as 2 of eta_edge")
    return NumberAnswer(_wanted(match["value"]), digits=int(match["digits"]))


def _choice(text: str, options: tuple[str, ...]) -> ChoiceAnswer:
    if not 2 <= len(options) <= MOST_OPTIONS:
        raise InputError(f"a choice needs 2 to {MOST_OPTIONS} option lines, it has {len(options)}")
    if len({plain(option) for option in options}) < len(options):
        raise InputError("two options of a choice have the same text")
    letters = _LETTERS[: len(options)]
    if text.casefold() not in tuple(letters):
        raise InputError(
            f"choice {quoted(text)}: must be the letter of the right option, {letters[0]} to {letters[-1]}"
        )
    return ChoiceAnswer(letters.index(text.casefold()), options)


def _wanted(text: str) -> Wanted:
    number = _plain_number(text)
    if number is not None:
        return Wanted(None, number)
    match = re.fullmatch(r"(?P<name>\w+)(\s+at\s+step\s+(?P<step>[0-9]{1,9}))?", text.strip(), re.IGNORECASE)
    name = "" if match is None else match["name"].casefold()
    if match is None or name not in VALUES:
        raise InputError(f"value {quoted(text)}: must be a number or one of {', '.join(VALUES)}")
    if match["step"] is None:
        return Wanted(name)
    if name not in OF_STEP or not 1 <= int(match["step"]) <= LATEST_STEP:
        allowed = f"a step from 1 to {LATEST_STEP}" if name in OF_STEP else "no step"
        raise InputError(f"value {quoted(text)}: {name} is of {allowed}")
    return Wanted(name, step=int(match["step"]))


def _plain_number(text: str) -> float | None:
    number = float(text) if _PLAIN.fullmatch(text.strip()) else math.inf
    return number if math.isfinite(number) else None


_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
# Perhaps a name and =, the number, perhaps a unit: "η = 0.91", "33 samples", "≈ −22.57".
_TYPED = re.compile(rf"(?:[^0-9.+-]*[=≈~:]\s*)?(?P<number>{_PLAIN.pattern})\s*[^\W\d_]*\.?")


def read_numbers(text: str) -> tuple[float, ...]:
    """Return the finite numbers that a learner's text can be read as: none, one, or two where a comma is ambiguous.

    Spaces between digits, a name before (`η =`) and a unit after it are ignored; −, × 10^ and a decimal comma are read.
    """
    if len(text) > _LONGEST_ANSWER:
        return ()
    typed = text.strip().replace("−", "-").replace("\N{NO-BREAK SPACE}", " ")
    typed = re.sub(r"\s*[×x*·]\s*10\s*\^?\s*(?=[+-]?[0-9])", "e", typed)
    typed = re.sub(r"(?<=[0-9])[ _'](?=[0-9]{3}(?![0-9]))", "", typed)
    typed = re.sub(r"(?<=^[+-])\s+|(?<=[=≈][+-])\s+", "", typed)
    readings = [typed.replace(",", "."), re.sub(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", "", typed)]
    matches = (_TYPED.fullmatch(reading) for reading in dict.fromkeys(readings))
    numbers = (float(match["number"]) for match in matches if match is not None)
    return tuple(number for number in dict.fromkeys(numbers) if math.isfinite(number))
