"""The learner's process: answers the app's requests, one after the other, until the app is gone.

Started by `tui_linreg.study.student.worker`. It trusts the app; the app does not trust what comes back.
"""

from __future__ import annotations

import faulthandler
import io
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, NoReturn

from tui_linreg.study.student.answer import ARGUMENTS, describe, judged
from tui_linreg.study.student.load import MEMORY, Learner, beside, load
from tui_linreg.study.student.output import Keeping

if TYPE_CHECKING:
    from torch import Tensor

_TWICE = 4096
"""Up to so many samples every call is made twice, to see that the answer depends on the arguments alone."""
_MOST_BESIDE = 64
"""Files beside the learner's that are watched."""
LOST = 86
"""The exit status when the answer could not be sent: the learner's code has closed the channel."""


class Server:
    """Answers one request after the other, until the parent is gone."""

    def __init__(self, connection: Connection, path: str) -> None:
        self._connection, self._path = connection, path
        self._learners: dict[int, Learner] = {}
        self._threads = 0
        self._own = os.getpid()
        self._keep = frozenset(sys.modules)
        self._modules = 0
        """How many modules there were when those beside the file were looked for."""

    def serve(self) -> NoReturn:
        """Answer requests for ever."""
        self._send({"request": 0})
        while True:
            request = json.loads(self._receive())
            reply: dict[str, Any] = {"request": request["request"]}
            parts = [self._receive() for _ in range(request["parts"])]
            printed = _keep_output()
            try:
                _end_after(request["seconds"] + 1)
                try:
                    result = self._load(request, reply, *parts) if request["load"] else self._call(
                        request, reply, printed, *parts
                    )  # fmt: skip
                finally:
                    if os.getpid() != self._own:  # the learner's code has forked, and this is the copy
                        os._exit(0)
                    _end_after(0)
            except BaseException as error:
                self._send(self._told(reply | describe(error), printed, error))
            else:
                self._send(self._told(reply, printed), *result)

    def _told(self, reply: dict[str, Any], printed: Keeping, error: BaseException | None = None) -> dict[str, Any]:
        """Return a reply with what was printed, and with the files beside the learner's that are used, if others."""
        if text := printed.text():
            reply["printed"] = text
        if len(sys.modules) != self._modules or error is not None or "holds" in reply:
            self._modules = len(sys.modules)
            folder = os.path.dirname(self._path)  # noqa: PTH120
            files = {*beside(folder, self._keep).values(), *(_files(error, folder) if error else ())}
            reply["beside"] = sorted(files)[:_MOST_BESIDE]
        return reply

    def _load(self, request: dict[str, Any], reply: dict[str, Any], source: bytes) -> list[bytes]:
        if request["forget"]:
            self._learners.clear()
        _discard_descriptors()
        learner = self._learners[request["version"]] = load(source, self._path, self._keep)
        reply["holds"] = [*learner.calls]
        reply["of_class"] = learner.of_class
        return []

    def _call(
        self, request: dict[str, Any], reply: dict[str, Any], printed: Keeping, numbers: bytes, *data: bytes
    ) -> list[bytes]:
        import torch

        if request["threads"] != self._threads:
            torch.set_num_threads(request["threads"])
            self._threads = request["threads"]
        vectors = [torch.frombuffer(bytearray(each), dtype=getattr(torch, request["dtype"])) for each in data]

        def copies() -> list[Tensor]:
            return [_placed(vector, offset) for vector, offset in zip(vectors, request["offsets"], strict=True)]

        learner = self._learners[request["version"]]
        part, options = request["part"], request["options"]
        again = part != "fit" and len(vectors[0]) <= _TWICE
        answer = judged(learner, part, copies, again, *ARGUMENTS.unpack(numbers), between=printed.stop, **options)
        if answer.absent:
            reply["absent"] = answer.absent
        reply["result"] = bool(answer.data)
        return [answer.data] if answer.data else []

    def _send(self, reply: dict[str, Any], *parts: bytes) -> None:
        try:
            for part in (json.dumps(reply).encode(), *parts):
                self._connection.send_bytes(part)
        except OSError:
            os._exit(LOST)

    def _receive(self) -> bytes:
        try:
            return self._connection.recv_bytes()
        except EOFError:
            os._exit(0)  # the parent is gone; threads of the learner's go with this process
        except OSError:
            os._exit(LOST)


def _files(error: BaseException, folder: str) -> Iterator[str]:
    """Yield the files beside the learner's that an error came from: they are not imported, but to be mended."""
    names = [error.filename] if isinstance(error, SyntaxError) else []
    trace = error.__traceback__
    while trace is not None:
        names.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    yield from (name for name in names if name is not None and name.startswith(folder + os.sep))


def _placed(vector: Tensor, offset: int) -> Tensor:
    """Return a copy that begins so many elements behind a multiple of `ALIGNMENT` bytes, where torch begins memory."""
    return vector.new_empty(offset + len(vector))[offset:].copy_(vector)


def _end_after(seconds: float) -> None:
    """Let the system end this process in so many seconds (0: never), should the parent be gone by then."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)
    elif seconds:
        faulthandler.dump_traceback_later(seconds, exit=True)
    else:
        faulthandler.cancel_dump_traceback_later()


def _keep_output() -> Keeping:
    """Keep what is printed from now on, whatever the file did to `sys.stdout` before."""
    kept = Keeping()
    sys.stdout = sys.stderr = io.TextIOWrapper(kept, encoding="utf-8", errors="backslashreplace", write_through=True)
    return kept


def _discard_descriptors() -> None:
    """Discard what is written to the standard descriptors themselves, whatever an older version of the file did."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    if null > 2:
        os.close(null)


def _limit_memory() -> None:
    """Limit the address space, where the system can."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
            taken = int(statm.read().split()[0]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        limit = taken + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard < 0 else min(limit, hard), hard))


def _connected(name: str) -> Connection:
    """Return the connection to the parent: a descriptor's number, or "share" for what Windows shares by stdin."""
    if sys.platform == "win32":
        return Connection(socket.fromshare(sys.stdin.buffer.read()).detach())
    return Connection(int(name))


def main(path: str, name: str, traceback_name: str) -> NoReturn:
    """Serve the parent at the other end of a connection.

    Args:
        path: of the learner's file, to find what lies beside it.
        name: of the connection.
        traceback_name: the descriptor that takes where the code was when it crashed or took too long; empty for none.
    """
    connection = _connected(name)
    if traceback_name:
        faulthandler.enable(int(traceback_name))
        faulthandler.register(signal.SIGUSR1, int(traceback_name))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    import torch  # noqa: F401  (now, while nobody waits)

    sys.path.append(os.path.dirname(path))  # noqa: PTH120
    _limit_memory()
    Server(connection, path).serve()
