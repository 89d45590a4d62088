"""Lines of charts: lit along their way, from point to point, and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from chart_reading import (
    INF,
    MARKER_SETS,
    NAN,
    NEAR,
    PIXELS,
    Axis,
    Scene,
    area,
    assert_exact,
    cells,
    dots,
    finite,
    line,
    scenes,
    small,
    text,
    theme,
    where,
)
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tui_linreg.tui.plot import MarkerSet, ranges
from tui_linreg.tui.plot import dots as prepared
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.plot.plot import axes, draw

Place = tuple[Any, Any]
NEARBY = (-1.5, -0.75, 0, 0.75, 1.5)


def cut(a: Place, b: Place, low: Place, high: Place) -> tuple[Place, Place] | None:
    """The part of the straight way from a to b inside a box, None where it misses it; exact for fractions."""
    enter, leave = (Fraction(0), Fraction(1)) if isinstance(a[0], Fraction) else (0.0, 1.0)
    for axis in (0, 1):
        way = b[axis] - a[axis]
        if way == 0:
            if not low[axis] <= a[axis] <= high[axis]:
                return None
            continue
        first, last = sorted(((low[axis] - a[axis]) / way, (high[axis] - a[axis]) / way))
        enter, leave = max(enter, first), min(leave, last)
    if enter > leave:
        return None
    return tuple((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for t in (enter, leave))  # type: ignore[return-value]


def ways(x: Sequence[float], y: Sequence[float], across: Axis, up: Axis, margin: Fraction) -> list[tuple[Place, Place]]:
    """What lies inside the ranges of the line through consecutive finite points; a lone point is a way to itself."""
    places = [
        (across.at(a), up.at(b)) if math.isfinite(a) and math.isfinite(b) else None for a, b in zip(x, y, strict=False)
    ]
    found = []
    for i, here in enumerate(places):
        if here is None:
            continue
        after = places[i + 1] if i + 1 < len(places) else None
        if after is None and i and places[i - 1] is not None:
            continue
        edge = Fraction(1, 2) + margin
        inside = cut(here, after or here, (-edge, -edge), (across.pixels - 1 + edge, up.pixels - 1 + edge))
        if inside is not None:
            found.append(tuple((float(u), float(v)) for u, v in inside))
    return found  # type: ignore[return-value]


def touches(way: tuple[Place, Place], low: Place, high: Place) -> bool:
    """Whether a way passes near a box: ends are rounded to dots, and plotext cuts off what lies between two dots."""
    return cut(*way, (low[0] - 1.501, low[1] - 1.501), (high[0] + 1.501, high[1] + 1.501)) is not None


@settings(max_examples=150, deadline=None)
@given(scenes(far="y"), small, st.sampled_from(MARKER_SETS), st.sampled_from(["dot", "dash", "dotted"]))
@example(([0.0, 10.0], [-1e300, 1e300], (0.0, 10.0), (0.0, 10.0)), (9, 4), "braille", "dot")
@example(([0.0, 5.0, 10.0], [1.0, NAN, 1.0], (0.0, 10.0), (0.0, 2.0)), (12, 4), "braille", "dot")
def test_a_line_is_lit_along_its_way_and_nowhere_else(
    scene: Scene, size: tuple[int, int], marker_set: MarkerSet, marker: str
) -> None:
    x, y, x_range, y_range = scene
    chart = Chart((Series(x, y, "line", "batch", marker),), x_range=x_range, y_range=y_range)
    strips = draw(chart, theme(marker_set), *size)
    assert_exact(strips, *size)
    found = area(strips, *size)
    across, up = where(chart, found, marker_set, size)
    px, py = PIXELS[marker_set]
    assume(all(abs(up.at(b)) < 10**300 for _, b in finite(x, y)))  # farther off, a place on the way is no float
    expected = ways(x, y, across, up, NEAR)
    if marker_set == "braille":
        boxes = [(pixel, pixel) for pixel in dots(found)]
    else:
        boxes = [((c * px, r * py), (c * px + px - 1, r * py + py - 1)) for c, r in found.cells]
    for low, high in boxes:
        assert any(touches(way, low, high) for way in expected), "nothing is seen beside the line, no gap is bridged"
    if marker != "dot":
        return
    for (a, b), (c, d) in ways(x, y, across, up, -NEAR):
        count = 1 + 3 * math.ceil(max(abs(c - a), abs(d - b)))
        for u, v in ((a + (c - a) * i / count, b + (d - b) * i / count) for i in range(count + 1)):
            near = {(round(u + s) // px, round(v + t) // py) for s in NEARBY for t in NEARBY}
            assert near & set(found.cells), "the whole way is seen"


def test_a_line_is_cut_at_the_edge_not_bent() -> None:
    """y = x from -1e6 to 1e6 shows in about 0..10 exactly like y = x from -3 to 13."""
    near = Chart((line([-3, 13], [-3, 13]),), x_range=(0, 10), y_range=(0, 10))
    far = Chart((line([-1e6, 1e6], [-1e6, 1e6]),), x_range=(0, 10), y_range=(0, 10))
    assert text(draw(near, theme(), 40, 15)) == text(draw(far, theme(), 40, 15))
    steep = Chart((line([0, 10], [-1e300, 1e300]),), x_range=(0, 10), y_range=(0, 10))
    assert set(cells(draw(steep, theme(), 11, 4), "line")) == {(5, 0), (5, 1), (5, 2), (5, 3)}


def lit(chart: Chart) -> set[tuple[int, int]]:
    """The dots of a chart too small for axes."""
    return set(dots(area(draw(chart, theme(), 15, 4), 15, 4, "line")))


def test_a_line_is_thin_and_without_holes() -> None:
    flat = lit(Chart((line([0, 1], [0, 1]),), x_range=(0, 1), y_range=(0, 1)))
    rows = [row for _, row in sorted(flat)]
    assert [column for column, _ in sorted(flat)] == [*range(30)]
    assert (rows[0], rows[-1]) == (0, 15)
    assert set(np.diff(rows).tolist()) <= {0, 1}
    steep = lit(Chart((line([0.4, 0.6], [1, 0]),), x_range=(0, 1), y_range=(0, 1)))
    assert sorted(row for _, row in steep) == [*range(16)]


@pytest.mark.parametrize(("marker", "period", "on"), [("dash", 8, 5), ("dotted", 3, 1)])
def test_dashes_are_even_and_go_on_from_piece_to_piece(marker: str, period: int, on: int) -> None:
    for x in ([0.0, 1.0], [0.0, 0.3, 0.35, 1.0]):
        series = Series(x, [0.5] * len(x), "line", "line", marker)
        found = lit(Chart((series,), x_range=(0, 1), y_range=(0, 1)))
        assert {column for column, _ in found} == {column for column in range(30) if column % period < on}


def test_beads_are_the_line_and_four_dots_at_each_point() -> None:
    plain = lit(Chart((line([0, 0.5, 1], [0, 0.5, 0]),), x_range=(0, 1), y_range=(0, 1)))
    series = Series([0, 0.5, 1], [0, 0.5, 0], "line", "line", "beads")
    beads = lit(Chart((series,), x_range=(0, 1), y_range=(0, 1)))
    assert beads >= plain
    assert {(0, 0), (1, 0), (0, 1), (1, 1), (15, 8), (16, 8), (15, 9), (16, 9)} <= beads
    assert len(beads - plain) <= 8


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
def test_what_is_not_finite_leaves_a_gap(bad: float) -> None:
    x = [0.0, 1, 2, 3, 4, 5]
    chart = Chart((line(x, [1, 1, bad, bad, 1, 1]),), x_range=(0, 5), y_range=(0, 2))
    columns = {column for column, _ in cells(draw(chart, theme(), 11, 4), "line")}
    assert columns == {0, 1, 2, 8, 9, 10}
    lone = Chart((line([0, 1, 2], [bad, 1, bad]),), x_range=(0, 2), y_range=(0, 2))
    assert len(cells(draw(lone, theme(), 11, 4), "line")) == 1


def test_a_million_points_return() -> None:
    y = np.sin(np.arange(1_000_000) / 1e5)
    y[500_000] = 3.0  # one value among a million must survive
    x = np.arange(1_000_000.0)
    chart = Chart((Series(x, y, "line", "line"), Series(x, y, "points", "batch")))
    shown = axes(chart, 80, 24)
    assert shown is not None
    top = shown[1].cells - 1 - (shown[1].cell(3.0) or 0)
    assert min(row for _, row in cells(draw(chart, theme(), 80, 24), "batch")) == top
    alone = cells(draw(Chart((Series(x, y, "line", "line"),)), theme(), 80, 24), "line")
    assert min(row for _, row in alone) == top
    assert len({column for column, _ in alone}) > 60


@pytest.mark.parametrize("marker_set", MARKER_SETS)
def test_a_gap_among_a_million_points_is_not_bridged(marker_set: MarkerSet) -> None:
    x = np.linspace(0.0, 1.0, 1_000_000)
    y = np.where((x > 0.4) & (x < 0.6), NAN, np.sin(x * 60))
    chart = Chart((line(x, y),), x_range=(0.0, 1.0), y_range=(-1.0, 1.0))
    found = area(draw(chart, theme(marker_set), 101, 20), 101, 20, "line")
    shown = axes(chart, 101, 20)
    assert shown is not None
    gap, all_of_it = (range(*(shown[0].cell(end) or 0 for end in ends)) for ends in ((0.4, 0.6), (0.0, 1.0)))
    lit = {column for column, _ in found.cells}
    assert not lit & set(gap[1:])
    assert len(lit) >= len(all_of_it) * 0.78


def test_thinning_changes_no_dot() -> None:
    def spots(u: ranges.Floats, v: ranges.Floats) -> set[tuple[float, float]]:
        x, y = prepared.dashes(u, v, (100, 40))
        return set(zip(x.tolist(), y.tolist(), strict=True))

    rng = np.random.default_rng(1)
    u, v = np.sort(rng.random(5000)), rng.random(5000)
    v[1000:1100] = np.nan
    less = prepared.decimate(u, v, 100)
    assert less[0].size <= 4 * 102
    good = np.flatnonzero(np.isfinite(v[:-1]) & np.isfinite(v[1:]))
    full = {spot for i in good for spot in spots(u[i : i + 2], v[i : i + 2])}
    assert len(spots(u, v) ^ full) < 0.01 * 100 * 40
