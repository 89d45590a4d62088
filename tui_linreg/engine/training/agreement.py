"""`Agreement`: how far two models with their present parameters say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import torch

from tui_linreg.engine.models.metrics import modified_mape

if TYPE_CHECKING:
    from tui_linreg.engine.data.dataset import Dataset
    from tui_linreg.engine.training.lockstep import Lockstep


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
    def of(cls, models: Lockstep, dataset: Dataset) -> Self:
        """Return how far these models agree on the validation set."""
        scratch, reference = models.scratch, models.reference
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
