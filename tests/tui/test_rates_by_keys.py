"""Halving and doubling the learning rate of a run that goes on: the run is the one started with that schedule."""

from __future__ import annotations

import re

from app_helpers import lines, running, text, wait

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.training.session import Session
from tui_linreg.tui.panes.chart import PanelPane


async def test_the_run_is_the_one_that_was_started_with_the_schedule() -> None:
    async with running(lr=0.2) as (app, pilot):
        await pilot.press("g", "6", "enter", "less_than_sign", "down", "down", "less_than_sign", "less_than_sign")
        await pilot.press("down", "down", "greater_than_sign", "down", "2")
        run = app.controller.run
        assert run.session.config.lr == "0.2@1,0.1@7,0.025@9,0.05@11"
        own = Session(RunConfig(lr="0.2@1,0.1@7,0.025@9,0.05@11"))
        own.train_to(11)
        for step in range(11):
            one, other = run.session.step(step), own.step(step)
            assert one.lr == other.lr
            for side in ("scratch", "torch"):
                numbers = [
                    [getattr(getattr(each, side), name) for name in ("loss", "grad_b", "grad_w", "b_after", "w_after")]
                    for each in (one, other)
                ]
                assert numbers[0] == numbers[1]
        assert "η 0.05 from step 11 on" in lines(app)[0]
        assert "η" in app.main.pane_of(2).text.split("2 Loss")[1]


async def test_steps_beyond_the_cursor_are_cut_off_after_asking_once() -> None:
    async with running() as (app, pilot):
        await pilot.press("g", "9", "enter", "g", "4", "enter", "greater_than_sign")
        assert "cuts off 5 steps trained beyond" in text(app)
        assert app.controller.run.session.trained == 9
        await pilot.press("down", "up", "greater_than_sign")  # another key takes the question away
        assert app.controller.run.session.trained == 9
        await pilot.press("less_than_sign")  # that is another question
        assert app.controller.run.session.trained == 9
        await pilot.press("less_than_sign")
        assert app.controller.run.session.trained == 4
        assert app.controller.run.session.config.lr == "0.01@1,0.005@5"
        assert "5 steps cut off" in text(app)
        await pilot.press("down")
        assert app.controller.run.step().lr == 0.005


async def test_instruments_follow_the_present_rate() -> None:
    async with running(lr=0.01) as (app, pilot):
        await pilot.press("f2", "greater_than_sign", "greater_than_sign", "down")
        panel = app.main.query_one(PanelPane)
        assert re.search(r"η of this step +0\.04", panel.text)
        radius = app.main.pane_of(6).text
        await pilot.press("up")
        assert re.search(r"η of this step +0\.01", panel.text)
        assert app.main.pane_of(6).text != radius


async def test_epoch_losses_after_a_change_are_those_of_the_new_run() -> None:
    async with running(lr=0.1) as (app, pilot):
        await pilot.press("f4", "g", "1", "2", "enter")
        await pilot.press("g", "4", "enter", "less_than_sign", "less_than_sign", "g", "1", "2", "enter")
        own = Session(RunConfig(lr="0.1@1,0.05@5"))
        own.train_to(12)
        view = app.main.panes[0].view
        assert view is not None
        rows = view.instruments.epoch_rows(0, 3)
        assert [row.end for row in rows] != []
        valid = [losses.mse_v for losses in own.epoch_log(0)]
        assert [losses.mse_v for losses in app.controller.run.session.epoch_log(0)] == valid
        fresh = type(view.instruments)(own).epoch_rows(0, 3)
        assert rows == fresh


async def test_an_overflow_of_the_rate_is_refused_in_a_line() -> None:
    async with running(lr=1e308) as (app, pilot):
        await pilot.press("greater_than_sign")
        assert "finite number above 0" in text(app)
        assert app.controller.run.session.config.lr == 1e308


async def test_later_changes_are_dropped_after_asking_once() -> None:
    async with running(lr="0.1@1,0.01@9") as (app, pilot):
        await pilot.press("less_than_sign")
        assert "drops the later changes" in text(app)
        assert app.controller.run.session.config.lr == "0.1@1,0.01@9"
        await pilot.press("less_than_sign")
        assert app.controller.run.session.config.lr == "0.1@1,0.05@2"


async def test_playing_goes_on() -> None:
    async with running() as (app, pilot):
        await pilot.press("plus", "plus", "plus", "space", "greater_than_sign")
        assert app.controller.player.playing
        await wait(pilot, lambda: app.controller.run.cursor.step > 4)
        assert app.controller.run.step().lr == 0.02
