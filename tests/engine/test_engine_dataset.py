"""The data of a run: the recipe, real data, the split, the order, the scaling, and what is said beforehand."""

from __future__ import annotations

import math
import random
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from engine_helpers import line_data, on_data, small, trained
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes, make_regression

from tui_linreg.engine.analysis.instruments import Instruments
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.data.dataset import Dataset, load_dataset
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.training.session import Session

CPU = torch.device("cpu")


def load(**options: Any) -> Dataset:
    return load_dataset(RunConfig(device="cpu", **options), CPU)


def columns(data: Dataset) -> tuple[list[float], list[float]]:
    """All rows, train first."""
    return torch.cat([data.x_train, data.x_valid]).tolist(), torch.cat([data.y_train, data.y_valid]).tolist()


def write(folder: Path, x: list[float], y: list[float]) -> str:
    path = folder / "data.csv"
    path.write_text("x,y\n" + "".join(f"{a!r},{b!r}\n" for a, b in zip(x, y, strict=True)), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(("seed", "samples", "noise", "train_size"), [(0, 10_100, 1.0, None), (3, 50, 7.5, 10)])
def test_make_regression_is_the_recipe(seed: int, samples: int, noise: float, train_size: int | None) -> None:
    data = load(seed=seed, samples=samples, noise=noise, train_size=train_size)
    bias = random.Random(seed).random()
    x, y, coefficient = make_regression(
        n_samples=samples, n_features=1, n_targets=1, bias=bias, noise=noise, random_state=seed, coef=True
    )
    assert columns(data) == (x[:, 0].tolist(), y.tolist())
    assert (data.true_bias, data.true_coefficient) == (bias, float(coefficient))
    assert data.n_train == (100 if train_size is None else train_size)
    assert data.n_valid == samples - data.n_train
    for tensor in (data.x_train, data.y_train, data.x_valid, data.y_valid):
        assert tensor.dim() == 1
        assert tensor.dtype == torch.float64


def test_diabetes_is_scikit_learn_s() -> None:
    bunch = load_diabetes()
    data = load(dataset="diabetes")
    assert (data.x_name, data.true_bias, data.true_coefficient) == ("bmi", None, None)
    assert columns(data) == (bunch.data[:, 2].tolist(), bunch.target.tolist())
    assert (data.n_train, data.n_valid) == (353, 89)  # the first 80 % of 442 rows
    for x in ("bp", "4"):
        assert columns(load(dataset="diabetes", x=x))[0] == bunch.data[:, 3].tolist()
    for x in ("BMI", "0", "11", "weight", "\x1b[2J", "²"):
        with pytest.raises(InputError, match="bmi") as caught:
            load(dataset="diabetes", x=x)
        assert caught.value.field == "x"
        assert str(caught.value).isprintable()


def test_csv_rows_keep_their_order(tmp_path: Path) -> None:
    x, y = [5.0, 1.0, 4.0, 2.0, 3.0, 9.0], [0.5, 0.1, 0.4, 0.2, 0.3, 0.9]
    data = load(data=write(tmp_path, x, y))
    assert columns(data) == (x, y)
    assert (data.n_train, data.x_name, data.y_name) == (4, "x", "y")
    assert load(data=write(tmp_path, x, y), x="2", y="x").x_train.tolist() == y[:4]
    assert load(data=write(tmp_path, x, y), train_size=5).n_train == 5


@pytest.mark.parametrize("train_size", [6, 7, 10**9])
def test_a_train_size_that_leaves_nothing_to_validate(train_size: int, tmp_path: Path) -> None:
    path = write(tmp_path, [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 7])
    with pytest.raises(InputError, match=rf"--train-size {train_size}: must be below the 6 rows") as caught:
        load(data=path, train_size=train_size)
    assert caught.value.field == "train_size"


def test_missing_files_and_columns_are_one_line(tmp_path: Path) -> None:
    path = write(tmp_path, [1, 2, 3], [1, 2, 4])
    for options, field in (
        ({"data": str(tmp_path / "none.csv")}, "data"),
        ({"data": str(tmp_path)}, "data"),
        ({"data": path, "x": "z", "y": "y"}, "x"),
        ({"data": path, "x": "x", "y": "\x1b]0;z"}, "y"),
    ):
        with pytest.raises(InputError) as caught:
            load(**options)
        assert caught.value.field == field
        assert str(caught.value).isprintable()


def test_constant_x_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(data=write(tmp_path, [2, 2, 2, 2, 3], [1, 2, 3, 4, 5]))  # constant only in the rows that train
    assert "constant" in str(caught.value)
    assert caught.value.field == "x"


def test_x_that_float32_makes_constant_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, [1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4], [1, 2, 3, 4, 5])
    assert load(data=path).n_train == 4
    assert load(data=path, dtype="float32", standardize=True).n_train == 4
    with pytest.raises(InputError, match="constant"):
        load(data=path, dtype="float32")


