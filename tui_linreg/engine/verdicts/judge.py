"""The verdicts of one step: each quantity of the scratch model beside torch's, against its error bound.

The bounds are those of `engine.verdicts.drift`. For long batches `engine.verdicts.quick_judge` tries bounds that
are a little tighter and cost little; where they do not suffice, the exact ones decide, so the verdicts are the same.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_linreg.engine.data.curvature import Moments
from tui_linreg.engine.schedule import Place
from tui_linreg.engine.step import Side
from tui_linreg.engine.verdict import Comparison, Verdict
from tui_linreg.engine.verdicts.case import Case
from tui_linreg.engine.verdicts.compare import Elementwise, compare, worst
from tui_linreg.engine.verdicts.drift import ROUNDINGS, Drift, Precision, sum_roundings
from tui_linreg.engine.verdicts.quick_judge import QuickJudge, work_rooms

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    Vector = NDArray[np.floating[Any]]

BLOCK = 262_144
"""Elements judged at a time, so that what a pass leaves is still in the cache for the next one."""
LONG = 16_384
"""From so many samples on the quick bounds are the cheaper way."""

_SCALARS = ("loss", "grad_b", "grad_w", "b", "w")
Judged = tuple[float, float, float, float]
"""A number of ours, torch's, the part of their difference that the drift explains, and the bound on the rest."""


