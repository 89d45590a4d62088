"""What steps are judged by: their numbers, what rounding explains, and the bounds on their vectors and sums.

Steps of one batch length are judged together, a single one likewise.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_linreg.engine.verdicts.bounds import ROUNDINGS, Precision
from tui_linreg.engine.verdicts.sums import is_plain_sum, lost_by_adding

Steps = NDArray[np.int64]
Table = NDArray[np.float64]
Rows = NDArray[np.floating[Any]]
"""Vectors of k steps, shape (k, m)."""

LOSS, GRAD_B, GRAD_W, B, W = range(5)
"""The columns of `SideNumbers.scalars`."""


class SideNumbers(NamedTuple):
    """What one model computed in k steps of m samples each."""

    y_pred: Rows
    signal: Rows
    """∂L/∂ŷ."""
    scalars: Table
    """Shape (k, 5): the loss, ∂L/∂b, ∂L/∂w, and b and w after the step."""


class StepNumbers(NamedTuple):
    """All that k steps of m samples each are judged by."""

    steps: Steps
    """Their numbers, from 0, in any order."""
    x: Rows
    y: Rows
    scratch: SideNumbers
    torch: SideNumbers


class Explained(NamedTuple):
    """What rounding explains of some steps, arrays of shape (k,)."""

    b: Table
    """Δb before each step."""
    w: Table
    at_overflow: Table
    """The bound where an overflow leaves none: inf, but 0 once a number went wrong before the step.

    A correct run overflows in both models; after a mistake, whatever is not identical there differs.
    """
    together: NDArray[np.bool_]
    """Shape (2, k): whether b, or w, is at this step off by more than all steps together can be by rounding."""


class Basis(NamedTuple):
    """What k steps are judged by: their numbers, what rounding explains before them, and torch's b and w there."""

    numbers: StepNumbers
    explained: Explained
    before: tuple[Table, Table]
    precision: Precision

    def only(self, at: slice | Steps) -> Basis:
        """Return the same of some of the steps, in their order."""
        if len(self.numbers.steps[at]) == len(self.numbers.steps):
            return self
        numbers, explained = self.numbers, self.explained
        sides = [
            SideNumbers(side.y_pred[at], side.signal[at], side.scalars[at]) for side in (numbers.scratch, numbers.torch)
        ]
        return Basis(
            StepNumbers(numbers.steps[at], numbers.x[at], numbers.y[at], sides[0], sides[1]),
            Explained(explained.b[at], explained.w[at], explained.at_overflow[at], explained.together[:, at]),
            (self.before[0][at], self.before[1][at]),
            self.precision,
        )

    def of_y_pred(self, rows: slice) -> tuple[Rows, Rows]:
        """Return the explained difference of ŷ and the bound on its rounding, shape (k, rows)."""
        x, y = self.numbers.x[:, rows], self.numbers.y[:, rows]
        explained, precision = self.explained, self.precision
        unit = ROUNDINGS * precision.roundoff

        def column(values: Any) -> Rows:
            return np.asarray(values, dtype=x.dtype)[:, None]

        slope = np.abs(self.before[1]) + np.abs(explained.w)
        bound = np.abs(x)
        bound *= column((unit + precision.coarser) * slope)
        bound += column(unit * (np.abs(self.before[0]) + np.abs(explained.b)) + 4 * precision.smallest)
        size = np.abs(y)
        size *= x.dtype.type(unit)
        bound += size
        # No bound where numbers of this size come near overflow, or their size is unknown.
        limit = x.dtype.type(precision.largest / 64 * unit)
        if not bound.max() < limit:
            bound = np.where(bound < limit, bound, column(explained.at_overflow))
        difference = x * column(explained.w)
        difference += column(explained.b)
        return difference, bound

    def of_signal(self, difference: Rows, bound: Rows) -> tuple[Rows, Rows]:
        """Return the same of ∂L/∂ŷ, from those of ŷ."""
        factor = 2 / self.numbers.x.shape[1]
        return factor * difference, factor * bound + 4 * self.precision.smallest

    def lost_by_sum(self, which: int, enough: Table) -> Table:
        """Return what one of the sums (`LOSS`, `GRAD_B` or `GRAD_W`) may lose in each step, shape (k,).

        It is measured on torch's terms, so that no mistake widens it. A plain loop rounds by the last digits of its own
        terms: what is, to the bit, the sum of those in a common order is right however far it is off.

        Args:
            which: the sum.
            enough: what would explain the difference that is judged, shape (k,): more is not looked for.
        """
        m = self.numbers.x.shape[1]
        scale = m if which == LOSS else 1
        theirs = self.numbers.torch.scalars[:, which] * scale
        lost = lost_by_adding(self._terms(self.numbers.torch, which), theirs, enough * scale) / scale
        short = np.flatnonzero(~(lost >= enough))
        if len(short):
            short = short[self.only(short)._is_plain_sum(which)]
            lost[short] = np.fmax(lost[short], self.only(short)._difference(which))
        return lost

    def _is_plain_sum(self, which: int) -> NDArray[np.bool_]:
        """Say of each step whether one of its sums is one in a common order, of terms that are inside their bounds."""
        ours, x, m = self.numbers.scratch, self.numbers.x, self.numbers.x.shape[1]
        if which == LOSS:
            return self._inside(y_pred=True) & is_plain_sum(self._terms(ours, LOSS), 1, m, ours.scalars[:, LOSS])
        found = self._inside(y_pred=False) & is_plain_sum(self._terms(ours, which), 1, 1, ours.scalars[:, which])
        residual = ours.y_pred - self.numbers.y
        late = is_plain_sum(residual * x if which == GRAD_W else residual, 2, m, ours.scalars[:, which])
        return found | (self._inside(y_pred=True) & late)

    def _difference(self, which: int) -> Table:
        """Return |ours − torch's − explained| of a sum in each step, shape (k,)."""
        ours, theirs = self.numbers.scratch.scalars[:, which], self.numbers.torch.scalars[:, which]
        x = self.numbers.x.astype(np.float64)
        explained = x * self.explained.w[:, None] + self.explained.b[:, None]
        if which == LOSS:
            explained *= 2 * (self.numbers.torch.y_pred - self.numbers.y) + explained
        else:
            explained *= 2 * x if which == GRAD_W else 2
        difference: Table = np.abs(ours - theirs - explained.mean(axis=1))
        return difference

    def _terms(self, side: SideNumbers, which: int) -> Rows:
        if which == LOSS:
            return (side.y_pred - self.numbers.y) ** 2
        return side.signal * self.numbers.x if which == GRAD_W else side.signal

    def _inside(self, *, y_pred: bool) -> NDArray[np.bool_]:
        """Say of each step whether all of ŷ, or of ∂L/∂ŷ, is inside its bound."""
        difference, bound = self.of_y_pred(slice(None))
        ours, theirs = self.numbers.scratch.y_pred, self.numbers.torch.y_pred
        if not y_pred:
            difference, bound = self.of_signal(difference, bound)
            ours, theirs = self.numbers.scratch.signal, self.numbers.torch.signal
        inside: NDArray[np.bool_] = np.logical_and.reduce(np.abs(ours - theirs - difference) <= bound, axis=1)
        return inside
