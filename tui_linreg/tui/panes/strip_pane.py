"""The base of every widget on the main screen: ready strips, of which only the lines that changed are painted.

Textual draws a pane's border, title and padding once (`_Frame`); a frame under the keys only puts new content between
the two sides. Textual's own way, styling every line anew, costs more than half of such a frame.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple, Self

from rich.style import Style
from textual.content import Content
from textual.filter import ANSIToTruecolor
from textual.geometry import Offset, Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tui_linreg.tui.panes.light_strip import LightStrip

if TYPE_CHECKING:
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.tui.styles import Ink
    from tui_linreg.tui.view import View


_MOST_TITLES = 64


class Waiting(NamedTuple):
    """What panes show before there is a run."""

    ink: Ink
    config: RunConfig


@dataclass(slots=True, eq=False)
class _Frame:
    """What Textual drew around a pane: the lines of the whole pane with nothing in it, and the two sides of a line."""

    size: Size
    inner: Size
    """The content's size; asking the widget for it takes longer than drawing a line."""
    at: Offset
    """Where the content begins."""
    lines: list[Strip]
    left: Strip
    right: Strip
    title_changed: bool = False
    joined: dict[int, tuple[Strip, Strip]] = field(default_factory=dict)
    tops: dict[str, Strip] = field(default_factory=dict)
    """The first line as Textual drew it for a title: titles come back with every epoch."""

    def around(self, y: int, content: Strip) -> Strip:
        """Return line `y` with this content between the sides; the same object as long as the content is the same."""
        if not self.left.cell_length and not self.right.cell_length:
            return content
        found = self.joined.get(y)
        if found is None or found[0] is not content:
            line = LightStrip([*self.left, *content, *self.right], self.size.width)
            found = self.joined[y] = (content, line)
        return found[1]


