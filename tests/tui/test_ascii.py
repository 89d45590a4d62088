"""With the marker `ascii` all that is drawn is ASCII, formulas are in words, and no line changes its width."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_helpers import COMPACT, FULL, lines, running, text
from hypothesis import example, given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.color import Color
from textual.widgets import Input

import tui_linreg
from tui_linreg.settings import Settings
from tui_linreg.tui.app import LinRegApp
from tui_linreg.tui.ascii import _CELLS, AsciiGlyphs, worded
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.instruments.records import PANELS

ASCII = Settings(marker="ascii")
DIALOGS = ("question_mark", "d", "G", "e", "L", "t", "c", "g", "u", "x", "Y", "W", "f", "ctrl+p")


def filtered(*texts: str) -> str:
    found = AsciiGlyphs().apply([Segment(text) for text in texts], Color(0, 0, 0))
    return "".join(segment.text for segment in found)


def assert_ascii(app: LinRegApp, where: str) -> None:
    for line in lines(app):
        assert line.isascii(), f"{where}: {line!r}"


@pytest.mark.parametrize("size", [FULL, COMPACT])
async def test_all_that_is_drawn(size: tuple[int, int]) -> None:
    async with running(size, ASCII, dataset="tiny") as (app, pilot):
        assert_ascii(app, "at the start")
        for key in [*["left"] * 7, *"o", "escape", "v", "escape", *map(str, CHARTS), *(f"f{i}" for i in range(2, 9))]:
            await pilot.press(key)
            assert_ascii(app, key)
        assert len(PANELS) == 7
        await pilot.press("f8")
        for key in DIALOGS:
            await pilot.press(key)
            assert len(app.screen_stack) > 1, key
            for page in range(3):
                assert_ascii(app, key)
                await pilot.press("pagedown" if page < 2 else "escape")
            if len(app.screen_stack) > 1:
                await pilot.press("escape")
        for keys in ("f6", "b", "escape", "L home enter", "enter", "T", "X", "f enter", "right", "f", "1 enter"):
            await pilot.press(*keys.split())
            assert_ascii(app, keys)


async def test_formulas_in_words() -> None:
    async with running(FULL, ASCII) as (app, pilot):
        whole = text(app)
        for formula in (
            "L = ||yhat - y||^2 / m", "dL/dyhat = 2/m (yhat - y)", "dL/db = sum dL/dyhat * 1", "b <- b - lr dL/db",
        ):  # fmt: skip
            assert formula in "\n".join(lines(app)), whole
        await pilot.press("e")
        assert "learning rate lr" in "\n".join(lines(app))
        await pilot.press("escape", "question_mark")
        assert "dL/dyhat = (2/m) (yhat - y)" in "\n".join(lines(app))


async def test_the_palette_turns_it_on_and_off() -> None:
    async with running(COMPACT) as (app, pilot):
        await pilot.press("f6")
        assert not "".join(lines(app)).isascii()
        for marker, ascii_only in (("ascii", True), ("braille", False)):
            await pilot.press("ctrl+p")
            await pilot.pause()
            app.screen.query_one(Input).value = f"Chart marker: {marker}"
            await pilot.pause(1)
            await pilot.press("enter")
            await pilot.pause()
            assert app.marker == marker
            assert "".join(lines(app)).isascii() == ascii_only


@example(["ab =∂ŷ = ", "ŷη − η"])
@given(st.lists(st.text("ab =∂ŷη·−│─ →²Σ≠…1", max_size=30), min_size=1, max_size=4))
def test_a_line_keeps_its_width(texts: list[str]) -> None:
    found = filtered(*texts)
    assert found.isascii()
    assert len(found) == sum(map(len, texts))


def test_columns_after_a_word_keep_their_place() -> None:
    assert filtered("ŷ = b + w x         ", "0.5   ", "0.25 │") == "yhat = b + w x      0.5   0.25 |"
    assert filtered("     x         ŷ") == "     x      yhat"
    assert filtered("─ ∂b ────╮") == "- db ----+"
    assert filtered("╭─ ŷ ─────╮") == "+- yhat --+"
    assert filtered("x²ŷ") == "x2Y", "no room for words"
    assert filtered("a · b, 2 · 3  w·x  ") == "a . b, 2 * 3  w*x  "
    assert filtered("10⁻¹²        ") == "10^-12       "


def test_what_is_the_users_stays() -> None:
    assert filtered("größe  ŷ      ") == "größe  yhat   "
    assert worded("∂L/∂ŷ = (2/m) (ŷ − y)", "ascii") == "dL/dyhat = (2/m) (yhat - y)"
    assert worded("b ← b − η ∂L/∂b", "ascii") == "b <- b - lr dL/db"
    assert worded("ŷ", "braille") == "ŷ"


def test_the_table_has_every_sign_of_the_program() -> None:
    """All that is in its texts, but for letters of other alphabets that a CSV file's names may have, and braille."""
    root = Path(tui_linreg.__file__).parent
    files = [path for path in root.rglob("*") if path.suffix in (".py", ".md") and path.name != "csv_names.py"]
    signs = {sign for path in files for sign in path.read_text(encoding="utf-8") if not sign.isascii()}
    known = _CELLS.keys() | {sign for sign in signs if "\u2800" <= sign <= "\u28ff"}
    assert signs - known - {"é"} == set()
