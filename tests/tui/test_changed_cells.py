"""Only what differs is written, and what then stands on the terminal is what the whole frames give."""

from __future__ import annotations

import re

import pyte
from hypothesis import given
from hypothesis import strategies as st

from tui_linreg.tui.changed_cells import ChangedCells

WIDTH, HEIGHT = 12, 3
LOOKS = st.sampled_from(["0", "31", "1;32;40", "4"])
PART = st.tuples(LOOKS, st.text("ab ŷ→≈", min_size=1, max_size=5))
SPAN = st.tuples(st.integers(1, HEIGHT), st.integers(1, WIDTH - 5), PART)


def written(spans: list[tuple[int, int, tuple[str, str]]]) -> str:
    return "".join(f"\x1b[{y};{x}H\x1b[{look}m{text}\x1b[0m" for y, x, (look, text) in spans)


def frame_text(written: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*[Hm]", "", written)


def picture(screen: pyte.Screen) -> list[tuple[str, str, str, bool, bool]]:
    cells = (screen.buffer[y][x] for y in range(HEIGHT) for x in range(WIDTH))
    return [(cell.data, cell.fg, cell.bg, cell.bold, cell.underscore) for cell in cells]


@given(st.lists(st.lists(SPAN, min_size=1, max_size=6), min_size=1, max_size=4))
def test_the_terminal_shows_the_same(frames: list[list[tuple[int, int, tuple[str, str]]]]) -> None:
    screens = [pyte.Screen(WIDTH, HEIGHT) for _ in range(2)]
    streams = [pyte.Stream(screen) for screen in screens]
    cells = ChangedCells()
    for frame in frames:
        whole = written(frame)
        streams[0].feed(whole)
        streams[1].feed(cells.only(whole))
        assert picture(screens[0]) == picture(screens[1])
        assert (screens[0].cursor.x, screens[0].cursor.y) == (screens[1].cursor.x, screens[1].cursor.y)
        assert frame_text(cells.only(written(frame[-1:]))) == ""


def test_what_stands_there_is_not_written_again() -> None:
    cells = ChangedCells()
    frame = "\x1b[1;1H\x1b[31mabc\x1b[0m\n\x1b[2;1Hdef\x1b[2;2H"
    assert cells.only(frame) == "\x1b[1;1H\x1b[0;31mabc\x1b[2;1H\x1b[0mdef\x1b[2;2H"
    assert cells.only(frame) == "\x1b[2;2H"
    assert cells.only("\x1b[1;1H\x1b[31mabX\x1b[0m\x1b[2;2H") == "\x1b[1;3H\x1b[0;31mX\x1b[0m\x1b[2;2H"
    cells.forget()
    assert "abX" in cells.only("\x1b[1;1H\x1b[31mabX\x1b[0m")


def test_a_wide_character_takes_two_cells_and_a_mark_none() -> None:
    cells = ChangedCells()
    assert cells.only("\x1b[1;1H🔎xe\u0301z") == "\x1b[1;1H🔎xe\u0301z\x1b[1;6H"
    assert cells.only("\x1b[1;1H🔎xe\u0301y") == "\x1b[1;5Hy\x1b[1;6H"
    assert cells.only("\x1b[1;1Hab") == "\x1b[1;1Hab\x1b[1;3H"


def test_a_frame_with_anything_else_is_written_as_it_is() -> None:
    cells = ChangedCells()
    assert cells.only("\x1b[1;1Habc") == "\x1b[1;1Habc\x1b[1;4H"
    link = "\x1b[1;1H\x1b]8;;x\x1b\\abc"
    assert cells.only(link) == link
    assert "abc" in cells.only("\x1b[1;1Habc")
