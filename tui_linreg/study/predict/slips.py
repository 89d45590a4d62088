"""The slips that a wrong answer can be recognised by, by the quantity asked for: what was computed instead, and a hint.

The classic mistakes of a hand-written gradient are recognised too: `known_error_values` adds them. Loads no torch.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tui_linreg.study.predict.drafts import LEFT, WHOLE
from tui_linreg.study.predict.known_errors import Slip, StepNumbers

if TYPE_CHECKING:
    from tui_linreg.study.predict.known_errors import Vector


def _neighbour(vector: Callable[[StepNumbers], Vector], by: int) -> Slip:
    def value(s: StepNumbers) -> float | None:
        return float(vector(s)[s.row + by]) if 0 <= s.row + by < s.m else None

    title, hint = "the row above or below", "Which sample is asked for? Follow its row with a finger."
    return Slip("wrong-row", title, hint, value)


Terms = Callable[[StepNumbers], "Vector"]
"""The terms that a sum over the mini-batch adds up."""


def _of_sum(terms: Terms) -> tuple[Slip, ...]:
    """Return the slips in adding up: what is left out of the samples, or of the sum that a long mini-batch is given."""

    def without(from_end: int, s: StepNumbers) -> float | None:
        at = s.m - from_end
        to_add = s.m if s.m <= WHOLE else LEFT
        if not 0 < at < s.m - 1 or from_end > to_add:
            return None
        return float(terms(s)[:at].sum() + terms(s)[at + 1 :].sum())

    return (
        Slip("last-left-out", "the last sample is left out", "Count the terms of your sum: are there m of them?",
             lambda s: terms(s)[:-1].sum() if s.m > 1 else None),
        Slip("first-left-out", "the first sample is left out",
             "The rows begin at the top: is the first one in your sum?",
             lambda s: terms(s)[1:].sum() if s.m > 1 else None),
        *(Slip("one-left-out", "a sample between the first and the last is left out",
               "Tick each row off as you add it: which one has no tick?", partial(without, from_end))
          for from_end in range(2, WHOLE)),
        Slip("given-left-out", "the sum that is given is left out, only the samples listed are added",
             "The samples listed are the last ones. Where are those before them?",
             lambda s: terms(s)[-LEFT:].sum() if s.m > WHOLE else None),
        Slip("given-alone", "only the sum that is given, without the samples listed",
             "That sum ends before the samples listed. What is still to be added?",
             lambda s: terms(s)[:-LEFT].sum() if s.m > WHOLE else None),
    )  # fmt: skip


def _opposite(value: Callable[[StepNumbers], float]) -> Slip:
    title, hint = "the size is right, the sign is not", "Look at each minus in the formula."
    return Slip("opposite-sign", title, hint, lambda s: -value(s))


def _shifted(values: Vector, by: int) -> Vector:
    """Return the values, each in the row `by` rows further on; those that leave at one end come in at the other."""
    import numpy as np  # not on top: the first frame does not wait for it

    return np.roll(values, by)


def _can_shift(by: int, m: int) -> bool:
    """Say whether so many rows shifted are others; of two rows both ways are the same, and one is enough."""
    return m > (1 if by > 0 else 2)


def _shifted_errors(by: int, s: StepNumbers) -> float | None:
    return float(((s.predictions - _shifted(s.ys, by)) ** 2).mean()) if _can_shift(by, s.m) else None


def _shifted_x(by: int, s: StepNumbers) -> float | None:
    return float((s.signal * _shifted(s.xs, by)).sum()) if _can_shift(by, s.m) else None


def _other_y(by: int, s: StepNumbers) -> float | None:
    return float(2 / s.m * (s.y_pred - s.ys[s.row + by])) if 0 <= s.row + by < s.m else None


def _of_gradient(name: str, factor: Callable[[StepNumbers], Vector | float]) -> tuple[Slip, ...]:
    """Return the slips that both gradients share; `factor` is ∂ŷ/∂b or ∂ŷ/∂w."""
    gradient = f"grad_{name}"
    return (
        *_of_sum(lambda s: s.signal * factor(s)),
        Slip("factor-again", "multiplied by 2/m once more", "∂L/∂ŷ has its 2/m already. What is left to do with it?",
             lambda s: 2 / s.m * getattr(s.side, gradient)),
        Slip("times-learning-rate", "the learning rate η is in it already",
             "The gradient knows nothing of η; when does η come in?", lambda s: s.lr * getattr(s.side, gradient)),
        Slip("previous-batch", "the gradient of the mini-batch before", "Every mini-batch has a gradient of its own.",
             lambda s: getattr(s.before, gradient) if s.before else None),
        Slip("new-parameter", f"the new {name} instead of its gradient", "That is where the gradient leads.",
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
        Slip("eta-twice", "multiplied by η twice", "Count the η in your product.",
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
        _opposite(lambda s: float(getattr(s.side, f"{name}_after"))),
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
        Slip("minus", "w x is subtracted", "What stands between b and w x, and which sign has x?",
             lambda s: s.b - s.w * s.x),
        Slip("forgot-w", "x without its weight w", "How steep is the line?", lambda s: s.b + s.x),
        Slip("parentheses", "b + x is multiplied by w", "Only x is multiplied by w; b is added.",
             lambda s: s.w * (s.b + s.x)),
        Slip("after-update", "b and w after the update", "Which line predicts: before or after the update?",
             lambda s: s.side.after_at(s.x)),
        Slip("previous-parameters", "b and w of the mini-batch before", "Both have been updated once since.",
             lambda s: s.before.b + s.before.w * s.x if s.before else None),
        Slip("residual", "ŷ − y, one step too far", "The prediction does not know y yet.", lambda s: s.error),
        Slip("target", "y itself", "That is the true value; what does the line say at this x?", lambda s: s.y),
        _opposite(lambda s: s.y_pred),
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
        Slip("factor-2", "doubled", "The 2 comes with the derivative, one phase later.", lambda s: 2 * s.side.loss),
        *(Slip("y-of-another-row", "each ŷ is compared with the y of another row",
               "Each sample's ŷ goes with its own y.", partial(_shifted_errors, by)) for by in (-1, 1)),
        _opposite(lambda s: s.side.loss),
        *_of_sum(lambda s: s.errors**2 / s.m),
    ),
    "dloss_dpred": (
        Slip("residual", "ŷ − y alone, the factor 2/m is missing", "The square leaves a factor, and the mean another.",
             lambda s: s.error),
        Slip("squared", "the error is still squared", "What is left of a square when it is differentiated?",
             lambda s: 2 / s.m * s.error * s.error),
        Slip("plus", "ŷ + y where ŷ − y belongs", "An error is a difference.", lambda s: 2 / s.m * (s.y_pred + s.y)),
        Slip("forgot-y", "y is left out", "The loss compares ŷ with something.", lambda s: 2 / s.m * s.y_pred),
        Slip("two-below", "the 2 is in the denominator", "Is the 2 a factor or a divisor?",
             lambda s: s.error / (2 * s.m)),
        Slip("times-x", "multiplied by x already", "x comes with ∂ŷ/∂w, two phases later.",
             lambda s: s.signal[s.row] * s.x),
        *(Slip("y-of-another-row", "the y of the row above or below", "Each sample's ŷ goes with its own y.",
               partial(_other_y, by)) for by in (-1, 1)),
        Slip("factor-again", "multiplied by 2/m twice", "One 2 from the square, one 1/m from the mean: that is all.",
             lambda s: 2 / s.m * s.signal[s.row]),
        Slip("share-of-loss", "the sample's share of the loss", "That is (ŷ − y)²/m; you need its derivative.",
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
        *(Slip("x-of-another-row", "each ∂L/∂ŷ is multiplied by the x of another row",
               "Keep your finger in one row while you multiply.",
               partial(_shifted_x, by)) for by in (-1, 1)),
        Slip("times-first-x", "the x of the first sample is used for all", "Each row has an x of its own.",
             lambda s: s.side.grad_b * s.xs[0]),
        Slip("x-squared", "multiplied by x twice", "How often does x stand in ŷ = b + w x?",
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
