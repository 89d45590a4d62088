"""The gradient check and the sweep of h: right gradients, wrong ones, the optimum, and numbers at the edge."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from edge_cases import COUNT, UNEVEN
from engine_helpers import (
    ROUNDOFF,
    Array,
    Scratch,
    SignOfWeightGradient,
    line_data,
    on_data,
    relative_error,
    small,
    trained,
)
from full_length import at_full_length
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor

from tui_linreg.engine.analysis.finite_difference import Point, central_difference, sweep
from tui_linreg.engine.analysis.gradient_check import Band, GradientCheck, gradient_check
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.step import Step

FINE = {Band.FINE, Band.ZERO}


def check(step: Step) -> GradientCheck:
    with np.errstate(all="raise"):  # nothing relies on warnings being off outside
        return gradient_check(step)


def exact_gradient(step: Step) -> tuple[float, float]:
    """The gradient at the scratch model's parameters in rational numbers."""
    b, w = Fraction(step.scratch.b_before), Fraction(step.scratch.w_before)
    x, y = ([Fraction(v) for v in values.tolist()] for values in (step.x, step.y))
    signal = [2 * (b + w * xi - yi) / len(x) for xi, yi in zip(x, y, strict=True)]
    return float(sum(signal)), float(sum(s * xi for s, xi in zip(signal, x, strict=True)))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("scale", "offset"), [(1, 0), (1e-6, 0), (1e6, 0), (1, 1e4), (1e-150, 0), (1e100, 0)])
def test_three_witnesses_of_a_right_model_agree_with_the_exact_gradient(
    dtype: str, scale: float, offset: float
) -> None:
    if dtype == "float32" and not 1e-10 < scale < 1e10:
        scale = 1e-12 if scale < 1 else 1e12
    for seed in range(3):
        x, y = line_data(seed, 40, scale, offset)
        lr = 0.1 / (1 + scale**2 + offset**2)
        session = trained(on_data(x, y, seed=seed, dtype=dtype, lr=lr, batch_size=17, epochs=3))
        for index in (0, 2, session.trained - 1):
            step = session.step(index)
            found = check(step)
            assert found.step == index
            assert (found.b.hand, found.w.hand) == (step.scratch.grad_b, step.scratch.grad_w)
            for witnesses, exact in zip((found.b, found.w), exact_gradient(step), strict=True):
                assert witnesses.band in FINE
                assert witnesses.odd_one_out is None
                assert {witnesses.hand_central.band, witnesses.autograd_central.band} <= FINE
                for value in (witnesses.hand, witnesses.autograd, witnesses.central):
                    assert value == pytest.approx(exact, rel=2e5 * ROUNDOFF[dtype])


def test_the_witnesses_are_what_the_two_models_computed() -> None:
    step = trained(small(epochs=1)).step(2)
    found = check(step)
    assert not found.asked_again
    assert found.as_json() == {
        "step": 2,
        "hand": {"b": step.scratch.grad_b, "w": step.scratch.grad_w},
        "autograd": {"b": step.torch.grad_b, "w": step.torch.grad_w},
        "central": {"b": found.b.central, "w": found.w.central},
    }


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_wrong_gradient_reads_probably_wrong_from_its_first_step_on(mistake: str, dtype: str) -> None:
    session = trained(small(mistake=mistake, batch_size=30, lr=0.05, epochs=2, dtype=dtype))
    step = MISTAKES[mistake].first_step(session.schedule)
    assert step is not None
    for index in (step, step + 4):
        found = check(session.step(index))
        for name, witnesses in (("b", found.b), ("w", found.w)):
            wrong = f"grad_{name}" in MISTAKES[mistake].shows_in
            assert witnesses.autograd_central.band is Band.FINE
            little = mistake == "stale" and dtype == "float32"  # off by some 1e-3 here
            bad = {Band.WRONG, Band.SUSPICIOUS} if little else {Band.WRONG}
            assert witnesses.band in (bad if wrong else {Band.FINE})
            assert witnesses.odd_one_out == ("hand" if wrong else None)
    assert check(session.step(step + 4)).asked_again


