"""The quick ways: each gives, bit for bit, what the plain one gives."""

from __future__ import annotations

import dataclasses
import itertools
import math
import threading
import time
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
import torch
from engine_helpers import Scratch, differing, line_data, on_data, small, trained
from hypothesis import given
from hypothesis import strategies as st
from test_engine_steps import bits, fingerprint

from tui_linreg.engine import judge as judge_module
from tui_linreg.engine import lockstep as lockstep_module
from tui_linreg.engine.batches import Batches
from tui_linreg.engine.compare import Elementwise, compare, identical, ulps_apart, worst
from tui_linreg.engine.curvature import batch_moments
from tui_linreg.engine.drift import Drift
from tui_linreg.engine.minibatch import Schedule
from tui_linreg.engine.progress import EVERY, Pace
from tui_linreg.engine.quick_judge import QuickJudge
from tui_linreg.engine.reference import TorchLinearRegression
from tui_linreg.engine.scratch import SimpleLinearRegression
from tui_linreg.engine.session import Session
from tui_linreg.engine.step import Step
from tui_linreg.engine.until import CONDITIONS, read_condition, run_until
from tui_linreg.engine.verdict import Comparison, Verdict
from tui_linreg.engine.wrong_models import Missing2, NoZeroGrad, Stale

VARIANTS = [SimpleLinearRegression, NoZeroGrad, Stale]


def recorded(session: Session) -> list[bytes]:
    """Every number of a recorded run."""
    t = session.timeline
    columns: list[Any] = [t.states(step) for step in range(len(t) + 1)]
    columns += [read(side) for read in (t.losses, t.gradients, t.valid) for side in (0, 1)]
    return [np.concatenate([np.ravel(part) for part in column]).tobytes() if isinstance(column, tuple) else
            column.tobytes() for column in columns]  # fmt: skip


# ── training ─────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    """As on a GPU: a stretch's numbers stay on the device until its end."""
    options: dict[str, Any] = {"dtype": dtype, "lr": 0.3, "epochs": 30, "train_size": 50, "batch_size": 16}
    straight = trained(small(scratch_type, **options))
    made = lockstep_module.Lockstep.__init__
    with patch.object(lockstep_module.Lockstep, "__init__", lambda self, *args: made(self, *args, fetch_late=True)):
        late = small(scratch_type, **options)
    late.train_to(7)
    with patch.object(torch.Tensor, "item", side_effect=AssertionError("a step waited for the device")):
        stretch = late._run.models.train(late._run.batches, 7, 20)
    assert len(stretch.rows) == 20
    again = small(scratch_type, **options)
    with patch.object(lockstep_module.Lockstep, "__init__", lambda self, *args: made(self, *args, fetch_late=True)):
        again.restart()
    again.train_to(60, cancelled=lambda: again.trained > 20)
    assert 20 < again.trained < 60
    trained(again)
    assert recorded(again) == recorded(straight)
    for index in (0, 5, 59, again.trained - 1):
        assert fingerprint(again.step(index)) == fingerprint(straight.step(index))


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
    with patch("tui_linreg.engine.batches._WINDOW", 4):
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


def test_the_optimizer_is_torch_s_without_reports() -> None:
    x, y = (torch.randn(9, 1, dtype=torch.float64) for _ in range(2))
    ours, plain = TorchLinearRegression(), TorchLinearRegression()
    plain.load_state_dict(ours.state_dict())
    quiet, sgd = ours.make_optimizer(0.1), torch.optim.SGD(plain.parameters(), lr=0.1)
    assert isinstance(quiet, torch.optim.SGD)
    with torch.profiler.profile() as profile:
        for _ in range(5):
            ours.train_batch(x, y, quiet)
    assert not [event.name for event in profile.events() if event.name.startswith("Optimizer")]
    for _ in range(5):
        plain.train_batch(x, y, sgd)
    assert bits(ours.layer.weight.detach()) == bits(plain.layer.weight.detach())
    assert bits(ours.layer.bias.detach()) == bits(plain.layer.bias.detach())
    quiet.zero_grad(set_to_none=False)
    assert ours.layer.weight.grad is not None
    assert ours.layer.weight.grad.item() == 0
    quiet.zero_grad()
    assert ours.layer.weight.grad is None


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
    assert 0 < session.trained < 37
    Breaks.fuse = 10**9
    assert recorded(trained(session)) == recorded(whole)


