"""What plotext is relied on for: every dot, glyph and tick is where it was asked for, whatever was drawn before."""

from __future__ import annotations

import itertools
from math import cos, pi, sin

import pytest
from chart_reading import MARKER_SETS, PIXELS, cells, text, theme
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_linreg.tui.plot import MarkerSet
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.plot.plot import axes, draw

SHARES = st.floats(0, 1)
SIZES = st.tuples(st.integers(1, 200), st.integers(1, 60))


@settings(max_examples=60, deadline=None)
@given(SIZES, st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=30), st.sampled_from(MARKER_SETS))
def test_every_glyph_is_where_it_was_asked_for(
    size: tuple[int, int], places: list[tuple[float, float]], marker_set: MarkerSet
) -> None:
    width, height = (min(size[0], 15), size[1]) if size[1] > 4 else size  # too small for axes
    columns = {(int(x * (width - 1)), int(y * (height - 1))) for x, y in places}
    x, y = zip(*columns, strict=True)
    chart = Chart((Series(x, y, "points", "batch", "plus"),), x_range=(-0.5, width - 0.5), y_range=(-0.5, height - 0.5))
    found = cells(draw(chart, theme(marker_set), width, height), "batch")
    assert found == {(column, height - 1 - row): "+" for column, row in columns}


@pytest.mark.parametrize("marker_set", ["braille", "blocks"])
@pytest.mark.parametrize("size", [(15, 3), (7, 9), (1, 1)])
def test_every_dot_of_a_cell_can_be_set_alone(marker_set: MarkerSet, size: tuple[int, int]) -> None:
    px, py = PIXELS[marker_set]
    wide, high = size[0] * px, size[1] * py
    for x, y in itertools.product({0, 1, wide // 2, wide - 1} & set(range(wide)), {0, high // 3, high - 1}):
        series = Series([x, x], [y, y], "line", "batch")
        chart = Chart((series,), x_range=(-0.5, wide - 0.5), y_range=(-0.5, high - 0.5))
        ((column, row), glyph), *others = cells(draw(chart, theme(marker_set), *size), "batch").items()
        assert (column, size[1] - 1 - row) == (x // px, y // py)
        assert not others
        if marker_set == "braille":
            assert bin(ord(glyph) - 0x2800).count("1") == 1


@settings(max_examples=100, deadline=None)
@given(
    st.floats(-1e4, 1e4), st.floats(0.1, 1e6), st.tuples(st.integers(80, 150), st.integers(8, 60)), st.booleans()
)  # fmt: skip
def test_ticks_stand_at_even_distances_in_one_notation(
    low: float, span: float, size: tuple[int, int], integer: bool
) -> None:
    chart = Chart(
        (Series([low], [low], "points", "batch", "plus"),), x_range=(low, low + span), y_range=(low, low + span),
        x_integer=integer and span > 3,
    )  # fmt: skip
    for axis in axes(chart, *size) or ():
        places = [axis.cell(value) for value, _ in axis.ticks]
        assert len(places) >= 2
        assert len({after - before for before, after in itertools.pairwise(places)}) == 1  # type: ignore[operator]
        assert len({"e" in label for _, label in axis.ticks if label != "0"}) == 1
        assert [float(label) for _, label in axis.ticks] == pytest.approx([value for value, _ in axis.ticks], abs=1e-12)
    rows = text(draw(chart, theme(), *size))
    assert [row.split("┤")[0].strip() for row in rows if "┤" in row][::-1] == [label for _, label in axis.ticks]


@pytest.mark.parametrize("decades", [3, 7, 18, 40, 300])
@pytest.mark.parametrize("size", [(52, 18), (150, 40)])
def test_ticks_of_a_log_axis_are_whole_powers_at_even_distances(decades: int, size: tuple[int, int]) -> None:
    ends = (10.0**-decades * 3, 4.0)
    series = Series(ends, ends, "points", "batch")
    shown = axes(Chart((series,), x_range=ends, y_range=ends, log_x=True, log_y=True), *size)
    for axis in shown or ():
        places = [axis.cell(at) for at, _ in axis.ticks]
        assert len(places) >= 2
        assert len({after - before for before, after in itertools.pairwise(places)}) == 1  # type: ignore[operator]
        assert [float(label) for _, label in axis.ticks] == pytest.approx([10.0**at for at, _ in axis.ticks])


def test_the_zero_line_is_on_the_tick_0() -> None:
    for rows, (low, high) in itertools.product(range(8, 40), [(-3, 8), (-0.4, 0.1), (-1000, 700)]):
        series = Series([0, 1], [low, high], "points", "batch")
        chart = Chart((series,), x_range=(0, 1), y_range=(low, high), h_lines=((0.0, "mark"),))
        strips = draw(chart, theme(), 40, rows)
        (row,) = {row for _, row in cells(strips, "mark")}
        assert strips[row].text.lstrip().startswith("0")


@pytest.mark.parametrize("size", [(60, 20), (36, 14), (100, 40)])
def test_equal_scales_make_a_circle_round(size: tuple[int, int]) -> None:
    turn = [pi * i / 180 for i in range(361)]
    circle = Series([3 + 5 * cos(t) for t in turn], [40 + 5 * sin(t) for t in turn], "line", "batch")
    chart = Chart((circle,), x_range=(-3, 9), y_range=(30, 46), equal=True)
    strips = draw(chart, theme(), *size)
    found = {(column * 2, row * 4) for column, row in cells(strips, "batch")}
    across, up = ({place[i] for place in found} for i in (0, 1))
    assert abs((max(across) - min(across)) - (max(up) - min(up))) <= 5  # of a cell, two by four dots
    shown = axes(chart, *size)
    assert shown is not None
    x, y = shown
    assert (x.high - x.low) / x.cells * 2 == pytest.approx((y.high - y.low) / y.cells)


@given(st.lists(st.lists(st.floats(-5, 5), min_size=1, max_size=6), min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_a_chart_looks_the_same_whatever_was_drawn_before(many: list[list[float]]) -> None:
    charts = [
        Chart((Series(range(len(values)), values, "points", "batch", "big"),), "", "", y_range=(-6, 6))
        for values in many
    ]
    once = [draw(chart, theme(marker_set), 30, 9) for chart in charts for marker_set in MARKER_SETS]
    for i, (chart, marker_set) in enumerate((chart, marker_set) for chart in charts for marker_set in MARKER_SETS):
        draw(charts[-1], theme(), 7, 3)
        assert draw(chart, theme(marker_set), 30, 9) == once[i]
