"""Charts, read cell by cell: sizes, glyphs and colours, and what lies over what."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from chart_reading import MARKER_SETS, NAN, assert_exact, cells, line, points, text, theme
from textual_plotext import Plot

from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.plot.compose import compose
from tui_linreg.tui.plot.frame import Span
from tui_linreg.tui.plot.marker_sets import MarkerSet
from tui_linreg.tui.plot.marks import SETS, hexed
from tui_linreg.tui.plot.plot import draw


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (2, 7), (16, 5), (15, 5), (16, 4), (120, 50), (300, 90)])
@pytest.mark.parametrize("marker_set", MARKER_SETS)
def test_sizes_are_exact(size: tuple[int, int], marker_set: MarkerSet) -> None:
    chart = Chart((line([0, 1, 2], [3, 1, 2]), points([0, 1], [1, 2])), "x", "y")
    strips = draw(chart, theme(marker_set), *size)
    assert_exact(strips, *size)
    assert cells(strips, "batch") or cells(strips, "line")


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


RUN = re.compile(r"(?:\x1b\[0m)*(?:\x1b\[38;2;(\d+);(\d+);(\d+)m)?([^\x1b\n]+)|(\n)")


def test_what_is_read_of_plotexts_matrix_is_what_plotext_writes() -> None:
    written: list[list[Span]] = [[]]
    figure: Any = Plot().subplots(1, 1).subplot(1, 1)
    figure.frame(False)
    figure.xticks([], [])
    figure.yticks([], [])
    for paint in (figure.canvas_color, figure.axes_color, figure.ticks_color):
        paint("default")
    figure.plotsize(100, 30)
    figure.xlim(0, 99)
    figure.ylim(0, 29)
    figure.scatter([0, 1, 2, 99, 50], [0, 0, 0, 29, 10], marker=list("abcde"), color=(1, 2, 3))
    figure.scatter([3, 4, 2], [0, 0, 0], marker="x", color=(4, 5, 6))
    text = figure.build()
    shown = {
        place: (glyph, "#010203") for place, glyph in zip([(0, 0), (1, 0), (99, 29), (50, 10)], "abde", strict=True)
    }
    shown |= {(x, 0): ("x", "#040506") for x in (2, 3, 4)}
    read = compose("once", shown, (100, 30), None)
    at = 0
    for red, green, blue, run, newline in RUN.findall(text):
        at = 0 if newline else at + len(run)
        if newline:
            written.append([])
        elif red:
            written[-1].append(Span(at - len(run), run, hexed((int(red), int(green), int(blue)))))
    assert read == written[:30]
    assert Span(0, "ab", "#010203") in read[-1]
    assert Span(2, "xxx", "#040506") in read[-1]


def test_the_same_chart_gives_the_same_strips() -> None:
    chart = Chart((line([0, 1, 2], [3, 1, 2]),))
    other = Chart((points([5, 6], [1e9, 2]),), log_y=True)
    first = draw(chart, theme(), 40, 12)
    draw(other, theme("ascii"), 90, 30)
    assert draw(chart, theme(), 40, 12) == first