class Judge:
    """Judges the steps of one run; bounds come from torch's side and the explained drift, never from a mistake."""

    def __init__(self, drift: Drift, moments: Moments, lr: float, precision: Precision) -> None:
        self._drift = drift
        self._moments = moments
        self._lr = lr
        self._precision = precision
        self._rooms: list[Tensor] = []  # made once: new memory costs as much as the work done in it

    def case(self, place: Place, x: Tensor, y: Tensor, ours: Side, theirs: Side) -> Case:
        """Return a step with the drift that rounding explains before it."""
        drift_b, drift_w = self._drift.before(place.step)
        return Case(place, x, y, ours, theirs, drift_b, drift_w, self._drift.without_bound(place.step))

    def comparisons(self, case: Case) -> dict[str, Comparison]:
        """Return the verdict on every quantity, by the keys of `phases.QUANTITIES`."""
        with np.errstate(all="ignore"):
            y_pred, signal, loss = self._vectors(case)
            scalars = zip(loss, *self._parameters(case), strict=True)
            found = dict(zip(_SCALARS, case.scalars(*scalars), strict=True))
            return {"y_pred": y_pred, "loss": found.pop("loss"), "dloss_dpred": signal} | found

    def signal(self, case: Case, start: int, stop: int) -> Elementwise:
        """Compare the two ∂L/∂ŷ of rows `start` to `stop` (exclusive, from 0 within the batch), element by element."""
        rows = slice(start, stop)
        with np.errstate(all="ignore"):
            explained, bound = self._signal_limits(case, *self._limits(case, rows)[:2])
            return compare(case.host.signal[rows], case.host.their_signal[rows], explained, bound)

    def _vectors(self, case: Case) -> tuple[Comparison, Comparison, Judged]:
        """Judge ŷ and ∂L/∂ŷ, and return what the loss is judged by, which needs the vectors too."""
        m = case.place.m
        quick = self._quick(case, min(m, BLOCK)) if m >= LONG else None
        loss = quick.loss() if quick is not None else None
        sums = _LossSums(sum_roundings(float(m)) * self._precision.roundoff) if loss is None else None
        whole = _Tally(), _Tally()
        for start in range(0, m, BLOCK):
            rows = slice(start, min(start + BLOCK, m))
            y_pred, signal = quick.block(rows) if quick is not None else (None, None)
            if y_pred is None or signal is None or sums is not None:
                host = case.host
                carried, rounding, size = self._limits(case, rows)
                if sums is not None:
                    sums.add(host.their_y_pred[rows] - host.y[rows], carried, rounding, size)
                if y_pred is None:
                    y_pred = worst(compare(host.y_pred[rows], host.their_y_pred[rows], carried, rounding))
                if signal is None:
                    limits = self._signal_limits(case, carried, rounding)
                    signal = worst(compare(host.signal[rows], host.their_signal[rows], *limits))
            whole[0].add(y_pred)
            whole[1].add(signal)
        if sums is not None:
            loss = self._loss(case, sums)
        assert loss is not None
        return whole[0].comparison(), whole[1].comparison(), loss

    def _quick(self, case: Case, rows: int) -> QuickJudge | None:
        if not self._rooms or len(self._rooms[0]) < rows:
            self._rooms = work_rooms(case.x, rows)
        return QuickJudge.of(case, self._moments, self._precision, self._rooms)

    def _limits(self, case: Case, rows: slice) -> tuple[Vector, Vector, Vector]:
        """Return the explained difference of ŷ, the bound on its rounding, and the size of the numbers behind it."""
        x, y, precision = case.host.x[rows], case.host.y[rows], self._precision
        db, dw, theirs = case.drift_b, case.drift_w, case.theirs
        size = abs(theirs.b_before) + abs(db) + (abs(theirs.w_before) + abs(dw)) * np.abs(x) + np.abs(y)
        rounding = ROUNDINGS * precision.roundoff * size + 4 * precision.smallest
        # No bound where numbers of this size come near overflow, or their size is unknown.
        rounding = np.where(size * 64 < precision.largest, rounding, size.dtype.type(case.unlimited))
        return db + dw * x, rounding, size

    def _signal_limits(self, case: Case, carried: Vector, rounding: Vector) -> tuple[Vector, Vector]:
        m = case.place.m
        return 2 / m * carried, 2 / m * rounding + 4 * self._precision.smallest

    def _loss(self, case: Case, sums: _LossSums) -> Judged:
        m, precision = case.place.m, self._precision
        bound = sums.rounding / m + 4 * precision.smallest
        if not m * sums.squares * 64 < precision.largest:
            bound = case.unlimited
        return case.ours.loss, case.theirs.loss, sums.carried / m, bound

    def _parameters(self, case: Case) -> list[Judged]:
        """Return what ∂L/∂b, ∂L/∂w and the new b and w are judged by."""
        place, db, dw, reference = case.place, case.drift_b, case.drift_w, case.theirs
        states = reference.b_before, reference.w_before, reference.b_after, reference.w_after
        limits = self._drift.bounds(place.step, db, dw, states)
        sum_x, sum_xx = float(self._moments.x[place.batch]), float(self._moments.xx[place.batch])
        carried_b = 2 / place.m * (place.m * db + dw * sum_x)
        carried_w = 2 / place.m * (db * sum_x + dw * sum_xx)
        explained = [carried_b, carried_w, db - self._lr * carried_b, dw - self._lr * carried_w]
        bounds = [bound if math.isfinite(bound) else case.unlimited for bound in limits]
        ours, theirs = ([side.grad_b, side.grad_w, side.b_after, side.w_after] for side in (case.ours, case.theirs))
        return list(zip(ours, theirs, explained, bounds, strict=True))


class _Tally:
    """The verdict on a vector, from those on its blocks."""

    def __init__(self) -> None:
        self._verdict, self._ulps, self._unequal = Verdict.IDENTICAL, 0.0, 0

    def add(self, block: Comparison) -> None:
        if block.unequal:
            self._unequal += block.unequal
            self._ulps = float(np.maximum(self._ulps, block.ulps))  # unlike max(), keeps a nan
            if self._verdict is not Verdict.DIFFERS:
                self._verdict = block.verdict

    def comparison(self) -> Comparison:
        return Comparison(self._verdict, self._ulps, self._unequal)


class _LossSums:
    """Sums over a batch from which its loss is judged; `sums` is what the loss's own sum may be off, relatively."""

    def __init__(self, sums: float) -> None:
        self._sums = sums
        self.carried = self.rounding = self.squares = 0.0

    def add(self, error: Vector, carried: Vector, rounding: Vector, size: Vector) -> None:
        """Add a block; `error` is torch's ŷ − y."""
        reach = np.abs(error) + np.abs(carried)
        self.carried += float((carried * (2 * error + carried)).sum())
        self.rounding += float((rounding * (2 * reach + rounding) + self._sums * reach**2).sum())
        self.squares += float((size**2).sum())
