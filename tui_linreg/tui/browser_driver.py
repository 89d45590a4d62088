"""Textual's driver for browsers, made to end with the tab: a session whose page is gone leaves no process behind."""

from __future__ import annotations

import os
from contextlib import suppress
from threading import Lock, Timer

from textual.drivers.web_driver import WebDriver

_SECONDS_TO_END = 5.0


class BrowserDriver(WebDriver):
    """Packets are written whole by either thread; a page that is gone, or its server, ends the app in seconds."""

    _whole = Lock()

    def write(self, data: str) -> None:
        with self._whole, suppress(BrokenPipeError):
            super().write(data)

    def write_meta(self, data: dict[str, object]) -> None:
        with self._whole, suppress(BrokenPipeError):
            super().write_meta(data)

    def write_binary_encoded(self, data: tuple[str | bytes, ...]) -> None:
        with self._whole, suppress(BrokenPipeError):  # from the thread that reads, while the app may draw
            super().write_binary_encoded(data)

    def run_input_thread(self) -> None:
        super().run_input_thread()
        if not self.exit_event.is_set():  # the server is gone
            self.on_meta("quit", {})

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        if packet_type == "quit":
            # Nobody may be left to read what is drawn, and then the app waits for that for ever.
            last = Timer(_SECONDS_TO_END, os._exit, (1,))
            last.daemon = True
            last.start()
        super().on_meta(packet_type, payload)
