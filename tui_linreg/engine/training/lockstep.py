"""Both models on the same mini-batches: the only place where training arithmetic is run.

Training ahead and looking at a step again call the same functions on tensors of the same layout, which is why a
recomputed step has the same bits. The models know nothing of each other, so a block of steps is trained by one
after the other, and its numbers are fetched from the device at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tui_linreg.engine.data.batches import Batch, Batches
from tui_linreg.engine.data.dataset import Dataset
from tui_linreg.engine.device import gradients_on, readable
from tui_linreg.engine.models.metrics import modified_mape
from tui_linreg.engine.models.reference import TorchLinearRegression, Watch
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.rates import Rates

Table = NDArray[np.float64]


class Pass(NamedTuple):
    """What one model computed on one mini-batch; vectors have shape (m,), the rest are scalar tensors."""

    y_pred: Tensor
    loss: Tensor
    dloss_dpred: Tensor
    grad_b: Tensor
    grad_w: Tensor


class StepBlock(NamedTuple):
    """Consecutive trained steps."""

    rows: Table
    """One row a step, in the columns of `Timeline.extend`."""
    valid: Table
    """Validation losses (scratch, torch) after each epoch that ended, shape (epochs, 2)."""
    watched: list[tuple[Pass, Pass]]
    """All that both models computed in the last steps, as many as were asked for."""


def readable_block(block: StepBlock) -> StepBlock:
    """Return a block whose vectors any thread may read while another computes (`device.readable`)."""
    if not block.watched or block.watched[0][0].y_pred.device.type != "mps":
        return block
    return block._replace(
        watched=[(Pass(*map(readable, ours)), Pass(*map(readable, theirs))) for ours, theirs in block.watched]
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """Modified MAPE of the scratch model against torch's, each a fraction (0 is equality)."""

    predictions: float
    """On the validation set."""
    loss: float
    """Of the two validation losses."""
    b: float
    w: float


