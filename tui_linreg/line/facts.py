"""What a step computed, as sentences: the label first, one fact each, none that is hidden or not computed yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.engine.phases import QUANTITIES, Phase, Quantity, info
from tui_linreg.engine.step import ALL_TOGETHER, Sample, Step, Verdict
from tui_linreg.line.words import HIDDEN, apart, compared, count, number

if TYPE_CHECKING:
    from torch import Tensor

NAMES = {
    "y_pred": "Prediction", "loss": "Loss", "dloss_dpred": "Error signal", "grad_b": "Gradient of b",
    "grad_w": "Gradient of w", "b": "New b", "w": "New w",
}  # fmt: skip
"""What the quantities are called."""
FORMULAS = {
    Phase.BATCH: "A slice of the train set, in its order.",
    Phase.PREDICT: "b plus w times x.",
    Phase.LOSS: "Mean of the squares of prediction minus target.",
    Phase.ERROR_SIGNAL: "Two over m times prediction minus target.",
    Phase.BIAS_GRADIENT: "Sum of the error signals.",
    Phase.WEIGHT_GRADIENT: "Sum of error signal times x.",
    Phase.UPDATE: "b becomes b minus learning rate times gradient, w likewise.",
}
"""Each phase's formula in words."""
FEW = 6
"""The rows of a batch of up to so many samples are told one by one."""


class Seen(NamedTuple):
    """How a step is told."""

    phase: Phase
    """The phase that was reached."""
    digits: int
    blanks: frozenset[str] = frozenset()
    """Quantities that are hidden, and "residual", "b_before", "w_before" (`Course.blanks_at`)."""

    def hides(self, *names: str) -> bool:
        """Say whether one of these is hidden."""
        return not self.blanks.isdisjoint(names)


