"""Both models on the same mini-batch, one after the other: the only place where training arithmetic is run.

Training ahead and looking at a step again call the same function on tensors of the same layout, which is why a
recomputed step has the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from tui_linreg.engine.reference import TorchLinearRegression
from tui_linreg.engine.scratch import SimpleLinearRegression


class Pass(NamedTuple):
    """What one model computed on one mini-batch; vectors have shape (m,), the rest are scalar tensors."""

    y_pred: Tensor
    loss: Tensor
    dloss_dpred: Tensor
    grad_b: Tensor
    grad_w: Tensor


class Lockstep:
    """The two models with their present parameters, and the optimizer of the torch side."""

    def __init__(self, scratch: SimpleLinearRegression, reference: TorchLinearRegression, lr: float) -> None:
        self.scratch = scratch
        self.reference = reference
        self.lr = lr
        self._optimizer = reference.make_optimizer(lr)

    def states(self) -> list[float]:
        """Return the numbers that decide the next step: the scratch model's, then b and w of the torch model."""
        layer = self.reference.layer
        return [tensor.item() for tensor in (*self.scratch.state(), layer.bias, layer.weight)]

    def restore(self, scratch: Sequence[float], reference: Sequence[float]) -> None:
        """Set the numbers that `states` returned, exactly."""
        layer = self.reference.layer
        with torch.no_grad():
            for tensor, value in zip(self.scratch.state(), scratch, strict=True):
                tensor.fill_(value)
            for parameter, value in zip((layer.bias, layer.weight), reference, strict=True):
                parameter.fill_(value)

    def train_scratch(self, x: Tensor, y: Tensor) -> Pass:
        """Train the scratch model on x, y of shape (m,)."""
        y_pred = self.scratch.predict(x)
        loss = self.scratch.squared_loss(y, y_pred)
        return Pass(y_pred, loss, *self.scratch.update(x, y, y_pred, self.lr))

    def train_reference(self, x: Tensor, y: Tensor) -> Tensor:
        """Train the torch model on x, y of shape (m, 1) and return its loss, keeping nothing else."""
        return self.reference.train_batch(x, y, self._optimizer)[1].detach()

    def watch_reference(self, x: Tensor, y: Tensor) -> Pass:
        """Train the torch model on x, y of shape (m, 1) and return what autograd left in the `.grad`s."""
        y_pred, loss = self.reference.train_batch(x, y, self._optimizer, keep=True)
        layer = self.reference.layer
        grads = [_kept(tensor.grad) for tensor in (y_pred, layer.bias, layer.weight)]
        return Pass(y_pred.detach().squeeze(1), loss.detach(), grads[0].squeeze(1), grads[1], grads[2])


def _kept(grad: Tensor | None) -> Tensor:
    """Return a copy of a gradient that backward() must have filled."""
    assert grad is not None
    return grad.detach().clone()
