"""The losses that both models log at the end of an epoch: what is left to see at one level of "find the mistake"."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from tui_linreg.engine.epoch_log import EpochLosses
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from tui_linreg.engine.instruments import Instruments

    Both = tuple[EpochLosses, EpochLosses]

_MOST_KEPT = 1024
_KEPT: WeakKeyDictionary[Instruments, dict[int, Both]] = WeakKeyDictionary()
"""Epochs asked for lately: finished ones do not change, and long ones take long to add up."""


def both_losses(view: View, start: int, stop: int) -> list[Both]:
    """Return the losses (scratch, torch) of finished epochs `start` to `stop` (exclusive)."""
    kept = _KEPT.setdefault(view.instruments, {})
    start = max(start, 0)
    missing = [epoch for epoch in range(start, stop) if epoch not in kept]
    if missing:
        if len(kept) > _MOST_KEPT:
            kept.clear()
            missing = [start, stop - 1]
        session = view.instruments.session
        sides = (session.epoch_log(side, missing[0], missing[-1] + 1) for side in (0, 1))
        kept |= {ours.epoch: (ours, theirs) for ours, theirs in zip(*sides, strict=True)}
    return [kept[epoch] for epoch in range(start, stop)]
