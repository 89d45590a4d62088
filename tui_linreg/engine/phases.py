"""The seven phases of one mini-batch: the vocabulary of the screen, the exports and the code.

Pure data, importable without torch. The formulas are those of the chain rule for L = (1/m) ‖ŷ − y‖² with
ŷ = b + w x; the tokens `∂L/∂ŷ`, `∂ŷ/∂b` and `∂ŷ/∂w` are spelled the same everywhere so that one colour fits each.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Phase(IntEnum):
    """What one mini-batch does, in its order."""

    BATCH = 1
    PREDICT = 2
    LOSS = 3
    ERROR_SIGNAL = 4
    BIAS_GRADIENT = 5
    WEIGHT_GRADIENT = 6
    UPDATE = 7


class PhaseInfo(NamedTuple):
    """How a phase is named and written."""

    phase: Phase
    name: str
    """The name used in running text, help and exports."""
    short: str
    """The name where room is short (the ladder in the header)."""
    formula: str
    """The formula of spec: one line, Unicode."""
    shape: str
    """Shape of what the phase produces, m being the batch's own length."""
    why: str
    """One sentence that says where the formula comes from."""


class Quantity(NamedTuple):
    """One compared number (or vector): a row of the main table."""

    key: str
    """Name in `Step.comparisons`, in traces and in reports."""
    phase: Phase
    symbol: str
    formula: str
    """The symbol and what it is computed from."""
    vector: bool
    """True when it has shape (m,), False for a scalar."""


PHASES: tuple[PhaseInfo, ...] = (
    PhaseInfo(
        Phase.BATCH, "batch", "batch", "x, y = x_train[i:j], y_train[i:j]", "(m,)",
        "Mini-batches are consecutive slices of the train set; the last one of an epoch may be shorter.",
    ),
    PhaseInfo(
        Phase.PREDICT, "predict", "predict", "ŷ = b + w x", "(m,)",
        "The model is a line: b is where it crosses x = 0, w is its slope.",
    ),
    PhaseInfo(
        Phase.LOSS, "loss", "loss", "L = (1/m) ‖ŷ − y‖²", "scalar",
        "The mean squared error of this mini-batch, taken before the update; m is the batch's own length.",
    ),
    PhaseInfo(
        Phase.ERROR_SIGNAL, "error signal", "error", "∂L/∂ŷ = (2/m) (ŷ − y)", "(m,)",
        "Each square gives 2 (ŷ − y), the mean divides it by m.",
    ),
    PhaseInfo(
        Phase.BIAS_GRADIENT, "bias gradient", "∂b", "∂L/∂b = Σ ∂L/∂ŷ · ∂ŷ/∂b", "scalar",
        "∂ŷ/∂b = 1 for every sample, because ŷ = b + w x.",
    ),
    PhaseInfo(
        Phase.WEIGHT_GRADIENT, "weight gradient", "∂w", "∂L/∂w = Σ ∂L/∂ŷ · ∂ŷ/∂w", "scalar",
        "∂ŷ/∂w = x, the sample's own x, because ŷ = b + w x.",
    ),
    PhaseInfo(
        Phase.UPDATE, "update", "update", "b ← b − η ∂L/∂b,  w ← w − η ∂L/∂w", "scalars",
        "A step of length η against the gradient, down the slope of this mini-batch's loss.",
    ),
)  # fmt: skip

QUANTITIES: tuple[Quantity, ...] = (
    Quantity("y_pred", Phase.PREDICT, "ŷ", "ŷ = b + w x", vector=True),
    Quantity("loss", Phase.LOSS, "L", "L = ‖ŷ − y‖² / m", vector=False),
    Quantity("dloss_dpred", Phase.ERROR_SIGNAL, "∂L/∂ŷ", "∂L/∂ŷ = 2/m (ŷ − y)", vector=True),
    Quantity("grad_b", Phase.BIAS_GRADIENT, "∂L/∂b", "∂L/∂b = Σ ∂L/∂ŷ · 1", vector=False),
    Quantity("grad_w", Phase.WEIGHT_GRADIENT, "∂L/∂w", "∂L/∂w = Σ ∂L/∂ŷ · x", vector=False),
    Quantity("b", Phase.UPDATE, "b", "b ← b − η ∂L/∂b", vector=False),
    Quantity("w", Phase.UPDATE, "w", "w ← w − η ∂L/∂w", vector=False),
)


def info(phase: Phase) -> PhaseInfo:
    """Return the table row of a phase."""
    return PHASES[phase - 1]
