"""The mini-batches of an epoch: consecutive slices of the train set, as both models take them."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from tui_linreg.engine.data.dataset import Dataset
from tui_linreg.engine.schedule import Schedule

_WINDOW = 1024
"""Mini-batches whose views are held; an epoch of no more is cut once for the whole run."""


class Batch(NamedTuple):
    """One mini-batch: views of shape (m,) for the scratch model and (m, 1) for torch's."""

    x: Tensor
    y: Tensor
    x_column: Tensor
    y_column: Tensor
    ends_epoch: bool


class Batches:
    """The consecutive mini-batches of an epoch, and the validation set after it. For one thread at a time."""

    def __init__(self, dataset: Dataset, schedule: Schedule) -> None:
        x, y = dataset.x_valid, dataset.y_valid
        self.valid = Batch(x, y, x.unsqueeze(1), y.unsqueeze(1), ends_epoch=False)
        self._x, self._y = dataset.x_train, dataset.y_train
        self._size = schedule.batch_size
        self._count = schedule.batches
        self._held: list[Batch] = []
        self._window = -1

    def of_step(self, step: int) -> Batch:
        """Return the mini-batch that `step` (from 0) trains on."""
        window, within = divmod(step % self._count, _WINDOW)
        if window != self._window:
            self._held, self._window = self.cut(window), window
        return self._held[within]

    def cut(self, window: int) -> list[Batch]:
        """Cut a stretch of the epoch into mini-batches: consecutive rows, in their order, the last batch shorter."""
        first, size = window * _WINDOW, self._size
        rows = slice(first * size, (first + _WINDOW) * size)
        x, y = self._x[rows], self._y[rows]
        ours = zip(torch.split(x, size), torch.split(y, size), strict=True)
        theirs = zip(torch.split(x.unsqueeze(1), size), torch.split(y.unsqueeze(1), size), strict=True)
        both = zip(ours, theirs, range(first + 1, self._count + 1), strict=False)
        return [Batch(*vectors, *columns, number == self._count) for vectors, columns, number in both]
