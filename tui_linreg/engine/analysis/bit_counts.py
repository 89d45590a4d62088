"""How many steps of a run are bit for bit the same on both sides, of what the timeline keeps: cheap in every frame."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tui_linreg.engine.training.timeline import Timeline
from tui_linreg.engine.verdicts.compare import identical

COUNTED_FROM = 4096
"""The first step counted is a multiple of this, so that it does not change with every step."""
_MOST = 131_072


class Counted(NamedTuple):
    """A count."""

    start: int
    """The first step counted, from 0: 0 unless the run is very long."""
    stop: int
    """The step that was not counted any more."""
    same: int


def count_kept(timeline: Timeline, quantity: int, stop: int) -> Counted:
    """Count the last steps before `stop` whose loss (quantity 0), new b (1) or new w (2) is the same on both sides.

    At most 131 072 steps are counted, from a multiple of 4096 on.
    """
    start = max(0, stop // COUNTED_FROM - _MOST // COUNTED_FROM + 1) * COUNTED_FROM
    if quantity == 0:
        ours, theirs = (timeline.losses(side, start, stop) for side in (0, 1))
    else:
        read = timeline.biases if quantity == 1 else timeline.weights
        ours, theirs = (read(side, start + 1, stop + 1) for side in (0, 1))  # after the steps, not before
    return Counted(start, stop, int(np.count_nonzero(identical(ours, theirs))))
