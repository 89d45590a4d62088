"""A step over a long batch is computed before its key is pressed; nobody sees it early, and it is the same step."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from app_helpers import App, Driver, assert_shows, lines, running, straight_run, wait
from torch import Tensor

from tui_linreg.engine.lockstep import Lockstep, Pass
from tui_linreg.engine.phases import Phase

LONG: dict[str, Any] = {"train_size": 60_000, "batch_size": 25_000, "samples": 60_100, "epochs": 2}


async def foreseen(app: App, pilot: Driver) -> None:
    await pilot.pause()
    await wait(pilot, lambda: not app.main.foresight.lasts(0), "foreseen")


@pytest.fixture
def computing(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """The threads that ran the hand-written model."""
    threads: list[threading.Thread] = []
    train = Lockstep.train_scratch

    def noted(self: Lockstep, x: Tensor, y: Tensor) -> Pass:
        threads.append(threading.current_thread())
        return train(self, x, y)

    monkeypatch.setattr(Lockstep, "train_scratch", noted)
    return threads


async def test_keys_find_the_next_step_computed(computing: list[threading.Thread]) -> None:
    steps = straight_run(6, **LONG)
    async with running(**LONG) as (app, pilot):
        await foreseen(app, pilot)
        computing.clear()
        newest = 0
        for key, step in [("down", 1), ("down", 2), ("down", 3), ("up", 2), ("up", 1), ("up", 0), ("down", 1)]:
            await pilot.press(key)
            assert_shows(app, steps[step], Phase.UPDATE)
            newest = max(newest, step)
            assert (f"LIVE {step + 1} " if step == newest else f"PAST {step + 1}/{newest + 1} ") in lines(app)[0]
            await foreseen(app, pilot)
        assert computing
        assert threading.main_thread() not in computing


async def test_what_is_foreseen_is_not_trained() -> None:
    async with running(**LONG) as (app, pilot):
        for _ in range(5):
            await pilot.press("down")
        await foreseen(app, pilot)
        explorer = app.main.explorer
        assert explorer is not None
        assert explorer.session.trained == 6
        assert explorer.ahead() is None  # the run ends here
        await pilot.press("r")
        await foreseen(app, pilot)
        assert explorer.session.trained == 1
        assert_shows(app, straight_run(6, **LONG)[0], Phase.UPDATE)
        await pilot.press("down")
        assert_shows(app, straight_run(6, **LONG)[1], Phase.UPDATE)


async def test_short_batches_are_not_foreseen(computing: list[threading.Thread]) -> None:
    async with running() as (app, pilot):
        await pilot.press("down", "down", "up")
        await foreseen(app, pilot)
        assert app.main.explorer is not None
        assert app.main.explorer.ahead() is None
        assert app.main.explorer.session.trained == 3


async def test_a_foresight_that_breaks_is_told_and_the_key_still_works(monkeypatch: pytest.MonkeyPatch) -> None:
    train = Lockstep.train_scratch

    def breaking(self: Lockstep, x: Tensor, y: Tensor) -> Pass:
        if threading.current_thread() is not threading.main_thread():
            raise MemoryError("no room")
        return train(self, x, y)

    async with running(**LONG) as (app, pilot):
        await foreseen(app, pilot)
        monkeypatch.setattr(Lockstep, "train_scratch", breaking)
        for step in (1, 2):
            await pilot.press("down")
            await foreseen(app, pilot)
            await pilot.pause()
            assert_shows(app, straight_run(6, **LONG)[step], Phase.UPDATE)
        assert any("✗" in line and "memory" in line.lower() for line in lines(app))
