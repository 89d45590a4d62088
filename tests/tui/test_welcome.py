"""The first frame for someone who is new."""

from __future__ import annotations

import pytest
from app_helpers import COMPACT, FULL, assert_shows, lines, running, straight_run

from tui_linreg.engine.phases import Phase
from tui_linreg.settings import Settings

NEW = Settings(start="first phase")


@pytest.mark.parametrize("size", [FULL, (120, 30), COMPACT, (60, 18)], ids=str)
async def test_a_first_start_is_at_the_first_phase_with_a_chart_and_a_line(size: tuple[int, int]) -> None:
    async with running(size, NEW) as (app, pilot):
        run = app.controller.run
        assert (run.cursor.step, run.cursor.phase) == (0, Phase.BATCH)
        low = size == (60, 18)  # with no room for a chart beside the numbers
        assert bool(app.main.charts_in_sight) is not low
        line = lines(app)[-2]
        assert all(each in line for each in ("→ ", "1-8 ", "L ", "? "))
        assert ("the two shown last stand together" in line) == (size == FULL)
        assert len(line.rstrip()) < size[0]
        await pilot.press("right")
        assert run.cursor.phase is Phase.PREDICT
        assert "lessons" not in lines(app)[-2]


@pytest.mark.parametrize("start", ["auto", "last phase"])
async def test_else_all_is_computed(start: str) -> None:
    async with running(COMPACT, Settings(start=start)) as (app, _):  # type: ignore[arg-type]
        assert_shows(app, straight_run(64)[0], Phase.UPDATE)


async def test_a_new_run_stays_at_its_phase() -> None:
    async with running(FULL, NEW) as (app, pilot):
        await pilot.press("right", "right", "r")
        assert app.controller.run.cursor.phase is Phase.LOSS
