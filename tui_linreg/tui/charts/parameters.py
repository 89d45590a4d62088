"""The chart of b and w and their gradients over steps."""

from __future__ import annotations

import numpy as np

from tui_linreg.engine.analysis.kept_runs import KeptRunAt
from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.axes import steps
from tui_linreg.tui.charts.points import Points, Write, nearest
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.view import View


def make(view: View) -> Chart:
    """Return b and w above, ∂L/∂b and ∂L/∂w below, of the scratch model up to the cursor: a scale for each pair."""
    history = view.history
    b, w, grad_b, grad_w = history.biases, history.weights, history.bias_gradients, history.weight_gradients
    # They differ without colour too: b solid with ◆, w dashed with ●; gradients large and small points.
    parameters: tuple[Series, ...] = (
        Series(b.at, b.values, "line", "dpred_db", "dot"),
        Series(w.at, w.values, "line", "dpred_dw", "dash"),
        Series(b.at[-1:], b.values[-1:], "points", "dpred_db", "diamond", "b"),
        Series(w.at[-1:], w.values[-1:], "points", "dpred_dw", "big", "w"),
    )
    parameters += tuple(
        part for kept_run in view.kept_runs for part in _of_kept_run(kept_run, view.reached(Phase.UPDATE))
    )
    gradients = (
        Series(grad_b.at + 1, grad_b.values, "points", "dpred_db", "fat", "∂L/∂b"),
        Series(grad_w.at + 1, grad_w.values, "points", "dpred_dw", "dot", "∂L/∂w"),
    )
    over, here = steps(view), ((history.step + 1, "muted"),)
    below = Chart(
        gradients, "step", "∂L/∂b, ∂L/∂w", x_range=over, x_integer=True, v_lines=here, h_lines=((0.0, "stem"),),
        empty="no gradient to draw yet: press →",
    )  # fmt: skip
    return Chart(
        parameters, "", "b, w", x_range=over, x_integer=True, v_lines=here, empty="b and w are not finite", below=below
    )


def points(view: View) -> Points:
    """Return b after 0, 1, … updates; the words say w and the gradients of the update too."""
    history = view.history
    b, w, grad_b, grad_w = history.biases, history.weights, history.bias_gradients, history.weight_gradients

    def words(at: int, write: Write) -> str:
        update = int(b.at[at])
        parts = [f"after step {update}" if update else "before step 1", f"b {write(float(b.values[at]))}"]
        parts += [f"{name} {write(value)}" for name, value in (
            ("w", w.value(update)), ("∂L/∂b", grad_b.value(update - 1)), ("∂L/∂w", grad_w.value(update - 1)),
        ) if value is not None]  # fmt: skip
        return "  ".join(parts)

    first = nearest(b.at, history.updates)
    return Points(b.at.astype(float), b.values, words, first, history.batches, steps=np.maximum(b.at - 1, 0))


def _of_kept_run(kept_run: KeptRunAt, after: bool) -> list[Series]:
    """Return a kept run's b and w over its steps, with its letter at both ends."""
    series: list[Series] = []
    for which, colour in enumerate(("dpred_db", "dpred_dw")):
        curve = kept_run.parameter(which, after)
        name = "" if which else kept_run.what
        series.append(Series(curve.at, curve.values, "line", colour, "dotted"))
        series.append(Series(curve.at[-1:], curve.values[-1:], "text", "text", kept_run.letter, name, short=""))
    return series