def test_values_beyond_the_dtype_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, [1e300, 2, 3, 4], [1, 2, 3, 4])
    with pytest.raises(InputError, match="float32") as caught:
        load(data=path, dtype="float32")
    assert caught.value.field == "dtype"
    with pytest.raises(InputError) as caught:
        load(noise=1.7e308, samples=1000)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("source", ["make_regression", "diabetes", "tiny", "csv"])
def test_shuffle_is_seeded_keeps_pairs_and_happens_before_the_split(source: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"samples": 150} if source == "make_regression" else {"dataset": source}
    if source == "csv":
        options = {"data": write(tmp_path, list(range(40)), [v * 2.5 for v in range(40)])}
    plain, one, again = (load(shuffle=on, **options) for on in (False, True, True))
    assert columns(one) == columns(again)
    before, after = (list(zip(*columns(data), strict=True)) for data in (plain, one))
    assert before != after
    assert sorted(before) == sorted(after)
    assert set(before[: plain.n_train]) != set(after[: one.n_train])
    if source != "make_regression":
        assert columns(load(shuffle=True, seed=1, **options)) != columns(one)


def test_shuffling_happens_once_not_every_epoch() -> None:
    session = trained(small(shuffle=True, epochs=3))
    assert torch.equal(session.step(0).x, session.step(4).x)
    assert torch.equal(session.step(3).y, session.step(11).y)


@pytest.mark.parametrize(("x_scale", "x_offset", "y_scale"), [(1, 0, 1), (1e-6, 1e3, 1e6), (1e5, -1e6, 1e-9)])
def test_standardize_uses_the_train_rows_and_goes_back(
    x_scale: float, x_offset: float, y_scale: float, tmp_path: Path
) -> None:
    x, y = line_data(3, 50, x_scale, x_offset, y_scale)
    data = load(data=write(tmp_path, x.tolist(), y.tolist()), standardize=True)
    n = data.n_train
    assert n == 40
    # Sums of 40 terms near 1 that were each divided and shifted: some 40 roundings, times the offset's condition.
    close = 40 * 2.0**-52 * (1 + abs(x_offset) / x_scale)
    for tensor in (data.x_train, data.y_train):
        assert abs(float(tensor.mean())) <= close
        assert float(tensor.std(correction=0)) == pytest.approx(1, abs=close)
    assert np.allclose(data.x_valid.numpy(), (x[n:] - x[:n].mean()) / x[:n].std(), rtol=0, atol=4 * close)
    slope, intercept = np.polyfit(data.x_train.numpy(), data.y_train.numpy(), 1)
    assert data.scaling is not None
    b, w = data.scaling.to_original(float(intercept), float(slope))
    # The same line in the original units: compare what it predicts, not b (which cancels far from x = 0).
    centred = np.polyfit(x[:n] - x[:n].mean(), y[:n], 1)
    wanted = centred[1] + centred[0] * (x - x[:n].mean())
    assert np.allclose(b + w * x, wanted, rtol=0, atol=100 * close * abs(y).max())
    assert w == pytest.approx(centred[0], rel=100 * close)


def test_standardize_refuses_what_has_no_deviation(tmp_path: Path) -> None:
    # The mean of three 0.1 is not 0.1 in float64, so their computed deviation is not 0.
    for value in (0.1, 7.0, 1e-320):
        path = write(tmp_path, [1, 2, 3, 4], [value, value, value, 5.0])
        with pytest.raises(InputError, match="constant") as caught:
            load(data=path, standardize=True)
        assert caught.value.field == "standardize"
        assert load(data=path).n_train == 3  # constant y alone is fine
    with pytest.raises(InputError, match="standardize"):
        load(train_size=1, standardize=True)
    with pytest.raises(InputError, match="standardize"):
        load(data=write(tmp_path, [1e308, -1e308, 1e308, 2], [1, 2, 3, 4]), standardize=True)


GRID = [(seed, batch_size, lr) for seed in range(2) for batch_size in (1, 4, 12) for lr in (0.1, 0.5, 0.8, 1.1)]


