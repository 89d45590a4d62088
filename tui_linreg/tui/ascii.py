"""The screen in ASCII: one table for every line that is drawn, whichever widget it is of.

A sign becomes a word, such as `yhat`, where its line has room: what follows keeps its column, blanks between columns
and the rest of a border give way. Where there is none, all signs of the line become one character.
"""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tui_linreg.tui.plot import MarkerSet

_SMALL = {
    "⁺": "+",
    "⁻": "-",
    **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)),
    "³": "3",
    **dict(zip("ᵀᵐᵍᵒˡˣ", "Tmgolx", strict=True)),
}
_CELLS = {
    **dict(zip("₀₁₂₃₄₅₆₇₈₉ₖₘₚᵢ", "0123456789kmpi", strict=True)), **_SMALL,
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼╋", "+"), **dict.fromkeys("─━┄▔", "-"), **dict.fromkeys("│┃╎┆", "|"),
    **dict.fromkeys("█▀▄▇▆▅▘", "#"), **dict.fromkeys("▁▂▃", "_"), "▒": "?",
    "▶": ">", "▸": ">", "▾": "v", "◀": "<", "▲": "^", "▼": "v", "◆": "#", "◇": "*", "◎": "@", "■": "%", "×": "x",
    "●": "@", "•": "o", "○": "o", "✓": "+", "✗": "x", "�": "?", "÷": "/", "½": "h", "\u0304": "",
    "−": "-", "–": "-", "—": "-", "‑": "-", "‐": "-", "‒": "-", "－": "-", "﹣": "-", "·": ".", "⋅": ".", "…": ".",
    "‘": "'", "’": "'", "“": '"', "”": '"', "←": "<", "→": ">", "↑": "^", "↓": "v",
    "∂": "d", "∇": "g", "∈": "e", "√": "V", "∞": "I", "‖": "|", "≈": "~", "≟": "?", "≠": "!", "≤": "<", "≥": ">",
    "±": "~", "μ": "u", "µ": "u", "ŷ": "Y", "ȳ": "Y", "ℝ": "R", "η": "r", "θ": "t", "λ": "l", "δ": "d", "ρ": "p",
    "Σ": "S", "α": "a", "Δ": "D", "φ": "p", "🔎": "? ",
}  # fmt: skip
"""As many cells as the sign takes; also where a sign does not become a word, such as those of boxes."""
_WORDS = _CELLS | {
    **{sign: f"^{plain}" for sign, plain in _SMALL.items()},
    "←": "<-", "→": "->", "↑": "up", "↓": "down", "∇": "grad ", "∈": "in", "√": "sqrt", "∞": "inf", "‖": "||",
    "≟": "?=", "≠": "!=", "≤": "<=", "≥": ">=", "±": "+-", "ŷ": "yhat", "ȳ": "ybar", "\u0304": "bar", "η": "lr",
    "θ": "theta", "λ": "lambda", "δ": "delta", "ρ": "rho", "Σ": "sum", "α": "alpha", "Δ": "delta",
    "φ": "phi", "…": "...", "½": "1/2",
}  # fmt: skip
_POWER = re.compile("(?<=[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵐᵒˡ])[⁰¹²³⁴⁵⁶⁷⁸⁹ᵒˡ]")
"""A later digit of an exponent, which needs no sign of its own."""
_TIMES = re.compile(r"(?<=[\w)▒ᵀ] )·(?= [\d(∂▒xηmn+−-])|(?<=[\w)▒])·(?=[\w(∂▒−-])")
"""A dot between two factors."""
Cell = tuple[str, int, int]
"""What is written for a character, the cells that the character takes, its segment."""


def worded(text: str, marker: MarkerSet) -> str:
    """Return a text, its signs as words where the glyphs are ASCII: for a layout that is yet to be made."""
    return "".join(_plain(text, _WORDS)) if marker == "ascii" and not text.isascii() else text


def _plain(text: str, table: dict[str, str]) -> list[str]:
    """Return what is written for each character."""
    times = {match.start() for match in _TIMES.finditer(text)}
    later = {match.start() for match in _POWER.finditer(text)}
    found = ["*" if at in times else (_CELLS if at in later else table).get(sign, sign) for at, sign in enumerate(text)]
    if table is _WORDS:
        for at in (match.start() for match in re.finditer("(?<=η)∇", text)):
            found[at] = f" {found[at]}"
    return found


class AsciiGlyphs(LineFilter):
    """Writes the program's signs in ASCII; what it does not know, such as a column's name, stays as it is."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments of a line, as wide as before."""
        if all(segment.text.isascii() for segment in segments):
            return segments
        text = "".join(segment.text for segment in segments)
        for table in (_WORDS, _CELLS):
            owners = [i for i, segment in enumerate(segments) for _ in segment.text]
            cells = list(zip(_plain(text, table), map(cell_len, text), owners, strict=True))
            if (fitted := _fitted(cells)) is not None:
                return _joined(fitted, segments)
        return segments


def _fitted(cells: list[Cell]) -> list[tuple[str, int]] | None:
    """Return the characters and their segments in as many cells as before; None where there is no room."""
    found: list[tuple[str, int]] = []
    owed = 0
    for plain, width, i in cells:
        if owed > 0 and plain in (" ", "-") and found and found[-1][0] == plain:
            owed -= width
            continue
        found += [(character, i) for character in plain]
        owed += cell_len(plain) - width
    at = len(found) - 1
    while owed > 0 and at > 0:  # the last of the line: from what stands before it
        if found[at][0] == " " == found[at - 1][0]:
            del found[at]
            owed -= 1
        at -= 1
    for sign in "*-=":  # then the blanks around a sign of a formula
        at = len(found) - 2
        while owed > 0 and at > 0:
            if [found[at + by][0] for by in (-1, 0, 1)] == [" ", sign, " "]:
                del found[at + 1], found[at - 1]
                owed, at = owed - 2, at - 1
            at -= 1
    if owed > 0:
        return None
    return [*found, *[(" ", cells[-1][2])] * -owed]


def _joined(characters: list[tuple[str, int]], segments: list[Segment]) -> list[Segment]:
    texts = [""] * len(segments)
    for character, i in characters:
        texts[i] += character
    styles: list[Style | None] = [segment.style for segment in segments]
    return [Segment(text, style) for text, style in zip(texts, styles, strict=True) if text]
