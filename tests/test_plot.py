"""Charts, read cell by cell: what is drawn where, in which colour, and that no data can break one."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from types import MethodType
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.strip import Strip
from textual_plotext import Plot

from tui_linreg.tui import plot, plot_data
from tui_linreg.tui.marker_sets import MarkerSet
from tui_linreg.tui.plot import Chart, ChartTheme, Series, draw
from tui_linreg.tui.plot_marks import SETS

ROLES = {"train": "#112233", "batch": "#ffd75f", "line": "#56c8ff", "mark": "#ffb454"}
MARKER_SETS: tuple[MarkerSet, ...] = get_args(MarkerSet)
INF, NAN, HUGE = math.inf, math.nan, 1.7976931348623157e308


def theme(marker_set: MarkerSet = "braille") -> ChartTheme:
    return ChartTheme(ROLES, "#ffffff", "#808080", "#000000", marker_set)


def text(strips: list[Strip]) -> list[str]:
    return [strip.text for strip in strips]


def cells(strips: list[Strip], role: str) -> dict[tuple[int, int], str]:
    """Return (column, row from the top) -> glyph of the cells in a role's colour."""
    found: dict[tuple[int, int], str] = {}
    for row, strip in enumerate(strips):
        column = 0
        for segment in strip:
            style = segment.style
            assert style is not None
            assert style.bgcolor is not None
            assert style.bgcolor.name == "#000000"
            for glyph in segment.text:
                if style.color is not None and style.color.name == ROLES[role] and glyph != " ":
                    found[column, row] = glyph
                column += 1
    return found


def points(x: Sequence[float], y: Sequence[float], marker: str = "big") -> Series:
    return Series(x, y, "points", "batch", marker)


def line(x: Sequence[float], y: Sequence[float]) -> Series:
    return Series(x, y, "line", "line")


def check_size(strips: list[Strip], width: int, height: int) -> None:
    assert len(strips) == height
    for strip in strips:
        assert strip.cell_length == width
        assert sum(len(segment.text) for segment in strip) == width
        cells([strip], "batch")  # every cell has the background


anything = st.lists(
    st.one_of(
        st.floats(allow_nan=True, allow_infinity=True),
        st.sampled_from([NAN, INF, -INF, HUGE, -HUGE, 1e308, -1e308, 1e300, 1e-300, 5e-324, 0.0, -0.0, 1.0, 1e30]),
    ),
    max_size=12,
)
sizes = st.tuples(st.one_of(st.integers(1, 20), st.integers(1, 120)), st.one_of(st.integers(1, 12), st.integers(1, 50)))
maybe_range = st.one_of(st.none(), st.tuples(st.floats(), st.floats()))


@settings(max_examples=150, deadline=None)
@given(anything, anything, anything, sizes, st.booleans(), st.booleans(), maybe_range, maybe_range, st.data())
def test_no_data_and_no_size_breaks_a_chart(
    x: list[float],
    y: list[float],
    y2: list[float],
    size: tuple[int, int],
    log_y: bool,
    integer: bool,
    x_range: tuple[float, float] | None,
    y_range: tuple[float, float] | None,
    more: st.DataObject,
) -> None:
    marker_set = more.draw(st.sampled_from(MARKER_SETS))
    series = (
        Series(x, y, "points", "train", "dot", "train"),
        Series(x, y, "stems", "batch", label="residual", y2=y2),
        Series(x, y, "line", "line", more.draw(st.sampled_from(["dot", "dash", "dotted"])), "a line"),
        Series(y, x, "points", "#abcdef", "ring", "other"),
    )
    lines = tuple((value, "mark") for value in y2[:2])
    chart = Chart(series, "x", "loss", x_range, y_range, log_y, lines, integer)
    check_size(draw(chart, theme(marker_set), *size), *size)


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (2, 7), (16, 5), (15, 5), (16, 4), (120, 50), (300, 90)])
@pytest.mark.parametrize("marker_set", MARKER_SETS)
def test_sizes_are_exact(size: tuple[int, int], marker_set: MarkerSet) -> None:
    chart = Chart((line([0, 1, 2], [3, 1, 2]), points([0, 1], [1, 2])), "x", "y")
    strips = draw(chart, theme(marker_set), *size)
    check_size(strips, *size)
    assert cells(strips, "batch") or cells(strips, "line")


@pytest.mark.parametrize("values", [[], [NAN, INF, -INF], [NAN]])
def test_nothing_finite_says_so(values: list[float]) -> None:
    strips = draw(Chart((points(values, values), line(values, values)), empty="no step yet"), theme(), 31, 7)
    assert text(strips) == [" " * 31] * 3 + ["no step yet".center(31)] + [" " * 31] * 3
    assert text(draw(Chart((), empty="none"), theme(), 8, 1)) == ["  none  "]


