"""The engine's numbers against a NumPy computation of their own, and the exact lines of a known run."""

from __future__ import annotations

import math
import random
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
import pytest
import torch
from engine_helpers import ROUNDOFF, Array, on_data, small, trained
from sklearn.datasets import make_regression

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.reference import TorchLinearRegression
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.step import Side
from tui_linreg.engine.training.session import Session

# 64 bits of mantissa: its own rounding is 2⁻¹¹ of float64's, and cannot hide an error of the engine.
Exact = npt.NDArray[np.longdouble]

FIRST_LINE = "epoch: 0 - MSE: 736.9844 - MSE_v: 949.6741"
LAST_LINE = "epoch: 15 - MSE: 133.2815 - MSE_v: 178.2338"
FINAL_B, FINAL_W = 1.9453398231, 20.5362814585

SWEEP = [
    # seed, train size, batch size, lr
    (0, 100, None, 0.01),
    (1, 100, 100, 0.3),
    (2, 7, 1, 0.1),
    (3, 1, 1, 0.05),
    (4, 64, 17, 0.5),
    (5, 10, 3, 1e-6),
    (6, 101, 50, 1.0),
    (7, 2, None, 0.2),
    (8, 500, 333, 0.9),
]


def exact(values: torch.Tensor) -> Exact:
    return values.detach().cpu().numpy().astype(np.longdouble)


def recipe(seed: int, samples: int, noise: float = 1.0) -> tuple[Array, Array, float, float]:
    """x, y, true bias and coefficient as the recipe words it."""
    bias = random.Random(seed).random()
    x, y, coefficient = make_regression(
        samples, n_features=1, n_targets=1, bias=bias, noise=noise, random_state=seed, coef=True
    )
    return x[:, 0], y, bias, float(coefficient)


