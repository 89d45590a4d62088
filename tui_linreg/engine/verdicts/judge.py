"""The verdicts of one step: each quantity of the scratch model beside torch's, bit by bit and against its error bound.

The bounds are those of `engine.verdicts.drift`. The bits of one number (IEEE 754) are here too, to be shown.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_linreg.engine.schedule import Place
from tui_linreg.engine.step import Comparison, Side, Verdict, worst_verdict
from tui_linreg.engine.verdicts.drift import ROUNDINGS, Drift, sum_roundings

if TYPE_CHECKING:
    from torch import Tensor

Vector = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Elementwise:
    """A comparison element by element, arrays of shape (m,)."""

    same: Bools
    outside: Bools
    ulps: NDArray[np.float64]


def on_host(values: Tensor) -> Vector:
    """Return a tensor's numbers as an array, of the same memory where that is this machine's."""
    array: Vector = values.detach().cpu().numpy()
    return array


def compare(ours: Vector, theirs: Vector, explained: Vector, bound: Vector) -> Elementwise:
    """Compare arrays of shape (m,) and one dtype element by element.

    Args:
        ours: the scratch model's values.
        theirs: torch's values.
        explained: the part of ours − theirs that follows from the parameters' drift before this step.
        bound: forward-error bound of what is left; inf or nan where an overflow makes rounding unbounded.
    """
    same = identical(ours, theirs)
    with np.errstate(all="ignore"):
        # Not "> bound": a difference that is nan is outside, unless there is no bound.
        inside = (np.abs(ours - theirs - explained) <= bound) | ~np.isfinite(bound)
    return Elementwise(same, ~(inside | same), ulps_apart(ours, theirs, same))


def worst(elements: Elementwise) -> Comparison:
    """Return the verdict on the whole: the worst of the elements'."""
    unequal = len(elements.same) - int(np.count_nonzero(elements.same))
    if not unequal:
        return Comparison(Verdict.IDENTICAL, 0.0, 0)
    verdict = Verdict.DIFFERS if elements.outside.any() else Verdict.ROUNDING
    return Comparison(verdict, float(elements.ulps.max()), unequal)


def merged(parts: Sequence[Comparison]) -> Comparison:
    """Return the verdict on a vector from those on its parts, at least one."""
    ulps = float(np.max([part.ulps for part in parts]))  # unlike max(), keeps a nan
    return Comparison(worst_verdict(part.verdict for part in parts), ulps, sum(part.unequal for part in parts))


def each(elements: Elementwise) -> list[Comparison]:
    """Return one comparison for each element."""
    rows = zip(elements.same.tolist(), elements.outside.tolist(), elements.ulps.tolist(), strict=True)
    return [_one(same, outside, ulps) for same, outside, ulps in rows]


def _one(same: bool, outside: bool, ulps: float) -> Comparison:
    if same:
        return Comparison(Verdict.IDENTICAL, 0.0, 0)
    return Comparison(Verdict.DIFFERS if outside else Verdict.ROUNDING, ulps, 1)


def identical(a: Vector, b: Vector) -> Bools:
    """Say, element by element, whether two arrays hold the same bits; every nan counts as the same nan."""
    same: Bools = (bits(a) == bits(b)) | (np.isnan(a) & np.isnan(b))
    return same


def ulps_apart(a: Vector, b: Vector, same: Bools | None = None) -> NDArray[np.float64]:
    """Return how many representable floats apart a and b are, as float64; nan where one is not finite.

    Floats of one sign are ordered as their bit patterns, so the distance is a difference of integers. `same` is what
    `identical` says of a and b, where that is known.
    """
    order_a, order_b = bits(a), bits(b)
    finite = np.isfinite(a) & np.isfinite(b)
    one_sign = (order_a ^ order_b) >= 0
    distance = np.abs(order_a - order_b).astype(np.float64)
    if finite.all() and one_sign.all():
        return distance
    lowest = np.iinfo(order_a.dtype).min
    far = (order_a & ~lowest).astype(np.float64) + (order_b & ~lowest).astype(np.float64)
    distance = np.where(finite, np.where(one_sign, distance, far), np.nan)
    return np.where(identical(a, b) if same is None else same, 0.0, distance)


