"""The test over a whole run: what updates are off one way, added up until it is more than chance.

A mistake may hide below the bound in every step. What an update is off the rounded θ − η g, with the model's own g, is
added up with its sign; where it goes one way in most steps, the sum grows (CUSUM: Page, Continuous inspection schemes,
1954).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tui_linreg.engine.verdicts.bounds import Vector

TOGETHER = 64.0
"""So many units one way, beyond `_FREE` of one a step, are more than chance."""
_FREE = 0.25


@dataclass(slots=True)
class OneWay:
    """Of b or w: what its updates were off one way beyond `_FREE` each, downwards and upwards."""

    sums: list[float] = field(default_factory=lambda: [0.0, 0.0])
    since: list[int] = field(default_factory=lambda: [0, 0])
    """The step at which each sum last began at 0."""

    def add(self, first: int, off: Vector) -> tuple[int, int] | None:
        """Add steps `first`, `first` + 1, … and return (the step where a sum is too large, the step it began)."""
        found: list[tuple[int, int]] = []
        for way, sign in enumerate((-1.0, 1.0)):
            totals = self.sums[way] + np.cumsum(sign * off - _FREE)
            lowest = np.minimum.accumulate(np.minimum(totals, 0))
            above = totals - lowest
            at_zero = np.flatnonzero(above == 0)
            hits = np.flatnonzero(above > TOGETHER)
            end = hits[0] if len(hits) else len(off)
            zeros_before = at_zero[: np.searchsorted(at_zero, end)]
            if len(zeros_before):
                self.since[way] = first + int(zeros_before[-1]) + 1
            if len(hits):
                found.append((first + int(hits[0]), self.since[way]))
            self.sums[way] = float(above[-1])
        return min(found, default=None)
