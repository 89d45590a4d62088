"""The fixed point of a run: against exact arithmetic and against where long runs end."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from engine_helpers import Array, line_data, small, trained
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_linreg.engine.analysis.fixed_point import FixedPoint, fixed_point
from tui_linreg.engine.analysis.quadratic import BatchLosses, EpochMap, Quadratic
from tui_linreg.engine.analysis.stability import log_radius


def at(batches: BatchLosses, lr: float, b: float = 0.0, w: float = 0.0) -> FixedPoint:
    """The fixed point of a run that is at (b, w)."""
    return fixed_point(batches, EpochMap.of(batches, lr), b, w, converges=log_radius(batches, lr) < 0)


def of(x: Array, y: Array, batch_size: int, lr: float) -> tuple[float, float]:
    """The fixed point (b, w) of all runs over these samples."""
    found = at(BatchLosses.of(x, y, batch_size), lr)
    assert found.unique
    assert found.spot is not None
    return found.spot.b, found.spot.w


def exact_fixed_point(x: Array, y: Array, batch_size: int, lr: float) -> tuple[Fraction, Fraction]:
    """θ = M θ + c solved in rational numbers."""
    xs, ys, eta = [Fraction(v) for v in x.tolist()], [Fraction(v) for v in y.tolist()], 2 * Fraction(lr)
    a, b, c, d, u, v = (Fraction(k) for k in (1, 0, 0, 1, 0, 0))
    for i in range(0, len(xs), batch_size):
        p, t = xs[i : i + batch_size], ys[i : i + batch_size]
        m = len(p)
        mean, square = Fraction(sum(p), m), Fraction(sum(k * k for k in p), m)
        target, product = Fraction(sum(t), m), Fraction(sum(k * q for k, q in zip(p, t, strict=True)), m)
        rows = (1 - eta, -eta * mean), (-eta * mean, 1 - eta * square)
        (a, b, u), (c, d, v) = (
            (r * a + s * c, r * b + s * d, r * u + s * v + eta * extra)
            for (r, s), extra in zip(rows, (target, product), strict=True)
        )
    det = (1 - a) * (1 - d) - b * c
    return ((1 - d) * u + b * v) / det, ((1 - a) * v + c * u) / det


def run(x: Array, y: Array, batch_size: int, lr: float, epochs: int, b: float, w: float) -> tuple[float, float]:
    """The notebook's recurrence."""
    batches = [(x[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(x), batch_size)]
    for _ in range(epochs):
        for xs, ys in batches:
            delta = 2 / len(xs) * (b + w * xs - ys)
            b, w = b - lr * float(delta.sum()), w - lr * float(delta @ xs)
    return b, w


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 0.0), (1.0, 30.0), (1e-3, 1.0), (1.0, 1e5)])
@pytest.mark.parametrize("batch_size", [1, 3, 5, 13])
@pytest.mark.parametrize("part", [1e-12, 1e-3, 0.2, 0.8])
def test_the_fixed_point_is_exact(scale: float, offset: float, batch_size: int, part: float) -> None:
    """Also where η is so tiny that I − M would have no digit left."""
    x, y = line_data(8, 13, scale, offset)
    lr = part * BatchLosses.of(x, y, batch_size).safe
    found = of(x, y, batch_size, lr)
    b, w = exact_fixed_point(x, y, batch_size, lr)
    middle = Fraction(float(x.mean()))
    slope_unit = 1e-11 * float(np.abs(y).max()) / scale
    assert abs(float(Fraction(found[1]) - w)) <= slope_unit * 10
    at_middle = Fraction(found[0]) + Fraction(found[1]) * middle - (b + w * middle)
    assert abs(float(at_middle)) <= 1e-11 * float(np.abs(y).max() + abs(found[0]))


def test_long_runs_end_there() -> None:
    random = np.random.default_rng(3)
    checked = 0
    for case in range(30):
        n = int(random.integers(2, 25))
        x, y = line_data(case, n, float(random.uniform(0.3, 2)), float(random.uniform(-1, 1)))
        batch_size = int(random.integers(1, n + 1))
        batches = BatchLosses.of(x, y, batch_size)
        lr = float(random.uniform(0.05, 1.2)) * batches.safe
        radius = log_radius(batches, lr)
        epochs = math.ceil(40 / abs(radius))
        if radius > 0 or epochs * len(batches) > 4000:
            continue
        end = run(x, y, batch_size, lr, epochs, *random.standard_normal(2) * 10)
        found = of(x, y, batch_size, lr)
        assert found == pytest.approx(end, rel=1e-8, abs=1e-8)
        checked += 1
    assert checked >= 18