def test_points_in_the_corners_land_in_the_corner_cells() -> None:
    chart = Chart((points([0, 0, 10, 10, 5], [0, 10, 0, 10, 5]),), x_range=(0, 10), y_range=(0, 10))
    bare = cells(draw(chart, theme(), 9, 3), "batch")  # too small for axes: the whole area is the plot
    assert set(bare) == {(0, 0), (8, 0), (4, 1), (0, 2), (8, 2)}
    assert set(bare.values()) == {"●"}
    framed = draw(chart, theme(), 24, 11)
    rows = text(framed)
    left = rows[0].index("┤") + 1
    # One column of air at the right, the axis and its labels below.
    assert set(cells(framed, "batch")) >= {(left, 0), (22, 0), (left, 8), (22, 8)}
    assert len(cells(framed, "batch")) == 5
    assert rows[0].startswith("10┤")
    assert rows[8].startswith(" 0┤")
    assert rows[9].startswith("  └┬")


def test_ticks_stand_at_their_values() -> None:
    chart = Chart((points([-2, 0, 2], [-50, 0, 50]),), x_label="x", x_range=(-3, 3), y_range=(-80, 80))
    strips = draw(chart, theme(), 60, 20)
    rows = text(strips)
    drawn = sorted(cells(strips, "batch"))
    for (column, row), x, y in zip(drawn, ("-2", "0", "2"), ("-50", "0", "50"), strict=True):
        assert rows[row].split("┤")[0].strip() == y
        assert rows[18][column] == "┬"
        start = rows[19].index(f" {x} ") + 1
        assert start <= column <= start + len(x)
    assert rows[19].rstrip().endswith("x")


@pytest.mark.parametrize("marker_set", MARKER_SETS)
def test_what_lies_outside_an_asked_range_is_not_drawn(marker_set: MarkerSet) -> None:
    outside = Chart((points([-1, 11, 5, 5], [5, 5, -1, 11], "dot"),), x_range=(0, 10), y_range=(0, 10))
    assert not cells(draw(outside, theme(marker_set), 40, 12), "batch")
    beside = Chart((line([-5, -1], [0, 10]), line([0, 10], [11, 1e308])), x_range=(0, 10), y_range=(0, 10))
    assert not cells(draw(beside, theme(marker_set), 40, 12), "line")


def test_a_line_is_cut_at_the_edge_not_bent() -> None:
    """y = x from -1e6 to 1e6 shows in 0..10 exactly like y = x from 0 to 10."""
    near = Chart((line([0, 10], [0, 10]),), x_range=(0, 10), y_range=(0, 10))
    far = Chart((line([-1e6, 1e6], [-1e6, 1e6]),), x_range=(0, 10), y_range=(0, 10))
    assert text(draw(near, theme(), 40, 15)) == text(draw(far, theme(), 40, 15))
    steep = Chart((line([0, 10], [-1e300, 1e300]),), x_range=(0, 10), y_range=(0, 10))
    columns = {column for column, _ in cells(draw(steep, theme(), 11, 4), "line")}
    assert columns == {5}


def test_a_line_is_thin_and_without_holes() -> None:
    mask = plot_data.line_mask(np.array([0.0, 1.0]), np.array([0.0, 1.0]), 30, 5, 2, 4)
    assert mask.sum(axis=0).tolist() == [1] * 60
    rows = mask.argmax(axis=0)
    assert rows[0] == 0
    assert rows[-1] == 19
    assert set(np.diff(rows).tolist()) == {0, 1}
    steep = plot_data.line_mask(np.array([0.4, 0.6]), np.array([1.0, 0.0]), 10, 10, 2, 4)
    assert steep.sum(axis=1).tolist() == [1] * 40


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
def test_what_is_not_finite_leaves_a_gap(bad: float) -> None:
    x = [0.0, 1, 2, 3, 4, 5]
    chart = Chart((line(x, [1, 1, bad, bad, 1, 1]),), x_range=(0, 5), y_range=(0, 2))
    columns = {column for column, _ in cells(draw(chart, theme(), 11, 4), "line")}
    assert columns == {0, 1, 2, 8, 9, 10}
    lone = Chart((line([0, 1, 2], [bad, 1, bad]),), x_range=(0, 2), y_range=(0, 2))
    assert len(cells(draw(lone, theme(), 11, 4), "line")) == 1


