"""A pane that draws one of the charts."""

from __future__ import annotations

from collections.abc import Hashable

from textual.strip import Strip

from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.panes.base import Pane
from tui_linreg.tui.plot.chart import Chart, ChartTheme
from tui_linreg.tui.plot.plot import draw
from tui_linreg.tui.view import View


class ChartPane(Pane, can_focus=True):
    """Draws the chart whose number it was given."""

    def __init__(self, number: int, *, id: str, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._number = 0
        self.choose(number)

    @property
    def number(self) -> int:
        """The chart's number."""
        return self._number

    def choose(self, number: int) -> None:
        """Draw another chart from the next frame on."""
        if number != self._number:
            self._number = number
            self.set_title(f"{number} {CHARTS[number].name}")
            self.rebuild()

    def depends_on(self, view: View) -> Hashable:
        return CHARTS[self._number].depends_on(view)

    def cover(self, view: View) -> str:
        return view.hidden.in_place_of(f"chart {self._number}")

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        record = CHARTS[self._number]
        chart = Chart((), empty="working it out …") if view.waits_for(record.needs) else record.make(view)
        return draw(chart, ChartTheme.of(view.styles.colours, view.marker), max(width, 1), max(height, 1))[:height]
