"""Steps computed before they are asked for are the very steps, and training that adopts one goes on as without it."""

from __future__ import annotations

import threading
from typing import Any
from unittest.mock import patch

import pytest
import torch
from engine_helpers import NoZeroGrad, Scratch, Stale, recorded, small, trained
from test_engine_steps import fingerprint

from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.training.lockstep import Lockstep

VARIANTS = [SimpleLinearRegression, NoZeroGrad, Stale]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("scratch_type", VARIANTS)
@pytest.mark.parametrize("lr", [0.3, 1e30])
def test_a_run_foreseen_step_by_step_is_the_plain_run(dtype: str, scratch_type: Scratch, lr: float) -> None:
    options: dict[str, Any] = {"dtype": dtype, "lr": lr, "epochs": 4}
    plain, session = trained(small(scratch_type, **options)), small(scratch_type, **options)
    for index in range(session.schedule.steps):
        session.foresee(index, index - 1)
        assert session.trained == index  # nobody sees it yet
        session.train_to(index + 1)
        assert fingerprint(session.step(index)) == fingerprint(plain.step(index))
    assert recorded(session) == recorded(plain)
    assert session.timeline.first_overflow == plain.timeline.first_overflow


def test_long_batches_are_foreseen_to_the_last_bit() -> None:
    options: dict[str, Any] = {"train_size": 50_000, "batch_size": 20_000, "epochs": 2}
    plain, session = trained(small(**options)), small(**options)
    for index in (0, 1, 2, 3):
        worker = threading.Thread(target=session.foresee, args=(index, index))
        worker.start()
        worker.join()
        session.train_to(index + 1)
        assert fingerprint(session.step(index)) == fingerprint(plain.step(index))
    trained(session)
    assert recorded(session) == recorded(plain)


def test_what_was_foreseen_is_not_computed_again() -> None:
    session = small()
    session.train_to(3)
    session.foresee(3, 2)
    session.foresee(1, 2)
    with (
        patch.object(Lockstep, "train_scratch", side_effect=AssertionError("computed again")),
        patch.object(Lockstep, "watch_reference", side_effect=AssertionError("computed again")),
    ):
        session.train_to(4)
        assert session.step(3) is session.step(3)
        assert session.step(1) is session.step(1)
    session.foresee(4, 3)
    assert session.step(1) is not session.step(1)  # too far by now


def test_torch_s_random_numbers_are_left_alone() -> None:
    before = torch.random.get_rng_state()
    session = small()
    session.foresee(0, 0)
    assert torch.equal(torch.random.get_rng_state(), before)