def test_a_log_axis_leaves_out_what_is_not_above_zero() -> None:
    x = [0.0, 1, 2, 3, 4]
    chart = Chart((points(x, [1, 0, -5, 100, 10]),), log_y=True, x_range=(0, 4))
    strips = draw(chart, theme(), 40, 14)
    rows = text(strips)
    found = sorted(cells(strips, "batch"))
    assert [rows[row].split("┤")[0].strip() for _, row in found] == ["1", "100", "10"]
    assert found[0][1] - found[2][1] == pytest.approx(found[2][1] - found[1][1], abs=1)
    none = draw(Chart((points(x, [0, -1, -2, NAN, -INF]),), log_y=True, empty="none"), theme(), 20, 5)
    assert "none" in text(none)[2]


@pytest.mark.parametrize("log_y", [False, True])
@pytest.mark.parametrize("size", [1e30, 1e-30, 1e300, 1e-300, 1e308])
def test_great_and_small_numbers_keep_the_plot(size: float, log_y: bool) -> None:
    strips = draw(Chart((points([-size, size], [size * 0.1, size]),), log_y=log_y), theme(), 60, 20)
    labels = [row.split("┤")[0].strip() for row in text(strips) if "┤" in row]
    assert len(labels) >= 1
    assert all(len(label) <= 8 for label in labels)
    assert [abs(float(label)) <= size * 1.2 for label in labels] == [True] * len(labels)
    found = sorted(cells(strips, "batch"))
    assert len(found) == 2
    assert found[1][0] - found[0][0] > 40
    assert found[0][1] - found[1][1] > 12


def test_a_range_that_overflows_is_placed_right() -> None:
    strips = draw(Chart((points([0, 1, 2], [-HUGE, 0, HUGE]),), x_range=(0, 2), y_range=(-HUGE, HUGE)), theme(), 9, 3)
    assert set(cells(strips, "batch")) == {(0, 2), (4, 1), (8, 0)}


@pytest.mark.parametrize("value", [0.0, 5.0, -3e-9, 1e300, HUGE, 5e-324])
def test_constant_data_and_one_point(value: float) -> None:
    assert len(cells(draw(Chart((points([value], [value]),)), theme(), 40, 12), "batch")) == 1
    flat = cells(draw(Chart((line([0, 1, 2], [value] * 3),)), theme(), 40, 12), "line")
    assert len({row for _, row in flat}) == 1
    assert len(flat) > 25


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ((-2.3, 2.3), ["-2", "-1", "0", "1", "2"]),
        ((0.0, 0.3), ["0", "0.1", "0.2", "0.3"]),
        ((0.0, 1200.0), ["0", "500", "1000"]),
        ((-2e30, 2e30), ["-2e30", "-1e30", "0", "1e30", "2e30"]),
        ((0.0, 3e-300), ["0", "1e-300", "2e-300", "3e-300"]),
        ((1e5, 1.8e5), ["100000", "120000", "140000", "160000", "180000"]),
    ],
)
def test_tick_labels(limits: tuple[float, float], expected: list[str]) -> None:
    found = plot_data.ticks(limits, 5)
    assert [label for _, label in found] == expected
    assert all(value == pytest.approx(float(label), rel=1e-12) for value, label in found)


def test_integer_ticks_are_whole() -> None:
    assert [label for _, label in plot_data.ticks((0.2, 3.4), 9, integer=True)] == ["1", "2", "3"]
    assert [label for _, label in plot_data.log_ticks((0, 3), 5)] == ["1", "10", "100", "1000"]


def test_later_series_lie_over_earlier_ones_and_vertical_lines_under_all() -> None:
    both = (points([5], [5], "ring"), Series([5], [5], "points", "train", "big"))
    chart = Chart(both, x_range=(0, 10), y_range=(0, 10), v_lines=((5, "mark"), (NAN, "mark"), (11, "mark")))
    strips = draw(chart, theme(), 11, 3)
    assert cells(strips, "train") == {(5, 1): "●"}
    assert not cells(strips, "batch")
    assert cells(strips, "mark") == {(5, 0): "┊", (5, 2): "┊"}


def test_stems_run_from_y_to_y2_only() -> None:
    stems = Series([1, 5, 9], [2, 9, NAN], "stems", "line", y2=[8, 9, 1])
    strips = draw(Chart((stems,), x_range=(0, 10), y_range=(0, 10)), theme("ascii"), 11, 4)
    assert cells(strips, "line") == {(1, 0): ":", (1, 1): ":", (1, 2): ":", (1, 3): ":", (5, 0): ":"}


