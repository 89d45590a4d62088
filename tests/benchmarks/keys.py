"""Rows measured in a pseudo-terminal of 160×45, from the key to the last byte of its frame."""

from __future__ import annotations

import atexit
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path

from pseudo_terminal import APP, PAINT_BEGINS, Burst, Terminal, terminal
from table import Row, compared, p95

SIZE = (160, 45)
SMALLEST = (sys.executable, str(Path(__file__).with_name("smallest_app.py")))
_QUIET = 0.06
"""Seconds without a byte after which a frame counts as whole."""


LONG_RUN = "--epochs", "250000"
SHARED: dict[tuple[str, ...], Terminal] | None = None
"""The programs that are running by their options, where what is measured means nothing; None: each row has its own."""
_ENDS = ExitStack()
atexit.register(_ENDS.close)


@contextmanager
def app(*options: str) -> Iterator[Terminal]:
    """Run the program until its first step is on the screen."""
    if SHARED is not None:
        options = options or LONG_RUN
        if options not in SHARED:
            SHARED[options] = _ENDS.enter_context(_started(options))
        yield SHARED[options]
    else:
        with _started(options) as screen:
            yield screen


@contextmanager
def _started(options: tuple[str, ...]) -> Iterator[Terminal]:
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


def _row(name: str, what: str, ours: list[Burst], beside: list[Burst]) -> Row:
    return compared(
        name, what, [b.last for b in ours], [b.last for b in beside], unit="ms", scale=1e3,
        reach="≤ 5×, p95 ≤ 8×", aim="3×", limit=5.0, p95_limit=8.0,
    )  # fmt: skip


def key(keys: int) -> Iterator[Row]:
    """Stepping, back, and during play, beside the smallest app; and how many paints a key took."""
    with terminal(SMALLEST, SIZE) as smallest, app(*LONG_RUN) as ours:
        smallest.until("ready")
        smallest.settle(0.3)
        in_turns(3, ours, "j", smallest, "a")
        paints: list[int] = []
        for what, pressed in (("batch", "j"), ("phase", "l"), ("batch back", "k"), ("phase back", "h")):
            bursts, beside = in_turns(keys, ours, pressed, smallest, "a")
            paints += [burst.paints for burst in bursts]
            yield _row("key", what, bursts, beside)
        ours.press(" ")
        bursts, beside = [], []
        for _ in range(keys):
            while not ours.read(1.0):  # the frame of a tick
                pass
            ours.settle(_QUIET)
            bursts.append(ours.burst("l", _QUIET))
            beside.append(smallest.burst("a", _QUIET))
        ours.press(" ")
        ours.settle(0.3)
        yield _row("key", "phase, during play", bursts, beside)
    yield Row("one frame", "paints a key, most", max(paints), "", "1", "1", limit=1)


_INSTRUMENTS = (
    ("learning rate, chart 6", "\x1bOQ6"), ("landing, chart 5", "\x1bOR5"), ("epoch losses, chart 2", "\x1bOS2"),
    ("gradient check, chart 7", "\x1b[15~7"), ("bits", "\x1b[17~"), ("surface of this batch", "5a"),
)  # fmt: skip
"""What is open, and the keys that open it."""


def instruments(keys: int) -> Iterator[Row]:
    """A mini-batch forward with an instrument open, beside the plain screen."""
    with app(*LONG_RUN) as plain:
        for what, opens in _INSTRUMENTS if keys > 2 else _INSTRUMENTS[:1]:
            with app(*LONG_RUN) as ours:
                for key in (opens[:-1], opens[-1]) if opens[0] == "\x1b" and opens[-1].isdigit() else (opens,):
                    ours.burst(key, 0.3)
                in_turns(3, ours, "j", plain, "j")
                bursts, beside = in_turns(keys, ours, "j", plain, "j")
            yield compared(
                "instrument", what, [b.last for b in bursts], [b.last for b in beside], unit="ms", scale=1e3,
                reach="≤ 2×", aim="1.5×", limit=2.0,
            )  # fmt: skip


def big_history(keys: int, epochs: int) -> Iterator[Row]:
    """A key at the last step of a very long run beside one at step 10."""
    with app("--epochs", str(epochs)) as ours:
        ours.burst("j" * 9, 0.3)
        early = [ours.burst(key, _QUIET).last for _ in range(keys) for key in "kj"]
        ours.press("u7\r")
        ours.until(f"LIVE {4 * epochs}", seconds=3000)
        ours.settle(0.5)
        ours.burst("k", 0.3)
        late = [ours.burst(key, _QUIET).last for _ in range(keys) for key in "kj"]
        ours.burst("\x1b[H" + "j" * 9, 0.3)
        early += [ours.burst(key, _QUIET).last for _ in range(keys) for key in "kj"]
    yield compared(
        "big history", f"key at step {4 * epochs} | at step 10", late, early, unit="ms", scale=1e3,
        reach="≤ 1.2×", aim="1.0×", limit=1.2,
    )  # fmt: skip


