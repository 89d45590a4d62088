"""The chart of the residuals ŷ − y of one mini-batch."""

from __future__ import annotations

import numpy as np

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.axes import drawn, nice, padded, units
from tui_linreg.tui.charts.points import NONE, Points, of_samples
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
        Series(x, np.zeros_like(residual), "stems", "stem", label="from 0", y2=residual),
        Series(x, residual, "points", "batch", "fat", "ŷ − y of this batch"),
    )
    return Chart(
        series, units(view, run.x_name), units(view, "ŷ − y") + ", zero line: ŷ = y", x_range=padded(*ends, 0.02),
        y_range=(-reach, reach), h_lines=((0.0, "muted"),),
    )  # fmt: skip


def points(view: View) -> Points:
    """Return the samples of this batch, at their residuals."""
    return of_samples(view, view.step.residual.cpu().numpy()) if view.reached(Phase.LOSS) else NONE
