"""Charts, read cell by cell: sizes, glyphs and colours, and what lies over what."""

from __future__ import annotations

import numpy as np
import pytest
from chart_reading import NAN, cells, points, text, theme

from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.plot.marks import SETS
from tui_linreg.tui.plot.plot import draw


def test_points_in_the_corners_land_in_the_corner_cells() -> None:
    chart = Chart((points([0, 0, 10, 10, 5], [0, 10, 0, 10, 5]),), x_range=(0, 10), y_range=(0, 10))
    bare = cells(draw(chart, theme(), 9, 3), "batch")  # too small for axes: the whole area is the plot
    assert set(bare) == {(0, 0), (8, 0), (4, 1), (0, 2), (8, 2)}
    assert set(bare.values()) == {"●"}
    framed = draw(chart, theme(), 24, 11)
    rows = text(framed)
    left = rows[0].index("┤") + 1
    # The axis and its labels below, ticks every so many cells: 0 and 10 are the middles of theirs.
    assert set(cells(framed, "batch")) == {(left, 0), (23, 0), (left, 8), (23, 8), (left + 10, 4)}
    assert [row[:3] for row in rows[:9] if "┤" in row] == ["10┤", " 5┤", " 0┤"]
    assert rows[9] == "  └┬─────────┬─────────┬"


def test_later_series_lie_over_earlier_ones_and_vertical_lines_under_all() -> None:
    both = (points([5], [5], "ring"), Series([5], [5], "points", "train", "big"))
    chart = Chart(both, x_range=(0, 10), y_range=(0, 10), v_lines=((5, "mark"), (NAN, "mark"), (11, "mark")))
    strips = draw(chart, theme(), 11, 3)
    assert cells(strips, "train") == {(5, 1): "●"}
    assert not cells(strips, "batch")
    assert cells(strips, "mark") == {(5, 0): "│", (5, 2): "│"}


def test_stems_run_from_y_to_y2_only() -> None:
    stems = Series([1, 5, 9], [2, 9, NAN], "stems", "line", y2=[8, 9, 1])
    strips = draw(Chart((stems,), x_range=(0, 10), y_range=(0, 10)), theme("ascii"), 11, 4)
    assert cells(strips, "line") == {(1, 0): ":", (1, 1): ":", (1, 2): ":", (1, 3): ":", (5, 0): ":"}


@pytest.mark.parametrize("marker", ["dot", "small", "fat", "big", "diamond", "ring", "square", "cross", "plus"])
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
        assert len(set(marks.legend.values())) == len(marks.legend)
