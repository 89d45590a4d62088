"""Planted mistakes: each gets ≠ where it is made, on the first step where it has an effect, and not before."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from engine_helpers import (
    Scratch,
    SignOfWeightGradient,
    differing,
    divide_by,
    first_differing,
    relative_error,
    small,
    trained,
)
from torch import Tensor

from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.models.wrong_models import DoubleMean, Missing2, NoX, NoZeroGrad, Sign, Stale, SumForMean
from tui_linreg.engine.training.session import Session

ALL_AFTER = {"grad_b", "grad_w", "b", "w"}
SIGNAL = {"dloss_dpred"} | ALL_AFTER


@dataclass(frozen=True)
class Planted:
    scratch_type: Scratch
    at: set[str]
    """The quantities that are wrong on the first step with an effect, all others not."""
    first: int | None = 0
    """The first step with an effect; None: no step has one."""
    train_size: int = 100
    batch_size: int = 33


# 100 samples by 33 are 33, 33, 33, 1; 3 samples by 1 are 1, 1, 1; 5 by 2 are 2, 2, 1.
PLANTED = {
    "sign": Planted(Sign, SIGNAL),
    "sign of ∂L/∂w": Planted(SignOfWeightGradient, {"grad_w", "w"}),
    "missing 2": Planted(Missing2, SIGNAL),
    "missing 2, m = 1": Planted(Missing2, SIGNAL, train_size=3, batch_size=1),
    "sum for mean": Planted(SumForMean, {"loss"} | SIGNAL),
    "sum for mean, m = 1": Planted(SumForMean, set(), first=None, train_size=3, batch_size=1),
    "divide by B": Planted(divide_by(33), SIGNAL, first=3),
    "divide by B, 5 by 2": Planted(divide_by(2), SIGNAL, first=2, train_size=5, batch_size=2),
    "divide by B, no short batch": Planted(divide_by(25), set(), first=None, batch_size=25),
    "divide by n": Planted(divide_by(100), SIGNAL),
    "divide by n, one batch": Planted(divide_by(100), set(), first=None, batch_size=100),
    "double mean": Planted(DoubleMean, {"grad_b", "b"}),
    "double mean, m = 1": Planted(DoubleMean, set(), first=None, train_size=3, batch_size=1),
    "no x": Planted(NoX, {"grad_w", "w"}),
    "stale": Planted(Stale, {"grad_w", "w"}),
    "stale, m = 1": Planted(Stale, {"grad_w", "w"}, train_size=3, batch_size=1),
    "no zero_grad": Planted(NoZeroGrad, {"grad_b", "grad_w", "b", "w"}, first=1),
    "no zero_grad, one batch": Planted(NoZeroGrad, {"grad_b", "grad_w", "b", "w"}, first=1, batch_size=100),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_caught_where_it_is_made(name: str, dtype: str) -> None:
    planted = PLANTED[name]
    for seed, lr in ((0, 0.01), (1, 0.3), (2, 0.01)):
        session = trained(
            small(
                planted.scratch_type,
                seed=seed,
                lr=lr,
                dtype=dtype,
                epochs=3,
                train_size=planted.train_size,
                batch_size=planted.batch_size,
            )
        )
        found = first_differing(session)
        assert found == (None if planted.first is None else (planted.first, planted.at))


@pytest.mark.parametrize("name", [name for name, planted in PLANTED.items() if planted.first is not None])
@pytest.mark.parametrize("backwards", [False, True])
def test_what_visibly_differs_after_a_mistake_is_said_to_differ(name: str, backwards: bool) -> None:
    """Both ways through the run, because the explained drift is worked out as far as it is asked for."""
    planted = PLANTED[name]
    session = trained(
        small(planted.scratch_type, lr=0.05, train_size=planted.train_size, batch_size=planted.batch_size, epochs=10)
    )
    assert planted.first is not None
    steps = range(planted.first, session.trained)
    for index in reversed(steps) if backwards else steps:
        assert_visible_is_said(session, index)


def assert_visible_is_said(session: Session, index: int) -> None:
    """Whatever is 1e-6 apart, relatively, differs: float64 rounding does not reach that in a few steps."""
    step = session.step(index)
    ours, theirs, said = step.scratch, step.torch, differing(step)
    pairs = {"loss": (ours.loss, theirs.loss), "grad_b": (ours.grad_b, theirs.grad_b)}
    pairs |= {"grad_w": (ours.grad_w, theirs.grad_w), "b": (ours.b_after, theirs.b_after)}
    pairs |= {"w": (ours.w_after, theirs.w_after)}
    for row in range(step.place.m):
        pairs[f"y_pred {row}"] = (ours.y_pred[row].item(), theirs.y_pred[row].item())
        pairs[f"dloss_dpred {row}"] = (ours.dloss_dpred[row].item(), theirs.dloss_dpred[row].item())
    for key, (a, b) in pairs.items():
        if abs(a - b) > 1e-6 * max(abs(a), abs(b)):
            assert key.split()[0] in said, (index, key, a, b)


@pytest.mark.parametrize("quantity", ["grad_b", "grad_w"])
@pytest.mark.parametrize(("dtype", "size"), [("float64", 1e-12), ("float32", 1e-4), ("float64", -1e-12)])
def test_a_small_mistake_is_caught_at_once(dtype: str, size: float, quantity: str) -> None:
    wrong = {"grad_b": {"grad_b"}, "grad_w": {"grad_w"}}[quantity]
    for seed in range(8):
        for batch_size in (10, 33, 100):
            scratch_type = relative_error(size, quantity)
            session = trained(small(scratch_type, seed=seed, batch_size=batch_size, dtype=dtype, lr=0.05), 5)
            found = first_differing(session)
            # Step 0, unless its gradient happens to cancel below a hundredth of its terms.
            assert found is not None
            assert found[0] <= 2
            assert wrong <= found[1] <= wrong | {quantity[-1]}


def test_a_mistake_cannot_widen_its_own_bound() -> None:
    """A wrong gradient that makes the model explode stays ≠, however large its numbers get."""
    session = trained(small(Sign, lr=0.3, epochs=300))
    assert session.timeline.first_overflow is not None
    overflow = session.timeline.first_overflow
    assert all(differing(session.step(index)) >= SIGNAL for index in range(0, overflow, 7))
    last = session.step(session.trained - 1)
    assert differing(last) >= SIGNAL
    assert abs(last.torch.b_after) < 100


def test_a_mistake_that_keeps_the_model_small_is_said_when_torch_explodes() -> None:
    """The other way round: torch overflows, the wrong model does not."""
    session = trained(small(divide_by(100_000), lr=10.0, epochs=300))
    for index in range(0, session.trained, 25):
        assert {"grad_b", "b"} <= differing(session.step(index)), index


def test_a_nan_of_ours_is_no_rounding() -> None:
    nan = float("nan")
    session = trained(small(relative_error(nan, "grad_w")), 6)
    assert first_differing(session) == (0, {"grad_w", "w"})
    for index in range(1, 6):
        assert {"y_pred", "loss", "grad_b", "grad_w", "b", "w"} <= differing(session.step(index))


def test_a_mistake_in_the_loss_alone_stays_there() -> None:
    class HalfLoss(SimpleLinearRegression):
        def squared_loss(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
            return ((y_pred - y_true) ** 2).mean() / 2

    session = trained(small(HalfLoss, epochs=4))
    assert all(differing(session.step(index)) == {"loss"} for index in range(session.trained))


@pytest.mark.parametrize("late", [5, 40])
def test_a_mistake_that_begins_late_is_not_said_before(late: int) -> None:
    class Late(NoZeroGrad):
        """Counts its steps in its state, and is wrong from one on."""

        def bias_gradient(self, dloss_dpred: Tensor) -> Tensor:
            self.sum_b += 1
            return dloss_dpred.sum() * (1.001 if self.sum_b.item() > late else 1)

        def weight_gradient(self, dloss_dpred: Tensor, x: Tensor) -> Tensor:
            return torch.dot(dloss_dpred, x)

    session = trained(small(Late, epochs=16))
    assert first_differing(session) == (late, {"grad_b", "b"})
