"""Opening a dialog and resizing the terminal lay out no more often than they must, and for the right size."""

from __future__ import annotations

import pytest
from app_helpers import COMPACT, FULL, running, text
from textual._compositor import Compositor
from textual.geometry import Size
from textual.widget import Widget

from tui_linreg.tui.dialogs.base import Dialog


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Size]]:
    """Each layout from now on: of which screen, for which size."""
    found: list[tuple[str, Size]] = []
    reflow = Compositor.reflow

    def noting(compositor: Compositor, parent: Widget, size: Size) -> object:
        found.append((type(parent).__name__, size))
        return reflow(compositor, parent, size)

    monkeypatch.setattr(Compositor, "reflow", noting)
    return found


@pytest.mark.parametrize(("key", "name"), [("g", "GotoDialog"), ("e", "EditDialog"), ("t", "PredictDialog")])
async def test_a_dialog_is_laid_out_when_it_resumes_and_when_it_is_mounted(
    key: str, name: str, layouts: list[tuple[str, Size]]
) -> None:
    async with running() as (_, pilot):
        await pilot.press("left")
        layouts.clear()
        await pilot.press(key)
        assert layouts == [(name, FULL)] * 2


async def test_a_new_size_is_laid_out_once_and_worn_at_once(layouts: list[tuple[str, Size]]) -> None:
    async with running() as (app, pilot):
        layouts.clear()
        await pilot.resize_terminal(*COMPACT)
        assert ("MainScreen", COMPACT) in layouts
        await pilot.press("e")
        dialog = app.screen
        assert isinstance(dialog, Dialog)
        for size, classes in ((FULL, {"-wide", "-tall"}), (COMPACT, {"-narrow", "-short"})):
            layouts.clear()
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert {size for _, size in layouts} == {Size(*size)}
            assert classes <= dialog.classes
            assert len(dialog.classes & {"-wide", "-narrow", "-tall", "-short"}) == 2
            assert dialog.region.contains_region(dialog.query_one("#box").region)
            assert "Edit the run" in text(app)
