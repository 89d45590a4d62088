"""Only what a key changed is painted, and what then stands on the terminal is what painting all of it would give."""

from __future__ import annotations

import pyte
import pytest
from pseudo_terminal import APP, ENTERS, Terminal, terminal

QUIET = 0.3
KEYS = ("j", "jjlll", "hhk", "]]l", "3ll", "4j", "12y", "mj", "m", "J", "g7\r", "\x1b[H", "\x1b[Fkkll", "\tj", "c", "\x1bjl")


class Watched:
    """A terminal emulator that is shown what an app writes."""

    def __init__(self, app: Terminal, columns: int, rows: int) -> None:
        self._app = app
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = app.written.rindex(ENTERS)

    def cells(self) -> list[list[tuple[str, str, str]]]:
        """Return every line's characters with their colours."""
        self._stream.feed(bytes(self._app.written[self._fed :]))
        self._fed = len(self._app.written)
        rows, columns, buffer = range(self._screen.lines), range(self._screen.columns), self._screen.buffer
        return [[(buffer[y][x].data, buffer[y][x].fg, buffer[y][x].bg) for x in columns] for y in rows]


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
def test_what_is_left_from_frame_to_frame_is_right(size: tuple[int, int]) -> None:
    with terminal(APP, size) as app:
        app.until("LIVE")
        app.settle(QUIET)
        watched = Watched(app, *size)
        for keys in KEYS:
            app.burst(keys, QUIET)
            partly, begin = watched.cells(), len(app.written)
            for rows in (size[1] + 1, size[1]):
                app.resize(size[0], rows)
                app.settle(QUIET)
            assert len(app.written) > begin
            for y, (left, painted) in enumerate(zip(partly, watched.cells(), strict=True)):
                assert left == painted, f"line {y} after {keys!r}"