# ── the newest step ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("scratch_type", [*VARIANTS, Missing2])
def test_the_newest_step_is_kept_and_is_the_recomputed_one(dtype: str, scratch_type: Scratch) -> None:
    session = small(scratch_type, dtype=dtype, lr=0.3, epochs=8)
    for goal in (1, 2, 3, 4, 20, 32):
        session.train_to(goal)
        with patch.object(
            session._run.replay, "step", side_effect=AssertionError("computed a second time"), create=True
        ):
            kept = session.step(goal - 1)
        assert isinstance(kept, Step)
        session._run.newest = None
        assert fingerprint(session.step(goal - 1)) == fingerprint(kept)


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


# ── stopping ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "options", [{"epochs": 10**6}, {"epochs": 10**4, "train_size": 300_000, "batch_size": 150_000}]
)
def test_cancelled_is_asked_often_and_seldom(options: dict[str, Any]) -> None:
    """By steps between two questions, which no other load of the machine changes: few when steps are long."""
    session = small(**options)
    asked: list[tuple[float, int]] = []

    def cancelled() -> bool:
        asked.append((time.perf_counter(), session.trained))
        return len(asked) > 20

    session.train_to(session.schedule.steps, cancelled=cancelled)
    steps = [b[1] - a[1] for a, b in itertools.pairwise(asked)]
    assert steps[:1] == [1]
    # A stretch is twice the one before at most, so that a first long one is not long by much.
    assert all(b <= 2 * a for a, b in itertools.pairwise(steps))
    if session.schedule.batch_size > 100_000:
        assert max(steps) <= 64
    else:
        assert max(steps) > 16


def test_pace_asks_at_once_and_then_by_the_clock() -> None:
    now = [100.0]
    seen: list[tuple[int, int]] = []
    with patch("time.monotonic", lambda: now[0]):
        pace = Pace(10, lambda done, of: seen.append((done, of)), lambda: now[0] > 101)
        assert not pace.stops(0)
        assert not pace.stops(1)
        now[0] += EVERY / 2
        assert not pace.stops(2)
        now[0] += EVERY
        assert not pace.stops(3)
        assert seen == [(0, 10), (3, 10)]
        now[0] = 101.5
        assert pace.stops(4)
        pace.finish(5)
    assert seen == [(0, 10), (3, 10), (5, 10)]
    assert not Pace(3).stops(0)
    Pace(3).finish(3)


def holds(session: Session, key: str, value: float, step: int) -> bool:
    """A condition at one step, by its words."""
    ours, place = session.step(step).scratch, session.schedule.place(step)
    if key == "loss":
        return ours.loss < value
    if key == "gradient":
        return math.hypot(ours.grad_b, ours.grad_w) < value
    if key == "differs":
        return bool(differing(session.step(step)))
    if key == "short":
        return place.m < session.schedule.batch_size
    if key == "valid":
        valid = [entry.mse_v for entry in session.epoch_log(0)]
        return session.schedule.ends_epoch(step) and place.epoch > 0 and valid[place.epoch] > valid[place.epoch - 1]
    if key == "diverged":
        return session.timeline.first_overflow is not None and session.timeline.first_overflow <= step
    return step == session.schedule.steps - 1


SEARCHED: list[tuple[Scratch, dict[str, Any]]] = [
    (SimpleLinearRegression, {"lr": 0.05, "epochs": 30}),
    (SimpleLinearRegression, {"lr": 40.0, "epochs": 80}),
    (SimpleLinearRegression, {"lr": 0.3, "epochs": 40, "batch_size": 1, "train_size": 7}),
    (NoZeroGrad, {"lr": 0.01, "epochs": 12, "batch_size": 25}),
]


@pytest.mark.parametrize("key", [kind.key for kind in CONDITIONS])
@pytest.mark.parametrize("number", range(len(SEARCHED)))
def test_run_until_finds_the_first_step_and_trains_no_further(number: int, key: str) -> None:
    scratch_type, options = SEARCHED[number]
    whole = trained(small(scratch_type, **options))
    value = {"loss": 80.0, "gradient": 3.0}.get(key, math.nan)
    condition = read_condition(key, str(value))
    total = whole.schedule.steps
    meets = [step for step in range(total) if holds(whole, key, value, step)]
    for already, start in ((0, 0), (0, 5), (0, total - 2), (5, 4), (5, 5), (23, 11), (total, 0), (total, total - 2)):
        session = trained(small(scratch_type, **options), already)
        found = run_until(session, condition, start)
        expected = next((step for step in meets if step >= start), None)
        assert (found.met, found.step) == (expected is not None, total - 1 if expected is None else expected)
        assert session.trained == max(already, found.step + 1)
    session = small(scratch_type, **options)
    run_until(session, condition, 3)
    rest = recorded(trained(session))
    assert rest == recorded(whole)  # going on after a search is the straight run


