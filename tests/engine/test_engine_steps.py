"""Looking back: the same bits as training, whatever the order in which steps are asked for."""

from __future__ import annotations

import dataclasses
import threading
from contextlib import suppress

import numpy as np
import pytest
import torch
from engine_helpers import NoZeroGrad, Scratch, small, trained
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from torch import Tensor

from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.step import Side, Step
from tui_linreg.engine.training.session import Session


def bits(value: object) -> object:
    """A value that is equal only for the same bits (every nan the same)."""
    if isinstance(value, Tensor | np.ndarray):
        return (value.dtype, tuple(value.shape), tuple(bits(v) for v in value.tolist()))
    if isinstance(value, float):
        return value.hex()
    return value


def fingerprint(step: Step) -> list[object]:
    """Every number of a step, its verdicts too."""
    found: list[object] = [step.place, step.lr]
    for side in (step.scratch, step.torch):
        found += [bits(getattr(side, field.name)) for field in dataclasses.fields(Side)]
    found += [bits(v) for v in (step.x, step.y, step.residual)]
    compared = [("row", comparison) for comparison in step.compare_signal(0, step.place.m)]
    for key, comparison in (*compared, *sorted(step.comparisons.items())):
        found += [key, comparison.verdict, bits(comparison.ulps), comparison.unequal]
    return found


def new_session(dtype: str = "float64", scratch_type: Scratch = SimpleLinearRegression, lr: float = 0.3) -> Session:
    return small(scratch_type, seed=5, train_size=17, batch_size=4, epochs=5, dtype=dtype, lr=lr)


