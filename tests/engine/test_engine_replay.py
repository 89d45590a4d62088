"""A recorded step looked at again has the bits that training had, or it is said that it has others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from engine_helpers import recorded, small, trained
from torch import Tensor

from tui_linreg.engine.device import number_of_threads
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.step import Gradients
from tui_linreg.engine.training.session import Session

LONG: dict[str, Any] = {"samples": 62_000, "train_size": 60_000, "batch_size": 20_000, "epochs": 2}
"""From 10 000 samples in a batch on torch and MKL sum in as many parts as they have threads."""


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    with number_of_threads(torch.get_num_threads()):
        yield


def in_a_thread(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def assert_replayed(session: Session) -> None:
    """Every recorded number of every step is that of the step looked at again."""
    timeline = session.timeline
    for index in range(session.trained):
        step = session.step(index)
        for side, found in enumerate((step.scratch, step.torch)):
            assert [found.b_before, found.w_before] == timeline.states(index)[side], index
            assert [found.b_after, found.w_after] == timeline.states(index + 1)[side], index
            assert found.loss == timeline.losses(side, index, index + 1)[0], index
        assert [step.scratch.grad_b, step.scratch.grad_w] == [timeline.gradients(k, index)[0] for k in (0, 1)], index


def run_of(threads: int, dtype: str = "float64") -> Session:
    torch.set_num_threads(threads)
    return small(dtype=dtype, **LONG)


# ── threads ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("training", "looking"), [(2, 1), (1, 2), (3, 1)])
def test_another_number_of_threads_set_after_training_changes_no_bit(training: int, looking: int, dtype: str) -> None:
    session = trained(run_of(training, dtype))
    torch.set_num_threads(looking)
    assert_replayed(session)
    assert torch.get_num_threads() == looking  # what the program set stays


@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_trained_in_one_thread_and_looked_at_in_another_has_the_same_bits(threads: int) -> None:
    session = run_of(threads)
    in_a_thread(lambda: session.train_to(5))
    assert_replayed(session)
    here = trained(run_of(threads), 5)
    assert recorded(session) == recorded(here)
    failed: list[BaseException] = []

    def look() -> None:
        try:
            assert_replayed(here)
        except BaseException as error:
            failed.append(error)

    in_a_thread(look)
    assert not failed


def test_a_run_goes_on_with_the_threads_that_it_began_with() -> None:
    whole = trained(run_of(2))
    parts = run_of(2)
    for steps, threads in ((2, 1), (4, 3), (6, 1)):
        torch.set_num_threads(threads)
        trained(parts, steps)
    assert recorded(parts) == recorded(whole)
    assert parts.threads == whole.threads == 2
    assert parts.agreement() == whole.agreement()
    parts.restart()
    assert recorded(trained(parts)) == recorded(whole)


# ── other numbers the second time ────────────────────────────────────────────────────────────────────────────────────


def counting(change: Callable[[int], float]) -> type[SimpleLinearRegression]:
    """A model whose gradients depend on how often they were asked for."""

    class Counting(SimpleLinearRegression):
        calls = 0

        def update(self, x: Tensor, y_true: Tensor, y_pred: Tensor, lr: float) -> Gradients:
            Counting.calls += 1
            error, grad_b, grad_w = super().update(x, y_true, y_pred, lr)
            return Gradients(error, grad_b, grad_w * change(Counting.calls))

    return Counting


class Drifting(SimpleLinearRegression):
    """One whose update takes another step each time."""

    calls = 0

    def descend(self, grad_b: Tensor, grad_w: Tensor, lr: float) -> None:
        """Count, and step a little further."""
        Drifting.calls += 1
        super().descend(grad_b, grad_w * (1 + Drifting.calls * 2**-20), lr)


@pytest.mark.parametrize("model", [Drifting, counting(lambda calls: 1 + calls * 2**-20)], ids=["update", "gradient"])
def test_a_step_with_other_numbers_the_second_time_is_not_shown(model: type[SimpleLinearRegression]) -> None:
    session = trained(small(model), 8)
    assert session.step(7).place.step == 7  # the newest is there as it was trained
    for index in (3, 0):
        with pytest.raises(InputError, match=rf"^step {index + 1} cannot be shown again: its numbers are not those"):
            session.step(index)
    states = [session.timeline.states(index) for index in range(9)]
    trained(session, 12)  # a look that failed leaves the run alone
    assert [session.timeline.states(index) for index in range(9)] == states


@pytest.mark.parametrize("lr", [30.0, 1e300])
def test_numbers_that_are_not_finite_are_the_same_again(lr: float) -> None:
    session = trained(small(lr=lr, epochs=300))
    assert session.timeline.first_overflow is not None
    for index in range(0, session.trained, 37):
        assert session.step(index).place.step == index
