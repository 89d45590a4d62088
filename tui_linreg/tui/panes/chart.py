"""The panes that draw what is chosen by its record: one of the charts, one of the instruments."""

from __future__ import annotations

import importlib
from collections.abc import Hashable

from textual.strip import Strip

from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.instruments.records import PANELS
from tui_linreg.tui.panes.base import Pane
from tui_linreg.tui.view import View


class ChartPane(Pane, can_focus=True):
    """Draws the chart whose number it was given."""

    def __init__(self, number: int, *, id: str, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._number = 0
        self.choose(number)

    @property
    def number(self) -> int:
        return self._number

    def choose(self, number: int) -> None:
        """Draw another chart from the next frame on."""
        if number != self._number:
            self._number = number
            self.subject = f"chart {number}"
            self.set_title(f"{number} {CHARTS[number].name}")
            self.rebuild()

    def depends_on(self, view: View) -> Hashable:
        return CHARTS[self._number].depends_on(view)

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        # Not on top: the first frame waits neither for numpy nor for plotext.
        from tui_linreg.tui.plot.chart import Chart, ChartTheme
        from tui_linreg.tui.plot.plot import draw

        record = CHARTS[self._number]
        if record.text and not view.waits_for(record.needs):
            return [view.styles.strip(line, width) for line in record.lines(view, width, height)[:height]]
        chart = Chart((), empty="working it out …") if view.waits_for(record.needs) else record.make(view)
        return draw(chart, ChartTheme.of(view.styles.colours, view.marker), max(width, 1), max(height, 1))[:height]


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
        self.subject = "" if name is None else f"panel {name}"
        if name is not None:
            info = PANELS[name]
            charts = f" · with chart {' and '.join(map(str, info.charts))}" if info.charts else ""
            self.set_title(f"{info.title}{charts}")
        self.rebuild()

    def depends_on(self, view: View) -> Hashable:
        return None if self._instrument is None else PANELS[self._instrument].depends_on(view)

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        if self._instrument is None:
            return []
        if view.waits_for(PANELS[self._instrument].needs):
            return [view.styles.strip([("working it out …", "muted")], width)]
        # Not on top: a panel that nobody opened loads nothing.
        panel = importlib.import_module(f"tui_linreg.tui.instruments.{self._instrument}")
        return [view.styles.strip(line, width) for line in panel.lines(view, width, height)[:height]]
