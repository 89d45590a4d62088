"""The charts by their numbers: names, places, and what changes them. Loads neither numpy nor plotext."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Literal, NamedTuple

from tui_linreg.engine.phases import Phase

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Item
    from tui_linreg.tui.view import View


class ChartInfo(NamedTuple):
    """A chart's number, name and place. What it draws is in `tui_linreg.tui.charts`."""

    number: int
    name: str
    slot: Literal["batch", "run"]
    """The upper pane shows this batch over x, the lower one the run over its steps."""
    changes_at: tuple[Phase, ...]
    """The phases of a step that change what is drawn; none: no step does."""
    needs: tuple[Item, ...] = ()
    """What may have to be worked out first."""

    def depends_on(self, view: View) -> Hashable:
        """Return what the chart of a view is made of: it stays as it is while this stays equal."""
        reached = sum(view.reached(phase) for phase in self.changes_at)
        place = (view.step.place.step, view.ghosts) if self.changes_at else None
        look = view.log_y, view.surface, view.panel, view.curtain, view.ink, view.marker
        return self.number, view.run, view.waits_for(self.needs), place, reached, *look


CHARTS: dict[int, ChartInfo] = {
    chart.number: chart
    for chart in (
        ChartInfo(1, "Fit", "batch", (Phase.PREDICT, Phase.UPDATE)),
        ChartInfo(2, "Loss", "run", (Phase.LOSS, Phase.UPDATE)),
        ChartInfo(3, "Residuals", "batch", (Phase.LOSS,)),
        ChartInfo(
            4, "Gradients and parameters", "run", (Phase.BIAS_GRADIENT, Phase.WEIGHT_GRADIENT, Phase.UPDATE)
        ),
        ChartInfo(5, "Loss surface", "batch", (Phase.WEIGHT_GRADIENT, Phase.UPDATE), ("batches",)),
        ChartInfo(6, "Spectral radius", "run", (), ("radii",)),
        ChartInfo(7, "Finite differences", "run", (Phase.WEIGHT_GRADIENT,), ("sweep",)),
    )
}  # fmt: skip
