"""Planted mistakes: each gets ≠ where it is made, on the first step where it is more than rounding, not before."""

from __future__ import annotations

import pytest
import torch
from engine_helpers import (
    NoZeroGrad,
    SignOfWeightGradient,
    differing,
    divide_by,
    first_differing,
    relative_error,
    small,
    trained,
    wrong_model,
)
from torch import Tensor

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.training.session import Session

SIGNAL = {"dloss_dpred", "grad_b", "grad_w", "b", "w"}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_wrong_class_of_ones_own_is_caught_where_it_is_made(dtype: str) -> None:
    for seed, lr in ((0, 0.01), (1, 0.3), (2, 0.01)):
        session = trained(small(SignOfWeightGradient, seed=seed, lr=lr, dtype=dtype, epochs=3))
        assert first_differing(session) == (0, {"grad_w", "w"})


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("backwards", [False, True])
def test_what_visibly_differs_after_a_mistake_is_said_to_differ(mistake: str, backwards: bool) -> None:
    """Both ways through the run, because the explained drift is worked out as far as it is asked for."""
    for n, size in ((100, 33), (5, 2), (3, 1)):
        session = trained(small(mistake=mistake, lr=0.05, train_size=n, batch_size=size, epochs=10))
        first = MISTAKES[mistake].first_step(session.schedule)
        steps = range(session.trained if first is None else first, session.trained)
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
    session = trained(small(wrong_model("sign"), lr=0.3, epochs=300))
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
    class Late(NoZeroGrad):  # type: ignore[misc, valid-type]
        """Counts its steps in its state, and is wrong from one on."""

        def bias_gradient(self, dloss_dpred: Tensor) -> Tensor:
            self.sum_b += 1
            return dloss_dpred.sum() * (1.001 if self.sum_b.item() > late else 1)

        def weight_gradient(self, dloss_dpred: Tensor, x: Tensor) -> Tensor:
            return torch.dot(dloss_dpred, x)

    session = trained(small(Late, epochs=16))
    assert first_differing(session) == (late, {"grad_b", "b"})
