"""Colours as eyes see them: contrast, and what is left of a difference for those that see fewer colours."""

from __future__ import annotations

import math

_SHARES = (0.2126, 0.7152, 0.0722)
Linear = tuple[float, ...]
# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009,
# severity 1.0; on linear RGB.
DEFICIENCIES = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900),
    ),
}  # fmt: skip
_TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
_WHITE = (0.95047, 1.0, 1.08883)


def linear(colour: str) -> Linear:
    """Return a colour "#rrggbb" as light."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours by WCAG, from 1 to 21."""
    low, high = sorted(sum(s * part for s, part in zip(_SHARES, linear(each), strict=True)) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


def distance(one: str, other: str, deficiency: str | None = None) -> float:
    """Return how far apart two colours look: the Euclidean distance in CIE L*a*b* (2.3 is just seen)."""
    return math.dist(*(_lab(_seen(linear(each), deficiency)) for each in (one, other)))


def _seen(light: Linear, deficiency: str | None) -> Linear:
    return (
        light if deficiency is None else tuple(min(max(each, 0), 1) for each in _times(DEFICIENCIES[deficiency], light))
    )


def _times(matrix: tuple[Linear, ...], vector: Linear) -> Linear:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def _lab(light: Linear) -> Linear:
    x, y, z = (
        ratio ** (1 / 3) if ratio > 216 / 24389 else (24389 / 27 * ratio + 16) / 116
        for ratio in (value / white for value, white in zip(_times(_TO_XYZ, light), _WHITE, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)
