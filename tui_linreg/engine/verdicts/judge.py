"""The verdicts of steps: each quantity of the scratch model beside torch's, bit by bit and against its error bound.

Steps of one batch length are judged together, a single one likewise. The bounds are those of
`engine.verdicts.bounds`, `sums` and `drift`; they come from torch's side and the explained drift, never from a mistake.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.step import Comparison, Verdict
from tui_linreg.engine.verdicts.basis import GRAD_B, GRAD_W, LOSS, B, Basis, Rows, StepNumbers, Table, W
from tui_linreg.engine.verdicts.bits import Bools, Vector, bits, identical, ulps_apart
from tui_linreg.engine.verdicts.bounds import ROUNDINGS
from tui_linreg.engine.verdicts.drift import Drift

BLOCK = 65536
"""Elements judged at a time, so that they stay in the processor's cache."""


_SCALARS = ("loss", "grad_b", "grad_w", "b", "w")


@dataclass(frozen=True, slots=True)
class Elementwise:
    """A comparison element by element, arrays of one shape."""

    same: Bools
    outside: Bools
    ulps: NDArray[np.float64]


def compare(ours: Vector, theirs: Vector, explained: Vector, bound: Vector) -> Elementwise:
    """Compare arrays of one shape and one dtype element by element.

    Args:
        ours: the scratch model's values.
        theirs: torch's values.
        explained: the part of ours − theirs that follows from the parameters' drift before this step.
        bound: on the rounding of what is left; inf or nan where an overflow makes rounding unbounded.
    """
    same = identical(ours, theirs)
    with np.errstate(all="ignore"):
        # Not "> bound": a difference that is nan is outside, unless there is no bound.
        inside = (np.abs(ours - theirs - explained) <= bound) | ~np.isfinite(bound)
    return Elementwise(same, ~(inside | same), ulps_apart(ours, theirs, same))


def each(elements: Elementwise) -> list[Comparison]:
    """Return one comparison for each element of a comparison of shape (m,)."""
    rows = zip(elements.same.tolist(), elements.outside.tolist(), elements.ulps.tolist(), strict=True)
    return [_comparison(int(not same), outside, ulps) for same, outside, ulps in rows]


def _comparison(unequal: int, outside: bool, ulps: float, together: bool = False) -> Comparison:
    if not unequal:
        return Comparison(Verdict.IDENTICAL, 0.0, 0)
    return Comparison(Verdict.DIFFERS if outside or together else Verdict.ROUNDING, ulps, unequal, together)


class Compared(NamedTuple):
    """One quantity of k steps, compared; arrays of shape (k,)."""

    unequal: NDArray[np.int64] | Bools
    """Elements that are not bit for bit the same."""
    outside: Bools
    """Whether one of them is outside its bound."""
    ulps: NDArray[np.float64]
    """The most floats between two of them; nan where one of them is not finite."""
    together: Bools
    """Whether it is off by more than all steps together can be by rounding."""


class Judged:
    """The verdicts on k steps.

    Args:
        basis: what they were judged by.
        quantities: what was found, by the keys of `phases.QUANTITIES`.
    """

    def __init__(self, basis: Basis, quantities: dict[str, Compared]) -> None:
        self._basis = basis
        self._quantities = [(quantity.key, quantities[quantity.key]) for quantity in QUANTITIES]

    def comparisons(self, index: int) -> dict[str, Comparison]:
        """Return the comparisons of the step at `index` (from 0), by the keys of `phases.QUANTITIES`."""
        return {key: _comparison(*(column[index].item() for column in found)) for key, found in self._quantities}

    def signal(self, index: int, start: int, stop: int) -> list[Comparison]:
        """Compare rows `start` to `stop` (exclusive) of the two ∂L/∂ŷ of one step, element by element."""
        own, rows = self._basis.only(slice(index, index + 1)), slice(start, stop)
        with np.errstate(all="ignore"):
            ours, theirs = (side.signal[:, rows] for side in (own.numbers.scratch, own.numbers.torch))
            found = compare(ours, theirs, *own.of_signal(*own.of_y_pred(rows)))
        return each(Elementwise(found.same[0], found.outside[0], found.ulps[0]))


