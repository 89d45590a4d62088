"""What the keys of the instruments must do; `test_app_keys` presses them."""

from __future__ import annotations

from app_helpers import App, Driver, lines, text, wait
from key_checks import checks

from tui_linreg.engine.config import RunConfig
from tui_linreg.tui.features.editing.arithmetic_dialog import ArithmeticDialog
from tui_linreg.tui.instruments.records import PANELS
from tui_linreg.tui.panes.chart import PanelPane
from tui_linreg.tui.panes.tables import Samples
from tui_linreg.tui.run import Run, RunRequest

_ORDER = [None, *PANELS]


def _explorer(app: App) -> Run:
    return app.controller.run


def _open(app: App) -> str | None:
    """The panel on the screen, found by its title; None for the samples."""
    samples, panel = app.main.query_one(Samples), app.main.query_one(PanelPane)
    assert samples.display != panel.display
    if samples.display:
        assert "Samples 0" in text(app)
        return None
    (name,) = [name for name, info in PANELS.items() if f" {info.title} " in text(app)]
    assert _explorer(app).look.instrument == name
    return name


@checks(*(f"panel.{name}" for name in PANELS))
async def _(app: App, pilot: Driver, key: str) -> None:
    assert _open(app) is None
    await pilot.press(key)
    assert PANELS[_open(app) or ""].key == key
    await pilot.press("down", "left")
    assert _open(app) is not None
    await pilot.press("up", key)
    assert _open(app) is None


@checks("panel.next", "panel.previous")
async def _(app: App, pilot: Driver, key: str) -> None:
    by = 1 if key == "i" else -1
    for turn in range(1, len(_ORDER) + 2):
        await pilot.press(key)
        assert _open(app) == _ORDER[turn * by % len(_ORDER)]


@checks("sample.next", "sample.previous")
async def _(app: App, pilot: Driver, key: str) -> None:
    m = _explorer(app).step().place.m
    by = 1 if key == "full_stop" else -1
    for turn in range(1, m + 3):
        await pilot.press(key)
        assert _open(app) == "graph"
        number = turn * by % (m + 1)
        first = app.controller.run.step().place.start
        one = f"graph of sample {first + number - 1}, {number} of {m}"
        assert (one if number else "graph of the whole mini-batch") in text(app)
        assert _explorer(app).look.sample == (number - 1 if number else None)
    await pilot.press("f8", "8")  # beside autograd's graph alone it brings nothing up
    await pilot.press(*(["8"] if 8 not in app.main.charts_in_sight else []), key)
    assert _open(app) is None


@checks("zoom")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(*["down"] * 6)
    whole = text(app)
    await pilot.press(key)
    assert "loss surface: of all train samples, around the cursor" in text(app)
    assert _explorer(app).look.surface.near
    await pilot.press(key, "up", "down")
    assert text(app) == whole


@checks("surface.of")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(key)
    assert "L of this batch" in text(app)
    await pilot.press(key)
    assert "L of all train samples" in text(app)


@checks("keep")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(*["down"] * 5, key, "f7")
    assert "No other run is kept" in text(app)  # beside itself a run is no other
    kept = _explorer(app)
    numbers = kept.session.step(5).scratch
    app.controller.load(RunRequest(RunConfig(lr=0.1), {}))
    await wait(pilot, lambda: _explorer(app) is not kept)
    await pilot.press(*["down"] * 5)
    assert "A  η 0.01" in text(app)
    ours = _explorer(app).session.step(5).scratch
    for value in (ours.loss, numbers.loss, ours.loss - numbers.loss, numbers.b_after, ours.w_after - numbers.w_after):
        assert f"{value:.5f}" in text(app)
    await pilot.press("down")  # the kept run goes along
    assert kept.session.trained == 7
    await pilot.press(key)
    assert [kept_run.letter for kept_run in _explorer(app).look.kept] == ["A", "B"]
    await pilot.press(key)
    assert "this run is kept already" in text(app)


@checks("forget")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(key)
    assert "no run is kept" in text(app)
    await pilot.press("p", key)
    assert "forgot run A" in text(app)
    assert not _explorer(app).look.kept


@checks("arithmetic")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(key)
    await wait(pilot, lambda: isinstance(app.screen, ArithmeticDialog))
    await pilot.press("escape")
    await wait(pilot, lambda: app.screen is app.main)
    assert "LIVE step 1" in lines(app)[0]
