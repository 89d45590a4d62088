"""What a known mistake is: a wrong answer can be recognised by it. Those of people are in `slips`. Loads no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_linreg.engine.step import Side

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KnownError:
    """One mistake and the number it gives for one question."""

    name: str
    """A name in `MISTAKES` or of a `Slip`."""
    title: str
    """What was done, in a few words; not a sentence."""
    hint: str
    """Where to look; one or two sentences."""
    value: float


@dataclass(frozen=True, slots=True)
class Before:
    """The mini-batch before: b and w before its update, its loss and its gradients."""

    b: float
    w: float
    loss: float
    grad_b: float
    grad_w: float


@dataclass(frozen=True, slots=True)
class StepNumbers:
    """A step's numbers as the slips need them: vectors of shape (m,) in float64, on the CPU."""

    xs: Vector
    ys: Vector
    predictions: Vector
    signal: Vector
    """∂L/∂ŷ."""
    row: int
    """The element asked for; 0 for a scalar."""
    side: Side
    lr: float
    batch_size: int
    n_train: int
    before: Before | None
    """None where there is no mini-batch before, or none that may be used."""
    loss_after: float

    @property
    def m(self) -> int:
        """The batch's own length."""
        return len(self.xs)

    @property
    def b(self) -> float:
        """B before the update."""
        return self.side.b_before

    @property
    def w(self) -> float:
        """W before the update."""
        return self.side.w_before

    @property
    def x(self) -> float:
        """The x of the element asked for."""
        return float(self.xs[self.row])

    @property
    def y(self) -> float:
        """The y of the element asked for."""
        return float(self.ys[self.row])

    @property
    def y_pred(self) -> float:
        """ŷ of the element asked for."""
        return float(self.predictions[self.row])

    @property
    def error(self) -> float:
        """ŷ − y of the element asked for."""
        return self.y_pred - self.y

    @property
    def errors(self) -> Vector:
        """ŷ − y."""
        return self.predictions - self.ys


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip of a person: what was computed instead of what was asked for."""

    name: str
    title: str
    hint: str
    value: Callable[[StepNumbers], float | None]
    """None where the slip cannot be made on this step."""