class Judge:
    """Judges the steps of one run.

    Args:
        drift: of that run.
    """

    def __init__(self, drift: Drift) -> None:
        self.drift = drift

    def judge(self, numbers: StepNumbers) -> Judged:
        """Return the verdicts on k steps."""
        drift = self.drift
        basis = Basis(numbers, drift.explained(numbers.steps), drift.torch_before(numbers.steps), drift.precision)
        with np.errstate(all="ignore"):
            y_pred, signal = _vectors(basis)
            return Judged(basis, {"y_pred": y_pred, "dloss_dpred": signal} | self._scalars(basis))

    def _scalars(self, basis: Basis) -> dict[str, Compared]:
        """Compare L, ∂L/∂b, ∂L/∂w and the new b and w."""
        numbers, explained = basis.numbers, basis.explained
        drift, db, dw = self.drift, explained.b, explained.w
        steps, lr = numbers.steps, drift.rates.over(numbers.steps)
        own = drift.moments.of(steps % len(drift.moments.m))
        of_b = 2 * (db + dw * (own.x / own.m))
        of_w = 2 * (db * (own.x / own.m) + dw * (own.xx / own.m))
        theirs = numbers.torch.scalars
        # L is a quadratic function of b and w, so its difference is that of its Taylor expansion.
        of_loss = theirs[:, GRAD_B] * db + theirs[:, GRAD_W] * dw + (of_b * db + of_w * dw) / 2
        differences = np.stack([of_loss, of_b, of_w, db - lr * of_b, dw - lr * of_w], axis=1)
        ours = numbers.scratch.scalars
        rest = np.abs(ours - theirs - differences)
        limits = drift.bounds(steps, (db, dw))
        loss = self._loss_bound(basis)
        bounds = np.stack([loss, *limits], axis=1)
        lost = _lost_by_sums(basis, rest - bounds, lr)
        bounds += np.stack([lost[0], lost[1], lost[2], lr * lost[1], lr * lost[2]], axis=1)
        bounds = np.where(np.isfinite(bounds), bounds, explained.at_overflow[:, None])
        outside = ~((rest <= bounds) | ~np.isfinite(bounds))
        single, single_theirs = (table.astype(numbers.x.dtype) for table in (ours, theirs))
        same = identical(single, single_theirs)
        ulps = ulps_apart(single, single_theirs, same)
        none = np.zeros(len(steps), dtype=np.bool_)
        together = {"b": explained.together[0], "w": explained.together[1]}
        return {
            key: Compared(~same[:, i], outside[:, i] & ~same[:, i], ulps[:, i], together.get(key, none) & ~same[:, i])
            for i, key in enumerate(_SCALARS)
        }

    def _loss_bound(self, basis: Basis) -> Table:
        """Return the bound on the loss without what its sum loses, shape (k,).

        With rᵢ = ŷᵢ − yᵢ off by eᵢ, the mean of the squares is off by at most mean(eᵢ (2|rᵢ| + eᵢ)), which is at most
        2 √mean(e²) √mean(r²) + mean(e²) (Cauchy and Schwarz); both means come from the moments.
        """
        numbers, explained, before, precision = basis
        own = self.drift.moments.of(numbers.steps % len(self.drift.moments.m))
        b = np.abs(before[0]) + np.abs(explained.b)
        w = np.abs(before[1]) + np.abs(explained.w)
        squares = own.yy + 2 * (b * own.abs_y + w * own.abs_xy + b * w * own.abs_x) + b * b * own.m + w * w * own.xx
        unit = ROUNDINGS * precision.roundoff
        off = (unit * np.sqrt(squares) + precision.coarser * w * np.sqrt(own.xx)) / np.sqrt(own.m)
        moved = np.abs(explained.b) + np.abs(explained.w) * np.sqrt(own.xx / own.m)
        size = np.sqrt(np.abs(numbers.torch.scalars[:, LOSS])) + moved
        bound = off * (2 * size + off) + unit * size**2 + 4 * precision.smallest
        return np.where(squares * 64 < precision.largest, bound, np.inf)


