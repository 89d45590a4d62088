"""The process in a real pseudo-terminal: how it ends, and how it leaves the terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import ioctl
from struct import pack
from termios import TIOCSWINSZ

import pytest

ENTERS, LEAVES, SHOWS_CURSOR = b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?25h"


@dataclass
class Terminal:
    """A running app and what it has written."""

    process: subprocess.Popen[bytes]
    master: int
    written: bytearray = field(default_factory=bytearray)

    def read(self, seconds: float) -> None:
        """Collect what comes within this time."""
        if select.select([self.master], [], [], seconds)[0]:
            try:
                self.written += os.read(self.master, 65536)
            except OSError:  # the other end is closed
                time.sleep(seconds)

    def until(self, text: str) -> None:
        """Wait until the app has written this text."""
        deadline = time.monotonic() + 90
        while text.encode() not in self.written:
            assert time.monotonic() < deadline, f"never written: {text}"
            self.read(0.1)

    def press(self, keys: str) -> None:
        """Type keys."""
        os.write(self.master, keys.encode())

    def ended(self) -> int:
        """Wait for the end of the process and return its exit status."""
        deadline = time.monotonic() + 60
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "the process never ended"
            self.read(0.1)
        for _ in range(5):
            self.read(0.05)
        return self.process.returncode


@contextmanager
def terminal(*options: str) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    ioctl(slave, TIOCSWINSZ, pack("HHHH", 36, 120, 0, 0))
    environment = os.environ | {"TERM": "xterm-256color"}
    command = [sys.executable, "-m", "tui_linreg", *options]
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def assert_restored(screen: Terminal) -> None:
    assert screen.written.count(ENTERS) == screen.written.count(LEAVES) == 1
    after = screen.written[screen.written.rindex(LEAVES) :]
    assert SHOWS_CURSOR in after or SHOWS_CURSOR in screen.written[-2000:]
    assert b"Traceback" not in screen.written
    assert b"terminate called" not in screen.written


def test_quitting_while_loading_ends_at_once() -> None:
    with terminal() as screen:
        screen.until("loading")
        screen.press("q")
        assert screen.ended() == 0
        assert_restored(screen)


def test_quitting_during_long_work_ends_in_order() -> None:
    with terminal("--epochs", "1000000") as screen:
        screen.until("LIVE")
        screen.press("u7\r")
        screen.until("left")
        screen.press("q")
        assert screen.ended() == 0
        assert_restored(screen)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("shown", ["loading", "LIVE"])
def test_a_signal_leaves_the_terminal_restored(number: signal.Signals, shown: str) -> None:
    with terminal() as screen:
        screen.until(shown)
        screen.process.send_signal(number)
        assert screen.ended() == 128 + number
        assert_restored(screen)
        assert f"tui-linreg: ended by {number.name}".encode() in screen.written
