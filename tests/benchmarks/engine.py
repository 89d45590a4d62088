"""Rows measured inside one process: training, seeking, memory."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import torch
from notebook import fit_scratch, fit_torch
from table import Row, compared
from torch import nn

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.training.session import Session


def training(rounds: int, epochs: int) -> Iterator[Row]:
    """A recorded run of both models beside the notebook's two loops on the same data."""
    for train, dtype in ((100, "float64"), (100, "float32"), (10_000, "float64")):
        yield _training(rounds, RunConfig(samples=train + 10_000, train_size=train, epochs=epochs, dtype=dtype))


def cuda(rounds: int) -> Iterator[Row]:
    """The same on a GPU, where there is one."""
    if not torch.cuda.is_available():
        return
    print(f"CUDA: {torch.cuda.get_device_name()}")
    for train, epochs in ((100, 100), (10_000_000, 3)):
        for dtype in ("float64", "float32"):
            options = {"samples": train + 10_000, "train_size": train, "epochs": epochs, "dtype": dtype}
            yield _training(rounds, RunConfig(**options, device="cuda"))  # type: ignore[arg-type]


def _training(rounds: int, config: RunConfig) -> Row:
    session = Session(config)
    data, device, dtype = session.dataset, session.device, session.dtype
    x, y, x_valid, y_valid = data.x_train, data.y_train, data.x_valid, data.y_valid
    run = config.epochs, session.schedule.batch_size, config.lr
    ours, beside = [], []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        layer = nn.Linear(1, 1, dtype=dtype).to(device)
        fit_torch(layer, x[:, None], y[:, None], x_valid[:, None], y_valid[:, None], *run)
        b, w = torch.zeros(1, dtype=dtype, device=device), torch.zeros(1, dtype=dtype, device=device)
        fit_scratch(b, w, x, y, x_valid, y_valid, *run)
        beside.append(time.perf_counter() - began)
        session.restart()
        began = time.perf_counter()
        session.train_to(session.schedule.steps)
        ours.append(time.perf_counter() - began)
    steps = session.schedule.steps
    return compared(
        "training", f"{data.n_train} samples, {config.dtype}, {device.type}, a step", [t / steps for t in ours[1:]],
        [t / steps for t in beside[1:]], unit="µs", scale=1e6, reach="≤ 1.0×", aim="0.6×", limit=1.0,
    )  # fmt: skip


def seek(looks: int, epochs: int) -> Iterator[Row]:
    """Any step of a very long run beside a neighbouring step of a short one; and the bytes a step takes."""
    long, short = Session(RunConfig(epochs=epochs)), Session(RunConfig())
    for session in (short, long):
        session.train_to(session.schedule.steps)
    anywhere = random.Random(0)
    there: list[float] = []
    here: list[float] = []
    at = 0
    long.step(long.trained - 1)
    for look in range(looks):
        at = (at + 1) % (short.trained - 1) if look % 2 else max(at - 1, 0)
        for session, index, times in ((short, at, here), (long, anywhere.randrange(long.trained - 1), there)):
            began = time.perf_counter()
            session.step(index)
            times.append(time.perf_counter() - began)
    yield compared(
        "seek", f"any of {long.trained} steps", there, here, unit="ms", scale=1e3, reach="≤ 1.2×", aim="1.0×", limit=1.2
    )
    bytes_a_step = long.timeline.nbytes / long.trained
    yield Row("memory", f"kept a step, {long.trained} steps", bytes_a_step, "bytes", "≤ 68", "64", limit=68)
