"""The slips that a wrong answer can be recognised by, by the quantity asked for: what was computed instead, and a hint.

The classic mistakes of a hand-written gradient are recognised too: `known_error_values` adds them. Loads no torch.
"""

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


def _neighbour(vector: Callable[[StepNumbers], Vector], by: int) -> Slip:
    def value(s: StepNumbers) -> float | None:
        return float(vector(s)[s.row + by]) if 0 <= s.row + by < s.m else None

    title, hint = "the row above or below", "Which sample is asked for? Follow its row with a finger."
    return Slip("wrong-row", title, hint, value)


def _one_left_out(total: Callable[[StepNumbers, slice], float]) -> tuple[Slip, ...]:
    return (
        Slip("last-left-out", "the last sample is left out", "Count the terms of your sum: are there m of them?",
             lambda s: total(s, slice(None, -1)) if s.m > 1 else None),
        Slip("first-left-out", "the first sample is left out",
             "The rows begin at the top: is the first one in your sum?",
             lambda s: total(s, slice(1, None)) if s.m > 1 else None),
    )  # fmt: skip


def _of_gradient(name: str, factor: Callable[[StepNumbers], Vector | float]) -> tuple[Slip, ...]:
    """Return the slips that both gradients share; `factor` is ∂ŷ/∂b or ∂ŷ/∂w."""
    gradient = f"grad_{name}"
    return (
        *_one_left_out(lambda s, rows: float((s.signal * factor(s))[rows].sum())),
        Slip("times-learning-rate", "the learning rate η is in it already",
             "The gradient knows nothing of η; when does η come in?", lambda s: s.lr * getattr(s.side, gradient)),
        Slip("previous-batch", "the gradient of the mini-batch before", "Every mini-batch has a gradient of its own.",
             lambda s: getattr(s.before, gradient) if s.before else None),
        Slip("new-parameter", f"the new {name} instead of its gradient", "That is where the gradient leads to.",
             lambda s: getattr(s.side, f"{name}_after")),
        Slip("residuals-for-signal", "ŷ − y is summed up where ∂L/∂ŷ belongs", "What is between ŷ − y and ∂L/∂ŷ?",
             lambda s: (s.errors * factor(s)).sum()),
        Slip("absolute", "signs are dropped in the sum", "Errors above and below the line pull opposite ways.",
             lambda s: abs(s.signal * factor(s)).sum()),
    )  # fmt: skip


def _of_update(name: str, other: str) -> tuple[Slip, ...]:
    def start(s: StepNumbers) -> float:
        return float(getattr(s.side, f"{name}_before"))

    def step(s: StepNumbers) -> float:
        return start(s) - float(getattr(s.side, f"{name}_after"))

    def gradient(s: StepNumbers) -> float:
        return float(getattr(s.side, f"grad_{name}"))

    return (
        Slip("before-update", f"{name} before the update", f"Has {name} moved yet?", start),
        Slip("plus", "the gradient is added", "The gradient points uphill. Which way should the step go?",
             lambda s: start(s) + step(s)),
        Slip("forgot-eta", "the learning rate η is left out", "How long is the step, compared with the gradient?",
             lambda s: start(s) - gradient(s)),
        Slip("eta-twice", "η is multiplied in twice", "Count the η in your product.",
             lambda s: start(s) - s.lr * step(s)),
        Slip("gradient", f"the gradient ∂L/∂{name} itself", f"The gradient is the slope; what does it do to {name}?",
             gradient),
        Slip("step-alone", "only the step, η times the gradient", f"Where does it begin, at 0 or at {name}?", step),
        Slip("change-alone", "only the change, −η times the gradient", "A change of what? Add it to something.",
             lambda s: -step(s)),
        Slip("other-parameter", f"the new {other}", f"That number belongs to {other}.",
             lambda s: getattr(s.side, f"{other}_after")),
        Slip("factor-2-again", "the gradient is doubled once more", "The 2 of the square is in the gradient already.",
             lambda s: start(s) - 2 * step(s)),
        Slip("parentheses", f"({name} − η) is multiplied by the gradient", "Multiplication comes before subtraction.",
             lambda s: (start(s) - s.lr) * gradient(s)),
        Slip("divided-by-m", "the gradient is divided by m once more", "Has the mean been taken before?",
             lambda s: start(s) - step(s) / s.m),
        Slip("old-start", f"the step begins at {name} of the mini-batch before", f"Which {name} is the newest?",
             lambda s: getattr(s.before, name) - step(s) if s.before else None),
    )  # fmt: skip


