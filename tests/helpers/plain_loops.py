"""Mini-batch gradient descent without this program: in NumPy, and with torch's own layer, loss and optimizer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from tui_linreg.engine.training.session import Session

Path = NDArray[np.float64]
Rate = Callable[[int], float]
"""The learning rate of a step, from 0."""


def numpy_path(session: Session, start: tuple[float, float], rate: Rate, steps: int) -> Path:
    """b and w after 0, 1, … updates, shape (steps + 1, 2), by the formulas in the run's dtype.

    With one sample in a mini-batch nothing is added up, so that the bits are those of the hand-written model.
    """
    number = np.float32 if session.config.dtype == "float32" else np.float64
    x, y = (values.numpy() for values in (session.dataset.x_train, session.dataset.y_train))
    b, w = map(number, start)
    path = [(b, w)]
    for step in range(steps):
        rows = slice(*session.schedule.place(step)[3:])
        signal = number(2) * (b + w * x[rows] - y[rows]) / number(len(x[rows]))
        b, w = b - number(rate(step)) * signal.sum(), w - number(rate(step)) * (signal * x[rows]).sum()
        path.append((b, w))
    return np.array(path, dtype=np.float64)


def sgd_path(session: Session, start: tuple[float, float], rate: Rate, steps: int) -> Path:
    """The same by `nn.Linear`, `nn.MSELoss` and `torch.optim.SGD`, whose `param_groups` get each step's rate."""
    layer, mse = torch.nn.Linear(1, 1, dtype=session.dtype), torch.nn.MSELoss()
    with torch.no_grad():
        layer.bias.fill_(start[0])
        layer.weight.fill_(start[1])
    optimizer = torch.optim.SGD(layer.parameters(), lr=rate(0))
    x, y = (values.unsqueeze(1) for values in (session.dataset.x_train, session.dataset.y_train))
    path = [(layer.bias.item(), layer.weight.item())]
    for step in range(steps):
        rows = slice(*session.schedule.place(step)[3:])
        optimizer.param_groups[0]["lr"] = rate(step)
        optimizer.zero_grad()
        mse(layer(x[rows]), y[rows]).backward()
        optimizer.step()
        path.append((layer.bias.item(), layer.weight.item()))
    return np.array(path)


def path_of(session: Session, side: int) -> Path:
    """b and w of side 0 (scratch) or 1 (torch) of a run as it is recorded, in the same shape."""
    return np.stack([session.timeline.biases(side), session.timeline.weights(side)], axis=1)
