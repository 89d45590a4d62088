"""What a learning rate will do: against exact arithmetic, NumPy's eigenvalues and long runs."""

from __future__ import annotations

import math
import re
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from engine_helpers import Array, line_data, on_data, small, trained
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_linreg.engine.analysis.fixed_point import overflow
from tui_linreg.engine.analysis.learning_rate import LearningRate, factor, learning_rate
from tui_linreg.engine.analysis.quadratic import BatchLosses
from tui_linreg.engine.analysis.stability import (
    chart_rates,
    largest_stable_lr,
    log_radius,
    radius_curve,
    stability_edge,
)


def epoch_ends(x: Array, y: Array, batch_size: int, lr: float, epochs: int, b: float, w: float) -> Array:
    """(b, w) after each epoch of the notebook's recurrence, shape (epochs + 1, 2), cut where it overflows."""
    found = [(b, w)]
    batches = [(x[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(x), batch_size)]
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            for xs, ys in batches:
                delta = 2 / len(xs) * (b + w * xs - ys)
                b, w = b - lr * float(delta.sum()), w - lr * float(delta @ xs)
            found.append((b, w))
            if not abs(b) + abs(w) < 1e150:
                break
    return np.array(found)


def numpy_log_radius(x: Array, batch_size: int, lr: float) -> float:
    product = np.eye(2)
    for i in range(0, len(x), batch_size):
        design = np.stack([np.ones(len(x[i : i + batch_size])), x[i : i + batch_size]], axis=1)
        product = (np.eye(2) - 2 * lr / len(design) * design.T @ design) @ product
    return float(np.log(np.abs(np.linalg.eigvals(product)).max()))


def exact_log_radius(x: Array, batch_size: int, lr: float) -> float:
    """The same in rational numbers, and the root of the characteristic polynomial to 120 digits."""
    a, b, c, d = Fraction(1), Fraction(0), Fraction(0), Fraction(1)
    eta, values = 2 * Fraction(lr), [Fraction(v) for v in x.tolist()]
    for i in range(0, len(values), batch_size):
        own = values[i : i + batch_size]
        mean, square = Fraction(sum(own), len(own)), Fraction(sum(v * v for v in own), len(own))
        p, q, s = 1 - eta, -eta * mean, 1 - eta * square
        a, b, c, d = p * a + q * c, p * b + q * d, q * a + s * c, q * b + s * d
    with localcontext() as context:
        context.prec = 120
        trace, det, under = a + d, a * d - b * c, (a - d) ** 2 + 4 * b * c

        def decimal(value: Fraction) -> Decimal:
            return Decimal(value.numerator) / Decimal(value.denominator)

        if under < 0:
            return float(decimal(det).ln() / 2)
        return float(((abs(decimal(trace)) + decimal(under).sqrt()) / 2).ln())


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 0.0), (1.0, 30.0), (1e-4, 2.0), (1.0, 1e6), (300.0, 1e8)])
@pytest.mark.parametrize("batch_size", [1, 3, 7, 12])
@pytest.mark.parametrize("part", [1e-60, 1e-9, 0.1, 0.9, 1.3, 40.0])
def test_the_radius_is_exact(scale: float, offset: float, batch_size: int, part: float) -> None:
    """Also where a tiny η or a far-off x leaves ln(radius) at −1e-20, which I − ηH in floats cannot tell from 0."""
    x, y = line_data(5, 12, scale, offset)
    batches = BatchLosses.of(x, y, batch_size)
    lr = part * largest_stable_lr(batches)
    # The data's own rounding, u |x| / spread, is in the centred moments.
    assert log_radius(batches, lr) == pytest.approx(exact_log_radius(x, batch_size, lr), rel=1e-11, abs=1e-300)


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 0.0), (2.0, 5.0), (1.0, 1e6), (1e-3, 1e3)])
def test_bound_best_rate_and_condition_are_exact(scale: float, offset: float) -> None:
    x, y = line_data(2, 50, scale, offset)
    values = [Fraction(v) for v in x.tolist()]
    mean, square = Fraction(sum(values), 50), Fraction(sum(v * v for v in values), 50)
    with localcontext() as context:
        context.prec = 60
        root = ((1 - square) ** 2 + 4 * mean**2).limit_denominator(10**45)
        largest = Decimal(str(float(1 + square))) + (Decimal(root.numerator) / Decimal(root.denominator)).sqrt()
        condition = float(largest**2 / (4 * Decimal(str(float(square - mean**2)))))
    found = learning_rate(BatchLosses.of(x, y, 50), 0.1)
    assert found.eta_max == pytest.approx(2 / float(largest), rel=1e-13)
    assert found.eta_best == pytest.approx(float(1 / (1 + square)), rel=1e-13)
    assert found.condition_number == pytest.approx(condition, rel=1e-9)
    if offset < 10:
        hessian = 2 * np.array([[1, x.mean()], [x.mean(), (x * x).mean()]])
        low, high = np.linalg.eigvalsh(hessian)
        assert found.condition_number == pytest.approx(high / low, rel=1e-10)
        assert found.eta_best == pytest.approx(2 / (low + high), rel=1e-12)


