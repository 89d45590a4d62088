"""Every key of the help, pressed in the app; what changed is checked by value against a run of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import instrument_key_checks  # noqa: F401  # registers its checks
import lesson_key_checks  # noqa: F401  # registers its checks
import mode_key_checks  # noqa: F401  # registers its checks
import pytest
import study_key_checks  # noqa: F401  # registers its checks
from app_helpers import App, Driver, assert_shows, lines, row, running, straight_run, text, wait
from key_checks import CHECKS, checks

from tui_linreg.command_line import command_line
from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.commands import BY_ID
from tui_linreg.tui.dialogs.code import CodeDialog
from tui_linreg.tui.features.editing.edit_dialog import EditDialog
from tui_linreg.tui.features.files import CommandLineDialog, ExportDialog
from tui_linreg.tui.features.reading.glossary_dialog import GlossaryDialog
from tui_linreg.tui.features.reading.help_dialog import HelpScreen
from tui_linreg.tui.features.stepping.dialogs import GotoDialog, UntilDialog
from tui_linreg.tui.main_screen import MainScreen
from tui_linreg.tui.panes.tables import Samples

CASES = [(id, key) for id, action in BY_ID.items() for key in action.keys.split(",")]


def test_every_binding_has_its_check() -> None:
    assert set(CHECKS) == set(BY_ID)


@pytest.mark.parametrize(("id", "key"), CASES, ids=[f"{id}-{key}" for id, key in CASES])
async def test_key(id: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with running() as (app, pilot):
        await CHECKS[id](app, pilot, key)


def at(step: int, phase: Phase = Phase.UPDATE) -> Callable[[App], None]:
    return lambda app: assert_shows(app, straight_run(64)[step], phase)


@checks("phase.next")
async def _(app: App, pilot: Driver, key: str) -> None:
    for i, phase in enumerate([*Phase, *Phase]):
        await pilot.press(key)
        at(1 + i // 7, phase)(app)


@checks("phase.previous")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press("down")
    for i, phase in enumerate([*[*reversed(Phase)][1:], *reversed(Phase)]):
        await pilot.press(key)
        at(1 if i < 6 else 0, phase)(app)
    await pilot.press(key)
    assert "start of the run" in text(app)


@checks("batch.next")
async def _(app: App, pilot: Driver, key: str) -> None:
    for step in range(1, 6):
        await pilot.press(key)
        at(step)(app)
        assert f"LIVE step {step + 1}" in lines(app)[0]
    await pilot.press("left", key)
    at(6, Phase.WEIGHT_GRADIENT)(app)


@checks("batch.previous")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(*["down"] * 5, key, key)
    at(3)(app)
    assert "PAST step 4/6" in lines(app)[0]


@checks("epoch.next")
async def _(app: App, pilot: Driver, key: str) -> None:
    for step in (4, 8, 12):
        await pilot.press(key)
        at(step)(app)


@checks("epoch.previous")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(*["down"] * 9)
    for step in (8, 4, 0, 0):
        await pilot.press(key)
        at(step)(app)


@checks("run.first")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(*["down"] * 5, key)
    at(0)(app)
    assert "PAST step 1/6" in lines(app)[0]


@checks("run.newest")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(*["down"] * 5, "home", key)
    at(5)(app)
    assert "LIVE step 6" in lines(app)[0]


@checks("play")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(*["plus"] * 2, key)
    assert "pause" in lines(app)[-1]
    await wait(pilot, lambda: app.controller.loaded and app.controller.run.cursor.step >= 4)
    await pilot.press(key)
    assert "pause" not in lines(app)[-1]
    stopped = app.controller.run.cursor.step
    at(stopped)(app)
    await pilot.pause(0.1)
    at(stopped)(app)


@checks("faster")
async def _(app: App, pilot: Driver, key: str) -> None:
    for speed in ("5", "10", "20", "50", "50"):
        await pilot.press(key)
        assert f"plays {speed} mini-batches a second" in text(app)


@checks("slower")
async def _(app: App, pilot: Driver, key: str) -> None:
    for speed in ("1", "0.5", "0.5"):
        await pilot.press(key)
        assert f"plays {speed} mini-batch" in text(app)


@checks("until")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(key)
    await wait(pilot, lambda: isinstance(app.screen, UntilDialog))
    await pilot.press("4", "enter")  # the short batch
    await wait(pilot, lambda: "a short batch: step 4" in text(app))
    at(3)(app)


@checks("goto")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(key)
    await wait(pilot, lambda: isinstance(app.screen, GotoDialog))
    await pilot.press("3", "space", "2", "enter")
    await wait(pilot, lambda: isinstance(app.screen, MainScreen))
    at(9)(app)


CHART_WORDS = {
    "fit": "before", "loss": "⠶ batch", "residuals": "ŷ − y of this batch", "parameters": "∂L/∂w",
    "surface": "L of all train samples",
}  # fmt: skip
"""What is to be read in some of the charts besides their titles."""


@checks(*(f"chart.{chart.id}" for chart in CHARTS.values()))
async def _(app: App, pilot: Driver, key: str) -> None:
    chart = CHARTS[int(key)]
    others = [each for each in CHARTS.values() if each is not chart]
    title = f" {chart.number} {chart.name} "
    if chart.number in app.main.charts_in_sight:
        await pilot.press(key)
    for other in others:
        assert title not in text(app)
        await pilot.press(key)
        assert title in text(app)
        assert CHART_WORDS.get(chart.id, "") in text(app)
        if other.number not in app.main.charts_in_sight:
            await pilot.press(str(other.number))
        assert title in text(app)
        assert f" {other.number} {other.name} " in text(app), "any two stand together"
        await pilot.press(key)


@checks("log_y")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press("2")
    assert "loss (log)" not in text(app)
    await pilot.press(key)
    assert "loss (log)" in text(app)
    await pilot.press(key)
    assert "loss (log)" not in text(app)


@checks("digits")
async def _(app: App, pilot: Driver, key: str) -> None:
    step = straight_run(64)[0]
    exactly = repr(step.scratch.loss), repr(step.torch.loss)
    assert not any(each in text(app) for each in exactly)
    assert f"{step.scratch.loss:.6g}" in row(app, "L =")
    await pilot.press(key)
    assert "numbers in full" in text(app)
    assert all(each in row(app, "L =") for each in exactly)
    signal = float(step.scratch.dloss_dpred[0])
    assert f"{signal:.7g}" in app.screen.query_one(Samples).render_line(1).text
    await pilot.press("tab", "tab", "tab", "m")
    assert repr(signal) in text(app)
    await pilot.press("m")
    at(0)(app)
    await pilot.press(key)
    assert not any(each in text(app) for each in exactly)


@checks("maximise")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press("tab", "tab", "tab", key)
    assert isinstance(app.screen.maximized, Samples)
    assert app.screen.query_one(Samples).size.width > 150
    await pilot.press("down")
    assert "Samples 33–65" in text(app)
    await pilot.press(key)
    assert app.screen.maximized is None


@checks("samples.down")
async def _(app: App, pilot: Driver, key: str) -> None:
    first, last = straight_run(64)[0].samples(0, 1)[0], straight_run(64)[0].samples(32, 33)[0]
    assert f"{first.y:.5f}" in text(app)
    assert f"{last.y:.5f}" not in text(app)
    await pilot.press(key)
    assert f"{last.y:.5f}" in text(app)
    assert "33 of 33" in text(app)


@checks("samples.up")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press("J", key)
    assert f"{straight_run(64)[0].samples(0, 1)[0].y:.5f}" in text(app)


@checks("code")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press("left", key)
    await wait(pilot, lambda: isinstance(app.screen, CodeDialog))
    await wait(pilot, lambda: "torch.dot(dloss_dpred, x)" in text(app))
    assert "loss.backward()" in text(app)


@checks("edit")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press("down", key)
    await wait(pilot, lambda: isinstance(app.screen, EditDialog))
    await pilot.press("escape")
    await wait(pilot, lambda: isinstance(app.screen, MainScreen))
    at(1)(app)


@checks("restart")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(*["down"] * 5, key)
    at(0)(app)
    assert "LIVE step 1" in lines(app)[0]
    await pilot.press("down")
    at(1)(app)


@checks("epochs")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press("end", *["down"] * 3, key)
    at(3)(app)
    assert "the same run, now of 32 epochs, 128 steps" in text(app)
    assert "epoch  1/32" in lines(app)[1]
    await pilot.press("g", *"128", "enter")
    await wait(pilot, lambda: app.controller.run.cursor.step == 127)
    assert_shows(app, straight_run(128, epochs=32)[127], Phase.UPDATE)


@checks("export")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press("down", "down", key)
    await wait(pilot, lambda: isinstance(app.screen, ExportDialog))
    await pilot.press("enter")
    await wait(pilot, lambda: "3 steps written" in text(app))
    header, *records = Path("tui-linreg-trace.csv").read_text(encoding="utf-8").splitlines()
    assert len(records) == 3
    column = header.split(",").index("scratch_grad_w")
    assert [float(record.split(",")[column]) for record in records] == [s.scratch.grad_w for s in straight_run(64)[:3]]


@checks("command_line")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(">", key)
    await wait(pilot, lambda: isinstance(app.screen, CommandLineDialog))
    assert app.clipboard == command_line(app.controller.run.session.config) == "tui-linreg --lr 0.01@1,0.02@2"
    assert app.clipboard in text(app)
    await pilot.press("escape")
    await wait(pilot, lambda: app.screen is app.main)


@checks("screenshot")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(key, key)
    await wait(pilot, lambda: Path("tui-linreg-step-1-2.svg").exists())
    assert "∂L/∂b" in Path("tui-linreg-step-1.svg").read_text(encoding="utf-8")
    assert "screenshot saved: tui-linreg-step-1-2.svg" in text(app)


@checks("help")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(key)
    await wait(pilot, lambda: isinstance(app.screen, HelpScreen))
    await pilot.press("escape")
    await wait(pilot, lambda: isinstance(app.screen, MainScreen))


@checks("glossary")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(key)
    await wait(pilot, lambda: isinstance(app.screen, GlossaryDialog))
    await pilot.press("q")  # is looked for
    assert "least squares" in text(app)
    await pilot.press("escape")
    await wait(pilot, lambda: isinstance(app.screen, MainScreen))


@checks("palette")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(key)
    await wait(pilot, lambda: app.screen is not app.main)
    await pilot.press(*"first step")
    await wait(pilot, lambda: "First step" in text(app))
    await pilot.press("escape")
    await wait(pilot, lambda: app.screen is app.main)


@checks("quit")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(key)
    await wait(pilot, lambda: not app.is_running or app.return_code is not None)
    await asyncio.sleep(0)
    assert app.return_code == 0
