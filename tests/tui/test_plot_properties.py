"""Charts of any data, in any size: exactly so many cells, every point in its place, and nothing that is not data."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from chart_reading import (
    HUGE,
    MARKER_SETS,
    NAN,
    NEAR,
    PIXELS,
    TINY,
    Cell,
    Scene,
    area,
    assert_exact,
    dots,
    edges,
    finite,
    points,
    scenes,
    small,
    theme,
    where,
)
from full_length import pairs
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tui_linreg.tui.plot import MarkerSet
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.plot.plot import draw

SHAPES = ("up", "dot", "small", "big", "diamond", "ring", "square", "cross", "plus", "fat", "no such marker")

# ── any arguments at all ─────────────────────────────────────────────────────────────────────────────────────────

anything = st.lists(st.one_of(st.floats(), edges), max_size=10)
ranges = st.one_of(st.none(), st.tuples(st.one_of(st.floats(), edges), st.one_of(st.floats(), edges)))
sizes = st.tuples(
    st.one_of(st.integers(1, 24), st.integers(1, 300)), st.one_of(st.integers(1, 14), st.integers(1, 100))
)
labels = st.one_of(
    st.sampled_from(
        ["", "損失", "가나다", "e\u0301\u0301", "\u0301x", "👩\u200d👩\u200d👧", "🇩🇪", "a\u200bb", "∂L/∂ŷ", "x" * 400]
    ),
    st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12),
)
drawn = st.builds(
    Series, anything, anything, st.sampled_from(["points", "line", "stems", "text"]),
    st.sampled_from(["batch", "none"]),
    st.sampled_from([*SHAPES, "dash", "dotted", "beads"]), labels, st.one_of(st.none(), anything),
    first_free=st.booleans(),
)  # fmt: skip
charts = st.builds(
    Chart, st.lists(drawn, max_size=4).map(tuple), labels, labels, ranges, ranges, st.booleans(),
    st.lists(st.tuples(st.one_of(st.floats(), edges), st.just("batch")), max_size=3).map(tuple),
    st.lists(st.tuples(st.one_of(st.floats(), edges), st.just("batch")), max_size=3).map(tuple), st.booleans(), labels,
    log_x=st.booleans(),
)  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(charts, st.one_of(st.none(), charts), st.booleans(), st.sampled_from(MARKER_SETS), sizes)
def test_any_chart_fills_exactly_its_size(
    chart: Chart, below: Chart | None, equal: bool, marker_set: MarkerSet, size: tuple[int, int]
) -> None:
    chart = replace(chart, below=below, equal=equal)
    assert_exact(draw(chart, theme(marker_set), *size), *size)


KINDS, FORMS = ("line", "points", "stems"), ("sorted", "unsorted", "with gaps", "extreme")


@pytest.mark.parametrize(("kind", "shape"), pairs(KINDS, FORMS))
def test_a_million_points_fill_exactly_their_size(kind: Any, shape: str) -> None:
    random = np.random.default_rng(3)
    x, y = np.arange(1e6), random.standard_normal(1_000_000)
    if shape == "unsorted":
        x = random.permutation(x)
    elif shape == "with gaps":
        y[random.integers(0, x.size, 300_000)] = np.nan
        y[::7] = np.inf
        x[::11] = -np.inf
    elif shape == "extreme":
        x, y = (x - 5e5) / 5e5 * HUGE, np.where(y > 0, HUGE, TINY)
    marker_set: MarkerSet
    for marker_set, size, x_range, log_y in (
        ("braille", (100, 30), None, False),
        ("blocks", (1, 1), (0.0, 10.0), False),
        ("ascii", (5, 3), (NAN, 3.0), kind != "stems"),  # stems begin at zero, which has no place on a log axis
    ):
        strips = draw(Chart((Series(x, y, kind, "batch"),), x_range=x_range, log_y=log_y), theme(marker_set), *size)
        assert_exact(strips, *size)
        assert size == (1, 1) or area(strips, *size).cells, "something is drawn"


@settings(max_examples=150, deadline=None)
@given(scenes(), small, st.sampled_from(MARKER_SETS), st.sampled_from(SHAPES), st.booleans())
def test_a_cell_is_lit_where_there_is_a_point_and_nowhere_else(
    scene: Scene, size: tuple[int, int], marker_set: MarkerSet, marker: str, reversed_ranges: bool
) -> None:
    x, y, x_range, y_range = scene
    if reversed_ranges:
        x_range, y_range = x_range[::-1], y_range[::-1]
    chart = Chart((Series(x, y, "points", "batch", marker),), x_range=x_range, y_range=y_range)
    strips = draw(chart, theme(marker_set), *size)
    assert_exact(strips, *size)
    found = area(strips, *size)
    across, up = where(chart, found, marker_set, size)
    px, py = PIXELS[marker_set]
    allowed: set[Cell] = set()
    for a, b in finite(x, y):
        places = {(u // px, v // py) for u in across.nearest(a) for v in up.nearest(b)}
        if marker == "fat":  # two by two dots around the point
            near = itertools.product((-1, 0, 1), repeat=2)
            allowed |= {
                ((u + s) // px, (v + t) // py) for u in across.nearest(a) for v in up.nearest(b) for s, t in near
            }
        allowed |= places
        if across.inside(a) and up.inside(b):
            assert places & set(found.cells), "every point in the range is seen"
    assert set(found.cells) <= allowed, "nothing is seen where no point is"


@settings(max_examples=60, deadline=None)
@given(scenes(), small, st.sampled_from(["dot", "no such marker"]))
def test_dots_of_braille_are_the_points_own(scene: Scene, size: tuple[int, int], marker: str) -> None:
    x, y, x_range, y_range = scene
    chart = Chart((Series(x, y, "points", "batch", marker),), x_range=x_range, y_range=y_range)
    found = area(draw(chart, theme("braille"), *size), *size)
    across, up = where(chart, found, "braille", size)
    allowed = {(u, v) for a, b in finite(x, y) for u in across.nearest(a) for v in up.nearest(b)}
    assert set(dots(found)) <= allowed


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.one_of(st.floats(), edges), st.one_of(st.floats(), edges)), min_size=1, max_size=12),
    st.tuples(st.integers(20, 60), st.integers(6, 20)), st.sampled_from(MARKER_SETS), st.booleans(),
)  # fmt: skip
@example([(-HUGE, -HUGE), (HUGE, HUGE), (0.0, 0.0)], (20, 6), "braille", False)
@example([(TINY, TINY), (0.0, 1e-322)], (20, 6), "braille", False)
@example([(TINY, TINY), (1.0, 1e-322), (2.0, HUGE)], (20, 6), "ascii", True)
def test_a_range_of_its_own_leaves_no_finite_point_out(
    pairs: list[tuple[float, float]], size: tuple[int, int], marker_set: MarkerSet, log_y: bool
) -> None:
    x, y = [a for a, _ in pairs], [b for _, b in pairs]
    shown = [(a, b) for a, b in finite(x, y) if b > 0 or not log_y]
    strips = draw(Chart((Series(x, y, "points", "batch", "big"),), log_y=log_y), theme(marker_set), *size)
    assert_exact(strips, *size)
    if not shown:
        assert any("nothing to draw yet"[: size[0]] in strip.text for strip in strips)
        return
    cells = area(strips, *size).cells
    assert 1 <= len(cells) <= len(shown)
    # Between the outermost points, which are where the outermost cells are, all others are where they belong.
    for axis, values in enumerate(zip(*shown, strict=True)):
        heights = [Fraction(math.log10(v)) if axis and log_y else Fraction(v) for v in values]
        low, high = min(heights), max(heights)
        lit = [cell[axis] for cell in cells]
        size_of = max(abs(low), abs(high))
        if high - low <= size_of / 10**11 or high - low < Fraction(1e-300):
            continue  # too close together to be told apart
        for wanted in heights:
            at = min(lit) + (wanted - low) / (high - low) * (max(lit) - min(lit))
            assert any(abs(cell - at) <= 1 for cell in lit)
        for cell in lit:
            assert any(abs(cell - min(lit) - (h - low) / (high - low) * (max(lit) - min(lit))) <= 1 for h in heights)
        assert max(lit) - min(lit) >= (size[axis] - 12) // 2, "the range is not much wider than its data"


@pytest.mark.parametrize("marker_set", MARKER_SETS)
def test_every_one_of_a_million_points_is_seen_and_nothing_else(marker_set: MarkerSet) -> None:
    random = np.random.default_rng(7)
    x, y = random.normal(0.5, 0.4, 1_000_000), random.normal(0.5, 0.01, 1_000_000)
    y[::1000] = random.random(1000)
    chart = Chart((points(x, y),), x_range=(0.0, 1.0), y_range=(0.0, 1.0))
    found = area(draw(chart, theme(marker_set), 100, 40), 100, 40)
    (px, py), shown = PIXELS[marker_set], where(chart, found, marker_set, (100, 40))
    inside = np.all([(at >= axis.low) & (at <= axis.high) for at, axis in zip((x, y), shown, strict=True)], axis=0)
    u, v = x[inside], y[inside]
    across, up = (
        (at - axis.low) / (axis.high - axis.low) * axis.pixels for at, axis in zip((u, v), shown, strict=True)
    )
    sure = (np.abs(across - np.rint(across)) > 1e-9) & (np.abs(up - np.rint(up)) > 1e-9)
    assert sure.sum() > 700_000
    expected = {(int(c), int(r)) for c, r in zip(across[sure] // px, up[sure] // py, strict=True)}
    assert set(found.cells) == expected


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([0.0, 1.0, -1.0, 1e8, -1e8, 123456789.0, 1e300, -3e-300, 7e-5]),
    st.floats(1e-9, 1e3), st.tuples(st.integers(16, 100), st.integers(5, 40)), st.sampled_from(MARKER_SETS),
)  # fmt: skip
@example(1e8, 1e-8, (60, 20), "braille")
@example(-1e8, 1e-9, (60, 20), "ascii")
@example(-1e8, 1e-9, (16, 40), "ascii")
def test_a_label_stands_at_the_number_that_it_names(
    middle: float, spread: float, size: tuple[int, int], marker_set: MarkerSet
) -> None:
    reach = max(spread * (abs(middle) or 1.0), 1e-304)  # a range may not be as narrow as denormals are far apart
    y_range = (middle - reach, middle + reach)
    chart = Chart((Series([0.0], [middle], "points", "batch", "big"),), x_range=(-1.0, 1.0), y_range=y_range)
    strips = draw(chart, theme(marker_set), *size)
    assert_exact(strips, *size)
    found = area(strips, *size)
    assert found.columns >= 3
    _, up = where(chart, found, marker_set, size)
    named = 0
    for row, strip in enumerate(strips[: found.rows]):
        label = strip.text[: size[0] - found.columns - 1].strip()
        if label:
            named += 1
            height = PIXELS[marker_set][1]  # of a row, in pixels
            assert abs(up.at(float(label)) - (found.rows - 1 - row + Fraction(1, 2)) * height) <= height * (1 + NEAR)
    assert named, "some number says where on the axis one is"
