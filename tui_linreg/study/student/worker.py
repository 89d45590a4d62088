"""One process that runs a learner's file, seen from the app: its start, the bytes to and from it, its end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tui_linreg.study.student import wire

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

LONGEST_REPORT = 1 << 16
"""Bytes of an error report that are read at most."""
_CRASHED_AT = re.compile(rb'File "<student>", line (\d{1,9})\D')
_GATHER_SECONDS = 0.3
_SMALL = 1 << 16
_LATE_READS = 64
_ROOT = Path(__file__).resolve().parents[3]
_PROGRAM = """\
import sys
sys.path.insert(0, sys.argv[1])
from tui_linreg.study.student.process import main
del sys.path[0]
main(*sys.argv[2:4])
"""


class Spoiled(Exception):
    """The process sent something that is no answer, or ended; `came` is what came."""

    def __init__(self, came: bytes) -> None:
        super().__init__(came)
        self.came = came


class Worker:
    """A process for the file at `path`, started without waiting for it. For one thread at a time, except `end`.

    Raises:
        OSError: when no process can be started.
        ValueError: when the path cannot be passed on.
    """

    def __init__(self, path: Path) -> None:
        self.ready = False
        self.loaded: set[int] = set()
        """The numbers of the versions that it holds."""
        ours, theirs = socket.socketpair()
        windows = sys.platform == "win32"
        name = "share" if windows else str(theirs.fileno())
        try:
            self._process = subprocess.Popen(
                # -P, -B: nothing is imported from the present folder, nothing written beside the learner's file.
                [sys.executable, "-P", "-B", "-c", _PROGRAM, str(_ROOT), str(path), name],
                stdin=subprocess.PIPE if windows else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=() if windows else (theirs.fileno(),),
                start_new_session=not windows,
                env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"},
            )
        except BaseException:
            ours.close()
            theirs.close()
            raise
        self.end = weakref.finalize(self, _end, self._process, ours)
        """Ends the process, from any thread, in the middle of anything; at the latest when the program ends."""
        self._socket = ours
        if sys.platform == "win32" and self._process.stdin is not None:
            self._process.stdin.write(theirs.share(self._process.pid))
            self._process.stdin.close()
        theirs.close()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def await_ready(self, seconds: float) -> bool:
        """Wait until Python and torch have started there, and say whether they have."""
        if not self.ready:
            with suppress(TimeoutError, Spoiled, OSError):
                head = self._receive(wire.REPLY.size, time.monotonic() + seconds)
                self.ready = wire.REPLY.unpack(head) == (wire.MAGIC, wire.READY, 0, 0)
        return self.ready

    def send(self, parts: Sequence[ReadableBuffer], deadline: float) -> None:
        """Send all parts before `deadline` (of `time.monotonic`).

        Raises:
            TimeoutError: when they are not taken by then.
            OSError: when the process is gone.
        """
        if sum(memoryview(part).nbytes for part in parts) < _SMALL:
            parts = (b"".join(parts),)
        for part in parts:
            self._socket.settimeout(max(deadline - time.monotonic(), 1e-3))
            self._socket.sendall(part)

    def reply(self, number: int, length: int, deadline: float) -> tuple[bool, bytearray]:
        """Return whether request `number` was done, and what came: `length` bytes, or else an error report.

        Raises:
            TimeoutError: when it has not come before `deadline`.
            Spoiled: when something else came, or the process ended.
            OSError: when the process is gone.
        """
        head = self._receive(wire.REPLY.size, deadline)
        magic, kind, answered, follows = wire.REPLY.unpack(head)
        fits = follows == length if kind == wire.DONE else kind == wire.FAILED and follows <= LONGEST_REPORT
        if magic != wire.MAGIC or answered != number or not fits:
            raise Spoiled(bytes(head))
        return kind == wire.DONE, self._receive(follows, deadline)

    def _receive(self, count: int, deadline: float) -> bytearray:
        buffer = bytearray(count)
        view, got, late = memoryview(buffer), 0, 0
        while got < count:
            left = deadline - time.monotonic()
            # What is there already is read: an app that was stopped for a while (Ctrl+Z) comes late itself.
            late += left <= 0
            if late > _LATE_READS:
                raise TimeoutError
            self._socket.settimeout(max(left, 1e-3))
            more = self._socket.recv_into(view[got:])
            if not more:
                raise Spoiled(bytes(buffer[:got]))
            got += more
        return buffer

    def interrupt(self) -> None:
        """Let the process say where it is, which `gathered` then returns; whatever it is doing, if the system can."""
        if sys.platform != "win32":
            with suppress(OSError):
                os.kill(self.pid, signal.SIGUSR1)  # faulthandler's, in C: it needs nothing of a busy interpreter

    def gathered(self, came: bytes = b"") -> bytes:
        """Return `came` and what else comes within a moment, as far as needed to know a line by `line_in`."""
        until = time.monotonic() + _GATHER_SECONDS
        with suppress(OSError):
            while len(came) < LONGEST_REPORT and line_in(came) is None and (left := until - time.monotonic()) > 0:
                self._socket.settimeout(left)
                more = self._socket.recv(4096)
                if not more:
                    break
                came += more
        return came

    def status(self) -> int | None:
        """Return the exit status of a process that ends by itself (below 0: its signal), None of one that lives on."""
        until = time.monotonic() + _GATHER_SECONDS
        while self.end.alive and time.monotonic() < until:
            if sys.platform == "win32":
                if self._process.poll() is not None:
                    return self._process.returncode
            else:
                # Looked at and left there: a process whose status nobody took surely keeps its number to itself.
                with suppress(OSError):
                    found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                    if found is not None:
                        return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status
            time.sleep(0.005)
        return None


def line_in(came: bytes) -> int | None:
    """Return the line of the learner's file that faulthandler's text names first, None where it names none."""
    found = _CRASHED_AT.search(came)
    return int(found[1]) if found else None


def _end(process: subprocess.Popen[bytes], channel: socket.socket) -> None:
    """End a process and those that it started in its group, and take its status, so that nothing of it stays."""
    if process.returncode is None and sys.platform != "win32":
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(OSError):
        process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    # After the process: a thread that reads this socket is woken by the other end's closing, not by this one's.
    channel.close()
