"""The notebook's log: one line an epoch and model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
