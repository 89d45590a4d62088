"""Screens that close while more is typed or clicked, palettes without room, and what is left of a closed screen."""

from __future__ import annotations

import gc
import weakref

import pytest
from app_helpers import App, Driver, lines, running, settle, text, wait
from full_length import at_full_length
from random_input import messages
from textual.message import Message

from tui_linreg.tui import key_queue
from tui_linreg.tui.features.stepping.dialogs import GotoDialog


async def at_once(app: App, pilot: Driver, *typed: str) -> None:
    """Send all of this before the app has acted on any of it."""
    sent: list[Message] = [message for each in typed for message in messages(each)]
    for message in sent:
        app.post_message(message)
    await settle(app, pilot)


def click(x: int, y: int) -> str:
    return f"\x1b[<0;{x + 1};{y + 1}M\x1b[<0;{x + 1};{y + 1}m"


@pytest.mark.parametrize(
    "typed",
    ["g5\r", "u4\r", "e\r", "?\x1b", "\x10\x1b", *at_full_length("g\x1b", "x\x1b", "c\x1b", "d\x1b", "L\x1b")],
)
async def test_the_key_that_closes_a_screen_keeps_none_waiting(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_queue, "_PATIENCE", 1e6)
    async with running() as (app, pilot):
        await at_once(app, pilot, *typed, "y")
        await wait(pilot, lambda: app.controller.loaded and app.controller.run.look.log_y is True, "the key after it")


@pytest.mark.parametrize("keys", ["\r", "\r\r", "\r\r\r\r"])
async def test_a_command_typed_at_once_is_run_and_the_palette_closed(keys: str) -> None:
    async with running() as (app, pilot):
        await at_once(app, pilot, "\x10", *"first step", *keys)
        await wait(pilot, lambda: app.screen is app.main, "the palette closed")
        await at_once(app, pilot, "j")
        assert "LIVE step 2" in lines(app)[0]


@pytest.mark.parametrize("size", [(1, 1), (30, 5), *at_full_length((20, 3))])
@pytest.mark.parametrize("key", ["\x1b[6~", "\x1b[5~", "\x1b[B", "\x1b[A", "\r"])
async def test_a_palette_without_room_takes_every_key(size: tuple[int, int], key: str) -> None:
    async with running(size) as (app, pilot):
        await at_once(app, pilot, "\x10")
        await pilot.pause()
        await at_once(app, pilot, key, "e", key, "\x1b")
        assert app.is_running


async def test_clicking_a_key_twice_at_once_closes_only_once() -> None:
    async with running() as (app, pilot):
        await at_once(app, pilot, "g")
        await wait(pilot, lambda: isinstance(app.screen, GotoDialog) and "esc" in text(app))
        y = next(i for i, line in enumerate(lines(app)) if "esc" in line and "cancel" in line)
        await at_once(app, pilot, *[click(lines(app)[y].index("esc"), y)] * 2)
        await wait(pilot, lambda: app.screen is app.main)
        await at_once(app, pilot, "j")
        assert "LIVE step 2" in lines(app)[0]


async def test_a_click_on_code_that_is_just_being_replaced_does_no_harm() -> None:
    async with running() as (app, pilot):
        await at_once(app, pilot, "c")
        await wait(pilot, lambda: "from scratch" in text(app) and app.screen is not app.main)
        y = next(i for i, line in enumerate(lines(app)) if "scratch.py" in line)
        x = lines(app)[y].index("scratch.py")
        for _ in range(6):
            with app.batch_update():
                app.post_message(messages("\x1b[D")[0])
                for _ in range(20):
                    await at_once(app, pilot, click(x, y))
            await pilot.pause()
        assert app.screen is not app.main


@pytest.mark.parametrize("keys", ["?", "c", "e", "\x10", *at_full_length("g", "u", "x")])
async def test_a_closed_screen_is_forgotten(keys: str) -> None:
    async with running() as (app, pilot):
        await at_once(app, pilot, keys)
        await wait(pilot, lambda: app.screen is not app.main)
        await pilot.pause()
        left = weakref.ref(app.screen)
        await at_once(app, pilot, "\x1b")
        await wait(pilot, lambda: app.screen is app.main)

        def gone() -> bool:
            gc.collect()
            return left() is None

        await wait(pilot, gone, "the screen was forgotten")