def bits(values: Vector) -> NDArray[np.signedinteger[Any]]:
    """Return the bit patterns of float64 or float32 numbers as integers of the same memory."""
    patterns: NDArray[np.signedinteger[Any]] = values.view(np.int64 if values.dtype == np.float64 else np.int32)
    return patterns


@dataclass(frozen=True, slots=True)
class FloatBits:
    """One number's bits, each part a text of 0 and 1, the highest bit first."""

    sign: str
    """One bit; 1 for a negative number."""
    exponent: str
    """11 bits (binary32: 8), biased by 1023 (127)."""
    fraction: str
    """52 bits (binary32: 23) after the hidden leading one."""
    hex: str
    """All bits as 0x and 16 (8) hexadecimal digits."""

    @property
    def all(self) -> str:
        """All 64 (32) bits from the sign down."""
        return self.sign + self.exponent + self.fraction


def float_bits(value: float, single: bool) -> FloatBits:
    """Return the bits of `value` as a binary64 number, or with `single` as the nearest binary32 number.

    Any number has some: what is too large for binary32 is an infinity of its sign, and a nan keeps its sign.
    """
    try:
        packed = struct.pack(">f" if single else ">d", value)
    except OverflowError:
        packed = struct.pack(">f", math.copysign(math.inf, value))
    text = "".join(f"{byte:08b}" for byte in packed)
    end = 9 if single else 12
    return FloatBits(text[0], text[1:end], text[end:], "0x" + packed.hex())


def differing_bits(a: float, b: float, single: bool) -> tuple[bool, ...]:
    """Say of each of the 64 (with `single`: 32) bits, from the sign down, whether a and b differ in it."""
    pairs = zip(float_bits(a, single).all, float_bits(b, single).all, strict=True)
    return tuple(ours != theirs for ours, theirs in pairs)


BLOCK = 262_144
"""Elements judged at a time, so that a long batch needs little memory beside itself."""

_SCALARS = ("loss", "grad_b", "grad_w", "b", "w")


class StepNumbers(NamedTuple):
    """The numbers of one step that its verdicts are computed from; the vectors are on this machine, of shape (m,)."""

    place: Place
    x: Vector
    y: Vector
    y_pred: Vector
    torch_y_pred: Vector
    signal: Vector
    """∂L/∂ŷ of the scratch model."""
    torch_signal: Vector
    scratch: Side
    torch: Side
    drift_b: float
    """How far rounding explains that b of both models is apart before the step."""
    drift_w: float
    bound_at_overflow: float
    """The bound where an overflow leaves none."""


