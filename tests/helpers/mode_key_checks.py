"""Checks of the keys of modes (`tui_linreg.tui.mode`)."""

from __future__ import annotations

from app_helpers import App, Driver, lines
from key_checks import checks

from tui_linreg.number_text import significant


def said(app: App) -> str:
    """Return the line above the keys."""
    return lines(app)[-2].strip()


@checks("cursor")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(key)
    assert said(app).startswith("sample ")
    assert "other chart" in lines(app)[-1]
    await pilot.press(key)
    assert said(app).startswith("after step 1")
    await pilot.press(key)
    assert app.controller.mode is None


@checks("leave")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press("m")
    assert app.screen.maximized is not None
    await pilot.press("v", key)
    assert app.controller.mode is None
    assert app.screen.maximized is not None
    await pilot.press(key)
    assert app.screen.maximized is None


@checks("hand")
async def _(app: App, pilot: Driver, key: str) -> None:
    b, w = app.controller.run.step().scratch.b_after, app.controller.run.step().scratch.w_after
    await pilot.press(key)
    assert "BY HAND" in lines(app)[0]
    assert said(app).startswith(f"b {significant(b)}  w {significant(w)}")
    await pilot.press("right", "up", key)
    assert app.controller.mode is None
    assert "LIVE" in lines(app)[0]


@checks("lr.half", "lr.twice")
async def _(app: App, pilot: Driver, key: str) -> None:
    factor = 0.5 if key == "less_than_sign" else 2
    await pilot.press(key)
    assert app.controller.run.session.config.rates.at(1) == 0.01 * factor
    await pilot.press("down", key)
    assert [app.controller.run.session.config.rates.at(step) for step in range(3)] == [
        0.01, 0.01 * factor, 0.01 * factor * factor,
    ]  # fmt: skip
    assert app.controller.run.session.trained == 2
