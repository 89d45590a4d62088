"""A program in a real pseudo-terminal: what it writes, when, and how it ends. Shared by tests and benchmarks."""

from __future__ import annotations

import math
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path
from signal import SIGWINCH
from struct import pack
from termios import TIOCSWINSZ

import tui_linreg

ENTERS, LEAVES, SHOWS_CURSOR = b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?25h"
_PAINT_BEGINS = b"\x1b[?2026h"
"""What comes before a paint, in a terminal that says it can hold back a half-drawn frame."""
_ASKS_FOR_SYNC, _HAS_SYNC = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
APP = (sys.executable, "-m", "tui_linreg")
_OWNING = (
    sys.executable, "-S", "-c",
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])",
)  # fmt: skip

_SURROUNDINGS = {
    "TERM": "xterm-256color", "COLORTERM": "truecolor",
    # The copy under test, wherever the program runs.
    "PYTHONPATH": os.pathsep.join([str(Path(tui_linreg.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Burst:
    """What came after a key."""

    last: float
    """Seconds from the key to the last byte."""
    paints: int
    """How many frames were painted."""


@dataclass
class Terminal:
    """A running program and what it has written."""

    process: subprocess.Popen[bytes]
    master: int
    written: bytearray = field(default_factory=bytearray)

    @property
    def paints(self) -> int:
        """How many frames it has painted."""
        return self.written.count(_PAINT_BEGINS)

    def read(self, seconds: float) -> bytes:
        """Collect what comes next within this time, and answer as a terminal that paints whole frames."""
        if not select.select([self.master], [], [], seconds)[0]:
            return b""
        try:
            found = os.read(self.master, 1 << 20)
        except OSError:  # the other end is closed
            time.sleep(seconds)
            return b""
        if _ASKS_FOR_SYNC in found:
            os.write(self.master, _HAS_SYNC)
        self.written += found
        return found

    def until(self, text: str | bytes, *, since: int = 0, seconds: float = 90.0) -> None:
        """Wait until the program has written this text after the first `since` bytes."""
        wanted = text.encode() if isinstance(text, str) else text
        deadline = time.monotonic() + seconds
        while self.written.find(wanted, since) < 0:
            assert self.process.poll() is None or self.read(0.1), f"ended without writing {text!r}"
            assert time.monotonic() < deadline, f"never written: {text!r}; the last was {bytes(self.written[-2000:])!r}"
            self.read(0.1)

    def press(self, keys: str) -> None:
        """Type keys."""
        os.write(self.master, keys.encode())

    def type(self, sent: bytes) -> None:
        """Send bytes, however many, reading what the program writes meanwhile."""
        deadline = time.monotonic() + 60
        while sent and self.process.poll() is None:
            assert time.monotonic() < deadline, "the program does not read what is typed"
            if select.select([], [self.master], [], 0.1)[1]:
                sent = sent[os.write(self.master, sent[:1024]) :]
            self.read(0)

    def burst(self, keys: str, quiet: float) -> Burst:
        """Type keys and return what came until nothing more did for `quiet` seconds."""
        paints, pressed, last = self.paints, time.perf_counter(), 0.0
        self.press(keys)
        while not last or time.perf_counter() - pressed - last < quiet:
            if self.read(quiet):
                last = time.perf_counter() - pressed
            assert last or time.perf_counter() - pressed < 30, f"nothing happened after {keys!r}"
        return Burst(last, self.paints - paints)

    def settle(self, quiet: float, most: float = math.inf) -> None:
        """Read on until nothing has come for so long, or for `most` seconds."""
        deadline = time.monotonic() + most
        while self.read(quiet) and time.monotonic() < deadline:
            pass

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        set_size(self.master, columns, rows)
        os.killpg(self.process.pid, SIGWINCH)

    def close(self) -> None:
        """Take the terminal away, as closing its window does."""
        os.close(self.master)
        self.master = -1

    def stopped(self, seconds: float = 30.0) -> bool:
        """Wait until the process is stopped (Linux) and say whether it ever was."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            if state == "T":
                return True
            self.read(0.02)
        return False

    def echoes(self) -> bool:
        """Say whether the terminal shows what is typed, line by line, and lets keys send signals."""
        wanted = termios.ECHO | termios.ICANON | termios.ISIG
        return bool(termios.tcgetattr(self.master)[3] & wanted == wanted)

    def ended(self, seconds: float = 60.0) -> int:
        """Wait for the end of the process and return its exit status."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "the process never ended"
            self.read(0.1)
        for _ in range(5):
            self.read(0.05)
        return self.process.returncode


def set_size(descriptor: int, columns: int, rows: int) -> None:
    """Set a terminal's size."""
    ioctl(descriptor, TIOCSWINSZ, pack("HHHH", rows, columns, 0, 0))


def _others() -> dict[str, str]:
    """Return the environment without another terminal's size, which Python's line editing leaves there."""
    return {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}


@contextmanager
def terminal(
    command: Sequence[str],
    size: tuple[int, int] = (120, 36),
    environment: Mapping[str, str] | None = None,
    *,
    controlling: bool = False,
    folder: Path | None = None,
) -> Iterator[Terminal]:
    """Run a command in a terminal of this size (columns, rows); whatever is left of it at the end is killed.

    Args:
        command: the program and its options.
        size: columns and rows.
        environment: added to the present one.
        controlling: make the terminal the program's own, which sends it SIGHUP when it is closed.
        folder: where the program runs.
    """
    master, slave = pty.openpty()
    set_size(slave, *size)
    process = subprocess.Popen(
        (*_OWNING, *command) if controlling else command,
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True, cwd=folder,
        env={**_others(), **_SURROUNDINGS, **(environment or {})},
    )  # fmt: skip
    os.close(slave)
    screen = Terminal(process, master)
    try:
        yield screen
    finally:
        process.kill()
        process.wait()
        if screen.master >= 0:
            screen.close()


def assert_restored(screen: Terminal) -> None:
    """The terminal is as it was before the program: one entry and one exit of the other screen, cursor shown."""
    assert screen.written.count(ENTERS) == screen.written.count(LEAVES) == 1
    after = screen.written[screen.written.rindex(LEAVES) :]
    assert SHOWS_CURSOR in after or SHOWS_CURSOR in screen.written[-2000:]
    assert b"Traceback" not in screen.written
    assert b"terminate called" not in screen.written
