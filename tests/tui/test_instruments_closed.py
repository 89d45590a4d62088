"""An instrument that nobody opened is not asked: a key pays only for what it shows."""

from __future__ import annotations

from typing import Any

import pytest
from app_helpers import running, text, wait

from tui_linreg.engine.analysis import instruments as module
from tui_linreg.engine.analysis.instruments import Instruments

ASKED = ("batches", "learning_rate", "radii", "fixed_point", "epoch_rows", "both_losses", "gradient_check", "sweep")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every item that anything asks the instruments for."""
    found: list[str] = []

    class Counted(Instruments):
        def __getattribute__(self, name: str) -> Any:
            if name in ASKED:
                found.append(name)
            return super().__getattribute__(name)

    monkeypatch.setattr("tui_linreg.engine.analysis.instruments.Instruments", Counted)
    return found


async def test_closed_instruments_are_not_asked(asked: list[str]) -> None:
    async with running() as (_, pilot):
        await pilot.press("5")  # the surface asks
        asked.clear()  # loading asks whether the run diverges
        await pilot.press(*"jjlhk]3412y", "space", "space", "m", "m")
        assert asked == []


async def test_an_open_one_is_asked_until_it_is_closed(asked: list[str]) -> None:
    async with running() as (_, pilot):
        await pilot.press("5")  # the surface asks
        asked.clear()
        await pilot.press("f5", "j", "j")
        assert set(asked) == {"gradient_check", "sweep"}, "itself and its chart"
        await pilot.press("f5")
        asked.clear()
        await pilot.press("j", "l", "h")
        assert asked == []


async def test_what_takes_long_is_worked_out_beside_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CHEAP_SAMPLES", 10)
    prepared: list[str] = []
    plain = Instruments.prepare

    def prepare(self: Instruments, item: Any, *rest: Any) -> None:
        prepared.append(item)
        plain(self, item, *rest)

    monkeypatch.setattr(Instruments, "prepare", prepare)
    async with running() as (app, pilot):
        await wait(pilot, lambda: "L of all train samples" in text(app), "the surface of the first screen")
        await pilot.press("f3")
        await wait(pilot, lambda: "least squares" in text(app))
        assert prepared == ["batches"]
        await pilot.press("j", "f2")
        await wait(pilot, lambda: "spectral radius" in text(app))
        assert "working it out" not in text(app)
        assert prepared == ["batches"]