def _vectors(basis: Basis) -> tuple[Compared, Compared]:
    """Compare ŷ and ∂L/∂ŷ."""
    k, m = basis.numbers.x.shape
    ours, theirs = basis.numbers.scratch, basis.numbers.torch
    width = max(1, BLOCK // k)
    y_pred, signal = [], []
    for start in range(0, m, width):
        rows = slice(start, min(start + width, m))
        limits = basis.of_y_pred(rows)
        y_pred.append(_compared(ours.y_pred[:, rows], theirs.y_pred[:, rows], *limits))
        signal.append(_compared(ours.signal[:, rows], theirs.signal[:, rows], *basis.of_signal(*limits)))
    return _merged(y_pred), _merged(signal)


def _lost_by_sums(basis: Basis, over: Table, lr: Table) -> list[Table]:
    """Return what the sums of the loss, ∂L/∂b and ∂L/∂w may lose in each step; 0 where no difference needs it.

    `over`, shape (k, 5), is how far each scalar is outside its bound without that; `lr`, shape (k,), are the rates.
    """
    lost = []
    for which, need in (
        (LOSS, over[:, LOSS]),
        (GRAD_B, np.fmax(over[:, GRAD_B], over[:, B] / lr)),
        (GRAD_W, np.fmax(over[:, GRAD_W], over[:, W] / lr)),
    ):
        found, at = np.zeros(len(over)), np.flatnonzero(need > 0)
        if len(at):
            found[at] = basis.only(at).lost_by_sum(which, need[at])
        lost.append(found)
    return lost


def _compared(ours: Rows, theirs: Rows, explained: Rows, bound: Rows) -> Compared:
    """Return what `compare` says of k vectors, shape (k, m), of each the worst."""
    none = np.zeros(len(ours), dtype=np.bool_)
    rest = ours - theirs
    rest -= explained
    np.abs(rest, out=rest)
    # Where all is finite and inside its bound, as it mostly is, no element has to be looked at by itself.
    if (rest <= bound).all() and rest.max() < np.inf:
        order, other = bits(ours), bits(theirs)
        apart = order - other
        # Of a single step without axis, which is much faster.
        unequal = np.count_nonzero(apart, axis=1) if len(ours) > 1 else np.array([np.count_nonzero(apart)])
        signs = order ^ other
        two = np.flatnonzero(signs < 0) if signs.min() < 0 else np.arange(0)
        rows, columns = np.divmod(two, ours.shape[1])
        apart[rows, columns] = 0
        ulps: Table = np.maximum(apart.max(axis=1), -apart.min(axis=1)).astype(np.float64)
        if len(rows):
            np.maximum.at(ulps, rows, ulps_apart(ours[rows, columns], theirs[rows, columns]))
        return Compared(unequal, none, ulps, none)
    elements = compare(ours, theirs, explained, bound)
    unequal = ours.shape[1] - np.count_nonzero(elements.same, axis=1)
    return Compared(unequal, _any(elements.outside), elements.ulps.max(axis=1), none)


def _any(elements: Bools) -> Bools:
    rows: Bools = np.logical_or.reduce(elements, axis=1)
    return rows


def _merged(parts: Sequence[Compared]) -> Compared:
    """Return what is known of k vectors from parts of each, at least one."""
    unequal, outside, ulps, together = (np.stack(column) for column in zip(*parts, strict=True))
    return Compared(unequal.sum(axis=0), _any(outside.T), ulps.max(axis=0), together[0])
