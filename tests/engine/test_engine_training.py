"""Training gives the bits of the notebook's two loops, in one go or in pieces; threads take turns."""

from __future__ import annotations

import itertools
import threading
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
import torch
from engine_helpers import NoZeroGrad, Scratch, Stale, recorded, small, trained, wrong_model
from test_engine_steps import bits, fingerprint

from tui_linreg.engine.data.batches import Batches
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.reference import TorchLinearRegression
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.rates import Rates
from tui_linreg.engine.training.lockstep import Lockstep
from tui_linreg.engine.training.session import Session

VARIANTS = [SimpleLinearRegression, NoZeroGrad, Stale]


@pytest.mark.parametrize("scratch_type", VARIANTS)
@pytest.mark.parametrize(("dtype", "lr"), [("float64", 0.01), ("float32", 0.3), ("float64", 30.0)])
def test_training_is_the_notebook_s_two_loops(dtype: str, lr: float, scratch_type: Scratch) -> None:
    session = small(scratch_type, dtype=dtype, lr=lr, epochs=60, train_size=50, batch_size=16)
    start = session.timeline.states(0)
    trained(session)
    data = session.dataset
    scratch = scratch_type(dtype=session.dtype)
    layer = torch.nn.Linear(1, 1, dtype=session.dtype)
    with torch.no_grad():
        for tensor, value in zip(scratch.state(), start[0], strict=True):
            tensor.fill_(value)
        layer.bias.fill_(start[1][0])
        layer.weight.fill_(start[1][1])
    optimizer, mse = torch.optim.SGD(layer.parameters(), lr=lr), torch.nn.MSELoss()
    losses: tuple[list[float], list[float]] = ([], [])
    valid: tuple[list[float], list[float]] = ([], [])
    states, gradients = [], []
    for _ in range(60):
        for i in range(0, 50, 16):
            x, y = data.x_train[i : i + 16], data.y_train[i : i + 16]
            y_pred = scratch.predict(x)
            losses[0].append(scratch.mse_loss(y, y_pred))
            _, grad_b, grad_w = scratch.update(x, y, y_pred, lr)
            optimizer.zero_grad()
            loss = mse(layer(x.unsqueeze(1)), y.unsqueeze(1))
            loss.backward()
            optimizer.step()
            losses[1].append(loss.item())
            gradients.append((grad_b.item(), grad_w.item()))
            states.append([v.item() for v in (*scratch.state(), layer.bias, layer.weight)])
        valid[0].append(scratch.mse_loss(data.y_valid, scratch.predict(data.x_valid)))
        with torch.no_grad():
            valid[1].append(mse(layer(data.x_valid.unsqueeze(1)), data.y_valid.unsqueeze(1)).item())
    t = session.timeline
    assert session.trained == 240
    for side in (0, 1):
        assert bits(t.losses(side)) == bits(np.array(losses[side]))
        assert bits(t.valid(side)) == bits(np.array(valid[side]))
        assert bits(t.gradients(side)) == bits(np.array(gradients)[:, side])
    for step, row in enumerate(states):
        ours, theirs = t.states(step + 1)
        assert bits(np.array([*ours, *theirs])) == bits(np.array(row))
    broken = ~np.isfinite(np.column_stack([states, losses[0], losses[1]])).all(axis=1)
    assert t.first_overflow == (int(np.flatnonzero(broken)[0]) if broken.any() else None)
    assert (lr < 30) == (t.first_overflow is None)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("scratch_type", VARIANTS)
def test_numbers_fetched_late_are_the_same(dtype: str, scratch_type: Scratch) -> None:
    """As on a GPU: a block's numbers stay on the device until its end."""
    session = trained(small(scratch_type, dtype=dtype, lr=0.3, epochs=15, train_size=50, batch_size=16))
    timeline, width = session.timeline, session.timeline.scratch_width
    scratch, reference = scratch_type(dtype=session.dtype), TorchLinearRegression(dtype=session.dtype)
    models = Lockstep(scratch, reference, Rates.of(0.3), fetch_late=True)
    models.restore(*timeline.states(7))
    with patch.object(torch.Tensor, "item", side_effect=AssertionError("a step waited for the device")):
        block = models.train(Batches(session.dataset, session.schedule), 7, 53)
    recorded_rows = [[*itertools.chain(*timeline.states(step + 1))] for step in range(7, 60)]
    assert bits(block.rows[:, : width + 2]) == bits(np.array(recorded_rows))
    for side in (0, 1):
        assert bits(block.rows[:, width + 2 + side]) == bits(timeline.losses(side, 7))
        assert bits(block.rows[:, width + 4 + side]) == bits(timeline.gradients(side, 7))
        assert bits(block.valid[:, side]) == bits(timeline.valid(side, 1))


