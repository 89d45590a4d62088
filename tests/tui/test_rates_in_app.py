"""A learning rate that changes on the way, in the app: the header, the numbers put in, what instruments say."""

from __future__ import annotations

import pytest
from app_helpers import running, text, wait
from textual.pilot import Pilot

from tui_linreg.tui.app import LinRegApp

TEXT = "0.3@1,0.05@6,1e-3@9"
WHEN = {5: "η 0.3 up to step 5", 6: "η 0.05 in steps 6 to 8", 8: "η 0.05 in steps 6 to 8", 9: "η 0.001 from step 9 on"}


async def go(app: LinRegApp, pilot: Pilot[None], step: int) -> None:
    await pilot.press("g", *str(step), "enter")
    await wait(pilot, lambda: app.controller.run.cursor.step == step - 1)


@pytest.mark.parametrize("panel", ["f2", "f3"])
async def test_everything_speaks_of_the_rate_of_the_step_at_the_cursor(panel: str) -> None:
    async with running((160, 45), device="cpu", lr=TEXT) as (app, pilot):
        await pilot.press(panel)
        for step in (5, 6, 9, 8, 5):
            await go(app, pilot, step)
            await wait(pilot, lambda step=step: f"of the present learning rate: {WHEN[step]}" in text(app))  # type: ignore[misc]
            shown = text(app).splitlines()
            assert WHEN[step] in shown[0]
            lr = WHEN[step].split()[1]
            assert any(line.startswith("│ b ←") and f" − {lr} · " in line for line in shown)
        assert app.controller.run.last == 63


async def test_a_plain_rate_has_no_steps_beside_it() -> None:
    async with running((160, 45), device="cpu", lr=0.3) as (app, pilot):
        await pilot.press("f2")
        await wait(pilot, lambda: "η of this run" in text(app))
        assert "η 0.3   seed 0" in text(app).splitlines()[0]
        assert "present learning rate" not in text(app)