@pytest.mark.parametrize(
    ("dtype", "size", "band"),
    [
        ("float64", 5e-10, Band.FINE),
        ("float64", 5e-9, Band.SUSPICIOUS),
        ("float64", 5e-7, Band.SUSPICIOUS),
        ("float64", 5e-5, Band.WRONG),
        ("float64", 5e-3, Band.WRONG),
        ("float32", 5e-6, Band.FINE),
        ("float32", 5e-5, Band.SUSPICIOUS),
        ("float32", 5e-3, Band.WRONG),
    ],
)
@pytest.mark.parametrize("batch_size", [1, 33, 100])
def test_the_bands_are_those_of_rounding(dtype: str, size: float, band: Band, batch_size: int) -> None:
    session = trained(small(relative_error(size, "grad_w"), epochs=1, dtype=dtype, batch_size=batch_size))
    found = check(session.step(0))
    assert found.w.hand_central.error == pytest.approx(size, rel=0.2 if dtype == "float32" else 0.01)
    assert (found.b.band, found.w.band) == (Band.FINE, band)


HARD = st.sampled_from(["plain", "exact", "x offset", "y offset", "tiny", "huge", "outlier", "decades", "constant"])


def hard_data(kind: str, seed: int, m: int) -> tuple[Array, Array]:
    """Data in which terms cancel, or are of very different sizes."""
    random = np.random.default_rng(seed)
    x, noise = random.normal(size=(2, m))
    y = 3 * x + 1 + (0 if kind == "exact" else noise)
    if kind == "x offset":
        x += 1e4
    elif kind == "y offset":
        y += 1e6
    elif kind in ("tiny", "huge"):
        x, y = (values * (1e-6 if kind == "tiny" else 1e6) for values in (x, y))
    elif kind == "outlier":
        x[0] = 1e4
    elif kind == "decades":
        x *= 10.0 ** random.uniform(-8, 8, m)
    elif kind == "constant":  # rounding all one way
        x, y = np.where(np.arange(m) % 2, 1.1, 1.3), np.full(m, 73.1)
    return x, y


@settings(deadline=None, max_examples=60)
@example("constant", 0, 20_000, "float32", 0.3)  # a product in one row is off by 3e-4
@example("x offset", 0, 20_000, "float64", 0.3)
@example("outlier", 0, 2_000, "float32", 0.3)
@given(
    HARD,
    st.integers(0, 10**6),
    st.sampled_from([1, 2, 3, 7, 33, 257, 600]),
    st.sampled_from(["float64", "float32"]),
    st.sampled_from([0.01, 0.3, 0.9]),
)
def test_a_right_gradient_is_never_worse_than_fine(kind: str, seed: int, m: int, dtype: str, part: float) -> None:
    x, y = hard_data(kind, seed, m)
    session = trained(on_data(x, y, lr=part / (1 + float((x * x).mean())), batch_size=m, epochs=30, dtype=dtype))
    for index in (0, 1, 29):
        found = check(session.step(index))
        pairs = (
            getattr(w, pair)
            for w in (found.b, found.w)
            for pair in ("hand_autograd", "hand_central", "autograd_central")
        )
        assert {pair.band for pair in pairs} <= FINE


class LoopGradients(SimpleLinearRegression):
    """Right, but the terms are added one after the other."""

    def bias_gradient(self, dloss_dpred: Tensor) -> Tensor:
        return dloss_dpred.new_tensor(np.add.accumulate(dloss_dpred.numpy())[-1])

    def weight_gradient(self, dloss_dpred: Tensor, x: Tensor) -> Tensor:
        return x.new_tensor(np.add.accumulate((dloss_dpred * x).numpy())[-1])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kind", ["plain", "constant", "x offset"])
