"""The charts by their numbers: what each draws of a `View`. All of them follow the cursor."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.ink import Ink
from tui_linreg.tui.marker_sets import MarkerSet
from tui_linreg.tui.plot import Chart, ChartTheme, Series
from tui_linreg.tui.view import View

_WHOLE_RUN = 256
"""Runs of up to so many steps get an x axis that never moves."""


@dataclass(frozen=True, slots=True)
class ChartInfo:
    """A chart's number, name and place."""

    number: int
    name: str
    slot: Literal["batch", "run"]
    """The upper pane shows this batch over x, the lower one the run over its steps."""
    make: Callable[[View], Chart]


def chart_theme(ink: Ink, marker: MarkerSet) -> ChartTheme:
    """Return the plot colours of an ink."""
    c = ink.colours
    return ChartTheme(c, c["text"], c["muted"], c["background"], marker)


def _fit(view: View) -> Chart:
    run, step = view.run, view.step
    low, high = float(run.x_train.min()), float(run.x_train.max())
    pad = (high - low) * 0.04 or 1.0
    ends = (low - pad, high + pad)
    x, y = step.x.cpu().numpy(), step.y.cpu().numpy()
    after_known = view.reached(Phase.UPDATE)
    # The legend keeps its first labels where it is short of room, so the most telling ones come first.
    series = [_label("points", "batch", "bullet", "batch"), _label("line", "line_before", "dash", "before")]
    if after_known:
        series.append(_label("line", "line_after", "dot", "after"))
    series.append(Series(run.x_train, run.y_train, "points", "train", "small", "train"))
    if view.reached(Phase.PREDICT):
        series.append(Series(x, y, "stems", "stem", label="residual", y2=step.scratch.y_pred.cpu().numpy()))
    before = [step.scratch.before_at(v) for v in ends]
    series.append(Series(ends, before, "line", "line_before", "dash"))
    if after_known:
        series.append(Series(ends, [step.scratch.after_at(v) for v in ends], "line", "line_after"))
    series.append(Series(x, y, "points", "batch", "bullet"))
    return Chart(tuple(series), run.x_name, run.y_name, x_range=ends, y_range=_padded(run.y_train))


def _label(kind: Literal["points", "line"], color: str, marker: str, label: str) -> Series:
    """Return a series without points, for its place in the legend."""
    return Series((), (), kind, color, marker, label)


def _padded(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    pad = (high / 2 - low / 2) * 0.1 or max(abs(high), 1.0) * 0.1
    return max(low - pad, -1.7e308), min(high + pad, 1.7e308)


def _loss(view: View) -> Chart:
    history = view.history
    steps = np.arange(1, len(history.losses) + 1)
    ends = np.arange(1, len(history.valid) + 1) * history.batches
    series = [
        Series(steps, history.losses, "line", "line_after", "dot", "batch"),
        Series(ends, history.epoch_means, "points", "mean", "big", "mean"),
        Series(ends, history.valid, "points", "valid", "ring", "valid"),
    ]
    if view.reached(Phase.LOSS):
        series.append(Series([history.step + 1], [view.step.scratch.loss], "points", "batch", "diamond", "here"))
    known = np.concatenate([history.losses, history.valid])
    known = known[np.isfinite(known)]
    top = float(known.max()) if len(known) else 1.0
    y_range = None if view.log_y or not 0 < top < 1e300 else (0.0, top * 1.05)
    return Chart(
        tuple(series), "step", "loss (log)" if view.log_y else "loss", x_range=_steps(view), y_range=y_range,
        log_y=view.log_y, x_integer=True, v_lines=((history.step + 1, "stem"),), empty="no finite loss yet",
    )  # fmt: skip


def _residuals(view: View) -> Chart:
    if not view.reached(Phase.LOSS):
        return Chart((), view.run.x_name, "ŷ − y", empty="ŷ − y is not computed yet: press →")
    residual = view.step.residual.cpu().numpy()
    x = view.step.x.cpu().numpy()
    run = view.run
    ends = (float(run.x_train.min()), float(run.x_train.max()))
    finite = residual[np.isfinite(residual)]
    reach = _nice(float(np.abs(finite).max())) if len(finite) else 1.0
    series = (
        Series(ends, (0.0, 0.0), "line", "line_before", "dash", "ŷ = y"),
        Series(x, np.zeros_like(residual), "stems", "stem", y2=residual),
        Series(x, residual, "points", "batch", "bullet", "ŷ − y of this batch"),
    )
    pad = (ends[1] - ends[0]) * 0.04 or 1.0
    return Chart(series, run.x_name, "ŷ − y", x_range=(ends[0] - pad, ends[1] + pad), y_range=(-reach, reach))


def _parameters(view: View) -> Chart:
    history = view.history
    updates = np.arange(len(history.biases))
    done_b = np.arange(1, len(history.bias_gradients) + 1)
    done_w = np.arange(1, len(history.weight_gradients) + 1)
    # Told apart without colour too: b solid with ◆, w dashed with ●, gradients + and ×.
    series = (
        Series(done_b, history.bias_gradients, "points", "dpred_db", "plus", "∂L/∂b"),
        Series(done_w, history.weight_gradients, "points", "dpred_dw", "cross", "∂L/∂w"),
        Series(updates, history.biases, "line", "dpred_db", "dot"),
        Series(updates, history.weights, "line", "dpred_dw", "dash"),
        Series(updates[-1:], history.biases[-1:], "points", "dpred_db", "diamond", "b"),
        Series(updates[-1:], history.weights[-1:], "points", "dpred_dw", "big", "w"),
    )
    return Chart(series, "step", "", x_range=_steps(view), x_integer=True, v_lines=((history.step + 1, "stem"),))


def _steps(view: View) -> tuple[float, float]:
    """Return the x axis over steps: the whole of a short run, else a round number past the cursor."""
    total = view.run.schedule.steps
    return (0, total if total <= _WHOLE_RUN else min(total, _nice(view.history.step + 1)))


def _nice(value: float) -> float:
    """Return the next of 1, 2, 5 times a power of ten, so that an axis moves seldom."""
    if not 0 < value < 1e300:
        return 1.0 if value <= 0 else 1.7e308
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in (1, 2, 5, 10) if value <= step * power), 10 * power)


CHARTS: dict[int, ChartInfo] = {
    chart.number: chart
    for chart in (
        ChartInfo(1, "Fit", "batch", _fit),
        ChartInfo(2, "Loss", "run", _loss),
        ChartInfo(3, "Residuals", "batch", _residuals),
        ChartInfo(4, "Gradients and parameters", "run", _parameters),
    )
}
