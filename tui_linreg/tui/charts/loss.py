"""The chart of the losses over steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.axes import steps
from tui_linreg.tui.charts.points import Points, Write, nearest
from tui_linreg.tui.hidden import Visible
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.plot.ranges import Values
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from tui_linreg.engine.models.metrics import EpochLosses

_HERE = Series((), (), "points", "text", "diamond", "here")
_OVERLAID = 20_000
"""Steps of the newest epochs of which more than the batch losses is drawn; computing it takes about a millisecond."""
_MOST_EPOCHS = 400
_BEGIN, _GROWS = 8, 1000.0
"""Losses of more than so many times the first ones are drawn on a logarithmic axis."""
_LETTERS = 24
"""Letters of kept runs that the width has room for."""
_MOST_OVER = 4.0
"""Kept runs of more than so many times this run's highest loss are cut at the top."""


def make(view: View) -> Chart:
    """Return batch losses, epoch means and validation losses up to the cursor, and the kept runs' epoch means.

    While a hunt hides the rest of the run, what its level shows: both models' epochs, or the batch losses.
    """
    empty = "no loss to draw yet: press →"
    if view.hidden.sight is Visible.ALL:
        series = _own(view)
        top = _with_kept_runs(view, _highest([view.history.losses.values, view.history.valid.values], 1.0))
    else:
        if view.hidden.sight is Visible.EPOCH_LOSSES:
            series, empty = _both_models(view), "no epoch is finished yet"
        else:
            series = [*_batches(view), *_here(view)]
        top = _highest([each.y for each in series], 1.0)
    log = logarithmic(view)
    y_range = None if log or not 0 < top < 1e300 else (0.0, top * 1.05)
    y_label = "loss (log)" if log else "loss"
    if log and view.log_y is None:
        y_label += ", chosen since it grows: y goes back"
    changes = _changes(view)
    series += [
        Series([at], [top], "text", "accent", "η", "learning rate changes" * (i == 0), short="η")
        for i, (at, _) in enumerate(changes)
    ]
    return Chart(
        tuple(series), "step", y_label, x_range=steps(view), y_range=y_range, log_y=log, x_integer=True,
        v_lines=(*changes, (view.history.step + 1, "muted")), empty=empty, later=(_HERE,),
    )  # fmt: skip


def _changes(view: View) -> list[tuple[float, str]]:
    """Return verticals at the first steps, up to the one after the cursor, that have another learning rate."""
    firsts = view.instruments.session.config.rates.firsts[1:]
    return [(first + 1, "accent") for first in firsts if first <= view.history.step + 1]


def points(view: View) -> Points:
    """Return the batch losses; the words say, at the end of an epoch, its mean and validation loss too."""
    if view.hidden.sight is Visible.EPOCH_LOSSES:
        return _points_of_epochs(view)
    history, only = view.history, view.hidden.sight is Visible.LOSS_CURVE
    (at, values), means, valid = history.losses, history.epoch_means, history.valid

    def words(i: int, write: Write) -> str:
        epoch, batch = divmod(int(at[i]), history.batches)
        parts = [f"step {at[i] + 1}, epoch {epoch + 1}, batch {batch + 1}", f"loss {write(float(values[i]))}"]
        if batch + 1 == history.batches and not only:
            ends = (("mean", means.value(epoch)), ("validation", valid.value(epoch)))
            parts += [f"{name} {write(value)}" for name, value in ends if value is not None]
        return "  ".join(parts)

    return Points((at + 1).astype(float), values, words, nearest(at, history.step), history.batches, steps=at)


def _points_of_epochs(view: View) -> Points:
    """Return the epoch means of the hand-written model, while both models' epochs are all there is to see."""
    rows, batches = _both_rows(view), view.history.batches

    def words(i: int, write: Write) -> str:
        ours, torch = rows[i]
        losses = f"mean {write(ours.mse)}, torch {write(torch.mse)}"
        return f"epoch {ours.epoch + 1}  {losses}  validation {write(ours.mse_v)}, torch {write(torch.mse_v)}"

    ends = np.array([(ours.epoch + 1) * batches for ours, _ in rows], dtype=np.int64)
    means = np.array([ours.mse for ours, _ in rows])
    return Points(ends.astype(float), means, words, max(len(rows) - 1, 0), steps=ends - 1)