class Lockstep:
    """The two models with their present parameters, and the optimizer of the torch side.

    Args:
        scratch: the from-scratch model.
        reference: the torch model.
        rates: the learning rate of every step.
        fetch_late: keep the numbers of a block on the device until its end, so that no step waits for them;
            None: where the device computes beside this process, as CUDA does.
    """

    def __init__(
        self,
        scratch: SimpleLinearRegression,
        reference: TorchLinearRegression,
        rates: Rates,
        *,
        fetch_late: bool | None = None,
    ) -> None:
        self.scratch = scratch
        self.reference = reference
        self.rates = rates
        self._optimizer = reference.make_optimizer(rates.at(0))
        late = reference.layer.bias.device.type != "cpu" if fetch_late is None else fetch_late
        self._note: Callable[[Tensor], float | Tensor] = _copy if late else Tensor.item

    def states(self) -> list[float]:
        """Return the numbers that decide the next step: the scratch model's, then b and w of the torch model."""
        layer = self.reference.layer
        return [tensor.item() for tensor in (*self.scratch.state(), layer.bias, layer.weight)]

    def restore(self, scratch: Sequence[float], reference: Sequence[float]) -> None:
        """Set the numbers that `states` returned, exactly."""
        with torch.inference_mode():
            for tensor, value in zip(self.scratch.state(), scratch, strict=True):
                tensor.fill_(value)
        self.restore_reference(reference)

    def restore_reference(self, reference: Sequence[float]) -> None:
        """Set b and w of the torch model, exactly."""
        layer = self.reference.layer
        with torch.no_grad():
            for parameter, value in zip((layer.bias, layer.weight), reference, strict=True):
                parameter.fill_(value)

    def agreement(self, dataset: Dataset) -> Agreement:
        """Return how far the present parameters of the two models agree on the validation set."""
        scratch, reference, x, y = self.scratch, self.reference, dataset.x_valid, dataset.y_valid
        losses = scratch.evaluate(x, y), reference.evaluate(x.unsqueeze(1), y.unsqueeze(1))
        with torch.no_grad():
            predictions = modified_mape(reference(x.unsqueeze(1)).squeeze(1), scratch.predict(x))
        return Agreement(
            predictions,
            modified_mape(losses[1], losses[0]),
            modified_mape(reference.layer.bias.item(), scratch.b.item()),
            modified_mape(reference.layer.weight.item(), scratch.w.item()),
        )

    def train(self, batches: Batches, first: int, count: int, *, watch: int = 0, validate: bool = True) -> StepBlock:
        """Train both models on `count` mini-batches from step `first` on.

        Args:
            batches: the mini-batches.
            first: the number of the first step.
            count: how many steps.
            watch: of how many steps, the last ones, to keep all that was computed.
            validate: whether to compute the validation loss after each epoch.
        """
        steps = range(first, first + count)
        block = [(batches.of_step(step), self.rates.at(step)) for step in steps]
        valid = batches.valid if validate else None
        ours, own_valid, our_passes = self._train_scratch_block(block, valid, watch)
        with gradients_on():
            theirs, their_valid, their_passes = self._train_reference_block(block, valid, watch)
        rows = np.concatenate([ours[:, 3:], theirs[:, 1:], ours[:, :1], theirs[:, :1], ours[:, 1:3]], axis=1)
        watched = list(zip(our_passes, their_passes, strict=True))
        return StepBlock(rows, np.concatenate([own_valid, their_valid], axis=1), watched)

    def train_scratch(self, x: Tensor, y: Tensor, lr: float) -> Pass:
        """Train the scratch model on x, y of shape (m,) with learning rate `lr`."""
        y_pred = self.scratch.predict(x)
        loss = self.scratch.squared_loss(y, y_pred)
        return Pass(y_pred, loss, *self.scratch.update(x, y, y_pred, lr))

    def watch_reference(self, x: Tensor, y: Tensor, lr: float, watch: Watch | None = None) -> Pass:
        """Train the torch model on x, y of shape (m, 1) with learning rate `lr`; return what autograd left behind.

        `watch` is given ŷ and L before backward().
        """

        def keep(y_pred: Tensor, loss: Tensor) -> None:
            y_pred.retain_grad()
            if watch is not None:
                watch(y_pred, loss)

        self._optimizer.param_groups[0]["lr"] = lr
        with gradients_on():
            y_pred, loss = self.reference.train_batch(x, y, self._optimizer, watch=keep)
        layer = self.reference.layer
        # The next step puts new tensors there, so these keep their numbers.
        grads = [_filled(tensor.grad) for tensor in (y_pred, layer.bias, layer.weight)]
        return Pass(y_pred.detach().squeeze(1), loss.detach(), grads[0].squeeze(1), grads[1], grads[2])

    def _train_scratch_block(
        self, block: Sequence[tuple[Batch, float]], valid_set: Batch | None, watch: int
    ) -> tuple[Table, Table, list[Pass]]:
        """Return (loss, ∂L/∂b, ∂L/∂w, state after) a step, the validation losses, and the passes watched."""
        scratch, note = self.scratch, self._note
        noted: list[float | Tensor] = []
        valid: list[float | Tensor] = []
        watched: list[Pass] = []
        unwatched = len(block) - watch
        # Cheaper still than no_grad; changes no number.
        with torch.inference_mode():
            for number, (batch, lr) in enumerate(block):
                done = self.train_scratch(batch.x, batch.y, lr)
                noted += [note(done.loss), note(done.grad_b), note(done.grad_w), *map(note, scratch.state())]
                if batch.ends_epoch and valid_set is not None:
                    x, y = valid_set.x, valid_set.y
                    valid.append(note(scratch.squared_loss(y, scratch.predict(x))))
                if number >= unwatched:
                    watched.append(done)
                del done  # its vectors' memory, still in the cache, goes to the next step
            return _fetched(noted, len(block)), _fetched(valid, len(valid)), watched

    def _train_reference_block(
        self, block: Sequence[tuple[Batch, float]], valid_set: Batch | None, watch: int
    ) -> tuple[Table, Table, list[Pass]]:
        """Return (loss, b and w after) a step, the validation losses, and the passes watched."""
        reference, optimizer, note = self.reference, self._optimizer, self._note
        bias, weight = reference.layer.bias, reference.layer.weight
        noted: list[float | Tensor] = []
        valid: list[float | Tensor] = []
        watched: list[Pass] = []
        unwatched = len(block) - watch
        for number, (batch, lr) in enumerate(block):
            if number >= unwatched:
                watched.append(self.watch_reference(batch.x_column, batch.y_column, lr))
                loss = watched[-1].loss
            else:
                optimizer.param_groups[0]["lr"] = lr
                loss = reference.train_batch(batch.x_column, batch.y_column, optimizer)[1]
            noted += [note(loss), note(bias), note(weight)]
            if batch.ends_epoch and valid_set is not None:
                with torch.no_grad():
                    valid.append(note(reference.loss(reference(valid_set.x_column), valid_set.y_column)))
        return _fetched(noted, len(block)), _fetched(valid, len(valid)), watched


def _copy(tensor: Tensor) -> Tensor:
    """Return a tensor's one number in a tensor of its own, shape (1,), without waiting for the device."""
    return tensor.detach().reshape(1).clone()


def _fetched(noted: list[float | Tensor], rows: int) -> Table:
    """Return noted numbers as a table of so many rows, after one wait for the device at most."""
    late = [value for value in noted if isinstance(value, Tensor)]
    table: Table = torch.cat(late).cpu().to(torch.float64).numpy() if late else np.array(noted, dtype=np.float64)
    return table.reshape(rows, -1) if rows else np.empty((0, 1))


def _filled(grad: Tensor | None) -> Tensor:
    """Return a gradient that backward() must have filled."""
    assert grad is not None
    return grad.detach()