@pytest.mark.parametrize("scratch_type", VARIANTS)
def test_a_run_in_pieces_is_the_run_in_one_go(scratch_type: Scratch) -> None:
    options: dict[str, Any] = {"lr": 0.3, "epochs": 20, "train_size": 17, "batch_size": 4, "seed": 5}
    whole = trained(small(scratch_type, **options))
    for pieces in ((1, 2, 3, 50, 51, 100), (7, 99, 100), range(1, 101)):
        session = small(scratch_type, **options)
        for goal in pieces:
            assert session.train_to(goal) == goal
        assert recorded(session) == recorded(whole)


def test_batches_are_the_slices_of_the_schedule() -> None:
    session = small(train_size=101, batch_size=7)
    with patch("tui_linreg.engine.data.batches._WINDOW", 4):
        batches = Batches(session.dataset, session.schedule)
        for step in (0, 1, 3, 4, 14, 15, 29, 2, 13, 44):
            place, batch = session.schedule.place(step), batches.of_step(step)
            for view, rows in ((batch.x, session.dataset.x_train), (batch.y, session.dataset.y_train)):
                cut = rows[place.start : place.stop]
                assert (view.data_ptr(), view.shape, view.stride()) == (cut.data_ptr(), cut.shape, cut.stride())
            column = session.dataset.x_train.unsqueeze(1)[place.start : place.stop]
            assert batch.x_column.data_ptr() == column.data_ptr()
            assert (batch.x_column.shape, batch.x_column.stride()) == (column.shape, column.stride())
            assert batch.ends_epoch == session.schedule.ends_epoch(step)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("lr", [0.1, 30.0, 1e-300])
def test_the_optimizer_gives_the_bits_of_torch_s_sgd(dtype: torch.dtype, lr: float) -> None:
    x, y = (torch.randn(9, 1, dtype=dtype) for _ in range(2))
    ours, plain = TorchLinearRegression(dtype=dtype), TorchLinearRegression(dtype=dtype)
    plain.load_state_dict(ours.state_dict())
    optimizer, sgd = ours.make_optimizer(lr), torch.optim.SGD(plain.parameters(), lr=lr)
    for _ in range(200):
        losses = ours.train_batch(x, y, optimizer)[1], plain.train_batch(x, y, sgd)[1]
        for one, other in (losses, (ours.layer.weight, plain.layer.weight), (ours.layer.bias, plain.layer.bias)):
            assert bits(one.detach().reshape(-1)) == bits(other.detach().reshape(-1))
    optimizer.zero_grad()
    assert ours.layer.weight.grad is None
    optimizer.step()  # nothing to follow: nothing moves, as with torch's
    assert bits(ours.layer.weight.detach().reshape(-1)) == bits(plain.layer.weight.detach().reshape(-1))


