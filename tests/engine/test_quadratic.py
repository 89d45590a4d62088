"""The loss as a paraboloid: against NumPy's least squares and the loss by direct summation."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from engine_helpers import line_data
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_linreg.engine.analysis.quadratic import Quadratic

SHAPES = [(1.0, 0.0), (1.0, 1e6), (1e-3, 1e3), (1e5, -4e6), (1e-150, 0.0), (1e100, 0.0)]


@pytest.mark.parametrize(("scale", "offset"), SHAPES)
@pytest.mark.parametrize("n", [2, 3, 100, 5000])
def test_least_squares_is_numpys(n: int, scale: float, offset: float) -> None:
    x, y = line_data(n, n, scale, offset)
    found = Quadratic.of(x, y)
    # A centred column, so that the reference itself keeps its digits; b as the line's value at the middle.
    middle = math.fsum(x) / n
    design = np.stack([np.ones(n), (x - middle) / scale], axis=1)
    (at_middle, slope), *_ = np.linalg.lstsq(design, y, rcond=None)
    assert found.w == pytest.approx(slope / scale, rel=1e-9)
    line = found.w * (x - middle) + float(Fraction(found.b) + Fraction(found.w) * Fraction(middle))
    assert np.allclose(line, design @ [at_middle, slope], rtol=0, atol=1e-9 * abs(found.b) + 1e-12)
    residual = design @ [at_middle, slope] - y
    assert found.loss == pytest.approx(float(np.mean(residual**2)), rel=1e-8, abs=1e-24)


def test_least_squares_far_from_zero_against_plain_lstsq() -> None:
    x, y = line_data(1, 100, 1.0, 1e6)
    (b, w), *_ = np.linalg.lstsq(np.stack([np.ones(100), x], axis=1), y, rcond=None)
    found = Quadratic.of(x, y)
    assert found.w == pytest.approx(w, rel=1e-6)  # what lstsq's condition number of 1e6 leaves it
    assert found.b == pytest.approx(b, rel=1e-6)
    exact_x, exact_y = [Fraction(v) for v in x.tolist()], [Fraction(v) for v in y.tolist()]
    mean_x, mean_y = sum(exact_x) / 100, sum(exact_y) / 100
    slope = sum((p - mean_x) * (q - mean_y) for p, q in zip(exact_x, exact_y, strict=True)) / sum(
        (p - mean_x) ** 2 for p in exact_x
    )
    assert found.w == pytest.approx(float(slope), rel=1e-13)
    assert found.b == pytest.approx(float(mean_y - slope * mean_x), rel=1e-13)


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=1, max_size=20),
    st.floats(-50, 50),
    st.floats(-50, 50),
)
@settings(deadline=None, max_examples=60)
def test_it_is_the_loss(samples: list[tuple[float, float]], b: float, w: float) -> None:
    x, y = np.array(samples).T
    found = Quadratic.of(x, y)
    if 0 < found.variance_x < 1e-12:  # slopes beyond what summing as a check resolves
        return
    residual = b + w * x - y
    loss, size = float(np.mean(residual**2)), 1 + float(np.mean((abs(b) + abs(w * x) + abs(y)) ** 2))
    size += (abs(found.b) + abs(found.w) * 100) ** 2
    assert float(found.at(b, w)) == pytest.approx(loss, abs=1e-12 * size)
    assert found.loss <= loss + 1e-12 * size


@given(st.floats(-1e100, 1e100), st.integers(1, 50), st.floats(-100, 100))
@settings(deadline=None, max_examples=60)
def test_equal_x_give_the_solution_of_least_norm(value: float, n: int, target: float) -> None:
    y = target + np.arange(n, dtype=np.float64)
    found = Quadratic.of(np.full(n, value), y)
    assert found.variance_x == 0
    assert found.mean_x == value
    mean = target + (n - 1) / 2
    exact = Fraction(mean) / (1 + Fraction(value) ** 2)
    assert found.b == pytest.approx(float(exact), rel=1e-12, abs=1e-300)
    assert found.w == pytest.approx(float(exact * Fraction(value)), rel=1e-12, abs=1e-300)
    assert found.loss == pytest.approx((n * n - 1) / 12, rel=1e-12, abs=1e-20)


def test_arrays_and_a_single_sample() -> None:
    found = Quadratic.of(np.array([3.0]), np.array([5.0]))
    assert (found.loss, found.variance_x) == (0, 0)
    assert found.b + 3 * found.w == pytest.approx(5, rel=1e-15)
    grid = found.at(np.array([0.0, 5.0]), np.array([0.0, 0.0]))
    assert np.allclose(grid, [25, 0])
    assert float(found.rise(0.0, 0.0)) == 0


@given(st.lists(st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)), min_size=1, max_size=5), st.floats())
@settings(deadline=None, max_examples=60)
def test_no_number_raises_or_warns(samples: list[tuple[float, float]], place: float) -> None:
    x, y = np.array(samples).T
    found = Quadratic.of(x, y)
    found.at(place, place)
    found.at(np.array([place, 1.0]), np.array([place, 2.0]))
