"""What a task is judged by: a condition on the screen, or an answer. Both are read when the lesson is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.study.lessons.answers import (
    LETTERS,
    Answer,
    ChoiceAnswer,
    MistakeAnswer,
    NumberAnswer,
    mistake_named,
    must_be_one_of_the_mistakes,
    plain_number,
)
from tui_linreg.study.lessons.conditions import TaskCondition, plain
from tui_linreg.study.lessons.values import LATEST_STEP, OF_STEP, VALUES, Wanted

MOST_OPTIONS = 6
_MOST_DIGITS = 15

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
            name = mistake_named(rest)
            if name is None:
                raise InputError(must_be_one_of_the_mistakes(rest))
            return MistakeAnswer(name)
    raise InputError(f"answer {quoted(text)}: must begin with number, digits, choice or mistake")


def with_wrong(answer: Answer, text: str) -> Answer:
    """Return an answer with what is said of one wrong answer, as `wrong: NUMBER: WHY` or `wrong: LETTER: WHY` has it.

    Raises:
        InputError: in one line: what is wrong and what is allowed.
    """
    what, colon, why = (part.strip() for part in text.partition(":"))
    if isinstance(answer, NumberAnswer):
        number = plain_number(what)
        if number is None or not colon or not why:
            raise InputError(f"wrong {quoted(text)}: must be a number, a colon and what was done there")
        return replace(answer, known=(*answer.known, (number, why)))
    if isinstance(answer, ChoiceAnswer):
        letters = LETTERS[: len(answer.options)]
        at = letters.find(what.casefold()) if len(what) == 1 else -1
        if at in (-1, answer.right) or not colon or not why:
            raise InputError(f"wrong {quoted(text)}: must be the letter of a wrong option, a colon and why it is wrong")
        return replace(answer, known=(*answer.known, (at, why)))
    raise InputError("wrong lines belong to an answer: number, digits or choice")


def _number(text: str) -> NumberAnswer:
    match = re.fullmatch(r"(?P<value>.+?)\s+tolerance\s+(?P<size>[^\s%]+)\s*(?P<percent>%?)", text, re.IGNORECASE)
    if match is None:
        raise InputError(f"number {quoted(text)}: must be a value and its tolerance, such as 0.91 tolerance 0.005")
    wanted, size = _wanted(match["value"]), plain_number(match["size"])
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
    letters = LETTERS[: len(options)]
    if text.casefold() not in tuple(letters):
        raise InputError(
            f"choice {quoted(text)}: must be the letter of the right option, {letters[0]} to {letters[-1]}"
        )
    return ChoiceAnswer(letters.index(text.casefold()), options)


def _wanted(text: str) -> Wanted:
    number = plain_number(text)
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
