"""The glyph sets: with which of plotext's markers a series is drawn, and how it shows in the legend.

Where the font has no braille, "blocks" needs box drawing and block elements, "ascii" nothing beyond ASCII. Shapes
differ within every set, so that series can be told apart without colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rich.color import Color
from rich.style import Style

from tui_linreg.tui.plot import MarkerSet

Kind = Literal["points", "line", "stems", "text"]


@dataclass(frozen=True, slots=True)
class Marks:
    """One marker set."""

    px: int
    py: int
    """Dots of a cell, across and up."""
    dot: str
    """plotext's marker made of these dots, or a glyph where a cell is one dot."""
    points: Mapping[str, str]
    """Markers of one cell. Those missing are made of dots: "fat" of two by two, every other one a single dot."""
    legend: Mapping[str, str]
    """How kinds and line styles show in the legend."""
    stem: str
    """The marker of stems; every second dot where it is made of dots."""
    dashes: Mapping[str, tuple[int, int]]
    """Line style -> (period, set) in dots along the line."""
    lines: Mapping[str, str]
    """Line style -> its marker where it is not `dot`: with one dot a cell, lines differ by it."""
    axes: dict[int, str]
    """What plotext's axes are drawn with instead, for `str.translate`."""

    def legend_glyph(self, kind: Kind, marker: str) -> str:
        """Return the glyph before a series' label in the legend."""
        if kind == "text":
            return marker
        if kind == "points":
            return self.points.get(marker, self.legend["fat" if marker == "fat" else "dot"])
        return self.legend.get(marker if kind == "line" and marker != "dot" else kind, self.legend["line"])


_SHAPES = {
    "big": "●",
    "diamond": "◆",
    "ring": "◇",
    "cursor": "◎",
    "square": "■",
    "cross": "×",
    "plus": "+",
    "up": "▲",
    "down": "▼",
    "left": "◀",
    "right": "▶",
}
_LETTERS = {
    "big": "O",
    "diamond": "#",
    "ring": "*",
    "cursor": "@",
    "square": "%",
    "cross": "x",
    "plus": "+",
    "up": "^",
    "down": "v",
    "left": "<",
    "right": ">",
}

SETS: Mapping[MarkerSet, Marks] = {
    "braille": Marks(
        px=2,
        py=4,
        dot="braille",
        points=_SHAPES,
        legend={"dot": "⠂", "fat": "⠶", "line": "⠒⠒", "beads": "⠶⠒", "dash": "⠒ ⠒", "dotted": "⠂⠐⠠", "stems": "⠅"},
        stem="braille",
        dashes={"dash": (8, 5), "dotted": (3, 1)},
        lines={},
        axes={},
    ),
    "blocks": Marks(
        px=2,
        py=2,
        dot="hd",
        points={"dot": "·", "fat": "•", **_SHAPES},
        legend={"dot": "·", "fat": "•", "line": "▀▀", "beads": "██", "dash": "▀ ▀", "dotted": "▘ ▘", "stems": "╎"},
        stem="╎",
        dashes={"dash": (6, 4), "dotted": (3, 1)},
        lines={},
        axes={},
    ),
    "ascii": Marks(
        px=1,
        py=1,
        dot=".",
        points={"dot": ",", "fat": "o", **_LETTERS},
        legend={
            "dot": ",",
            "fat": "o",
            "line": "..",
            "beads": "oo",
            "dash": "- -",
            "dotted": "'  '",
            "step": "==",
            "stems": ":",
        },
        stem=":",
        dashes={"dash": (4, 2), "dotted": (3, 1)},
        lines={"beads": "o", "dash": "-", "dotted": "'", "step": "="},
        axes={ord(glyph): letter for glyph, letter in zip("│┤├┼└─┬┴", "|++++-++", strict=True)},
    ),
}


@lru_cache(maxsize=512)
def style(color: str, background: str) -> Style:
    """Return the style of two colours, "#rrggbb"; made once, because making one costs more than drawing with it."""
    return Style.from_color(Color.parse(color), Color.parse(background))


@lru_cache(maxsize=512)
def rgb(color: str) -> tuple[int, int, int]:
    """Return red, green, blue of "#rrggbb", 0 … 255."""
    red, green, blue = Color.parse(color).get_truecolor()
    return red, green, blue
