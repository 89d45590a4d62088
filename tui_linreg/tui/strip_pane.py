"""The base of every widget on the main screen: ready strips, built once for each frame and size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.tui.ink import Ink
    from tui_linreg.tui.view import View


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """What panes show before there is a run."""

    ink: Ink
    config: RunConfig


class StripPane(Widget):
    """Shows `View`s by strips that `build` makes; a resize or a new view builds again, anything else does not."""

    DEFAULT_CSS = "StripPane { background: $background; color: $foreground; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view: View | None = None
        self._waiting: Waiting | None = None
        self._built: tuple[View | None, Size, list[Strip]] | None = None

    @property
    def view(self) -> View | None:
        """The view being shown; None while loading."""
        return self._view

    def show(self, view: View) -> None:
        """Show another view from the next frame on."""
        self._view = view
        self.refresh()

    def wait(self, waiting: Waiting) -> None:
        """Show what is known before there is a run, until the first view comes."""
        self._waiting = waiting
        self.rebuild()

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        """Return up to `height` strips of exactly `width` cells."""
        raise NotImplementedError

    def blank(self, waiting: Waiting, width: int, height: int) -> list[Strip]:
        """Return what stands here while there is no view yet."""
        return []

    def rebuild(self) -> None:
        """Build again though the view is the same (something of the widget's own changed)."""
        self._built = None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return line `y` of the content."""
        size = self.size
        if self._built is None or self._built[0] is not self._view or self._built[1] != size:
            self._built = (self._view, size, self._build(*size))
        strips = self._built[2]
        return strips[y] if y < len(strips) else Strip.blank(size.width, self._background())

    def _build(self, width: int, height: int) -> list[Strip]:
        if self._view is not None:
            return self.build(self._view, width, height)
        return [] if self._waiting is None else self.blank(self._waiting, width, height)

    def _background(self) -> Style:
        shown = self._view or self._waiting
        return self.rich_style if shown is None else shown.ink.style("")
