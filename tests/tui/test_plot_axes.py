"""Charts' axes, read cell by cell: ranges, ticks with their labels, the legend, and text where there is no data."""

from __future__ import annotations

import pytest
from chart_reading import HUGE, INF, MARKER_SETS, NAN, cells, line, points, text, theme

from tui_linreg.tui.plot import MarkerSet, ranges
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.plot.plot import draw


@pytest.mark.parametrize("values", [[], [NAN, INF, -INF], [NAN]])
def test_nothing_finite_says_so(values: list[float]) -> None:
    strips = draw(Chart((points(values, values), line(values, values)), empty="no step yet"), theme(), 31, 7)
    assert text(strips) == [" " * 31] * 3 + ["no step yet".center(31)] + [" " * 31] * 3
    assert text(draw(Chart((), empty="none"), theme(), 8, 1)) == ["  none  "]


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
def test_what_lies_outside_the_axes_is_not_drawn(marker_set: MarkerSet) -> None:
    outside = Chart((points([-3, 13, 5, 5], [5, 5, -3, 13], "dot"),), x_range=(0, 10), y_range=(0, 10))
    assert not cells(draw(outside, theme(marker_set), 40, 12), "batch")
    beside = Chart((line([-5, -3], [0, 10]), line([0, 10], [13, 1e308])), x_range=(0, 10), y_range=(0, 10))
    assert not cells(draw(beside, theme(marker_set), 40, 12), "line")


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
    found = ranges.ticks(limits, 5)
    assert [label for _, label in found] == expected
    assert all(value == pytest.approx(float(label), rel=1e-12) for value, label in found)


def test_integer_ticks_are_whole() -> None:
    assert [label for _, label in ranges.ticks((0.2, 3.4), 9, integer=True)] == ["1", "2", "3"]
    assert [label for _, label in ranges.log_ticks((0, 3), 5)] == ["1", "10", "100", "1000"]


def test_a_legend_has_every_series_however_narrow() -> None:
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
    assert [row.strip() for row in text(draw(Chart(series), theme(), 26, 12))[-2:]] == [
        "⠂ train   ◇ this batch",
        "⠒⠒ after",
    ], "a second row before words are cut"
    assert text(draw(Chart(series), theme(), 26, 9))[-1].strip() == "⠂ trai ◇ this batc ⠒⠒ afte"
    assert text(draw(Chart(series), theme(), 16, 8))[-1].strip() == "⠂ t ◇ t b ⠒⠒ a"
    numbers = tuple(Series([0, 1], [0, 1], "line", "line", label=each) for each in ("best 0.4567", "edge 0.98", "η 5"))
    assert text(draw(Chart(numbers), theme(), 30, 9))[-1].strip() == "⠒⠒ be 0.4567 ⠒⠒ ed 0.98 ⠒⠒ η 5", (
        "no number is cut"
    )
    assert text(draw(Chart(numbers), theme(), 20, 9))[-1].strip() == "⠒⠒ ⠒⠒ ⠒⠒"
    assert not any("train" in row for row in text(draw(Chart(series), theme(), 60, 7)))


def test_a_legend_short_of_room_has_the_short_labels_and_every_letter() -> None:
    ends = [0.0, 1.0]
    series = (
        Series(ends, ends, "points", "batch", "diamond", "here"),
        Series(ends, ends, "points", "train", "plus", "least squares", short="lowest"),
        *(Series(ends, ends, "text", "mean", letter, f"η 0.{letter}", short="") for letter in "ABCD"),
    )
    wide, narrow = (text(draw(Chart(series), theme(), width, 12))[-1].strip() for width in (80, 36))
    assert wide == "◆ here   + least squares   A η 0.A   B η 0.B   C η 0.C   D η 0.D"
    assert narrow == "◆ here  + lowest  A  B  C  D"


def test_a_label_of_an_axis_loses_whole_parts() -> None:
    series = (Series([0, 1], [0, 1], "points", "train"),)
    for width, expected in ((60, "ŷ − y, zero line: ŷ = y"), (22, "ŷ − y")):
        assert text(draw(Chart(series, y_label="ŷ − y, zero line: ŷ = y"), theme(), width, 14))[0].strip() == expected
