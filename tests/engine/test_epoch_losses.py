"""The honest epoch table: against the same numbers recomputed from the run's own parameters with NumPy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from engine_helpers import Array, small, trained

from tui_linreg.engine.analysis.epoch_losses import EpochRow, epoch_rows
from tui_linreg.engine.analysis.quadratic import Quadratic
from tui_linreg.engine.training.session import Session

RUNS: list[dict[str, Any]] = [
    {},
    {"batch_size": 25},
    {"batch_size": 100},
    {"batch_size": 1},
    {"train_size": 7, "batch_size": 3, "epochs": 40},
    {"train_size": 1},
    {"dtype": "float32"},
    {"train_size": 200, "batch_size": 3, "epochs": 3},
]


def data(session: Session) -> tuple[Array, Array]:
    return session.dataset.x_train.double().numpy(), session.dataset.y_train.double().numpy()


def rows_of(session: Session, start: int = 0, stop: int = 10**9) -> list[EpochRow]:
    return epoch_rows(session.timeline, session.schedule, Quadratic.of(*data(session)), start, stop)


@pytest.mark.parametrize("options", RUNS)
def test_the_rows_are_what_numpy_makes_of_the_run(options: dict[str, Any]) -> None:
    session = trained(small(**options))
    x, y = data(session)
    n, batches = len(x), session.schedule.batches
    rows = rows_of(session)
    assert [row.epoch for row in rows] == list(range(session.schedule.epochs))
    close = 1e-11 if session.config.dtype == "float64" else 1e-4
    for row, log in zip(rows, session.epoch_log(0), strict=True):
        assert row.notebook == log.mse  # bit for bit what is printed
        assert row.valid == log.mse_v
        total = 0.0
        for k in range(batches):
            place = session.schedule.place(row.epoch * batches + k)
            b, w = session.timeline.states(place.step)[0][:2]
            total += float(((b + w * x[place.start : place.stop] - y[place.start : place.stop]) ** 2).sum())
        b, w = session.timeline.states((row.epoch + 1) * batches)[0][:2]
        assert row.weighted == pytest.approx(total / n, rel=close, abs=1e-25)
        assert row.end == pytest.approx(float(np.mean((b + w * x - y) ** 2)), rel=1e-11, abs=1e-25)
        assert row.moved + row.lag == pytest.approx(row.notebook - row.end, rel=1e-9, abs=1e-12 * row.notebook)
        if n % session.schedule.batch_size == 0 or batches == 1:
            assert row.weighted == row.notebook
            assert row.short == 0


def test_a_window_of_them_is_the_same_rows() -> None:
    session = trained(small(epochs=50))
    every = rows_of(session)
    assert rows_of(session, 2, 4) == every[2:4]
    assert rows_of(session, 3, 10**6) == every[3:]
    assert rows_of(session, 4, 2) == []


def test_only_finished_epochs_are_in_it() -> None:
    assert [row.epoch for row in rows_of(trained(small(), 4 * 3 + 2))] == [0, 1, 2]
    assert rows_of(small()) == []


def row(**numbers: float) -> EpochRow:
    values: dict[str, Any] = {"notebook": 10.0, "weighted": 10.0, "end": 10.0, "valid": 11.0, "last": 10.0} | numbers
    return EpochRow(epoch=0, batches=4, short=int(values.pop("short", 1)), samples=100, **values)


def test_why_says_what_is_different_and_by_how_much() -> None:
    (short,) = row(notebook=12.5, last=20.0).why
    assert "1 of 100 samples" in short
    assert "1/4" in short
    assert "+2.5" in short
    (lag,) = row(end=7.0).why
    assert lag.startswith("lag")
    assert "+3" in lag
    assert len(row(notebook=12.5, end=7.0).why) == 2
    assert row().why == ()
    assert row(notebook=10.00001).why == ()
    assert row(notebook=12.5, short=0).why == ()
    assert row(notebook=math.inf, end=math.nan).why == ()


def test_why_of_real_runs() -> None:
    """A full batch has lag only, the notebook's batches both; at η = 0 effectively neither."""
    assert [line.split(":")[0] for line in rows_of(trained(small(batch_size=100)))[0].why] == ["lag"]
    assert [line.split(":")[0] for line in rows_of(trained(small()))[0].why] == ["short batch", "lag"]
    still = rows_of(trained(small(batch_size=25, lr=1e-12)))
    assert all(line.why == () for line in still)


def test_a_diverging_run_has_rows_without_a_warning() -> None:
    session = trained(small(lr=1e10, epochs=20))
    last = rows_of(session)[-1]
    assert not math.isfinite(last.notebook)
    assert last.why == ()
    assert set(last.as_json()) == {"epoch", "notebook", "weighted", "end", "valid"}
