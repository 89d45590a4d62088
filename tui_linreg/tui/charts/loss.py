"""The chart of the losses over steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.axes import kept_labels, steps
from tui_linreg.tui.charts.hunted_loss import hunted_loss
from tui_linreg.tui.hidden import Visible
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.view import View

Vector = NDArray[np.float64]

_OVERLAID = 20_000
"""Steps of the newest epochs whose honest losses are drawn; computing them takes about a millisecond."""
_MOST_EPOCHS = 400
_LETTERS = 24
"""Letters of kept runs that the width has room for."""
_MOST_OVER = 4.0
"""Kept runs of more than so many times this run's highest loss are cut at the top."""


def make(view: View) -> Chart:
    """Return batch losses, epoch means and validation losses up to the cursor, and the kept runs' batch losses.

    While a hunt hides the rest of the run: what it shows.
    """
    if view.hidden.sight is not Visible.ALL:
        return hunted_loss(view)
    history = view.history
    losses, means, valid = history.losses, history.epoch_means, history.valid
    honest = view.panel == "epoch_losses"
    series = [
        Series(losses.at + 1, losses.values, "line", "line_after", "dot", "batch"),
        Series(
            (means.at + 1) * history.batches, means.values, "points", "mean", "big", "notebook" if honest else "mean"
        ),
        Series((valid.at + 1) * history.batches, valid.values, "points", "valid", "ring", "valid"),
    ]
    if honest:
        series += _honest(view)
    if view.kept_runs:
        # Curves lie below this run's own; letters lie above it, since only they tell one kept run from another.
        curves, letters = _kept(view)
        series = [*curves, *series, *kept_labels(view.kept_runs), *letters]
    if view.reached(Phase.LOSS) and not view.hides("loss"):
        series.append(Series([history.step + 1], [view.step.scratch.loss], "points", "batch", "diamond", "here"))
    top = _highest(np.concatenate([losses.values, valid.values]), 1.0)
    y_range = None if view.log_y or not 0 < top < 1e300 else (0.0, _with_kept_runs(view, top) * 1.05)
    return Chart(
        tuple(series), "step", "loss (log)" if view.log_y else "loss", x_range=steps(view), y_range=y_range,
        log_y=view.log_y, x_integer=True, v_lines=((history.step + 1, "stem"),), empty="no finite loss yet",
    )  # fmt: skip


def _highest(losses: Vector, otherwise: float) -> float:
    finite = losses[np.isfinite(losses)]
    return float(finite.max()) if len(finite) else otherwise


def _with_kept_runs(view: View, top: float) -> float:
    """Return the highest loss to draw: a kept run's too, unless this run's own would become flat beside it."""
    kept = (_highest(kept_run.losses(view.reached(Phase.LOSS)).values, 0.0) for kept_run in view.kept_runs)
    return max([top, *(each for each in kept if each <= _MOST_OVER * top)])


def _honest(view: View) -> list[Series]:
    """Return the sample-weighted losses and those at the end, of the newest finished epochs."""
    done, batches = view.history.epochs, view.history.batches
    if batches > _OVERLAID or view.waits_for(("batches",)):
        return []
    count = min(done, _MOST_EPOCHS, max(_OVERLAID // batches, 1))
    rows = view.instruments.epoch_rows(done - count, done)
    end = [(row.epoch + 1) * batches for row in rows]
    middle = [at - batches / 2 for at in end]  # a mean of the whole epoch; beside the others, not beneath them
    some = f", last {count}" if count < done else ""
    return [
        Series(middle, [row.weighted for row in rows], "points", "dpred_db", "square", f"weighted{some}"),
        Series(end, [row.end for row in rows], "points", "line_after", "up", "end"),
    ]


def _kept(view: View) -> tuple[list[Series], list[Series]]:
    """Return the kept runs' batch losses, and their letters, clear of each other and of the cursor."""
    aside = steps(view)[1] / _LETTERS
    curves, letters = [], []
    for number, kept_run in enumerate(view.kept_runs):
        at, values = kept_run.losses(view.reached(Phase.LOSS))
        curves.append(Series(at + 1, values, "line", "mean", "dotted"))
        if len(at):
            spot = int(np.searchsorted(at, at[-1] - (number + 1) * aside))
            letters.append(Series(at[spot : spot + 1] + 1, values[spot : spot + 1], "text", "mean", kept_run.letter))
    return curves, letters
