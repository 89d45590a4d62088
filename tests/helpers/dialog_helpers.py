"""Shared by the tests of dialogs: an app that shows one dialog and keeps its answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from app_helpers import lines
from textual.app import App
from textual.pilot import Pilot

from tui_linreg.engine.schedule import Schedule
from tui_linreg.tui.dialogs.base import Dialog, KeyHint
from tui_linreg.tui.dialogs.controls import Row

SCHEDULE = Schedule(100, 33, 16)
SIZES = ((160, 45), (80, 24))
TINY = ((30, 8), (12, 4), (3, 2))
MARKUP = "[red]x[/]"
ESCAPE = "\x1b[31m"


class Host(App[None]):
    """Shows one dialog and keeps its answers."""

    def __init__(self, dialog: Dialog[Any]) -> None:
        super().__init__()
        self.dialog = dialog
        self.answers: list[Any] = []

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)

    def on_screen(self) -> str:
        return "\n".join(lines(self))

    def unwrapped(self) -> str:
        """Return what is on the screen, borders and line ends made single blanks."""
        return " ".join(re.sub("[─│╭╮╰╯▁-▉]", " ", self.on_screen()).split())


Body = Callable[[Host, Pilot[None]], Awaitable[None]]


async def wait_for(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        await pilot.pause(0.005)
    raise AssertionError("never came to be; on the screen:\n" + "\n".join(lines(pilot.app)))


async def opened(dialog: Dialog[Any], body: Body, size: tuple[int, int] = (80, 24)) -> Host:
    host = Host(dialog)
    async with host.run_test(size=size) as pilot:
        await wait_for(pilot, lambda: host.screen is dialog and bool(dialog.query(KeyHint)))
        await body(host, pilot)
    return host


async def answer(dialog: Dialog[Any], *keys: str) -> Any:
    """Press the keys; the last one must close the dialog. Return what it answered."""

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await pilot.press(*keys[:-1])
        assert not host.answers
        await pilot.press(keys[-1])
        await wait_for(pilot, lambda: bool(host.answers))

    return (await opened(dialog, body)).answers[0]


async def refused(dialog: Dialog[Any], row: str, error: str, *keys: str) -> None:
    """Press the keys; the dialog must stay, with this error beside this row or below all, on the screen as it reads."""

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await pilot.press(*keys)
        found = dialog.query_one(f"#row-{row}", Row)
        await wait_for(pilot, lambda: found.error == error)
        assert any(f"✗ {name}{error}" in host.unwrapped() for name in ("", f"{found.label}: "))
        assert not host.answers

    await opened(dialog, body)
