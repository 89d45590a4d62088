"""The pane that shows one of the instruments in the samples' place."""

from __future__ import annotations

import importlib
from collections.abc import Hashable

from textual.strip import Strip

from tui_linreg.tui.instruments.records import PANELS
from tui_linreg.tui.panes.base import Pane
from tui_linreg.tui.view import View


class PanelPane(Pane, can_focus=True):
    """Shows the panel it was told to; while it shows none it costs nothing."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._instrument: str | None = None

    def choose(self, name: str | None) -> None:
        """Show another panel from the next frame on."""
        if name == self._instrument:
            return
        self._instrument = name
        if name is not None:
            info = PANELS[name]
            charts = f" · chart {' '.join(map(str, info.charts))}" if info.charts else ""
            self.set_title(f"{info.title}{charts}")
        self.rebuild()

    def depends_on(self, view: View) -> Hashable:
        """Return what the panel is made of."""
        return None if self._instrument is None else PANELS[self._instrument].depends_on(view)

    def cover(self, view: View) -> str:
        """Return what hides this panel."""
        return "" if self._instrument is None else view.hidden.in_place_of(f"panel {self._instrument}")

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        """Return the panel's lines."""
        if self._instrument is None:
            return []
        if view.waits_for(PANELS[self._instrument].needs):
            return [view.styles.strip([("working it out …", "muted")], width)]
        # Not on top: a panel that nobody opened loads nothing.
        panel = importlib.import_module(f"tui_linreg.tui.instruments.{self._instrument}")
        return [view.styles.strip(line, width) for line in panel.lines(view, width, height)[:height]]
