"""Which of its three formulas the from-scratch model writes in the order of operations of torch's own kernels.

One formula has several roundings. On the CPU the notebook's way of writing these three differs from autograd's in the
last bits; with all three in kernel form the two models are bit for bit the same there. CUDA divides a tensor by a
number by multiplying with the reciprocal, so that both forms of the error signal have the same bits. Loads no torch.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

from tui_linreg.engine.phases import Phase

_JOIN = "+"


class Form(NamedTuple):
    """One formula and its two ways of being written."""

    name: str
    """Its name in `Arithmetic`'s text."""
    phase: Phase
    symbol: str
    notebook: str
    kernel: str


FORMS: tuple[Form, ...] = (
    Form("error-signal", Phase.ERROR_SIGNAL, "∂L/∂ŷ", "2 * (ŷ − y) / m", "(2 / m) * (ŷ − y)"),
    Form("weight-gradient", Phase.WEIGHT_GRADIENT, "∂L/∂w", "dot(∂L/∂ŷ, x)", "(1, m) @ (m, 1)"),
    Form("update", Phase.UPDATE, "b, w", "θ − η * g", "add(θ, g, alpha=−η)"),
)
"""In the order of `Arithmetic`'s fields."""

ALLOWED = "notebook, kernel, or some of " + ", ".join(form.name for form in FORMS) + f" joined by {_JOIN}"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The form of each of the three formulas; True is the kernel form."""

    error_signal: bool = False
    weight_gradient: bool = False
    update: bool = False

    @classmethod
    def parse(cls, text: str) -> Arithmetic:
        """Return what "notebook", "kernel" or names of `FORMS` joined by "+" stand for, in any order.

        Raises:
            ValueError: for any other text, also where a name stands twice.
        """
        if text == "notebook":
            return cls()
        if text == "kernel":
            return cls(True, True, True)
        names = text.split(_JOIN)
        if len(set(names)) != len(names) or not {form.name for form in FORMS}.issuperset(names):
            raise ValueError(text)
        return cls(*(form.name in names for form in FORMS))

    def __str__(self) -> str:
        """Return the text that `parse` reads: the same for equal values."""
        chosen = [form.name for form, kernel in zip(FORMS, self.switches, strict=True) if kernel]
        if not chosen:
            return "notebook"
        return "kernel" if len(chosen) == len(FORMS) else _JOIN.join(chosen)

    @property
    def switches(self) -> tuple[bool, ...]:
        """The three values in the order of `FORMS`."""
        return tuple(getattr(self, field.name) for field in fields(self))


def canonical(text: str) -> str:
    """Return the one text of those that mean the same.

    Raises:
        ValueError: as `Arithmetic.parse`.
    """
    return str(Arithmetic.parse(text))