@dataclass(frozen=True, slots=True)
class Told:
    """A step, told up to a phase."""

    step: Step
    seen: Seen

    @property
    def single(self) -> bool:
        """Whether the numbers are float32."""
        return self.step.x.element_size() == 4

    def number(self, value: float) -> str:
        """Return a number in words."""
        return number(value, self.seen.digits, self.single)

    # ── phases ───────────────────────────────────────────────────────────────────────────────────────────────────

    def phase(self, phase: Phase) -> Iterator[str]:
        """Yield what a phase computed."""
        if phase is Phase.BATCH:
            yield f"Samples: {self.step.place.m}."
            yield self._range("x", self.step.x)
            yield self._range("Target", self.step.y)
        elif phase is Phase.PREDICT:
            yield from self._before()
        if phase is Phase.UPDATE:
            yield f"Learning rate: {self.number(self.step.lr)}."
        for quantity in QUANTITIES:
            if quantity.phase is phase:
                yield from self.quantity(quantity)

    def _before(self) -> Iterator[str]:
        side = self.step.scratch
        for name, value in (("b", side.b_before), ("w", side.w_before)):
            yield f"{name}: {HIDDEN if self.seen.hides(f'{name}_before') else self.number(value)}."

    def quantity(self, quantity: Quantity) -> Iterator[str]:
        """Yield what is told of a quantity, also where it is hidden or not computed yet."""
        name = NAMES[quantity.key]
        if self.seen.hides(quantity.key):
            yield f"{name}: {HIDDEN}."
            return
        if quantity.phase > self.seen.phase:
            yield f"{name}: not computed yet, that is phase {quantity.phase:d}, {info(quantity.phase).name}."
            return
        comparison = self.step.comparisons[quantity.key]
        if quantity.vector:
            yield from self._vector(quantity, name)
        else:
            ours, theirs = (value_of(side, quantity.key) for side in (self.step.scratch, self.step.torch))
            yield compared(name, ours, theirs, comparison, self.seen.digits, self.single)
        if comparison.together:
            yield f"{name} adds up: {ALL_TOGETHER}."

    def _vector(self, quantity: Quantity, name: str) -> Iterator[str]:
        ours, theirs = (getattr(side, quantity.key) for side in (self.step.scratch, self.step.torch))
        m = self.step.place.m
        if m <= FEW:
            for row, value in enumerate(ours.tolist(), 1):
                yield f"{name} of row {row}: {self.number(value)}."
        else:
            yield self._range(name, ours)
        comparison = self.step.comparisons[quantity.key]
        rows = {1: "the row", 2: "both rows"}.get(m, f"all {m} rows")
        if comparison.verdict is Verdict.IDENTICAL:
            yield f"{name}: identical in {rows}."
        elif comparison.verdict is Verdict.ROUNDING:
            yield f"{name}: rounding in {comparison.unequal} of {count(m, 'row')}, at most {apart(comparison)}."
        else:
            row = int((ours - theirs).abs().argmax())
            label = f"{name} of row {row + 1}"
            yield compared(label, float(ours[row]), float(theirs[row]), comparison, self.seen.digits, self.single)

    def _range(self, name: str, values: Tensor) -> str:
        return f"{name}: from {self.number(float(values.min()))} to {self.number(float(values.max()))}."

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def row(self, row: int) -> Iterator[str]:
        """Yield the facts of a row (from 0) of the batch, one each."""
        sample = self.step.samples(row, row + 1)[0]
        yield f"Row {row + 1} of {self.step.place.m}."
        for name, text in self._columns(sample):
            yield f"{name}: {text}."
        if self.seen.phase >= Phase.ERROR_SIGNAL and not self.seen.hides("dloss_dpred"):
            values = sample.dloss_dpred, sample.torch_dloss_dpred
            yield compared("Error signal", *values, sample.comparison, self.seen.digits, self.single)
        if self.seen.phase >= Phase.WEIGHT_GRADIENT and not self.seen.hides("dloss_dpred", "grad_w"):
            yield f"Error signal times x: {self.number(sample.weight_term)}."

    def samples(self, start: int, stop: int) -> Iterator[str]:
        """Yield rows `start` to `stop` (exclusive, from 0) of the batch, a sentence each."""
        for row, sample in enumerate(self.step.samples(start, stop), start):
            columns = [f"{name} is {text}" for name, text in self._columns(sample)]
            if self.seen.phase >= Phase.ERROR_SIGNAL and not self.seen.hides("dloss_dpred"):
                columns.append(f"error signal is {self.number(sample.dloss_dpred)}")
            first, *rest = columns
            yield f"Row {row + 1}: {', '.join([first, *(text[0].lower() + text[1:] for text in rest)])}."

    def _columns(self, sample: Sample) -> Iterator[tuple[str, str]]:
        yield "x", self.number(sample.x)
        yield "Target", self.number(sample.y)
        if self.seen.phase >= Phase.PREDICT:
            yield "Prediction", HIDDEN if self.seen.hides("y_pred") else self.number(sample.y_pred)
        if self.seen.phase >= Phase.LOSS and not self.seen.hides("residual"):
            yield "Prediction minus target", self.number(sample.residual)

    # ── all together ─────────────────────────────────────────────────────────────────────────────────────────────

    def comparison(self) -> Iterator[str]:
        """Yield how the two models stand to each other in each quantity reached."""
        reached = [quantity for quantity in QUANTITIES if quantity.phase <= self.seen.phase]
        if not reached:
            yield "Nothing to compare yet: phase 2, predict, computes the first numbers."
        for quantity in reached:
            yield from self.verdict(quantity)

    def verdict(self, quantity: Quantity) -> Iterator[str]:
        """Yield how the two models stand to each other in a quantity."""
        if quantity.vector and not self.seen.hides(quantity.key):
            *_, last = self.quantity(quantity)
            yield last
        else:
            yield from self.quantity(quantity)


def value_of(side: object, key: str) -> float:
    """Return what a side of a step has for a scalar quantity."""
    return float(getattr(side, f"{key}_after" if key in ("b", "w") else key))
