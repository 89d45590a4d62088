"""The chart of the residuals ŷ − y of one mini-batch."""

from __future__ import annotations

import numpy as np

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.axes import drawn, nice, padded
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.view import View


def make(view: View) -> Chart:
    """Return ŷ − y of this batch."""
    if not view.reached(Phase.LOSS):
        return Chart((), view.run.x_name, "ŷ − y", empty="ŷ − y is not computed yet: press →")
    x, residual = drawn(view, view.step.x, view.step.residual)
    run, ends = view.run, view.run.x_ends
    finite = residual[np.isfinite(residual)]
    reach = nice(float(np.abs(finite).max())) if len(finite) else 1.0
    series = (
        Series(ends, (0.0, 0.0), "line", "line_before", "dash", "ŷ = y"),
        Series(x, np.zeros_like(residual), "stems", "stem", y2=residual),
        Series(x, residual, "points", "batch", "bullet", "ŷ − y of this batch"),
    )
    return Chart(series, run.x_name, "ŷ − y", x_range=padded(*ends, 0.04), y_range=(-reach, reach))
