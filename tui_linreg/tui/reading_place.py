"""Where the terminal's cursor stands, which screen readers and braille displays follow: on what a key changed."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, OptionList


@runtime_checkable
class Readable(Protocol):
    """A screen or a widget that knows what is to be read of it now."""

    @property
    def reading_place(self) -> Offset | None:
        """The cell, from the screen's corner; None: whatever has the focus knows better."""


def reading_place(screen: Screen[object]) -> Offset:
    """Return the cell for the cursor: what the screen says, a text field's own cursor, or what the focused widget says.

    A list below a text field, such as the palette's, has it once another line than the first is marked.
    """
    focused = screen.focused
    for found in _lists(screen, focused):
        return found
    for each in (screen, focused):
        if isinstance(each, Readable) and (place := each.reading_place) is not None:
            return place
    return focused.cursor_screen_offset if isinstance(focused, Input) else Offset()


def _lists(screen: Screen[object], focused: Widget | None) -> list[Offset]:
    found = []
    for each in screen.query(OptionList):
        if each.highlighted is not None and each.display and (each is focused or each.highlighted > 0):
            found.append(line_of(each, each.highlighted))
    return [place for place in found if place is not None]


def line_of(widget: Widget, option: object) -> Offset | None:
    """Return where an option begins whose segments bear it as their meta "option"; None where it is out of sight."""
    region = widget.content_region
    for y in range(region.height):
        x = 0
        for segment in widget.render_line(y):
            if segment.style is not None and segment.style.meta.get("option") == option:
                return region.offset + Offset(x, y)
            x += segment.cell_length
    return None
