"""How long work reports and lets itself be stopped: by time, so that asking costs next to nothing. Loads no torch."""

from __future__ import annotations

import time
from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with (done, to do)."""
Cancelled = Callable[[], bool]
"""Says whether the work is to end early."""

EVERY = 0.05
"""Seconds between two looks up: as often as a person can see."""


class Pace:
    """Looks up from long work the first time it is asked, and then every `EVERY` seconds.

    Args:
        goal: how much there is to do, as `progress` is told.
        progress: told how far the work is; None: nobody.
        cancelled: asked whether to stop; None: the work goes on to its end.
    """

    def __init__(self, goal: int, progress: Progress | None = None, cancelled: Cancelled | None = None) -> None:
        self._goal = goal
        self._progress = progress
        self._cancelled = cancelled
        self._next = -1.0

    def stops(self, done: int) -> bool:
        """Say whether the work is to end here, `done` of it finished; mostly this is one look at the clock."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + EVERY
        if self._cancelled is not None and self._cancelled():
            return True
        if self._progress is not None:
            self._progress(done, self._goal)
        return False

    def finish(self, done: int) -> None:
        """Report for the last time, however short ago the last time was."""
        if self._progress is not None:
            self._progress(done, self._goal)
