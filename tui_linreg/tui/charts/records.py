"""The charts: one record for each. Loads neither numpy nor plotext, nor a chart before it is drawn."""

from __future__ import annotations

import importlib
from collections.abc import Hashable
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.engine.phases import Phase

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Item
    from tui_linreg.tui.plot.chart import Chart
    from tui_linreg.tui.view import View


class ChartInfo(NamedTuple):
    """What there is to know of a chart besides what it draws."""

    number: int
    """Its key, too."""
    id: str
    """Its module in `tui_linreg.tui.charts`, whose `make` returns the chart of a view; its command is "chart.ID"."""
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

    def depends_on(self, view: View) -> Hashable:
        """Return what the chart of a view is made of: it stays as it is while this stays equal."""
        reached = sum(view.reached(phase) for phase in self.changes_at)
        place = (view.step.place.step, view.kept_runs) if self.changes_at else None
        look = view.log_y if self.log_y else None, view.surface, view.panel, view.hidden, view.styles, view.marker
        return self.number, view.run, view.waits_for(self.needs), place, reached, *look

    def make(self, view: View) -> Chart:
        """Return the chart of a view."""
        chart: Chart = importlib.import_module(f"tui_linreg.tui.charts.{self.id}").make(view)
        return chart


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
    )
}  # fmt: skip
RULE = "A digit shows its chart or takes it away; the two shown last stand together."
_LOG = [f"chart {chart.number}" for chart in CHARTS.values() if chart.log_y]
WITH_LOG_AXIS = " and ".join([*filter(None, [", ".join(_LOG[:-1])]), *_LOG[-1:]])
"""The charts that may have a logarithmic y axis, in words: "chart 2, chart 6 and chart 8"."""
