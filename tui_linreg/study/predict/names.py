"""How the names of the numbers on the screen are typed: ŷ₃ is also yhat3, η also eta, and ∂L/∂ŷ₃ also d3."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

_SAMPLE = re.compile("(.+?)([₀₁₂₃₄₅₆₇₈₉]+)")
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_TYPED = {
    "ŷ": ("yhat", "y_hat", "y_pred", "ŷ"),
    "η": ("eta", "lr", "η"),
    "∂L/∂ŷ": ("d", "dL/dyhat", "∂L/∂ŷ"),
    "∂L/∂b": ("db", "grad_b", "dL/db", "∂L/∂b"),
    "∂L/∂w": ("dw", "grad_w", "dL/dw", "∂L/∂w"),
}
"""By the symbol as it is shown, the easiest to type first; any other is typed as it is shown."""


def spellings(shown: str) -> tuple[str, ...]:
    """Return the ways to type a name, the easiest first. "S = Σ …" is typed S."""
    symbol = shown.partition(" = ")[0]
    match = _SAMPLE.fullmatch(symbol)
    if match is None:
        return _typed(symbol)
    number = match[2].translate(_DIGITS)
    return tuple(f"{base}{end}" for base in _typed(match[1]) for end in (number, f"_{number}", match[2]))


def _typed(symbol: str) -> tuple[str, ...]:
    found = _TYPED.get(symbol, (symbol,))
    return tuple(dict.fromkeys(form for each in found for form in (each, unicodedata.normalize("NFD", each))))


def values_by_name(given: Mapping[str, float]) -> dict[str, float]:
    """Return the values by all spellings, the easiest of each first.

    A name that only one sample has may be typed without its number.

    Args:
        given: the values by the names as they are shown.
    """
    found = dict(zip(easiest(given), given.values(), strict=True))
    samples: dict[str, list[float]] = {}
    for name, value in given.items():
        found |= {each: value for each in spellings(name) if each not in found}
        if match := _SAMPLE.fullmatch(name):
            samples.setdefault(match[1], []).append(value)
    for symbol, values in samples.items():
        if len(values) == 1:
            found |= {each: values[0] for each in _typed(symbol) if each not in found}
    return found


def easiest(names: Iterable[str]) -> list[str]:
    """Return the easiest way to type each name; where a symbol has one sample only, without its number."""
    shown = [*names]
    matches = [_SAMPLE.fullmatch(name) for name in shown]
    symbols = [match[1] for match in matches if match]
    return [
        _typed(match[1])[0] if match and symbols.count(match[1]) == 1 else spellings(name)[0]
        for name, match in zip(shown, matches, strict=True)
    ]
