"""Textual's driver for Unix terminals, made to survive what terminals do: bytes that are no text, and going away."""

from __future__ import annotations

import errno
import os
import re
import selectors
import sys
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, cast

from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from tui_linreg.tui.changed_cells import ChangedCells
from tui_linreg.tui.key_reader import KeyReader

if TYPE_CHECKING:
    from tui_linreg.tui.app import LinRegApp

_BLOCK = 4096
_FRAME = re.compile(r"\x1b\[\d+;\d+H")
"""With what a frame begins: a move of the cursor."""
_GONE = (errno.EIO, errno.ENXIO, errno.EPIPE)


class TerminalDriver(LinuxDriver):
    """A byte that is no UTF-8 is one unknown character; a closed terminal ends the app; the size is the terminal's."""

    def __init__(
        self, app: LinRegApp, *, debug: bool = False, mouse: bool = True, size: Size | tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._cells, self._cells_size = ChangedCells(), (0, 0)
        if self._file is not None:
            self._file = _Lasting(self._file)  # type: ignore[assignment]  # it writes, and that is all that is asked of it

    def start_application_mode(self) -> None:
        """Take the terminal, and let its cursor be seen where the settings ask for that."""
        self._cells.forget()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if cast("LinRegApp", self._app).shows_cursor:
            self.write("\x1b[?25h")
            self.flush()

    def write(self, data: str) -> None:
        """Write what the app draws; where a dialog does not dim the rest, only what it changes."""
        if _FRAME.match(data) and not cast("LinRegApp", self._app).dims:
            if (size := self._get_terminal_size()) != self._cells_size:
                self._cells_size = size
                self._cells.forget()
            data = self._cells.only(data)
        super().write(data)

    def _get_terminal_size(self) -> tuple[int, int]:
        for stream in (sys.__stderr__, sys.__stdin__):  # not stdout, which may be a file
            try:
                columns, rows = os.get_terminal_size(stream.fileno() if stream is not None else -1)
            except (OSError, ValueError):
                continue
            if columns and rows:
                return columns, rows
        return 80, 24

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except Exception as error:
            self._app.call_later(self._app._handle_exception, error)

    def run_input_thread(self) -> None:
        """Hand what is typed to the app until it ends, or until there is no terminal any more."""
        parser = KeyReader(self._debug, takes_alt=cast("LinRegApp", self._app).takes_alt)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    try:
                        found = os.read(self.fileno, _BLOCK)
                    except BlockingIOError:
                        continue
                    except OSError:
                        found = b""
                    if not found:
                        self._app.call_later(cast("LinRegApp", self._app).terminal_closed)
                        return
                    if text := decode(found):  # nothing yet of a character that came in part
                        for message in parser.feed(text):
                            self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)


class _Lasting:
    """Writes to a stream, and to nowhere once its terminal is gone.

    The thread that writes would otherwise end, and the app would wait for ever for it to take the next frame.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def fileno(self) -> int:
        return self._file.fileno()

    def write(self, text: str) -> None:
        with self._diverting():
            self._file.write(text)

    def flush(self) -> None:
        with self._diverting():
            self._file.flush()

    @contextmanager
    def _diverting(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in _GONE:
                raise
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._file.fileno())
            os.close(nowhere)