def test_adding_in_another_order_is_fine_over_a_long_batch(kind: str, dtype: str) -> None:
    x, y = hard_data(kind, 1, 20_000)
    lr = 0.3 / (1 + float((x * x).mean()))
    for scratch_type in (None, LoopGradients):
        found = check(trained(on_data(x, y, scratch_type, lr=lr, batch_size=len(x), epochs=2, dtype=dtype)).step(1))
        assert {found.b.band, found.w.band} <= FINE
    wrong = relative_error(5e-3, "grad_w")
    found = check(trained(on_data(x, y, wrong, lr=lr, batch_size=len(x), epochs=2, dtype=dtype)).step(0))
    assert found.w.band not in FINE


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kind", ["plain", "y offset", "x offset"])
def test_the_best_h_of_a_central_difference_is_near_the_square_root_of_twice_the_loss_over_the_curvature(
    kind: str, dtype: str
) -> None:
    """Rounding u L/h falls with h, that of h² H/2 rises: the measured error is least near where they meet.

    `h` of the check may be larger, where that costs no more than the rounding of the gradient itself.
    """
    x, y = hard_data(kind, 5, 200)
    step = trained(on_data(x, y, dtype=dtype, lr=1e-9, batch_size=200, epochs=1)).step(0)
    point = Point(step.scratch.b_before, step.scratch.w_before)
    for which, curvature in ((0, 2.0), (1, 2 * float((step.x.double() ** 2).mean()))):
        best = math.sqrt(2 * step.scratch.loss / curvature)
        exact = exact_gradient(step)[which]
        errors = []
        for power in range(-4, 5):
            near = best * 10.0**power * np.linspace(0.8, 1.25, 40)  # rounding scatters
            found = [central_difference(step.x, step.y, point, which, float(h))[0] for h in near]
            errors.append(math.sqrt(np.mean((np.array(found) - exact) ** 2)))
        assert int(np.argmin(errors)) in (3, 4, 5)
        assert errors[4] < 3 * min(errors)
        assert errors[0] > 100 * min(errors)
        assert errors[8] > 100 * min(errors)


def test_autograd_asked_again_moves_no_generator_and_keeps_default_dtype() -> None:
    session = trained(small(mistake="sign", epochs=2))
    before = torch.get_rng_state()
    found = check(session.step(5))
    assert found.asked_again
    assert torch.equal(torch.get_rng_state(), before)
    exact = exact_gradient(session.step(5))
    assert (found.b.autograd, found.w.autograd) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("offset", "lr", "epochs"), [(0.0, 0.3, 400), (2.0, 0.05, 2400), *at_full_length((0.0, 0.01, 2500))]
)
def test_at_the_optimum_the_gradient_reads_zero_and_not_wrong(
    offset: float, lr: float, epochs: int, dtype: str
) -> None:
    x, y = line_data(1, 50, 1.0, offset)
    session = trained(on_data(x, y, lr=lr, batch_size=50, epochs=epochs, dtype=dtype))
    found = check(session.step(session.trained - 1))
    assert (found.b.band, found.w.band) == (Band.ZERO, Band.ZERO)
    assert (found.b.odd_one_out, found.w.odd_one_out) == (None, None)
    early = check(session.step(0))
    assert (early.b.band, early.w.band) == (Band.FINE, Band.FINE)


def step_beside_the_optimum(seed: int, away: float, scratch_type: Scratch | None = None) -> Step:
    """The first step of a run that starts at the least-squares line, but for w, which is `away` from it."""
    x, y = line_data(seed, 50)
    slope, bias = np.polyfit(x, y, 1)
    session = on_data(x, y, scratch_type, lr=0.1, batch_size=50, epochs=1)
    models = session._run.models
    models.restore([bias, slope + away], [bias, slope + away])
    session.timeline._start[:] = models.states()
    return trained(session).step(0)


def test_near_the_optimum_a_wrong_sign_still_shows() -> None:
    found = check(step_beside_the_optimum(1, 1e-8, SignOfWeightGradient))
    assert 0 < abs(found.w.autograd) < 1e-7
    assert found.w.band is Band.WRONG


@pytest.mark.parametrize("away", [1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-8, 1e-6])
def test_near_the_optimum_a_right_gradient_is_fine_however_much_cancels(away: float) -> None:
    for seed in range(5):
        found = check(step_beside_the_optimum(seed, away))
        for pair in (found.w.hand_autograd, found.w.hand_central, found.w.autograd_central):
            assert pair.band in FINE
            assert pair.error <= 1e-9


EDGE = st.sampled_from([1e300, -1e300, 1e-300, 1e154, 1e-160, 5e-324, 1e8, 1.0, -2.5, 0.0])


@settings(deadline=None, max_examples=50)
@example([(1e-300, 1e8)], 1e-300)  # h would be the largest power of two, and 2h infinite
@given(st.lists(st.tuples(EDGE, EDGE), min_size=1, max_size=5), st.sampled_from([1e-300, 1e-3, 1.0, 1e300]))
def test_edge_numbers_never_raise_and_never_accuse_a_right_model(pairs: list[tuple[float, float]], lr: float) -> None:
    x, y = (np.array(column) for column in zip(*pairs, strict=True))
    session = trained(on_data(x, y, lr=lr, batch_size=3, epochs=2))
    for index in range(session.trained):
        found = check(session.step(index))
        assert {found.b.band, found.w.band} <= FINE | {Band.UNKNOWN}
    swept = sweep(session.step(0))
    assert swept is not None
    assert all(np.shape(c.forward) == np.shape(c.central) == (57,) for c in swept.curves.values())


