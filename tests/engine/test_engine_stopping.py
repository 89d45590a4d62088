"""Training stops where it should: cancelled, at a condition, and what was trained is kept."""

from __future__ import annotations

import itertools
import math
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest
from engine_helpers import NoZeroGrad, Scratch, Stale, differing, recorded, small, trained
from full_length import LONG

from tui_linreg.engine.data.batches import Batches
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.progress import EVERY, Pace
from tui_linreg.engine.step import Step
from tui_linreg.engine.training.lockstep import Lockstep, StepBlock
from tui_linreg.engine.training.session import Session
from tui_linreg.engine.training.until import CONDITIONS, read_condition, run_until

VARIANTS = [SimpleLinearRegression, NoZeroGrad, Stale]


@pytest.mark.parametrize(
    ("costs", "blocks"),
    [
        ([0.0004] * 7, [1, 2, 4, 8, 16, 32, 50]),  # a block is twice the one before at most, and 0.02 s at most
        ([0.015] * 4, [1, 1, 1, 1]),
        ([0.0004] * 5 + [0.005] * 3, [1, 2, 4, 8, 16, 32, 4, 4]),  # the machine got slow: one block is long
    ],
)
def test_cancelled_is_asked_often_and_seldom(costs: list[float], blocks: list[int]) -> None:
    """By steps between two questions, on a clock that only training moves: so many seconds a step in each block."""
    session = small(epochs=10**6)
    now, asked = [0.0], [0]
    train = Lockstep.train

    def by_the_clock(models: Lockstep, batches: Batches, first: int, count: int, *, watch: bool = False) -> StepBlock:
        now[0] += costs[len(asked) - 1] * count
        return train(models, batches, first, count, watch=watch)

    def cancelled() -> bool:
        if session.trained:
            asked.append(session.trained)
        return len(asked) > len(costs)

    with patch.object(Lockstep, "train", by_the_clock), patch("time.perf_counter", lambda: now[0]):
        session.train_to(session.schedule.steps, cancelled=cancelled)
    assert [b - a for a, b in itertools.pairwise(asked)] == blocks


def test_pace_asks_at_once_and_then_by_the_clock() -> None:
    now = [100.0]
    seen: list[tuple[int, int]] = []
    with patch("time.monotonic", lambda: now[0]):
        pace = Pace(10, lambda done, of: seen.append((done, of)), lambda: now[0] > 101)
        assert not pace.stops(0)
        assert not pace.stops(1)
        now[0] += EVERY / 2
        assert not pace.stops(2)
        now[0] += EVERY
        assert not pace.stops(3)
        assert seen == [(0, 10), (3, 10)]
        now[0] = 101.5
        assert pace.stops(4)
        pace.finish(5)
    assert seen == [(0, 10), (3, 10), (5, 10)]
    assert not Pace(3).stops(0)
    Pace(3).finish(3)


def holds(session: Session, at: Step, key: str, value: float) -> bool:
    """A condition at one step, by its words."""
    ours, place, step = at.scratch, at.place, at.place.step
    if key == "loss":
        return ours.loss < value
    if key == "gradient":
        return math.hypot(ours.grad_b, ours.grad_w) < value
    if key == "differs":
        return bool(differing(at))
    if key == "short":
        return place.m < session.schedule.batch_size
    if key == "valid":
        valid = [entry.mse_v for entry in session.epoch_log(0)]
        return session.schedule.ends_epoch(step) and place.epoch > 0 and valid[place.epoch] > valid[place.epoch - 1]
    if key == "diverged":
        return session.timeline.first_overflow is not None and session.timeline.first_overflow <= step
    return step == session.schedule.steps - 1


SEARCHED: list[tuple[Scratch, dict[str, Any]]] = [
    (SimpleLinearRegression, {"lr": 0.05, "epochs": 30}),
    (SimpleLinearRegression, {"lr": 40.0, "epochs": 80}),
    (SimpleLinearRegression, {"lr": 0.3, "epochs": 40, "batch_size": 1, "train_size": 7}),
    (NoZeroGrad, {"lr": 0.01, "epochs": 12, "batch_size": 25}),
]


@cache
def straight(number: int) -> tuple[Session, list[Step]]:
    """A whole run, and all its steps."""
    scratch_type, options = SEARCHED[number]
    session = trained(small(scratch_type, **options))
    return session, [session.step(index) for index in range(session.trained)]


@pytest.mark.parametrize("key", [kind.key for kind in CONDITIONS])
@pytest.mark.parametrize("number", range(len(SEARCHED)))
def test_run_until_finds_the_first_step_and_trains_no_further(number: int, key: str) -> None:
    scratch_type, options = SEARCHED[number]
    whole, steps = straight(number)
    value = {"loss": 80.0, "gradient": 3.0}.get(key, math.nan)
    condition = read_condition(key, str(value))
    total = whole.schedule.steps
    meets = [step for step in range(total) if holds(whole, steps[step], key, value)]
    begins = ((0, 5), (5, 4), (23, 11), (total, total - 2))
    for already, start in begins if LONG else begins[number % 2 :: 2]:
        session = trained(small(scratch_type, **options), already)
        found = run_until(session, condition, start)
        expected = next((step for step in meets if step >= start), None)
        assert (found.met, found.step) == (expected is not None, total - 1 if expected is None else expected)
        assert session.trained == max(already, found.step + 1)
    session = small(scratch_type, **options)
    run_until(session, condition, 3)
    rest = recorded(trained(session))
    assert rest == recorded(whole)  # going on after a search is the straight run


@pytest.mark.parametrize("key", ["loss", "differs"])
def test_run_until_can_be_cancelled(key: str) -> None:
    session = small(epochs=10**6)
    condition = read_condition(key, "1e-9")
    trained(session, 40)
    found = run_until(session, condition, 10, cancelled=lambda: True)
    assert (found.met, found.step, session.trained) == (False, 9, 40)
    found = run_until(session, condition, 10, cancelled=lambda: session.trained >= 300)
    assert not found.met
    assert found.step == session.trained - 1 >= 299
    seen: list[int] = []
    run_until(session, condition, 10, progress=lambda done, of: seen.append(done), cancelled=lambda: len(seen) > 3)
    assert seen == sorted(seen)
