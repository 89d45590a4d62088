"""Screens that are laid out once for each size, so that they start and open a layout and a whole frame sooner."""

from __future__ import annotations

from typing import TypeVar

from textual.geometry import Size
from textual.screen import Screen

Answer = TypeVar("Answer")


class LaidOutOnce(Screen[Answer]):
    """A screen that is not laid out anew for the size it was just laid out for.

    Textual tells each widget its new size once all are laid out, the screen too, which then lays all of them out again.
    """

    def _screen_resized(self, size: Size) -> None:
        if size != self.outer_size:
            super()._screen_resized(size)