def big_data(keys: int, train: int, size: int) -> Iterator[Row]:
    """A key over huge batches beside a key at the defaults plus one bare forward and backward of such a batch."""
    import torch
    from torch import nn

    x, y = torch.randn(size, 1, dtype=torch.float64), torch.randn(size, 1, dtype=torch.float64)
    layer, loss_of = nn.Linear(1, 1, dtype=torch.float64), nn.MSELoss()
    bare: list[float] = []
    options = ("--samples", str(train + 1000), "--train-size", str(train), "--batch-size", str(size))
    with app() as small, app(*options) as ours:
        small.burst("j", 0.3)
        for what, pressed in (("a new batch", "j"), ("a batch back", "k")):
            big, plain = in_turns(keys, ours, pressed, small, pressed)
            bare.clear()
            for _ in range(keys + 2):
                began = time.perf_counter()
                loss_of(layer(x), y).backward()
                bare.append(time.perf_counter() - began)
            beside = [burst.last + statistics.median(bare[2:]) for burst in plain]
            yield compared(
                "big data", f"{what} of {size}", [burst.last for burst in big], beside, unit="ms", scale=1e3,
                reach="≤ 1.3×", aim="1.1×", limit=1.3,
            )  # fmt: skip
        ahead = [ours.burst("j" * 4, 0.2).last / 4 for _ in range(max(keys // 10, 1))]
        yield Row(
            "big data", "a new batch, four keys at once", statistics.median(ahead) * 1e3, "ms", "", "", p95(ahead) * 1e3
        )


def long_work(keys: int) -> Iterator[Row]:
    """A key's wait for its answer while a very long run trains, and how soon that is stopped."""
    waits, frames, stops = [], [], []
    with app(*LONG_RUN) as ours:
        for _ in range(max(keys // 10, 1)):
            ours.press("u7\r")
            ours.until("space stops", since=len(ours.written))
            for number in range(10):
                begin, asked = len(ours.written), time.perf_counter()
                ours.press("y")
                ours.until("logarithmic y" if number % 2 == 0 else "linear y", since=begin)
                waits.append(time.perf_counter() - asked)
                ours.settle(_QUIET, most=_QUIET)
            begin, asked = len(ours.written), time.perf_counter()
            ours.settle(1.0, most=1.0)
            painted = ours.written[begin:].count(PAINT_BEGINS)
            frames.append((time.perf_counter() - asked) / max(painted, 1))
            begin, asked = len(ours.written), time.perf_counter()
            ours.press(" ")
            ours.until("what was trained is kept", since=begin)
            stops.append(time.perf_counter() - asked)
            ours.settle(0.3)
    for what, times in (("a key's answer", waits), ("stopped by space", stops), ("between two frames", frames)):
        yield Row(
            "long work", what, statistics.median(times) * 1e3, "ms", "≤ 200 ms", "50 ms", p95(times) * 1e3, limit=200
        )


def idle(seconds: float) -> Iterator[Row]:
    """The CPU used while nothing is pressed, in percent of a core."""
    with app(*LONG_RUN) as ours:
        ours.settle(1.0)
        before, began = _cpu(ours.process.pid), time.perf_counter()
        time.sleep(seconds)
        used = (_cpu(ours.process.pid) - before) / (time.perf_counter() - began)
    yield Row("idle", f"CPU over {seconds:g} s", used * 100, "%", "< 1 %", "", limit=1.0)


def loading(rounds: int) -> Iterator[Row]:
    """The longest wait for a frame while loading, each asked for by a resize: keys themselves wait for the run."""
    worst = []
    for _ in range(rounds):
        waits = []
        with terminal(APP, SIZE) as ours:
            ours.until("quit")
            # Always a size that it had not lately: back to the one before, two together would change nothing.
            widths = cycle(range(SIZE[0] - 1, SIZE[0] - 30, -1))
            while b"LIVE" not in ours.written:
                asked, begin = time.perf_counter(), len(ours.written)
                ours.resize(next(widths), SIZE[1])
                while len(ours.written) == begin:
                    ours.read(1.0)
                waits.append(time.perf_counter() - asked)
                ours.settle(0.02)
        worst.append(max(waits))
    yield Row(
        "loading", "longest wait for a frame", statistics.median(worst), "s", "≤ 0.5 s", "0.2 s", p95(worst), limit=0.5
    )


def _cpu(pid: int) -> float:
    """Return the seconds of CPU that a process and all its threads have used."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9
