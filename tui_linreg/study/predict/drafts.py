"""What is asked about each quantity, before `tui_linreg.study.predict.questions` rounds the numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_linreg.engine.step import Side, Step
from tui_linreg.number_text import signed, subscript

if TYPE_CHECKING:
    from torch import Tensor


WHOLE = 6
"""The sum of up to so many samples has to be worked out in full."""
GIVEN_SUM = "S"
"""What the sum over the other samples is called."""
LEFT = 3
"""In a longer mini-batch so many samples are left to add, and the sum of the others is given."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A question before its numbers are rounded."""

    symbol: str
    formula: str
    """The left-hand side of the second hint: the symbol and its formula."""
    text: str
    rule: str
    why: str
    """One sentence that says why the formula is right."""
    names: Sequence[str]
    values: Sequence[float]
    compute: Callable[[Sequence[float]], float]
    """From the values to the result: only to find how far rounding them moves it. May raise OverflowError."""
    worked: Callable[[Sequence[str]], str]
    """From the values' texts to the right-hand side with all of them put in."""
    half_worked: Callable[[Sequence[str]], str]
    """The same with some of them as symbols."""
    true: float
    scale: float
    """The sum of the magnitudes of the terms, by which the engine's rounding is bounded."""
    exact: tuple[str, ...] = ()
    """Names of the values that are shown with all their digits."""
    partial: bool = False


def telling_row(step: Step, side: Side, key: str) -> int:
    """Return the element of a vector to ask for: the sample farthest from the line, the first of several.

    For ŷ an x of 0 or 1 is passed over where there is another: there a wrong formula often gives the right number.
    """
    away = (side.y_pred - step.y).abs()
    if key == "y_pred":
        plain = (step.x == 0) | (step.x == 1)
        if not bool(plain.all()):
            away = away.masked_fill(plain, -1.0)
    return int(away.argmax())


def _total(terms: Sequence[str]) -> str:
    """Return terms joined by plus signs, negative ones after the first in parentheses."""
    return " + ".join([*terms[:1], *map(signed, terms[1:])])


def _prediction(step: Step, side: Side, row: int | None) -> Draft:
    assert row is not None
    number = step.place.start + row
    p = subscript(number)
    b, w, x = side.b_before, side.w_before, float(step.x[row])
    return Draft(
        symbol=f"ŷ{p}",
        formula=f"ŷ{p} = b + w x{p}",
        text=f"What does the line predict for sample {number}? Find ŷ{p}.",
        rule="The model is a line, ŷ = b + w x: b is its height at x = 0, w its slope. Take b and w before the update.",
        why="The line starts at b and rises by w for each unit of x.",
        names=("b", "w", f"x{p}"),
        values=(b, w, x),
        compute=lambda v: v[0] + v[1] * v[2],
        worked=lambda t: f"{t[0]} + {signed(t[1])} · {signed(t[2])}",
        half_worked=lambda t: f"{t[0]} + {signed(t[1])} · x{p}",
        true=float(side.y_pred[row]),
        scale=abs(b) + abs(w * x),
    )


def _signal(step: Step, side: Side, row: int | None) -> Draft:
    assert row is not None
    m, number = step.place.m, step.place.start + row
    p = subscript(number)
    y_pred, y = float(side.y_pred[row]), float(step.y[row])
    true = float(side.dloss_dpred[row])
    return Draft(
        symbol=f"∂L/∂ŷ{p}",
        formula=f"∂L/∂ŷ{p} = (2/m) (ŷ{p} − y{p})",
        text=f"How much does L grow with the prediction for sample {number}? Find ∂L/∂ŷ{p}; {_samples(m)}.",
        rule="L is the mean of m squares. The derivative of (ŷ − y)² is 2 (ŷ − y), and the mean divides by m.",
        why="The square brings the 2, the mean brings the 1/m.",
        names=(f"ŷ{p}", f"y{p}", "m"),
        values=(y_pred, y, float(m)),
        compute=lambda v: 2 / m * (v[0] - v[1]),
        worked=lambda t: f"2/{m} · ({t[0]} − {signed(t[1])})",
        half_worked=lambda t: f"2/{m} · (ŷ{p} − y{p})",
        true=true,
        scale=abs(true),
        exact=("m",),
    )


