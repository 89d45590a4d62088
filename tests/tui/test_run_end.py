"""The end of a run: what is said of how it stands, and how it goes on with more epochs."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from app_helpers import App, Driver, lines, running, text, wait
from engine_helpers import recorded, small, trained
from hunt_helpers import decide, explorer, start
from lesson_helpers import begin
from panel_views import descend, run_at, samples
from rich.cells import cell_len

from tui_linreg.engine.config import LARGEST_COUNT, RunConfig
from tui_linreg.engine.training.session import Session
from tui_linreg.tui.ending import ending
from tui_linreg.tui.features.editing.edit_dialog import EditDialog
from tui_linreg.tui.hidden import NOTHING, Hidden, Visible
from tui_linreg.tui.run import Run


def at_end(**options: Any) -> Run:
    session = trained(small(**options))
    return run_at(session, session.trained - 1)


def said(app: App) -> str:
    return lines(app)[-2].strip()


# ── how it stands ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_says_what_numpy_finds() -> None:
    run = at_end(epochs=16)
    x, y = samples(run.session)
    begin_at = run.session.timeline.states(0)[0]
    b, w = descend(x, y, 33, 0.01, 16, *begin_at)
    goal = descend(x, y, 33, 0.01, 3000, *begin_at)
    left = math.hypot(b - goal[0], w - goal[1]) / math.hypot(begin_at[0] - goal[0], begin_at[1] - goal[1])
    valid_x, valid_y = run.session.dataset.x_valid.numpy(), run.session.dataset.y_valid.numpy()
    train, valid = (((b + w * xs - ys) ** 2).mean() for xs, ys in ((x, y), (valid_x, valid_y)))
    assert ending(run, NOTHING, 200) == (
        f"the run ends here, after 16 epochs: {100 * left:.0f} % of the way to the fixed point is left; "
        f"loss {train:.4g} (train), {valid:.4g} (validation); E adds 16 epochs"
    )


@pytest.mark.parametrize("options", [{}, {"lr": 0.5, "epochs": 60}, {"lr": 0.2}, {"lr": 3.0}, {"lr": 9.0, "epochs": 90},
                                     {"epochs": 1}, {"mistake": "sum"}, {"dtype": "float32"}])  # fmt: skip
def test_it_fits_at_every_width_and_says_more_where_there_is_room(options: dict[str, Any]) -> None:
    run = at_end(**options)
    texts = [ending(run, NOTHING, width) for width in range(58, 200)]
    assert all(cell_len(found) <= width for width, found in enumerate(texts, 58))
    assert [len(found) for found in texts] == sorted(len(found) for found in texts)
    # Where it is not said, both losses are; the footer offers more epochs, too.
    assert all(f"E adds {run.session.config.epochs} epoch" in found or "loss" in found for found in texts)
    assert "nan" not in texts[-1]
    assert "inf" not in texts[-1]


def test_no_way_is_told_where_there_is_none() -> None:
    assert "the fixed point is reached" in ending(at_end(lr=0.5, epochs=60), NOTHING, 200)
    for options in ({"lr": 3.0, "epochs": 3}, {"mistake": "sum"}, {"lr": 9.0, "epochs": 90}):
        assert "fixed point" not in ending(at_end(**options), NOTHING, 200)
    assert "validation" not in ending(at_end(mistake="sum"), NOTHING, 200)
    assert "loss" not in ending(at_end(lr=9.0, epochs=90), NOTHING, 200)


@pytest.mark.parametrize(
    "hidden",
    [Hidden(secret=True), Hidden(sight=Visible.LOSS_CURVE), Hidden(cuts=(("w", 70),)), Hidden(blanks=frozenset("b"))],
)
def test_what_is_hidden_is_not_told(hidden: Hidden) -> None:
    assert ending(at_end(), hidden, 200) == "the run ends here, after 16 epochs: E adds 16 epochs"
    assert ending(at_end(), Hidden(notes=("over",)), 200) == ending(at_end(), NOTHING, 200)


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (60, 18)])
async def test_the_end_is_said_by_moving_by_searching_and_by_playing(size: tuple[int, int]) -> None:
    async with running(size, device="cpu", epochs=2, samples=120) as (app, pilot):
        await pilot.press("g", "8", "enter", "down")
        whole = said(app)
        assert "left" in whole
        assert "E adds 2 epochs" in whole or ("loss" in whole and "E" in lines(app)[-1])
        for keys in (("home", "u", "7", "enter"), ("g", "7", "enter", *["+"] * 5, "space")):
            await pilot.press(*keys)
            await wait(pilot, lambda: said(app) == whole and not app.controller.player.playing)
        await pilot.press("home", "u", "1", *"1e-9", "enter")
        await wait(pilot, lambda: "batch loss below 1e-09: not met before the end of the run" in text(app))
        await pilot.press("up", "down")
        assert "left" not in said(app)


# ── more epochs ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_header_the_form_the_file_and_the_instrument_have_the_new_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(device="cpu", epochs=2, samples=120) as (app, pilot):
        run = app.controller.run
        await pilot.press("g", "8", "enter", "E", "down", "f2")
        assert app.controller.run is run
        assert (run.session.trained, run.cursor.step) == (9, 8)
        assert "epoch 3/4" in lines(app)[1]
        assert "this run has 4" in text(app)
        await pilot.press("E")
        assert "of 8 epochs, 32 steps" in said(app)
        await pilot.press("e")
        await wait(pilot, lambda: isinstance(app.screen, EditDialog))
        assert isinstance(app.screen, EditDialog)
        assert app.screen.rows["epochs"].text == "8"
        await pilot.press("escape", "u", "7", "enter")
        await wait(pilot, lambda: run.cursor.step == 31)
        await pilot.press("x", "enter")
        await wait(pilot, lambda: "32 steps written" in text(app))
        with Path("tui-linreg-trace.csv").open(newline="", encoding="utf-8") as file:
            assert [row["epoch"] for row in csv.DictReader(file)][-1] == "7"
        straight = trained(Session(RunConfig(device="cpu", epochs=8, samples=120)))
        assert recorded(run.session) == recorded(straight)
        await pilot.press("r")
        assert "epoch 1/8" in lines(app)[1]


async def test_a_kept_run_keeps_its_own_epochs_and_this_one_grows_where_it_is_kept() -> None:
    async with running(device="cpu", epochs=2, samples=120) as (app, pilot):
        first = app.controller.run
        await pilot.press("p", "E")
        assert first.look.kept[0].session.schedule.epochs == 4
        request = app.controller.own_request(replace(app.controller.config, lr=0.1))
        app.controller.load(request)
        await wait(pilot, lambda: app.controller.run is not first)
        await pilot.press("E")
        assert app.controller.run.session.schedule.epochs == 8
        assert first.session.schedule.epochs == 4


async def test_it_goes_on_while_it_plays_and_not_beyond_what_a_run_can_have() -> None:
    async with running(device="cpu", epochs=LARGEST_COUNT - 1, samples=120) as (app, pilot):
        await pilot.press("space", "E")
        assert app.controller.player.playing
        assert app.controller.config.epochs == LARGEST_COUNT
        await pilot.press("space", "E")
        assert "a run has 1 000 000 000 epochs at most" in said(app)


async def refused(app: App, pilot: Driver, words: str) -> None:
    epochs = app.controller.config.epochs
    await pilot.press("E")
    assert words in said(app)
    assert app.controller.config.epochs == epochs


async def test_a_lesson_and_a_hunt_keep_their_epochs() -> None:
    async with running(device="cpu", epochs=2, samples=120) as (app, pilot):
        await start(app, pilot, "stale")
        await refused(app, pilot, "a hunt's run keeps its epochs: f decides first")
        await pilot.press("g", "8", "enter", "down")
        assert said(app) == "the run ends here, after 2 epochs"
        await decide(app, pilot)
        await pilot.press("escape")
        hunted = explorer(app)
        await begin(app, pilot, "mse")
        assert explorer(app) is not hunted
        await refused(app, pilot, "a lesson's run keeps its ")
