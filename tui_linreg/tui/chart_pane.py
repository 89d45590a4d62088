"""A pane that draws one of the charts."""

from __future__ import annotations

from textual.content import Content
from textual.strip import Strip

from tui_linreg.tui.charts import CHARTS, chart_theme
from tui_linreg.tui.plot import draw
from tui_linreg.tui.strip_pane import StripPane
from tui_linreg.tui.view import View


class ChartPane(StripPane, can_focus=True):
    """Draws the chart whose number it was given."""

    def __init__(self, number: int, *, id: str) -> None:
        super().__init__(id=id)
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
            self.border_title = Content(f"{number} {CHARTS[number].name}")
            self.rebuild()

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        """Return the chart's lines."""
        chart = CHARTS[self._number].make(view)
        return draw(chart, chart_theme(view.ink, view.marker), max(width, 1), max(height, 1))[:height]
