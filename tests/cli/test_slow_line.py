"""What is written to a terminal of 16 colours: bytes of a step and a dialog, and the cursor."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyte
import pytest
from pseudo_terminal import APP, SHOWS_CURSOR, Terminal, terminal

ON_A_FILE = ("--data", str(Path(__file__).parents[1] / "data" / "tiny.csv"))
SIXTEEN = {"TERM": "xterm-16color", "COLORTERM": ""}
_NOT_PYTES = re.compile(rb"\x1b\[[<>=]\d*u|\x1b\[\?\d+\$p")
"""Sequences that the emulator takes for text."""
STEPS_BOUND = 3500
"""Bytes of a step at 80×24 that a slow line carries."""


class Shown:
    """A terminal and an emulator that is shown what it got."""

    def __init__(self, screen: Terminal, size: tuple[int, int]) -> None:
        self.terminal, self._fed = screen, 0
        self.pyte = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.pyte)

    def press(self, keys: str) -> int:
        """Type keys, wait until all is painted, and return how many bytes came."""
        before = len(self.terminal.written)
        self.terminal.press(keys)
        while len(self.terminal.written) == before:
            self.terminal.read(1)
        self.terminal.settle(0.5, 5)
        self.feed()
        return len(self.terminal.written) - before

    def feed(self) -> None:
        """Show the emulator what came since."""
        self._stream.feed(_NOT_PYTES.sub(b"", bytes(self.terminal.written[self._fed :])))
        self._fed = len(self.terminal.written)

    @property
    def line(self) -> str:
        """The line in which the cursor stands."""
        return self.pyte.display[self.pyte.cursor.y]


@contextmanager
def shown(folder: Path, settings: str = "", size: tuple[int, int] = (80, 24), *options: str) -> Iterator[Shown]:
    config = folder / "config.toml"
    config.write_text(f'start = "last phase"\n{settings}')
    state = str(folder / "progress.json")
    environment = SIXTEEN | {"TUI_LINREG_CONFIG": str(config), "TUI_LINREG_STATE": state}
    with terminal((*APP, *options), size, environment) as screen:
        screen.until("LIVE")
        screen.settle(1, 10)
        seen = Shown(screen, size)
        seen.feed()
        yield seen


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


def test_a_step_is_few_bytes_and_the_cursor_follows(tmp_path: Path) -> None:
    with shown(tmp_path) as screen:
        for _ in range(4):
            assert screen.press("\x1b[B") < STEPS_BOUND
            assert screen.line.startswith("▶ b ← b")
        screen.press("\x1b[D")
        assert screen.line.startswith("▶ ∂L/∂w")
        screen.press("L")
        assert "▸" in screen.line
        screen.press("\x1b[B")
        assert "▸" in screen.line
        assert "2" in screen.line
        assert screen.pyte.cursor.hidden


def test_without_dimming_only_what_differs_is_written(tmp_path: Path) -> None:
    whole: dict[str, int] = {}
    few: dict[str, int] = {}
    pictures: dict[tuple[str, int], list[str]] = {}
    for dim, cost in (("true", whole), ("false", few)):
        with shown(tmp_path, f'dim = {dim}\ncursor = "visible"\n', (80, 24), *ON_A_FILE) as screen:
            assert SHOWS_CURSOR in screen.terminal.written
            assert not screen.pyte.cursor.hidden
            for keys in ("\x1b[B", "L", "\x1b", "g", "\x1b", "\x1b[B"):
                cost[f"{len(cost)} {keys}"] = screen.press(keys)
                pictures[dim, len(cost)] = screen.pyte.display[:]
    for at in range(1, 7):
        assert pictures["true", at] == pictures["false", at]
    for key, bytes_ in whole.items():
        assert few[key] < bytes_ / 2, key
