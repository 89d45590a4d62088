"""One piece of long work at a time, in a daemon thread that can be asked to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Busy:
    """Long work under way."""

    what: str
    done: int
    goal: int
    """0 as long as nobody knows."""
    seconds: float


class Background:
    """Runs work that polls `cancelled`; a daemon thread, so that quitting never waits for it."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, work: Callable[[Callable[[], bool]], None]) -> None:
        """Call `work` with a function that says whether it should stop."""
        stop = self._stop = threading.Event()
        self._thread = threading.Thread(target=work, args=(stop.is_set,), daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Ask the work under way to stop."""
        self._stop.set()

    def ended(self, seconds: float) -> bool:
        """Ask the work to stop, wait so long at most, and say whether it has ended."""
        self.cancel()
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()
