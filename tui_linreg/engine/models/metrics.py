"""What is said of a model as a whole: the notebook's log, one line an epoch, and the modified MAPE of two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tui_linreg.engine.schedule import default_batch_size, slices


@dataclass(frozen=True, slots=True)
class EpochLosses:
    """What one epoch logs for one model."""

    epoch: int
    mse: float
    """Unweighted mean of the epoch's batch losses, each taken before its update."""
    mse_v: float
    """Loss of the whole validation set after the epoch."""

    def line(self) -> str:
        """Return the notebook's line, both losses rounded to 4 places with Python's `round`."""
        return f"epoch: {self.epoch} - MSE: {round(self.mse, 4)} - MSE_v: {round(self.mse_v, 4)}"


def epoch_mean(losses: Sequence[float]) -> float:
    """Return the notebook's epoch loss: the unweighted mean of its batch losses, summed in their order."""
    return sum(losses) / len(losses)


def fit_and_print(
    n_train: int,
    epochs: int,
    batch_size: int | None,
    train_batch: Callable[[slice], float],
    validate: Callable[[], float],
) -> None:
    """Run the notebook's loop, the same for both models, and print its line after each epoch.

    Args:
        n_train: samples in the train set.
        epochs: passes over it.
        batch_size: samples in a mini-batch; None takes a third of the train set.
        train_batch: trains on these rows and returns their loss before the update.
        validate: returns the validation loss of the present parameters.

    Raises:
        ValueError: when a count is below 1.
    """
    size = default_batch_size(n_train) if batch_size is None else batch_size
    if epochs < 1 or size < 1:
        raise ValueError(f"fit needs epochs and batch_size of at least 1, got {epochs} and {size}")
    for epoch in range(epochs):
        losses = [train_batch(slice(start, stop)) for start, stop in slices(n_train, size)]
        print(EpochLosses(epoch, epoch_mean(losses), validate()).line())


def check_dtypes(held: torch.dtype, **tensors: Tensor) -> None:
    """Raise ValueError unless all tensors have the dtype that a model holds; it names those that differ."""
    others = {name: tensor.dtype for name, tensor in tensors.items() if tensor.dtype != held}
    if not others:
        return
    first, dtype = next(iter(others.items()))
    if len(others) == len(tensors) and set(others.values()) == {dtype}:
        raise ValueError(f"the model holds {held}, the data {dtype}: give the model dtype={dtype}")
    named = ", ".join(f"{name} {other}" for name, other in others.items())
    raise ValueError(f"the model holds {held}, but of the data {named}: use {first}.to({held})")


Number = int | float


def modified_mape(y_true: Tensor | Number, y_pred: Tensor | Number) -> float:
    """Return the modified mean absolute percentage error of `y_pred` against the reference `y_true`, as a fraction.

    The mean over i of |yᵢ − ŷᵢ| / |yᵢ| where yᵢ ≠ 0, and |ŷᵢ| where yᵢ = 0.

    Args:
        y_true: reference, a tensor of any shape (not empty) or a number.
        y_pred: a tensor of the same shape, or a number.

    Raises:
        TypeError: unless both are tensors or both are numbers.
        ValueError: when the shapes differ, there is nothing to average, or an int is too large for a float.
    """
    if isinstance(y_true, Tensor) and isinstance(y_pred, Tensor):
        if y_true.shape != y_pred.shape:
            raise ValueError(f"modified_mape needs one shape, got {tuple(y_true.shape)} and {tuple(y_pred.shape)}")
        if any(tensor.dtype == torch.bool or tensor.is_complex() for tensor in (y_true, y_pred)):
            raise TypeError(f"modified_mape needs tensors of real numbers, got {y_true.dtype} and {y_pred.dtype}")
        if y_true.numel() == 0:
            raise ValueError("modified_mape needs at least one value, got empty tensors")
    elif _is_number(y_true) and _is_number(y_pred):
        try:
            y_true, y_pred = (torch.tensor(float(v), dtype=torch.float64) for v in (y_true, y_pred))
        except OverflowError:
            raise ValueError("modified_mape needs numbers that a float can hold, got a larger int") from None
    else:
        raise TypeError(
            f"modified_mape needs two tensors or two numbers, got {type(y_true).__name__} and {type(y_pred).__name__}"
        )
    zero = y_true == 0
    scale = torch.where(zero, torch.ones_like(y_true), y_true.abs())
    return float(((y_true - y_pred).abs() / scale).mean())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