def _samples(m: int) -> str:
    return f"the mini-batch has m = {m} sample" + ("s" if m > 1 else "")


@dataclass(frozen=True, slots=True)
class _Sum:
    """The samples of a mini-batch that are left to add, and the sum of the others."""

    first: int
    """The first sample left to add, from 0 within the mini-batch."""
    rows: range
    """Numbers in the train set of the samples left to add."""
    given: tuple[float, ...]
    """The sum over the samples before: one number, or none in a short mini-batch."""
    over: str
    """Which samples those are, in words."""

    def tail(self, vector: Tensor) -> list[float]:
        return [float(value) for value in vector[self.first :].tolist()]

    @property
    def offer(self) -> str:
        """What the question's text adds in a long mini-batch."""
        return f" The sum over {self.over} is given." if self.given else ""


def _sum(step: Step, terms: Tensor) -> _Sum:
    m, start = step.place.m, step.place.start
    first = 0 if m <= WHOLE else m - LEFT
    given = (float(terms[:first].detach().cpu().double().sum()),) if first else ()
    over = f"samples {start} to {start + first - 1}"
    return _Sum(first, range(start + first, start + m), given, over)


def _half(worked: Sequence[str], symbols: Sequence[str]) -> list[str]:
    """Return the first half of the terms with their numbers, the rest as symbols; at least one is left."""
    half = len(worked) // 2
    return [*worked[:half], *symbols[half:]]


def _pairs(values: Sequence[float], skip: int) -> list[tuple[float, float]]:
    return list(zip(values[skip::2], values[skip + 1 :: 2], strict=True))


def _loss(step: Step, side: Side, row: int | None) -> Draft:
    m = step.place.m
    part = _sum(step, (side.y_pred - step.y) ** 2)
    g = len(part.given)
    tails = zip(part.tail(side.y_pred), part.tail(step.y), strict=True)
    symbols = [f"(ŷ{subscript(i)} − y{subscript(i)})²" for i in part.rows]

    def squares(t: Sequence[str]) -> list[str]:
        return [f"({a} − {signed(b)})²" for a, b in zip(t[g::2], t[g + 1 :: 2], strict=True)]

    return Draft(
        symbol="L",
        formula="L = (1/m) ‖ŷ − y‖²",
        text=f"What is the loss L of this mini-batch, before the update? {_samples(m).capitalize()}.{part.offer}",
        rule="The loss is the mean squared error: each ŷ − y is squared, the squares are added, the sum divided by m.",
        why="Each residual is squared before the mean is taken, so no sample can make up for another.",
        names=[f"{GIVEN_SUM} = Σ (ŷ − y)² of {part.over}"] * g
        + [f"{s}{subscript(i)}" for i in part.rows for s in ("ŷ", "y")]
        + ["m"],
        values=[*part.given, *(value for pair in tails for value in pair), float(m)],
        compute=lambda v: (sum(v[:g]) + math.fsum((a - b) ** 2 for a, b in _pairs(v[:-1], g))) / m,
        worked=lambda t: f"1/{m} · ({_total([*t[:g], *squares(t[:-1])])})",
        half_worked=lambda t: f"1/{m} · ({_total([*t[:g], *_half(squares(t[:-1]), symbols)])})",
        true=side.loss,
        scale=abs(side.loss),
        exact=("m",),
        partial=bool(g),
    )


_WHY_GRADIENT = {
    "b": "b moves every ŷ by as much, so the error signals add up as they are; the 1/m is in them already.",
    "w": "w moves each ŷ by x times as much, so each error signal counts x times; the 1/m is in them already.",
}


