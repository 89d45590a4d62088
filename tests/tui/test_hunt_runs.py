"""Hunts on runs of other kinds, and drawing that finds nothing, is stopped or fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from app_helpers import COMPACT, quiet, running, text, wait
from hunt_helpers import (  # fmt: skip
    SMALL,
    assert_untold,
    decide,
    drawing,
    explorer,
    flat,
    give_up,
    hunting,
    right_key,
    round_of,
    seeds,
    start,
)

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.progress import Cancelled
from tui_linreg.study.hunt import planted
from tui_linreg.study.hunt_text import CHOICE_TEXTS
from tui_linreg.tui import jobs
from tui_linreg.tui.features.hunt import round as hunt_jobs
from tui_linreg.tui.features.hunt.reveal_dialog import HuntRevealDialog
from tui_linreg.tui.features.hunt.round import NOTHING_SHOWS

HIDDEN = {"sum", "no-x"}


async def test_a_run_that_makes_a_mistake_openly_says_that_the_hunt_leaves_it_out() -> None:
    async with running(**SMALL, mistake="sign") as (app, pilot):
        await pilot.press("f")
        assert "This run's own mistake (sign) is not in the hunt's run, unless it is drawn." in flat(app)
        await pilot.press("escape")
        hunt = await start(app, pilot, None)
        assert explorer(app).session.config.mistake is None
        assert explorer(app).step().verdict.word != "differs"
        assert_untold(hunt, text(app))
        await decide(app, pilot)
        await pilot.press("l")
        assert explorer(app).session.config.mistake == "sign"


async def test_where_no_mistake_would_show_there_is_no_hunt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_linreg.tui.features.hunt.round.has_effect_in", lambda config: lambda name: False)
    async with running(**SMALL) as (app, pilot):
        own = explorer(app)
        await pilot.press("f", "enter")
        await quiet(app, pilot)
        assert NOTHING_SHOWS in text(app)
        assert explorer(app) is own
        assert not hunting(app)


async def test_what_is_offered_leaves_out_what_would_not_show_whatever_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "tui_linreg.tui.features.hunt.round.has_effect_in", lambda config: lambda name: name not in ("sum", "no-x")
    )
    async with running(**SMALL) as (app, pilot):
        for secret in (None, "sign"):
            hunt = await start(app, pilot, secret)
            assert set(hunt.left_out) == HIDDEN
            await decide(app, pilot)
            assert CHOICE_TEXTS["stale"] in flat(app)
            assert CHOICE_TEXTS["sum"] not in flat(app)
            await pilot.press("n")


async def test_drawing_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    monkeypatch.setattr("tui_linreg.tui.features.hunt.round.has_effect_in", lambda config: lambda name: go_on.wait(30))
    async with running(**SMALL) as (app, pilot):
        own = explorer(app)
        await pilot.press("f", "enter")
        await wait(pilot, lambda: "hiding a mistake, or none" in text(app))
        await pilot.press("f", "space")
        assert app.screen is app.main
        go_on.set()
        await quiet(app, pilot)
        assert "no hunt began" in text(app)
        assert explorer(app) is own
        await start(app, pilot, "sign")


async def test_going_where_it_shows_is_not_stopped_with_the_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def held(make: Callable[..., jobs.Job]) -> Callable[..., jobs.Job]:
        def made(*given: object) -> jobs.Job:
            job = make(*given)

            def wait_first(cancelled: Cancelled) -> None:
                go_on.wait(30)
                job(cancelled)

            return wait_first

        return made

    monkeypatch.setattr(hunt_jobs, "compare", held(hunt_jobs.compare))
    monkeypatch.setattr(jobs, "reach", held(jobs.reach))
    async with running(samples=1001, train_size=61, batch_size=2, epochs=3) as (app, pilot):
        await start(app, pilot, "divide-by-batch-size")
        await give_up(app, pilot)
        dialog = app.screen
        monkeypatch.setattr("tui_linreg.tui.run._QUICK_STEPS", 1)
        await pilot.press("g")
        await wait(pilot, lambda: not dialog.is_attached and app.controller.work.busy is not None)
        go_on.set()
        await quiet(app, pilot)
        assert explorer(app).cursor.step == 30


async def test_a_file_that_is_gone_begins_no_hunt(tmp_path: Path) -> None:
    path = table(tmp_path)
    async with running(data=path) as (app, pilot):
        own = explorer(app)
        Path(path).unlink()
        await pilot.press("f", "enter")
        await quiet(app, pilot)
        assert "✗" in text(app)
        assert "[bold]one.csv" in text(app)
        assert explorer(app) is own


def table(folder: Path) -> str:
    rows = "\n".join(f"{k},{3 * k + (-1) ** k}" for k in range(12))
    file = folder / "[bold]one.csv"
    file.write_text(f"x,y\n{rows}\n")
    return str(file)


@pytest.mark.parametrize(
    "options",
    [
        {"samples": 2, "train_size": 1, "epochs": 1},
        {"samples": 120, "dtype": "float32", "epochs": 2},
        {"dataset": "diabetes", "epochs": 1},
        {"dataset": "tiny", "epochs": 2},
        {"data": "", "epochs": 2, "standardize": True},
    ],
    ids=["one sample", "float32", "diabetes", "tiny", "csv"],
)
async def test_hunts_on_other_runs(options: dict[str, Any], tmp_path: Path) -> None:
    """The right answer is among those offered and is told."""
    if "data" in options:
        options = {**options, "data": table(tmp_path)}
    async with running(COMPACT, **options) as (app, pilot):
        schedule = explorer(app).session.schedule
        before, name = explorer(app), [*seeds(schedule)][1]
        with drawing(seeds(schedule)[name]):
            await pilot.press("f", "enter")
            await wait(pilot, lambda: explorer(app) is not before)
        await quiet(app, pilot)
        hunt = round_of(app).hunt
        assert planted(hunt) == name
        assert explorer(app).session.config.mistake is None
        await pilot.press("down")
        assert_untold(hunt, text(app))
        await decide(app, pilot, right_key(hunt))
        await wait(pilot, lambda: isinstance(app.screen, HuntRevealDialog))
        assert (MISTAKES[name].title if name else "no mistake") in flat(app)
