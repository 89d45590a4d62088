"""The terminal's cursor stands on what a key changed, where braille displays and screen readers look for it."""

from __future__ import annotations

import pytest
from app_helpers import COMPACT, FULL, lines, running, settle
from textual.widgets import Input, OptionList

from tui_linreg.settings import Settings
from tui_linreg.tui.app import LinRegApp
from tui_linreg.tui.panes.base import Pane


def line_at_cursor(app: LinRegApp) -> str:
    return lines(app)[app.cursor_position.y]


@pytest.mark.parametrize("size", [FULL, COMPACT])
async def test_it_follows_the_phase(size: tuple[int, int]) -> None:
    async with running(size) as (app, pilot):
        for keys, formula in (
            ("down", "b ← b"), ("left", "∂L/∂w = Σ"), ("left left", "∂L/∂ŷ = 2/m"), ("up", "∂L/∂ŷ = 2/m"),
            ("left left", "ŷ = b + w x"), ("left", "1/7"), ("right", "ŷ = b + w x"),
        ):  # fmt: skip
            await pilot.press(*keys.split())
            line = line_at_cursor(app)
            assert formula in line, keys
            assert "▶" in line or "phase" in line


@pytest.mark.parametrize("size", [FULL, COMPACT])
async def test_lists_fields_and_pages(size: tuple[int, int]) -> None:
    async with running(size) as (app, pilot):
        await pilot.press("L")
        for key in ("down", "down", "up", "end", "home"):
            await pilot.press(key)
            assert "▸" in line_at_cursor(app), key
        await pilot.press("escape", "f")
        for key in ("down", "down", "up"):
            await pilot.press(key)
            chosen = line_at_cursor(app)
            assert "●" in chosen, key
            assert chosen[app.cursor_position.x] == "●"
        await pilot.press("escape", "e")
        assert "▸ learning rate" in line_at_cursor(app)
        assert isinstance(app.focused, Input)
        assert app.cursor_position == app.focused.cursor_screen_offset
        await pilot.press("tab", "5")
        assert "▸ epochs" in line_at_cursor(app)
        assert line_at_cursor(app)[: app.cursor_position.x].rstrip().endswith("5")
        await pilot.press("escape", "question_mark")
        assert "The seven phases" in line_at_cursor(app)
        first = line_at_cursor(app)
        await pilot.press("pagedown" if size == COMPACT else "escape")
        assert line_at_cursor(app) != first
        await pilot.press("escape", "G")
        assert "look for" in line_at_cursor(app)
        await pilot.press("pagedown")
        assert "look for" not in line_at_cursor(app)
        await pilot.press("u")
        assert "look for" in line_at_cursor(app)


async def test_it_stands_on_an_answer_of_the_status_line_and_on_an_instrument() -> None:
    async with running(COMPACT) as (app, pilot):
        await pilot.press("home", "up")
        assert "this is the start of the run" in line_at_cursor(app)
        await pilot.press("down")
        assert "b ← b" in line_at_cursor(app)
        await pilot.press("f6", "down")
        assert "line  y" in app.main.query_one("#status", Pane).text
        assert lines(app)[app.cursor_position.y - 1].lstrip("─ ").startswith("Bits")
        await pilot.press("f6", "down")
        assert "b ← b" in line_at_cursor(app)
        await pilot.resize_terminal(30, 8)
        await settle(app, pilot)
        assert app.cursor_position.y < 8


async def test_it_follows_the_palette() -> None:
    async with running(FULL) as (app, pilot):
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert "Search" in line_at_cursor(app)
        marked = app.screen.query_one(OptionList)
        while not marked.option_count:
            await pilot.pause()
        await pilot.press("down", "down")
        assert marked.highlighted
        prompt = str(getattr(marked.highlighted_option, "prompt", ""))
        assert line_at_cursor(app).strip()
        assert line_at_cursor(app).strip().split("  ")[0] in prompt


async def test_a_dialog_leaves_the_background_as_it_is_where_that_is_asked_for() -> None:
    colours = {}
    for dim in (True, False):
        async with running(COMPACT, Settings(dim=dim)) as (app, pilot):
            for key in ("g", "ctrl+p"):
                before = [str(segment.style) for segment in app.screen._compositor.render_strips()[0]]
                await pilot.press(key)
                after = [str(segment.style) for segment in app.screen._compositor.render_strips()[0]]
                colours[dim, key] = before == after
                await pilot.press("escape")
    assert colours == {(True, "g"): False, (True, "ctrl+p"): False, (False, "g"): True, (False, "ctrl+p"): True}
