"""The charts: one record for each. Loads neither numpy nor plotext, nor a chart before it is drawn."""

from __future__ import annotations

import importlib
from collections.abc import Hashable
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.engine.phases import Phase

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Item
    from tui_linreg.tui.charts.points import Points
    from tui_linreg.tui.plot.chart import Chart
    from tui_linreg.tui.styles import Line
    from tui_linreg.tui.view import View


class ChartInfo(NamedTuple):
    """What there is to know of a chart besides what it draws."""

    number: int
    """Its key, too."""
    id: str
    """Its module in `tui_linreg.tui.charts`, whose `make` returns the chart of a view and whose `points` the places of
    its cursor; its command is "chart.ID"."""
    name: str
    label: str
    """One or two words for its key."""
    tooltip: str
    """What it shows, for the help and the palette."""
    changes_at: tuple[Phase, ...]
    """The phases of a step that change what is drawn; none: no step does."""
    needs: tuple[Item, ...] = ()
    """What may have to be worked out first."""
    log_y: bool = False
    """Whether its y axis may be logarithmic."""
    hidden_by: frozenset[str] = frozenset()
    """The quantities of which one that is hidden leaves nothing to see (`tui_linreg.tui.hidden`)."""

    text: bool = False
    """Whether its module has `lines(view, width, height)`, as an instrument, in place of `make`."""

    def depends_on(self, view: View) -> Hashable:
        """Return what the chart of a view is made of: it stays as it is while this stays equal."""
        reached = sum(view.reached(phase) for phase in self.changes_at)
        place = (view.step.key, view.kept_runs) if self.changes_at else None
        look = view.log_y if self.log_y else None, view.surface, view.panel, view.hidden, view.styles, view.marker
        point = view.chart_point if view.chart_point is not None and view.chart_point.chart == self.number else None
        written = (view.full, view.sample) if self.text else None
        return self.number, view.run, view.stretch, view.waits_for(self.needs), place, reached, written, point, *look

    def make(self, view: View) -> Chart:
        """Return the chart of a view."""
        chart: Chart = self._module.make(view)
        at = view.chart_point
        return chart if at is None or at.chart != self.number else chart.with_point(at.x, at.y)

    def points(self, view: View) -> Points:
        """Return where the cursor of the chart can stand."""
        points: Points = self._module.points(view)
        return points

    def lines(self, view: View, width: int, height: int) -> list[Line]:
        """Return the lines of a view, where it is made of text."""
        lines: list[Line] = self._module.lines(view, width, height)
        return lines

    @property
    def _module(self) -> ModuleType:
        return importlib.import_module(f"tui_linreg.tui.charts.{self.id}")


CHARTS: dict[int, ChartInfo] = {
    chart.number: chart
    for chart in (
        ChartInfo(
            1, "fit", "Fit", "fit", "samples, line before and after",
            changes_at=(Phase.PREDICT, Phase.UPDATE),
        ),
        ChartInfo(
            2, "loss", "Loss", "loss", "batch losses, epoch means, validation",
            changes_at=(Phase.LOSS, Phase.UPDATE), log_y=True,
        ),
        ChartInfo(
            3, "residuals", "Residuals", "residuals", "residuals ŷ − y of this batch",
            changes_at=(Phase.LOSS,), hidden_by=frozenset({"residual"}),
        ),
        ChartInfo(
            4, "parameters", "Gradients and parameters", "gradients", "gradients and parameters over steps",
            changes_at=(Phase.BIAS_GRADIENT, Phase.WEIGHT_GRADIENT, Phase.UPDATE),
        ),
        ChartInfo(
            5, "surface", "Loss surface", "surface", "the loss over b and w, and the path",
            changes_at=(Phase.WEIGHT_GRADIENT, Phase.UPDATE), needs=("batches",),
            hidden_by=frozenset({"b", "w", "b_before", "w_before"}),
        ),
        ChartInfo(
            6, "radius", "Spectral radius", "radius", "what one epoch does to the error, over η",
            changes_at=(), needs=("radii",), log_y=True,
        ),
        ChartInfo(
            7, "sweep", "Finite differences", "differences", "finite differences over their h",
            changes_at=(Phase.WEIGHT_GRADIENT,), needs=("sweep",),
        ),
        ChartInfo(
            8, "autograd", "Autograd's graph", "autograd", "the graph that torch built, and its gradients",
            changes_at=(
                Phase.PREDICT, Phase.LOSS, Phase.ERROR_SIGNAL, Phase.BIAS_GRADIENT, Phase.WEIGHT_GRADIENT,
            ), needs=("graph",), text=True,
        ),
    )
}  # fmt: skip
RULE = "A digit shows its chart or takes it away; the two shown last stand together."
_LOG = [f"chart {chart.number}" for chart in CHARTS.values() if chart.log_y]
WITH_LOG_AXIS = " and ".join([*filter(None, [", ".join(_LOG[:-1])]), *_LOG[-1:]])
"""The charts that may have a logarithmic y axis, in words: "chart 2, chart 6 and chart 8"."""
