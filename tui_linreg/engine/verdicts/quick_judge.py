"""Sufficient conditions for "rounding" that cost a long batch a few passes, on the device where its numbers are."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from tui_linreg.engine.data.curvature import Moments
from tui_linreg.engine.verdict import Comparison, Verdict
from tui_linreg.engine.verdicts.case import Case
from tui_linreg.engine.verdicts.drift import ROUNDINGS, Precision, sum_roundings


def work_rooms(like: Tensor, rows: int) -> list[Tensor]:
    """Return what a `QuickJudge` works in, for blocks of so many rows of `like`'s kind."""
    return [like.new_empty(rows) for _ in range(3)]


class QuickJudge:
    """Judges one step by bounds a little tighter than the exact ones.

    A difference of ŷ that the drift does not explain is within U (B + W |x| + |y|) with B = |b| + |Δb|, W likewise and
    U = 15.9 u; one of ∂L/∂ŷ, times m/2, as well. Of the exact bounds these are 15.9/16, which leaves more than the
    roundings on the way to either. A small drift is taken off B and W, so that no vector of it is needed. Bit patterns
    subtracted tell the ulps while no pair is of two signs or not finite.
    """

    def __init__(self, case: Case, drift_square: float, precision: Precision, rooms: Sequence[Tensor]) -> None:
        self._unit = (ROUNDINGS - 0.1) * precision.roundoff
        drift_b, drift_w = abs(case.drift_b), abs(case.drift_w)
        self._b, self._w = abs(case.theirs.b_before) + drift_b, abs(case.theirs.w_before) + drift_w
        self._small_drift = 2 * drift_b <= self._unit * self._b and 2 * drift_w <= self._unit * self._w
        if self._small_drift:
            self._b, self._w = self._b - drift_b / self._unit, self._w - drift_w / self._unit
        self._case = case
        self._drift_square = drift_square
        self._sums = sum_roundings(float(case.place.m)) * precision.roundoff
        self._smallest = precision.smallest / precision.roundoff**2
        double = case.x.dtype == torch.float64
        self._whole, self._far = (torch.int64, 2**52) if double else (torch.int32, 2**23)
        self._rooms = rooms
        self._drift_b = case.x.new_tensor(case.drift_b)

    @classmethod
    def of(cls, case: Case, moments: Moments, precision: Precision, rooms: Sequence[Tensor]) -> QuickJudge | None:
        """Return the judge of a step; None where its numbers are too large or small.

        `rooms` are three tensors to work in, as `work_rooms` makes them; a block may have as many rows as they.
        """
        batch, m = case.place.batch, case.place.m
        b, w = abs(case.theirs.b_before), abs(case.theirs.w_before)
        db, dw = abs(case.drift_b), abs(case.drift_w)
        size = b + db + (w + dw) * float(moments.max_x[batch]) + float(moments.max_y[batch])
        if not size * size * m * m * 128 < precision.largest:
            return None
        mean_x, mean_xx = abs(float(moments.x[batch])) / m, float(moments.xx[batch]) / m
        found = cls(case, db * db + 2 * db * dw * mean_x + dw * dw * mean_xx, precision, rooms)
        return found if min(found._b, found._w) * found._unit / m > found._smallest else None

    def loss(self) -> tuple[float, float, float, float] | None:
        """Return a loss certainly within its bound as (ours, torch's, 0, inf), without a look at a vector; else None.

        By Cauchy and Schwarz the drift explains at most 2 √(d² L) + d² of its difference, d² being its mean square.
        """
        ours, theirs, drift = self._case.ours.loss, self._case.theirs.loss, self._drift_square
        carried = 2 * math.sqrt(drift * theirs) + drift if theirs >= 0 else math.nan
        if not (theirs > self._smallest and abs(ours - theirs) + carried <= 0.9 * self._sums * theirs):
            return None
        return ours, theirs, 0.0, math.inf

    def block(self, rows: slice) -> tuple[Comparison | None, Comparison | None]:
        """Judge these rows of ŷ and of ∂L/∂ŷ; None where that does not decide."""
        case, m = self._case, self._case.place.m
        x, y, ours, theirs = case.x[rows], case.y[rows], case.ours, case.theirs
        size, room, drift = (part[: len(x)] for part in self._rooms)
        with torch.inference_mode():
            torch.abs(y, out=size)
            size.add_(torch.abs(x, out=room), alpha=self._w)
            if not self._small_drift:
                torch.add(self._drift_b, x, alpha=case.drift_w, out=drift)
            y_pred = self._one(ours.y_pred[rows], theirs.y_pred[rows], 1.0, size, room, drift)
            signal = self._one(ours.dloss_dpred[rows], theirs.dloss_dpred[rows], m / 2, size, room, drift)
        return y_pred, signal

    def _one(
        self, ours: Tensor, theirs: Tensor, factor: float, size: Tensor, room: Tensor, drift: Tensor
    ) -> Comparison | None:
        """Judge two vectors whose difference times `factor` is to be within U (B + `size`)."""
        apart = torch.sub(ours.view(self._whole), theirs.view(self._whole), out=room.view(self._whole))
        unequal = int(torch.count_nonzero(apart))
        if not unequal:
            return Comparison(Verdict.IDENTICAL, 0.0, 0)
        low, high = torch.aminmax(apart)
        ulps = max(int(high), -int(low))
        torch.sub(ours, theirs, out=room)
        if not self._small_drift:
            room.sub_(drift, alpha=1 / factor)
        # A nan anywhere fails this, and so does an infinity.
        left = torch.sub(size, room.abs_(), alpha=factor / self._unit, out=room).min()
        if ulps >= self._far or not float(left) >= -self._b:
            return None
        return Comparison(Verdict.ROUNDING, float(ulps), unequal)
