"""The app: settings, themes, the palette, and keys that wait while the run is loading."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.tui.keys import BY_ID, KEYS
from tui_linreg.tui.main_screen import MainScreen
from tui_linreg.tui.theme import DARK, LIGHT
from tui_linreg.tui.view import MarkerSet

if TYPE_CHECKING:
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.settings import Settings

MARKERS: tuple[MarkerSet, ...] = ("braille", "blocks", "ascii")


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
    ]  # fmt: skip

    def __init__(self, config: RunConfig, settings: Settings) -> None:
        super().__init__()
        self.exit_line: str | None = None
        self._settings = settings
        self.main = MainScreen(config, settings)
        self._waiting_keys: deque[events.Key] = deque()
        self._replayed: events.Key | None = None
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
        """Take the user's theme, marker and keys."""
        self.theme = self._settings.theme or DARK.name
        self.main.take_marker(next(marker for marker in MARKERS if marker == self._settings.marker))
        if self._settings.keys:
            self.set_keymap(dict(self._settings.keys))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """List every key's action, then themes and markers."""
        if screen is self.main:
            for key in KEYS:
                if key.id != "palette":
                    yield SystemCommand(key.tooltip, f"key {key.keys.split(',')[0]}", self._runner(key.action))
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
        """Keep keys until the run is loaded, all but those that quit."""
        if isinstance(event, events.Key) and not event.is_forwarded and event is not self._replayed:
            waits = self.main.loading_run or bool(self._waiting_keys)
            if waits and event.key not in self._quit_keys:
                self._waiting_keys.append(event)
                return
        await super().on_event(event)

    def run_ready(self) -> None:
        """Hand over the keys that waited, each after the frame of the one before."""
        self.call_after_refresh(self._replay)

    def _replay(self) -> None:
        if self._waiting_keys:
            self._replayed = self._waiting_keys[0]
            self.post_message(self._replayed)
            self.call_after_refresh(self._replay_next)

    def _replay_next(self) -> None:
        self._waiting_keys.popleft()
        self._replay()

    def leave(self, line: str, return_code: int) -> None:
        """End the app with one line for stderr."""
        self.exit_line = line
        self.exit(return_code=return_code)
