"""The chart of the samples and the fitted line."""

from __future__ import annotations

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.axes import drawn, kept_labels, label, padded
from tui_linreg.tui.kept_runs import KeptRunAt
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.view import View

_LETTER = 0.08
"""How far from the ends towards the middle a kept run's letter stands."""


def make(view: View) -> Chart:
    """Return the samples and the line before and after the update."""
    run, step = view.run, view.step
    ends = padded(*run.x_ends, 0.04)
    x, y, y_pred = drawn(view, step.x, step.y, step.scratch.y_pred)
    after_known = view.reached(Phase.UPDATE) and not view.hides("b", "w")
    # The legend keeps its first labels where it is short of room, so the most telling ones come first.
    series = [label("points", "batch", "bullet", "batch"), label("line", "line_before", "dash", "before")]
    if after_known:
        series.append(label("line", "line_after", "dot", "after"))
    series += kept_labels(kept_run for kept_run in view.kept_runs if kept_run.same_samples)
    series.append(Series(*run.drawn, "points", "train", "small", "train"))
    if view.reached(Phase.PREDICT) and not view.hides("y_pred"):
        series.append(Series(x, y, "stems", "stem", label="residual", y2=y_pred))
    before = [step.scratch.before_at(v) for v in ends]
    if not view.hides("b_before", "w_before"):
        series.append(Series(ends, before, "line", "line_before", "dash"))
    if after_known:
        series.append(Series(ends, [step.scratch.after_at(v) for v in ends], "line", "line_after"))
    series.append(Series(x, y, "points", "batch", "bullet"))
    series += [part for kept_run in view.kept_runs for part in _of_kept_run(kept_run, ends, after_known)]
    return Chart(tuple(series), run.x_name, run.y_name, x_range=ends, y_range=padded(*run.y_ends, 0.05))


def _of_kept_run(kept_run: KeptRunAt, ends: tuple[float, float], after: bool) -> list[Series]:
    """Return a kept run's line and its letter at both ends, where it is trained on the same samples."""
    line = kept_run.line(after) if kept_run.same_samples else None
    if line is None:
        return []
    b, w = line
    inner = [end + (ends[0] / 2 + ends[1] / 2 - end) * _LETTER for end in ends]
    return [
        Series(ends, [b + w * x for x in ends], "line", "mean", "dotted"),
        Series(inner, [b + w * x for x in inner], "text", "mean", kept_run.letter),
    ]
