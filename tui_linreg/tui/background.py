"""Long work: one piece at a time, in a daemon thread that can be asked to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

Job = Callable[[Callable[[], bool]], None]
"""Work for a thread; it is given a function that says whether it should stop."""


class Busy(NamedTuple):
    """Long work under way."""

    what: str
    done: int
    goal: int
    """0 as long as nobody knows."""
    seconds: float


class Background:
    """Runs one job at a time in a daemon thread, so that quitting never waits for it."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, job: Job) -> None:
        """Run a job, which polls the function that it is given."""
        stop = self._stop = threading.Event()
        self._thread = threading.Thread(target=job, args=(stop.is_set,), daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Ask the job under way to stop."""
        self._stop.set()

    def ended(self, seconds: float) -> bool:
        """Ask the job to stop, wait so long at most, and return whether it has ended."""
        self.cancel()
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()


class Work(Background):
    """The long work that the status line shows, and that most commands have to wait for."""

    def __init__(self) -> None:
        super().__init__()
        self.busy: Busy | None = None
        self.what = ""
        """What the work is called for as long as it goes on."""
        self._since = 0.0

    def begin(self, what: str, job: Job | None = None) -> None:
        """Show long work on the status line and start its job, which may also follow later (`start`)."""
        self.what, self._since = what, time.monotonic()
        self.busy = Busy(what, 0, 0, 0.0)
        if job is not None:
            self.start(job)

    def say(self, what: str) -> None:
        """Show another name of the work."""
        self.busy = Busy(what, 0, 0, 0.0)

    def progress(self, done: int, goal: int) -> None:
        """Take note of how far the work is."""
        if self.busy is not None:
            self.busy = Busy(self.what, done, goal, time.monotonic() - self._since)

    def end(self) -> None:
        """Take note that the work has ended."""
        self.busy = None
