"""The bits of floats (IEEE 754): which are the same, how many floats lie between two, and one number's bits as text."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Vector = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]


def on_host(values: Tensor) -> Vector:
    """Return a tensor's numbers as an array, of the same memory where that is this machine's."""
    array: Vector = values.detach().cpu().numpy()
    return array


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
