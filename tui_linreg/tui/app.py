"""The app: settings, themes, the palette, and keys that wait while the run is loading."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.content import Content
from textual.driver import Driver
from textual.filter import LineFilter
from textual.geometry import Offset
from textual.screen import Screen
from textual.worker import Worker

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.explain import explain
from tui_linreg.settings import Settings
from tui_linreg.tui.ascii import AsciiGlyphs
from tui_linreg.tui.commands import BY_ID, COMMANDS, shown
from tui_linreg.tui.dialogs.base import Dialog
from tui_linreg.tui.key_queue import KeyQueue
from tui_linreg.tui.main_screen import MainScreen
from tui_linreg.tui.plot import MARKERS, MarkerSet
from tui_linreg.tui.reading_place import reading_place
from tui_linreg.tui.sixteen_colours import SixteenColours
from tui_linreg.tui.styles import DARK, THEMES

if TYPE_CHECKING:
    from tui_linreg.study.student.student import Student


class LinRegApp(App[None]):
    """Steps through a run.

    After it ended, `exit_line` is what to print on stderr (None: nothing), `return_code` what to exit with.

    Args:
        config: the run to begin with.
        settings: the user's settings.
        student: whose `update` the hand-written model does; None: the program's own. Who opened it closes it.
        lessons: a folder with more lessons than those that come with the program.

    Raises:
        InputError: when the settings name a theme that is not there.
    """

    TITLE = "tui-linreg"
    CSS_PATH = "main_screen.tcss"
    ENABLE_COMMAND_PALETTE = True
    ESCAPE_TO_MINIMIZE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(each.keys, each.method, each.label, show=False, tooltip=each.tooltip, id=each.id)
        for each in COMMANDS
        if each.feature == "app"
    ]
    BINDINGS.append(Binding("ctrl+z", "suspend_process", "suspend", show=False, system=True))

    def __init__(
        self, config: RunConfig, settings: Settings, student: Student | None = None, lessons: str | None = None
    ) -> None:
        super().__init__()
        self.exit_line: str | None = None
        self._settings = settings
        self.main = MainScreen(config, settings, student, lessons)
        self.controller = self.main.controller
        self.key_queue = KeyQueue(self)
        self._quit_keys = set(self._keys_of("quit"))
        for theme in THEMES:
            self.register_theme(theme)
        if settings.theme is not None and settings.theme not in self.available_themes:
            names = ", ".join(sorted(self.available_themes))
            raise InputError(f"settings: theme {quoted(settings.theme)}: must be one of {names}")
        self._ascii = AsciiGlyphs(enabled=False)
        self._own_filters: list[LineFilter] = [self._ascii]
        self.theme = settings.theme or DARK.name
        self.set_class(not settings.dim, "-no-dim")

    def get_default_screen(self) -> Screen[None]:
        """Return the main screen."""
        return self.main

    def on_mount(self) -> None:
        """Take the user's theme, marker and keys, and end in order when the system asks to."""
        for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            with suppress(NotImplementedError, ValueError, RuntimeError):  # not on Windows, not outside the main thread
                asyncio.get_running_loop().add_signal_handler(number, self._ended_by, number)
        if self.console.color_system in ("standard", "windows") and not self.is_headless:
            self._own_filters.append(SixteenColours())
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self.main.take_marker(self._settings.marker)
        if self._settings.keys:
            self.set_keymap(dict(self._settings.keys))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what each line goes through before it is written: Textual's filters, then ours."""
        return [*super().get_line_filters(), *(each for each in self._own_filters if each.enabled)]

    @property
    def marker(self) -> MarkerSet:
        """The glyphs that the screen is drawn with."""
        return self.main.marker

    def write_in_ascii(self, on: bool) -> None:
        """Draw in ASCII alone from now on, or no longer."""
        if on != self._ascii.enabled:
            self._ascii.enabled = on
            for screen in self.screen_stack:
                for widget in (screen, *screen.query()):
                    widget.notify_style_update()
                    widget.refresh()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """List every key's action, then themes and markers."""
        if screen is self.main:
            for each in COMMANDS:
                if each.id != "palette":
                    keys = " ".join(shown(self._settings.keys.get(each.id, each.keys)))
                    yield SystemCommand(each.tooltip, f"key {keys}", self._runner(each.action))
        yield SystemCommand("Theme", "Change the colours", self.action_change_theme)
        for marker in MARKERS:
            yield SystemCommand(
                f"Chart marker: {marker}", "What charts are drawn with", partial(self.main.take_marker, marker)
            )

    def _runner(self, action: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await self.run_action(action, default_namespace=self.main)

        return run

    def get_driver_class(self) -> type[Driver]:
        """Return Textual's choice, or where that is a browser or a plain Unix terminal our own kind of it."""
        driver = super().get_driver_class()
        if driver.__module__ == "textual.drivers.web_driver":
            from tui_linreg.tui.browser_driver import BrowserDriver

            return BrowserDriver
        if sys.platform != "win32":
            from textual.drivers.linux_driver import LinuxDriver  # what both need is not there on Windows

            from tui_linreg.tui.terminal_driver import TerminalDriver

            return TerminalDriver if driver is LinuxDriver else driver
        return driver

    @property
    def cursor_position(self) -> Offset:
        """Where Textual puts the terminal's cursor after each update (see `reading_place`)."""
        return reading_place(self.screen) if self.screen_stack else Offset()

    @cursor_position.setter
    def cursor_position(self, _: Offset) -> None:
        """Text fields set it where their own cursor is, which is asked for when it is needed."""

    def action_command_palette(self) -> None:
        """Open the palette."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(Palette(id="--command-palette"))

    def on_key(self, event: events.Key) -> None:
        """Take a picture of a dialog with the keys that do it on the main screen, unless they are the dialog's own."""
        if not isinstance(self.screen, Dialog) or event.key in self.screen.active_bindings:
            return
        if event.key in self._keys_of("screenshot"):
            self.action_save_picture()

    def _keys_of(self, command: str) -> list[str]:
        return [key.strip() for key in self._settings.keys.get(command, BY_ID[command].keys).split(",")]

    def action_save_picture(self) -> None:
        """Save a picture of the screen with the dialog on it, which says so in its lower border."""
        self.controller.do("screenshot")
        if isinstance(self.screen, Dialog):
            self.screen.query_one("#box").border_subtitle = Content(self.controller.message)

    def pop_screen(self) -> AwaitComplete:
        """Close the screen on top; the next key may go to the one below."""
        left = super().pop_screen()
        self.key_queue.left(self.screen)
        return left

    @property
    def idle(self) -> bool:
        """Whether a run is loaded, no key waits or is being handled, and no long work is under way."""
        return self.controller.loaded and not len(self.key_queue) and self.controller.work.busy is None

    async def on_event(self, event: events.Event) -> None:
        """Let keys through one at a time, and until the run is loaded only those that quit."""
        if isinstance(event, events.InputEvent) and not self._running:
            return  # the screens are gone
        if isinstance(event, events.MouseDown) and self._hits_a_leftover(event):
            return
        if not isinstance(event, events.Key) or event.is_forwarded or self._quits_now(event.key):
            await super().on_event(event)
        elif self.key_queue.admits(event):
            target = self.focused or self.screen
            await super().on_event(event)
            self.key_queue.handed_to(target, event)

    @property
    def dims(self) -> bool:
        """Whether what lies behind a dialog is dimmed."""
        return self._settings.dim

    @property
    def shows_cursor(self) -> bool:
        """Whether the terminal's cursor is to be seen."""
        return self._settings.cursor == "visible"

    @property
    def takes_alt(self) -> bool:
        """Whether the user gave a command a key with alt."""
        return any("alt+" in keys for keys in self._settings.keys.values())

    def _quits_now(self, key: str) -> bool:
        return not self.controller.loaded and key in self._quit_keys

    def _hits_a_leftover(self, event: events.MouseDown) -> bool:
        """Say whether the mouse is on something removed since the last layout; Textual stumbles over its parent."""
        widget, _ = self.screen.get_widget_and_offset_at(event.x, event.y)
        return widget is not None and widget is not self.screen and widget.parent is None

    def _ended_by(self, number: signal.Signals) -> None:
        self.leave(128 + number, f"ended by {number.name}")

    def terminal_closed(self) -> None:
        """End as if by SIGHUP, which says the same but is not sent to every program."""
        if not self._exit:
            self._ended_by(signal.SIGHUP)

    def _handle_exception(self, error: Exception) -> None:
        """End with one line instead of Textual's page of source and values; TUI_LINREG_DEBUG asks for that too."""
        if os.environ.get("TUI_LINREG_DEBUG"):
            super()._handle_exception(error)
        elif self._exception is None:  # what follows from the first error explains nothing
            self._exception = error
            self._exception_event.set()
            self._close_messages_no_wait()
        if self.exit_line is None:
            self._return_code, self.exit_line = explain(error)

    def work_ended(self) -> bool:
        """Stop what runs in the background and say whether it has ended, waiting a moment for it."""
        return all(work.ended(0.5) for work in (self.controller.work, self.controller.instrument_work))

    def leave(self, return_code: int, line: str) -> None:
        """End the app with one line for stderr."""
        self.exit_line = line
        self.exit(return_code=return_code)


class Palette(CommandPalette):
    """Textual's, less three ways to break: keys that come while it closes (two), a list that has no room for a line."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close, unless it was closed before."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def _gather_commands(self, search_value: str) -> Worker[None] | None:  # type: ignore[override]  # is ignored
        """Look for commands, unless the list they would stand in is gone already."""
        return super()._gather_commands(search_value) if self.is_active else None

    def _action_command_list(self, action: str) -> None:
        with suppress(LookupError):  # the list is laid out only where the terminal has room for it
            super()._action_command_list(action)
