"""How numbers are written: exactly where there is room, else shortened so that they fit, never past their digits."""

from __future__ import annotations

import math
from collections.abc import Sequence


def exact(value: float, single: bool = False) -> str:
    """Return the shortest text that reads back as the same float64 (or, with `single`, the same float32)."""
    if not single:
        return repr(value)
    import numpy as np  # not on top: the first frame does not wait for it

    return str(np.float32(value))


def significant(value: float, single: bool = False, digits: int = 6) -> str:
    """Return `value` in so many significant digits, or exactly where that is no longer."""
    whole, text = exact(value, single), f"{value:#.{digits}g}".rstrip(".")
    return whole if len(whole) <= len(text) else text


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


def column(values: Sequence[float], width: int, decimals: int = 5) -> list[str]:
    """Return the values `fitted`, all plain ones with as many decimals as the widest of them has room for.

    What that would leave no digit of is written in scientific notation.
    """
    least, most = 10.0**-decimals * 10, 10.0 ** (width - 2)
    if all(value == 0 or least <= abs(value) < most for value in values):  # a nan is neither
        texts = [f"{value:.{decimals}f}" for value in values]
        if all(len(text) <= width for text in texts):
            return texts
    texts = [fitted(value, width, decimals) for value in values]
    plain = [len(text.partition(".")[2]) for text in texts if "e" not in text and "n" not in text]
    places = min(plain, default=decimals)
    for i, (text, value) in enumerate(zip(texts, values, strict=True)):
        if "e" not in text and "n" not in text:
            small = 0 < abs(value) < 10.0**-places
            texts[i] = fitted(value, width, places) if small else f"{value:.{places}f}"
    return texts


def longest(value: float, width: int, single: bool = False) -> str:
    """Return `value` exactly, or where `width` (at least 8) has no room for that with as many digits as fit."""
    texts = (exact(value, single), *(f"{value:.{digits}g}" for digits in range(17, 1, -1)))
    return next((text for text in texts if len(text) <= width), f"{value:.0e}")


def longest_column(values: Sequence[float], width: int, single: bool = False) -> list[str]:
    """Return the values as `longest` writes them, decimal points below each other where there is room for that."""
    texts = [longest(value, width, single) for value in values]
    places = [0 if "e" in text else len(text.partition(".")[2]) for text in texts]
    padded = [text + " " * (max(places) - count) for text, count in zip(texts, places, strict=True)]
    return padded if max(map(len, padded), default=0) <= width else texts


def aligned(texts: Sequence[str], width: int, point: int = 5) -> list[str]:
    """Return the texts in `width` characters each, with their decimal points at column `point` where that fits.

    Texts too long for it move to the left together, so that digits of one place stay below, or beside, each other.
    """
    wholes = [len(text.partition(".")[0].partition("e")[0]) for text in texts]
    room = min(width - 1 - len(text) + whole for text, whole in zip(texts, wholes, strict=True))
    at = min(point, room)
    return [(" " * max(at - whole, 0) + text).ljust(width) for text, whole in zip(texts, wholes, strict=True)]


def ulps(count: float) -> str:
    """Return a number of ulps in words."""
    if not math.isfinite(count):
        return "overflow"
    return f"{count:.0f} ulp" if count < 100_000 else f"{count:.0e} ulp"


def thousands(count: int) -> str:
    """Return a count with thin groups: 10 000."""
    return f"{count:,}".replace(",", " ")


def duration(seconds: float) -> str:
    """Return a time to wait in its largest unit."""
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def subscript(number: int) -> str:
    """Return a whole number in subscript digits."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def signed(text: str) -> str:
    """Return a number's text, in parentheses when it is negative, to stand after an operator."""
    return f"({text})" if text.startswith("-") else text