@pytest.mark.parametrize("batch_size", [1, 10, 33, 100])
def test_the_curve_is_numpys(batch_size: int) -> None:
    x, y = line_data(3, 100, 1.5, 0.4)
    batches = BatchLosses.of(x, y, batch_size)
    rates = np.linspace(0.005, 1.2, 60)
    wanted = [numpy_log_radius(x, batch_size, float(lr)) for lr in rates]
    # 100 rank-one steps leave radii that the product itself resolves only to its own size.
    assert np.allclose(radius_curve(batches, rates), wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("batch_size", [1, 10, 33, 100])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_below_the_edge_all_converge_and_above_it_not(batch_size: int, seed: int) -> None:
    session = small(seed=seed, samples=10_100) if seed == 0 else small(seed=seed)
    x = session.dataset.x_train.numpy()
    edge = stability_edge(BatchLosses.of(x, x, batch_size))
    below = [
        numpy_log_radius(x, batch_size, lr)
        for lr in np.linspace(0.001, 1, 400 if batch_size > 1 else 80) * edge * (1 - 1e-9)
    ]
    assert max(below) < 1e-12
    assert numpy_log_radius(x, batch_size, edge * (1 + 1e-7)) > 0
    if seed == 0:  # the program's default data
        wanted = {1: 0.5730, 10: 0.9825, 33: 1.0235, 100: 0.9085}[batch_size]
        assert edge == pytest.approx(wanted, abs=5e-5)


BAND = 12.0
"""Of the grid's runs those are left out whose distance changes by less than e¹² in all their epochs."""


def test_the_outcome_is_that_of_long_runs() -> None:
    """Growth is read off how far (b, w) moves in an epoch at the start and at the end of the run."""
    random = np.random.default_rng(7)
    seen = {"converges": 0, "diverges": 0}
    for case in range(130):
        n = int(random.integers(1, 30))
        x, y = line_data(case, n, 10.0 ** random.uniform(-1, 1), random.choice([0.0, 0.0, 1.0, -5.0]))
        batch_size = int(random.integers(1, n + 1))
        batches = BatchLosses.of(x, y, batch_size)
        around = stability_edge(batches) if case % 2 else largest_stable_lr(batches)
        lr = around * float(random.choice([random.uniform(0.9, 1.1), random.uniform(0.05, 2)]))
        found, epochs = learning_rate(batches, lr), 2000 // len(batches)
        if abs(found.log_radius) * epochs < BAND:
            continue
        ends = epoch_ends(x, y, batch_size, lr, epochs, *random.standard_normal(2))
        moved = np.hypot(*np.diff(ends, axis=0).T)
        ratio = moved[-1] / moved[0] if moved[0] else 0.0
        assert not 0.1 < ratio < 10 or not math.isfinite(ratio), "the run itself is not clear"
        assert found.outcome == ("converges" if ratio < 1 else "diverges"), (case, lr, found.log_radius)
        seen[found.outcome] += 1
    assert min(seen.values()) >= 40, seen


OVERFLOWS: list[dict[str, Any]] = [
    {"lr": 10.0},
    {"lr": 1.1},
    {"lr": 0.95, "batch_size": 100},
    {"lr": 0.6, "batch_size": 1},
    {"lr": 1.1, "batch_size": 7, "seed": 3},
    {"lr": 2.0, "dtype": "float32", "seed": 4},
    {"lr": 1e200},
    {"lr": 30.0, "train_size": 1},
    {"lr": 5.0, "dtype": "float32", "batch_size": 1},
]


@pytest.mark.parametrize("options", OVERFLOWS)
def test_the_overflow_comes_about_when_it_is_said(options: dict[str, Any]) -> None:
    session = small(epochs=4000, **options)
    train = session.dataset
    batches = BatchLosses.of(
        train.x_train.double().numpy(), train.y_train.double().numpy(), session.schedule.batch_size
    )
    start = session.timeline.states(0)[0]
    largest = float(np.finfo(str(session.config.dtype)).max)
    found = learning_rate(batches, session.config.rates.at(0), start=(start[0], start[1]), largest=largest)
    assert found.overflow is not None
    each = session.schedule.batches
    goal = int(1.2 * found.overflow.step) + 4 * each
    session.train_to(goal)
    real = session.timeline.first_overflow
    assert real is not None
    assert abs(found.overflow.epoch - real // each) <= max(2, 0.1 * (real // each))
    assert abs(found.overflow.step - real) <= max(2 * each, 0.1 * real)
    assert re.search(rf"the {found.overflow.epoch + 1}(st|nd|rd|th) epoch$", found.words)
    assert (f"about step {found.overflow.step + 1}, in" in found.words) == (session.schedule.batches > 1)


def test_a_tenth_is_left_when_it_is_said() -> None:
    session = small(epochs=400)
    x, y = session.dataset.x_train.numpy(), session.dataset.y_train.numpy()
    found = learning_rate(BatchLosses.of(x, y, 33), 0.01)
    ends = epoch_ends(x, y, 33, 0.01, 2000, *session.timeline.states(0)[0][:2])
    far = np.hypot(*(ends - ends[-1]).T)
    count = math.ceil(found.epochs_to_tenth)
    late = 150  # by then the slowest direction is all that is left
    assert far[late + count] <= 0.1 * far[late] * (1 + 1e-6)
    assert far[late + count - 1] > 0.1 * far[late]
    assert found.words == f"converges: in the long run every {count} epochs leave a tenth of the distance"


def test_the_first_epochs_may_be_faster_than_the_long_run_that_is_spoken_of() -> None:
    """From a start that lies nearly along the steepest direction a tenth is left sooner; the words claim no more."""
    x, y = line_data(4, 20, 1.0, 2.0)
    bound = largest_stable_lr(BatchLosses.of(x, y, 20))
    hessian = 2 * np.array([[1, x.mean()], [x.mean(), (x * x).mean()]])
    slow, steep = np.linalg.eigh(hessian)[1].T
    slope, bias = np.polyfit(x, y, 1)
    found = said(x, 0.3 * bound, 20)
    count = math.ceil(found.epochs_to_tenth)
    ends = epoch_ends(x, y, 20, 0.3 * bound, 3 * count, *(np.array([bias, slope]) + steep + 0.05 * slow))
    far = np.hypot(*(ends - [bias, slope]).T)
    late = count  # by then the steepest direction is gone
    assert far[late + count] == pytest.approx(far[late] * math.exp(count * found.log_radius), rel=1e-6)
    assert np.flatnonzero(far <= 0.1 * far[0])[0] < count
    assert found.words.startswith("converges: in the long run every ")


def said(x: Array, lr: float, batch_size: int = 1000, start: tuple[float, float] | None = None) -> LearningRate:
    return learning_rate(BatchLosses.of(x, x, batch_size), lr, start=start)


def test_overshooting_is_a_change_of_sign() -> None:
    """Full batch along the steepest direction: the gradient turns its sign at every step, or at none."""
    x, y = line_data(4, 20)
    bound = largest_stable_lr(BatchLosses.of(x, y, 20))
    for part, wanted in ((0.3, False), (0.49, False), (0.51, True), (0.9, True)):
        hessian = 2 * np.array([[1, x.mean()], [x.mean(), (x * x).mean()]])
        values, vectors = np.linalg.eigh(hessian)
        ends = epoch_ends(x, y, 20, part * bound, 6, 3.0, 4.0)
        along = np.diff(ends, axis=0) @ vectors[:, values.argmax()]
        found = said(x, part * bound)
        assert found.oscillates == wanted == bool((along[1:] * along[:-1] < 0).all())
        assert any("overshoots" in line for line in found.sentences) == wanted
    assert not said(x, 1.1 * bound).oscillates


def test_equal_x_converge_along_the_one_direction_that_moves() -> None:
    x = np.full(7, 3.0)  # λ = 2 (1 + 9), η_max = 0.1
    for batch_size in (1, 3, 7):
        found = said(x, 0.09, batch_size)
        assert found.outcome == "converges"
        assert found.log_radius == pytest.approx(-(-7 // batch_size) * math.log(0.8), rel=1e-12)
        assert found.condition_number == math.inf
        assert any("never moves" in line for line in found.sentences)
        assert said(x, 0.11, batch_size).outcome == "diverges"
    assert said(x, 0.05).words == "converges: in the long run an epoch leaves nothing of the distance"


def test_near_radius_one_nothing_is_claimed_but_a_tiny_rate_is_slow() -> None:
    x = line_data(1, 50)[0]
    bound = largest_stable_lr(BatchLosses.of(x, x, 50))
    assert "neither grows nor shrinks" in said(x, bound * (1 + 1e-11)).words
    assert "neither" not in said(x, bound * (1 + 1e-7)).words
    past = said(x, bound * (1 + 1e-7))
    assert past.words.startswith("diverges: slowly, in the long run tenfold in ")
    assert float(past.words.split()[-2]) == pytest.approx(math.log(10) / past.log_radius, rel=0.05)
    assert [factor(log) for log in (1e-7, -1e-3, 0.5, 0.0)] == ["1.0000001", "0.999", "1.65", "1"]
    slow = said(x, 1e-15)
    assert re.fullmatch(
        r"converges: but in the long run it takes .* epochs to leave a tenth of the distance", slow.words
    )
    hessian = 2 * np.array([[1, x.mean()], [x.mean(), (x * x).mean()]])
    assert slow.epochs_to_tenth == pytest.approx(math.log(10) / (1e-15 * np.linalg.eigvalsh(hessian)[0]), rel=1e-9)


def test_the_bound_is_neither_necessary_nor_sufficient_and_that_is_said() -> None:
    x = small(samples=10_100).dataset.x_train.numpy()
    assert "the batches decide" in said(x, 0.95, 33).sentences[-1]  # above 0.908, converges
    assert said(x, 0.95, 33).outcome == "converges"
    assert "the batches decide" in said(x, 0.6, 1).sentences[-1]  # below, diverges
    assert len(said(x, 0.95, 100).sentences) == 1


def test_chart_rates_hold_the_chosen_one() -> None:
    x = line_data(1, 60)[0]
    for lr in (1e-3, 0.2, 1.0):
        rates = chart_rates(BatchLosses.of(x, x, 20), lr)
        assert lr in rates
        assert (np.diff(rates) > 0).all()
    many = BatchLosses.of(np.tile(x, 1000), np.tile(x, 1000), 1)
    assert len(chart_rates(many, 0.1)) * len(many) < 2e6
    stopped = radius_curve(many, chart_rates(many, 0.1), cancelled=lambda: True)
    assert np.isnan(stopped).all()


NUMBERS = st.one_of(st.floats(-1e3, 1e3), st.sampled_from([0.0, 1e300, -1e300, 1e-300, 1e154, 1e6 + 1e-9]))


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=6),
    st.integers(1, 6),
    st.sampled_from([1e-60, 1e-9, 0.1, 1.0, 7.0, 1e10, 1e300]),
)
@settings(deadline=None, max_examples=60)
def test_no_number_raises_or_warns(samples: list[tuple[float, float]], batch_size: int, lr: float) -> None:
    x, y = np.array(samples).T
    batches = BatchLosses.of(x, y, batch_size)
    found = learning_rate(batches, lr, start=(1.0, -1.0))
    assert found.outcome in ("converges", "diverges")
    assert all(line and "\n" not in line for line in found.sentences)
    assert found.as_json()["outcome"] == found.outcome
    assert not math.isnan(found.log_radius)
    stability_edge(batches)
    chart_rates(batches, lr)
    overflow(batches, lr, 1.0, 1.0, 3e38)


def test_a_run_of_scaled_data_overflows_when_it_is_said() -> None:
    x, y = line_data(2, 60, 1e3, 1e4)
    session = trained(on_data(x, y, epochs=10))
    batches = BatchLosses.of(x, y, session.schedule.batch_size)
    start = session.timeline.states(0)[0]
    found = overflow(batches, 0.01, start[0], start[1], float(np.finfo(float).max))
    assert found is not None
    real = session.timeline.first_overflow
    assert real is not None
    assert abs(found.step - real) <= 2
