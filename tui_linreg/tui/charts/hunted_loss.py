"""The chart of the losses while a hunt hides the rest of the run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.axes import steps
from tui_linreg.tui.hidden import Visible
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.view import View

_OVERLAID = 20_000
"""Steps of the newest epochs whose losses are drawn of both models."""
_MOST_EPOCHS = 400


def hunted_loss(view: View) -> Chart:
    """Return what the level of the hunt shows: both models' epochs, or the from-scratch model's batch losses."""
    series, empty = _epochs(view) if view.hidden.sight is Visible.EPOCH_LOSSES else _curve(view)
    losses = np.concatenate([np.asarray(each.y, dtype=np.float64) for each in series] or [np.empty(0)])
    finite = losses[np.isfinite(losses)]
    top = float(finite.max()) if len(finite) else 1.0
    y_range = None if view.log_y or not 0 < top < 1e300 else (0.0, top * 1.05)
    return Chart(
        tuple(series), "step", "loss (log)" if view.log_y else "loss", x_range=steps(view), y_range=y_range,
        log_y=view.log_y, x_integer=True, v_lines=((view.history.step + 1, "stem"),), empty=empty,
    )  # fmt: skip


def _epochs(view: View) -> tuple[list[Series], str]:
    done, batches = view.history.epochs, view.history.batches
    count = min(done, _MOST_EPOCHS, max(_OVERLAID // batches, 1))
    rows = view.instruments.both_losses(done - count, done)
    at = [(ours.epoch + 1) * batches for ours, _ in rows]
    mean, torch_mean = (_column([row[side].mse for row in rows]) for side in (0, 1))
    valid, torch_valid = (_column([row[side].mse_v for row in rows]) for side in (0, 1))
    # torch's markers lie over the line: where both losses are the same, the line goes through them.
    series = [
        Series(at, mean, "line", "mean"),
        Series(at, mean, "points", "mean", "big", "mean"),
        Series(at, valid, "points", "valid", "ring", "valid"),
        Series(at, torch_mean, "points", "line_after", "plus", "mean torch"),
        Series(at, torch_valid, "points", "text", "cross", "valid torch"),
    ]
    return series, "no epoch is finished yet"


def _curve(view: View) -> tuple[list[Series], str]:
    losses, step = view.history.losses, view.history.step
    series = [Series(losses.at + 1, losses.values, "line", "line_after", "dot", "batch")]
    if view.reached(Phase.LOSS):
        series.append(Series([step + 1], [view.step.scratch.loss], "points", "batch", "diamond", "here"))
    return series, "no finite loss yet"


def _column(values: list[float]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)
