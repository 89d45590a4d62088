"""The from-scratch model's three formulas in the order of operations of torch's kernels: classes to be mixed in.

Each stands alone, so that what runs is what its source says; `tui_linreg.engine.models.variants` puts them together.
"""

from __future__ import annotations

from torch import Tensor

from tui_linreg.engine.models.scratch import SimpleLinearRegression


class KernelErrorSignal(SimpleLinearRegression):
    """∂L/∂ŷ as the backward pass of `mse_loss` computes it: 2/m is rounded first."""

    def error_signal(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return ∂L/∂ŷ = (2/m)(ŷ − y), shape (m,), m being this batch's own length."""
        return (2 / len(y_true)) * (y_pred - y_true)


class KernelWeightGradient(SimpleLinearRegression):
    """∂L/∂w as the backward pass of `nn.Linear` computes it: a product of matrices, which adds up in its own order."""

    def weight_gradient(self, dloss_dpred: Tensor, x: Tensor) -> Tensor:
        """Return ∂L/∂w = Σₚ ∂L/∂ŷₚ · ∂ŷₚ/∂w, a row (1, m) times a column (m, 1), as a scalar tensor."""
        return (dloss_dpred.unsqueeze(0) @ x.unsqueeze(1)).squeeze()


class KernelUpdate(SimpleLinearRegression):
    """The update as `torch.optim.SGD` does it: product and sum in one kernel."""

    def descend(self, grad_b: Tensor, grad_w: Tensor, lr: float) -> None:
        """Update b ← b − η ∂L/∂b and w ← w − η ∂L/∂w in place."""
        self.b.add_(grad_b, alpha=-lr)
        self.w.add_(grad_w, alpha=-lr)


KERNEL_FORMS = (KernelErrorSignal, KernelWeightGradient, KernelUpdate)
"""In the order of `tui_linreg.engine.models.arithmetic.FORMS`."""