@pytest.mark.parametrize("y", [[0.0] * 10, [1e300] * 10, UNEVEN])
def test_a_diverged_run_is_not_finite_and_not_wrong(y: list[float]) -> None:
    session = trained(on_data(np.array(COUNT), np.array(y), lr=1e300, epochs=3))
    found = check(session.step(session.trained - 1))
    assert {found.b.band, found.w.band} == {Band.UNKNOWN}
    assert math.isnan(found.b.hand_central.error)


def orders(data: tuple[Array, Array], seed: int, dtype: str, **options: Any) -> dict[str, Any]:
    """Errors times |gradient| / loss, so that they do not depend on the data: the two curves, by parameter."""
    session = trained(on_data(*data, seed=seed, batch_size=len(data[0]), **options), 1)
    step = session.step(0)
    found = sweep(step)
    assert found is not None
    return {
        name: [values * abs(curves.reference) / step.scratch.loss for values in (curves.forward, curves.central)]
        for name in "bw"
        for curves in [found.curves[dtype, name]]
    }


H = np.logspace(0, -14, 57)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_sweep_has_the_known_orders_of_magnitude(dtype: str) -> None:
    runs = [orders(line_data(seed, 60), seed, dtype) for seed in range(8)]
    errors = np.array([run[name] for run in runs for name in "bw"])  # (16, 2, 57)
    forward, central = np.median(errors, axis=0)
    ratio = ROUNDOFF[dtype] / ROUNDOFF["float64"]
    known = {0.1: 1e-15, 1e-5: 2e-11, 1e-8: 1e-8, 1e-12: 2e-4}
    for h, error in known.items():
        if error * ratio < 0.1:
            near = np.abs(np.log10(H / h)) < 0.6  # rounding scatters: of five neighbours the middle one
            assert error * ratio / 30 < np.median(central[near]) < error * ratio * 10
    # Truncation h ∂²L/∂θ²/2 on the right, rounding u L / h on the left: best where they meet, near √u.
    best = H[np.argmin(forward)]
    assert math.sqrt(ROUNDOFF[dtype]) / 3 < best < math.sqrt(ROUNDOFF[dtype]) * 30
    assert 1 < forward[0] / forward[4] / 10 * 2 < 4  # a tenth of h, a tenth of the error
    assert np.argmin(central) < 12  # no truncation error: best near √(2L/H), here about 1
    assert central[:4].max() < 100 * ROUNDOFF[dtype]
    assert central[0] < forward.min() / 100


def test_the_sweeps_reference_is_the_exact_gradient() -> None:
    step = trained(on_data(*line_data(3, 30, 1.0, 1e6), lr=1e-13, batch_size=30), 1).step(0)
    found = sweep(step)
    assert found is not None
    assert np.array_equal(found.h, H)
    exact = exact_gradient(step)
    assert [found.curves["float64", name].reference for name in "bw"] == pytest.approx(exact, rel=1e-14)
    single = step.x.to(torch.float32).double(), step.y.to(torch.float32).double()
    b, w = (float(np.float32(v)) for v in (step.scratch.b_before, step.scratch.w_before))
    samples = zip(*(values.tolist() for values in single), strict=True)
    signal = [2 * (Fraction(b) + Fraction(w) * Fraction(x) - Fraction(y)) / 30 for x, y in samples]
    assert found.curves["float32", "b"].reference == pytest.approx(float(sum(signal)), rel=1e-14)


def test_float64_of_a_float32_run_takes_the_same_numbers() -> None:
    step = trained(small(dtype="float32", epochs=1)).step(0)
    found = sweep(step)
    assert found is not None
    for name, exact in zip("bw", exact_gradient(step), strict=True):
        references = [found.curves[dtype, name].reference for dtype in ("float64", "float32")]
        assert references == pytest.approx([exact, exact], rel=1e-14)


def test_a_long_sweep_is_cancelled_and_blocks_change_little() -> None:
    x, y = line_data(0, 150_001)
    step = trained(on_data(x, y, lr=0.1, batch_size=len(x)), 1).step(0)
    assert sweep(step, lambda: True) is None
    found = sweep(step)
    assert found is not None
    assert found.curves["float64", "w"].central[:3].max() < 1e-13
