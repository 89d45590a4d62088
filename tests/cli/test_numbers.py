"""How numbers are written: whole, in the room there is, digits below digits."""

from __future__ import annotations

import math
import struct
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui_linreg.number_text import aligned, column, duration, exact, fitted, longest, longest_column, significant

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(NUMBERS)
def test_exact_reads_back_as_the_same_number(value: float) -> None:
    assert struct.pack("d", float(exact(value))) == struct.pack("d", value)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_exact_of_float32_reads_back_as_the_same_float32(value: float) -> None:
    assert struct.pack("f", float(exact(value, single=True))) == struct.pack("f", value)
    assert len(exact(value, single=True)) <= 16


@given(NUMBERS)
@example(100_000.5)
@example(-1.0)
def test_six_significant_digits_are_rounded_or_the_whole_number(value: float) -> None:
    text = significant(value)
    assert len(text) <= 13
    assert text == exact(value) or abs(Decimal(text) - Decimal(value)) <= Decimal(abs(value)) * Decimal("5e-6")
    digits = text.partition("e")[0].replace(".", "").lstrip("-0")
    assert text == exact(value) or len(digits) == 6


@given(NUMBERS, st.integers(8, 30), st.integers(1, 10))
def test_fitted_fits_and_is_rounded_not_cut(value: float, width: int, decimals: int) -> None:
    text = fitted(value, width, decimals)
    assert len(text) <= width
    mantissa, _, power = text.partition("e")
    places = len(mantissa.partition(".")[2])
    unit = Decimal(10) ** (int(power or 0) - places)
    # In decimals, since rounding up the largest floats leaves the floats.
    assert abs(Decimal(text) - Decimal(value)) <= unit / 2


@given(NUMBERS, st.integers(8, 30))
@example(1e-10, 8)
@example(-123456789.125, 8)
def test_longest_is_the_number_itself_or_has_as_many_digits_as_fit(value: float, width: int) -> None:
    text = longest(value, width)
    assert len(text) <= width
    if len(exact(value)) <= width:
        assert text == exact(value)
        return
    digits = next(n for n in range(17, 0, -1) if len(f"{value:.{n}g}") <= width)
    off = abs(Decimal(text) - Decimal(value))
    assert off <= abs(Decimal(value)) * Decimal(10) ** (1 - digits), "rounded, and no digit is left out that fits"


@given(st.lists(NUMBERS, min_size=1, max_size=5), st.integers(8, 24))
@example([1.0, -2.25, 10.5], 12)
def test_a_longest_column_has_points_below_each_other_where_there_is_room(values: list[float], width: int) -> None:
    texts = longest_column(values, width)
    assert [text.rstrip() for text in texts] == [longest(value, width) for value in values]
    assert all(len(text) <= width for text in texts)
    if values == [1.0, -2.25, 10.5]:
        assert texts == ["1.0 ", "-2.25", "10.5 "]


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_what_is_not_finite_is_shown_as_such(value: float) -> None:
    assert fitted(value, 8) == longest(value, 8) == str(value)
    assert column([value, 1.5], 8)[0] == str(value)


@given(st.lists(NUMBERS, min_size=1, max_size=5), st.integers(8, 14))
def test_a_column_has_one_number_of_decimals(values: list[float], width: int) -> None:
    texts = column(values, width)
    assert all(len(text) <= width for text in texts)
    assert len({len(text.partition(".")[2]) for text in texts if "e" not in text}) <= 1


@given(st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=5), st.integers(8, 14))
@example([0.001, 1234567890.5], 12)
def test_a_large_number_in_a_column_makes_no_small_one_zero(values: list[float], width: int) -> None:
    for text, value in zip(column(values, width), values, strict=True):
        assert len(text) <= width
        mantissa, _, power = text.partition("e")
        unit = Decimal(10) ** (int(power or 0) - len(mantissa.partition(".")[2]))
        assert abs(Decimal(text) - Decimal(value)) <= min(unit / 2, abs(Decimal(value)) / 2)


@given(NUMBERS, NUMBERS, st.integers(25, 40))
def test_aligned_numbers_keep_their_places_below_each_other(a: float, b: float, width: int) -> None:
    texts = [exact(a), exact(b)]
    padded = aligned(texts, width)
    assert [text.strip() for text in padded] == texts
    assert [len(text) for text in padded] == [width, width]
    if "e" not in "".join(texts) and max(abs(a), abs(b)) < 1000:
        assert padded[0].index(".") == padded[1].index(".")


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (9e5, "10 days")]
)
def test_a_duration_is_said_in_its_largest_unit(seconds: float, said: str) -> None:
    assert duration(seconds) == said