def _gradient(step: Step, side: Side, name: str) -> Draft:
    """Return the draft of ∂L/∂b, whose terms are ∂L/∂ŷ, or of ∂L/∂w, whose terms are ∂L/∂ŷ · x."""
    columns = {"∂L/∂ŷ": side.dloss_dpred}
    if name == "w":
        columns["x"] = step.x
    width, of_terms, derivative = len(columns), " · ".join(columns), "its x" if name == "w" else "1"
    terms = side.dloss_dpred * step.x if name == "w" else side.dloss_dpred
    part = _sum(step, terms)
    g = len(part.given)
    symbols = [[f"{symbol}{subscript(i)}" for symbol in columns] for i in part.rows]

    def products(t: Sequence[str]) -> list[str]:
        return (
            [*t[g:]]
            if width == 1
            else [f"{signed(a)} · {signed(b)}" for a, b in zip(t[g::2], t[g + 1 :: 2], strict=True)]
        )

    return Draft(
        symbol=f"∂L/∂{name}",
        formula=f"∂L/∂{name} = Σ ∂L/∂ŷ · {'x' if name == 'w' else '1'}",
        text=f"How much does L grow with {name}? Find ∂L/∂{name}; {_samples(step.place.m)}.{part.offer}",
        rule=f"Chain rule: {name} acts on L through every ŷ, so add up ∂L/∂ŷ · ∂ŷ/∂{name}. As ŷ = b + w x, ∂ŷ/∂{name} "
        f"is {derivative}.",
        why=_WHY_GRADIENT[name],
        names=[f"{GIVEN_SUM} = Σ {of_terms} of {part.over}"] * g + [symbol for row in symbols for symbol in row],
        values=[*part.given, *(value for row in zip(*map(part.tail, columns.values()), strict=True) for value in row)],
        compute=lambda v: math.fsum([*v[:g], *(math.prod(v[at : at + width]) for at in range(g, len(v), width))]),
        worked=lambda t: _total([*t[:g], *products(t)]),
        half_worked=lambda t: _total([*t[:g], *_half(products(t), [" · ".join(row) for row in symbols])]),
        true=float(getattr(side, f"grad_{name}")),
        scale=float(terms.abs().sum()),
        partial=bool(g),
    )


def _update(step: Step, side: Side, name: str) -> Draft:
    before, gradient, true = (float(getattr(side, f)) for f in (f"{name}_before", f"grad_{name}", f"{name}_after"))
    grad, eta = f"∂L/∂{name}", step.lr
    return Draft(
        symbol=f"new {name}",
        formula=f"new {name} = {name} − η {grad}",
        text=f"One step of gradient descent: what is {name} after this update?",
        rule=f"The gradient points uphill, so step against it: {name} loses η times {grad}.",
        why=f"The gradient points uphill, so {name} goes η times {grad} the other way.",
        names=(name, "η", grad),
        values=(before, eta, gradient),
        compute=lambda v: v[0] - v[1] * v[2],
        worked=lambda t: f"{t[0]} − {t[1]} · {signed(t[2])}",
        half_worked=lambda t: f"{t[0]} − {t[1]} · {grad}",
        true=true,
        scale=abs(before) + abs(eta * gradient),
        exact=("η",),
    )


DRAFTS: dict[str, Callable[[Step, Side, int | None], Draft]] = {
    "y_pred": _prediction,
    "loss": _loss,
    "dloss_dpred": _signal,
    "grad_b": lambda step, side, row: _gradient(step, side, "b"),
    "grad_w": lambda step, side, row: _gradient(step, side, "w"),
    "b": lambda step, side, row: _update(step, side, "b"),
    "w": lambda step, side, row: _update(step, side, "w"),
}
"""By the keys of `tui_linreg.engine.phases.QUANTITIES`."""

INPUTS: dict[str, tuple[str, ...]] = {
    "y_pred": ("b_before", "w_before"), "loss": ("y_pred",), "dloss_dpred": ("y_pred",),
    "grad_b": ("dloss_dpred",), "grad_w": ("dloss_dpred",), "b": ("b_before", "grad_b"), "w": ("w_before", "grad_w"),
}  # fmt: skip
"""Which computed numbers each of them is computed from; "b_before" is b of the step before."""