class Judge:
    """Judges the steps of one run; bounds come from torch's side and the explained drift, never from a mistake."""

    def __init__(self, drift: Drift) -> None:
        self._drift = drift
        self._precision = drift.precision

    def numbers(self, place: Place, x: Tensor, y: Tensor, scratch: Side, torch: Side) -> StepNumbers:
        """Return a step's numbers with the drift that rounding explains before it."""
        drift_b, drift_w = self._drift.before(place.step)
        return StepNumbers(
            place=place,
            x=on_host(x),
            y=on_host(y),
            y_pred=on_host(scratch.y_pred),
            torch_y_pred=on_host(torch.y_pred),
            signal=on_host(scratch.dloss_dpred),
            torch_signal=on_host(torch.dloss_dpred),
            scratch=scratch,
            torch=torch,
            drift_b=drift_b,
            drift_w=drift_w,
            bound_at_overflow=self._drift.bound_at_overflow(place.step),
        )

    def comparisons(self, step: StepNumbers) -> dict[str, Comparison]:
        """Return the verdict on every quantity, by the keys of `phases.QUANTITIES`."""
        sums = np.zeros(3)
        y_pred, signal = [], []
        with np.errstate(all="ignore"):
            for start in range(0, step.place.m, BLOCK):
                rows = slice(start, min(start + BLOCK, step.place.m))
                explained, bound, size = self._prediction_limits(step, rows)
                y_pred.append(worst(compare(step.y_pred[rows], step.torch_y_pred[rows], explained, bound)))
                limits = self._signal_limits(step, explained, bound)
                signal.append(worst(compare(step.signal[rows], step.torch_signal[rows], *limits)))
                error = step.torch_y_pred[rows] - step.y[rows]
                sums += self._loss_sums(step, error, explained, bound, size)
            scalars = self._scalars(step, *sums.tolist())
        return {"y_pred": merged(y_pred), "loss": scalars.pop("loss"), "dloss_dpred": merged(signal)} | scalars

    def signal(self, step: StepNumbers, start: int, stop: int) -> list[Comparison]:
        """Compare the two ∂L/∂ŷ of rows `start` to `stop` (exclusive, from 0 within the batch), element by element."""
        rows = slice(start, stop)
        with np.errstate(all="ignore"):
            limits = self._signal_limits(step, *self._prediction_limits(step, rows)[:2])
            return each(compare(step.signal[rows], step.torch_signal[rows], *limits))

    def _prediction_limits(self, step: StepNumbers, rows: slice) -> tuple[Vector, Vector, Vector]:
        """Return the explained difference of ŷ, the bound on its rounding, and the size of the numbers behind it."""
        x, y, precision = step.x[rows], step.y[rows], self._precision
        drift_b, drift_w, theirs = step.drift_b, step.drift_w, step.torch
        size = abs(theirs.b_before) + abs(drift_b) + (abs(theirs.w_before) + abs(drift_w)) * np.abs(x) + np.abs(y)
        bound = ROUNDINGS * precision.roundoff * size + 4 * precision.smallest
        # No bound where numbers of this size come near overflow, or their size is unknown.
        bound = np.where(size * 64 < precision.largest, bound, size.dtype.type(step.bound_at_overflow))
        return drift_b + drift_w * x, bound, size

    def _signal_limits(self, step: StepNumbers, explained: Vector, bound: Vector) -> tuple[Vector, Vector]:
        """Return the explained difference of ∂L/∂ŷ and the bound on its rounding, from those of ŷ."""
        m = step.place.m
        return 2 / m * explained, 2 / m * bound + 4 * self._precision.smallest

    def _loss_sums(
        self, step: StepNumbers, error: Vector, explained: Vector, bound: Vector, size: Vector
    ) -> tuple[float, float, float]:
        """Return over some rows: the explained difference of m L, the bound on its rounding, and the squared sizes.

        `error` is torch's ŷ − y.
        """
        of_the_sum = sum_roundings(float(step.place.m)) * self._precision.roundoff
        reach = np.abs(error) + np.abs(explained)
        difference = (explained * (2 * error + explained)).sum()
        rounding = (bound * (2 * reach + bound) + of_the_sum * reach**2).sum()
        return float(difference), float(rounding), float((size**2).sum())

    def _scalars(self, step: StepNumbers, difference: float, rounding: float, squares: float) -> dict[str, Comparison]:
        """Return the verdicts on L, ∂L/∂b, ∂L/∂w and the new b and w; the sums are those of `_loss_sums`."""
        place, drift_b, drift_w = step.place, step.drift_b, step.drift_w
        sum_x, sum_xx = float(self._drift.moments.x[place.batch]), float(self._drift.moments.xx[place.batch])
        of_b = 2 / place.m * (place.m * drift_b + drift_w * sum_x)
        of_w = 2 / place.m * (drift_b * sum_x + drift_w * sum_xx)
        explained = [difference / place.m, of_b, of_w, drift_b - self._drift.lr * of_b, drift_w - self._drift.lr * of_w]
        loss = rounding / place.m + 4 * self._precision.smallest
        if not place.m * squares * 64 < self._precision.largest:
            loss = step.bound_at_overflow
        limits = self._drift.bounds(place.step, drift_b, drift_w)
        bounds = [loss, *(bound if math.isfinite(bound) else step.bound_at_overflow for bound in limits)]
        columns: list[Sequence[float]] = [_scalars(step.scratch), _scalars(step.torch), explained, bounds]
        table = np.array(columns, dtype=step.x.dtype)
        return dict(zip(_SCALARS, each(compare(*table)), strict=True))


def _scalars(side: Side) -> list[float]:
    return [side.loss, side.grad_b, side.grad_w, side.b_after, side.w_after]