class StripPane(Widget):
    """Shows `View`s by strips that `build` makes; a resize or a new view builds again, anything else does not."""

    DEFAULT_CSS = "StripPane { background: $background; color: $foreground; }"

    _frame: _Frame | None = None
    _title_changes = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view: View | None = None
        self._waiting: Waiting | None = None
        self._built: tuple[object, Size, list[Strip]] | None = None

    @property
    def view(self) -> View | None:
        """The view being shown; None while loading."""
        return self._view

    @property
    def in_sight(self) -> bool:
        """Whether the layout has a place for the pane, be it maximised out of a column that is put away."""
        return self.is_maximized or all(node.display for node in self.ancestors_with_self if isinstance(node, Widget))

    def show(self, view: View) -> None:
        """Show another view from the next frame on, or as soon as the pane is on the screen."""
        if not self.in_sight:
            self._view, self._built = view, None
            return
        before = self._key()
        self._view = view
        key, frame = self._key(), self._frame
        if frame is None or frame.size != self.outer_size or self._built is None:
            self._refresh_content()  # all of it is to be painted anyway
            return
        size = frame.inner
        if self._built[:2] != (before, size):
            self._refresh_content()
            return
        if key == before:
            return
        old, new = self._built[2], self._content(size)
        dirty = [y for y, strip in enumerate(new) if strip is not old[y] and strip != old[y]]
        for y in dirty:
            old[y] = new[y]
        self._built = (key, size, old)
        if dirty:
            # Whole lines, border and all: cutting a strip takes longer than writing four more cells.
            x, width = -frame.at.x, frame.size.width
            self.refresh(*(Region(x, first, width, count) for first, count in _runs(dirty)))

    def wait(self, waiting: Waiting) -> None:
        """Show what is known before there is a run, until the first view comes."""
        self._waiting = waiting
        self._built = None
        self.refresh()

    def depends_on(self, view: View) -> Hashable:
        """Return what `build` makes its lines of: they are kept while it stays equal. By default the whole view."""
        return view

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        """Return up to `height` strips of exactly `width` cells."""
        raise NotImplementedError

    def blank(self, waiting: Waiting, width: int, height: int) -> list[Strip]:
        """Return what stands here while there is no view yet."""
        return []

    def cover(self, view: View) -> str:
        """Return the words that stand here in the place of what must not be seen; empty where it may be."""
        return ""

    def rebuild(self) -> None:
        """Build again though the view is the same (something of the widget's own changed)."""
        self._built = None
        self._refresh_content()

    def entitle(self, title: str) -> None:
        """Write another title into the border."""
        self._title_changes = True
        try:
            self.border_title = Content(title)
        finally:
            self._title_changes = False

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Paint again: all of it, border included, or only these regions of the content."""
        if self._title_changes:
            top = Region(0, 0, self.outer_size.width, 1)
            if self._frame is not None:
                self._frame.title_changed = True
            regions = (top.translate(-self.content_offset),)
        elif repaint and not regions:
            self._frame = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the pane's lines inside `crop`, border and padding included."""
        frame, key = self._framed(), self._key()
        size, top = frame.inner, frame.at.y
        if self._built is None or self._built[:2] != (key, size):
            self._built = (key, size, self._content(size))
        content = self._built[2]
        lines = [
            frame.around(y, content[y - top]) if 0 <= y - top < size.height else frame.lines[y] for y in crop.line_range
        ]
        if crop.column_span == (0, frame.size.width):
            return lines
        return [line.crop(*crop.column_span) for line in lines]

    def render_line(self, y: int) -> Strip:
        """Return an empty line for Textual to draw its border around."""
        return Strip.blank(self.size.width, self._background())

    def _key(self) -> Hashable:
        return self._waiting if self._view is None else self.depends_on(self._view)

    def _framed(self) -> _Frame:
        size = self.outer_size
        if self._frame is None or self._frame.size != size:
            lines = super().render_lines(size.region)
            at, inner = self.content_offset, self.size
            side = lines[min(at.y, len(lines) - 1)]
            left, right = side.crop(0, at.x), side.crop(at.x + inner.width, size.width)
            self._frame = _Frame(size, inner, at, lines, left, right)
        elif self._frame.title_changed:
            title, tops = str(self.border_title), self._frame.tops
            if title not in tops:
                if len(tops) >= _MOST_TITLES:
                    tops.clear()
                tops[title] = super().render_lines(Region(0, 0, size.width, 1))[0]
            self._frame.lines[0] = tops[title]
            self._frame.title_changed = False
        return self._frame

    def _refresh_content(self) -> None:
        size = self.size
        if size:
            self.refresh(size.region)
        else:
            self.refresh()

    def _content(self, size: Size) -> list[Strip]:
        """Return exactly `size.height` lines for the present view, as the app's filters (NO_COLOR) leave them."""
        if self._view is not None:
            words = self.cover(self._view)
            strips = _covered(self._view.ink, words, *size) if words else self.build(self._view, *size)
        else:
            strips = [] if self._waiting is None else self.blank(self._waiting, *size)
        strips = strips[: size.height]
        strips += [Strip.blank(size.width, self._background())] * (size.height - len(strips))
        # An ink has no terminal colours.
        for line_filter in (each for each in self.get_line_filters() if not isinstance(each, ANSIToTruecolor)):
            background = self.background_colors[1]
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        return strips

    def _background(self) -> Style:
        shown = self._view or self._waiting
        return self.rich_style if shown is None else shown.ink.style("")


def _covered(ink: Ink, words: str, width: int, height: int) -> list[Strip]:
    """Return the words in the middle of nothing."""
    lines = wrap(words, max(width - 2, 10))
    above = max((height - len(lines)) // 2, 0)
    return [ink.strip([(line.center(width).rstrip(), "muted")], width) for line in [*[""] * above, *lines]]


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield (first, count) of each stretch of consecutive numbers."""
    start = 0
    for i in range(1, len(numbers) + 1):
        if i == len(numbers) or numbers[i] != numbers[i - 1] + 1:
            yield numbers[start], i - start
            start = i
