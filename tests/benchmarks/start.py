"""Rows measured from the start of a process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from keys import SIZE, SMALLEST
from pseudo_terminal import APP, terminal
from table import Row, measured

BARE = (sys.executable, str(Path(__file__).with_name("bare_process.py")))


def start(rounds: int) -> Iterator[Row]:
    """The whole first frame beside the smallest app's; the first step beside a bare process that imports and steps."""
    ours, beside = _in_turns(rounds, lambda: _until(APP, "quit"), lambda: _until(SMALLEST, "ready"))
    yield measured("start", "the first frame", "s", 1.6, ours, beside)
    ours, beside = _in_turns(rounds, lambda: _until(APP, "LIVE"), _bare)
    yield measured("start", "ready, the first step", "s", 1.1, ours, beside)


def _in_turns(
    rounds: int, one: Callable[[], float], other: Callable[[], float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    one(), other()  # warms up
    ours, beside = zip(*((one(), other()) for _ in range(rounds)), strict=True)
    return ours, beside


def _until(command: tuple[str, ...], text: str) -> float:
    began = time.perf_counter()
    with terminal(command, SIZE) as screen:
        while text.encode() not in screen.written:
            screen.read(60.0)
        return time.perf_counter() - began


def _bare() -> float:
    began = time.perf_counter()
    subprocess.run(BARE, check=True, stdout=subprocess.PIPE)
    return time.perf_counter() - began
