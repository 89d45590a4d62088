"""The cursor of a chart: where it goes, what it says, and what it must not say. Numbers by NumPy."""

from __future__ import annotations

import re

import numpy as np
import pytest
from app_helpers import running, text
from mode_key_checks import said

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.tui.panes.tables import Samples


def numbers(line: str, *names: str) -> list[float]:
    return [float(re.search(rf"(?:^|\s){re.escape(name)} (\S+)", line).group(1)) for name in names]  # type: ignore[union-attr]


async def test_in_the_fit_it_goes_from_sample_to_sample_and_marks_the_row() -> None:
    session = Session(RunConfig())
    session.train_to(1)
    step = session.step(0)
    x, y, y_pred = (each.numpy() for each in (step.x, step.y, step.scratch.y_pred))
    order = np.argsort(x, kind="stable")
    async with running() as (app, pilot):
        await pilot.press("v")
        for place, row in enumerate(order[:12]):
            found = numbers(said(app), "sample", "x", "y", "ŷ", "residual")
            assert found == [row, x[row], y[row], y_pred[row], y_pred[row] - y[row]]
            assert said(app).endswith(f"{place + 1}/33")
            marked = [
                line.text
                for line in app.screen.query_one(Samples)._strips  # type: ignore[union-attr]
                if any(segment.style is not None and segment.style.reverse for segment in line)
            ]
            assert [int(line.split()[0]) for line in marked] == [row]
            await pilot.press("right")
        await pilot.press("end")
        assert numbers(said(app), "sample") == [order[-1]]
        await pilot.press("home", "left", "down", "up", "enter")
        assert "belongs to no step" in text(app)


async def test_in_the_loss_it_says_losses_and_enter_goes_to_the_step() -> None:
    session = Session(RunConfig())
    session.train_to(9)
    async with running() as (app, pilot):
        await pilot.press("g", "9", "enter", "2", "v")
        assert numbers(said(app), "loss") == [session.step(8).scratch.loss]
        await pilot.press("left")
        means = np.mean([session.step(k).scratch.loss for k in range(4, 8)])
        found = numbers(said(app), "loss", "mean")
        assert found == [session.step(7).scratch.loss, pytest.approx(means, rel=1e-15)]
        assert said(app).startswith("step 8, epoch 2, batch 4")
        await pilot.press("up", "left", "enter")
        assert app.controller.mode is None
        assert app.controller.run.cursor.step == 2


async def test_on_the_surface_it_says_b_w_and_the_loss_of_all_samples() -> None:
    session = Session(RunConfig())
    session.train_to(6)
    x, y = (each.numpy() for each in (session.dataset.x_train, session.dataset.y_train))
    async with running() as (app, pilot):
        await pilot.press("g", "6", "enter", "5", "5", "v", "left", "left")
        step = session.step(3).scratch
        b, w, loss = numbers(said(app), "b", "w", "L")
        assert (b, w) == (step.b_after, step.w_after)
        assert loss == pytest.approx(np.mean((b + w * x - y) ** 2), rel=1e-12)
        await pilot.press("home")
        assert said(app).startswith("before step 1")
        assert numbers(said(app), "b", "w") == [session.step(0).scratch.b_before, session.step(0).scratch.w_before]


async def test_among_the_parameters_it_says_b_w_and_both_gradients() -> None:
    session = Session(RunConfig())
    session.train_to(5)
    async with running() as (app, pilot):
        await pilot.press("g", "5", "enter", "4", "v", "left")
        step = session.step(3).scratch
        expected = [step.b_after, step.w_after, step.grad_b, step.grad_w]
        assert numbers(said(app), "b", "w", "∂L/∂b", "∂L/∂w") == expected


@pytest.mark.parametrize(("keys", "words"), [(("f2", "6"), "radius"), (("f5", "7"), "central"), (("3",), "residual")])
async def test_other_charts_say_something_of_each_point(keys: tuple[str, ...], words: str) -> None:
    async with running() as (app, pilot):
        await pilot.press(*keys)
        if app.controller.run.look.charts.newest != int(keys[-1]):
            await pilot.press(keys[-1])
        await pilot.press("v")
        first = said(app)
        await pilot.press("home", "right")
        assert words in said(app)
        assert said(app) != first


async def test_keys_that_step_leave_the_cursor_and_those_that_look_do_not() -> None:
    async with running() as (app, pilot):
        await pilot.press("v", "n", "y")
        assert app.controller.mode is not None
        await pilot.press("1")  # takes the chart away in which it stands
        assert app.controller.mode is None
        await pilot.press("1", "v", "right_square_bracket")
        assert app.controller.mode is None
        assert app.controller.run.cursor.step == 4


async def test_what_is_not_computed_yet_is_not_said() -> None:
    async with running() as (app, pilot):
        await pilot.press(*["left"] * 6, "v")
        assert app.controller.run.cursor.phase is Phase.BATCH
        assert "ŷ" not in said(app)
        assert "residual" not in said(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_line_that_is_too_long_has_shorter_numbers_and_is_whole(size: tuple[int, int]) -> None:
    async with running(size=size) as (app, pilot):
        await pilot.press("1" if size[0] > 100 else "v")
        if app.controller.mode is None:
            await pilot.press("1", "v")
        assert re.search(r"residual -?[\d.]+ +1/33$", said(app))
