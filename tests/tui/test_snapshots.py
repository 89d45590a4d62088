"""What the app looks like, cell by cell.

`pytest tests/tui/test_snapshots.py --snapshot-update` draws the pictures anew: look at them.
"""

from __future__ import annotations

import pytest
from app_helpers import wait
from snapshot_helpers import COMPACT, FULL, MIDDLE, SIZES, TINY, SnapCompare, app, exact_start, pressed
from textual.pilot import Pilot

from tui_linreg.engine.config import RunConfig
from tui_linreg.settings import Settings
from tui_linreg.tui.app import LinRegApp
from tui_linreg.tui.arrangement import Arrangement
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.look import ShownCharts
from tui_linreg.tui.plot import MarkerSet
from tui_linreg.tui.run import RunRequest

__all__ = ["exact_start"]  # pytest finds the fixture here


@pytest.mark.parametrize("size", [FULL, MIDDLE, COMPACT, (59, 17)], ids=["160x45", "120x36", "80x24", "59x17"])
def test_main_screen(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=pressed("down", "down", "up", "left", "left"))


@SIZES
def test_first_phase(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=pressed("right"))


@SIZES
def test_short_batch(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=pressed("down", "down"))


def test_without_colour(snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(app(), terminal_size=FULL, run_before=pressed("down"))


def test_light_theme(snap_compare: SnapCompare) -> None:
    assert snap_compare(app(Settings(theme="linreg-light")), terminal_size=FULL, run_before=pressed("down"))


@pytest.mark.parametrize("marker", ["blocks", "ascii"])
def test_markers(snap_compare: SnapCompare, marker: MarkerSet) -> None:
    assert snap_compare(app(Settings(marker=marker)), terminal_size=FULL, run_before=pressed("down", "down", "down"))


@SIZES
@pytest.mark.parametrize("chart", [str(number) for number in CHARTS])
def test_charts(snap_compare: SnapCompare, size: tuple[int, int], chart: str) -> None:
    shown = ShownCharts().in_sight(Arrangement(*size).places)
    keys = ["down", "down", "down", chart, *([chart] if int(chart) in shown else [])]
    assert snap_compare(app(), terminal_size=size, run_before=pressed(*keys, *(["m"] if size == FULL else [])))


@SIZES
def test_footer(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=pressed("down", footer=True))


def test_log_y(snap_compare: SnapCompare) -> None:
    assert snap_compare(app(), terminal_size=FULL, run_before=pressed("down", "down", "down", "2", "y", "up"))


@SIZES
def test_diverged(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    diverging = app(lr=1024.0, epochs=60)
    assert snap_compare(
        diverging, terminal_size=size, run_before=pressed("g", *"170", "enter", "2", *["2"] * (size == COMPACT))
    )


def test_standardized(snap_compare: SnapCompare) -> None:
    assert snap_compare(app(standardize=True, lr=0.5), terminal_size=FULL, run_before=pressed("left", "left", "left"))


@SIZES
@pytest.mark.parametrize("key", ["f2", "f3", "f4", "f5", "f6", "f8"])
def test_instruments(snap_compare: SnapCompare, size: tuple[int, int], key: str) -> None:
    keys = ["down", "down", "down", "left", key]
    assert snap_compare(
        app(), terminal_size=size, run_before=pressed(*keys, *(["2"] if key == "f4" and size == COMPACT else []))
    )


@SIZES
def test_runs_side_by_side(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    async def before(pilot: Pilot[None]) -> None:
        await pressed("p")(pilot)
        first = pilot.app
        assert isinstance(first, LinRegApp)
        for options in ({"lr": 0.5}, {"batch_size": 5}):
            shown = first.controller.run
            first.controller.load(RunRequest(RunConfig(**(TINY | options)), {}))
            await wait(pilot, lambda seen=shown: first.controller.run is not seen)  # type: ignore[misc]
            await pressed("p")(pilot)
        await pressed("down", "down", "f7")(pilot)

    assert snap_compare(app(), terminal_size=size, run_before=before)


@pytest.mark.parametrize("look", ["z", "a"])
def test_surface_looks(snap_compare: SnapCompare, look: str) -> None:
    keys = ("down", "down", "down", "left", look)
    assert snap_compare(app(), terminal_size=FULL, run_before=pressed(*keys))


@pytest.mark.parametrize("key", ["f2", "5"])
def test_instruments_without_colour(snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(app(), terminal_size=FULL, run_before=pressed("down", "down", "down", "left", key))


@SIZES
@pytest.mark.parametrize("key", ["g", "u", "e", "x", "c", "d", "t", "question_mark"])
def test_dialogs(snap_compare: SnapCompare, size: tuple[int, int], key: str) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=pressed("down", "left", key))


def test_form_with_errors(snap_compare: SnapCompare) -> None:
    keys = ("e", "minus", "a")
    assert snap_compare(app(), terminal_size=FULL, run_before=pressed(*keys))
