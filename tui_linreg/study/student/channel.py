"""Asks a learner's process, and says what went wrong when it misbehaves.

What comes back is data from outside: it is measured before it is read, nothing in it is run or unpickled, and what
does not fit ends the process. This guards the app against mistakes. It is no sandbox: the learner's code may read and
write whatever the person who started the app may.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui_linreg.study.student import wire
from tui_linreg.study.student.code import StudentCode
from tui_linreg.study.student.error import KINDS, StudentError
from tui_linreg.study.student.worker import Spoiled, Worker, line_in

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_HELD = 16
"""Versions of the file that the process holds at once."""
_BYTES_PER_SECOND = 1e8
"""What surely crosses: long batches get so much more time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the learner's process may take, in seconds."""

    call: float = 2.0
    """For one `update`."""
    load: float = 10.0
    """For running the file itself, imports included."""
    start: float = 60.0
    """For Python and torch to start."""


@dataclass(frozen=True, slots=True)
class Question:
    """The arguments of one `update`, and what it is called on."""

    vectors: Sequence[ReadableBuffer]
    """The data of x, y and ŷ."""
    offsets: tuple[int, int, int]
    """Where each began within a cache line of 64 bytes."""
    count: int
    """m."""
    single: bool
    """float32."""
    threads: int
    """How many torch computes with."""
    lr: float
    b: float
    w: float


class StudentChannel:
    """A process for a learner's file, started at once, and anew after it had to be ended. Threads take turns.

    Args:
        path: of the file.
        limits: how long things may take.

    Raises:
        StudentError: kind "start", when no process can be started.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        self._turn, self._change = threading.Lock(), threading.Lock()
        self._closed = False
        self._number = 0
        self._worker: Worker | None = None
        self._begin()

    @property
    def pid(self) -> int | None:
        """The process's id; None while there is none."""
        worker = self._worker
        return None if worker is None else worker.pid

    def close(self) -> None:
        """End the process, in the middle of a call too; what is asked then or later fails with kind "closed"."""
        self._closed = True
        with self._change:
            if self._worker is not None:
                self._worker.end()
                self._worker = None

    def load(self, code: StudentCode) -> None:
        """Let the process run the file, unless it has.

        Raises:
            StudentError: when that fails, or there is no usable `update` in it.
        """
        with self._turn:
            self._loaded(code)

    def ask(self, code: StudentCode, question: Question) -> tuple[tuple[float, float, float, float], bytearray]:
        """Return ∂L/∂b, ∂L/∂w, b and w after, and the data of ∂L/∂ŷ.

        Raises:
            StudentError: of any kind but "file".
        """
        head = (
            wire.UPDATE, question.single, *question.offsets, False, question.threads, code.number, question.count
        )  # fmt: skip
        length = wire.NUMBERS.size + question.count * (4 if question.single else 8)
        with self._turn:
            worker = self._loaded(code)
            numbers = (question.lr, question.b, question.w)
            body = self._call(worker, code, head, numbers, question.vectors, length)
        return wire.NUMBERS.unpack_from(body), body[wire.NUMBERS.size :]

    def _loaded(self, code: StudentCode) -> Worker:
        """Return the process, ready and with this version of the file."""
        worker = self._begin()
        if not worker.await_ready(self._limits.start):
            status = worker.status()
            how = f"took longer than {self._limits.start:g} s" if status is None else f"ended (exit status {status})"
            worker.end()  # and no other, which would fare no better: the next call tries again
            with self._change:
                self._worker = None
            raise self._error(code, StudentError("start", f"its Python did not start: it {how}", path=self._path))
        if code.number not in worker.loaded:
            forget = len(worker.loaded) >= _HELD
            if forget:
                worker.loaded.clear()
            head = (wire.LOAD, False, 0, 0, 0, forget, 0, code.number, len(code.source))
            self._call(worker, code, head, (0.0, 0.0, 0.0), (code.source,), 0)
            worker.loaded.add(code.number)
        return worker

    def _call(
        self,
        worker: Worker,
        code: StudentCode,
        head: tuple[int, ...],
        numbers: tuple[float, float, float],
        body: Sequence[ReadableBuffer],
        length: int,
    ) -> bytearray:
        """Send one request and return the reply, which must have this length."""
        loading = head[0] == wire.LOAD
        seconds = self._limits.load if loading else self._limits.call
        self._number = number = (self._number + 1) % 2**32
        deadline = time.monotonic() + seconds + sum(memoryview(part).nbytes for part in body) / _BYTES_PER_SECOND
        request = wire.REQUEST.pack(wire.MAGIC, *head[:-1], number, head[-1], seconds, *numbers)
        try:
            worker.send((request, *body), deadline)
            done, reply = worker.reply(number, length, deadline)
            error = None if done else _told(code, bytes(reply))
        except TimeoutError:
            worker.interrupt()
            doing = "running the file" if loading else "update"
            error = code.error("time", f"{doing} took longer than {seconds:g} s", line_in(worker.gathered()))
            self._replace(worker)
        except (Spoiled, OSError) as spoiled:
            error = _spoiled(code, worker, spoiled.came if isinstance(spoiled, Spoiled) else b"")
            self._replace(worker)
        except BaseException:
            self._replace(worker)  # an answer may be on its way, and nobody would read it
            raise
        if error is not None:
            raise self._error(code, error)
        return reply

    def _error(self, code: StudentCode, error: StudentError) -> StudentError:
        """Return the error, unless it is only what closing looks like from a call under way."""
        return code.error("closed", "its process has been closed") if self._closed else error

    def _begin(self) -> Worker:
        """Return the process, a new one where there is none."""
        with self._change:
            if self._closed:
                raise StudentError("closed", "its process has been closed", path=self._path)
            if self._worker is None:
                try:
                    self._worker = Worker(self._path)
                except (OSError, ValueError) as error:
                    words = (getattr(error, "strerror", None) or "its path cannot be passed on").lower()
                    raise StudentError("start", f"its Python did not start: {words}", path=self._path) from error
            return self._worker

    def _replace(self, worker: Worker) -> None:
        """End a process and start another, so that it is ready when the learner has mended the file."""
        worker.end()
        with self._change:
            self._worker = None
        if not self._closed:
            self._begin()


def _told(code: StudentCode, reply: bytes) -> StudentError:
    """Return the error that the process tells of.

    Raises:
        Spoiled: when it tells none.
    """
    try:
        told = json.loads(reply)
        kind, line, text = told["kind"], told["line"], told["text"]
        if kind not in KINDS or not isinstance(text, str) or not (line is None or type(line) is int):
            raise ValueError
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Spoiled(reply) from None
    return code.error(kind, text, line)


def _spoiled(code: StudentCode, worker: Worker, came: bytes) -> StudentError:
    """Return what is said of a process that sent `came`, which is no answer, or ended."""
    gathered = worker.gathered(came)
    line, status = line_in(gathered), worker.status()
    if status is None:
        return code.error("channel", "the code wrote into the app's channel to its process", line)
    if status == wire.LOST:
        return code.error("channel", "the code closed the app's channel to its process", line)
    if status < 0 or b"Fatal Python error" in gathered:
        name = signal.strsignal(-status) if status < 0 else None
        return code.error("ended", f"the code crashed its process ({(name or f'status {status}').lower()})", line)
    return code.error("ended", f"the code ended its process (exit status {status})", line)
