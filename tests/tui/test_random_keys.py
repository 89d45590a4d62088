"""Keys, clicks and sizes at random: nothing breaks, and the numbers on the screen stay those of the engine."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_helpers import FULL, App, Driver, acted_on, assert_covered, assert_shows, lines, row, running, text, wait
from full_length import LONG
from random_input import ESCAPE, Act, messages, random_input
from textual.events import Resize
from textual.geometry import Size

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.step import Step
from tui_linreg.engine.training.session import Session
from tui_linreg.number_text import significant
from tui_linreg.tui import loader
from tui_linreg.tui.app import LinRegApp
from tui_linreg.tui.background import Busy
from tui_linreg.tui.run import RunRequest

ACTS, CHUNK, BURST = 1000 if LONG else 100, 100, 25
"""Of each test; 20 000 acts in all at full length, 1 000 else."""
RUNS: list[dict[str, Any]] = [{}, {}, {}, {"lr": 5.0, "epochs": 120}, {}, {"lr": 5.0, "epochs": 120}, {}, {}, {}]
RUNS = [*RUNS, {"lr": 5.0, "dtype": "float32"}] * (2 if LONG else 1)


@pytest.fixture(autouse=True)
def _confined(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files go to a folder of the test's own, quitting does nothing, and no typed number fills the memory."""
    monkeypatch.chdir(tmp_path)
    load = loader.load

    def bounded(request: RunRequest, report: Callable[[str], None]) -> Session:
        if request.config.samples > 20_000:
            raise InputError("more samples than this test has room for", field="samples")
        return load(request, report)

    async def stay(_: LinRegApp) -> None:
        pass

    monkeypatch.setattr(loader, "load", bounded)
    monkeypatch.setattr(LinRegApp, "action_quit", stay)


@pytest.mark.parametrize("seed", range(len(RUNS)))
async def test_whatever_is_pressed_the_screen_shows_what_the_engine_computed(seed: int) -> None:
    last: deque[Act] = deque(maxlen=CHUNK + BURST)
    source, chance = random_input(seed, FULL), random.Random(-seed)
    async with running(**RUNS[seed]) as (app, pilot):
        done = 0
        try:
            while done < ACTS:
                for _ in range(0, CHUNK, BURST):
                    burst = [next(source) for _ in range(chance.randint(1, 2 * BURST - 1))]
                    last.extend(burst)
                    await send(app, burst)
                    done += len(burst)
                await calm_down(app, pilot)
                assert_shows_the_engine(app)
        except BaseException as error:
            error.add_note(f"seed {seed}, after {done} acts; the last ones: {list(last)!r}")
            raise


async def send(app: App, acts: list[Act]) -> None:
    """Send what a terminal would, all at once, let it be acted on, and paint."""
    with app.batch_update():
        for act in acts:
            if isinstance(act, str):
                for message in messages(act):
                    app.post_message(message)
            else:
                resize(app, *act)
        await acted_on(app)
        if app._exception is not None:
            raise app._exception
        assert app.return_code is None, "the app ended"
    app.screen._on_timer_update()
    await asyncio.sleep(0)


def resize(app: App, width: int, height: int) -> None:
    size = app._driver._size = Size(width, height)  # type: ignore[union-attr]  # headless
    app.post_message(Resize(size, size))


async def calm_down(app: App, pilot: Driver) -> None:
    """Close every dialog, end all work, and show the whole main screen."""
    resize(app, *FULL)
    for _ in range(200):
        await acted_on(app)
        busy: Busy | None = app.controller.work.busy
        if app.screen is not app.main or app.main.maximized is not None:
            await send(app, [ESCAPE])
        elif app.controller.player.playing or (busy is not None and busy.goal):
            await send(app, [" "])
        elif busy is None:
            break
        else:
            await pilot.pause(0.01)  # loading cannot be stopped
    else:
        controller, maximized = app.controller, app.main.maximized
        state = f"{controller.work.busy} {maximized} {controller.player.playing} {app.focused}"
        raise AssertionError(f"no rest: {app.screen} {state}")
    await pilot.pause()
    await wait(pilot, lambda: app.size == FULL and _stands(app), "the main screen")


def _stands(app: App) -> bool:
    return (app.controller.hidden.in_place_of("numbers") or "verdict") in text(app)


_RUNS: dict[RunConfig, Session] = {}


def assert_shows_the_engine(app: App) -> None:
    """The table and the corner say what a run of its own, trained straight on, says about the place."""
    explorer = app.controller.run
    place, session = explorer.cursor, explorer.session
    if app.controller.hidden.secret:  # no other run may know what this one hides
        step = session.step(place.step)
    else:
        straight = _RUNS.setdefault(session.config, Session(session.config))
        straight.train_to(place.step + 1)
        step = straight.step(place.step)
    if app.controller.hidden.in_place_of("numbers"):
        assert_covered(app, step)
    elif session.config.dtype == "float64":
        assert_shows(app, step, place.phase)
    else:
        assert_shows_single(app, step, place.phase)
    live = place.step == session.trained - 1
    corner = f"LIVE step {session.trained}" if live else f"PAST step {place.step + 1}/{session.trained}"
    assert f" {corner} " in lines(app)[0]


def assert_shows_single(app: App, step: Step, phase: Phase) -> None:
    """The table shows this step's float32 numbers: with all digits the shortest text that reads back."""
    look = app.controller.run.look
    for quantity in QUANTITIES:
        if phase >= quantity.phase and not quantity.vector and not app.controller.hidden.hides(quantity.key):
            name = quantity.key + "_after" if quantity.phase is Phase.UPDATE else quantity.key
            for side in (step.scratch, step.torch):
                number, whole = getattr(side, name), look.full or quantity.phase is phase
                text = str(np.float32(number)) if whole else significant(number, single=True)
                assert text in row(app, quantity.formula)
