"""Rows measured in a pseudo-terminal of 160×45, from the key to the last byte of its frame."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from pseudo_terminal import APP, Burst, Terminal, terminal
from table import Row, measured
from torch import nn

SIZE = (160, 45)
SMALLEST = (sys.executable, str(Path(__file__).with_name("smallest_app.py")))
LONG_RUN = "--epochs", "250000"
_QUIET = 0.06
"""Seconds without a byte after which a frame counts as whole."""


@contextmanager
def app(*options: str) -> Iterator[Terminal]:
    """Run the program until its first step is on the screen."""
    with terminal((*APP, *options), SIZE) as screen:
        screen.until("LIVE", seconds=600)
        screen.settle(0.5)
        yield screen


def in_turns(keys: int, ours: Terminal, key: str, beside: Terminal, other: str) -> tuple[list[Burst], list[Burst]]:
    """Press a key here, a key there, and so on."""
    pressed: tuple[list[Burst], list[Burst]] = ([], [])
    for _ in range(keys):
        pressed[0].append(ours.burst(key, _QUIET))
        pressed[1].append(beside.burst(other, _QUIET))
    return pressed


def key(keys: int) -> Iterator[Row]:
    """A new mini-batch and a new phase beside a key of the smallest app; and how many paints a key took."""
    paints: list[int] = []
    with terminal(SMALLEST, SIZE) as smallest, app(*LONG_RUN) as ours:
        smallest.until("ready")
        smallest.settle(0.3)
        in_turns(3, ours, "j", smallest, "a")
        for what, pressed, limit in (("a new mini-batch", "j", 9), ("a phase", "l", 5)):
            bursts, beside = in_turns(keys, ours, pressed, smallest, "a")
            paints += [burst.paints for burst in bursts]
            yield measured("key", what, "ms", limit, [b.last for b in bursts], [b.last for b in beside])
    yield Row("key", "paints of one, most", "", max(paints), max(paints), 1)


def big_data(keys: int, train: int, size: int) -> Iterator[Row]:
    """A key over huge batches beside a key at the defaults plus one bare forward and backward of such a batch."""
    x, y = torch.randn(size, 1, dtype=torch.float64), torch.randn(size, 1, dtype=torch.float64)
    layer, loss_of = nn.Linear(1, 1, dtype=torch.float64), nn.MSELoss()
    options = ("--samples", str(train + 1000), "--train-size", str(train), "--batch-size", str(size))
    with app() as small, app(*options) as ours:
        small.burst("j", 0.3)
        for what, pressed in (("a new batch", "j"), ("a batch back", "k")):
            big, plain = in_turns(keys, ours, pressed, small, pressed)
            bare: list[float] = []
            for _ in range(keys + 2):
                began = time.perf_counter()
                loss_of(layer(x), y).backward()
                bare.append(time.perf_counter() - began)
            beside = [burst.last + statistics.median(bare[2:]) for burst in plain]
            yield measured("big data", f"{what} of {size}", "ms", 2.0, [burst.last for burst in big], beside)


def long_work(rounds: int) -> Iterator[Row]:
    """While a very long run trains: the wait for a key's answer, the time between frames, and until it is stopped."""
    waits, frames, stops = [], [], []
    with app(*LONG_RUN) as ours:
        for _ in range(rounds):
            ours.press("u7\r")
            ours.until("space stops", since=len(ours.written))
            for number in range(10):
                waits.append(_answered(ours, "y", "logarithmic y" if number % 2 == 0 else "linear y"))
                ours.settle(_QUIET, most=_QUIET)
            paints, began = ours.paints, time.perf_counter()
            ours.settle(1.0, most=1.0)
            frames.append((time.perf_counter() - began) / max(ours.paints - paints, 1))
            stops.append(_answered(ours, " ", "what was trained is kept"))
            ours.settle(0.3)
    for what, times in (("a key's answer", waits), ("between two frames", frames), ("stopped by space", stops)):
        yield measured("long work", what, "ms", 200, times)


def _answered(screen: Terminal, key: str, text: str) -> float:
    """Press a key and return the seconds until the program has written this text."""
    begin, began = len(screen.written), time.perf_counter()
    screen.press(key)
    screen.until(text, since=begin)
    return time.perf_counter() - began
