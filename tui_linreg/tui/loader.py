"""Builds a session in a thread, saying what it is at; the first frame does not wait for torch."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_linreg.engine.config import RunConfig

if TYPE_CHECKING:
    from tui_linreg.engine.session import Session

STAGES = ("torch", "scikit-learn", "optimizer", "data")
"""What `load` reports, in its order."""


def load(config: RunConfig, report: Callable[[str], None]) -> Session:
    """Return a session that has trained its first step, so that the first key finds everything warm.

    Args:
        config: the run.
        report: called with each of `STAGES` when it begins.

    Raises:
        InputError: when the data, the split or the device is impossible.
    """
    report("torch")
    importlib.import_module("torch")
    report("scikit-learn")
    importlib.import_module("sklearn.datasets")
    report("optimizer")
    importlib.import_module("torch.optim")
    from tui_linreg.engine.session import Session

    _warm_optimizer()
    report("data")
    session = Session(config)
    session.train_to(1)
    session.step(0)
    return session


def _warm_optimizer() -> None:
    """Make one optimizer: the first one of a process imports more than a second's worth of modules."""
    import torch

    # Of a tensor of our own: a layer would draw from torch's global generator.
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
