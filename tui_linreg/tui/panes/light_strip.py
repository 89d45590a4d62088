"""A strip that is made for one frame: as Textual's, but without the seven caches that each of those is made with."""

from __future__ import annotations

from typing import Any

from rich.segment import Segment
from textual.cache import FIFOCache
from textual.strip import Strip


class _NoCache(FIFOCache[Any, Any]):
    """Finds nothing and keeps nothing."""

    def __setitem__(self, key: Any, value: Any) -> None:
        pass


_NOTHING = _NoCache(0)
_BARE = Strip([], 0)
_REST = [
    (name, _NOTHING if isinstance(value, FIFOCache) else value)
    for name in Strip.__slots__
    if name not in ("_segments", "_cell_length") and (value := getattr(_BARE, name, _NOTHING)) is not None
]
_NONE = [name for name in Strip.__slots__ if getattr(_BARE, name, _NOTHING) is None]


class LightStrip(Strip):
    """A strip of segments whose cells are counted. A frame makes a hundred, and their caches took a millisecond.

    Args:
        segments: the segments, a list that nobody else changes.
        cell_length: their cells.
    """

    __slots__ = ()

    def __init__(self, segments: list[Segment], cell_length: int) -> None:
        self._segments = segments
        self._cell_length = cell_length
        for name, value in _REST:
            setattr(self, name, value)
        for name in _NONE:
            setattr(self, name, None)
