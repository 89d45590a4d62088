"""How many steps of a run are bit for bit the same on both sides, by quantity, and where the first bit differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor

from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.progress import Cancelled, Pace, Progress
from tui_linreg.engine.step import Side, Step
from tui_linreg.engine.training.session import Session
from tui_linreg.engine.verdicts.bits import FloatBits, float_bits, identical, on_host


@dataclass(frozen=True, slots=True)
class FirstBits:
    """The first number of a run that is not bit for bit the same on both sides."""

    step: int
    key: str
    """The quantity, a key of `QUANTITIES`: the first in phase order that differs in that step."""
    row: int | None
    """Of a vector: the first row that differs, from 0 within the batch."""
    ours: float
    theirs: float
    single: bool
    """Whether the numbers are float32."""

    @property
    def bits(self) -> tuple[FloatBits, FloatBits]:
        """The bits of both, ours and theirs."""
        return float_bits(self.ours, self.single), float_bits(self.theirs, self.single)


@dataclass(frozen=True, slots=True)
class Identity:
    """How many of a run's first `steps` steps are the same to the last bit."""

    steps: int
    """Steps counted: all that were trained, fewer when the work was cancelled."""
    same: Mapping[str, int]
    """Of each quantity, by the keys of `QUANTITIES`: in how many steps all of it is the same. Every nan is one nan."""
    whole: int
    """Steps in which all quantities are the same."""
    first: FirstBits | None
    """The first difference; None where there is none."""


def count_identity(
    session: Session, end: int | None = None, *, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> Identity:
    """Count the steps of a run that are bit for bit the same, by quantity.

    Args:
        session: the run; it may go on training meanwhile.
        end: how many steps, from the first, those not trained yet are trained; None: all that are trained now.
        progress: called with (steps counted, steps to count).
        cancelled: asked now and then; True ends the work, and what was counted so far is returned.
    """
    end = session.trained if end is None else end
    pace = Pace(end, progress, cancelled)
    same = dict.fromkeys((quantity.key for quantity in QUANTITIES), 0)
    whole, steps = 0, 0
    first: FirstBits | None = None
    for step in session.walk(0, end):
        if pace.stops(steps):
            break
        unequal = [key for key in same if step.comparisons[key].unequal]
        for key in same:
            same[key] += key not in unequal
        if unequal and first is None:
            first = _first_bits(step, unequal[0], single=session.dtype == torch.float32)
        whole += not unequal
        steps += 1
    else:
        pace.finish(steps)
    return Identity(steps, MappingProxyType(same), whole, first)


def _first_bits(step: Step, key: str, *, single: bool) -> FirstBits:
    ours, theirs = _value(step.scratch, key), _value(step.torch, key)
    if not isinstance(ours, Tensor) or not isinstance(theirs, Tensor):
        assert isinstance(ours, float)
        assert isinstance(theirs, float)
        return FirstBits(step.place.step, key, None, ours, theirs, single)
    one, other = on_host(ours), on_host(theirs)
    row = int(np.argmin(identical(one, other)))
    return FirstBits(step.place.step, key, row, float(one[row]), float(other[row]), single)


def _value(side: Side, key: str) -> Tensor | float:
    value: Tensor | float = getattr(side, {"b": "b_after", "w": "w_after"}.get(key, key))
    return value
