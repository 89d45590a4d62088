"""Rows measured from the start of a process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from keys import SIZE, SMALLEST
from pseudo_terminal import APP, terminal
from table import Row, compared

BARE = (sys.executable, str(Path(__file__).with_name("bare_process.py")))


def _until(command: tuple[str, ...], text: str) -> float:
    began = time.perf_counter()
    with terminal(command, SIZE) as screen:
        while text.encode() not in screen.written:
            screen.read(60.0)
        return time.perf_counter() - began


def _measured(times: list[float], rounds: int) -> list[float]:
    """Return all but the first, which warms up; of a single one, that."""
    return times[-max(rounds, 1) :]


def first_frame(rounds: int) -> Iterator[Row]:
    """The last line of the first frame beside the smallest app's only one."""
    ours, beside = [], []
    for _ in range(rounds + 1):
        beside.append(_until(SMALLEST, "ready"))
        ours.append(_until(APP, "quit"))
    yield compared(
        "first frame", "process start → whole frame", _measured(ours, rounds), _measured(beside, rounds),
        unit="s", scale=1,
        reach="≤ 1.3×", aim="1.1×", limit=1.3,
    )  # fmt: skip


def ready(rounds: int) -> Iterator[Row]:
    """The first step on the screen beside a bare process that imports and steps."""
    ours, beside = [], []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        subprocess.run(BARE, check=True, stdout=subprocess.PIPE)
        beside.append(time.perf_counter() - began)
        ours.append(_until(APP, "LIVE"))
    yield compared(
        "ready",
        "process start → first step",
        _measured(ours, rounds),
        _measured(beside, rounds),
        unit="s",
        scale=1,
        reach="≤ 1.1×",
        aim="0.9×",
        limit=1.1,
    )
