"""Moving b and w by hand: what follows on the screen, and that the run is as it was. Numbers by NumPy."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from app_helpers import App, lines, running, text, wait
from mode_key_checks import said

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.training.session import Session
from tui_linreg.tui.view import View


def frame(app: App) -> View:
    """What the panes show."""
    view = app.main.panes[0].view
    assert view is not None
    return view


def place(app: App) -> tuple[float, float]:
    return frame(app).step.scratch.b_before, frame(app).step.scratch.w_before


@pytest.mark.parametrize("options", [{}, {"dtype": "float32"}, {"mistake": "missing-2"}, {"dataset": "diabetes"}])
async def test_everything_follows_the_arrows(options: dict[str, Any]) -> None:
    session = Session(RunConfig(**options))
    data = session.dataset
    async with running(**options) as (app, pilot):
        await pilot.press("g", "2", "enter", "o")
        started = place(app)
        run = app.controller.run.step().scratch
        assert started == (run.b_after, run.w_after)
        await pilot.press("right", "right", "up", "up", "up", "left", "minus", "right", "down")
        b, w = place(app)
        assert b > started[0]
        assert w > started[1]
        batch_of = app.controller.run.session.schedule.place(1)
        whole_x, whole_y = (each.double().numpy() for each in (data.x_train, data.y_train))
        near: dict[str, Any] = {"rel": 1e-4} if "dtype" in options else {"rel": 1e-10}
        factor = 1 if "mistake" in options else 2
        for rows in (slice(None), slice(batch_of.start, batch_of.stop)):
            step, x, y = frame(app).step, whole_x[rows], whole_y[rows]
            residual = b + w * x - y
            assert (step.place.step, step.place.m) == (1, len(x))
            assert step.scratch.loss == pytest.approx(np.mean(residual**2), **near)
            assert step.scratch.grad_b == pytest.approx(factor * np.mean(residual), **near)
            assert step.torch.grad_b == pytest.approx(2 * np.mean(residual), **near)
            assert step.torch.grad_w == pytest.approx(2 * np.mean(residual * x), **near)
            slope, height = np.polyfit(x, y, 1)
            shown = re.search(r" L (\S+), least (\S+) .* −∂L/∂b (\S+), . −∂L/∂w (\S+) +(\S+) from", said(app))
            assert shown is not None
            loss, least, down_b, down_w, far = map(float, shown.groups())
            assert loss == pytest.approx(np.mean(residual**2), rel=1e-5)
            assert least == pytest.approx(np.mean((height + slope * x - y) ** 2), rel=1e-5)
            assert (down_b, down_w) == pytest.approx((-step.scratch.grad_b, -step.scratch.grad_w), rel=6e-3)
            assert far == pytest.approx(np.hypot(height - b, slope - w), rel=6e-3)
            arrow = re.search(r"downhill: (.) −∂L/∂b .* (.) −∂L/∂w", said(app))
            assert arrow is not None
            assert arrow.groups() == ("→" if down_b > 0 else "←", "↑" if down_w > 0 else "↓")
            await pilot.press("a", "minus", "plus")  # the loss of this mini-batch, and the mode's own line again


async def test_downhill_and_space_never_raise_the_loss_of_all_samples() -> None:
    async with running(dataset="tiny") as (app, pilot):
        await pilot.press("o", "up", "up", "right", "right")
        losses = [frame(app).step.scratch.loss]
        for _ in range(6):
            await pilot.press("space")
            losses.append(frame(app).step.scratch.loss)
        assert losses == sorted(losses, reverse=True)
        assert losses[-1] < losses[0]


async def test_esc_gives_the_run_back_as_it_stood() -> None:
    async with running() as (app, pilot):
        await pilot.press("g", "7", "enter", "left", "left")
        before = text(app)
        await pilot.press("o")
        assert "BY HAND" in lines(app)[0]
        await pilot.press("up", "right", "space", "down", "o", "o", "up", "escape")
        assert text(app) == before


async def test_space_takes_the_step_that_descent_would_take_and_home_undoes_all() -> None:
    async with running(lr=0.1) as (app, pilot):
        await pilot.press("o", "right")
        start = place(app)
        for _ in range(3):
            ours = frame(app).step.scratch
            await pilot.press("space")
            assert place(app) == (ours.b_after, ours.w_after)
        assert frame(app).step.scratch.loss < ours.loss
        await pilot.press("home")
        assert place(app) != start
        assert place(app)[0] == frame(app).step.scratch.b_before
        await pilot.press("left")
        await pilot.press("right")


async def test_enter_starts_a_run_from_there() -> None:
    async with running() as (app, pilot):
        await pilot.press("g", "7", "enter", "o", "up", "right")
        start = place(app)
        await pilot.press("enter")
        assert "enter again forgets this run and its 7 steps" in text(app)
        await pilot.press("left", "right", "enter")  # a key in between: it is asked again
        assert app.controller.mode is not None
        start = place(app)
        await pilot.press("enter")
        await wait(pilot, lambda: app.controller.run.session.config.start == start)
        assert app.controller.mode is None
        own = Session(RunConfig(start=start))
        own.train_to(1)
        step = app.controller.run.step()
        assert step.place.step == 0
        assert step.scratch.loss == own.step(0).scratch.loss
        assert "a run from b" in text(app)


async def test_charts_and_instruments_are_of_the_place_by_hand() -> None:
    async with running() as (app, pilot):
        await pilot.press("f5", "o")
        before = {pane.id: pane.text for pane in app.main.panes}
        await pilot.press("plus", "up", "right")
        after = {pane.id: pane.text for pane in app.main.panes}
        changed = {each for each in after if each is not None and after[each] != before[each]}
        assert {"quantities", "phase", "panel"} <= changed
        await pilot.press("f5")  # the gradient check away, and its chart
        fit = app.main.pane_of(1).text
        await pilot.press("up", "up", "up")
        assert app.main.pane_of(1).text != fit
        surface = app.main.pane_of(5).text
        await pilot.press("up", "up", "up")
        assert app.main.pane_of(5).text != surface


async def test_a_key_that_steps_ends_it() -> None:
    async with running() as (app, pilot):
        await pilot.press("o", "y", "n", "n", "5")
        assert app.controller.mode is not None
        await pilot.press("right_square_bracket")
        assert app.controller.mode is None
        assert app.controller.run.cursor.step == 4


async def test_far_outside_it_says_why_and_stays() -> None:
    async with running(dtype="float32", start=(3e38, 0.0)) as (app, pilot):
        await pilot.press("left", "o")
        if app.controller.mode is None:
            await pilot.press("home", "left", "o")
        before = place(app)
        for _ in range(40):
            await pilot.press("plus")
        assert place(app) == before
        assert app.controller.mode is not None
