"""The learner's process: answers the app's requests, one after the other, until the app is gone.

Started by `tui_linreg.study.student.worker`. It trusts the app; the app does not trust what comes back.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from tui_linreg.study.student.answer import MEMORY, Learner, describe, judged, load
from tui_linreg.study.student.wire import DONE, FAILED, LOAD, LOST, MAGIC, READY, REPLY, REQUEST

if TYPE_CHECKING:
    from torch import Tensor

_TWICE = 4096
"""Up to so many samples every call is made twice, to see that the answer depends on the arguments alone."""


class Server:
    """Answers one request after the other, until the parent is gone."""

    def __init__(self, channel: socket.socket, path: str) -> None:
        self._channel, self._path = channel, path
        self._learners: dict[int, Learner] = {}
        self._threads = self._calls = 0
        self._own = os.getpid()
        self._keep = frozenset(sys.modules)

    def serve(self) -> NoReturn:
        """Answer requests for ever."""
        self._send(READY, 0, b"")
        while True:
            request = REQUEST.unpack(self._receive(REQUEST.size))
            kind, single, forget, count, seconds = request[1], request[2], request[6], request[10], request[11]
            body = self._receive(count if kind == LOAD else count * 3 * (4 if single else 8))
            try:
                _end_after(seconds + 1)
                try:
                    if forget:
                        self._learners.clear()
                    if kind == LOAD:
                        _print_nowhere()
                        self._learners[request[8]] = load(bytes(body), self._path, self._keep)
                        reply = []
                    else:
                        reply = self._update(request, body)
                finally:
                    if os.getpid() != self._own:  # the learner's code has forked, and this is the copy
                        os._exit(0)
                    _end_after(0)
            except BaseException as error:
                self._send(FAILED, request[9], json.dumps(describe(error)).encode())
            else:
                self._send(DONE, request[9], *reply)

    def _update(self, request: tuple[Any, ...], body: bytearray) -> list[bytes]:
        import torch

        single, offsets, threads, number = request[2], request[3:6], *request[7:9]
        count, (lr, b, w) = request[10], request[12:]
        dtype, size = (torch.float32, 4) if single else (torch.float64, 8)
        if threads != self._threads:
            torch.set_num_threads(threads)
            self._threads = threads

        def fresh() -> list[Tensor]:
            # At the same place in a cache line as in the parent: sums of vectors may depend on it in the last bit.
            vectors = []
            for place, offset in enumerate(offsets):
                start = offset // size
                vector = torch.empty(start + count, dtype=dtype)[start:]
                vector.copy_(torch.frombuffer(body, dtype=dtype, count=count, offset=place * count * size))
                vectors.append(vector)
            return vectors

        self._calls += 1
        return judged(self._learners[number], fresh, lr, b, w, count <= _TWICE)

    def _send(self, kind: int, number: int, *parts: bytes) -> None:
        head = REPLY.pack(MAGIC, kind, number, sum(map(len, parts)))
        try:
            self._channel.sendall(b"".join((head, *parts)))
        except OSError:
            os._exit(LOST)

    def _receive(self, count: int) -> bytearray:
        buffer = bytearray(count)
        view, got = memoryview(buffer), 0
        while got < count:
            try:
                more = self._channel.recv_into(view[got:])
            except OSError:
                os._exit(LOST)
            if not more:
                os._exit(0)  # the parent is gone; threads of the learner's go with this process
            got += more
        return buffer


def _end_after(seconds: float) -> None:
    """Let the system end this process in so many seconds (0: never), should the parent be gone by then."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)
    elif seconds:
        faulthandler.dump_traceback_later(seconds, exit=True)
    else:
        faulthandler.cancel_dump_traceback_later()


def _print_nowhere() -> None:
    """Throw away what is printed, whatever an older version of the file did to `sys.stdout` and its descriptor."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    if null > 2:
        os.close(null)
    for name in ("stdout", "stderr"):
        setattr(sys, name, open(os.devnull, "w", encoding="utf-8", errors="replace"))  # noqa: SIM115, PTH123


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


def _channel(name: str) -> socket.socket:
    """Return the socket to the parent: a descriptor's number, or "share" for what Windows shares by stdin."""
    if sys.platform == "win32":
        return socket.fromshare(sys.stdin.buffer.read())
    return socket.socket(fileno=int(name))


def main(path: str, name: str) -> NoReturn:
    """Serve the parent at the other end of a socket.

    Args:
        path: of the learner's file, to find what lies beside it.
        name: of the socket.
    """
    channel = _channel(name)
    # Where the code was when it crashed or took too long goes the same way as answers do; the parent tells them apart.
    faulthandler.enable(channel.fileno())
    if hasattr(faulthandler, "register"):
        faulthandler.register(signal.SIGUSR1, channel.fileno())
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    import torch  # noqa: F401  (now, while nobody waits)

    sys.path.append(os.path.dirname(path))  # noqa: PTH120
    _limit_memory()
    Server(channel, path).serve()
