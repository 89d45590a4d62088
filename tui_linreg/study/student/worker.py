"""The process that runs a learner's file, as the app sees it: its start, one call after the other, its end.

What comes back is data from outside: its length is limited before it is read, nothing in it is run or unpickled, and
what is not an answer ends the process. This guards the app against mistakes. It is no sandbox: the learner's code may
read and write whatever the person who started the app may.

A request is a JSON object, followed by one message a vector or file. A reply is a JSON object with the number of the
request: of an error with its kind, line and text, else followed by the result if there is one.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tui_linreg.study.student.code import KINDS, Kind, StudentCode, StudentError
from tui_linreg.study.student.process import LOST

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_LONGEST_REPLY = 1 << 17
"""Bytes of a JSON object or of a traceback that are read at most."""
_BYTES_PER_SECOND = 1e8
"""A speed that every transfer reaches: long batches get so much more time."""
_MOMENT_SECONDS = 0.3
_LINE_OF_STUDENT = re.compile(rb'File "<student>", line (\d{1,9})\D')
_ROOT = Path(__file__).resolve().parents[3]
_PROGRAM = """\
import sys
sys.path.insert(0, sys.argv[1])
from tui_linreg.study.student.process import main
del sys.path[0]
main(*sys.argv[2:5])
"""


class BadReplyError(Exception):
    """The process has ended, or sent something that is not an answer."""


class ReportedError(NamedTuple):
    """An error that the process reports."""

    kind: Kind
    text: str
    line: int | None


class Reply(NamedTuple):
    """What comes back. Texts are from outside: any characters, of bounded length."""

    error: ReportedError | None
    result: bytes
    has_result: bool
    absent: dict[str, str]
    """Why a quantity is not there."""
    printed: str
    holds: tuple[str, ...] | None
    """After loading: the parts of the file."""
    of_class: bool
    beside: tuple[str, ...] | None
    """Files beside the learner's that are used; None: as before."""


def _read(data: bytes, request: int) -> Reply:
    """Return a reply; ValueError, TypeError, KeyError or `BadReplyError` when it is none, or to another request."""
    reply = json.loads(data)
    if reply["request"] != request:
        raise BadReplyError
    error = None
    if "kind" in reply:
        kind, line, text = reply["kind"], reply["line"], reply["text"]
        if kind not in KINDS or not isinstance(text, str) or not (line is None or type(line) is int):
            raise BadReplyError
        error = ReportedError(kind, text, line)
    absent, printed = reply.get("absent", {}), reply.get("printed", "")
    texts = [*absent, *absent.values(), printed, *reply.get("holds", ()), *reply.get("beside", ())]
    if not all(isinstance(text, str) for text in texts):
        raise BadReplyError
    holds, beside = (tuple(reply[name]) if name in reply else None for name in ("holds", "beside"))
    return Reply(error, b"", bool(reply.get("result")), absent, printed, holds, bool(reply.get("of_class")), beside)


