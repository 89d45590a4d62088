"""`History`: the run up to the cursor, as charts draw it. Nothing later than the cursor is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tui_linreg.engine.minibatch import Schedule
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.timeline import Timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class History:
    """Read-only arrays over the steps (or epochs) that the cursor has reached, of the scratch model."""

    step: int
    """The cursor's step, from 0."""
    batches: int
    """Mini-batches in an epoch."""
    losses: Vector
    """Batch losses of steps 0, 1, …; the cursor's own only from the loss phase on."""
    epoch_means: Vector
    """Unweighted mean of each finished epoch's batch losses."""
    valid: Vector
    """Validation loss after each finished epoch."""
    biases: Vector
    """b before steps 0, 1, …, the cursor's own included; one more once its update is reached."""
    weights: Vector
    """w, likewise."""
    bias_gradients: Vector
    """∂L/∂b of the finished steps, as (b before − b after) / η: exact to rounding, meant to be drawn."""
    weight_gradients: Vector
    """∂L/∂w, likewise."""


def history(timeline: Timeline, schedule: Schedule, lr: float, step: int, phase: Phase) -> History:
    """Return the run as it looked when `phase` of `step` had just been computed."""
    done = step + 1 if phase is Phase.UPDATE else step
    losses = timeline.losses(0, 0, step + 1 if phase >= Phase.LOSS else step)
    epochs = done // schedule.batches
    biases, weights = timeline.biases(0, 0, done + 1), timeline.weights(0, 0, done + 1)
    with np.errstate(all="ignore"):
        means = losses[: epochs * schedule.batches].reshape(epochs, schedule.batches).mean(axis=1)
        gradients = [(values[:-1] - values[1:]) / lr for values in (biases, weights)]
    return History(step, schedule.batches, losses, means, timeline.valid(0, epochs), biases, weights, *gradients)
