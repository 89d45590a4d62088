"""Conditions of a task: `m = 1`, `epoch >= 3 and not playing`, read from a small vocabulary and never evaluated."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.study.lessons.screen_facts import WORDS, ScreenFacts, Value, phase_number, plain

_OPERATORS: dict[str, Callable[[Value, Value], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_SPELLINGS = {"==": "=", "≠": "!=", "≤": "<=", "≥": ">="}
_COMPARISON = re.compile(r"(?P<name>[^=<>!≠≤≥]*?)\s*(?P<sign>==|!=|<=|>=|[=<>≠≤≥])\s*(?P<value>[^=<>!≠≤≥]*)")
_NAMES = {"η": "lr", "learning rate": "lr", "instrument": "panel"}
_MOST_PARTS = 20


@dataclass(frozen=True, slots=True)
class Comparison:
    """One part of a condition: a word, a sign, a value."""

    word: str
    sign: str
    value: Value
    negated: bool = False

    def holds(self, facts: ScreenFacts) -> bool:
        """Say whether it holds. With nan nothing does; of several charts in sight, ≠ asks all, the others any."""
        compare = _OPERATORS[self.sign]
        given = [v for v in WORDS[self.word].read(facts) if not (isinstance(v, float) and math.isnan(v))]
        any_value = bool(given) or self.word == "chart"
        holds = any_value and (all if self.sign == "!=" else any)(compare(v, self.value) for v in given)
        return any_value and holds != self.negated


@dataclass(frozen=True, slots=True)
class TaskCondition:
    """A condition on what stands on the screen: one of several groups holds when all its parts do."""

    text: str
    """As the lesson's file has it."""
    groups: tuple[tuple[Comparison, ...], ...]

    def holds(self, facts: ScreenFacts) -> bool:
        """Say whether it holds on this screen."""
        return any(all(part.holds(facts) for part in group) for group in self.groups)


def read_task_condition(text: str) -> TaskCondition:
    """Return the condition that `text` stands for: comparisons and flags joined by `and` and `or` (`and` binds first).

    Raises:
        InputError: in one line: the part that is wrong, and what is allowed.
    """
    groups = tuple(
        tuple(_part(part) for part in re.split(r"\s+and\s+", group, flags=re.IGNORECASE))
        for group in re.split(r"\s+or\s+", text.strip(), flags=re.IGNORECASE)
    )
    if sum(map(len, groups)) > _MOST_PARTS:
        raise InputError(f"has more than {_MOST_PARTS} parts")
    return TaskCondition(" ".join(text.split()), groups)


def _part(text: str) -> Comparison:
    bare = re.sub(r"^\s*not\s+", "", text, flags=re.IGNORECASE)
    negated = bare != text
    match = _COMPARISON.fullmatch(bare.strip())
    name = plain(bare if match is None else match["name"])
    name = _NAMES.get(name, name).replace(" ", "_")
    word = WORDS.get(name)
    if word is None:
        raise InputError(f"{quoted(text.strip())} begins with no word that is known; allowed are {', '.join(WORDS)}")
    if match is None:
        if word.kind != "flag":
            raise InputError(f"{quoted(text.strip())} needs a comparison, such as {name} = {_example(name)}")
        return Comparison(name, "=", True, negated)
    if word.kind == "flag":
        raise InputError(f"{quoted(text.strip())}: {name} stands alone, or after not")
    sign = _SPELLINGS.get(match["sign"], match["sign"])
    if word.kind == "name" and sign not in ("=", "!="):
        raise InputError(f"{quoted(text.strip())}: {name} can only be compared by = and !=")
    return Comparison(name, sign, _value(name, match["value"]), negated)


def _value(name: str, text: str) -> Value:
    word = WORDS[name]
    if name == "phase":
        phase = phase_number(text)
        if phase is not None:
            return int(phase)
    elif word.kind == "name":
        if plain(text) in map(plain, word.allowed):
            return plain(text)
    else:
        # Without this, float() would also read "infinity" and "1_0".
        number = float(text) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text, re.I | re.A) else math.nan
        if math.isfinite(number) and (not word.allowed or f"{number:g}" in word.allowed):
            return number
    raise InputError(f"{name} {quoted(text)}: must be {' or '.join(word.allowed) or 'a number'}")


def _example(name: str) -> str:
    return WORDS[name].allowed[0] if WORDS[name].allowed else "1"
