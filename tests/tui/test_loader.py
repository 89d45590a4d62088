"""Loading: the first frame does not wait for it, keys do, and the garbage collector ignores only what stays."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable

import pytest
from app_helpers import FULL, App, Driver, assert_shows, key_named, lines, straight_run, text, wait

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.settings import Settings
from tui_linreg.tui import loader
from tui_linreg.tui.app import LinRegApp
from tui_linreg.tui.run import RunRequest


async def ready(app: App, pilot: Driver) -> None:
    await wait(pilot, lambda: app.controller.loaded and not len(app.key_queue), "loaded")
    await pilot.pause()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Hold loading back until this is set."""
    opened, load = threading.Event(), loader.load

    def gated(request: RunRequest, report: Callable[[str], None]) -> Session:
        assert opened.wait(60)
        return load(request, report)

    monkeypatch.setattr(loader, "load", gated)
    return opened


async def test_the_first_frame_comes_before_the_run_and_keys_wait_for_it(gate: threading.Event) -> None:
    app = LinRegApp(RunConfig(), Settings())
    async with app.run_test(size=FULL) as pilot:
        assert "loading" in text(app)
        assert "∂L/∂w = Σ ∂L/∂ŷ · x" in text(app)
        for key in ("down", "down", "down", "left", "g", "7", "enter", "up"):
            app.post_message(key_named(key))
        await pilot.pause()
        assert not app.controller.loaded
        gate.set()
        await ready(app, pilot)
        await wait(pilot, lambda: app.screen is app.main and app.controller.run.cursor.step == 5, "all keys done")
        assert_shows(app, straight_run(64)[5], Phase.WEIGHT_GRADIENT)


async def test_clicks_on_the_keys_do_no_harm_while_loading(gate: threading.Event) -> None:
    app = LinRegApp(RunConfig(), Settings())
    async with app.run_test(size=FULL) as pilot:
        for x in range(0, 130, 3):
            if "quit" not in lines(app)[-1][x : x + 5]:
                await pilot.click("#keys", offset=(x, 0))
        gate.set()
        await ready(app, pilot)
        assert_shows(app, straight_run(64)[0], Phase.UPDATE)


def test_only_the_first_load_keeps_objects_from_the_collector() -> None:
    loader.load(RunRequest(RunConfig()), lambda stage: None)
    frozen = gc.get_freeze_count()
    assert frozen
    run = loader.load(RunRequest(RunConfig(lr=0.02)), lambda stage: None)
    loader.load(RunRequest(RunConfig(lr=0.03)), lambda stage: None)
    assert gc.get_freeze_count() <= frozen
    assert any(each is run for each in gc.get_objects())
