"""What each chart draws of a `View`. All of them follow the cursor."""

from __future__ import annotations

from collections.abc import Callable

from tui_linreg.tui.charts.fit import fit, residuals
from tui_linreg.tui.charts.loss import loss
from tui_linreg.tui.charts.parameters import parameters
from tui_linreg.tui.charts.radius import radius
from tui_linreg.tui.charts.surface import loss_surface
from tui_linreg.tui.charts.sweep import finite_differences
from tui_linreg.tui.plot.chart import Chart, ChartTheme
from tui_linreg.tui.plot.marker_sets import MarkerSet
from tui_linreg.tui.styles import Ink
from tui_linreg.tui.view import View


def chart_theme(ink: Ink, marker: MarkerSet) -> ChartTheme:
    """Return the plot colours of an ink."""
    c = ink.colours
    return ChartTheme(c, c["text"], c["muted"], c["background"], marker)


MAKERS: dict[int, Callable[[View], Chart]] = {
    1: fit,
    2: loss,
    3: residuals,
    4: parameters,
    5: loss_surface,
    6: radius,
    7: finite_differences,
}
"""What draws each of `tui_linreg.tui.charts.records.CHARTS`."""
