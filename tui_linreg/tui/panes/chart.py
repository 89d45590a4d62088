"""A pane that draws one of the charts."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from textual.strip import Strip

from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.panes.base import StripPane

if TYPE_CHECKING:
    from tui_linreg.tui.view import View


class ChartPane(StripPane, can_focus=True):
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
            self.entitle(f"{number} {CHARTS[number].name}")
            self.rebuild()

    def depends_on(self, view: View) -> Hashable:
        """Return what the chart is made of."""
        return CHARTS[self._number].depends_on(view)

    def cover(self, view: View) -> str:
        """Return what hides this chart."""
        return view.curtain.cover(f"chart {self._number}")

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        """Return the chart's lines."""
        # Not on top: the first frame stands before numpy and plotext are loaded.
        from tui_linreg.tui.charts.makers import MAKERS, chart_theme
        from tui_linreg.tui.plot.chart import Chart
        from tui_linreg.tui.plot.plot import draw

        waits = view.waits_for(CHARTS[self._number].needs)
        chart = Chart((), empty="working it out …") if waits else MAKERS[self._number](view)
        return draw(chart, chart_theme(view.ink, view.marker), max(width, 1), max(height, 1))[:height]
