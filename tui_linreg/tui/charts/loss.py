"""The chart of the losses over steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.axes import label, steps
from tui_linreg.tui.plot_chart import Chart, Series
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from tui_linreg.tui.ghosts import GhostAt

_OVERLAID = 20_000
"""Steps of the newest epochs whose honest losses are drawn; asking for them takes about a millisecond."""
_MOST_EPOCHS = 400


def loss(view: View) -> Chart:
    """Return batch losses, epoch means and validation losses up to the cursor, and the kept runs' batch losses."""
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
    if view.ghosts:
        # Beneath this run's own; their places in the legend come after it.
        series = [part for ghost in view.ghosts for part in _ghost(ghost, view.reached(Phase.LOSS))] + series
        series += [label("line", "mean", "dotted", ghost.name) for ghost in view.ghosts]
    if view.reached(Phase.LOSS):
        series.append(Series([history.step + 1], [view.step.scratch.loss], "points", "batch", "diamond", "here"))
    known = np.concatenate([losses.values, valid.values])
    known = known[np.isfinite(known)]
    top = float(known.max()) if len(known) else 1.0
    y_range = None if view.log_y or not 0 < top < 1e300 else (0.0, top * 1.05)
    return Chart(
        tuple(series), "step", "loss (log)" if view.log_y else "loss", x_range=steps(view), y_range=y_range,
        log_y=view.log_y, x_integer=True, v_lines=((history.step + 1, "stem"),), empty="no finite loss yet",
    )  # fmt: skip


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


def _ghost(ghost: GhostAt, reached: bool) -> list[Series]:
    """Return a kept run's batch losses, its letter where they end."""
    curve = ghost.losses(reached)
    return [
        Series(curve.at + 1, curve.values, "line", "mean", "dotted"),
        Series(curve.at[-1:] + 1, curve.values[-1:], "text", "mean", ghost.letter),
    ]
