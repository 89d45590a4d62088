"""Which layout a terminal's size gets."""

from __future__ import annotations

from enum import StrEnum

FULL_WIDTH, FULL_HEIGHT = 120, 36
LEAST_WIDTH, LEAST_HEIGHT = 60, 18
ROOMY_WIDTH, ROOMY_HEIGHT = 150, 43
"""From this size on a chart is visible below a lesson's text."""
LOW_HEIGHT, LOWEST_HEIGHT = 28, 20
"""Below these heights a lesson's strip and the phase panel have fewer lines, so that samples stay visible."""


class Layout(StrEnum):
    """The CSS class of the screen."""

    FULL = "-full"
    """Numbers on the left, charts on the right."""
    COMPACT = "-compact"
    """One column; a chart takes the place of the numbers on its key."""
    TINY = "-tiny"
    """A message that says what size is needed."""


def layout_for(width: int, height: int) -> Layout:
    """Return the layout of a terminal of `width` × `height` cells."""
    if width >= FULL_WIDTH and height >= FULL_HEIGHT:
        return Layout.FULL
    return Layout.COMPACT if width >= LEAST_WIDTH and height >= LEAST_HEIGHT else Layout.TINY


def too_small_text(width: int, height: int) -> str:
    """Return what a too small terminal shows."""
    return f"tui-linreg needs {LEAST_WIDTH}×{LEAST_HEIGHT}\nthis terminal has {width}×{height}\n\nq quits"
