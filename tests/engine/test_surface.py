"""The loss surface: values, windows, levels and contour lines."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from engine_helpers import Array, line_data
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tui_linreg.engine.analysis.quadratic import Quadratic
from tui_linreg.engine.analysis.surface import (
    Window,
    contour_lines,
    grid,
    levels,
    surface,
    window_near,
    window_of_path,
)

EDGE = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 5e-324, 1e-300, 1e300, -1e300, 1.79e308, math.inf, -math.inf, math.nan, 1e16]),
    st.floats(allow_subnormal=True),
    st.floats(-100, 100),
)
PATHS = st.lists(st.tuples(EDGE, EDGE), max_size=8)


def loss(x: Array, y: Array, b: float, w: float) -> float:
    return math.fsum((b + w * xi - yi) ** 2 for xi, yi in zip(x.tolist(), y.tolist(), strict=True)) / len(x)


@pytest.mark.parametrize(("scale", "offset"), [(1, 0), (1e-3, 0), (5, 40), (1, 1e4)])
def test_values_are_the_loss_function_at_random_cells(scale: float, offset: float) -> None:
    random = np.random.default_rng(0)
    for seed in range(4):
        x, y = line_data(seed, 37, scale, offset)
        b, w, db, dw = random.standard_normal(4) * 10
        window = Window(b - abs(db), b + abs(db), w - abs(dw), w + abs(dw))
        values = surface(Quadratic.of(x, y), window, 70, 30)
        assert values.shape == (30, 70)
        for column, row in zip(random.integers(0, 70, 20), random.integers(0, 30, 20), strict=True):
            at_b = window.b_low + (column + 0.5) / 70 * (window.b_high - window.b_low)
            at_w = window.w_low + (row + 0.5) / 30 * (window.w_high - window.w_low)
            assert values[row, column] == pytest.approx(loss(x, y, at_b, at_w), rel=1e-9)


def test_grid_is_ascending_and_inside() -> None:
    b, w = grid(Window(-1, 1, 10, 14), 4, 2)
    assert b.tolist() == [-0.75, -0.25, 0.25, 0.75]
    assert w.tolist() == [11, 13]


# ── windows ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@settings(deadline=None, max_examples=60)
@given(PATHS, PATHS)
@example([(1e-320, 0.0), (0.0, 5e-324)], [])
@example([(1e15, 1e15), (1e15 + 1, 1e15)], [])
def test_a_path_lies_in_its_window(path: list[tuple[float, float]], extra: list[tuple[float, float]]) -> None:
    bs, ws = np.array(path).reshape(-1, 2).T
    window = window_of_path(bs, ws, extra)
    assert -math.inf < window.b_low < window.b_high < math.inf
    assert -math.inf < window.w_low < window.w_high < math.inf
    for b, w in path + extra:
        if abs(b) < 1e300 and abs(w) < 1e300:
            assert window.b_low <= b <= window.b_high
            assert window.w_low <= w <= window.w_high
    for edge in grid(window, 80, 30):
        assert (np.diff(edge) > 0).all()


def test_a_window_leaves_room_but_not_too_much() -> None:
    window = window_of_path(np.array([0.3, 7.9]), np.array([12.0, 12.0]), [(2.0, 19.0)])
    assert window == Window(-1, 9, 11, 20)
    for seed in range(50):
        low, width = np.random.default_rng(seed).standard_normal(2) * 10.0 ** (seed % 9 - 4)
        found = window_of_path(np.array([low, low + abs(width)]), np.array([0.0, 1.0]))
        assert found.b_low <= low - 0.049 * abs(width)
        assert found.b_high - found.b_low <= 1.7 * abs(width)


def test_a_growing_path_changes_its_window_seldom() -> None:
    t = np.arange(500)
    bs, ws = (np.asarray(v, np.float64) for v in (3 * (1 - 0.99**t), 20 * (1 - 0.98**t)))
    windows = {window_of_path(bs[: k + 1], ws[: k + 1], [(3.0, 20.0)]) for k in t}
    assert len(windows) <= 2
    without = {window_of_path(bs[: k + 1], ws[: k + 1]) for k in t}
    assert len(without) < 60


@settings(deadline=None, max_examples=60)
@given(EDGE, EDGE, EDGE, EDGE)
@example(0.0, 1e299, 5e-324, 1e-5)
def test_the_neighbourhood_holds_here_and_the_arrow(b: float, w: float, step_b: float, step_w: float) -> None:
    window = window_near(b, w, step_b, step_w)
    for low, high, at, step in (
        (window.b_low, window.b_high, b, step_b),
        (window.w_low, window.w_high, w, step_w),
    ):
        assert -math.inf < low < high < math.inf
        if abs(at) < 1e300:
            assert low <= at <= high
            if abs(step) < 1e299:
                assert low <= at - 2.9 * abs(step) <= at + 2.9 * abs(step) <= high
                if abs(step) > max(abs(at) * 1e-8, 1e-299):
                    assert high - low <= 22 * abs(step)


def test_the_neighbourhood_jumps_seldom() -> None:
    windows = [window_near(5 - 0.01 * k, 1.0, -0.01, 0.01) for k in range(300)]
    assert len(set(windows)) <= 130
    assert sum(a != b for a, b in pairwise(windows)) <= 130


# ── levels ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def surface_of(seed: int, away: float, half: float) -> Array:
    quadratic = Quadratic.of(*line_data(seed, 50))
    b, w = quadratic.b + away, quadratic.w + away
    return surface(quadratic, Window(b - half, b + half, w - half, w + half), 60, 30)


@pytest.mark.parametrize(
    ("away", "half"), [(0, 1e-3), (0, 0.1), (0, 2), (0, 50), (0, 1e8), (5, 1), (5, 1e-3), (1e3, 1e-2)]
)
def test_levels_are_few_and_cut_the_surface_into_bands_of_some_size(away: float, half: float) -> None:
    for seed in range(5):
        values = surface_of(seed, away, half)
        chosen = levels(values)
        assert 4 <= len(chosen) <= 8
        assert [level.value for level in chosen] == sorted({level.value for level in chosen})
        for level in chosen:
            assert float(level.label) == level.value
            assert len(level.label) <= 12
        between = np.searchsorted([level.value for level in chosen], values.ravel())
        counts = np.bincount(between, minlength=len(chosen) + 1)
        assert (counts[1:] > 0).all()
        assert counts.max() < 0.75 * values.size


def test_contours_of_a_bowl_are_about_equally_far_apart() -> None:
    chosen = levels(np.array([[0.0, 40.0, 900.0, math.inf, math.nan]]), 5)
    assert [level.label for level in chosen] == ["20", "100", "220", "400", "630"]
    radii = np.sqrt([0.0, *(level.value for level in chosen), 900.0])
    assert np.diff(radii) == pytest.approx(np.full(6, 5.0), abs=0.8)


def test_labels_of_very_large_and_small_levels_are_short() -> None:
    assert levels(np.array([1.0, 1e200]), 2)[-1].label == "4.4e199"
    assert [level.label for level in levels(np.array([0.0, 2e-7]), 2)] == ["2e-8", "8.9e-8"]


@settings(deadline=None, max_examples=60)
@given(st.lists(EDGE, min_size=1, max_size=6), st.integers(2, 8))
def test_levels_of_anything_lie_between(values: list[float], count: int) -> None:
    array = np.array(values)
    chosen = levels(array, count)
    finite = array[np.isfinite(array)]
    assert len(chosen) <= count
    assert all(finite.min() < level.value < finite.max() for level in chosen)


@pytest.mark.parametrize("values", [[math.nan], [math.inf, math.nan], [3.0, 3.0], [0.0], [0.0, 5e-324]])
def test_a_flat_surface_has_no_levels(values: list[float]) -> None:
    array = np.array(values)
    assert levels(array) == []


# ── contour lines ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("scale", "offset"), [(1, 0), (0.05, 3), (20, -50), (1, 1e3)])
def test_points_of_the_lines_have_the_levels_loss(scale: float, offset: float) -> None:
    x, y = line_data(2, 31, scale, offset)
    quadratic = Quadratic.of(x, y)
    slope, bias = np.polyfit(x, y, 1)
    least = loss(x, y, bias, slope)
    for factor in (1.0001, 1.5, 30.0):
        ρ = math.sqrt(least * (factor - 1))
        b_half, w_half = 1.1 * ρ * math.hypot(1, x.mean() / x.std()), 1.1 * ρ / x.std()
        whole = Window(bias - b_half, bias + b_half, slope - w_half, slope + w_half)
        ((b, w),) = contour_lines(quadratic, factor * least, whole)
        assert (b[0], w[0]) == pytest.approx((b[-1], w[-1]), rel=1e-6)
        assert len(b) > 200
        for at_b, at_w in zip(b[::9], w[::9], strict=True):
            assert loss(x, y, at_b, at_w) == pytest.approx(factor * least, rel=1e-7)
        # All of the ellipse: its farthest points are those of the closed form.
        assert np.abs(w - slope).max() == pytest.approx(w_half / 1.1, rel=1e-3)
        assert np.abs(b - bias).max() == pytest.approx(b_half / 1.1, rel=1e-3)


def test_lines_end_at_the_windows_edges_and_leave_none_out() -> None:
    random = np.random.default_rng(5)
    pieces = 0
    for seed in range(60):
        quadratic = Quadratic.of(*line_data(seed, 20, 1.0, 2.0))
        b, w = random.standard_normal(2) * 4
        half_b, half_w = 10.0 ** random.uniform(-4, 1.5, 2)
        window = Window(b - half_b, b + half_b, w - half_w, w + half_w)
        fine = surface(quadratic, window, 300, 300)
        for level in levels(surface(quadratic, window, 40, 20)):
            lines = contour_lines(quadratic, level.value, window)
            pieces += len(lines)
            assert lines
            for bs, ws in lines:
                tolerance = 1e-9 * (half_b + abs(b)), 1e-9 * (half_w + abs(w))
                assert ((bs > window.b_low - tolerance[0]) & (bs < window.b_high + tolerance[0])).all()
                assert ((ws > window.w_low - tolerance[1]) & (ws < window.w_high + tolerance[1])).all()
            # Every cell of a fine grid across which the loss passes the level has a line close by.
            signs = fine > level.value
            rows, columns = np.nonzero(signs[:, 1:] != signs[:, :-1])
            all_b, all_w = (np.concatenate(part) for part in zip(*lines, strict=True))
            for i in random.integers(0, len(rows), min(len(rows), 10)):
                cell = grid(window, 300, 300)
                gap = np.hypot((all_b - cell[0][columns[i]]) / half_b, (all_w - cell[1][rows[i]]) / half_w)
                assert gap.min() < 0.06
    assert pieces > 250


@pytest.mark.parametrize(
    ("window", "pieces"),
    [(Window(0, 3, -3, 3), 1), (Window(-3, 0, -3, 3), 1), (Window(-0.5, 0.5, -3, 3), 2), (Window(-1, 1, -1, 1), 4)],
)
def test_a_line_is_cut_only_where_it_leaves_the_window(window: Window, pieces: int) -> None:
    circle = Quadratic.of(np.array([-1.0, 1.0]), np.array([0.0, 0.0]))  # L = b² + w²
    lines = contour_lines(circle, 1.5, window)
    assert len(lines) == pieces
    for b, w in lines:
        assert b * b + w * w == pytest.approx(np.full(len(b), 1.5))
        for end in (0, -1):
            edges = (b[end] - window.b_low, b[end] - window.b_high, w[end] - window.w_low, w[end] - window.w_high)
            assert min(map(abs, edges)) < 1e-12


@pytest.mark.parametrize("at", [0.0, 2.0, -1e-9, 1e8])
def test_lines_where_all_x_are_equal_are_two_parallel_ones(at: float) -> None:
    x, y = np.full(5, at), np.array([1.0, 2.0, 3.0, 4.0, 5.5])
    quadratic = Quadratic.of(x, y)
    window = Window(-9, 9, -9 / max(1, at), 9 / max(1, at))
    lines = contour_lines(quadratic, 4.0, window)
    assert len(lines) == 2
    for b, w in lines:
        assert len(b) > 20
        assert [loss(x, y, *pair) for pair in zip(b, w, strict=True)] == pytest.approx([4.0] * len(b), rel=1e-6)


def test_no_line_at_or_below_the_lowest_loss_or_beyond_the_floats() -> None:
    quadratic, window = Quadratic.of(*line_data(0, 9)), Window(-5, 5, -5, 5)
    for level in (quadratic.loss, quadratic.loss / 2, -1.0, math.inf, math.nan):
        assert contour_lines(quadratic, level, window) == []
    assert contour_lines(Quadratic.of(np.array([1e300, -1e300]), np.array([1.0, 2.0])), 1.0, window) == []


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(EDGE, EDGE), min_size=1, max_size=4), EDGE, PATHS)
def test_edge_numbers_never_raise(
    pairs: list[tuple[float, float]], level: float, path: list[tuple[float, float]]
) -> None:
    x, y = np.array(pairs).T
    quadratic = Quadratic.of(x, y)
    window = window_of_path(*np.array(path).reshape(-1, 2).T)
    values = surface(quadratic, window, 8, 4)
    chosen = levels(values)
    for at in [level, *(found.value for found in chosen)]:
        for b, w in contour_lines(quadratic, at, window):
            assert b.shape == w.shape
            assert np.isfinite(b).all()
            assert np.isfinite(w).all()


@pytest.mark.parametrize("power", [-300, -12, 7, 39, 200])
def test_labels_of_levels_are_short_and_true(power: int) -> None:
    values = np.array([[float(f"1e{power}") * k for k in (0.001, 0.5, 1, 900, 1e6)]])
    for level in levels(values):
        assert float(level.label) == level.value
        assert len(level.label) <= 8


def test_levels_near_the_largest_float_stand_apart() -> None:
    chosen = levels(np.array([[1e308, 1.7e308]]))
    assert len({level.value for level in chosen}) == len(chosen) > 1
    assert all(1e308 < level.value < 1.7e308 for level in chosen)
