"""The run up to the cursor without the numbers that are hidden: curves end before the first of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.training.history import History

if TYPE_CHECKING:
    from tui_linreg.tui.hidden import Hidden

_KEYS = {phase: tuple(q.key for q in QUANTITIES if q.phase is phase) for phase in Phase}


@dataclass(frozen=True, slots=True)
class _CutHistory(History):
    cuts: tuple[int | None, ...] = ()
    """Of each phase, in their order, the first step (from 0) of which nothing is told."""

    def _known(self, since: Phase) -> int:
        # Not super(): a dataclass with slots is another class than the one that it would look for.
        known, cut = History._known(self, since), self.cuts[since - 1]
        return known if cut is None else min(known, cut)

    @property
    def epochs(self) -> int:
        """Epochs finished so far, before the first with a hidden loss."""
        return min(self._known(Phase.LOSS), self.updates) // self.batches


def unseen(history: History, curtain: Hidden) -> History:
    """Return the history as far as the curtain lets it be seen."""
    if not curtain.cuts:
        return history
    cuts = tuple(curtain.cut(*_KEYS[phase]) for phase in Phase)
    return _CutHistory(history.step, history.batches, history._phase, history._timeline, cuts)
