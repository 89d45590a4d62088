"""The base of every pane on the main screen: lines of text, of which only those that changed are painted again.

Textual draws border, title and padding around the lines that `render_line` returns.
"""

from __future__ import annotations

from collections.abc import Hashable
from textwrap import wrap
from typing import NamedTuple

from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tui_linreg.engine.config import RunConfig
from tui_linreg.tui.styles import Styles
from tui_linreg.tui.view import View


class Waiting(NamedTuple):
    """What panes show before there is a run."""

    styles: Styles
    config: RunConfig


class Pane(Widget):
    """Shows a `View` by the strips that `build` makes of it, once for each view and size."""

    DEFAULT_CSS = "Pane { background: $background; color: $foreground; }"
    subject = ""
    """What is shown, by its name for `Hidden.in_place_of`; empty: nothing hides it."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view: View | None = None
        self._waiting: Waiting | None = None
        self._key: Hashable = None
        self._strips: list[Strip] | None = None
        """The content's lines; None: to be built when they are painted next."""
        self._strips_size = Size()

    @property
    def view(self) -> View | None:
        """The view being shown; None while loading."""
        return self._view

    @property
    def has_place(self) -> bool:
        """Whether the layout has a place for the pane; a maximised pane has one even if its column is hidden."""
        return self.is_maximized or all(node.display for node in self.ancestors_with_self if isinstance(node, Widget))

    @property
    def text(self) -> str:
        """What is to be read in the pane now."""
        strips = self._content(self.size) if self._strips is None else self._strips
        return "\n".join([Content.from_text(self.border_title or "").plain, *(strip.text for strip in strips)])

    def show(self, view: View) -> None:
        """Show another view: paint the lines that differ, or all of them once the pane is visible."""
        first, self._view = self._view is None, view
        before, self._key = self._key, self.depends_on(view)  # now: what a view says of pending work changes
        if self._key == before and not first:
            return
        old = self._strips
        if old is None:
            return  # all lines are going to be painted
        if self._strips_size != self.size or not self.has_place:
            self.rebuild()
            return
        new = self._strips = self._content(self.size)
        changed = [Region(0, y, self.size.width, 1) for y, strip in enumerate(new) if strip != old[y]]
        if changed:
            self.refresh(*changed)

    def wait(self, waiting: Waiting) -> None:
        """Show what there is before a run is loaded, until the first view comes."""
        self._waiting = waiting
        self.rebuild()

    def rebuild(self) -> None:
        """Build all lines again, even if the view is the same: something of the widget's own changed."""
        self._strips = None
        self.refresh()

    def set_title(self, title: str) -> None:
        """Write another title into the border, as it is: Textual reads markup in a plain string."""
        self.border_title = Content(title)

    def depends_on(self, view: View) -> Hashable:
        """Return what `build` makes its lines of: they are kept while it stays equal. By default the whole view."""
        return view

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        """Return up to `height` strips of exactly `width` cells."""
        raise NotImplementedError

    def blank(self, waiting: Waiting, width: int, height: int) -> list[Strip]:
        """Return what to show while there is no view yet."""
        return []

    def render_line(self, y: int) -> Strip:
        if self._strips is None or self._strips_size != self.size:
            self._strips, self._strips_size = self._content(self.size), self.size
        return self._strips[y]

    def _content(self, size: Size) -> list[Strip]:
        """Return exactly `size.height` lines of the present view."""
        if self._view is not None:
            styles, words = self._view.styles, self._view.hidden.in_place_of(self.subject) if self.subject else ""
            strips = _covered(styles, words, *size) if words else self.build(self._view, *size)
        elif self._waiting is not None:
            styles, strips = self._waiting.styles, self.blank(self._waiting, *size)
        else:
            return [Strip.blank(size.width)] * size.height
        return strips[: size.height] + [styles.strip([], size.width)] * (size.height - len(strips))


class ScrollingPane(Pane, can_focus=True):
    """A pane that is scrolled by whole rows, without a scroll bar."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._top = 0
        """The first row in sight."""

    @property
    def page(self) -> int:
        """How many rows a page has."""
        raise NotImplementedError

    def scroll_rows(self, pages: int) -> None:
        """Scroll by whole pages, down when positive."""
        self.scroll_by(pages * max(self.page, 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_by(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_by(-3)

    def scroll_by(self, rows: int) -> None:
        """Scroll by so many rows, not above the top."""
        self._top = max(self._top + rows, 0)
        self.rebuild()


def _covered(styles: Styles, words: str, width: int, height: int) -> list[Strip]:
    lines = wrap(words, max(width - 2, 10))
    above = max((height - len(lines)) // 2, 0)
    return [styles.strip([(line.center(width).rstrip(), "muted")], width) for line in [*[""] * above, *lines]]
