"""The losses that both models log at the end of an epoch: what is left to see at one level of "find the mistake"."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.engine.models.epoch_log import EpochLosses
from tui_linreg.tui.kept_epochs import KeptEpochs

if TYPE_CHECKING:
    from tui_linreg.tui.view import View


class Both(NamedTuple):
    """One epoch of both models."""

    scratch: EpochLosses
    torch: EpochLosses

    @property
    def epoch(self) -> int:
        """Its number, from 0."""
        return self.scratch.epoch


_KEPT: KeptEpochs[Both] = KeptEpochs(1024)


def both_losses(view: View, start: int, stop: int) -> list[Both]:
    """Return the losses (scratch, torch) of finished epochs `start` to `stop` (exclusive)."""
    session = view.instruments.session

    def ask(first: int, end: int) -> list[Both]:
        sides = (session.epoch_log(side, first, end) for side in (0, 1))
        return [Both(*both) for both in zip(*sides, strict=True)]

    return _KEPT.rows(view.instruments, start, stop, ask)
