"""The reference model: `nn.Linear`, `nn.MSELoss`, `backward()` and torch's own SGD, nothing of ours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.sgd import sgd

from tui_linreg.engine.device import gradients_on
from tui_linreg.engine.models.metrics import check_dtypes, fit_and_print

DRAWING = threading.Lock()
"""Held while torch's default generator is drawn from and put back: two threads at it would leave it changed."""
Watch = Callable[[Tensor, Tensor], object]
"""Is given ŷ and L between the forward pass and backward()."""


class PlainSGD:
    """θ ← θ − η g by `torch.optim.sgd.sgd`, the function that `torch.optim.SGD.step` calls: the same bits.

    It is no `torch.optim.Optimizer`: that imports torch's compiler when it is made, which takes more than a second, and
    wraps `step` in a profiler that costs as much as the update. On CUDA torch's default is its `foreach` form; this is
    the plain one everywhere, θ.add_(g, alpha=−η).

    Args:
        parameters: the tensors to update.
        lr: learning rate η.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        self._parameters = list(parameters)
        self.param_groups: list[dict[str, Any]] = [{"params": self._parameters, "lr": lr}]
        """As `torch.optim.Optimizer` has them: another "lr" put there holds from the next `step` on."""

    def zero_grad(self) -> None:
        """Set all gradients to None."""
        for parameter in self._parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Update all parameters that have a gradient."""
        lr = self.param_groups[0]["lr"]
        pairs = [(parameter, parameter.grad) for parameter in self._parameters if parameter.grad is not None]
        sgd(
            [parameter for parameter, _ in pairs], [gradient for _, gradient in pairs], [],
            foreach=False, weight_decay=0, momentum=0, lr=lr, dampening=0, nesterov=False, maximize=False,
        )  # fmt: skip


class TorchLinearRegression(nn.Module):
    """`layer = nn.Linear(n_features, 1)` with `loss = nn.MSELoss()`; x of shape (m, n_features), y of shape (m, 1).

    Args:
        n_features: columns of x.
        device: where the layer lives; None means the CPU.
        dtype: torch.float64 or torch.float32.
    """

    def __init__(
        self, n_features: int = 1, *, device: torch.device | str | None = None, dtype: torch.dtype = torch.float64
    ) -> None:
        super().__init__()
        # Drawn on the CPU and moved, so that a start does not depend on the device.
        self.layer = nn.Linear(n_features, 1, dtype=dtype).to(device or "cpu")
        self.loss = nn.MSELoss()

    def forward(self, x: Tensor) -> Tensor:
        """Return ŷ, shape (m, 1)."""
        y_pred: Tensor = self.layer(x)
        return y_pred

    def make_optimizer(self, lr: float) -> PlainSGD:
        """Return plain SGD over the layer's parameters: θ ← θ − η g."""
        return PlainSGD(self.parameters(), lr)

    def train_batch(
        self, x: Tensor, y: Tensor, optimizer: PlainSGD | torch.optim.Optimizer, *, watch: Watch | None = None
    ) -> tuple[Tensor, Tensor]:
        """Train on one mini-batch and return ŷ of shape (m, 1) and the scalar loss, both from before the update.

        Afterwards the layer's `.grad` hold ∂L/∂b and ∂L/∂w. `watch` may say what else autograd is to keep.
        """
        y_pred = self(x)
        loss = self.loss(y_pred, y)
        if watch is not None:
            watch(y_pred, loss)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return y_pred, loss

    def evaluate(self, x: Tensor, y: Tensor) -> float:
        """Return the loss of the present parameters on x, y of shape (m, 1).

        Raises:
            ValueError: when x and y do not fit together.
        """
        _check_columns(x, y)
        with torch.no_grad():
            return float(self.loss(self(x), y).item())

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
            x: train inputs, shape (n, n_features).
            y: train targets, shape (n, 1).
            epochs: passes over the train set.
            lr: learning rate η.
            batch_size: samples in a mini-batch; None takes a third of the train set.
            x_valid: validation inputs, shape (k, n_features).
            y_valid: validation targets, shape (k, 1).

        Raises:
            ValueError: when shapes or dtypes do not match, or a count is below 1.
        """
        _check_columns(x, y)
        _check_columns(x_valid, y_valid)
        check_dtypes(self.layer.weight.dtype, x=x, y=y, x_valid=x_valid, y_valid=y_valid)
        optimizer = self.make_optimizer(lr)

        def train_batch(rows: slice) -> float:
            with gradients_on():
                _, loss = self.train_batch(x[rows], y[rows], optimizer)
            return float(loss.item())

        fit_and_print(len(x), epochs, batch_size, train_batch, lambda: self.evaluate(x_valid, y_valid))


def _check_columns(x: Tensor, y: Tensor) -> None:
    if x.dim() != 2 or y.dim() != 2 or len(x) != len(y) or y.shape[1] != 1 or not len(y):
        raise ValueError(f"needs x (m, n_features) and y (m, 1) with m >= 1, got {tuple(x.shape)} and {tuple(y.shape)}")
