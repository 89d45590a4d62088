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
    """∂L/∂b of the steps whose bias gradient the cursor has reached."""
    weight_gradients: Vector
    """∂L/∂w, likewise."""


def history(timeline: Timeline, schedule: Schedule, step: int, phase: Phase) -> History:
    """Return the run as it looked when `phase` of `step` had just been computed."""

    def known(since: Phase) -> int:
        return step + 1 if phase >= since else step

    losses = timeline.losses(0, 0, known(Phase.LOSS))
    done = known(Phase.UPDATE)
    epochs = done // schedule.batches
    with np.errstate(all="ignore"):
        means = losses[: epochs * schedule.batches].reshape(epochs, schedule.batches).mean(axis=1)
    return History(
        step=step,
        batches=schedule.batches,
        losses=losses,
        epoch_means=means,
        valid=timeline.valid(0, epochs),
        biases=timeline.biases(0, 0, done + 1),
        weights=timeline.weights(0, 0, done + 1),
        bias_gradients=timeline.gradients(0, known(Phase.BIAS_GRADIENT)),
        weight_gradients=timeline.gradients(1, known(Phase.WEIGHT_GRADIENT)),
    )
