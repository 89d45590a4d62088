"""What each chart draws of a `View`. All of them follow the cursor."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.ink import Ink
from tui_linreg.tui.marker_sets import MarkerSet
from tui_linreg.tui.plot import Chart, ChartTheme, Series
from tui_linreg.tui.plot_data import LARGEST
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    Vector = NDArray[np.float64]

_WHOLE_RUN = 256
"""Runs of up to so many steps get an x axis that never moves."""


def chart_theme(ink: Ink, marker: MarkerSet) -> ChartTheme:
    """Return the plot colours of an ink."""
    c = ink.colours
    return ChartTheme(c, c["text"], c["muted"], c["background"], marker)


def _fit(view: View) -> Chart:
    run, step = view.run, view.step
    ends = _padded(*run.x_ends, 0.04)
    x, y, y_pred = _drawn(view, step.x, step.y, step.scratch.y_pred)
    after_known = view.reached(Phase.UPDATE)
    # The legend keeps its first labels where it is short of room, so the most telling ones come first.
    series = [_label("points", "batch", "bullet", "batch"), _label("line", "line_before", "dash", "before")]
    if after_known:
        series.append(_label("line", "line_after", "dot", "after"))
    series.append(Series(run.drawn.x, run.drawn.y, "points", "train", "small", "train", fixed=True))
    if view.reached(Phase.PREDICT):
        series.append(Series(x, y, "stems", "stem", label="residual", y2=y_pred))
    before = [step.scratch.before_at(v) for v in ends]
    series.append(Series(ends, before, "line", "line_before", "dash"))
    if after_known:
        series.append(Series(ends, [step.scratch.after_at(v) for v in ends], "line", "line_after"))
    series.append(Series(x, y, "points", "batch", "bullet"))
    return Chart(tuple(series), run.x_name, run.y_name, x_range=ends, y_range=_padded(*run.y_ends, 0.05))


def _label(kind: Literal["points", "line"], color: str, marker: str, label: str) -> Series:
    """Return a series without points, for its place in the legend."""
    return Series((), (), kind, color, marker, label)


def _drawn(view: View, *vectors: Tensor) -> list[Vector]:
    """Return the rows of this batch's vectors, shape (m,), that charts draw."""
    rows = view.run.drawn.batch(view.step.place)
    arrays = [vector.cpu().numpy() for vector in vectors]
    return arrays if rows is None else [array[rows] for array in arrays]


def _padded(low: float, high: float, share: float) -> tuple[float, float]:
    """Return a range with this share of it added at both ends."""
    pad = (high / 2 - low / 2) * 2 * share or max(abs(high), 1.0) * 0.1
    return max(low - pad, -LARGEST), min(high + pad, LARGEST)


def _loss(view: View) -> Chart:
    history = view.history
    losses, means, valid = history.losses, history.epoch_means, history.valid
    series = [
        Series(losses.at + 1, losses.values, "line", "line_after", "dot", "batch"),
        Series((means.at + 1) * history.batches, means.values, "points", "mean", "big", "mean"),
        Series((valid.at + 1) * history.batches, valid.values, "points", "valid", "ring", "valid"),
    ]
    if view.reached(Phase.LOSS):
        series.append(Series([history.step + 1], [view.step.scratch.loss], "points", "batch", "diamond", "here"))
    known = np.concatenate([losses.values, valid.values])
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
    x, residual = _drawn(view, view.step.x, view.step.residual)
    run, ends = view.run, view.run.x_ends
    finite = residual[np.isfinite(residual)]
    reach = _nice(float(np.abs(finite).max())) if len(finite) else 1.0
    series = (
        Series(ends, (0.0, 0.0), "line", "line_before", "dash", "ŷ = y"),
        Series(x, np.zeros_like(residual), "stems", "stem", y2=residual),
        Series(x, residual, "points", "batch", "bullet", "ŷ − y of this batch"),
    )
    return Chart(series, run.x_name, "ŷ − y", x_range=_padded(*ends, 0.04), y_range=(-reach, reach))


def _parameters(view: View) -> Chart:
    history = view.history
    b, w, grad_b, grad_w = history.biases, history.weights, history.bias_gradients, history.weight_gradients
    # Told apart without colour too: b solid with ◆, w dashed with ●, gradients + and ×.
    series = (
        Series(grad_b.at + 1, grad_b.values, "points", "dpred_db", "plus", "∂L/∂b"),
        Series(grad_w.at + 1, grad_w.values, "points", "dpred_dw", "cross", "∂L/∂w"),
        Series(b.at, b.values, "line", "dpred_db", "dot"),
        Series(w.at, w.values, "line", "dpred_dw", "dash"),
        Series(b.at[-1:], b.values[-1:], "points", "dpred_db", "diamond", "b"),
        Series(w.at[-1:], w.values[-1:], "points", "dpred_dw", "big", "w"),
    )
    return Chart(series, "step", "", x_range=_steps(view), x_integer=True, v_lines=((history.step + 1, "stem"),))


def _steps(view: View) -> tuple[float, float]:
    """Return the x axis over steps: the whole of a short run, else a round number past the cursor."""
    total = view.run.schedule.steps
    return (0, total if total <= _WHOLE_RUN else min(total, _nice(view.history.step + 1)))


def _nice(value: float) -> float:
    """Return the next of 1, 2, 5 times a power of ten, so that an axis moves seldom."""
    if not 0 < value < 1e300:
        return 1.0 if value <= 0 else LARGEST
    power = max(10.0 ** math.floor(math.log10(value)), 5e-324)
    return next((step * power for step in (1, 2, 5, 10) if value <= step * power), 10 * power)


MAKERS: dict[int, Callable[[View], Chart]] = {1: _fit, 2: _loss, 3: _residuals, 4: _parameters}
"""What draws each of `tui_linreg.tui.chart_list.CHARTS`."""
