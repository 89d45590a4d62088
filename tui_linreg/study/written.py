"""How numbers are written in a derivation: as the panes of the screen write them. Loads no torch."""

from __future__ import annotations

import math


def exact(value: float, single: bool = False) -> str:
    """Return the shortest text that reads back as the same float64 (or, with `single`, the same float32)."""
    if not single:
        return repr(value)
    import numpy as np  # not on top, so that importing this costs nothing

    return str(np.float32(value))


def fitted(value: float, width: int, decimals: int = 5) -> str:
    """Return `value` in at most `width` characters (at least 8): up to `decimals` places, or scientific notation."""
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    if value == 0 or 10.0**-decimals * 10 <= size < 10.0 ** (width - 2):
        text = f"{value:.{decimals}f}"
        if len(text) <= width:
            return text
        whole = len(f"{value:.0f}") + (1 if value < 0 and size < 0.5 else 0)
        places = min(decimals, width - max(whole, 1) - 1)
        if places >= 1 or size >= 1000:
            text = f"{value:.{max(places, 0)}f}"
            if len(text) <= width:
                return text
    for places in range(width - 6, 0, -1):
        text = f"{value:.{places}e}"
        if len(text) <= width and places <= decimals + 4:
            return text
    return f"{value:.0e}"


def signed(text: str) -> str:
    """Return a number's text, in parentheses when it is negative, to stand after an operator."""
    return f"({text})" if text.startswith("-") else text