def test_a_million_points_return() -> None:
    y = np.sin(np.arange(1_000_000) / 1e5)
    y[500_000] = 3.0  # one value among a million must survive
    x = np.arange(1_000_000.0)
    start = time.perf_counter()
    strips = draw(Chart((Series(x, y, "line", "line"), Series(x, y, "points", "batch"))), theme(), 80, 24)
    assert time.perf_counter() - start < 3
    assert min(row for _, row in cells(strips, "batch")) <= 1
    alone = cells(draw(Chart((Series(x, y, "line", "line"),)), theme(), 80, 24), "line")
    assert min(row for _, row in alone) <= 1
    assert len({column for column, _ in alone}) > 70


def test_decimation_changes_no_pixel() -> None:
    rng = np.random.default_rng(1)
    u, v = np.sort(rng.random(5000)), rng.random(5000)
    v[1000:1100] = np.nan
    less = plot_data.decimate(u, v, 100)
    assert less[0].size <= 4 * 102
    good = np.flatnonzero(np.isfinite(v[:-1]) & np.isfinite(v[1:]))
    full = plot_data.segments_mask(u[good], v[good], u[good + 1], v[good + 1], 50, 10, 2, 4)
    assert (plot_data.line_mask(u, v, 50, 10, 2, 4) == full).mean() > 0.99


def test_legend_drops_whole_labels_and_the_line_itself() -> None:
    series = (
        Series([0, 1], [0, 1], "points", "train", "dot", "train"),
        Series([0, 1], [0, 1], "points", "batch", "ring", "this batch"),
        Series([0, 1], [0, 1], "line", "line", "dot", "after"),
        Series([0, 1], [0, 1], "line", "line"),
    )
    strips = draw(Chart(series), theme(), 60, 12)
    assert text(strips)[-1].strip() == "⠂ train   ◇ this batch   ⠒⠒ after"
    assert abs(len(text(strips)[-1]) - len(text(strips)[-1].lstrip()) - 13) <= 1
    assert {glyph for (_, row), glyph in cells(strips, "batch").items() if row == 11} == {"◇"}
    assert text(draw(Chart(series), theme(), 26, 12))[-1].strip() == "⠂ train   ◇ this batch"
    assert text(draw(Chart(series), theme(), 16, 8))[-1].strip() == "⠂ train"
    assert not any("train" in row for row in text(draw(Chart(series), theme(), 60, 7)))


@pytest.mark.parametrize("marker", ["dot", "small", "bullet", "big", "diamond", "ring", "square", "cross", "plus"])
def test_ascii_is_ascii_and_blocks_have_no_braille(marker: str) -> None:
    x = np.linspace(0, 10, 30)
    series = (
        Series(x, np.sin(x), "line", "line", "dash", "wave"),
        Series(x, np.cos(x), "points", "batch", marker, "dots"),
        Series(x, np.cos(x), "stems", "train", label="stems"),
    )
    chart = Chart(series, "x", "y", v_lines=((3, "mark"),))
    for row in text(draw(chart, theme("ascii"), 60, 18)):
        assert row.isascii()
    assert not any("\u2800" <= glyph <= "\u28ff" for row in text(draw(chart, theme("blocks"), 60, 18)) for glyph in row)


def test_shapes_differ_within_a_set() -> None:
    for marks in SETS.values():
        shapes = [glyph for name, glyph in marks.points.items() if name not in ("dot", "small")]
        assert len(set(shapes)) == len(shapes)
        assert len(marks.codes) == 2 ** (marks.px * marks.py)


def test_our_composing_equals_plotexts_own() -> None:
    """The two replaced methods of plotext's matrix write the very text that its own would."""
    texts = []
    for own in (False, True):
        figure: Any = Plot().subplots(1, 1).subplot(1, 1) if own else plot._figure()
        figure.frame(False)
        figure.xticks([], [])
        figure.yticks([], [])
        for paint in (figure.canvas_color, figure.axes_color, figure.ticks_color):
            paint("default")
        assert own != isinstance(vars(figure.monitor.matrix).get("set_canvas"), MethodType)
        figure.clear_data()
        figure.plotsize(100, 30)
        figure.xlim(0, 99)
        figure.ylim(0, 29)
        figure.scatter([0, 1, 2, 99, 50], [0, 0, 0, 29, 10], marker=list("abcde"), color=(1, 2, 3))
        figure.scatter([3, 4, 2], [0, 0, 0], marker="x", color=(4, 5, 6))
        texts.append(figure.build())
    assert texts[0] == texts[1]
    assert "x" in texts[0]


def test_the_same_chart_gives_the_same_strips() -> None:
    chart = Chart((line([0, 1, 2], [3, 1, 2]),))
    other = Chart((points([5, 6], [1e9, 2]),), log_y=True)
    first = draw(chart, theme(), 40, 12)
    draw(other, theme("ascii"), 90, 30)
    assert draw(chart, theme(), 40, 12) == first
