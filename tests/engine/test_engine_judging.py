"""How two numbers are compared, and that a verdict does not depend on how a run or a batch is cut."""

from __future__ import annotations

import dataclasses
import math
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from engine_helpers import NoZeroGrad, PlainLoop, Scratch, Stale, line_data, on_data, small, trained, wrong_model
from hypothesis import given
from hypothesis import strategies as st
from test_engine_steps import fingerprint

from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.verdicts import judge as judge_module
from tui_linreg.engine.verdicts.bits import identical, ulps_apart
from tui_linreg.engine.verdicts.bounds import batch_moments
from tui_linreg.engine.verdicts.judge import compare

VARIANTS: list[Scratch] = [SimpleLinearRegression, NoZeroGrad, Stale]


@given(st.data())
def test_a_batch_judged_in_blocks_is_judged_as_in_one_go(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(["float64", "float32"]))
    scale = st.floats(-6, 6).map(lambda power: 10.0**power)
    x, y = line_data(data.draw(st.integers(0, 99)), 61, data.draw(scale), data.draw(scale), data.draw(scale))
    scratch_type = data.draw(st.sampled_from([*VARIANTS, wrong_model("missing-2")]))
    lr = data.draw(st.floats(-8, 2).map(lambda power: 10.0**power))
    session = on_data(x, y, scratch_type, dtype=dtype, lr=lr, batch_size=40, epochs=6)
    trained(session)
    whole = [fingerprint(session.step(index)) for index in range(session.trained)]
    with patch.object(judge_module, "BLOCK", data.draw(st.integers(1, 61))):
        assert [fingerprint(session.step(index)) for index in range(session.trained)] == whole


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
    assert identical(ours, theirs).tolist() == elements.same.tolist()
    assert np.array_equal(ulps_apart(ours, theirs), elements.ulps, equal_nan=True)


@pytest.mark.parametrize("scratch_type", [*VARIANTS, PlainLoop, wrong_model("missing-2")])
@pytest.mark.parametrize(("dtype", "lr"), [("float64", 0.05), ("float32", 0.3), ("float64", 30.0), ("float32", 1e30)])
def test_steps_walked_are_judged_as_steps_looked_at(dtype: str, lr: float, scratch_type: Scratch) -> None:
    options = {"dtype": dtype, "lr": lr, "epochs": 60, "train_size": 50, "batch_size": 16}
    looked_at = small(scratch_type, **options)
    one_by_one = []
    for step in range(240):
        looked_at.train_to(step + 1)
        one_by_one.append(fingerprint(looked_at.step(step)))
    for session in (small(scratch_type, **options), trained(small(scratch_type, **options))):
        assert [fingerprint(step) for step in session.walk()] == one_by_one
        assert [fingerprint(step) for step in session.walk(7, 31)] == one_by_one[7:31]
        assert repr(session.epoch_log(0)) == repr(looked_at.epoch_log(0))
    with patch("tui_linreg.engine.verdicts.drift._STEPS_AT_ONCE", 13):
        whole = trained(small(scratch_type, **options))
        assert [fingerprint(whole.step(step)) for step in reversed(range(240))] == one_by_one[::-1]


@pytest.mark.parametrize("n", [1, 10, 101])
@pytest.mark.parametrize("batch_size", [1, 7, 101])
def test_moments_in_groups_are_the_moments(n: int, batch_size: int) -> None:
    x, y = line_data(3, n, 5.0, 2.0)
    size = min(batch_size, n)
    whole = batch_moments(x, y, size)
    with patch("tui_linreg.engine.verdicts.bounds._SAMPLES_AT_ONCE", 20):
        parts = batch_moments(x, y, size)
    for name in (field.name for field in dataclasses.fields(whole)):
        assert getattr(parts, name).tobytes() == getattr(whole, name).tobytes()
    schedule = Schedule(n, size, 1)
    for batch in range(schedule.batches):
        place = schedule.place(batch)
        rows = slice(place.start, place.stop)
        own = whole.of(batch)
        assert own.m == place.m
        assert own.xx == pytest.approx((x[rows] ** 2).sum(), rel=1e-12)
        assert own.abs_xy == pytest.approx(abs(x[rows] * y[rows]).sum(), rel=1e-12)


def test_rows_asked_for_are_the_rows_of_the_whole() -> None:
    step = trained(small(epochs=3), 9).step(8)
    rows = step.compare_signal(5, 20)
    assert rows == step.compare_signal(0, step.place.m)[5:20]
    samples = step.samples(5, 20)
    assert [s.residual for s in samples] == step.residual[5:20].tolist()
    assert [s.weight_term for s in samples] == (step.scratch.dloss_dpred * step.x)[5:20].tolist()
    assert [s.comparison for s in samples] == rows