class Worker:
    """A process for the file at `path`, started without waiting for it. For one thread at a time, except `end`.

    Args:
        path: of the learner's file.
        stall_seconds: after how long without progress in the middle of a message that message is given up.

    Raises:
        OSError: when no process can be started.
        ValueError: when the path cannot be passed on.
    """

    def __init__(self, path: Path, stall_seconds: float) -> None:
        self.loaded: set[int] = set()
        """The numbers of the versions that it holds."""
        self._ready = False
        self._requests = 0
        windows = sys.platform == "win32"
        ours, theirs = socket.socketpair()
        self._traceback, traceback_end = multiprocessing.Pipe(duplex=False)
        stall: int | bytes
        if windows:
            names = "share", ""
            stall = int(stall_seconds * 1e3)
        else:
            names = str(theirs.fileno()), str(traceback_end.fileno())
            stall = struct.pack("ll", int(stall_seconds), int(stall_seconds % 1 * 1e6))
            os.set_blocking(traceback_end.fileno(), False)  # code that writes to it by mistake does not hang there
        for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            ours.setsockopt(socket.SOL_SOCKET, option, stall)
        self._connection = Connection(ours.detach())
        try:
            self._process = subprocess.Popen(
                # -P, -B: nothing is imported from the present folder, nothing written beside the learner's file.
                [sys.executable, "-P", "-B", "-c", _PROGRAM, str(_ROOT), str(path), *names],
                stdin=subprocess.PIPE if windows else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=() if windows else (theirs.fileno(), traceback_end.fileno()),
                start_new_session=not windows,
                env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"},
            )
            self.end = weakref.finalize(self, _end, self._process)
            """Ends the process, from any thread, in the middle of anything; at the latest when the program ends."""
            if sys.platform == "win32" and self._process.stdin is not None:
                self._process.stdin.write(theirs.share(self._process.pid))
                self._process.stdin.close()
        finally:
            theirs.close()
            traceback_end.close()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def await_ready(self, seconds: float) -> bool:
        """Wait until Python and torch have started there, and say whether they have."""
        if not self._ready:
            with suppress(EOFError, OSError, ValueError):
                self._ready = json.loads(self._receive(_LONGEST_REPLY, time.monotonic() + seconds)) == {"request": 0}
        return self._ready

    def call(self, request: dict[str, Any], parts: Sequence[ReadableBuffer], length: int) -> Reply:
        """Send a request and return the reply, which may be an error.

        Args:
            request: "seconds" of it is how long it may take.
            parts: the messages that follow it.
            length: how many bytes the result has; 0: there is none, and none comes where a part is not written.

        Raises:
            TimeoutError: when it takes too long.
            BadReplyError: when something else came, or the process ended.
        """
        self._requests += 1
        size = sum(memoryview(part).nbytes for part in parts)
        deadline = time.monotonic() + request["seconds"] + size / _BYTES_PER_SECOND
        try:
            for part in (json.dumps({**request, "request": self._requests}).encode(), *parts):
                self._connection.send_bytes(part)
            reply = _read(self._receive(_LONGEST_REPLY, deadline), self._requests)
            if reply.error is None and length and reply.has_result:
                reply = reply._replace(result=self._receive(length, deadline))
        except BlockingIOError as error:  # no progress in the middle of a message
            raise TimeoutError from error
        except TimeoutError:
            raise
        except (EOFError, OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise BadReplyError from error
        if reply.error is None and request["load"] and reply.holds is None:
            raise BadReplyError
        if reply.error is None and len(reply.result) != (0 if reply.absent and not reply.has_result else length):
            raise BadReplyError
        return reply

    def _receive(self, longest: int, deadline: float) -> bytes:
        # What is there already is read even late: an app that was stopped for a while (Ctrl+Z) comes late itself.
        if not self._connection.poll(max(0.0, deadline - time.monotonic())):
            raise TimeoutError
        return self._connection.recv_bytes(longest)

    def interrupt(self) -> None:
        """Have the process write a traceback, whatever it is doing, where the system can."""
        if sys.platform != "win32":
            with suppress(OSError):
                os.kill(self.pid, signal.SIGUSR1)  # faulthandler's, in C: it needs nothing of a busy interpreter

    def traceback(self) -> tuple[bytes, int | None]:
        """Return the traceback that comes within a moment, and the line of the learner's file that it names first."""
        text, line = b"", None
        until = time.monotonic() + _MOMENT_SECONDS
        with suppress(OSError):
            while line is None and self._traceback.poll(max(0.0, until - time.monotonic())):
                more = os.read(self._traceback.fileno(), 4096)
                text += more
                if not more or len(text) >= _LONGEST_REPLY:
                    break
                match = _LINE_OF_STUDENT.search(text)
                line = int(match[1]) if match else None
        return text, line

    def status(self) -> int | None:
        """Return the exit status of a process that ends by itself (below 0: its signal), None of one that lives on."""
        until = time.monotonic() + _MOMENT_SECONDS
        while self.end.alive and time.monotonic() < until:
            if sys.platform == "win32":
                if self._process.poll() is not None:
                    return self._process.returncode
            else:
                # Looked at and left there: the system gives its id to no other process before its status is taken.
                with suppress(OSError):
                    ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                    if ended is not None:
                        return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
            time.sleep(0.005)
        return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it started in its group, and take its status, so that nothing of it stays."""
    if process.returncode is None and sys.platform != "win32":
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(OSError):
        process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)


def error_of_ended(code: StudentCode, worker: Worker) -> StudentError:
    """Return the error of a process that has ended by itself, or sent something that is not an answer."""
    text, line = worker.traceback()
    status = worker.status()
    if status is None:
        return code.error("channel", "the code wrote into the app's channel to its process", line)
    if status == LOST:
        return code.error("channel", "the code closed the app's channel to its process", line)
    if status < 0 or b"Fatal Python error" in text:
        name = signal.strsignal(-status) if status < 0 else None
        return code.error("ended", f"the code crashed its process ({(name or f'status {status}').lower()})", line)
    return code.error("ended", f"the code ended its process (exit status {status})", line)