def start_of(seed: int, dtype: torch.dtype) -> tuple[float, float, float, float]:
    """(layer bias, layer weight, scratch b, scratch w) as the recipe words it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer = torch.nn.Linear(1, 1, dtype=dtype)
        b, w = torch.randn(1, dtype=dtype), torch.randn(1, dtype=dtype)
    return layer.bias.item(), layer.weight.item(), b.item(), w.item()


def assert_side(side: Side, x: Exact, y: Exact, lr: float, unit: float) -> None:
    """Every quantity against the formulas, from the parameters that this side says it started with."""
    m = len(x)
    b, w = np.longdouble(side.b_before), np.longdouble(side.w_before)
    size = abs(b) + abs(w * x) + abs(y)
    y_pred = b + w * x
    signal = 2 / np.longdouble(m) * (y_pred - y)
    # Two roundings in ŷ, one more in ŷ − y, two more in ∂L/∂ŷ; a sum of m terms adds at most m more. Beyond 16 the
    # kernels' own pairwise sums keep it there (spec 4).
    assert (abs(exact(side.y_pred) - y_pred) <= 2 * unit * size).all()
    assert (abs(exact(side.dloss_dpred) - signal) <= 5 * unit * 2 / m * size).all()
    sums = min(5 + 1 + m, 16) * unit
    bound_b, bound_w = sums * (2 / m * size).sum(), sums * (2 / m * size * abs(x)).sum()
    grad_b, grad_w = signal.sum(), (signal * x).sum()
    assert abs(side.grad_b - grad_b) <= bound_b
    assert abs(side.grad_w - grad_w) <= bound_w
    # ŷ − y is off by 3 u size, its square by twice that times |ŷ − y|; squaring, summing and dividing add `sums`.
    bound_loss = (2 * 3 * unit * size * abs(y_pred - y)).mean() + (sums + 9 * unit**2) * (size**2).mean()
    assert abs(side.loss - ((y_pred - y) ** 2).mean()) <= bound_loss
    # η itself is rounded in float32, then the product and the difference: three roundings of η g, one of θ.
    for after, before, gradient in (
        (side.b_after, b, side.grad_b),
        (side.w_after, w, side.grad_w),
    ):
        move = np.longdouble(lr) * np.longdouble(gradient)
        assert abs(after - (before - move)) <= 4 * unit * (abs(before) + abs(move))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("seed", "n_train", "batch_size", "lr"), SWEEP)
def test_every_quantity_is_the_formula_s(
    seed: int, n_train: int, batch_size: int | None, lr: float, dtype: str
) -> None:
    epochs = 3
    session = trained(
        small(seed=seed, train_size=n_train, batch_size=batch_size, lr=lr, dtype=dtype, epochs=epochs, samples=600)
    )
    torch_dtype, unit = getattr(torch, dtype), ROUNDOFF[dtype]
    x_made, y_made, _, _ = recipe(seed, 600)
    x, y = (exact(torch.tensor(v, dtype=torch_dtype)) for v in (x_made, y_made))
    size = batch_size if batch_size is not None else max(1, n_train // 3)
    batches = [range(n_train)[i : i + size] for i in range(0, n_train, size)]
    bias, weight, _, _ = start_of(seed, torch_dtype)
    previous = [(bias, weight), (bias, weight)]
    losses: tuple[list[float], list[float]] = ([], [])
    assert session.trained == session.schedule.steps == epochs * len(batches)
    for index in range(session.trained):
        step, rows = session.step(index), batches[index % len(batches)]
        assert (step.place.start, step.place.stop, step.place.m) == (rows.start, rows.stop, len(rows))
        assert (step.place.epoch, step.place.batch) == divmod(index, len(batches))
        mine = slice(rows.start, rows.stop)
        assert np.array_equal(exact(step.x), x[mine])
        assert np.array_equal(exact(step.y), y[mine])
        for number, side in enumerate((step.scratch, step.torch)):
            assert (side.b_before, side.w_before) == previous[number]
            assert side.y_pred.shape == side.dloss_dpred.shape == (len(rows),)
            assert_side(side, x[mine], y[mine], lr, unit)
            previous[number] = (side.b_after, side.w_after)
            losses[number].append(side.loss)
        assert np.array_equal(exact(step.residual), exact(step.scratch.y_pred - step.y))
    for number in (0, 1):
        assert_log(session, number, losses[number], len(batches))


def assert_log(session: Session, number: int, losses: list[float], batches: int) -> None:
    """Epoch means and validation losses against NumPy, from the parameters after each epoch."""
    x, y = exact(session.dataset.x_valid), exact(session.dataset.y_valid)
    unit = ROUNDOFF[session.config.dtype]
    log = session.epoch_log(number)
    assert [entry.epoch for entry in log] == list(range(len(losses) // batches))
    for entry in log:
        own = losses[entry.epoch * batches : (entry.epoch + 1) * batches]
        # The mean is taken of Python floats: one float64 rounding a term.
        assert entry.mse == pytest.approx(math.fsum(own) / batches, rel=(batches + 1) * 2.0**-53, abs=0)
        last = session.step((entry.epoch + 1) * batches - 1)
        side = (last.scratch, last.torch)[number]
        error = side.b_after + side.w_after * x - y
        size = abs(side.b_after) + abs(side.w_after * x) + abs(y)
        bound = (6 * unit * size * abs(error)).mean() + 17 * unit * (size**2).mean()  # as for the batch loss
        assert abs(entry.mse_v - (error**2).mean()) <= bound


def test_a_whole_run_is_numpy_s_run() -> None:
    x, y, true_bias, true_coefficient = recipe(0, 10_100)
    session = trained(Session(RunConfig(device="cpu")))
    b, w, _, _ = start_of(0, torch.float64)
    for _ in range(16):
        for i in (0, 33, 66, 99):
            batch, target = x[:100][i : i + 33], y[:100][i : i + 33]
            signal = 2 / len(batch) * (b + w * batch - target)
            b, w = b - 0.01 * signal.sum(), w - 0.01 * (signal * batch).sum()
    last = session.step(63)
    for side in (last.scratch, last.torch):
        # η is far below the edge, so errors do not grow: 64 steps of at most 16 u η · 2(|b| + |w x| + |y|)|x| each,
        # which is below 64 · 16 · 2⁻⁵³ · 0.01 · 2 · 600.
        assert side.b_after == pytest.approx(b, rel=0, abs=2e-12)
        assert side.w_after == pytest.approx(w, rel=0, abs=2e-12)
        assert side.b_after == pytest.approx(FINAL_B, rel=0, abs=1e-10)  # the spec's ≈: one of its last digit
        assert side.w_after == pytest.approx(FINAL_W, rel=0, abs=1e-10)
    assert session.dataset.true_bias == true_bias == pytest.approx(0.8444218515, abs=6e-11)
    assert session.dataset.true_coefficient == true_coefficient == pytest.approx(33.9623845080, abs=6e-11)
    assert (session.dataset.n_train, session.dataset.n_valid) == (100, 10_000)
    for number in (0, 1):
        lines = [entry.line() for entry in session.epoch_log(number)]
        assert (len(lines), lines[0], lines[-1]) == (16, FIRST_LINE, LAST_LINE)


@pytest.mark.parametrize("batch_size", [33, None])
def test_fit_prints_the_notebook_s_lines(batch_size: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    x, y, _, _ = recipe(0, 10_100)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        reference = TorchLinearRegression(n_features=1)
        scratch = SimpleLinearRegression()
    assert isinstance(reference.layer, torch.nn.Linear)
    assert isinstance(reference.loss, torch.nn.MSELoss)
    assert scratch.b.shape == scratch.w.shape == (1,)
    assert (scratch.b.item(), scratch.w.item()) == start_of(0, torch.float64)[2:]
    scratch.copy_params(reference.layer)
    before = reference.layer.bias.item()
    xs, ys = torch.tensor(x), torch.tensor(y)
    columns = xs.unsqueeze(1), ys.unsqueeze(1)
    scratch.fit(xs[:100], ys[:100], 16, 0.01, batch_size, xs[100:], ys[100:])
    assert reference.layer.bias.item() == before  # copied, not shared
    ours = capsys.readouterr().out.splitlines()
    reference.fit(columns[0][:100], columns[1][:100], 16, 0.01, batch_size, columns[0][100:], columns[1][100:])
    theirs = capsys.readouterr().out.splitlines()
    assert ours == theirs
    assert (len(ours), ours[0], ours[-1]) == (16, FIRST_LINE, LAST_LINE)
    assert scratch.b.item() == pytest.approx(FINAL_B, rel=0, abs=1e-10)
    assert reference.layer.weight.item() == pytest.approx(FINAL_W, rel=0, abs=1e-10)
    assert scratch.evaluate(xs[100:], ys[100:]) == pytest.approx(178.2338, abs=6e-5)
    assert reference.evaluate(columns[0][100:], columns[1][100:]) == pytest.approx(178.2338, abs=6e-5)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("seed", [0, 1, 12345, 2**32 - 1])
def test_the_start_is_the_recipe_s(seed: int, dtype: str) -> None:
    session = trained(small(seed=seed, dtype=dtype), 1)
    torch_dtype = getattr(torch, dtype)
    bias, weight, b, w = start_of(seed, torch_dtype)
    step = session.step(0)
    for side in (step.scratch, step.torch):
        assert (side.b_before, side.w_before) == (bias, weight)
    x, y, _, _ = recipe(seed, 120)
    assert torch.equal(session.dataset.x_train, torch.tensor(x[:100], dtype=torch_dtype))
    assert torch.equal(session.dataset.y_valid, torch.tensor(y[100:], dtype=torch_dtype))
    before, start = session.agreement_before_copy, session.agreement_at_start
    assert before.b == pytest.approx(abs(bias - b) / abs(bias), rel=1e-15)  # one division of exact differences
    assert before.w == pytest.approx(abs(weight - w) / abs(weight), rel=1e-15)
    assert (start.b, start.w) == (0, 0)
    # Both sides round the same ŷ = b + w x, at most 2 u each relative to |b| + |w x|.
    assert start.predictions < 1e6 * ROUNDOFF[dtype] < before.predictions
    assert start.loss < 32 * ROUNDOFF[dtype]


def test_agreement_is_the_modified_mape_of_the_newest_parameters() -> None:
    session = small(seed=3, lr=0.1)
    b, w = start_of(3, torch.float64)[2:]
    bias, weight = start_of(3, torch.float64)[:2]
    x = session.dataset.x_valid.numpy()
    theirs = bias + weight * x
    expected = (abs(theirs - (b + w * x)) / abs(theirs)).mean()
    # 1e-9: the worst quotient divides by a ŷ that cancels to some 1e-6 of its terms.
    assert session.agreement_before_copy.predictions == pytest.approx(expected, rel=1e-9)
    trained(session)
    after, last = session.agreement(), session.step(session.trained - 1)
    assert after.b == abs(last.torch.b_after - last.scratch.b_after) / abs(last.torch.b_after)
    assert after.w == abs(last.torch.w_after - last.scratch.w_after) / abs(last.torch.w_after)


def test_torch_globals_stay_as_they_were() -> None:
    torch.manual_seed(99)
    before = (torch.get_default_dtype(), torch.get_num_threads(), torch.is_grad_enabled(), torch.get_rng_state())
    with patch("torch.cuda.manual_seed_all", side_effect=AssertionError("a GPU's generator was seeded")):
        session = trained(small(dtype="float64"), 5)
        session.step(2)
        session.agreement()
        session.restart()
    after = (torch.get_default_dtype(), torch.get_num_threads(), torch.is_grad_enabled(), torch.get_rng_state())
    assert before[:3] == after[:3]
    assert torch.equal(before[3], after[3])
    assert torch.get_default_dtype() is torch.float32


def test_the_scratch_model_never_asks_autograd() -> None:
    x, y = torch.randn(9, dtype=torch.float64), torch.randn(9, dtype=torch.float64)
    refuse = AssertionError("autograd was asked")
    with (
        patch("torch.autograd.backward", side_effect=refuse),
        patch("torch.autograd.grad", side_effect=refuse),
        patch("torch.Tensor.backward", side_effect=refuse),
    ):
        model = SimpleLinearRegression()
        model.copy_params(torch.nn.Linear(1, 1, dtype=torch.float64))
        y_pred = model.predict(x)
        gradients = model.update(x, y, y_pred, 0.1)
        model.fit(x, y, 2, 0.1, 4, x, y)
        for tensor in (model.b, model.w, y_pred, *gradients):
            assert not tensor.requires_grad
            assert tensor.grad_fn is None
    with (
        pytest.raises(AssertionError, match="autograd was asked"),
        patch("torch.autograd.backward", side_effect=refuse),
    ):
        trained(on_data(x.numpy(), y.numpy()), 1)  # torch's side does ask


@pytest.mark.parametrize("shapes", [((3, 1), (3, 1)), ((3,), (3, 1)), ((3,), (2,)), ((0,), (0,)), ((), ())])
def test_the_scratch_model_refuses_shapes_that_would_broadcast(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    first, second = (torch.ones(shape) for shape in shapes)
    model = SimpleLinearRegression(dtype=torch.float32)
    with pytest.raises(ValueError, match=r"\(m,\)"):
        model.mse_loss(first, second)
    with pytest.raises(ValueError, match=r"\(m,\)"):
        model.evaluate(first, second)
    with pytest.raises(ValueError, match=r"\(m,\)"):
        model.fit(first, second, 1, 0.1, 1, torch.ones(2), torch.ones(2))
