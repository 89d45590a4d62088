"""The next step is computed before its key is pressed; nobody sees it early, and it is the same step."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from app_helpers import App, Driver, assert_shows, lines, running, straight_run, wait
from torch import Tensor

from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.lockstep import Lockstep, Pass
from tui_linreg.engine.training.session import Session

LONG: dict[str, Any] = {"train_size": 60_000, "batch_size": 25_000, "samples": 60_100, "epochs": 2}
SHORT: dict[str, Any] = {"epochs": 2}


class Foreseeing:
    """What was foreseen, and where the hand-written model ran meanwhile and otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[int] = []
        self.others: list[threading.Thread] = []
        self._now = threading.local()
        foresee, train = Session.foresee, Lockstep.train_scratch

        def noting(session: Session, index: int, beside: int) -> None:
            self._now.on = True
            try:
                foresee(session, index, beside)
            finally:
                self._now.on = False
                self.done.append(index)

        def counting(models: Lockstep, x: Tensor, y: Tensor) -> Pass:
            if not getattr(self._now, "on", False):
                self.others.append(threading.current_thread())
            return train(models, x, y)

        monkeypatch.setattr(Session, "foresee", noting)
        monkeypatch.setattr(Lockstep, "train_scratch", counting)

    async def ended(self, app: App, pilot: Driver) -> None:
        explorer = app.main.explorer
        assert explorer is not None
        await wait(pilot, lambda: explorer.ahead() in (None, *self.done[-1:]), "foreseen")
        await wait(pilot, lambda: not app.main.foresight.lasts(0), "over")


@pytest.fixture
def foreseeing(monkeypatch: pytest.MonkeyPatch) -> Foreseeing:
    return Foreseeing(monkeypatch)


@pytest.mark.parametrize("options", [LONG, SHORT])
async def test_keys_find_the_next_step_computed(foreseeing: Foreseeing, options: dict[str, Any]) -> None:
    steps = straight_run(6, **options)
    async with running(**options) as (app, pilot):
        await foreseeing.ended(app, pilot)
        foreseeing.others.clear()
        newest = 0
        for key, step in [("down", 1), ("down", 2), ("down", 3), ("up", 2), ("up", 1), ("up", 0), ("down", 1)]:
            await pilot.press(key)
            assert_shows(app, steps[step], Phase.UPDATE)
            newest = max(newest, step)
            assert (f"LIVE {step + 1} " if step == newest else f"PAST {step + 1}/{newest + 1} ") in lines(app)[0]
            await foreseeing.ended(app, pilot)
        assert not foreseeing.others
        for key in ("left", "left", "right", "right", "right", "right"):
            await pilot.press(key)
            await foreseeing.ended(app, pilot)
        assert_shows(app, steps[2], Phase.PREDICT)
        assert not foreseeing.others


async def test_what_is_foreseen_is_not_trained(foreseeing: Foreseeing) -> None:
    async with running(**LONG) as (app, pilot):
        for _ in range(5):
            await pilot.press("down")
            await foreseeing.ended(app, pilot)
        explorer = app.main.explorer
        assert explorer is not None
        assert explorer.session.trained == 6
        assert explorer.ahead() is None  # the run ends here
        await pilot.press("r")
        await foreseeing.ended(app, pilot)
        assert explorer.session.trained == 1
        assert_shows(app, straight_run(6, **LONG)[0], Phase.UPDATE)
        await pilot.press("down")
        assert_shows(app, straight_run(6, **LONG)[1], Phase.UPDATE)


async def test_a_long_batch_is_foreseen_beside_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    foresee, go, began = Session.foresee, threading.Event(), threading.Event()

    def held(session: Session, index: int, beside: int) -> None:
        began.set()
        assert go.wait(60)
        foresee(session, index, beside)

    monkeypatch.setattr(Session, "foresee", held)
    async with running(**LONG) as (app, pilot):
        await wait(pilot, began.is_set, "begun")
        await pilot.press("left", "left")
        assert_shows(app, straight_run(6, **LONG)[0], Phase.BIAS_GRADIENT)
        go.set()


async def test_another_s_update_is_never_asked_ahead_of_its_key(foreseeing: Foreseeing) -> None:
    async with running(**SHORT) as (app, pilot):
        await foreseeing.ended(app, pilot)
        explorer = app.main.explorer
        assert explorer is not None
        explorer.session.author = "me.py"
        assert explorer.ahead() is None


@pytest.mark.parametrize("options", [LONG, SHORT])
async def test_a_foresight_that_breaks_is_told_and_the_key_still_works(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    asked: list[int] = []

    def breaking(session: Session, index: int, beside: int) -> None:
        asked.append(index)
        raise MemoryError("no room")

    monkeypatch.setattr(Session, "foresee", breaking)
    async with running(**options) as (app, pilot):
        for step in (1, 2):
            await wait(pilot, lambda step=step: asked[-1:] == [step], "asked")  # type: ignore[misc]
            await wait(pilot, lambda: any("✗" in line and "memory" in line.lower() for line in lines(app)), "told")
            await pilot.press("down")
            assert_shows(app, straight_run(6, **options)[step], Phase.UPDATE)
