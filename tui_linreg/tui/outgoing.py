"""Where text goes that leaves the program: into a file, or from a browser's session to the browser as a download."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from textual.app import App

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.files import write_atomically

MOST_CHARACTERS = 1 << 26
"""Of a download, which is held in memory until the browser has fetched it."""


@contextmanager
def outgoing(app: App[Any], path: str) -> Iterator[TextIO]:
    """Give a text handle whose content leaves the program when the block ends well. Everything exported goes this way.

    In a terminal it becomes the file at `path`, as `write_atomically` says. In a browser it becomes a download with
    that name, and nothing is written here. The block may run in any thread.

    Raises:
        InputError: with field "out", when the file cannot be written, or a download becomes too long.
    """
    if not app.is_web:
        with write_atomically(path) as file:
            yield file
        return
    name = Path(path).name
    content = _Bounded(name)
    yield content
    content.seek(0)
    app.call_later(partial(app.deliver_text, content, save_filename=name))


def went(app: App[Any], path: str) -> str:
    """Say where it went: "written to 'FILE'"."""
    return f"sent to your browser as {quoted(Path(path).name)}" if app.is_web else f"written to {quoted(path)}"


class _Bounded(io.StringIO):
    def __init__(self, name: str) -> None:
        super().__init__(newline="")
        self._shown = quoted(name)
        self._length = 0

    def write(self, text: str, /) -> int:
        self._length += len(text)
        if self._length > MOST_CHARACTERS:
            most = f"{MOST_CHARACTERS >> 20} million characters"
            raise InputError(f"{self._shown} is longer than {most}, the most of a download", field="out")
        return super().write(text)
