"""The numbers: data, both models, the recorded run. Knows nothing of the terminal; importing it loads no torch."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError

if TYPE_CHECKING:
    from tui_linreg.engine.models.metrics import modified_mape
    from tui_linreg.engine.models.reference import TorchLinearRegression
    from tui_linreg.engine.models.scratch import SimpleLinearRegression
    from tui_linreg.engine.step import Step
    from tui_linreg.engine.training.session import Session
    from tui_linreg.engine.training.timeline import Timeline

__all__ = [
    "InputError",
    "RunConfig",
    "Session",
    "SimpleLinearRegression",
    "Step",
    "Timeline",
    "TorchLinearRegression",
    "modified_mape",
]

_HOMES = {
    "Session": "training.session",
    "SimpleLinearRegression": "models.scratch",
    "Step": "step",
    "Timeline": "training.timeline",
    "TorchLinearRegression": "models.reference",
    "modified_mape": "models.metrics",
}


def __getattr__(name: str) -> Any:
    # Loaded on first use: torch takes seconds, and the first frame must not wait for it.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
