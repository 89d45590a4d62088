"""`Student`: a learner's own model, in a file that is read again when it is saved. Importable without torch.

    with Student("mine.py") as student:
        session = StudentSession(config, student)  # of tui_linreg.study.student.session
        session.train_to(64)
        if student.changed():
            student.reload()  # StudentError: show it; the run from before goes on
            session = StudentSession(config, student)

The learner's code runs in a process of its own with limits of time and memory, so that its mistakes end that process
and not the app. It is no sandbox: it may do whatever the person who started the app may.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError, printable
from tui_linreg.study.student.answer import ARGUMENTS
from tui_linreg.study.student.code import StudentCode, StudentError, Watch
from tui_linreg.study.student.worker import BadReplyError, Reply, Worker, error_of_ended

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


__all__ = ["Limits", "Student", "StudentCode", "StudentError", "refuse_options"]

_LONGEST_NAME = 24
_HELD = 16
"""Versions of the file that the process holds at once."""


class Held(NamedTuple):
    """What a version of the file holds."""

    parts: tuple[str, ...]
    """Of `tui_linreg.study.student.load.TAKES`."""
    of_class: bool
    """Whether it has the notebook's class: what that lacks is not written yet."""
    printed: str
    """What it printed when it was run; any characters, of bounded length."""
    stamp: str
    """Changes with the files beside it that it imports."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the learner's process may take, in seconds."""

    call: float = 2.0
    """For one call of a part, such as `update`."""
    load: float = 10.0
    """For running the file itself, imports included."""
    fit: float = 5.0
    """For its `fit`."""
    start: float = 60.0
    """For Python and torch to start."""


