"""The computation graph of the hand-written model with a step's own numbers, for one sample or for the mini-batch.

    w, x → w·x → ŷ ← b        ŷ, y → e = ŷ − y → e² → L, their mean

A node has its value from the forward pass and ∂L by this value from the backward pass. Values that the model keeps are
those that it computed; w·x, e and e² are computed again by the operation and in the precision that it used. Of the
derivatives it computes ∂L/∂ŷ, ∂L/∂b and ∂L/∂w; along the others the chain rule multiplies by 1. Importing this loads
no torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tui_linreg.engine.phases import Phase
from tui_linreg.engine.step import Step
from tui_linreg.study.derivation.numbers import follows

_SIGNAL = frozenset({"dloss_dpred"})
_RESIDUAL = frozenset({"residual", "y_pred"})


class Number(NamedTuple):
    """One number of the graph."""

    phase: Phase
    """That computes it."""
    value: float
    """Of a vector its first entry."""
    length: int | None = None
    """How many entries a vector has; None: it is one number."""
    told_by: frozenset[str] = frozenset()
    """Quantities of which one that is hidden hides it (`tui_linreg.tui.hidden.Hidden.blanks`)."""
    rule: Phase | None = None
    """The phase whose formula makes it of other numbers of the graph; None: it is given, or a product of two."""
    text: str = ""
    """How it is written exactly, if not as a decimal number."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the graph and the derivative of L by it."""

    key: str
    """"x", "w", "b", "y", "wx", "y_pred", "e", "square" or "loss"."""
    name: str
    forward: Number
    slope_name: str = ""
    """What its derivative is called; in a single sample's graph that sample's term of ∂L/∂b and ∂L/∂w."""
    slope: Number | None = None
    """None for data, by which no derivative is taken."""
    role: str = "text"
    """The colour of the derivative."""


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes of one mini-batch, or of one sample of it."""

    step: Step
    sample: int | None
    """Its place in the batch, from 0; None: the whole batch."""
    nodes: dict[str, Node]
    """By key, each after those that it is computed from."""
    sums: tuple[tuple[str, Number], ...]
    """∂L/∂b and ∂L/∂w by their names: sums over the batch."""

    def follows(self, number: Number) -> bool:
        """Say whether a number follows from those that the graph computes it from, up to rounding."""
        row = self.sample
        return number.rule is None or follows(
            self.step, number.rule, slice(None) if row is None else slice(row, row + 1)
        )


def graph_of(step: Step, sample: int | None) -> Graph:
    """Return the graph of a mini-batch, or of its sample number `sample` (from 0).

    Raises:
        IndexError: when the batch has no such sample.
    """
    m, side = step.place.m, step.scratch
    if sample is not None and not 0 <= sample < m:
        raise IndexError(f"sample {sample}: the batch has {m}, from 0")
    at = slice(sample or 0, (sample or 0) + 1)
    x, y, y_pred, d = step.x[at], step.y[at], side.y_pred[at], side.dloss_dpred[at]
    e = y_pred - y
    length = m if sample is None else None

    def vector(phase: Phase, values: object, told_by: frozenset[str], rule: Phase | None = None) -> Number:
        return Number(phase, float(values), length, told_by, rule)  # type: ignore[arg-type]  # a tensor of one number

    def signal(phase: Phase, rule: Phase | None = None) -> Number:
        return vector(phase, d, _SIGNAL, rule)

    b, w = (
        Number(Phase.BATCH, v, None, frozenset({k}))
        for v, k in ((side.b_before, "b_before"), (side.w_before, "w_before"))
    )
    wx = x.new_tensor(side.w_before) * x
    sums = (
        ("∂L/∂b", Number(Phase.BIAS_GRADIENT, side.grad_b, None, frozenset({"grad_b"}), Phase.BIAS_GRADIENT)),
        ("∂L/∂w", Number(Phase.WEIGHT_GRADIENT, side.grad_w, None, frozenset({"grad_w"}), Phase.WEIGHT_GRADIENT)),
    )
    slopes = sums
    if sample is not None:
        slopes = (
            ("∂L/∂ŷ · 1", Number(Phase.BIAS_GRADIENT, float(d), None, _SIGNAL | {"grad_b"})),
            ("∂L/∂ŷ · x", Number(Phase.WEIGHT_GRADIENT, float(d * x), None, _SIGNAL | {"grad_w"})),
        )
    mean = Number(Phase.ERROR_SIGNAL, 1 / m, length, _SIGNAL, None, f"1/{m}")
    nodes = (
        Node("x", "x", vector(Phase.BATCH, x, frozenset())),
        Node("w", "w", w, *slopes[1], "dpred_dw"),
        Node("b", "b", b, *slopes[0], "dpred_db"),
        Node("y", "y", vector(Phase.BATCH, y, frozenset())),
        Node(
            "wx", "w·x", vector(Phase.PREDICT, wx, frozenset({"b_before", "w_before", "y_pred"})),
            "∂L/∂(w·x)", signal(Phase.WEIGHT_GRADIENT), "dloss_dpred",
        ),
        Node(
            "y_pred", "ŷ", vector(Phase.PREDICT, y_pred, frozenset({"y_pred"}), Phase.PREDICT),
            "∂L/∂ŷ", signal(Phase.ERROR_SIGNAL), "dloss_dpred",
        ),
        Node(
            "e", "e = ŷ − y", vector(Phase.LOSS, e, _RESIDUAL),
            "∂L/∂e", signal(Phase.ERROR_SIGNAL, Phase.ERROR_SIGNAL), "dloss_dpred",
        ),
        Node("square", "e²", vector(Phase.LOSS, e**2, _RESIDUAL | {"loss"}), "∂L/∂e²", mean, "dloss_dpred"),
        Node(
            "loss", "L = mean", Number(Phase.LOSS, side.loss, None, frozenset({"loss"}), Phase.LOSS),
            "∂L/∂L", Number(Phase.ERROR_SIGNAL, 1.0, text="1"), "dloss_dpred",
        ),
    )  # fmt: skip
    return Graph(step, sample, {node.key: node for node in nodes}, sums)