def test_an_error_in_training_leaves_the_models_where_the_timeline_is() -> None:
    class Breaks(SimpleLinearRegression):
        fuse = 10**9

        def weight_gradient(self, dloss_dpred: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
            type(self).fuse -= 1
            if type(self).fuse < 0:
                raise KeyboardInterrupt
            return super().weight_gradient(dloss_dpred, x)

    whole, session = trained(small()), small(Breaks)
    Breaks.fuse = 37
    with pytest.raises(KeyboardInterrupt):
        trained(session)
    assert 0 < session.trained <= 37  # the block in which it broke is not kept, however long it was
    Breaks.fuse = 10**9
    assert recorded(trained(session)) == recorded(whole)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("scratch_type", [*VARIANTS, wrong_model("missing-2")])
def test_the_step_trained_last_is_the_recomputed_one(dtype: str, scratch_type: Scratch) -> None:
    session, whole = (small(scratch_type, dtype=dtype, lr=0.3, epochs=8) for _ in range(2))
    trained(whole)
    for goal in (1, 2, 3, 4, 20, 31):
        session.train_to(goal)
        assert fingerprint(session.step(goal - 1)) == fingerprint(whole.step(goal - 1))


def test_a_kept_step_does_not_change_when_training_goes_on() -> None:
    session = small(NoZeroGrad, epochs=8)
    session.train_to(3)
    kept = session.step(2)
    before = fingerprint(kept)
    trained(session)
    assert fingerprint(kept) == before == fingerprint(session.step(2))


def test_steps_can_be_seen_one_by_one_while_another_thread_trains_them() -> None:
    whole, session = trained(small(epochs=200)), small(epochs=200)
    seen: dict[int, list[object]] = {}
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            newest = session.trained - 1
            if newest >= 0:
                seen[newest] = fingerprint(session.step(newest))

    looker = threading.Thread(target=look)
    looker.start()
    for goal in range(1, session.schedule.steps + 1):
        session.train_to(goal)
    done.set()
    looker.join()
    assert seen
    for index in list(seen)[:: max(1, len(seen) // 40)]:
        assert seen[index] == fingerprint(whole.step(index))


def test_a_restart_ends_the_training_of_another_thread() -> None:
    session = small(epochs=10**6)
    worker = threading.Thread(target=session.train_to, args=(10**9,))
    worker.start()
    while session.trained < 50:
        pass
    session.restart()
    assert session.trained == 0
    session.train_to(5)
    worker.join(timeout=60)
    assert not worker.is_alive()
    assert session.trained == 5
    assert recorded(session) == recorded(trained(small(epochs=10**6), 5))


def test_threads_that_train_take_turns() -> None:
    whole, session = trained(small(epochs=60)), small(epochs=60)
    workers = [threading.Thread(target=session.train_to, args=(goal,)) for goal in (50, 100, 150, 240)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert recorded(session) == recorded(whole)


# ── more epochs ──────────────────────────────────────────────────────────────────────────────────────────────────────


def steps_of(session: Session) -> list[list[object]]:
    return [fingerprint(session.step(index)) for index in range(session.trained)]


@pytest.mark.parametrize("before", [0, 1, 7, 15])
@pytest.mark.parametrize("scratch_type", VARIANTS)
@pytest.mark.parametrize(("dtype", "lr"), [("float64", 0.01), ("float32", 0.3), ("float64", 30.0)])
def test_more_epochs_are_those_of_a_run_begun_with_them(
    dtype: str, lr: float, scratch_type: Scratch, before: int
) -> None:
    """However far it was trained: every recorded number, every step with its verdicts, the config and the log."""
    options: dict[str, Any] = {"dtype": dtype, "lr": lr, "train_size": 17, "batch_size": 4}
    session = trained(small(scratch_type, epochs=3, **options), before)
    held = fingerprint(session.step(before - 1)) if before else None
    session.extend(5)
    assert session.trained == before
    assert trained(session).trained == 25
    straight = trained(small(scratch_type, epochs=5, **options))
    assert recorded(session) == recorded(straight)
    assert steps_of(session) == steps_of(straight)
    assert held is None or held == fingerprint(straight.step(before - 1))
    assert (session.config, session.schedule) == (straight.config, straight.schedule)
    assert session.epoch_log(0) == straight.epoch_log(0)
    assert session.agreement() == straight.agreement()
    session.restart()
    assert recorded(trained(session)) == recorded(straight)


def test_a_run_gets_no_fewer_epochs_and_not_too_many() -> None:
    session = small(epochs=3)
    with pytest.raises(ValueError, match="has 3 already"):
        session.extend(2)
    with pytest.raises(InputError, match="--epochs 1000000001: must be a whole number from 1"):
        session.extend(10**9 + 1)
    assert (session.config.epochs, session.schedule.epochs) == (3, 3)
