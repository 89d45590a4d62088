"""Views of a run without an app, what a panel writes of them, and NumPy's account of the same run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.hidden import NOTHING, Hidden
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.run import Run
from tui_linreg.tui.styles import Line, Styles
from tui_linreg.tui.view import RunFacts, View

Vector = NDArray[np.float64]
STYLES = Styles.of({}, dark=True)
ROOMS = ((92, 23), (80, 19), (60, 13), (20, 3), (1, 1))


def run_at(session: Session, step: int = 0, phase: Phase = Phase.UPDATE) -> Run:
    run = Run(session, RunFacts.of(session))
    run.go(Cursor(step, phase))
    return run


def explorer_of(step: int = 0, **options: Any) -> Run:
    return run_at(Session(RunConfig(device="cpu", **options)), step)


def view_of(run: Run, step: int | None = None, phase: Phase = Phase.UPDATE, hidden: Hidden = NOTHING) -> View:
    if step is not None:
        run.go(Cursor(step, phase))
    return run.view(STYLES, "braille", playing=False, speed=2.0, busy=None, hidden=hidden)


def view_at(session: Session, step: int, phase: Phase = Phase.UPDATE) -> View:
    return view_of(run_at(session, step, phase))


def written(lines: list[Line]) -> list[str]:
    return ["".join(part for part, _ in line).rstrip() for line in lines]


def row(lines: list[str], name: str) -> list[str]:
    """The words of the first line with this name in it, after the name."""
    return next(line.partition(name)[2].split() for line in lines if name in line)


def samples(session: Session) -> tuple[Vector, Vector]:
    data = session.dataset
    return data.x_train.double().numpy(), data.y_train.double().numpy()


def hessian(x: Vector) -> Vector:
    full: Vector = 2 * np.array([[1.0, x.mean()], [x.mean(), (x * x).mean()]])
    return full


def epoch_radius(x: Vector, size: int, lr: float) -> float:
    epoch = np.eye(2)
    for at in range(0, len(x), size):
        epoch = (np.eye(2) - lr * hessian(x[at : at + size])) @ epoch
    return float(np.abs(np.linalg.eigvals(epoch)).max())


def descend(x: Vector, y: Vector, size: int, lr: float, epochs: int, b: float, w: float) -> tuple[float, float]:
    for _ in range(epochs):
        for at in range(0, len(x), size):
            own, delta = x[at : at + size], b + w * x[at : at + size] - y[at : at + size]
            b, w = b - lr * 2 * delta.mean(), w - lr * 2 * (delta * own).mean()
    return b, w


def series(chart: Chart, start: str) -> Series:
    return next(one for one in chart.series if one.label.startswith(start))
