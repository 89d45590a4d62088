"""What is said of a learning rate that changes on the way: of the rate of the step at hand, and which steps have it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from engine_helpers import small, trained
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_loops import numpy_path

from tui_linreg.engine.analysis.instruments import Instruments
from tui_linreg.engine.analysis.run_difference import describe_difference
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.training.session import Session

TEXT = "0.3@1,0.05@6,1e-3@31"


def epoch_map(session: Session, lr: float) -> tuple[Any, Any]:
    """M and v of an epoch with one rate, (b, w) ← M (b, w) + v, in NumPy."""
    x, y = (values.numpy() for values in (session.dataset.x_train, session.dataset.y_train))
    matrix, move = np.eye(2), np.zeros(2)
    for at in range(0, len(x), session.schedule.batch_size):
        rows = slice(at, at + session.schedule.batch_size)
        design = np.stack([np.ones_like(x[rows]), x[rows]], axis=1)
        step = np.eye(2) - 2 * lr / len(design) * design.T @ design
        matrix, move = step @ matrix, step @ move + 2 * lr / len(design) * design.T @ y[rows]
    return matrix, move


def test_instruments_speak_of_the_rate_of_the_step() -> None:
    session = trained(small(lr=TEXT, epochs=10))
    instruments = Instruments(session)
    for step in (39, 0, 4, 5, 29, 30, 4):
        lr = session.step(step).lr
        matrix, move = epoch_map(session, lr)
        rate = instruments.learning_rate(step)
        assert rate.lr == lr
        assert rate.spectral_radius == pytest.approx(np.abs(np.linalg.eigvals(matrix)).max(), rel=1e-11)
        spot = instruments.fixed_point(1.0, 2.0, step).spot
        assert spot is not None
        assert [spot.b, spot.w] == pytest.approx(np.linalg.solve(np.eye(2) - matrix, move), rel=1e-9)
        assert lr in instruments.radii(step).rates
        assert instruments.radii(step).edge == instruments.edge()
        plain = Instruments(small(lr=lr, epochs=10))
        assert rate.words == plain.learning_rate(0).words
        assert plain.learning_rate(0).sentences == tuple(text for text in rate.sentences if "present" not in text)
    assert "of the present learning rate: η 0.05 in steps 6 to 30" in instruments.learning_rate(5).sentences


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 11), st.floats(1.3, 6), st.integers(0, 3), st.sampled_from(["float64", "float32"]))
def test_an_overflow_is_foretold_from_the_step_at_which_the_rate_begins(
    first: int, lr: float, seed: int, dtype: str
) -> None:
    session = small(lr=f"0.1@1,{lr}@{first + 1}" if first else lr, epochs=4000, seed=seed, dtype=dtype)
    session.train_to(first + 1)
    found = Instruments(session).learning_rate(first)
    if not found.surely_diverges:
        return
    overflow = found.overflow
    assert overflow is not None
    assert overflow.epoch == overflow.step // session.schedule.batches
    if overflow.step < 6000:
        session.train_to(overflow.step + 50)
        assert session.timeline.first_overflow is not None
        assert abs(session.timeline.first_overflow - overflow.step) <= 4


def test_a_rate_that_ends_before_the_overflow_says_so() -> None:
    session = trained(small(lr="2@1,0.1@41", epochs=20))
    found = Instruments(session).learning_rate(0)
    assert found.changes_before_overflow
    assert found.words.endswith("but η changes before an overflow")
    assert session.timeline.first_overflow is None
    late = small(lr="2@1,0.1@100001", epochs=50_000)
    assert "overflow about step" in Instruments(late).learning_rate(0).words


def test_a_step_that_is_not_reached_has_no_overflow_foretold() -> None:
    session = small(lr="0.1@1,5@41", epochs=2000)
    instruments = Instruments(session)
    assert instruments.learning_rate(40).overflow is None
    session.train_to(40)
    assert instruments.learning_rate(40).overflow is not None


def test_the_warning_names_the_steps_of_the_rate_that_diverges() -> None:
    plain = Instruments(small(lr=5.0)).warning
    assert plain is not None
    assert plain.startswith("η 5 diverges: try below ")
    later = Instruments(small(lr="0.1@1,5@9")).warning
    assert later == plain.replace("η 5 diverges", "η 5 from step 9 on diverges")
    assert Instruments(small(lr="0.1@1,5@65")).warning is None  # the run has 64 steps
    first = Instruments(small(lr="5@1,0.1@9")).warning
    assert first == plain.replace("η 5 diverges", "η 5 up to step 8 diverges")
    assert Instruments(small(lr=TEXT)).warning is None


def test_what_is_kept_follows_changes_of_the_session() -> None:
    session = trained(small(lr=0.1, epochs=300))
    instruments = Instruments(session)
    instruments.learning_rate(8), instruments.radii(8), instruments.fixed_point(0.0, 0.0, 8)
    session.change_lr(5.0, 8)
    session.train_to(20)
    assert instruments.learning_rate(8) == Instruments(session).learning_rate(8)
    assert instruments.fixed_point(0.0, 0.0, 8) == Instruments(session).fixed_point(0.0, 0.0, 8)
    before = instruments.learning_rate(8).overflow
    session.restart_at((1e100, 0.0))
    session.train_to(20)
    after = instruments.learning_rate(8).overflow
    assert before is not None
    assert after is not None
    assert after.step < before.step
    assert after == Instruments(session).learning_rate(8).overflow
    assert np.allclose(
        session.timeline.states(9)[0], numpy_path(session, (1e100, 0.0), lambda s: 5.0 if s > 7 else 0.1, 9)[-1]
    )


def test_a_kept_run_is_named_by_its_rates() -> None:
    assert describe_difference(RunConfig(), RunConfig(lr="0.1@1,0.05@9")) == "η 0.1@1,0.05@9"
    assert describe_difference(RunConfig(lr="0.1@1,0.05@9"), RunConfig(lr=0.1)) == "η 0.1"
    assert math.isfinite(RunConfig(lr="0.1@1,0.05@9").rates.at(10**9))
