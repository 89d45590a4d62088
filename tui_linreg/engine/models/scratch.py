"""The from-scratch model: every derivative written out by hand, none asked of autograd, and its variants.

The arithmetic is the notebook's, in its order of operations; torch's own kernels round differently in places, which
is what the verdicts (`tui_linreg.engine.step`) are about. A variant makes a mistake, or writes some of the three
formulas in the order of operations of torch's kernels. Each class overrides one method, so that the code that runs is
the code that its source shows.
"""

from __future__ import annotations

from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from tui_linreg.engine.models.arithmetic import Arithmetic
from tui_linreg.engine.models.metrics import check_dtypes, fit_and_print
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.step import Gradients


class SimpleLinearRegression:
    """ŷ = b + w x with tensors `b` and `w` of shape (1,), drawn from N(0, 1).

    Args:
        device: where b and w live; None means the CPU.
        dtype: torch.float64 or torch.float32.
        generator: a CPU generator to draw from; None draws from torch's default one, as `torch.randn` does.
    """

    why_other_numbers: ClassVar[str] = (
        "its numbers are not those of training; a setting of torch may have changed since"
    )
    """What is said of a step that is computed again and has other numbers."""

    def __init__(
        self,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype = torch.float64,
        generator: torch.Generator | None = None,
    ) -> None:
        # Drawn on the CPU and moved, so that a start does not depend on the device.
        self.b = torch.randn(1, dtype=dtype, generator=generator).to(device or "cpu")
        self.w = torch.randn(1, dtype=dtype, generator=generator).to(device or "cpu")

    def state(self) -> tuple[Tensor, ...]:
        """Return the tensors of shape (1,) that decide every later step: b and w (a variant may carry more)."""
        return self.b, self.w

    def copy_params(self, layer: nn.Linear) -> None:
        """Copy bias and weight of a linear layer with one input and one output.

        Raises:
            ValueError: when the layer has another shape or no bias.
        """
        if layer.bias is None or layer.weight.shape != (1, 1):
            raise ValueError(f"copy_params needs nn.Linear(1, 1) with a bias, got {layer}")
        self.b.copy_(layer.bias.detach())
        self.w.copy_(layer.weight.detach()[0])

    def predict(self, x: Tensor) -> Tensor:
        """Return ŷ = b + w x, shape (m,), for x of shape (m,)."""
        return self.b + self.w * x

    def squared_loss(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return L = (1/m) ‖ŷ − y‖² as a scalar tensor (no wait for the device)."""
        return ((y_pred - y_true) ** 2).mean()

    def error_signal(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return ∂L/∂ŷ = (2/m)(ŷ − y), shape (m,), m being this batch's own length."""
        return 2 * (y_pred - y_true) / len(y_true)

    def bias_gradient(self, dloss_dpred: Tensor) -> Tensor:
        """Return ∂L/∂b = Σₚ ∂L/∂ŷₚ · ∂ŷₚ/∂b, where ∂ŷ/∂b = 1."""
        return dloss_dpred.sum()

    def weight_gradient(self, dloss_dpred: Tensor, x: Tensor) -> Tensor:
        """Return ∂L/∂w = Σₚ ∂L/∂ŷₚ · ∂ŷₚ/∂w, where ∂ŷ/∂w = x."""
        return torch.dot(dloss_dpred, x)

    def descend(self, grad_b: Tensor, grad_w: Tensor, lr: float) -> None:
        """Update b ← b − η ∂L/∂b and w ← w − η ∂L/∂w in place."""
        self.b -= lr * grad_b
        self.w -= lr * grad_w

    def mse_loss(self, y_true: Tensor, y_pred: Tensor) -> float:
        """Return L = (1/m) ‖ŷ − y‖² as a float, for two tensors of shape (m,).

        Raises:
            ValueError: unless both have one shape (m,) with m ≥ 1.
        """
        _check_vectors(y_true=y_true, y_pred=y_pred)
        return float(self.squared_loss(y_true, y_pred).item())

    def evaluate(self, x: Tensor, y_true: Tensor) -> float:
        """Return the loss of the present b and w on x, y of shape (m,).

        Raises:
            ValueError: unless both have one shape (m,) with m ≥ 1.
        """
        return self.mse_loss(y_true, self.predict(x))

    def update(self, x: Tensor, y_true: Tensor, y_pred: Tensor, lr: float) -> Gradients:
        """Do phases 4 to 7 on one mini-batch (x, y, ŷ of shape (m,)) and return the gradients used.

        Raises:
            ValueError: unless all three have one shape (m,) with m ≥ 1.
        """
        if not (x.shape == y_true.shape == y_pred.shape and x.dim() == 1 and x.numel()):
            _check_vectors(x=x, y_true=y_true, y_pred=y_pred)
        dloss_dpred = self.error_signal(y_true, y_pred)
        grad_b = self.bias_gradient(dloss_dpred)
        grad_w = self.weight_gradient(dloss_dpred, x)
        self.descend(grad_b, grad_w, lr)
        return Gradients(dloss_dpred, grad_b, grad_w)

    def fit(
        self,
        x: Tensor,
        y: Tensor,
        epochs: int,
        lr: float,
        batch_size: int | None,
        x_valid: Tensor,
        y_valid: Tensor,
    ) -> None:
        """Train by mini-batch gradient descent and print the notebook's line after each epoch.

        Args:
            x: train inputs, shape (n,).
            y: train targets, shape (n,).
            epochs: passes over the train set.
            lr: learning rate η.
            batch_size: samples in a mini-batch; None takes a third of the train set.
            x_valid: validation inputs, shape (k,).
            y_valid: validation targets, shape (k,).

        Raises:
            ValueError: when shapes or dtypes do not match, or a count is below 1.
        """
        _check_vectors(x=x, y=y)
        _check_vectors(x_valid=x_valid, y_valid=y_valid)
        check_dtypes(self.b.dtype, x=x, y=y, x_valid=x_valid, y_valid=y_valid)

        def train_batch(rows: slice) -> float:
            y_pred = self.predict(x[rows])
            loss = self.mse_loss(y[rows], y_pred)
            self.update(x[rows], y[rows], y_pred, lr)
            return loss

        fit_and_print(len(x), epochs, batch_size, train_batch, lambda: self.evaluate(x_valid, y_valid))


def _check_vectors(**tensors: Tensor) -> None:
    """Raise ValueError unless all have one shape (m,) with m ≥ 1; broadcasting (m,) with (m, 1) would hide a bug."""
    shapes = {tensor.shape for tensor in tensors.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1 or not next(iter(shapes))[0]:
        got = ", ".join(f"{name} {tuple(tensor.shape)}" for name, tensor in tensors.items())
        raise ValueError(f"needs one shape (m,) with m >= 1, got {got}")


class KernelErrorSignal(SimpleLinearRegression):
    """∂L/∂ŷ as the backward pass of `mse_loss` computes it: 2/m is rounded first. On CUDA the notebook's is too."""

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


def scratch_variant(mistake: str | None, arithmetic: Arithmetic, schedule: Schedule) -> type[SimpleLinearRegression]:
    """Return the class; each of its methods is written out in one of the classes that it is made of.

    A method that holds the mistake is that of the mistake; of the others those switched are in kernel form.

    Args:
        mistake: a name in `tui_linreg.engine.models.mistakes.MISTAKES`; None: no mistake.
        arithmetic: the forms of its formulas.
        schedule: of the run; some mistakes are made with its counts B and n.

    Raises:
        KeyError: when there is no such mistake.
    """
    kernel = tuple(form for form, switched in zip(KERNEL_FORMS, arithmetic.switches, strict=True) if switched)
    wrong = () if mistake is None else (MISTAKES[mistake].model,)
    parts = (*wrong, *kernel)
    if not parts:
        return SimpleLinearRegression
    counts = {"batch_size": schedule.batch_size, "n_train": schedule.n_train} if wrong else {}
    described = {"__doc__": " with ".join(part.__name__ for part in parts), "__module__": __name__}
    bases = (*parts, SimpleLinearRegression)
    return cast("type[SimpleLinearRegression]", type(parts[0].__name__, bases, counts | described))
