"""The app: settings, themes, the palette, and keys that wait while the run is loading."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.tui.key_queue import KeyQueue
from tui_linreg.tui.keys import BY_ID, KEYS, shown
from tui_linreg.tui.main_screen import MainScreen
from tui_linreg.tui.marker_sets import MARKERS
from tui_linreg.tui.theme import DARK, LIGHT

if TYPE_CHECKING:
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.settings import Settings


class LinRegApp(App[None]):
    """Steps through a run.

    After it ended, `exit_line` is what to print on stderr (None: nothing), `return_code` what to exit with.

    Args:
        config: the run to begin with.
        settings: the user's settings.

    Raises:
        InputError: when the settings name a theme that is not there.
    """

    TITLE = "tui-linreg"
    CSS_PATH = "main_screen.tcss"
    ENABLE_COMMAND_PALETTE = True
    ESCAPE_TO_MINIMIZE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key.keys, key.action.removeprefix("app."), key.label, show=False, tooltip=key.tooltip, id=key.id)
        for key in KEYS
        if key.action.startswith("app.")
    ]
    BINDINGS.append(Binding("ctrl+z", "suspend_process", "suspend", show=False, system=True))

    def __init__(self, config: RunConfig, settings: Settings) -> None:
        super().__init__()
        self.exit_line: str | None = None
        self._settings = settings
        self.main = MainScreen(config, settings)
        self.key_queue = KeyQueue(self)
        self._quit_keys = set(settings.keys.get("quit", BY_ID["quit"].keys).split(","))
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        if settings.theme is not None and settings.theme not in self.available_themes:
            names = ", ".join(sorted(self.available_themes))
            raise InputError(f"settings: theme {quoted(settings.theme)}: must be one of {names}")

    def get_default_screen(self) -> Screen[None]:
        """Return the main screen."""
        return self.main

    def on_mount(self) -> None:
        """Take the user's theme, marker and keys, and end in order when the system asks to."""
        for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            with suppress(NotImplementedError, ValueError, RuntimeError):  # not on Windows, not outside the main thread
                asyncio.get_running_loop().add_signal_handler(number, self._ended_by, number)
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self.theme = self._settings.theme or DARK.name
        self.main.take_marker(self._settings.marker)
        if self._settings.keys:
            self.set_keymap(dict(self._settings.keys))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """List every key's action, then themes and markers."""
        if screen is self.main:
            for key in KEYS:
                if key.id != "palette":
                    keys = " ".join(shown(self._settings.keys.get(key.id, key.keys)))
                    yield SystemCommand(key.tooltip, f"key {keys}", self._runner(key.action))
        yield SystemCommand("Theme", "Change the colours", self.action_change_theme)
        for marker in MARKERS:
            yield SystemCommand(
                f"Chart marker: {marker}", "What charts are drawn with", partial(self.main.take_marker, marker)
            )

    def _runner(self, action: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await self.run_action(action, default_namespace=self.main)

        return run

    async def on_event(self, event: events.Event) -> None:
        """Let keys through one at a time, and until the run is loaded only those that quit."""
        if not isinstance(event, events.Key) or event.is_forwarded or self._quits_now(event.key):
            await super().on_event(event)
        elif self.key_queue.admits(event):
            target = self.focused or self.screen
            await super().on_event(event)
            self.key_queue.handed_to(target)

    def _quits_now(self, key: str) -> bool:
        return self.main.loading_run and key in self._quit_keys

    def _ended_by(self, number: signal.Signals) -> None:
        self.leave(128 + number, f"ended by {number.name}")

    def work_ended(self) -> bool:
        """Stop what runs in the background and say whether it has ended, waiting a moment for it."""
        return self.main.background.ended(0.5)

    def leave(self, return_code: int, line: str) -> None:
        """End the app with one line for stderr."""
        self.exit_line = line
        self.exit(return_code=return_code)
