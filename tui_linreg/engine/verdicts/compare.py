"""Comparing numbers bit by bit and against an error bound, and the bits of one number (IEEE 754), to be shown."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from tui_linreg.engine.step import Comparison, Verdict, worst_verdict

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
