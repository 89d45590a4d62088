"""Composing: plotext puts every glyph with its colour where it was asked to, whatever it drew before."""

from __future__ import annotations

from chart_reading import MARKER_SETS, theme
from hypothesis import given
from hypothesis import strategies as st

from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.plot.frame import Piece
from tui_linreg.tui.plot.plot import Cells, compose, draw

SIZE = (9, 4)
GLYPHS = "⠂●┊x "
COLORS = ("#010203", "#a0b0c0", "#ffffff")
GROUNDS = [["#0000ff", "#00ff00", "#ff0000"] * 3 for _ in range(SIZE[1])]

some_cells = st.dictionaries(
    st.tuples(st.integers(0, SIZE[0] - 1), st.integers(0, SIZE[1] - 1)),
    st.tuples(st.sampled_from(GLYPHS), st.sampled_from(COLORS)),
    max_size=20,
)


def as_cells(rows: list[list[Piece]]) -> Cells:
    """Return every cell with its colours, (column, row from the bottom)."""
    return {
        (piece.at + i, len(rows) - 1 - index): (glyph, f"{piece.color} on {piece.ground}")
        for index, pieces in enumerate(rows)
        for piece in pieces
        for i, glyph in enumerate(piece.text)
    }


@given(st.lists(st.tuples(some_cells, st.booleans()), min_size=1, max_size=8))
def test_every_cell_is_where_it_was_asked_for_whatever_was_drawn_before(frames: list[tuple[Cells, bool]]) -> None:
    for cells, colored in frames:
        expected = {}
        if colored:
            below = {(x, y): GROUNDS[y][x] for x in range(SIZE[0]) for y in range(SIZE[1])}
            expected = {place: (" ", f"{ground} on {ground}") for place, ground in below.items()}
        for (x, y), (glyph, color) in cells.items():
            expected[x, y] = glyph, f"{color} on {GROUNDS[y][x] if colored else ''}"
        rows = compose(cells, SIZE, GROUNDS if colored else None)
        assert len(rows) == SIZE[1]
        assert as_cells(rows) == expected


@given(st.integers(1, 300), st.integers(1, 100))
def test_any_size_has_its_corners(width: int, height: int) -> None:
    cells = {(x, y): ("x", "#010203") for x in (0, width - 1) for y in (0, height - 1)}
    rows = compose(cells, (width, height))
    assert len(rows) == height
    assert as_cells(rows) == {place: ("x", "#010203 on ") for place in cells}


def test_neighbours_of_one_colour_are_one_piece() -> None:
    rows = compose({(0, 0): ("a", "#010203"), (1, 0): ("b", "#010203"), (2, 0): ("x", "#040506")}, SIZE)
    assert rows == [[], [], [], [Piece(0, "ab", "#010203"), Piece(2, "x", "#040506")]]


@given(st.lists(st.lists(st.floats(-5, 5), min_size=1, max_size=6), min_size=1, max_size=4))
def test_a_chart_looks_the_same_whatever_was_drawn_before(many: list[list[float]]) -> None:
    charts = [
        Chart((Series(range(len(values)), values, "points", "batch", "big"),), "", "", y_range=(-6, 6))
        for values in many
    ]
    once = [draw(chart, theme(marker_set), 30, 9) for chart in charts for marker_set in MARKER_SETS]
    for i, (chart, marker_set) in enumerate((chart, marker_set) for chart in charts for marker_set in MARKER_SETS):
        draw(charts[-1], theme(), 7, 3)
        assert draw(chart, theme(marker_set), 30, 9) == once[i]
