"""Commands that judge every step of a run, and the judging of one long batch."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from notebook import fit_scratch, fit_torch
from table import Row, measured
from torch import nn

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.training.session import Session

PROGRAM = (sys.executable, "-m", "tui_linreg")


def walks(rounds: int, epochs: int) -> Iterator[Row]:
    """A command over all steps, less the same over one epoch, beside the notebook's two loops."""
    with tempfile.TemporaryDirectory() as folder:
        for name, reach, command in (
            ("train --json", 1.5, ("train", "--json")),
            ("report --json", 2.0, ("report", "--json")),
            ("trace to CSV", 2.5, ("trace", "--out", str(Path(folder) / "trace.csv"))),
        ):
            ours, beside = [], []
            for _ in range(rounds):
                ours.append(_process(command, epochs) - _process(command, 1))
                beside.append(_notebook(epochs))
            yield measured("walk", f"{name}, {4 * epochs} steps", "s", reach, ours, beside)


def _process(command: tuple[str, ...], epochs: int) -> float:
    began = time.perf_counter()
    subprocess.run((*PROGRAM, *command, "--epochs", str(epochs)), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _notebook(epochs: int) -> float:
    config = RunConfig(epochs=epochs)
    data = Session(config).dataset
    x, y, x_valid, y_valid = data.x_train, data.y_train, data.x_valid, data.y_valid
    run = epochs, 33, config.rates.at(0)
    layer = nn.Linear(1, 1, dtype=x.dtype)
    b, w = torch.zeros(1, dtype=x.dtype), torch.zeros(1, dtype=x.dtype)
    began = time.perf_counter()
    fit_torch(layer, x[:, None], y[:, None], x_valid[:, None], y_valid[:, None], *run)
    fit_scratch(b, w, x, y, x_valid, y_valid, *run)
    return time.perf_counter() - began


def judging(rounds: int, size: int) -> Iterator[Row]:
    """The verdicts on one batch beside the hand-written model's pass over it."""
    for dtype in ("float64", "float32"):
        session = Session(RunConfig(samples=size + 1000, train_size=size, batch_size=size, epochs=3, dtype=dtype))
        session.train_to(2)
        x, y = session.dataset.x_train, session.dataset.y_train
        model = session.scratch_type(dtype=session.dtype)
        ours, beside = [], []
        for _ in range(rounds + 1):
            began = time.perf_counter()
            session.step(1)  # the step trained last is at hand as it was computed, so that it is judged and no more
            ours.append(time.perf_counter() - began)
            began = time.perf_counter()
            with torch.inference_mode():
                y_pred = model.predict(x)
                model.squared_loss(y, y_pred)
                model.update(x, y, y_pred, 1e-9)
            beside.append(time.perf_counter() - began)
        yield measured("judging", f"a batch of {size}, {dtype}", "ms", 3.0, ours[1:], beside[1:])
