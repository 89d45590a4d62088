"""Verdicts on correct runs: identical or rounding, whatever the data; and how far apart two floats are."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import pytest
from engine_helpers import Array, differing, line_data, on_data, small, trained
from full_length import LONG, pairs
from hypothesis import example, given
from hypothesis import strategies as st

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.device import number_of_threads
from tui_linreg.engine.step import Verdict
from tui_linreg.engine.training.session import Session
from tui_linreg.engine.verdicts.bits import identical, ulps_apart
from tui_linreg.engine.verdicts.judge import compare, each


def assert_no_false_alarm(session: Session, steps: int, stride: int = 1) -> None:
    trained(session, steps)
    for index in {*range(0, session.trained, stride), session.trained - 1}:
        step = session.step(index)
        assert not differing(step), (index, step.comparisons, step.torch)


def edge_of_stability(x: Array) -> float:
    """η_max = 2/λ_max of the full batch, written out from the Hessian 2 [[1, x̄], [x̄, mean(x²)]]."""
    return float(2 / np.linalg.eigvalsh(2 * np.array([[1, x.mean()], [x.mean(), (x * x).mean()]])).max())


BATCH_SIZES, DTYPES = (1, 2, 7, 33, 60, 99, 100), ("float64", "float32")


@pytest.mark.parametrize(("batch_size", "dtype"), pairs(BATCH_SIZES, DTYPES))
def test_no_false_alarm_over_seeds_noise_and_rates(batch_size: int, dtype: str) -> None:
    rates = [1e-6, 0.01, 0.1, 0.5, 0.83, 0.9, 1.0, 2.5]
    for seed, noise in enumerate((0, 1, 100)):
        for lr in rates[seed % 2 :: 2]:
            session = small(seed=seed, noise=noise, batch_size=batch_size, lr=lr, dtype=dtype, epochs=200)
            assert_no_false_alarm(session, 24, stride=4)


# (scale of x, offset of x, scale of y, as powers of ten for the dtype's range)
SHAPES = [(1e6, 0, 1), (1e-6, 0, 1), (1, 1e6, 1), (1e-3, 1e6, 1e6), (1e6, -1e6, 1e-6), (1, 0, 0), (1, 1e-6, 1e6)]


@pytest.mark.parametrize(("shape", "dtype"), pairs(SHAPES, DTYPES))
def test_no_false_alarm_on_scaled_and_offset_data(shape: tuple[float, float, float], dtype: str) -> None:
    for seed, batch_size in enumerate((1, 33, 100)):
        x, y = line_data(seed, 100, *shape)
        for part in (1e-6, 0.999, 1.001, 1e3):
            session = on_data(x, y, seed=seed, batch_size=batch_size, dtype=dtype, lr=part * edge_of_stability(x))
            assert_no_false_alarm(session, 30, stride=5)


EXTREMES: list[tuple[str, float, float, float, float]] = [
    # dtype, scale of x, offset of x, scale of y, lr
    *(("float64", x, 0, y, lr) for x, y in ((1e300, 1), (1e-300, 1), (1, 1e300), (1, 1e-300)) for lr in (1e-4, 10)),
    *(("float64", 1e150, 0, 1e150, lr) for lr in (1e-302, 1e-300, 0.01)),
    *(("float64", 1e-300, 0, 1e-300, lr) for lr in (0.3, 0.5, 1.0)),
    *(("float64", 1e-310, 0, 1e-310, lr) for lr in (0.3, 0.5)),
    ("float64", 1, 1e6, 1, 1e300),
    ("float64", 1, 0, 1, 1e-300),
    *(("float32", x, 0, y, lr) for x, y in ((1e36, 1), (1e-37, 1), (1, 1e36), (1, 1e-37)) for lr in (1e-4, 10)),
    *(("float32", 1e-40, 0, 1e-40, lr) for lr in (0.3, 0.5)),
    *(("float32", 1e18, 0, 1e18, lr) for lr in (1e-37, 0.01)),
    ("float32", 1e-6, 0, 1, 10),
    ("float32", 1, 0, 1, 1e38),
]


@pytest.mark.parametrize(("dtype", "x_scale", "x_offset", "y_scale", "lr"), EXTREMES)
def test_no_false_alarm_at_the_ends_of_the_dtype(
    dtype: str, x_scale: float, x_offset: float, y_scale: float, lr: float
) -> None:
    """Overflow and underflow come in both models within a step of each other, never quite at the same operation."""
    for seed, batch_size in enumerate((1, 7, 100)):
        x, y = line_data(seed, 100, x_scale, x_offset, y_scale)
        session = on_data(x, y, seed=seed, batch_size=batch_size, dtype=dtype, lr=lr, epochs=60)
        assert_no_false_alarm(session, 34, stride=1 if lr == 10 else 7)


def test_no_false_alarm_where_torch_hits_zero_by_luck() -> None:
    """At η = 0.5 b jumps to mean(y) ~ 1e-300: 0 in one model, 1e-17 in the other, which rounds more."""
    for seed in range(8):
        x, y = line_data(seed, 100, 1e-300, 0, 1e-300)
        assert_no_false_alarm(on_data(x, y, seed=seed, batch_size=99, lr=0.5), 8)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_no_false_alarm_down_to_the_subnormal_numbers(dtype: str) -> None:
    tiny = 1e-310 if dtype == "float64" else 1e-42
    x, y = line_data(5, 20, 1.0, 0.5)
    assert_no_false_alarm(on_data(x, tiny * y, batch_size=7, dtype=dtype, lr=0.4, epochs=900), 1500, stride=31)


LONGEST = 5000 if LONG else 2000


@pytest.mark.parametrize(("dtype", "batch_size", "part"), [("float64", 50, 1.02), ("float32", 100, 0.99999)])
def test_no_false_alarm_on_long_runs(dtype: str, batch_size: int, part: float) -> None:
    x, y = line_data(11, 100, 1.0, 3.0)
    session = on_data(x, y, batch_size=batch_size, dtype=dtype, lr=part * edge_of_stability(x), epochs=LONGEST)
    assert_no_false_alarm(session, LONGEST, stride=97)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_no_false_alarm_whatever_the_thread_count(dtype: str, count: int) -> None:
    x, y = line_data(4, 40_000, 2.0, 10.0)  # above the 32 768 elements from which torch uses threads
    with number_of_threads(count):
        for batch_size in (40_000, 33_000):
            session = on_data(x, y, batch_size=batch_size, dtype=dtype, lr=0.5 * edge_of_stability(x))
            assert_no_false_alarm(session, 2)


def test_no_false_alarm_on_files_and_real_data(tmp_path: Any) -> None:
    x, y = line_data(8, 60, 1e-3, 1e3, 1e5)
    path = tmp_path / "data.csv"
    path.write_text("x,y\n" + "".join(f"{a!r},{b!r}\n" for a, b in zip(x.tolist(), y.tolist(), strict=True)))
    for dtype in ("float64", "float32"):
        for options in ({}, {"standardize": True}, {"shuffle": True, "batch_size": 1}):
            own: dict[str, Any] = {"dtype": dtype, "device": "cpu", **options}
            assert_no_false_alarm(Session(RunConfig(data=str(path), **own)), 40, stride=5)
            assert_no_false_alarm(Session(RunConfig(dataset="diabetes", **own)), 40, stride=5)


def test_a_correct_run_is_not_all_identical() -> None:
    """Spec 4: the notebook's arithmetic is not autograd's bit for bit; a verdict that never says ≈ compares nothing."""
    session = trained(small(batch_size=33))
    verdicts = [session.step(index).verdict for index in range(session.trained)]
    assert set(verdicts) <= {Verdict.IDENTICAL, Verdict.ROUNDING}
    assert verdicts.count(Verdict.ROUNDING) > len(verdicts) / 2
    for index in range(session.trained):
        step = session.step(index)
        for key, (ours, theirs) in {
            "loss": (step.scratch.loss, step.torch.loss),
            "grad_w": (step.scratch.grad_w, step.torch.grad_w),
            "b": (step.scratch.b_after, step.torch.b_after),
        }.items():
            comparison = step.comparisons[key]
            assert (comparison.verdict is Verdict.IDENTICAL) == (ours == theirs) == (comparison.unequal == 0)
            assert comparison.ulps == ordinal(ours, "d", "q") - ordinal(theirs, "d", "q") or comparison.ulps == (
                ordinal(theirs, "d", "q") - ordinal(ours, "d", "q")
            )


def ordinal(value: float, floating: str, whole: str) -> int:
    """Number the floats of a dtype in their order, both zeros 0."""
    (bits,) = struct.unpack("<" + whole, struct.pack("<" + floating, value))
    return int(bits) if bits >= 0 else -(int(bits) & ((1 << (8 * struct.calcsize(whole) - 1)) - 1))


def distance(a: float, b: float, floating: str, whole: str) -> float:
    """What `ulps_apart` must return; integers beyond 2⁵³ round to float64 as it does."""
    if math.isnan(a) and math.isnan(b):
        return 0.0
    if a == b and math.copysign(1, a) == math.copysign(1, b):
        return 0.0
    if not (math.isfinite(a) and math.isfinite(b)):
        return math.nan
    return float(abs(ordinal(a, floating, whole) - ordinal(b, floating, whole)))


def same_number(a: float, b: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=2.0**-51)  # two roundings to float64


@given(st.floats(), st.floats())
@example(0.0, -0.0)
@example(5e-324, -5e-324)
@example(1.7976931348623157e308, -1.7976931348623157e308)
@example(math.inf, math.inf)
@example(math.inf, 1.0)
@example(math.nan, 1.0)
def test_ulps_apart_float64(a: float, b: float) -> None:
    found = ulps_apart(np.array([a]), np.array([b])).item()
    assert same_number(found, distance(a, b, "d", "q"))


@given(st.floats(width=32), st.floats(width=32))
@example(0.0, -0.0)
@example(1.401298464324817e-45, -1.401298464324817e-45)
def test_ulps_apart_float32(a: float, b: float) -> None:
    found = ulps_apart(np.array([a], dtype=np.float32), np.array([b], dtype=np.float32)).item()
    assert same_number(found, distance(a, b, "f", "i"))


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 40))
def test_ulps_apart_counts_steps_of_nextafter(start: float, count: int) -> None:
    value = start
    for _ in range(count):
        value = math.nextafter(value, math.inf)
    if math.isfinite(value):
        both = [np.array([v]) for v in (start, value)]
        # Walking up from below 0 visits one zero, as the numbering does.
        assert ulps_apart(*both).item() == ulps_apart(*reversed(both)).item() == count


def test_a_comparison_says_what_its_elements_are() -> None:
    ours = np.array([1.0, 1.0 + 2.0**-52, 2.0, math.nan, math.inf])
    theirs = np.array([1.0, 1.0, 1.0, math.nan, math.inf])
    none, bound = np.zeros(5), np.full(5, 2.0**-52)
    elements = compare(ours, theirs, none, bound)
    assert elements.same.tolist() == [True, False, False, True, True]
    assert elements.outside.tolist() == [False, False, True, False, False]
    assert elements.ulps.tolist() == [0, 1, 2.0**52, 0, 0]
    one_by_one = [comparison.verdict for comparison in each(elements)]
    same = Verdict.IDENTICAL
    assert one_by_one == [same, Verdict.ROUNDING, Verdict.DIFFERS, same, same]


@pytest.mark.parametrize("pair", [(math.nan, 1.0), (1.0, math.nan), (math.inf, 1.0), (math.inf, -math.inf)])
def test_a_finite_bound_excuses_no_infinity_and_no_nan(pair: tuple[float, float]) -> None:
    ours, theirs = (np.array([v]) for v in pair)
    zero, one = np.zeros(1), np.ones(1)
    assert not identical(ours, theirs).item()
    assert compare(ours, theirs, zero, one).outside.item()
    assert not compare(ours, theirs, zero, one * math.inf).outside.item()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("m", [333, 3000, 20_000])
def test_no_false_alarm_on_long_batches_far_from_zero(m: int, dtype: str) -> None:
    # All products of one sign: kernels that add in one row lose m/4 roundoffs on such sums.
    random = np.random.default_rng(m)
    x = 2000 + 10 * random.standard_normal(m)
    y = 0.3 * x + random.standard_normal(m)
    y[0] += 5000
    session = on_data(x, y, lr=1e-8, epochs=12, batch_size=m, dtype=dtype)
    session.train_to(12)
    assert [session.step(k).verdict for k in range(12) if session.step(k).verdict is Verdict.DIFFERS] == []
