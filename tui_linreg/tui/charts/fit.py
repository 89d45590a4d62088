"""The chart of the samples and the fitted line."""

from __future__ import annotations

import numpy as np

from tui_linreg.engine.analysis.kept_runs import KeptRunAt
from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.axes import drawn, outside, padded, units
from tui_linreg.tui.charts.points import Points, of_samples
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.view import View

_LETTER = 0.08
"""How far from the ends towards the middle a kept run's letter stands."""
_AIR = 0.02
_BELOW_EACH_OTHER = 0.12
"""A share of the height: two lines that are out of the window are named so far from each other."""

Ends = tuple[float, float]


def make(view: View) -> Chart:
    """Return the samples and the line before and after the update."""
    run, step = view.run, view.step
    ends, heights = padded(*run.x_ends, _AIR), padded(*run.y_ends, _AIR)
    x, y, y_pred = drawn(view, step.x, step.y, step.scratch.y_pred)
    after_known = view.reached(Phase.UPDATE) and not view.hides("b", "w")
    series = [Series(*run.drawn, "points", "train", "dot", "train")]
    residuals = Series(x, y, "stems", "stem", label="residual", y2=y_pred)
    before, after = ([line(v) for v in ends] for line in (step.scratch.before_at, step.scratch.after_at))
    line_before = Series(ends, before, "line", "line_before", "dash", "line before", short="before")
    line_after = Series(ends, after, "line", "line_after", "dot", "line after", short="after")
    if view.reached(Phase.PREDICT) and not view.hides("y_pred"):
        series.append(residuals)
    lines = [] if view.hides("b_before", "w_before") else [line_before]
    if after_known:
        lines.append(line_after)
    series += [*lines, Series(x, y, "points", "batch", "fat", "batch")]
    series += [part for kept_run in view.kept_runs for part in _of_kept_run(kept_run, ends, after_known)]
    series += _arrows(lines, ends, heights)
    return Chart(
        tuple(series), units(view, run.x_name), units(view, run.y_name), x_range=ends, y_range=heights,
        later=(residuals, line_before, line_after),
    )  # fmt: skip


def points(view: View) -> Points:
    """Return the samples of this batch."""
    return of_samples(view, view.step.y.cpu().numpy())


def _arrows(lines: list[Series], ends: Ends, heights: Ends) -> list[Series]:
    """Return where each line is that has no part in the window: at the edge that it lies beyond, in its own colour."""
    arrows: list[Series] = []
    for i, line in enumerate(lines):
        where = outside(np.asarray(line.y, dtype=np.float64), *heights)
        if where:
            middle, up = ends[0] / 2 + ends[1] / 2, where.startswith("above")
            height = heights[up] + (heights[1] - heights[0]) * _BELOW_EACH_OTHER * i * (-1 if up else 1)
            arrows.append(Series((middle,), (height,), "text", line.color, f"{line.label} {where}"))
    return arrows


def _of_kept_run(kept_run: KeptRunAt, ends: Ends, after: bool) -> list[Series]:
    """Return a kept run's line and its letter at both ends, where it is trained on the same samples."""
    line = kept_run.line(after) if kept_run.same_samples else None
    if line is None:
        return []
    b, w = line
    inner = [end + (ends[0] / 2 + ends[1] / 2 - end) * _LETTER for end in ends]
    return [
        Series(ends, [b + w * x for x in ends], "line", "mean", "dotted"),
        Series(inner, [b + w * x for x in inner], "text", "mean", kept_run.letter, kept_run.what, short=""),
    ]
