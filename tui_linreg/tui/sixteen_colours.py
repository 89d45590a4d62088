"""A terminal of 16 colours: each colour the nearest of those that can be read on its ground, fewer bytes a line."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as Ground
from textual.filter import LineFilter

VGA = (
    "#000000", "#aa0000", "#00aa00", "#aa5500", "#0000aa", "#aa00aa", "#00aaaa", "#aaaaaa",
    "#555555", "#ff5555", "#55ff55", "#ffff55", "#5555ff", "#ff55ff", "#55ffff", "#ffffff",
)  # fmt: skip
"""The colours as rich knows them, and as many terminals show them."""
XTERM = (
    "#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5",
    "#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff",
)  # fmt: skip
"""The same as xterm shows them."""
_GREY = 48
"""How far apart red, green and blue of what counts as grey are at most."""
CONTRAST = 4.5
"""The least contrast of text on its ground, with the colours of either."""


class SixteenColours(LineFilter):
    """Takes colours that stand out on their ground, and joins what looks alike."""

    def apply(self, segments: list[Segment], background: Ground) -> list[Segment]:
        """Return the segments of a line in these colours."""
        ground = background.rich_color
        mapped = (Segment(text, style and _mapped(style, ground), control) for text, style, control in segments)
        return list(Segment.simplify(mapped))


@lru_cache(maxsize=4096)
def _mapped(style: Style, ground: Color) -> Style:
    behind, before = style.bgcolor or ground, style.color
    if before is None or ColorType.DEFAULT in (before.type, behind.type):  # what the terminal calls its own
        return style
    back = _nearest(behind, _grounds())
    front = _nearest(before, [i for i in range(len(VGA)) if stands_out(i, back)])
    return style + Style.from_color(Color.parse(VGA[front]), Color.parse(VGA[back]))


@lru_cache
def _grounds() -> list[int]:
    """Return the colours on which another one can be read."""
    every = range(len(VGA))
    return [back for back in every if any(stands_out(front, back) for front in every)]


def _nearest(colour: Color, allowed: list[int]) -> int:
    """Return the nearest colour of these; for a grey, as far as there is one, a grey."""
    wanted = colour.get_truecolor()
    if max(wanted) - min(wanted) < _GREY:
        allowed = [i for i in allowed if len(set(_rgb(VGA[i]))) == 1] or allowed
    return min(allowed, key=lambda i: sum((a - b) ** 2 for a, b in zip(_rgb(VGA[i]), wanted, strict=True)))


@lru_cache
def stands_out(front: int, back: int) -> bool:
    """Say whether one of the 16 colours can be read on another one."""
    return all(_contrast(palette[front], palette[back]) >= CONTRAST for palette in (VGA, XTERM))


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = Color.parse(colour).get_truecolor()
    return red, green, blue


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours by WCAG, from 1 to 21."""
    low, high = sorted(_luminance(_rgb(each)) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(parts: tuple[int, int, int]) -> float:
    light = [each / 3294.6 if each <= 10 else ((each / 255 + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
