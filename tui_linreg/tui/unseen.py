"""The run up to the cursor without the numbers that are hidden: curves end before the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.training.history import History

if TYPE_CHECKING:
    from tui_linreg.tui.hidden import Curtain

_KEYS = {phase: tuple(q.key for q in QUANTITIES if q.phase is phase) for phase in Phase}


def unseen(history: History, curtain: Curtain) -> History:
    """Return the history as far as the curtain lets it be seen."""
    return history.without(tuple(curtain.cut(*_KEYS[phase]) for phase in Phase)) if curtain.cuts else history