def test_a_real_run_ends_there_and_not_at_least_squares() -> None:
    """With batches 33, 33, 33, 1 it is not the least-squares line, and further away with a larger η."""
    away = []
    for lr in (0.01, 0.1):
        session = trained(small(lr=lr, epochs=900 if lr < 0.1 else 120))
        x, y = session.dataset.x_train.numpy(), session.dataset.y_train.numpy()
        batches = BatchLosses.of(x, y, 33)
        b, w = session.timeline.states(session.trained)[0][:2]
        found = at(batches, lr, b, w)
        assert found.spot is not None
        assert found.converges
        assert found.unique
        assert found.note == ""
        assert found.current.distance(found.spot) < 1e-9
        assert abs(found.current.above - found.gap) < 1e-8
        least = np.linalg.lstsq(np.stack([np.ones(100), x], axis=1), y, rcond=None)[0]
        assert (found.least_squares.b, found.least_squares.w) == pytest.approx(tuple(least), rel=1e-12)
        for spot in (found.least_squares, found.spot, found.current):
            assert spot.loss == pytest.approx(float(np.mean((spot.b + spot.w * x - y) ** 2)), rel=1e-12)
        assert found.gap == pytest.approx(found.spot.loss - found.least_squares.loss, rel=1e-9)
        assert found.as_json()["fixed_point"] == {
            "b": found.spot.b,
            "w": found.spot.w,
            "loss": found.spot.loss,
        }
        away.append(found.least_squares.distance(found.spot))
    assert away[1] > away[0] > 0.1


@given(
    st.integers(2, 30), st.integers(0, 10**6), st.sampled_from([1e-300, 1e-12, 1e-3, 0.3]), st.sampled_from([0.0, 5.0])
)
@settings(deadline=None, max_examples=60)
def test_with_one_full_batch_it_is_least_squares(n: int, seed: int, lr: float, offset: float) -> None:
    x, y = line_data(seed, n, 1.0, offset)
    whole, found = Quadratic.of(x, y), of(x, y, n, lr)
    spread = math.sqrt(whole.variance_x)
    assert found == pytest.approx((whole.b, whole.w), rel=1e-12, abs=1e-12 * (1 + abs(offset)) * (1 + 1 / spread))


def test_equal_x_give_a_line_of_points_each_run_on_its_own() -> None:
    x, y = np.full(5, 3.0), np.array([1.0, 2.0, 4.0, 0.0, 3.0])
    for start in ((0.0, 0.0), (5.0, -7.0)):
        found = at(BatchLosses.of(x, y, 2), 0.03, *start)
        assert found.spot is not None
        assert (found.spot.b, found.spot.w) == pytest.approx(run(x, y, 2, 0.03, 300, *start), rel=1e-12)
        assert not found.unique
        assert found.converges
        assert "line of best points" in found.note


def test_a_diverging_run_leaves_the_fixed_point_it_has() -> None:
    x, y = line_data(1, 20)
    found = at(BatchLosses.of(x, y, 7), 1.5, 0.0, 0.0)
    assert not found.converges
    assert "diverges" in found.note
    assert found.spot is not None
    place = found.spot.b, found.spot.w
    assert run(x, y, 7, 1.5, 1, *place) == pytest.approx(place, rel=1e-9)
    assert (np.abs(run(x, y, 7, 1.5, 50, place[0] + 1e-3, place[1])) > 1e3).any()
    wild = at(BatchLosses.of(x, y, 1), 1e200, 0.0, 0.0)
    assert wild.spot is None
    assert math.isnan(wild.gap)
    assert wild.as_json()["fixed_point"] is None
    assert "no fixed point" in wild.note


NUMBERS = st.one_of(st.floats(-1e3, 1e3), st.sampled_from([0.0, 1e300, -1e300, 1e-300, 1e154]))


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=6),
    st.integers(1, 6),
    st.sampled_from([1e-300, 1e-9, 0.1, 7.0, 1e300]),
    st.floats(),
)
@settings(deadline=None, max_examples=60)
def test_no_number_raises_or_warns(samples: list[tuple[float, float]], size: int, lr: float, place: float) -> None:
    x, y = np.array(samples).T
    found = at(BatchLosses.of(x, y, size), lr, place, 1.0)
    assert "\n" not in found.note
    found.current.distance(found.least_squares)
    assert set(found.as_json()) == {"least_squares", "fixed_point", "current"}
    assert math.isnan(found.gap) == (found.spot is None) or not math.isfinite(found.gap)
