"""Composing: a chart that is drawn over what it was before looks as if it were drawn for the first time."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from chart_reading import MARKER_SETS, theme
from hypothesis import given
from hypothesis import strategies as st

from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.plot.compose import Layer, Shown, blank, compose, layer
from tui_linreg.tui.plot.frame import Spans
from tui_linreg.tui.plot.plot import draw

SIZE = (9, 4)
GLYPHS = "⠂●┊x"
COLORS = ("#010203", "#a0b0c0", "#ffffff")

shown = st.dictionaries(
    st.tuples(st.integers(0, SIZE[0] - 1), st.integers(0, SIZE[1] - 1)),
    st.tuples(st.sampled_from(GLYPHS), st.sampled_from(COLORS)),
    max_size=20,
)


def as_cells(rows: list[Spans]) -> Shown:
    """Return every cell with its colours, (column, row from the bottom)."""
    return {
        (span.at + i, len(rows) - 1 - index): (glyph, f"{span.color} on {span.ground}")
        for index, spans in enumerate(rows)
        for span in spans
        for i, glyph in enumerate(span.text)
    }


def grounds() -> Layer:
    return blank(SIZE, [["#0000ff", "#00ff00", "#ff0000"] * 3 for _ in range(SIZE[1])])


BENEATH: dict[str, Layer | None] = {
    "nothing": None,
    "a layer": layer({(x, 1): ("─", "#777777") for x in range(SIZE[0])}, SIZE),
    "grounds": grounds(),
}


def expected(shown: Shown, beneath: str) -> Shown:
    cells = {place: (glyph, f"{color} on ") for place, (glyph, color) in shown.items()}
    match beneath:
        case "nothing":
            return cells
        case "a layer":
            return {(x, 1): ("─", "#777777 on ") for x in range(SIZE[0])} | cells
    below = {(x, y): ("#0000ff", "#00ff00", "#ff0000")[x % 3] for x in range(SIZE[0]) for y in range(SIZE[1])}
    on_ground = {place: (glyph, f"{color} on {below[place]}") for place, (glyph, color) in shown.items()}
    return {place: (" ", f"{color} on {color}") for place, color in below.items()} | on_ground


@given(st.lists(st.tuples(shown, st.sampled_from(sorted(BENEATH))), min_size=1, max_size=8))
def test_what_was_drawn_before_leaves_no_trace(frames: list[tuple[Shown, str]]) -> None:
    for cells, beneath in frames:
        assert as_cells(compose("one chart", cells, SIZE, BENEATH[beneath])) == expected(cells, beneath)


def test_nobody_changes_what_lies_beneath_and_rows_that_stay_are_the_same_objects() -> None:
    beneath = grounds()
    name: Hashable = object()
    first = compose(name, {(0, 0): ("x", "#010203"), (3, 2): ("x", "#010203")}, SIZE, beneath)
    second = compose(name, {(1, 0): ("●", "#010203"), (3, 2): ("x", "#010203")}, SIZE, beneath)
    assert beneath == grounds()
    assert [old is new for old, new in zip(first, second, strict=True)] == [True, True, True, False]


def chart(values: Sequence[float], name: str) -> Chart:
    """Return a chart whose name is not shown below 12 rows."""
    return Chart((Series(range(len(values)), values, "points", "batch", "big"),), "", name, y_range=(-6, 6))


def test_a_chart_of_another_size_or_in_other_glyphs_begins_anew() -> None:
    for i, size in enumerate([(40, 11), (41, 11), (40, 10), (7, 3), (40, 11)]):
        for marker_set in MARKER_SETS:
            again = draw(chart([1, 2, 4], "same name"), theme(marker_set), *size)
            once = draw(chart([1, 2, 4], f"{i} {marker_set}"), theme(marker_set), *size)
            assert [list(strip) for strip in again] == [list(strip) for strip in once]


@given(st.lists(st.lists(st.floats(-5, 5), min_size=1, max_size=6), min_size=2, max_size=6))
def test_the_newest_values_are_drawn_whatever_was_drawn_before(many: list[list[float]]) -> None:
    for i, values in enumerate(many):
        again = draw(chart(values, "same name"), theme(), 30, 9)
        once = draw(chart(values, f"name {i}"), theme(), 30, 9)
        assert [list(strip) for strip in again] == [list(strip) for strip in once]
