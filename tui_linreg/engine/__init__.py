"""The numbers: data, both models, the recorded run. Knows nothing of the terminal; importing it loads no torch."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError

if TYPE_CHECKING:
    from tui_linreg.engine.metrics import modified_mape
    from tui_linreg.engine.reference import TorchLinearRegression
    from tui_linreg.engine.scratch import SimpleLinearRegression
    from tui_linreg.engine.session import Session
    from tui_linreg.engine.step import Step
    from tui_linreg.engine.timeline import Timeline

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
    "Session": "session",
    "SimpleLinearRegression": "scratch",
    "Step": "step",
    "Timeline": "timeline",
    "TorchLinearRegression": "reference",
    "modified_mape": "metrics",
}


def __getattr__(name: str) -> Any:
    # Loaded on first use: torch takes seconds, and the first frame must not wait for it.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
