"""Shared by the snapshots: a run of small dyadic numbers, so that no picture depends on the machine's last bits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from app_helpers import press_means, settle, wait
from textual.pilot import Pilot
from textual.widgets import Input

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.reference import TorchLinearRegression
from tui_linreg.settings import Settings
from tui_linreg.tui.app import LinRegApp
from tui_linreg.tui.panes.bars import KeyBar

FULL, MIDDLE, COMPACT = (160, 45), (120, 36), (80, 24)
TINY: dict[str, Any] = {"data": "tiny.csv", "train_size": 10, "batch_size": 4, "lr": 0.125, "device": "cpu"}
Before = Callable[[Pilot[None]], Awaitable[None]]
SnapCompare = Callable[..., bool]


@pytest.fixture(autouse=True)
def exact_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin at b = 0.5, w = -1.25, among the data files."""
    monkeypatch.chdir(Path(__file__).parents[1] / "data")
    build = TorchLinearRegression.__init__

    def built(self: TorchLinearRegression, *args: Any, **options: Any) -> None:
        build(self, *args, **options)
        with torch.no_grad():
            self.layer.bias.fill_(0.5)
            self.layer.weight.fill_(-1.25)

    monkeypatch.setattr(TorchLinearRegression, "__init__", built)


def pressed(*keys: str, footer: bool = False) -> Before:
    """Press keys once the first step is there, each after the frame of the one before.

    The footer is left out where it is not the subject, so that a new key or chart does not change every picture.
    """

    async def before(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, LinRegApp)
        await wait(pilot, lambda: app.controller.loaded)
        press_means(pilot, app, settle)
        await pilot.press(*keys)
        app.main.query_one(KeyBar).visible = footer
        for field in app.screen.query(Input):
            field.cursor_blink = False  # shown, at whatever moment the picture is taken

    return before


def app(settings: Settings | None = None, **options: Any) -> LinRegApp:
    return LinRegApp(RunConfig(**(TINY | options)), settings or Settings())


SIZES = pytest.mark.parametrize("size", [FULL, COMPACT], ids=["160x45", "80x24"])
