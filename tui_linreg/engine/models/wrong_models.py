"""Classic mistakes in a hand-written gradient, each as a variant of the from-scratch model with one thing wrong.

What is wrong with each, in words, is in `engine.models.mistakes`. Each overrides only the method that holds the
mistake; what it leaves alone, and what it calls by `super()`, may be in notebook or in kernel form.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from tui_linreg.engine.models.scratch import Gradients, SimpleLinearRegression


class Sign(SimpleLinearRegression):
    """The residual the wrong way round."""

    def error_signal(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return (2/m)(y − ŷ), shape (m,)."""
        return 2 * (y_true - y_pred) / len(y_true)


class Missing2(SimpleLinearRegression):
    """The square's derivative without its 2."""

    def error_signal(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return (1/m)(ŷ − y), shape (m,)."""
        return (y_pred - y_true) / len(y_true)


class SumForMean(SimpleLinearRegression):
    """The sum of the squared errors, and the gradient of that sum, where the mean is meant."""

    def squared_loss(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return ‖ŷ − y‖² as a scalar tensor."""
        return ((y_pred - y_true) ** 2).sum()

    def error_signal(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return 2(ŷ − y), shape (m,)."""
        return 2 * (y_pred - y_true)


class DivideByBatchSize(SimpleLinearRegression):
    """The batch size B where the batch's own length m belongs."""

    batch_size: ClassVar[int]
    """B, set by `tui_linreg.engine.models.variants`."""

    def error_signal(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return (2/B)(ŷ − y), shape (m,)."""
        return 2 * (y_pred - y_true) / self.batch_size


class DivideByN(SimpleLinearRegression):
    """The length n of the whole train set where the batch's own length m belongs."""

    n_train: ClassVar[int]
    """n, set by `tui_linreg.engine.models.variants`."""

    def error_signal(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return (2/n)(ŷ − y), shape (m,)."""
        return 2 * (y_pred - y_true) / self.n_train


class DoubleMean(SimpleLinearRegression):
    """A mean over the batch although ∂L/∂ŷ holds 1/m already."""

    def bias_gradient(self, dloss_dpred: Tensor) -> Tensor:
        """Return (1/m) Σₚ ∂L/∂ŷₚ."""
        return dloss_dpred.mean()


class NoX(SimpleLinearRegression):
    """The chain rule stopped early: ∂ŷ/∂w taken for 1."""

    def weight_gradient(self, dloss_dpred: Tensor, x: Tensor) -> Tensor:
        """Return Σₚ ∂L/∂ŷₚ."""
        return dloss_dpred.sum()


class Stale(SimpleLinearRegression):
    """b is updated first, and w's gradient taken with the new b: the two belong to two different lines."""

    def update(self, x: Tensor, y_true: Tensor, y_pred: Tensor, lr: float) -> Gradients:
        """Do phases 4 to 7 on one mini-batch (x, y, ŷ of shape (m,)), in the wrong order."""
        dloss_dpred = self.error_signal(y_true, y_pred)
        grad_b = self.bias_gradient(dloss_dpred)
        nothing = torch.zeros_like(grad_b)
        self.descend(grad_b, nothing, lr)
        grad_w = self.weight_gradient(self.error_signal(y_true, self.predict(x)), x)
        self.descend(nothing, grad_w, lr)
        return Gradients(dloss_dpred, grad_b, grad_w)


class NoZeroGrad(SimpleLinearRegression):
    """Gradients add up over the steps, as in `.grad` without `zero_grad()`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sum_b, self.sum_w = torch.zeros_like(self.b), torch.zeros_like(self.w)

    def state(self) -> tuple[Tensor, ...]:
        """Return b, w and the two sums so far, each of shape (1,)."""
        return self.b, self.w, self.sum_b, self.sum_w

    def bias_gradient(self, dloss_dpred: Tensor) -> Tensor:
        """Return the sum of this ∂L/∂b and all before it."""
        self.sum_b += super().bias_gradient(dloss_dpred)
        return self.sum_b[0].clone()

    def weight_gradient(self, dloss_dpred: Tensor, x: Tensor) -> Tensor:
        """Return the sum of this ∂L/∂w and all before it."""
        self.sum_w += super().weight_gradient(dloss_dpred, x)
        return self.sum_w[0].clone()


WRONG_MODELS: dict[str, type[SimpleLinearRegression]] = {
    "sign": Sign,
    "missing-2": Missing2,
    "sum": SumForMean,
    "divide-by-batch-size": DivideByBatchSize,
    "divide-by-n": DivideByN,
    "double-mean": DoubleMean,
    "no-x": NoX,
    "stale": Stale,
    "no-zero-grad": NoZeroGrad,
}
"""By the names of `tui_linreg.engine.models.mistakes.MISTAKES`."""