SLIPS: dict[str, tuple[Slip, ...]] = {
    "y_pred": (
        Slip("forgot-b", "b is left out", "Does the line go through 0?", lambda s: s.w * s.x),
        Slip("b-and-w-swapped", "b and w change places", "Which of the two is multiplied by x?",
             lambda s: s.w + s.b * s.x),
        Slip("x-and-y-swapped", "y stands where x belongs", "The model sees x; y is what it is compared with.",
             lambda s: s.b + s.w * s.y),
        Slip("minus", "w x is subtracted", "What stands between b and w x?", lambda s: s.b - s.w * s.x),
        Slip("forgot-w", "x without its weight w", "How steep is the line?", lambda s: s.b + s.x),
        Slip("parentheses", "b + x is multiplied by w", "Only x is weighted; b comes on top.",
             lambda s: s.w * (s.b + s.x)),
        Slip("after-update", "b and w after the update", "Which line predicts: before or after the update?",
             lambda s: s.side.after_at(s.x)),
        Slip("previous-parameters", "b and w of the mini-batch before", "Both have been updated once since.",
             lambda s: s.before.b + s.before.w * s.x if s.before else None),
        Slip("residual", "ŷ − y, one step too far", "The prediction does not know y yet.", lambda s: s.error),
        Slip("target", "y itself", "That is the true value; what does the line say at this x?", lambda s: s.y),
        _neighbour(lambda s: s.predictions, -1),
        _neighbour(lambda s: s.predictions, 1),
    ),
    "loss": (
        Slip("root", "the root of the loss (RMSE)", "The loss here is the mean of the squares itself.",
             lambda s: s.side.loss**0.5),
        Slip("not-squared", "the errors are not squared", "Errors above and below would cancel.",
             lambda s: s.errors.mean()),
        Slip("absolute", "absolute values where squares belong", "‖·‖² is a sum of squares.",
             lambda s: abs(s.errors).mean()),
        Slip("half", "halved", "Some books put ½ before the loss; this formula does not.", lambda s: s.side.loss / 2),
        Slip("square-of-sum", "summed first, then squared", "Square each error first, add then.",
             lambda s: s.errors.sum() ** 2 / s.m),
        Slip("square-of-mean", "averaged first, then squared", "Square each error first, average then.",
             lambda s: s.errors.mean() ** 2),
        Slip("squares-apart", "ŷ² − y² where (ŷ − y)² belongs", "Subtract first, square then.",
             lambda s: (s.predictions**2 - s.ys**2).mean()),
        Slip("plus", "ŷ + y where ŷ − y belongs", "An error is a difference.",
             lambda s: ((s.predictions + s.ys) ** 2).mean()),
        Slip("batch-size", "divided by the batch size B", "How many samples does this mini-batch have?",
             lambda s: (s.errors**2).sum() / s.batch_size),
        Slip("train-size", "divided by the length n of the train set", "The mean runs over this mini-batch only.",
             lambda s: (s.errors**2).sum() / s.n_train),
        Slip("one-less", "divided by m − 1", "That is for a sample variance; a mean divides by m.",
             lambda s: (s.errors**2).sum() / (s.m - 1) if s.m > 1 else None),
        Slip("after-update", "the loss after the update", "The loss is taken first, the update comes last.",
             lambda s: s.loss_after),
        Slip("previous-batch", "the loss of the mini-batch before", "These are other samples, and another line.",
             lambda s: s.before.loss if s.before else None),
        *_one_left_out(lambda s, rows: float((s.errors**2)[rows].sum() / s.m)),
    ),
    "dloss_dpred": (
        Slip("residual", "ŷ − y without its factor", "The square leaves a factor, and the mean another.",
             lambda s: s.error),
        Slip("squared", "the error is squared still", "What is left of a square when it is differentiated?",
             lambda s: 2 / s.m * s.error * s.error),
        Slip("plus", "ŷ + y where ŷ − y belongs", "An error is a difference.", lambda s: 2 / s.m * (s.y_pred + s.y)),
        Slip("forgot-y", "y is left out", "The loss compares ŷ with something.", lambda s: 2 / s.m * s.y_pred),
        Slip("two-below", "the 2 is in the denominator", "Is the 2 a factor or a divisor?",
             lambda s: s.error / (2 * s.m)),
        Slip("times-x", "multiplied by x already", "x comes with ∂ŷ/∂w, two phases later.",
             lambda s: s.signal[s.row] * s.x),
        Slip("share-of-loss", "the sample's share of the loss", "That is (ŷ − y)²/m; asked is its derivative.",
             lambda s: s.error * s.error / s.m),
        _neighbour(lambda s: s.signal, -1),
        _neighbour(lambda s: s.signal, 1),
    ),
    "grad_b": (
        Slip("times-x", "each ∂L/∂ŷ is multiplied by x", "That is for w. What is ∂ŷ/∂b?", lambda s: s.side.grad_w),
        Slip("times-b", "multiplied by b", "ŷ = b + w x: how much does ŷ change when b grows by 1?",
             lambda s: s.side.grad_b * s.b),
        Slip("squared-signal", "each ∂L/∂ŷ is squared", "Each ∂L/∂ŷ is multiplied by ∂ŷ/∂b, nothing else.",
             lambda s: (s.signal**2).sum()),
        *_of_gradient("b", lambda s: 1.0),
    ),
    "grad_w": (
        Slip("mean-of-products", "the products are averaged instead of added",
             "The 1/m of the mean is in ∂L/∂ŷ already. What is left to do with the samples' shares?",
             lambda s: s.side.grad_w / s.m),
        Slip("times-y", "y stands where x belongs", "ŷ = b + w x: what is w multiplied by?",
             lambda s: (s.signal * s.ys).sum()),
        Slip("times-w", "multiplied by w instead of x", "ŷ = b + w x: how much does ŷ change when w grows by 1?",
             lambda s: s.side.grad_b * s.w),
        Slip("product-of-sums", "both columns are summed, then multiplied", "Multiply in each row first.",
             lambda s: s.side.grad_b * s.xs.sum()),
        Slip("times-mean-x", "the sum is multiplied by the mean of x", "Each sample's ∂L/∂ŷ goes with its own x.",
             lambda s: s.side.grad_b * s.xs.mean()),
        Slip("x-squared", "x is multiplied in twice", "How often does x stand in ŷ = b + w x?",
             lambda s: (s.signal * s.xs**2).sum()),
        *_of_gradient("w", lambda s: s.xs),
    ),
    "b": (
        *_of_update("b", "w"),
        Slip("other-gradient", "the gradient of w is used", "Each parameter has its own gradient.",
             lambda s: s.b - s.lr * s.side.grad_w),
    ),
    "w": _of_update("w", "b"),
}  # fmt: skip
"""By quantity (the keys of `QUANTITIES`). w with b's gradient is the engine's no-x."""
