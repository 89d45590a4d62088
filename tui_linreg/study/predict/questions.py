"""Predict: the next phase's number is asked for before it is shown.

Importable without torch. A question brings along the numbers it is to be answered with, so nothing else on the screen
is needed. They are rounded to six significant digits, or to more where those would not settle the answer, and how far
that rounding can move the result is part of the tolerance (`tui_linreg.study.predict.answer`).

A question about a vector asks for one element. Adding up a long mini-batch by hand teaches nothing, so the sum over
all but its last three samples is given; up to six samples have to be added in full. Every question takes at most a
dozen operations: paper is enough with the numbers of `--dataset tiny`; with others a calculator, or a formula typed as
the answer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.step import Side, Step
from tui_linreg.number_text import exact
from tui_linreg.relations import relation, shortened
from tui_linreg.study.predict import answer
from tui_linreg.study.predict.answer import Judgement
from tui_linreg.study.predict.drafts import DRAFTS, Draft, telling_row
from tui_linreg.study.predict.formula import Typed, evaluate
from tui_linreg.study.predict.known_errors import KnownError
from tui_linreg.study.predict.names import easiest, values_by_name

if TYPE_CHECKING:
    from tui_linreg.study.predict.known_error_values import Facts

_DIGITS = (6, 9, 12, 17)
"""Significant digits of the numbers shown: as many as settle the answer to `_SETTLED`."""
_SETTLED = 2e-4
_ROUNDINGS = 16.0
"""As the verdicts: what the engine computed is off by at most so many u of its terms' sizes."""
_LONG_NAME = 14
"""A longer name stands outside the columns of the others."""
_MOST_LISTED = 6
"""Names that are listed as what a formula may hold."""
_SAMPLE = re.compile("[₀₁₂₃₄₅₆₇₈₉]+$")


@dataclass(frozen=True, slots=True)
class Given:
    """A number to compute with."""

    name: str
    text: str
    """As it is shown; `tui_linreg.study.predict.formula` reads it."""
    value: float
    """As the engine has it."""
    sign: str = "="
    """The relation between name and text: "≈" where digits are left out."""


@dataclass(frozen=True, slots=True)
class Question:
    """One number that is asked for."""

    key: str
    """Of `tui_linreg.engine.phases.QUANTITIES`."""
    phase: Phase
    row: int | None
    """Of a vector the element asked for, from 0 within the mini-batch; None for a scalar."""
    symbol: str
    """What is asked for: "ŷ₃", "L", "new b"; samples are numbered as in the train set."""
    text: str
    """The question, one or two sentences."""
    given: tuple[Given, ...]
    hints: tuple[str, str, str]
    """The rule; the formula with some of the numbers put in; with all of them."""
    worked: str
    """The right-hand side with all numbers put in: typed as an answer it is right."""
    solution: str
    """What is shown on revealing, one line: the computation and its result as the engine has it."""
    result: str
    """The result in six digits and the relation before it: "= 2.5", "≈ 2.54945"."""
    why: str
    """One sentence that says why that is so, for who has it right."""
    true: float
    """What the engine computed; finite."""
    slack: float
    """How far the rounding of the numbers given can move the result, absolute."""
    partial: bool
    """Whether a sum over the first samples is given, because the mini-batch is long."""
    known_errors: Callable[[], tuple[KnownError, ...]]
    """What each known mistake gives here, computed at the first call (loads torch)."""

    @property
    def names(self) -> dict[str, float]:
        """The values of the numbers given, by all ways to type their names."""
        return values_by_name({item.name: item.value for item in self.given})

    @property
    def asks_for(self) -> str:
        """What to type, in a few words."""
        names = easiest(item.name for item in self.given)
        listed = names if len(names) <= _MOST_LISTED else [*names[: _MOST_LISTED - 1], "…", names[-1]]
        return f"a number, or a formula of {', '.join(listed)}"

    def judge(self, text: str) -> Judgement:
        """Return how a typed answer stands to the true value.

        Raises:
            FormulaError: an `InputError` that says what in the text cannot be read.
        """
        return self.judged(evaluate(text, self.names))

    def judged(self, typed: Typed) -> Judgement:
        """Return the same of what is evaluated already."""
        return answer.judge(typed, self.true, slack=self.slack, known_errors=self.known_errors)


def questions(step: Step, phase: Phase, facts: Facts) -> tuple[Question, ...]:
    """Return what a phase asks: nothing (BATCH), one number, or two (UPDATE: the new b, then the new w).

    What cannot be asked because a number is inf or nan is left out. Takes a few passes over the mini-batch, 0.1 s where
    it has a million samples; judging an answer that is not right may take ten times as long.
    """
    candidates = (question(step, quantity.key, facts) for quantity in QUANTITIES if quantity.phase is phase)
    return tuple(one for one in candidates if one is not None)