@pytest.mark.parametrize("key", ["loss", "differs"])
def test_run_until_can_be_cancelled(key: str) -> None:
    session = small(epochs=10**6)
    condition = read_condition(key, "1e-9")
    trained(session, 40)
    found = run_until(session, condition, 10, cancelled=lambda: True)
    assert (found.met, found.step, session.trained) == (False, 9, 40)
    found = run_until(session, condition, 10, cancelled=lambda: session.trained >= 300)
    assert not found.met
    assert found.step == session.trained - 1 >= 299
    seen: list[int] = []
    run_until(session, condition, 10, progress=lambda done, of: seen.append(done), cancelled=lambda: len(seen) > 3)
    assert seen == sorted(seen)


# ── judging ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.data())
def test_blocks_and_quick_bounds_judge_as_the_exact_bounds_do(data: st.DataObject) -> None:
    """The same step judged in one go by the exact bounds, and in small blocks with the quick ones tried first."""
    dtype = data.draw(st.sampled_from(["float64", "float32"]))
    scale = st.floats(-6, 6).map(lambda power: 10.0**power)
    x, y = line_data(data.draw(st.integers(0, 99)), 61, data.draw(scale), data.draw(scale), data.draw(scale))
    scratch_type = data.draw(st.sampled_from([*VARIANTS, Missing2]))
    lr = data.draw(st.floats(-8, 2).map(lambda power: 10.0**power))
    session = on_data(x, y, scratch_type, dtype=dtype, lr=lr, batch_size=40, epochs=6)
    trained(session)
    exact = [fingerprint(session.step(index)) for index in range(session.trained)]
    with patch.multiple(judge_module, LONG=1, BLOCK=data.draw(st.integers(1, 61))):
        assert [fingerprint(session.step(index)) for index in range(session.trained)] == exact


def outcomes(session: Session) -> list[bool]:
    """Whether the quick judge decided, a value for each of its questions."""
    found: list[bool] = []
    plain = QuickJudge.block

    def block(self: QuickJudge, rows: slice) -> tuple[Comparison | None, Comparison | None]:
        both = plain(self, rows)
        found.extend(one is not None for one in both)
        return both

    with patch.object(QuickJudge, "block", block), patch.object(judge_module, "LONG", 1):
        for index in range(session.trained):
            session.step(index)
    return found


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_quick_bounds_decide_correct_runs_and_leave_mistakes_to_the_exact_ones(dtype: str) -> None:
    options: dict[str, Any] = {"dtype": dtype, "lr": 0.1, "train_size": 3000, "batch_size": 1000, "epochs": 8}
    assert np.mean(outcomes(trained(small(**options)))) > 0.9
    wrong = outcomes(trained(small(Missing2, **options)))
    assert not any(wrong[1::2])


def plainly(ours: Any, theirs: Any, explained: Any, bound: Any) -> list[tuple[bool, bool, float]]:
    """`compare` in Python floats, one element at a time."""
    kind = {4: ("<f4", "<i4"), 8: ("<f8", "<i8")}[ours.dtype.itemsize]
    found = []
    for a, b, e, limit in zip(ours, theirs, explained, bound, strict=True):
        i, j = (int(np.array([v], dtype=kind[0]).view(kind[1])[0]) for v in (a, b))
        same = i == j or (math.isnan(a) and math.isnan(b))
        with np.errstate(all="ignore"):
            inside = bool(abs(a - b - e) <= limit) or not math.isfinite(limit)
        low = -(1 << (8 * ours.dtype.itemsize - 1))
        places = [v if v >= 0 else -(v - low) for v in (i, j)]
        ulps = float(abs(places[0] - places[1])) if math.isfinite(a) and math.isfinite(b) else math.nan
        found.append((same, not inside and not same, 0.0 if same else ulps))
    return found