def test_a_diverging_rate_is_said_and_only_then() -> None:
    """Against what a run really does: 60 epochs either blow the loss up or settle it."""
    told = 0
    for seed, batch_size, lr in GRID:
        session = small(seed=seed, batch_size=batch_size, lr=lr, train_size=12, samples=14, epochs=60)
        growth = Instruments(session).learning_rate(0).log_radius
        if abs(growth) < 0.3:  # too slow for 60 epochs to show
            continue
        trained(session)
        losses = session.timeline.losses(1)
        exploded = not math.isfinite(losses[-1]) or losses[-1] > 1e4 * losses[: session.schedule.batches].max()
        assert exploded == (Instruments(session).warning is not None), (seed, batch_size, lr)
        told += exploded
    assert 5 < told < len(GRID) - 5


def test_the_rate_that_is_advised_converges() -> None:
    """Spec 5: the full-batch bound is not sufficient for mini-batches (0.842 against 0.537 at B = 1)."""
    for seed in range(6):
        for batch_size in (1, 5, 33, 100):
            for lr in (0.6, 0.9, 1.5, 40.0):
                session = small(seed=seed, batch_size=batch_size, lr=lr)
                if (notice := Instruments(session).warning) is not None:
                    found = re.search(r"try below (\S+)", notice)
                    assert found is not None
                    advised = float(found[1])
                    assert advised < lr, notice
                    better = small(seed=seed, batch_size=batch_size, lr=0.999 * advised)
                    assert Instruments(better).warning is None, notice


def test_the_advice_holds_for_a_long_epoch_and_a_lone_sample() -> None:
    cases: list[dict[str, Any]] = [
        {"samples": 6000, "train_size": 5000, "batch_size": 1, "lr": 0.6},
        {"train_size": 1, "lr": 50.0},
    ]
    for options in cases:
        notice = Instruments(small(**options)).warning or ""
        found = re.search(r"try below (\S+)", notice)
        assert found is not None, notice
        assert Instruments(small(**(options | {"lr": 0.999 * float(found[1])}))).warning is None


def test_scaled_data_is_said_before_the_run() -> None:
    x, y = line_data(2, 60, 1e3, 1e4)
    session = on_data(x, y)
    notice = Instruments(session).warning or ""
    assert "diverges" in notice
    assert "standardize" in notice
    assert len(notice.splitlines()) == 1
    trained(session)
    assert session.timeline.first_overflow is not None  # and the run goes on to inf without a crash
    assert session.trained == session.schedule.steps
    assert Instruments(small()).warning is None


def test_x_too_small_to_square_is_said_and_standardize_helps(tmp_path: Path) -> None:
    x, y = line_data(5, 30, 1.0, 0.0)
    tiny = write(tmp_path, (x * 2.0**-560).tolist(), y.tolist())
    (notice,) = Session(RunConfig(data=tiny)).notices
    assert "float64 cannot hold the square of that" in notice
    assert "--standardize" in notice
    scaled = load(data=tiny, standardize=True)
    plain = load(data=write(tmp_path, x.tolist(), y.tolist()), standardize=True)
    assert columns(scaled) == columns(plain), "a power of two changes no digit"
    assert Session(RunConfig(data=str(write(tmp_path, x.tolist(), y.tolist())))).notices == ()


@pytest.mark.parametrize("ulps", [1, 3, 1000])
@pytest.mark.parametrize("standardize", [False, True])
def test_x_a_few_ulps_apart_is_refused_with_what_helps(tmp_path: Path, ulps: int, standardize: bool) -> None:
    y = [float(number % 7) for number in range(20)]
    x = [1.0 + ulps * 2.0**-52 * (number % 2) for number in range(20)]
    with pytest.raises(InputError, match=r"float64 to tell b from w: subtract 1.0 from it in the file") as caught:
        load(data=write(tmp_path, x, y), standardize=standardize)
    assert caught.value.field == "x"
    assert load(data=write(tmp_path, [v - 1.0 for v in x], y), standardize=standardize).n_train == 16


@given(st.integers(16, 35), st.integers(0, 1000))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_slope_is_right_as_close_together_as_x_may_be(tmp_path: Path, bits: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    x = 1.0 + random.uniform(0, 2.0 ** (1 - bits), 30)
    x[:2] = 1.0, 1.0 + 2.0 ** (1 - bits)
    y = random.normal(size=30)
    session = Session(RunConfig(data=write(tmp_path, x.tolist(), y.tolist())))
    n = session.dataset.n_train
    xs, ys = [Fraction(v) for v in x[:n].tolist()], [Fraction(v) for v in y[:n].tolist()]
    mean_x, mean_y = sum(xs) / n, sum(ys) / n
    products = [(a - mean_x) * (b - mean_y) for a, b in zip(xs, ys, strict=True)]
    squares = float(sum((a - mean_x) ** 2 for a in xs))
    error = abs(Instruments(session).whole.w - float(sum(products)) / squares)
    assert error <= 1e-6 * sum(map(abs, map(float, products))) / squares
