"""One piece of long work at a time, in a daemon thread that can be asked to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from textual.message import Message


class Busy(NamedTuple):
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

    def lasts(self, seconds: float) -> bool:
        """Wait so long at most, and say whether work is still under way."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is not None and self._thread.is_alive()

    def ended(self, seconds: float) -> bool:
        """Ask the work to stop, wait so long at most, and say whether it has ended."""
        self.cancel()
        return not self.lasts(seconds)


class Handover:
    """Keeps what a thread posts until `open`, then passes it on in order: whoever opens it posts the first ones itself.

    So a screen that waits a moment for work that may be short finds its end in its queue before the next key.

    Args:
        post: takes the messages.
    """

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._kept: list[Message] | None = []
        self._turn = threading.Lock()

    def __call__(self, message: Message) -> None:
        """Keep a message or post it."""
        with self._turn:
            if self._kept is not None:
                self._kept.append(message)
                return
        self._post(message)

    def open(self) -> None:
        """Post what was kept, and from now on everything at once."""
        with self._turn:
            kept, self._kept = self._kept or [], None
            for message in kept:
                self._post(message)
