"""Keys in their order: each one waits until the one before has been handled, and until there is something to press.

Textual hands a key to the focused widget and takes the next one before the first was acted on, so that keys typed ahead
(a slow connection delivers several at once) would go to the screen that the first one is about to leave.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from textual import events
from textual.app import App
from textual.dom import DOMNode

_PATIENCE = 0.3
"""Seconds after which a key counts as handled though the widget it went to is gone."""


class KeyQueue:
    """Lets one key at a time through.

    Args:
        app: where keys that waited are posted again.
    """

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._waiting: deque[events.Key] = deque()
        self._passing: events.Key | None = None
        self._holds = 0

    def __len__(self) -> int:
        """Return how many keys wait or are being handled."""
        return len(self._waiting) + (self._passing is not None)

    def admits(self, event: events.Key) -> bool:
        """Say whether the key may go on now; if not it is kept."""
        if event is self._passing:
            return True
        if self._holds or self._passing is not None or self._waiting:
            self._waiting.append(event)
            return False
        self._passing = event
        return True

    def handed_to(self, node: DOMNode, event: events.Key) -> None:
        """Let the next key through once `event` has been acted on by `node` or by what it bubbles up to."""
        nodes = node.ancestors_with_self

        def hop(index: int) -> None:
            while index < len(nodes) and not nodes[index].call_later(hop, index + 1):
                index += 1  # it is closed, and takes nothing any more
            if index == len(nodes):
                self._app.call_after_refresh(self._done, event)

        hop(0)
        # Not a Textual timer, which is a task of its own.
        asyncio.get_running_loop().call_later(_PATIENCE, self._done, event)

    def left(self, below: DOMNode) -> None:
        """Let the next key through once `below`, the screen that stands now, has acted on what this one left there.

        What the screen that was left should still have called may never be called.
        """
        if (event := self._passing) is not None:
            below.call_later(self._app.call_after_refresh, self._done, event)

    def hold(self) -> Callable[[], None]:
        """Keep keys from now on, until the function returned is called."""
        self._holds += 1
        held = True

        def release() -> None:
            nonlocal held
            if held:
                held = False
                self._holds -= 1
                self._next()

        return release

    def _done(self, event: events.Key) -> None:
        if event is self._passing:
            self._passing = None
            self._next()

    def _next(self) -> None:
        if self._waiting and not self._holds and self._passing is None:
            self._passing = self._waiting.popleft()
            self._app.post_message(self._passing)
