"""What a learner's file prints: a stream that keeps the first characters of it, and what was printed step by step."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MOST_BYTES = 1 << 13
"""Kept of what one call prints."""
_MOST_LINES = 2000
"""Kept of a run."""
_MOST_OF_A_CALL = 100


class Keeping(io.RawIOBase):
    """A stream that keeps the first bytes written to it and drops the rest."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.dropped = False
        self._stopped = False

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        """Take bytes and return how many there were."""
        view = memoryview(data).cast("B")
        if self._stopped:
            return len(view)
        room = MOST_BYTES - len(self.kept)
        self.kept += view[:room]
        self.dropped = self.dropped or len(view) > room
        return len(view)

    def stop(self) -> None:
        """Drop all that comes from now on without a word."""
        self._stopped = True

    def text(self) -> str:
        """Return what was kept, with an ellipsis where more was written."""
        return self.kept.decode("utf-8", "replace") + "\n…" * self.dropped


FILE, FIT = -2, -1
"""In the place of a step: the file itself, as it was read; its `fit`, over the whole run."""


class PrintedLine(NamedTuple):
    """A line that the learner's file printed."""

    step: int
    """The step, from 0, that it came from; or `FILE` or `FIT`."""
    part: str
    """Of `load.TAKES`; empty: the file itself."""
    text: str
    """May hold any characters."""

    @property
    def where(self) -> str:
        """What it came from, in a word or two."""
        if self.step == FILE:
            return "when read"
        return self.part if self.step == FIT else f"step {self.step + 1} {self.part}"


class Printed:
    """What one version of a file printed in a run, bounded. May be used from any thread."""

    def __init__(self) -> None:
        self._lines: dict[int, list[PrintedLine]] = {}
        self._count = 0
        self._lock = threading.Lock()
        self.full = False
        """Whether later output was dropped."""

    def put(self, step: int, texts: list[tuple[str, str]]) -> None:
        """Take what a step (or `FILE`, `FIT`) printed, (part, text) each, unless that is here already."""
        lines = [
            PrintedLine(step, part, line)
            for part, text in texts
            for line in text.removesuffix("\n").splitlines()[:_MOST_OF_A_CALL]
        ]
        with self._lock:
            if step in self._lines or not lines:
                return
            if self._count + len(lines) > _MOST_LINES:
                self.full = True
                return
            self._lines[step] = lines
            self._count += len(lines)

    def lines(self) -> list[PrintedLine]:
        """Return all lines: those of the file itself, then step by step, then of its `fit`."""
        with self._lock:
            return [
                line for step in sorted(self._lines, key=lambda step: (step == FIT, step)) for line in self._lines[step]
            ]
