"""A terminal of 16 colours: what is really written can be read, in both themes, with VGA's colours and with xterm's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from colour_sight import contrast
from test_slow_line import shown

from tui_linreg.tui.sixteen_colours import CONTRAST, VGA, XTERM, stands_out

_DARK = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")
NAMES = (*_DARK, *(f"bright{name}" for name in _DARK))
"""The emulator's names of the 16 colours."""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("theme", ["linreg-dark", "linreg-light", "linreg-safe", "linreg-safe-light"])
def test_all_text_stands_out(theme: str, tmp_path: Path) -> None:
    seen = set()
    with shown(tmp_path, f'theme = "{theme}"\n', (160, 45)) as screen:
        for keys in ("\x1b[B", "e", "\x1b", "?", "\x1b", "L", "\x1b", "c"):
            screen.press(keys)
            buffer = screen.pyte.buffer
            seen |= {(cell.fg, cell.bg) for y in range(45) for x in range(160) if (cell := buffer[y][x]).data.strip()}
    assert len(seen) > 5
    for text, ground in seen:
        for palette in (VGA, XTERM):
            pair = palette[_number(text)], palette[_number(ground)]
            assert contrast(*pair) >= CONTRAST, (theme, text, ground)


def _number(name: str) -> int:
    return NAMES.index(name.replace("bfight", "bright"))  # as the emulator spells one of them


def test_what_stands_out_is_computed_as_elsewhere() -> None:
    for front in range(16):
        for back in range(16):
            both = min(contrast(palette[front], palette[back]) for palette in (VGA, XTERM))
            assert stands_out(front, back) == (both >= CONTRAST), (front, back, both)
