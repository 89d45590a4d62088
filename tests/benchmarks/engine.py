"""Rows measured inside one process: training, seeking, memory."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import torch
from notebook import fit_scratch, fit_torch
from table import Row, measured
from torch import nn

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.training.session import Session


def training(rounds: int, epochs: int) -> Iterator[Row]:
    """A recorded run of both models beside the notebook's two loops on the same data."""
    runs = [(100, "float64", "cpu", epochs), (100, "float32", "cpu", epochs), (10_000, "float64", "cpu", epochs)]
    if torch.cuda.is_available():
        runs += [(100, "float64", "cuda", min(epochs, 100)), (10_000_000, "float32", "cuda", min(epochs, 3))]
    for train, dtype, device, length in runs:
        options = {"samples": train + 10_000, "train_size": train, "epochs": length, "dtype": dtype, "device": device}
        yield _training(rounds, RunConfig(**options))  # type: ignore[arg-type]


def _training(rounds: int, config: RunConfig) -> Row:
    session = Session(config)
    data, device, dtype = session.dataset, session.device, session.dtype
    x, y, x_valid, y_valid = data.x_train, data.y_train, data.x_valid, data.y_valid
    run = config.epochs, session.schedule.batch_size, config.rates.at(0)
    steps = session.schedule.steps
    ours, beside = [], []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        layer = nn.Linear(1, 1, dtype=dtype).to(device)
        fit_torch(layer, x[:, None], y[:, None], x_valid[:, None], y_valid[:, None], *run)
        b, w = torch.zeros(1, dtype=dtype, device=device), torch.zeros(1, dtype=dtype, device=device)
        fit_scratch(b, w, x, y, x_valid, y_valid, *run)
        beside.append((time.perf_counter() - began) / steps)
        session.restart()
        began = time.perf_counter()
        session.train_to(steps)
        ours.append((time.perf_counter() - began) / steps)
    what = f"{data.n_train} samples, {config.dtype}, {device.type}, a step"
    return measured("training", what, "µs", 1.1, ours[1:], beside[1:])  # the first of each warms up


def seek(looks: int, epochs: int) -> Iterator[Row]:
    """Any step of a very long run beside a neighbouring step of a short one; and the bytes a step takes."""
    long, short = Session(RunConfig(epochs=epochs)), Session(RunConfig())
    for session in (short, long):
        session.train_to(session.schedule.steps)
    anywhere = random.Random(0)
    there: list[float] = []
    here: list[float] = []
    long.step(long.trained - 1)
    for look in range(looks):
        neighbour = look % (short.trained - 1)
        for session, index, times in ((short, neighbour, here), (long, anywhere.randrange(long.trained - 1), there)):
            began = time.perf_counter()
            session.step(index)
            times.append(time.perf_counter() - began)
    yield measured("seek", f"any of {long.trained} steps", "ms", 1.2, there, here)
    size = (long.timeline.nbytes - 16 * epochs) / long.trained  # two validation losses an epoch stand apart
    yield Row("memory", f"kept a step, {long.trained} steps", "bytes", size, size, 64)