def question(step: Step, key: str, facts: Facts, row: int | None = None) -> Question | None:
    """Return the question after a quantity of a step; None when a number it needs is inf or nan.

    Args:
        step: of the engine. The numbers are those of the from-scratch model, or of torch where `facts` say that the
            from-scratch model is wrong.
        key: of `tui_linreg.engine.phases.QUANTITIES`.
        facts: of the run at this step.
        row: of a vector the element to ask for, from 0; None: the most telling one.

    Raises:
        KeyError: when there is no such quantity.
    """
    side = step.torch if facts.mistaken else step.scratch
    quantity = next((quantity for quantity in QUANTITIES if quantity.key == key), None)
    if quantity is None:
        raise KeyError(key)
    if not quantity.vector:
        row = None
    elif row is None:
        row = telling_row(step, side, key)
    draft = DRAFTS[key](step, side, row)
    single = step.x.element_size() == 4
    unit = 2.0**-24 if single else 2.0**-53
    rounding = _ROUNDINGS * unit * draft.scale
    if not all(map(math.isfinite, (draft.true, rounding, *draft.values))):
        return None
    texts, slack = _shown(draft, rounding)
    if not math.isfinite(slack):
        return None
    wholes = [exact(value, single) for value in draft.values]
    signs = ["≈" if shortened(text, whole) else "=" for text, whole in zip(texts, wholes, strict=True)]
    full = [whole if sign == "≈" else text for text, whole, sign in zip(texts, wholes, signs, strict=True)]
    worked, half_worked = draft.worked(texts), draft.half_worked(texts)
    put_in, half_put_in = _sign(worked, draft.worked(full)), _sign(half_worked, draft.half_worked(full))
    short, whole = f"{draft.true:.6g}", exact(draft.true, single)
    cut = shortened(short, whole)
    then = f"≈ {short} (in full {whole})" if cut else f"{relation(worked, short)} {short}"
    return Question(
        key=key,
        phase=quantity.phase,
        row=row,
        symbol=draft.symbol,
        text=draft.text,
        given=tuple(map(Given, draft.names, texts, draft.values, signs)),
        hints=(draft.rule, f"{draft.formula} {half_put_in} {half_worked}", f"{draft.symbol} {put_in} {worked}"),
        worked=worked,
        solution=f"{draft.symbol} {put_in} {worked} {then}",
        result=f"{'≈' if cut else '='} {short}",
        why=draft.why,
        true=draft.true,
        slack=slack,
        partial=draft.partial,
        known_errors=cache(lambda: _errors(step, side, key, row, facts)),
    )


def _errors(step: Step, side: Side, key: str, row: int | None, facts: Facts) -> tuple[KnownError, ...]:
    from tui_linreg.study.predict.known_error_values import known_errors  # not on top: it loads torch

    return known_errors(step, side, key, row, facts)


def _shown(draft: Draft, rounding: float) -> tuple[list[str], float]:
    """Return the inputs' texts with the digits needed, and the slack that goes with them."""
    texts: list[str] = []
    slack = math.inf
    for digits in _DIGITS:
        texts = [
            repr(value).removesuffix(".0") if name in draft.exact else f"{value:.{digits}g}"
            for name, value in zip(draft.names, draft.values, strict=True)
        ]
        slack = rounding + _effect(draft, [float(text) for text in texts])
        if slack <= _SETTLED * abs(draft.true) or abs(draft.true) <= rounding:
            break
    return texts, slack


def _effect(draft: Draft, shown: Sequence[float]) -> float:
    """Return how far the result moves at most when the inputs, one or more of them, are replaced by what is shown."""
    exact = _computed(draft, draft.values)
    moved = 0.0
    for at, value in enumerate(shown):
        if value != draft.values[at]:
            one = [*draft.values[:at], value, *draft.values[at + 1 :]]
            moved += abs(_computed(draft, one) - exact)
    # Two rounded factors move a product by a little more than the sum of both.
    return 1.01 * moved


def _computed(draft: Draft, values: Sequence[float]) -> float:
    try:
        return draft.compute(values)
    except OverflowError:
        return math.inf


def _sign(written: str, full: str) -> str:
    """Return the relation before numbers that are put in, given the same with all of their digits."""
    return "=" if written == full else "≈"


def given_lines(given: Sequence[Given], room: int) -> list[str]:
    """Return the numbers as lines, aligned at their decimal points; those of one sample stand beside each other."""
    groups = groupby(enumerate(given), key=lambda pair: _together(*pair))
    rows = [[item for _, item in group] for _, group in groups]
    lines = _aligned(rows)
    if max(map(len, lines), default=0) > room:
        lines = _aligned([[item] for item in given])
    return lines


def _together(at: int, item: Given) -> str:
    """Return the same for numbers that belong to one sample."""
    found = _SAMPLE.search(item.name)
    return found[0] if found else f"alone {at}"


def _aligned(rows: Sequence[Sequence[Given]]) -> list[str]:
    short = [row for row in rows if len(row[0].name) <= _LONG_NAME]
    columns = [[row[i] for row in short if i < len(row)] for i in range(max(map(len, short), default=0))]
    names = [max(len(item.name) for item in column) for column in columns]
    wholes = [max(_whole(item.text) for item in column) for column in columns]
    cells = [max(len(_padded(item.text, whole)) for item in column)
             for column, whole in zip(columns, wholes, strict=True)]  # fmt: skip
    lines = []
    for row in rows:
        if len(row[0].name) > _LONG_NAME:
            lines.append(f"  {row[0].name} {row[0].sign} {row[0].text}")
            continue
        parts = [
            f"{item.name:<{names[i]}} {item.sign} {_padded(item.text, wholes[i]):<{cells[i]}}"
            for i, item in enumerate(row)
        ]
        lines.append("  " + "     ".join(parts).rstrip())
    return lines


def _whole(text: str) -> int:
    """Return how many characters stand before the decimal point."""
    return len(re.split("[.e]", text, maxsplit=1)[0])


def _padded(text: str, whole: int) -> str:
    return " " * (whole - _whole(text)) + text
