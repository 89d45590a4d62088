"""The first frame for someone who is new."""

from __future__ import annotations

import pytest
from app_helpers import COMPACT, FULL, assert_shows, lines, running, straight_run, text

from tui_linreg.engine.phases import Phase
from tui_linreg.settings import Settings
from tui_linreg.tui.panes.chart import ChartPane

NEW = Settings(start="first phase")


@pytest.mark.parametrize("size", [FULL, (120, 30), COMPACT, (60, 18)], ids=str)
async def test_a_first_start_is_at_the_first_phase_with_a_chart_and_a_line(size: tuple[int, int]) -> None:
    async with running(size, NEW) as (app, pilot):
        run = app.controller.run
        assert (run.cursor.step, run.cursor.phase) == (0, Phase.BATCH)
        chart = app.screen.query_one("#upper", ChartPane)
        assert chart.has_place
        assert chart.size.height >= 5
        assert "x, y = x_train[i:j]" in text(app)
        line = lines(app)[-2]
        assert all(each in line for each in ("→ ", "L ", "? "))
        await pilot.press("right")
        assert run.cursor.phase is Phase.PREDICT
        assert "lessons" not in lines(app)[-2]
        assert chart.has_place
        assert "ŷ₀ = b + w x₀" in text(app)


async def test_in_one_column_the_charts_number_brings_all_numbers() -> None:
    async with running(COMPACT, NEW) as (app, pilot):
        assert "1 numbers" in lines(app)[-2]
        await pilot.press("1", "right")
        assert_shows(app, straight_run(64)[0], Phase.PREDICT)
        await pilot.press("1")  # as ever: the chart alone
        assert "ŷ₀" not in text(app)
        assert "before" in text(app)


@pytest.mark.parametrize("key", ["2", "f2", "5"])
async def test_another_look_ends_it(key: str) -> None:
    async with running(COMPACT, NEW) as (app, pilot):
        await pilot.press(key)
        assert "x, y = x_train[i:j]" not in text(app)


@pytest.mark.parametrize("start", ["auto", "last phase"])
async def test_else_all_is_computed(start: str) -> None:
    async with running(COMPACT, Settings(start=start)) as (app, _):  # type: ignore[arg-type]
        assert_shows(app, straight_run(64)[0], Phase.UPDATE)


async def test_a_new_run_stays_at_its_phase() -> None:
    async with running(FULL, NEW) as (app, pilot):
        await pilot.press("right", "right", "r")
        assert app.controller.run.cursor.phase is Phase.LOSS
