"""A step tried at any b and w: against NumPy, and against a run that starts there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.engine.training.trial import trial_step

SESSIONS = {dtype: Session(RunConfig(dtype=dtype, lr=0.1)) for dtype in ("float64", "float32")}
PLACES = st.floats(-1e3, 1e3)


@pytest.mark.parametrize("dtype", SESSIONS)
@given(b=PLACES, w=PLACES, step=st.integers(0, 63))
def test_it_has_the_numbers_of_numpy(dtype: str, b: float, w: float, step: int) -> None:
    session = SESSIONS[dtype]
    tried = trial_step(session, b, w, step)
    kind = np.dtype(dtype).type
    place = session.schedule.place(step)
    x, y = (each.numpy()[place.start : place.stop] for each in (session.dataset.x_train, session.dataset.y_train))
    b, w = kind(b), kind(w)
    residual = (b + w * x - y).astype(np.float64)
    near: dict[str, Any] = {"rel": 1e-12, "abs": 1e-9} if dtype == "float64" else {"rel": 1e-4, "abs": 1e-1}
    for side in (tried.scratch, tried.torch):
        assert (side.b_before, side.w_before) == (b, w)
        assert side.loss == pytest.approx(np.mean(residual**2), **near)
        assert side.grad_b == pytest.approx(2 * np.mean(residual), **near)
        assert side.grad_w == pytest.approx(2 * np.mean(residual * x), **near)
        assert side.b_after == pytest.approx(float(b) - 0.1 * side.grad_b, **near)
        assert side.w_after == pytest.approx(float(w) - 0.1 * side.grad_w, **near)
    assert tried.place == place
    assert [sample.i for sample in tried.samples(0, 3)] == [*range(place.start, min(place.stop, place.start + 3))]


def test_the_run_beside_it_is_as_it_was() -> None:
    session = Session(RunConfig())
    session.train_to(5)
    before = session.timeline.rows(0, 5).copy(), session.history(4, Phase.UPDATE).losses.values.copy()
    trial_step(session, 3.0, -1.0, 2)
    assert session.trained == 5
    assert np.array_equal(session.timeline.rows(0, 5), before[0])
    session.train_to(8)
    other = Session(RunConfig())
    other.train_to(8)
    assert np.array_equal(session.timeline.rows(0, 8), other.timeline.rows(0, 8))


@pytest.mark.parametrize("mistake", [None, "missing-2", "sign"])
def test_at_the_first_mini_batch_it_is_the_first_step_of_a_run_from_there(mistake: str | None) -> None:
    config = RunConfig(mistake=mistake)
    tried = trial_step(Session(config), 2.5, -1.25, 0)
    run = Session(RunConfig(mistake=mistake, start=(2.5, -1.25)))
    run.train_to(1)
    for side in ("scratch", "torch"):
        one, other = getattr(tried, side), getattr(run.step(0), side)
        assert [getattr(one, key) for key in ("loss", "grad_b", "grad_w", "b_after", "w_after")] == [
            getattr(other, key) for key in ("loss", "grad_b", "grad_w", "b_after", "w_after")
        ]


def test_over_all_train_samples_it_is_the_step_of_the_full_batch() -> None:
    session = SESSIONS["float64"]
    tried = trial_step(session, 1.5, -2.0, 5, whole=True)
    full = Session(RunConfig(lr=0.1, batch_size=100, start=(1.5, -2.0)))
    full.train_to(1)
    assert tried.place.m == 100
    for side in ("scratch", "torch"):
        one, other = getattr(tried, side), getattr(full.step(0), side)
        for name in ("loss", "grad_b", "grad_w", "w_after"):
            assert getattr(one, name) == getattr(other, name)
    graph = session.autograd_graph(tried)
    gradient = graph.node_of("w").gradient
    assert gradient is not None
    assert gradient.item() == tried.torch.grad_w


def test_it_has_the_learning_rate_of_its_step() -> None:
    session = Session(RunConfig(lr="0.1@1,0.01@3"))
    for step, lr in ((1, 0.1), (2, 0.01)):
        tried = trial_step(session, 1.0, 2.0, step)
        assert tried.lr == lr
        assert tried.scratch.b_after == pytest.approx(1.0 - lr * tried.scratch.grad_b, rel=1e-12)


def test_steps_tried_at_other_places_have_other_keys() -> None:
    session = SESSIONS["float64"]
    tried = [
        trial_step(session, b, w, step, whole=whole).key
        for b in (0.0, 1.0) for w in (0.0, 1.0) for step in (0, 1) for whole in (False, True)
    ]  # fmt: skip
    assert len({*tried}) == 16
