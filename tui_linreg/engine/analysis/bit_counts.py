"""How many steps of a run are bit for bit the same on both sides, of what the timeline keeps: cheap in every frame."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from tui_linreg.engine.training.blocks import ROWS
from tui_linreg.engine.training.timeline import Timeline
from tui_linreg.engine.verdicts.compare import identical

_MOST_BLOCKS = 32
"""Unpacking so many takes some 8 ms, once."""


class Counted(NamedTuple):
    """A count."""

    start: int
    """The first step counted, from 0: 0 unless the run is very long."""
    stop: int
    """The step that was not counted any more."""
    same: int


_KEPT: WeakKeyDictionary[Timeline, dict[tuple[int, int], int]] = WeakKeyDictionary()
"""Of each timeline: the count of each (quantity, block of `ROWS` steps) that is behind the cursor for good."""


def count_kept(timeline: Timeline, quantity: int, stop: int) -> Counted:
    """Count the last steps before `stop` whose loss (quantity 0), new b (1) or new w (2) is the same on both sides.

    At most 131 072 steps are counted, from a multiple of 4096 on.
    """
    first = max(0, stop // ROWS - _MOST_BLOCKS + 1)
    blocks = _KEPT.setdefault(timeline, {})
    same = 0
    for number in range(first, stop // ROWS):
        found = blocks.get((quantity, number))
        if found is None:
            found = blocks[quantity, number] = _count(timeline, quantity, number * ROWS, (number + 1) * ROWS)
        same += found
    return Counted(first * ROWS, stop, same + _count(timeline, quantity, stop // ROWS * ROWS, stop))


def _count(timeline: Timeline, quantity: int, start: int, stop: int) -> int:
    if quantity == 0:
        ours, theirs = (timeline.losses(side, start, stop) for side in (0, 1))
    else:
        read = timeline.biases if quantity == 1 else timeline.weights
        ours, theirs = (read(side, start + 1, stop + 1) for side in (0, 1))  # after the steps, not before
    return int(np.count_nonzero(identical(ours, theirs)))
