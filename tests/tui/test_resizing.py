"""After the terminal is resized a dialog wears the classes of the new size and fits into it."""

from __future__ import annotations

from app_helpers import COMPACT, FULL, running, text

from tui_linreg.tui.dialogs.base import Dialog


async def test_a_dialog_fits_each_new_size() -> None:
    async with running(COMPACT) as (app, pilot):
        await pilot.press("e")
        dialog = app.screen
        assert isinstance(dialog, Dialog)
        for size, classes in ((FULL, {"-wide", "-tall"}), (COMPACT, {"-narrow", "-short"})):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert classes <= dialog.classes
            assert len(dialog.classes & {"-wide", "-narrow", "-tall", "-short"}) == 2
            assert dialog.region.contains_region(dialog.query_one("#box").region)
            assert "Edit the run" in text(app)