class Student:
    """A learner's file and the process that runs it. Starts that process at once and does not wait for it.

    A process that had to be ended is replaced by a new one. Every method may be called from any thread; calls take
    turns. Sessions made with an older version of the file go on with that version.

    Args:
        path: of the Python file.
        limits: how long the code may take; None: the usual ones. May be replaced at any time.

    Raises:
        StudentError: kind "file" when the file cannot be read, "start" when no process can be started.
    """

    def __init__(self, path: str | Path, *, limits: Limits | None = None) -> None:
        self.path = Path(path).absolute()
        self.name = printable(self.path.name, _LONGEST_NAME)
        """The file's name, safe to show."""
        self.limits = limits or Limits()
        self._watch = Watch(self.path)
        self._code = self._watch.read()
        self._versions: dict[str, int] = {}
        self._held: dict[int, Held] = {}
        self._turn, self._change = threading.Lock(), threading.Lock()
        self._closed = False
        self._worker: Worker | None = None
        self._start()

    @property
    def code(self) -> StudentCode:
        """The version of the file that new sessions use."""
        return self._code

    @property
    def pid(self) -> int | None:
        """The process's id; None while there is none. It changes whenever the process had to be ended."""
        worker = self._worker
        return None if worker is None else worker.pid

    def check(self) -> None:
        """Run the file in its process and look for a usable `update`; waits for the process to start (2 s or so).

        Raises:
            StudentError: when the file cannot be used.
        """
        self._load(self._code)

    def changed(self) -> bool:
        """Say whether the file, or one beside it that it imports, has another content than when it was last read.

        One `stat` (some microseconds) a file where nothing happened. False while there is no file.
        """
        return self._watch.changed()

    def reload(self) -> StudentCode:
        """Read and check the file again; where that fails, the version from before stays.

        Raises:
            StudentError: when it cannot be read or used. `changed` is False then until it is saved again.
        """
        code = self._watch.read()
        self._load(code)
        self._code = code
        return code

    def newest(self) -> StudentCode:
        """Return the file's newest version, read again if it has been saved, and checked.

        Raises:
            StudentError: when it cannot be read or used.
        """
        if self.changed():
            return self.reload()
        self.check()
        return self._code

    def version(self, code: StudentCode) -> int:
        """Return how many different versions of the file, and of what it imports, had been run when this one was."""
        held = self._held.get(code.number)
        return self._versions.setdefault(code.digest + (held.stamp if held else ""), len(self._versions) + 1)

    def held(self, code: StudentCode) -> Held:
        """Return what a version of the file holds; it is run for it where it has not been.

        Raises:
            StudentError: when the file cannot be used.
        """
        if code.number not in self._held:
            self._load(code)
        return self._held[code.number]

    def call(
        self,
        code: StudentCode,
        part: str,
        vectors: Sequence[ReadableBuffer],
        numbers: tuple[float, float, float],
        length: int,
        *,
        dtype: str,
        threads: int,
        offsets: Sequence[int],
        **options: int,
    ) -> Reply:
        """Call a part of a version of the file and return what it gave.

        Args:
            code: the version.
            part: of `tui_linreg.study.student.load.TAKES`, one that it holds.
            vectors: the data of what it is given.
            numbers: the learning rate, b and w.
            length: bytes of the result; none come where it is not written.
            dtype: of the data, "float32" or "float64".
            threads: how many threads torch computes with.
            offsets: how many elements behind a multiple of `ALIGNMENT` bytes each vector begins, which a product's last
                bits may depend on.
            options: whole numbers that it is given besides.

        Raises:
            StudentError: when it fails, of any kind but "file".
        """
        request = {
            "part": part, "dtype": dtype, "threads": threads, "offsets": list(offsets), "options": options,
        }  # fmt: skip
        with self._turn:
            worker = self._ready(code)
            return self._call(worker, code, request, [ARGUMENTS.pack(*numbers), *vectors], length)

    def close(self) -> None:
        """End the process, in the middle of a call too; what is asked then or later fails with kind "closed"."""
        self._closed = True
        with self._change:
            if self._worker is not None:
                self._worker.end()
                self._worker = None

    def __enter__(self) -> Student:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _load(self, code: StudentCode) -> None:
        with self._turn:
            self._ready(code)

    def _ready(self, code: StudentCode) -> Worker:
        """Return the process, with this version of the file loaded."""
        worker = self._start()
        if not worker.await_ready(self.limits.start):
            status = worker.status()
            how = f"took longer than {self.limits.start:g} s" if status is None else f"ended (exit status {status})"
            worker.end()  # and no other, which would fare no better: the next call tries again
            with self._change:
                self._worker = None
            raise self._error(code, StudentError("start", f"its Python did not start: it {how}", path=self.path))
        if code.number not in worker.loaded:
            forget = len(worker.loaded) >= _HELD
            if forget:
                worker.loaded.clear()
            reply = self._call(worker, code, {"load": True, "forget": forget}, [code.source], 0)
            stamp = self._watch.stamp()
            self._held.setdefault(code.number, Held(reply.holds or (), reply.of_class, reply.printed, stamp))
            worker.loaded.add(code.number)
        return worker

    def _call(
        self, worker: Worker, code: StudentCode, request: dict[str, Any], parts: Sequence[ReadableBuffer], length: int
    ) -> Reply:
        """Send one request and return the reply, whose result has this length, or is empty where it is absent."""
        loading, part = "load" in request, request.get("part")
        seconds = self.limits.load if loading else self.limits.fit if part == "fit" else self.limits.call
        request = {"load": loading, "version": code.number, "seconds": seconds, "parts": len(parts)} | request
        try:
            reply = worker.call(request, parts, length)
        except TimeoutError:
            worker.interrupt()
            doing = "running the file" if loading else part
            error = code.error("time", f"{doing} took longer than {seconds:g} s", worker.traceback()[1])
            self._replace(worker)
        except BadReplyError:
            error = error_of_ended(code, worker)
            self._replace(worker)
        except BaseException:
            self._replace(worker)  # an answer may be on its way, and nobody would read it
            raise
        else:
            if reply.beside is not None:
                self._watch.watch(reply.beside, add=reply.error is not None)
            if reply.error is None:
                return reply
            error = code.error(reply.error.kind, reply.error.text, reply.error.line)
            error.printed = reply.printed
        raise self._error(code, error)

    def _error(self, code: StudentCode, error: StudentError) -> StudentError:
        """Return the error, unless it is only what closing looks like to a call under way."""
        return code.error("closed", "its process has been closed") if self._closed else error

    def _start(self) -> Worker:
        """Return the process, a new one where there is none."""
        with self._change:
            if self._closed:
                raise StudentError("closed", "its process has been closed", path=self.path)
            if self._worker is None:
                try:
                    self._worker = Worker(self.path, self.limits.call)
                except (OSError, ValueError) as error:
                    words = (getattr(error, "strerror", None) or "its path cannot be passed on").lower()
                    raise StudentError("start", f"its Python did not start: {words}", path=self.path) from error
            return self._worker

    def _replace(self, worker: Worker) -> None:
        """End a process and start another, so that it is ready when the learner has mended the file."""
        worker.end()
        with self._change:
            self._worker = None
        if not self._closed:
            self._start()


def refuse_options(config: RunConfig) -> None:
    """Refuse what only the built-in model can do.

    Raises:
        InputError: with its field.
    """
    for field, chosen in (("mistake", config.mistake is not None), ("arithmetic", config.arithmetic != "notebook")):
        if chosen:
            raise InputError(f"--{field}: is for the built-in model, and --student puts another in its place",
                             field=field)  # fmt: skip
