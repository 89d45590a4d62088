"""What is recorded comes back bit for bit, and a thinned curve holds nothing but recorded values."""

from __future__ import annotations

import math
import struct
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.history import History, thinned
from tui_linreg.engine.training.timeline import Columns, Timeline

ROWS = 4096
ANY_FLOAT = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0])


def hexed(values: object) -> list[str]:
    return [struct.pack("<d", value).hex() for value in np.asarray(values, dtype=np.float64).ravel()]


def near(values: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Return floats up to `most` representable floats away."""
    steps = np.random.default_rng(seed).integers(-most, most + 1, len(values))
    return (values.view(np.int64) + steps).view(np.float64)


def run_like_rows(count: int, most: int = 40) -> np.ndarray:
    """Rows as training leaves them: (b, w) of both, both losses, two gradients; the models a few ulps apart."""
    k = np.arange(count)
    ours = np.stack([3 + np.exp(-k / 900), 20 - np.exp(-k / 700), 1 + 700 * np.exp(-k / 300)])
    theirs = [near(column, most, i) for i, column in enumerate(ours)]
    return np.stack([ours[0], ours[1], theirs[0], theirs[1], ours[2], theirs[2], np.sin(k), np.cos(k)], axis=1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(ANY_FLOAT, ANY_FLOAT), min_size=1, max_size=40), st.integers(0, 2 * ROWS + 5))
def test_any_bits_come_back(rows: list[tuple[float, float]], before: int) -> None:
    table = Columns(2)
    table.extend(np.zeros((before, 2)))
    for row in rows:
        table.extend(np.array([row]))
    table.extend(np.zeros((2 * ROWS, 2)))
    assert len(table) == before + len(rows) + 2 * ROWS
    for column in (0, 1):
        found = table.column(column, before, before + len(rows))
        assert hexed(found) == hexed([row[column] for row in rows])
        with pytest.raises(ValueError, match="read-only"):
            found[0] = 1.0
    assert hexed(table.row(before)) == hexed(rows[0])


def test_a_step_takes_64_bytes_and_an_epoch_16() -> None:
    timeline = Timeline(2, [0.0, 0.0, 0.0, 0.0], batches=4)
    timeline.extend(run_like_rows(10_000))
    timeline.append_valid(np.ones((2500, 2)))
    assert timeline.nbytes == 64 * 10_000 + 16 * 2500


@pytest.mark.parametrize("steps", [0, 1, 7, 8, 4999, 5000, 6000])
def test_a_timeline_cut_back_goes_on_as_if_it_had_ended_there(steps: int) -> None:
    rows, valid = run_like_rows(6000), np.arange(3000.0).reshape(1500, 2)
    rows[5000:, 2] = math.inf
    cut, plain = Timeline(2, [0.0] * 4, batches=4), Timeline(2, [0.0] * 4, batches=4)
    cut.extend(rows)
    cut.append_valid(valid)
    cut.truncate(steps)
    plain.extend(rows[:steps])
    plain.append_valid(valid[: steps // 4])
    for again in (False, True):
        assert len(cut) == len(plain)
        assert cut.first_overflow == plain.first_overflow
        assert hexed(cut.losses(1)) == hexed(plain.losses(1))
        assert hexed(cut.valid(0)) == hexed(plain.valid(0))
        assert cut.states(len(cut)) == plain.states(len(plain))
        if not again:
            for timeline in (cut, plain):
                timeline.extend(rows[steps:])
                timeline.append_valid(valid[steps // 4 :])


def test_a_timeline_tells_what_it_was_told() -> None:
    count, batches = 2 * ROWS + 700, 5
    rows = run_like_rows(count)
    start = [3.5, 19.5, 3.5, 19.5]
    timeline = Timeline(2, start, batches=batches)
    timeline.extend(rows[:1])
    timeline.extend(rows[1:2])
    timeline.extend(rows[2:4099])
    timeline.extend(rows[4099:])
    for epoch in range(count // batches):
        timeline.append_valid([float(epoch), epoch + 0.5])
    assert len(timeline) == count
    states = np.vstack([start, rows[:, :4]])
    for step in (0, 1, 2, ROWS - 1, ROWS, ROWS + 1, count - 1, count):
        ours, theirs = timeline.states(step)
        assert [*ours, *theirs] == states[step].tolist()
    with pytest.raises(IndexError):
        timeline.states(count + 1)
    for side in (0, 1):
        assert np.array_equal(timeline.losses(side), rows[:, 4 + side])
        assert np.array_equal(timeline.biases(side), states[:, 2 * side])
        assert np.array_equal(timeline.weights(side, 3, 9), states[3:9, 2 * side + 1])
        assert np.array_equal(timeline.weights(side, 0, 0), [])
        assert np.array_equal(timeline.gradients(side, 4000, 5000), rows[4000:5000, 6 + side])
        assert np.array_equal(timeline.valid(side, 2, 4), [2 + side / 2, 3 + side / 2])
    means = History(count - 1, batches, Phase.UPDATE, timeline).epoch_means.values
    for epoch in (0, 1, 818, 819, 820, count // batches - 1):
        assert means[epoch] == pytest.approx(rows[epoch * batches : (epoch + 1) * batches, 4].mean(), rel=1e-14)


@pytest.mark.parametrize("where", [0, 1, 999, ROWS, 2 * ROWS - 1])
@pytest.mark.parametrize("column", [0, 3, 4, 5])
def test_the_first_step_that_is_not_finite_is_known(where: int, column: int) -> None:
    rows = run_like_rows(2 * ROWS)
    rows[where:, column] = math.nan
    one, other = Timeline(2, [0.0] * 4), Timeline(2, [0.0] * 4)
    one.extend(rows[:17])
    one.extend(rows[17:])
    for row in range(where + 2):
        other.extend(rows[row : row + 1])
    assert one.first_overflow == other.first_overflow == where


# ── thinned curves ───────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=64, max_size=64),
    st.integers(0, 2 * ROWS), st.integers(2 * ROWS - 3, 20 * ROWS),
)  # fmt: skip
def test_a_thinned_curve_has_the_first_lowest_highest_and_last_of_every_stretch(
    odd: list[float], where: int, count: int
) -> None:
    values = np.sin(np.arange(count) / 7)
    values[where : where + 64] = odd[: max(count - where, 0)]
    at, found = thinned(values)
    assert at.tolist() == sorted(set(at.tolist()))
    assert hexed(found) == hexed(values[at])
    assert len(at) <= max(2 * ROWS, 5 * ROWS + 64)
    kept = np.zeros(count, dtype=bool)
    kept[at] = True
    size = 1 if count <= 2 * ROWS else 2 ** math.ceil(math.log2(count / ROWS))
    for start in range(0, count // size * size, size):
        stretch = slice(start, start + size)
        here = values[stretch][kept[stretch]]
        assert kept[start]
        assert kept[start + size - 1]
        finite = values[stretch][np.isfinite(values[stretch])]
        shown = here[np.isfinite(here)]
        if len(finite):
            assert (shown.min(), shown.max()) == (finite.min(), finite.max())
        assert (len(finite) < size) == (len(shown) < len(here))  # a gap stays a gap


@pytest.mark.parametrize(
    "stop",
    [0, 1, 2 * ROWS, 2 * ROWS + 1, 5 * ROWS + 77, 16 * ROWS, 16 * ROWS + 1, 30 * ROWS + 5, 128 * ROWS + 1, 131 * ROWS],
)
def test_a_long_curve_is_made_of_recorded_values_and_ends_at_the_cursor(stop: int) -> None:
    rows = run_like_rows(131 * ROWS)
    timeline = Timeline(2, [3.5, 19.5, 3.5, 19.5], batches=1)
    timeline.extend(rows)
    history = History(stop, 1, Phase.BATCH, timeline)
    losses, biases = history.losses, history.biases
    assert np.array_equal(losses.values, rows[losses.at, 4])
    assert np.array_equal(biases.values, np.append(3.5, rows[:, 0])[biases.at])
    for curve, last in ((losses, stop - 1), (biases, stop)):
        assert (np.diff(curve.at) > 0).all()
        assert len(curve.at) <= 5 * ROWS + 1024
        if last >= 0:
            assert (curve.at[0], curve.at[-1]) == (0, last)
    if stop:
        shown = rows[:stop, 4]
        assert (losses.values.min(), losses.values.max()) == (shown.min(), shown.max())


def test_a_table_can_be_read_while_it_grows() -> None:
    rows = run_like_rows(6 * ROWS)
    timeline = Timeline(2, [0.0] * 4, batches=7)
    wrong: list[int] = []

    def write() -> None:
        for start in range(0, len(rows), 37):
            timeline.extend(rows[start : start + 37])

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        known = len(timeline)
        if known and not np.array_equal(timeline.losses(1, 0, known), rows[:known, 5]):
            wrong.append(known)
        curve = History(known, 7, Phase.BATCH, timeline).losses
        if not np.array_equal(curve.values, rows[curve.at, 4]):
            wrong.append(-known)
    writer.join()
    assert not wrong
    assert len(timeline) == len(rows)


@pytest.mark.parametrize("updates", [0, 1, 7, 2048, 2049, 4095, 4096, 4097, 5000, 9999, 3 * ROWS, 3 * ROWS + 1])
def test_a_path_pairs_numbers_of_the_same_update(updates: int) -> None:
    rows = run_like_rows(3 * ROWS + 1)
    timeline = Timeline(2, [4.5, 18.5, 4.5, 18.5])
    timeline.extend(rows)
    known = np.concatenate([[[4.5, 18.5]], rows[:, :2]])[: updates + 1]
    b, w = History(updates, 1, Phase.BATCH, timeline).path
    assert hexed([b[0], w[0], b[-1], w[-1]]) == hexed([*known[0], *known[-1]])
    assert min(updates + 1, 1025) <= len(b) <= 2050
    at = np.searchsorted(-known[:, 0], -b) if updates else np.array([0])  # b falls, so that a value tells its update
    assert hexed(known[at, 1]) == hexed(w)
    assert hexed(known[at, 0]) == hexed(b)
    assert len(set(np.diff(at)[:-1].tolist())) <= 1