def logarithmic(view: View) -> bool:
    """Say whether the y axis is logarithmic: as the user chose, else where the losses grow by more than 1000 times.

    On a linear axis all of such a run but its last steps is a flat line.
    """
    if view.log_y is not None:
        return view.log_y
    hidden = view.hidden.sight is Visible.EPOCH_LOSSES
    losses = np.asarray(_both_models(view)[0].y if hidden else view.history.losses.values, dtype=np.float64)
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        return False
    # Not the first alone: the loss of a batch of one sample may happen to be tiny.
    early = np.sort(finite[:_BEGIN])
    begin = max(float(finite[0]), float(early[(len(early) - 1) // 2]))
    return begin > 0 and float(finite.max()) / _GROWS > begin


def _highest(losses: Iterable[Values], otherwise: float) -> float:
    values = np.concatenate([np.asarray(each, dtype=np.float64) for each in losses])
    finite = values[np.isfinite(values)]
    return float(finite.max()) if len(finite) else otherwise


def _own(view: View) -> list[Series]:
    """Return all losses of this run and of the kept ones."""
    history = view.history
    means, valid, honest = history.epoch_means, history.valid, view.panel == "epoch_losses"
    mean = "notebook" if honest else "mean"
    curves = [
        *_line((means.at + 1) * history.batches, means.values, "mean", "dot", "big", mean),
        *_line((valid.at + 1) * history.batches, valid.values, "valid", "dash", "ring", "validation", 1, "valid"),
    ]
    if honest:
        curves += _honest(view)
    curves.sort(key=lambda curve: curve.kind == "points")  # no line covers a marker
    series = [*_batches(view), *curves]
    if view.kept_runs:
        # Curves lie below this run's own; letters lie above it, since only they tell one kept run from another.
        kept, letters = _kept(view)
        series = [*kept, *series, *letters]
    return series if view.hides("loss") else [*series, *_here(view)]


def _batches(view: View) -> list[Series]:
    """Return the batch losses as points: of few samples beside each other they scatter, a line would be a fence.

    The last batch of an epoch may be short; its loss scatters more, and is a smaller point.
    """
    (at, values), batches = view.history.losses, view.history.batches
    rest = view.run.n_train % view.run.schedule.batch_size
    if not rest:
        return [Series(at + 1, values, "points", "batch", "fat", "batch")]
    short = (at + 1) % batches == 0
    full = Series(at[~short] + 1, values[~short], "points", "batch", "fat", "batch")
    one = f"short batch ({rest} of {view.run.schedule.batch_size})"
    return [full, Series(at[short] + 1, values[short], "points", "batch", "dot", one, short="short")]


def _line(
    at: Values, values: Values, color: str, style: str, marker: str, label: str, back: int = 0, short: str | None = None
) -> list[Series]:
    """Return a curve over epochs, and its marker so many epochs before the newest: none covers another."""
    place = max(len(at) - 1 - back, 0)
    here = slice(place, place + 1)
    return [
        Series(at, values, "line", color, style),
        Series(at[here], values[here], "points", color, marker, label, short=short),
    ]


def _here(view: View) -> list[Series]:
    """Return the loss at the cursor, once it is computed."""
    if not view.reached(Phase.LOSS):
        return []
    return [replace(_HERE, x=[view.history.step + 1], y=[view.step.scratch.loss])]


def _with_kept_runs(view: View, top: float) -> float:
    """Return the highest loss to draw: a kept run's too, unless this run's own would become flat beside it."""
    kept = (_highest([kept_run.epoch_means(view.reached(Phase.LOSS)).values], 0.0) for kept_run in view.kept_runs)
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
    weighted = f"weighted, last {count}" if count < done else "weighted"
    return [
        *_line(middle, [row.weighted for row in rows], "dpred_db", "dotted", "square", weighted, 2, "weighted"),
        *_line(end, [row.end for row in rows], "line_after", "dotted", "up", "end", 3),
    ]


def _kept(view: View) -> tuple[list[Series], list[Series]]:
    """Return the kept runs' epoch means, and their letters, clear of each other and of the cursor."""
    aside = steps(view)[1] / _LETTERS
    curves, letters = [], []
    for number, kept_run in enumerate(view.kept_runs):
        epochs, values = kept_run.epoch_means(view.reached(Phase.LOSS))
        at = (epochs + 1) * kept_run.session.schedule.batches
        curves.append(Series(at, values, "line", "mean", "dotted"))
        if len(at):
            spot = min(int(np.searchsorted(at, at[-1] - (number + 1) * aside)), len(at) - 1)
            here = slice(spot, spot + 1)
            letters.append(Series(at[here], values[here], "text", "mean", kept_run.letter, kept_run.what, short=""))
    return curves, letters


def _both_models(view: View) -> list[Series]:
    """Return both models' losses of the newest finished epochs."""
    rows, batches = _both_rows(view), view.history.batches
    at = [(ours.epoch + 1) * batches for ours, _ in rows]
    mean, torch_mean = ([row[side].mse for row in rows] for side in (0, 1))
    valid, torch_valid = ([row[side].mse_v for row in rows] for side in (0, 1))
    # torch's markers lie over the line: where both losses are the same, the line goes through them.
    return [
        Series(at, mean, "line", "mean"),
        Series(at, mean, "points", "mean", "big", "mean"),
        Series(at, valid, "points", "valid", "ring", "validation", short="valid"),
        Series(at, torch_mean, "points", "line_after", "plus", "mean torch"),
        Series(at, torch_valid, "points", "text", "cross", "validation torch", short="valid torch"),
    ]


def _both_rows(view: View) -> list[tuple[EpochLosses, EpochLosses]]:
    """Return the losses of both models of the newest finished epochs."""
    done = view.history.epochs
    count = min(done, _MOST_EPOCHS, max(_OVERLAID // view.history.batches, 1))
    return view.instruments.both_losses(done - count, done)
