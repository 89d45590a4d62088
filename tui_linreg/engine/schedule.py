"""Which samples each step trains on: consecutive slices, no shuffling, the last of an epoch shorter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


def default_batch_size(n_train: int) -> int:
    """Return a third of the train set, at least 1."""
    return max(1, n_train // 3)


def slices(n_train: int, batch_size: int) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of one epoch's mini-batches; stop is exclusive."""
    for start in range(0, n_train, batch_size):
        yield start, min(start + batch_size, n_train)


class Place(NamedTuple):
    """Where a step stands in the run; everything counts from 0, `stop` is exclusive."""

    step: int
    epoch: int
    batch: int
    start: int
    stop: int

    @property
    def m(self) -> int:
        """The batch's own length."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Schedule:
    """The order of mini-batches of a whole run."""

    n_train: int
    batch_size: int
    epochs: int

    @property
    def batches(self) -> int:
        """Mini-batches in one epoch."""
        return -(-self.n_train // self.batch_size)

    @property
    def steps(self) -> int:
        """Mini-batches in the whole run."""
        return self.epochs * self.batches

    def place(self, step: int) -> Place:
        """Return where step number `step` (from 0) stands.

        Raises:
            IndexError: when the run has no such step.
        """
        if not 0 <= step < self.steps:
            raise IndexError(f"step {step}: the run has steps 0 to {self.steps - 1}")
        epoch, batch = divmod(step, self.batches)
        start = batch * self.batch_size
        return Place(step, epoch, batch, start, min(start + self.batch_size, self.n_train))

    def first_step(self, epoch: int) -> int:
        """Return the number of an epoch's first step."""
        return epoch * self.batches

    def ends_epoch(self, step: int) -> bool:
        """Say whether `step` is the last of its epoch."""
        return (step + 1) % self.batches == 0
