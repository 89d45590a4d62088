"""The app as a person meets it: resizing, long work, bad data, text from outside, settings."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from app_helpers import COMPACT, FULL, App, assert_shows, key_named, lines, running, straight_run, text, wait
from textual.widgets import Input

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.settings import Settings
from tui_linreg.tui.app import LinRegApp
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.features.editing.edit_dialog import EditDialog
from tui_linreg.tui.main_screen import MainScreen
from tui_linreg.tui.run import RunRequest


def step_of(app: App) -> int:
    return app.controller.run.cursor.step


async def test_keys_typed_ahead_reach_the_dialog_they_were_meant_for() -> None:
    async with running() as (app, pilot):
        for key in ("down", "g", "1", "0", "enter", "u", "4", "enter", "left"):
            app.post_message(key_named(key))
        # The last one acts while the run goes on or after it, as it comes: it lands at the same phase either way.
        there = Cursor(11, Phase.WEIGHT_GRADIENT)
        await wait(
            pilot,
            lambda: app.screen is app.main and app.controller.loaded and app.controller.run.cursor == there,
        )
        assert_shows(app, straight_run(64)[11], Phase.WEIGHT_GRADIENT)


async def test_a_resize_keeps_the_place() -> None:
    async with running() as (app, pilot):
        await pilot.press("down", "down", "left", "left")
        for size in ((120, 36), COMPACT, (59, 18), (60, 17), (20, 5), (1, 1), (60, 18), (300, 100), FULL):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            if size < (60, 18) or size[1] < 18:
                assert "60×18" in text(app) or size[0] < 20
        assert_shows(app, straight_run(64)[2], Phase.BIAS_GRADIENT)


async def test_a_too_small_terminal_says_what_it_needs_and_q_works() -> None:
    async with running((50, 12)) as (app, pilot):
        assert "needs 60×18" in text(app)
        assert "has 50×12" in text(app)
        await pilot.press("q")
        assert app.return_code == 0


async def test_charts_stand_behind_their_keys_in_one_column() -> None:
    async with running(COMPACT) as (app, pilot):
        assert "before" in text(app), "a chart is in sight from the start"
        assert "from scratch" in text(app)
        assert "Samples" not in text(app)
        await pilot.press("down", "2")
        assert "◆ here" in text(app)
        assert "before" not in text(app), "there is room for one"
        await pilot.press("down", "2")
        assert "◆ here" not in text(app)
        assert "LIVE step 3" in lines(app)[0]
        assert "7 update" in text(app)
        assert "Samples 66–98" in text(app), "the chart's key gives phase and samples their room back"


async def test_in_the_smallest_terminal_a_chart_takes_the_numbers_place() -> None:
    async with running((60, 18)) as (app, pilot):
        for _ in range(2):
            assert "from scratch" in text(app)
            assert "7 update" in text(app)
            await pilot.press("1")
            assert "from scratch" not in text(app)
            assert "before" in text(app)
            await pilot.press("1")


async def test_every_sample_can_be_scrolled_to() -> None:
    async with running(COMPACT, train_size=60, batch_size=50) as (app, pilot):
        first = straight_run(1, train_size=60, batch_size=50)[0]
        wanted = {(str(s.i), f"{s.y:.4f}"[:5]) for s in first.samples(0, 50)}
        seen: set[tuple[str, str]] = set()
        for _ in range(25):
            words = [line.split() for line in lines(app)]
            seen |= {(row[0], row[2][:5]) for row in words if len(row) > 8 and row[0].isdecimal()}
            await pilot.press("J")
        assert seen == wanted


async def test_a_diverging_run_goes_on_and_is_explained() -> None:
    async with running(lr=10.0, epochs=120) as (app, pilot):
        assert "η 10 diverges" in lines(app)[-2]
        await pilot.press("u", "6", "enter")
        await wait(pilot, lambda: "no longer finite" in text(app))
        first = step_of(app)
        await pilot.press("down")
        assert f"not finite since step {first + 1}: η 10 diverges" in lines(app)[-2]
        assert "inf" in text(app)
        await pilot.press(*"g480", "enter")
        await wait(pilot, lambda: step_of(app) == 479)
        assert "nan" in text(app)


async def test_long_work_shows_progress_can_be_stopped_and_keeps_what_was_trained() -> None:
    async with running(epochs=1_000_000) as (app, pilot):
        await pilot.press("u", "7", "enter")
        await wait(pilot, lambda: "space stops" in lines(app)[-2] and "left" in lines(app)[-2], "a progress bar")
        await pilot.press("up")
        assert step_of(app) == 0
        await pilot.press("e")
        assert app.screen is app.main
        assert "still at work" in text(app) or "space stops" in lines(app)[-2]
        await pilot.press("space")
        await wait(pilot, lambda: "what was trained is kept" in text(app))
        session = app.controller.run.session
        assert 1 < session.trained < session.schedule.steps
        assert step_of(app) == session.trained - 1
        await pilot.press("u", "7", "enter")
        await wait(pilot, lambda: "space stops" in lines(app)[-2], "nothing but the new work is spoken of")
        await pilot.press("space")
        await wait(pilot, lambda: "what was trained is kept" in text(app))


async def test_a_step_over_a_long_batch_is_computed_while_keys_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {"samples": 450_100, "train_size": 450_000, "batch_size": 225_000, "epochs": 1}
    first, second = straight_run(2, **options)
    train, go = Session.train_to, threading.Event()

    def held(session: Session, *args: Any, **named: Any) -> int:
        assert go.wait(60)
        return train(session, *args, **named)

    async with running(**options) as (app, pilot):
        monkeypatch.setattr(Session, "train_to", held)
        await pilot.press("down", "left", "left")
        assert_shows(app, first, Phase.BIAS_GRADIENT)
        go.set()
        await wait(pilot, lambda: step_of(app) == 1, "the next step")
        assert_shows(app, second, Phase.UPDATE)


@pytest.mark.parametrize("size", [FULL, COMPACT, (60, 18)])
async def test_what_a_key_says_during_long_work_is_there_to_its_end(size: tuple[int, int]) -> None:
    async with running(size, epochs=1_000_000) as (app, pilot):
        await pilot.press("u", "7", "enter")
        await wait(pilot, lambda: lines(app)[-2].rstrip().endswith("space stops"), "a progress bar")
        assert "running until" in lines(app)[-2]
        assert "/3 999 999 " in lines(app)[-2]
        roomy = size != (60, 18)
        await wait(pilot, lambda: (" left " in lines(app)[-2]) is roomy, "the time left")
        assert ("····" in lines(app)[-2]) is roomy
        await pilot.press("y")
        await wait(pilot, lambda: "logarithmic y axis in chart" in lines(app)[-2])
        assert "running until" in lines(app)[-2]
        assert ("/3 999 999 " in lines(app)[-2]) is roomy
        await pilot.press("space")
        await wait(pilot, lambda: "what was trained is kept" in text(app))


async def test_editing_starts_a_new_run_and_says_so() -> None:
    async with running() as (app, pilot):
        await pilot.press("down", "down", "e")
        await wait(pilot, lambda: isinstance(app.screen, EditDialog))
        field = next(f for f in app.screen.query(Input) if f.value == "0.01")
        field.value = "0.02"
        await pilot.press("enter")
        await wait(pilot, lambda: app.screen is app.main and "new run" in text(app))
        assert_shows(app, straight_run(64, lr=0.02)[0], Phase.UPDATE)


async def test_a_new_run_that_will_diverge_says_so_at_once() -> None:
    async with running() as (app, pilot):
        texts = {"lr": "10", "epochs": "100"}
        app.controller.load(RunRequest(RunConfig.read(texts), texts))
        await wait(pilot, lambda: "new run: η 10 diverges: try below" in lines(app)[-2])
        await pilot.press("u", "6", "enter")
        await wait(pilot, lambda: "numbers no longer finite: step 121   ✗ η 10 diverges" in lines(app)[-2])


async def test_without_room_for_samples_their_key_brings_them_up() -> None:
    async with running((60, 18)) as (app, pilot):
        await pilot.press("J")
        await wait(pilot, lambda: "1–" in text(app) and "of 33" in text(app))
        assert f"{straight_run(64)[0].samples(0, 1)[0].y:.2f}" in text(app)
        await pilot.press("m")
        assert "from scratch" in text(app)


async def test_data_that_cannot_be_loaded_reopens_the_form(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("x,y\n1,2\n2,oops\n3,4\n", encoding="utf-8")
    async with running() as (app, pilot):
        texts = {"data": str(path), "lr": "0.01"}
        app.controller.load(RunRequest(RunConfig.read(texts), texts))
        await wait(pilot, lambda: isinstance(app.screen, EditDialog))
        await wait(pilot, lambda: "'oops'" in text(app))
        assert "line 3" in text(app)
        await pilot.press("escape")
        await wait(pilot, lambda: isinstance(app.screen, MainScreen))
        assert_shows(app, straight_run(64)[0], Phase.UPDATE)


@pytest.mark.parametrize("size", [FULL, COMPACT])
async def test_text_from_outside_is_shown_as_text(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "[red]d[bold].csv"
    path.write_text("[bold]x[/],\x1b[31my\n1,2\n2,4\n3,5\n4,9\n5,9\n", encoding="utf-8")
    async with running(size, data=str(path), lr=0.01) as (app, pilot):
        assert "[red]d[bold].csv" in text(app)
        assert "[bold]x[/]" in text(app)
        assert "\x1b" not in text(app)
        assert "\\x1b[31my" in text(app)
        for key in ("1", "2", "3", "4", "e", "escape", "c", "escape"):
            await pilot.press(key)
            await pilot.pause()
            assert "\x1b" not in text(app)


async def test_standardized_data_shows_the_line_in_the_original_units() -> None:
    async with running(dataset="diabetes", standardize=True, lr=0.1) as (app, _):
        session = Session(RunConfig(dataset="diabetes", standardize=True, lr=0.1))
        session.train_to(1)
        scaling = session.dataset.scaling
        assert scaling is not None
        ours = session.step(0).scratch
        b, w = scaling.to_original(ours.b_after, ours.w_after)
        assert "in the original units" in text(app)
        assert f"{b:#.6g}" in text(app)
        assert f"{w:#.6g}" in text(app)


async def test_a_batch_larger_than_the_train_set_is_said() -> None:
    async with running(batch_size=500) as (app, _):
        assert "batch size 500 is larger than the 100 train samples: one batch an epoch" in text(app)
        assert "batch 1/1" in " ".join(lines(app)[1].split())


async def test_remapped_keys_work_and_are_shown() -> None:
    async with running(settings=Settings(keys={"batch.next": "n", "play": "p"})) as (app, pilot):
        await pilot.press("n", "n")
        assert_shows(app, straight_run(64)[2], Phase.UPDATE)
        await pilot.press("down")
        assert_shows(app, straight_run(64)[2], Phase.UPDATE)
        assert " p play" in lines(app)[-1]


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(InputError, match=r"'nonesuch': must be one of .*linreg-dark"):
        LinRegApp(RunConfig(), Settings(theme="nonesuch"))


async def test_keys_work_whichever_pane_was_clicked() -> None:
    async with running() as (app, pilot):
        for i, pane in enumerate(("#quantities", "#phase", "#samples", "#upper", "#lower"), start=1):
            await pilot.click(pane, offset=(5, 2))
            await pilot.press("down")
            assert_shows(app, straight_run(64)[i], Phase.UPDATE)


async def test_the_header_says_the_phase_at_every_width() -> None:
    async with running() as (app, pilot):
        await pilot.press("left", "left")
        for width in (60, 80, 100, 120, 130, 160, 200):
            await pilot.resize_terminal(width, 40)
            assert "phase 5/7" in lines(app)[1]
            assert "∂b" in lines(app)[1] or "bias gradient" in lines(app)[1]


FIRST = ("phase", "batch", "predict", "lessons", "help")
"""What the footer names at every width."""
BEFORE = ("derive", "chart", "find mistake", "play")
AFTER = ("export", "maximise", "screenshot", "log y", "palette", "restart")


async def test_the_footer_names_what_is_best_first() -> None:
    async with running((60, 18)) as (app, pilot):
        for width in (60, 80, 100, 120, 160, 240, 360):
            await pilot.resize_terminal(width, 40)
            filled = lambda: width >= 360 or width - len(lines(app)[-1].rstrip()) < 16  # noqa: B023, E731
            await wait(pilot, filled, "less room than the longest has")
            line = lines(app)[-1]
            assert all(each in line for each in FIRST)
            if any(each in line for each in AFTER):
                assert all(each in line for each in BEFORE)
        assert all(each in line for each in (*BEFORE, *AFTER))
        await pilot.resize_terminal(60, 18)
        await pilot.press("space")
        assert "pause" in lines(app)[-1]
        assert all(each not in lines(app)[-1] for each in AFTER)
        await pilot.press("space")


async def test_the_footer_offers_more_epochs_at_the_end_of_a_run_and_a_hunt_at_80_columns() -> None:
    async with running(COMPACT, epochs=1) as (app, pilot):
        assert "f hunt" in lines(app)[-1]
        for width in (60, 80, 100, 120, 160):
            await pilot.resize_terminal(width, 24)
            assert "E " not in lines(app)[-1]
        await pilot.press("down", "down", "down")
        for width in (60, 80, 100, 120, 160):
            await pilot.resize_terminal(width, 24)
            assert "E more epochs" in lines(app)[-1] if width > 100 else "E epochs" in lines(app)[-1]
        await pilot.click("#keys", offset=(lines(app)[-1].index("E more"), 0))
        await wait(pilot, lambda: app.controller.run.session.schedule.epochs == 2)
        assert "E " not in lines(app)[-1]


async def test_the_key_bar_can_be_clicked() -> None:
    async with running() as (app, pilot):
        line = lines(app)[-1]
        await pilot.click("#keys", offset=(line.index("↓"), 0))
        await wait(pilot, lambda: step_of(app) == 1)
        await pilot.click("#keys", offset=(line.index("until"), 0))
        await wait(pilot, lambda: app.screen is not app.main)


async def test_until_looks_at_the_step_that_is_not_finished() -> None:
    async with running(mistake="no-x", device="cpu") as (app, pilot):
        await pilot.press(*["left"] * 6)
        assert (app.controller.run.cursor.step, app.controller.run.cursor.phase) == (0, Phase.BATCH)
        for step in (0, 1):  # from a finished step on, the next
            await pilot.press("u", "3", "enter")
            there = Cursor(step, Phase.UPDATE)
            await wait(pilot, lambda there=there: app.idle and app.controller.run.cursor == there)  # type: ignore[misc]
