"""The glossary on its key: what is on the screen first, and a field to look for a word."""

from __future__ import annotations

import pytest
from app_helpers import COMPACT, FULL, quiet, running, text, typed, wait

from tui_linreg.study.glossary import GLOSSARY
from tui_linreg.tui.features.reading.glossary_dialog import GlossaryDialog
from tui_linreg.tui.features.reading.help_dialog import HelpScreen


@pytest.mark.parametrize("size", [FULL, COMPACT, (60, 18)], ids=str)
async def test_words_on_the_screen_come_first(size: tuple[int, int]) -> None:
    async with running(size) as (app, pilot):
        await pilot.press("f2", "G")
        dialog = app.screen
        assert isinstance(dialog, GlossaryDialog)
        names = []
        for _ in range(60):
            seen = text(app)
            names += [word.name for word in GLOSSARY if f" {word.name}  " in seen and word.name not in names]
            if "More words" in seen:
                break
            await pilot.press("down")
        assert {"spectral radius", "condition number", "edge"} <= set(names)
        assert "More words" in seen
        assert "central difference" not in seen.partition("More words")[0]


async def test_what_is_typed_looks_for_a_word() -> None:
    async with running(COMPACT) as (app, pilot):
        await pilot.press("G", *typed("radius"))
        await quiet(app, pilot)
        seen = text(app)
        assert "On the screen now" not in seen
        assert seen.index("spectral radius") < seen.index("edge")  # its own entry before one that mentions it
        assert "notebook" not in seen
        await pilot.press(*typed("x"))
        await quiet(app, pilot)
        assert "no word has this in it" in text(app)
        await pilot.press("escape")
        assert app.screen is app.main


async def test_the_help_leads_to_it_and_back() -> None:
    async with running(FULL) as (app, pilot):
        await pilot.press("question_mark", "G")
        await wait(pilot, lambda: isinstance(app.screen, GlossaryDialog))
        await quiet(app, pilot)
        assert "On the screen now" not in text(app)
        assert "autograd" in text(app)
        await pilot.press("escape")
        await wait(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("escape", "down")
        assert app.controller.run.cursor.step == 1
