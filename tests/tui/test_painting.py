"""Only what a key changed is painted, and what then stands on the terminal is what painting all of it would give."""

from __future__ import annotations

from typing import Any

import pyte
import pytest
from app_helpers import COMPACT, FULL, assert_shows, running, settle, straight_run
from rich.console import Console

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.panes.base import Pane

KEYS = (
    "down", "down down right right", "left left up", "] ] right", "3 right right", "4 down", "1 2 y", "m down", "m",
    "J", "g 7 enter", "home", "end up up right", "tab down", "c", "escape down right", "plus space space",
    "question_mark", "escape r", "down",
)  # fmt: skip


class Emulator:
    """A terminal emulator that is shown what the app paints."""

    def __init__(self, columns: int, rows: int) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._console = Console(color_system="truecolor", force_terminal=True, width=columns)

    def show(self, update: Any) -> None:
        if update is not None:
            # A full paint ends its lines with line feeds alone, which the driver's terminal turns into new lines.
            self._stream.feed(update.render_segments(self._console).replace("\n", "\r\n"))

    def cells(self) -> list[list[tuple[str, str, str, bool]]]:
        """Return every line's characters with their colours and weight."""
        rows, columns, buffer = range(self._screen.lines), range(self._screen.columns), self._screen.buffer
        return [
            [(buffer[y][x].data, buffer[y][x].fg, buffer[y][x].bg, buffer[y][x].bold) for x in columns] for y in rows
        ]


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_what_is_left_from_frame_to_frame_is_right(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(size) as (app, pilot):
        painted, whole = Emulator(*size), Emulator(*size)
        painted.show(app.screen._compositor.render_update(full=True))
        partial = 0

        def display(screen: object, update: Any) -> None:
            nonlocal partial
            partial += "Chops" in type(update).__name__
            painted.show(update)

        monkeypatch.setattr(app, "_display", display)
        for keys in KEYS:
            await pilot.press(*keys.split())
            whole.show(app.screen._compositor.render_update(full=True, screen_stack=app._background_screens))
            for y, (left, right) in enumerate(zip(painted.cells(), whole.cells(), strict=True)):
                assert left == right, f"line {y} after {keys!r}"
        assert partial >= 10


async def test_what_has_no_place_on_the_screen_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (app, pilot):
        built: list[str | None] = []
        content = Pane._content

        def noting(pane: Pane, size: Any) -> Any:
            built.append(pane.id)
            return content(pane, size)

        monkeypatch.setattr(Pane, "_content", noting)
        await pilot.resize_terminal(40, 12)
        built.clear()
        await pilot.press("down", "left", "down")
        assert built == []
        await pilot.resize_terminal(*COMPACT)
        built.clear()
        await pilot.press("down")
        assert {"quantities", "upper"} <= set(built)
        assert not {"samples", "phase", "lower"} & set(built)
        await pilot.resize_terminal(*FULL)
        await settle(app, pilot)
        assert_shows(app, straight_run(64)[3], Phase.WEIGHT_GRADIENT)
        await pilot.press("m", "down", "m", "up")
        assert_shows(app, straight_run(64)[3], Phase.WEIGHT_GRADIENT)
