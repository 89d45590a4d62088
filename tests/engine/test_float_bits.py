"""The bits of floats as they are shown."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tui_linreg.engine.verdicts.bits import differing_bits, float_bits


def pattern(value: float, single: bool) -> int:
    """All bits as a whole number, by the host's own order of bytes."""
    return int(struct.unpack("=I", struct.pack("=f", value))[0] if single else
               struct.unpack("=Q", struct.pack("=d", value))[0])  # fmt: skip


numbers = st.one_of(st.floats(), st.floats(width=32), st.sampled_from([0.0, -0.0, 5e-324, 2.0**-149, math.inf]))


@settings(deadline=None, max_examples=60)
@given(value=numbers)
@example(value=1.0)
@example(value=-math.inf)
def test_double_precision_bits_are_those_of_the_number(value: float) -> None:
    found = float_bits(value, single=False)
    assert (len(found.sign), len(found.exponent), len(found.fraction)) == (1, 11, 52)
    assert int(found.all, 2) == int(found.hex, 16) == pattern(value, False)
    assert len(found.hex) == 18
    if math.isfinite(value):
        exponent, fraction = int(found.exponent, 2), int(found.fraction, 2)
        size = math.ldexp(fraction + (2**52 if exponent else 0), max(exponent, 1) - 1023 - 52)
        assert math.copysign(size, -1 if found.sign == "1" else 1) == value


@settings(deadline=None, max_examples=60)
@given(value=st.floats(width=32))
def test_single_precision_bits_are_those_of_the_number(value: float) -> None:
    found = float_bits(value, single=True)
    assert (len(found.sign), len(found.exponent), len(found.fraction)) == (1, 8, 23)
    assert int(found.all, 2) == int(found.hex, 16) == pattern(value, True)
    assert len(found.hex) == 10
    if math.isfinite(value):
        exponent, fraction = int(found.exponent, 2), int(found.fraction, 2)
        size = math.ldexp(fraction + (2**23 if exponent else 0), max(exponent, 1) - 127 - 23)
        assert math.copysign(size, -1 if found.sign == "1" else 1) == value


def test_known_numbers() -> None:
    assert float_bits(1.0, False).hex == "0x3ff0000000000000"
    assert float_bits(-2.0, True).hex == "0xc0000000"
    assert float_bits(math.nan, False).exponent == "1" * 11
    assert float_bits(1e300, True) == float_bits(math.inf, True)
    assert float_bits(-1e300, True) == float_bits(-math.inf, True)


@settings(deadline=None, max_examples=60)
@given(a=numbers, b=numbers)
@pytest.mark.parametrize("single", [False, True])
def test_differing_bits_are_the_exclusive_or(a: float, b: float, single: bool) -> None:
    width = 32 if single else 64
    if single:
        a, b = (float_ if abs(float_) < 1e38 or not math.isfinite(float_) else 1.5 for float_ in (a, b))
    mixed = pattern(a, single) ^ pattern(b, single)
    assert differing_bits(a, b, single) == tuple(bool(mixed >> (width - 1 - i) & 1) for i in range(width))


def test_neighbours_differ_in_the_last_bit() -> None:
    assert [i for i, d in enumerate(differing_bits(1.0, math.nextafter(1.0, 2.0), False)) if d] == [63]
    assert [i for i, d in enumerate(differing_bits(0.0, -0.0, True)) if d] == [0]
