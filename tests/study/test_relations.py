"""The sign between two written sides."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui_linreg.number_text import exact, fitted, signed
from tui_linreg.relations import relation, shortened, value


@pytest.mark.parametrize(
    ("left", "right", "sign"),
    [
        ("0.1 + 0.2", "0.3", "="),
        ("0.1 + 0.2", "0.30000000000000004", "≈"),
        ("1 − (-2.5)", "3.50", "="),
        ("2/33 · (-16.5)", "-1.0", "="),
        ("2/3 · 0.5", "0.333333", "≈"),
        ("1/2 ((-3)² + 1²)", "5", "="),
        ("(2/4) (1.5 − (-0.5))", "(2/4) (2)", "="),
        ("(-2)·3 + 1·0.5", "-5.5", "="),
        ("1 + 2 + … + 3", "6", "≈"),
        ("1e-5 · 1e5", "1.0", "="),
        ("1e+308 · 10", "inf", "="),
        ("nan − 0.1 · 2", "nan", "="),
        ("inf − inf", "0.0", "≈"),
    ],
)
def test_signs(left: str, right: str, sign: str) -> None:
    assert relation(left, right) == sign


@pytest.mark.parametrize("text", ["", "x", "1 +", "(1", "1)", "1 2", "1,5", "²", "1 · · 2"])
def test_what_is_no_arithmetic_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"evaluated|parenthesis|Invalid"):
        value(text, Fraction)


FINITE = st.floats(-1e12, 1e12)
SMALLEST = 5e-324  # The smallest positive float64.


@example([(42.0, 5e-324)])
@given(st.lists(st.tuples(FINITE, FINITE), min_size=1, max_size=5))
def test_sums_of_products_are_evaluated_exactly(pairs: list[tuple[float, float]]) -> None:
    text = " + ".join(f"{signed(repr(a))} · {signed(repr(b))}" for a, b in pairs)
    expected = sum(Fraction(repr(a)) * Fraction(repr(b)) for a, b in pairs)
    assert value(text, Fraction) == expected
    rounding = 1e-9 * sum(abs(a * b) for a, b in pairs)
    underflow = SMALLEST * sum(abs(a) + abs(b) + 1 for a, b in pairs)  # A subnormal factor is read to one SMALLEST.
    assert value(text, float) == pytest.approx(float(expected), abs=rounding + underflow)


@given(st.floats())
def test_a_number_is_shortened_when_it_does_not_read_back(number: float) -> None:
    assert not shortened(exact(number), exact(number))
    read = float(fitted(number, 10))
    same = read == number or (math.isnan(read) and math.isnan(number))
    assert same or shortened(fitted(number, 10), exact(number))
