"""The bits of a floating-point number (IEEE 754 binary64 and binary32), to be shown. Loads no torch."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass


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