@pytest.mark.parametrize("width", [32, 64])
@given(data=st.data())
def test_comparing_is_what_its_words_say(width: int, data: st.DataObject) -> None:
    numbers = st.lists(st.floats(width=width), min_size=6, max_size=6)  # type: ignore[arg-type]
    dtype: Any = np.float32 if width == 32 else np.float64
    ours: Any
    theirs: Any
    explained: Any
    bound: Any
    ours, theirs, explained, bound = (np.array(data.draw(numbers), dtype=dtype) for _ in range(4))
    if data.draw(st.booleans()):
        with np.errstate(all="ignore"):
            theirs = np.nextafter(ours, dtype(math.inf))
    elements = compare(ours, theirs, explained, np.abs(bound))
    expected = plainly(ours, theirs, explained, np.abs(bound))
    assert [(a, b) for a, b in zip(elements.same.tolist(), elements.outside.tolist(), strict=True)] == [
        row[:2] for row in expected
    ]
    for found, (_, _, ulps) in zip(elements.ulps.tolist(), expected, strict=True):
        assert found == ulps or (math.isnan(found) and math.isnan(ulps)) or math.isclose(found, ulps, rel_tol=2.0**-51)
    assert worst(elements).unequal == sum(not row[0] for row in expected)
    assert identical(ours, theirs).tolist() == elements.same.tolist()
    assert np.array_equal(ulps_apart(ours, theirs), elements.ulps, equal_nan=True)


@pytest.mark.parametrize("scratch_type", [*VARIANTS, Missing2])
@pytest.mark.parametrize(("dtype", "lr"), [("float64", 0.05), ("float32", 0.3), ("float64", 30.0), ("float32", 1e30)])
def test_drift_step_by_step_is_the_drift_of_one_pass(dtype: str, lr: float, scratch_type: Scratch) -> None:
    session = trained(small(scratch_type, dtype=dtype, lr=lr, epochs=60, train_size=50, batch_size=16))

    def drift() -> Drift:
        return Drift(session.timeline, session._moments, lr, session._precision)

    straight, walked = drift(), drift()
    straight.before(239)
    for step in range(240):
        assert bits(np.array(walked.before(step))) == bits(np.array(straight.before(step)))
        assert walked.without_bound(step) == straight.without_bound(step)
    assert (straight._tainted, walked._tainted) in {(None, None), (walked._tainted, straight._tainted)}
    with patch("tui_linreg.engine.drift._CHUNK", 13):
        again = drift()
        assert bits(np.array(again.before(239))) == bits(np.array(walked.before(239)))


@pytest.mark.parametrize("n", [1, 10, 101])
@pytest.mark.parametrize("batch_size", [1, 7, 101])
def test_moments_in_groups_are_the_moments(n: int, batch_size: int) -> None:
    x, y = line_data(3, n, 5.0, 2.0)
    size = min(batch_size, n)
    whole = batch_moments(x, y, size)
    with patch("tui_linreg.engine.curvature._SAMPLES_AT_ONCE", 20):
        parts = batch_moments(x, y, size)
    for name in (field.name for field in dataclasses.fields(whole)):
        assert getattr(parts, name).tobytes() == getattr(whole, name).tobytes()
    schedule = Schedule(n, size, 1)
    for batch in range(schedule.batches):
        place = schedule.place(batch)
        rows = slice(place.start, place.stop)
        own = whole.of(batch)
        assert [own.m, own.max_x, own.max_y] == [place.m, abs(x[rows]).max(), abs(y[rows]).max()]
        assert own.xx == pytest.approx((x[rows] ** 2).sum(), rel=1e-12)
        assert own.abs_xy == pytest.approx(abs(x[rows] * y[rows]).sum(), rel=1e-12)


def test_rows_asked_for_are_the_rows_of_the_whole() -> None:
    step = trained(small(epochs=3), 9).step(8)
    whole: Elementwise = step.compare_signal(0, step.place.m)
    rows = step.compare_signal(5, 20)
    assert rows.same.tolist() == whole.rows(5, 20).same.tolist()
    assert rows.ulps.tolist() == whole.ulps[5:20].tolist()
    samples = step.samples(5, 20)
    assert [s.residual for s in samples] == step.residual[5:20].tolist()
    assert [s.weight_term for s in samples] == (step.scratch.dloss_dpred * step.x)[5:20].tolist()
    assert [s.comparison.verdict is Verdict.IDENTICAL for s in samples] == rows.same.tolist()
