"""Numbers that compare two models as wholes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import torch
from torch import Tensor

if TYPE_CHECKING:
    from tui_linreg.engine.data.dataset import Dataset
    from tui_linreg.engine.models.reference import TorchLinearRegression
    from tui_linreg.engine.models.scratch import SimpleLinearRegression

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


@dataclass(frozen=True, slots=True)
class Agreement:
    """Modified MAPE of the scratch model against torch's, each a fraction (0 is equality)."""

    predictions: float
    """On the validation set."""
    loss: float
    """Of the two validation losses."""
    b: float
    w: float

    @classmethod
    def of(cls, scratch: SimpleLinearRegression, reference: TorchLinearRegression, dataset: Dataset) -> Self:
        """Return how far two models with their present parameters agree on the validation set."""
        x, y = dataset.x_valid, dataset.y_valid
        losses = scratch.evaluate(x, y), reference.evaluate(x.unsqueeze(1), y.unsqueeze(1))
        with torch.no_grad():
            predictions = modified_mape(reference(x.unsqueeze(1)).squeeze(1), scratch.predict(x))
        return cls(
            predictions,
            modified_mape(losses[1], losses[0]),
            modified_mape(reference.layer.bias.item(), scratch.b.item()),
            modified_mape(reference.layer.weight.item(), scratch.w.item()),
        )
