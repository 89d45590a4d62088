"""Finished epochs asked for lately, kept for each run: they do not change, and long ones take long to add up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Instruments


class OfAnEpoch(Protocol):
    """What stands for an epoch."""

    @property
    def epoch(self) -> int:
        """Its number, from 0."""


Row = TypeVar("Row", bound=OfAnEpoch)


class KeptEpochs(Generic[Row]):
    """Rows by epoch, for as long as their instruments are there.

    Args:
        most: how many are kept of a run before all are forgotten.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: WeakKeyDictionary[Instruments, dict[int, Row]] = WeakKeyDictionary()

    def rows(
        self, instruments: Instruments, start: int, stop: int, ask: Callable[[int, int], Iterable[Row]]
    ) -> list[Row]:
        """Return the rows of epochs `start` to `stop` (exclusive), asking only for a stretch with those not known."""
        kept = self._kept.setdefault(instruments, {})
        start = max(start, 0)
        missing = [epoch for epoch in range(start, stop) if epoch not in kept]
        if missing:
            if len(kept) > self._most:
                kept.clear()
                missing = [start, stop - 1]
            kept |= {row.epoch: row for row in ask(missing[0], missing[-1] + 1)}
        return [kept[epoch] for epoch in range(start, stop)]