class Walk(RuleBasedStateMachine):
    """next, back, go to, train to and restart against a straight run."""

    dtype = "float64"
    scratch_type: Scratch = SimpleLinearRegression
    straight: tuple[list[object], ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.session = new_session(self.dtype, self.scratch_type)
        self.cursor = 0
        self.furthest = 0

    def visit(self, index: int) -> None:
        self.furthest = max(self.furthest, index + 1)
        assert self.session.train_to(index + 1) == self.furthest
        self.cursor = index
        assert fingerprint(self.session.step(index)) == self.straight[index]

    @rule()
    def next(self) -> None:
        self.visit(min(self.cursor + 1, len(self.straight) - 1))

    @rule()
    def back(self) -> None:
        self.visit(max(self.cursor - 1, 0))

    @rule(place=st.integers(0, 24))
    def go_to(self, place: int) -> None:
        self.visit(place)

    @rule(steps=st.integers(0, 40))
    def train_to(self, steps: int) -> None:
        self.furthest = max(self.furthest, min(steps, len(self.straight)))
        assert self.session.train_to(steps) == self.furthest

    @rule()
    def restart(self) -> None:
        self.session.restart()
        self.cursor = self.furthest = 0

    @invariant()
    def only_trained_steps_are_there(self) -> None:
        assert self.session.trained == self.furthest
        with pytest.raises(IndexError):
            self.session.step(self.furthest)


@pytest.mark.parametrize(
    ("dtype", "scratch_type"),
    [("float64", SimpleLinearRegression), ("float32", SimpleLinearRegression), ("float64", NoZeroGrad)],
)
def test_a_random_walk_gives_the_steps_of_a_straight_run(dtype: str, scratch_type: Scratch) -> None:
    session = new_session(dtype, scratch_type)
    seen = []
    for index in range(session.schedule.steps):
        session.train_to(index + 1)
        seen.append(fingerprint(session.step(index)))
    assert len(seen) == 25

    class OneWalk(Walk):
        straight = tuple(seen)

    OneWalk.dtype, OneWalk.scratch_type = dtype, scratch_type
    run_state_machine_as_test(OneWalk, settings=settings(max_examples=12, stateful_step_count=15, deadline=None))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("lr", [0.01, 0.3, 10.0])
def test_a_step_is_what_training_did(dtype: str, lr: float) -> None:
    """Training again by the two models' own public calls, without the session's loop."""
    session = trained(new_session(dtype, lr=lr))
    again = small(seed=5, train_size=17, batch_size=4, dtype=dtype, lr=lr)
    start = trained(again, 1).step(0)
    scratch = SimpleLinearRegression(dtype=again.dtype)
    layer = torch.nn.Linear(1, 1, dtype=again.dtype)
    with torch.no_grad():
        layer.bias.fill_(start.torch.b_before)
        layer.weight.fill_(start.torch.w_before)
    scratch.copy_params(layer)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    data = session.dataset
    for index in range(session.trained):
        rows = slice(index % 5 * 4, min(index % 5 * 4 + 4, 17))
        x, y = data.x_train[rows], data.y_train[rows]
        step = session.step(index)
        y_pred = scratch.predict(x)
        assert bits(step.scratch.loss) == bits(scratch.mse_loss(y, y_pred))
        signal, grad_b, grad_w = scratch.update(x, y, y_pred, lr)
        assert bits(step.scratch.y_pred) == bits(y_pred)
        assert bits(step.scratch.dloss_dpred) == bits(signal)
        own = [step.scratch.grad_b, step.scratch.grad_w, step.scratch.b_after, step.scratch.w_after]
        assert bits(torch.tensor(own)) == bits(torch.tensor([v.item() for v in (grad_b, grad_w, scratch.b, scratch.w)]))
        optimizer.zero_grad()
        prediction = layer(x.unsqueeze(1))
        prediction.retain_grad()
        loss = torch.nn.MSELoss()(prediction, y.unsqueeze(1))
        loss.backward()
        optimizer.step()
        assert bits(step.torch.loss) == bits(loss.item())
        assert bits(step.torch.y_pred) == bits(prediction.detach().squeeze(1))
        assert prediction.grad is not None
        assert bits(step.torch.dloss_dpred) == bits(prediction.grad.squeeze(1))
        assert layer.bias.grad is not None
        assert layer.weight.grad is not None
        assert bits(step.torch.grad_b) == bits(layer.bias.grad.item())
        assert bits(step.torch.grad_w) == bits(layer.weight.grad.item())
        assert bits(step.torch.b_after) == bits(layer.bias.item())
        assert bits(step.torch.w_after) == bits(layer.weight.item())
        assert bits(session.timeline.losses(0)[index].item()) == bits(step.scratch.loss)
        assert bits(session.timeline.losses(1)[index].item()) == bits(step.torch.loss)
        before, after = session.timeline.states(index), session.timeline.states(index + 1)
        for side, row, next_row in zip((step.scratch, step.torch), before, after, strict=True):
            assert bits(torch.tensor(row)) == bits(torch.tensor([side.b_before, side.w_before]))
            assert bits(torch.tensor(next_row)) == bits(torch.tensor([side.b_after, side.w_after]))


def test_only_trained_steps_can_be_seen() -> None:
    session = trained(new_session(), 3)
    for index in (-1, 3, 24, 25, 10**9):
        with pytest.raises(IndexError):
            session.step(index)
    trained(session)
    assert session.train_to(10**9) == session.trained == 25
    with pytest.raises(IndexError):
        session.step(25)


def test_looking_back_does_not_touch_the_run() -> None:
    looked, alone = new_session(), trained(new_session())
    for index in range(25):
        looked.train_to(index + 1)
        looked.step(index // 2)
        looked.step(index)
    for step in range(26):
        assert looked.timeline.states(step) == alone.timeline.states(step)
    assert looked.epoch_log(0) == alone.epoch_log(0)
    assert looked.epoch_log(1) == alone.epoch_log(1)


@pytest.mark.parametrize("calls", [0, 1, 2, 5])
def test_cancelling_keeps_the_completed_steps(calls: int) -> None:
    whole = trained(small(epochs=50, batch_size=20))
    session = small(epochs=50, batch_size=20)
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > calls

    done = session.train_to(250, cancelled=cancelled)
    assert done == session.trained < 250
    assert (done > 0) == (calls > 0)
    assert len(session.epoch_log(0)) == done // 5
    assert session.train_to(250) == 250
    for index in (*range(max(done - 2, 0), done + 2), 249):
        assert fingerprint(session.step(index)) == fingerprint(whole.step(index))
    assert session.epoch_log(0) == whole.epoch_log(0)


def test_progress_is_monotone_and_ends_at_the_goal() -> None:
    session = small(epochs=40, batch_size=10)
    for goal in (1, 100, 100, 10_000):
        seen: list[tuple[int, int]] = []
        session.train_to(goal, progress=lambda done, of, seen=seen: seen.append((done, of)))  # type: ignore[misc]
        ends = min(goal, 400)
        assert seen[-1] == (ends, ends)
        assert [done for done, _ in seen] == sorted(done for done, _ in seen)
        assert {of for _, of in seen} == {ends}


CURVES = ("losses", "epoch_means", "valid", "biases", "weights", "bias_gradients", "weight_gradients")


@pytest.mark.parametrize("phase", Phase)
def test_history_holds_nothing_later_than_the_cursor(phase: Phase) -> None:
    """Bit for bit what a run trained no further would show."""
    whole = trained(new_session())
    for index in (0, 1, 4, 5, 9, 13, 24):
        seen = whole.history(index, phase)
        cut = trained(new_session(), index + 1).history(index, phase)
        updated = phase is Phase.UPDATE
        finished = index + 1 if updated else index
        assert (seen.step, seen.batches) == (index, 5)
        lengths = {name: len(getattr(seen, name).values) for name in CURVES}
        assert lengths["losses"] == index + (phase >= Phase.LOSS)
        assert lengths["valid"] == lengths["epoch_means"] == finished // 5
        assert lengths["biases"] == lengths["weights"] == finished + 1
        assert lengths["bias_gradients"] == index + (phase >= Phase.BIAS_GRADIENT)
        assert lengths["weight_gradients"] == index + (phase >= Phase.WEIGHT_GRADIENT)
        for name in CURVES:
            for column, other in zip(getattr(seen, name), getattr(cut, name), strict=True):
                assert np.array_equal(column, other)
        steps = [whole.step(i) for i in range(index + 1)]
        assert seen.losses.values.tolist() == [s.scratch.loss for s in steps][: len(seen.losses.at)]
        assert (
            seen.biases.values.tolist()
            == [steps[0].scratch.b_before, *(s.scratch.b_after for s in steps)][: finished + 1]
        )
        log = whole.epoch_log(0)[: finished // 5]
        assert seen.valid.values.tolist() == [entry.mse_v for entry in log]
        for made, own in ((seen.bias_gradients, "grad_b"), (seen.weight_gradients, "grad_w")):
            assert made.values.tolist() == [getattr(s.scratch, own) for s in steps][: len(made.at)]


def test_what_is_read_of_the_timeline_is_not_the_timeline() -> None:
    session = trained(new_session())
    for read in (session.timeline.losses, session.timeline.biases, session.timeline.valid):
        before = read(0).tolist()
        with suppress(ValueError):  # read-only, or a copy
            read(0)[0] = 0.0
        assert read(0).tolist() == before


def test_steps_can_be_seen_while_another_thread_trains() -> None:
    whole = trained(small(epochs=100, batch_size=20))
    session = small(epochs=100, batch_size=20)
    worker = threading.Thread(target=session.train_to, args=(500,))
    worker.start()
    seen = []
    while worker.is_alive():
        if session.trained:
            index = session.trained - 1
            seen.append((index, fingerprint(session.step(index)), session.history(index, Phase.UPDATE)))
    worker.join()
    assert session.trained == 500
    for index, found, history in seen[:: max(1, len(seen) // 30)]:
        assert found == fingerprint(whole.step(index))
        assert np.array_equal(history.losses.values, whole.history(index, Phase.UPDATE).losses.values)
