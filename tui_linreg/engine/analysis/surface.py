"""The loss over a window of the (b, w) plane: its values, round levels, and contour lines in closed form."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_linreg.engine.analysis.quadratic import Quadratic

Vector = NDArray[np.float64]
Values = NDArray[np.float64]

FARTHEST = 1e300
"""Parameters beyond are left out of a window: nobody can read an axis of them."""
_SMALLEST = 1e-300
"""The least width of a window, and the least loss that gets levels."""
_THINNEST = 1e-9
"""The least width of a window, as a fraction of its distance from 0, so that its grid has different numbers."""
_FREE = 0.05
"""Fraction of the width of a window that stays free on each side of a path."""
_POINTS = 64
"""A contour line has a point at each of so many columns and rows of the window."""


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of the (b, w) plane; each low end is below its high end, all four are finite."""

    b_low: float
    b_high: float
    w_low: float
    w_high: float


def window_of_path(bs: Vector, ws: Vector, extra: Iterable[tuple[float, float]] = ()) -> Window:
    """Return a window with the whole path and the extra points (least squares, fixed point) in it.

    Its edges lie on a grid of 1, 2 or 5 times a power of ten, at least 5 % of the width outside of the points, so
    that it rarely changes as the path grows. Points with a number that is not finite, or beyond 1e300, are left out.

    Args:
        bs: the path's b, shape (k,).
        ws: its w, shape (k,).
        extra: more points (b, w).
    """
    more = np.array([*extra], dtype=np.float64).reshape(-1, 2)
    points = np.concatenate([np.stack([bs, ws], axis=1), more])
    with np.errstate(invalid="ignore"):
        points = points[(np.abs(points) < FARTHEST).all(axis=1)]
    if not len(points):
        return Window(-1.0, 1.0, -1.0, 1.0)
    low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Window(*_range(low[0], high[0]), *_range(low[1], high[1]))


def window_near(b: float, w: float, step_b: float, step_w: float) -> Window:
    """Return the neighbourhood of (b, w): at least three step lengths to each side.

    The size is 1, 2 or 5 times a power of ten and the middle lies on a grid of half of it, so that the window rarely
    jumps. A step that is 0 or not finite counts as a thousandth of the parameter.

    Args:
        b: the bias here.
        w: the weight here.
        step_b: how b is about to change, −η ∂L/∂b.
        step_w: how w is about to change, −η ∂L/∂w.
    """
    return Window(*_near(b, step_b), *_near(w, step_w))


def _near(at: float, step: float) -> tuple[float, float]:
    at = at if abs(at) < FARTHEST else 0.0
    size = abs(step)
    if not 0 < size < FARTHEST:
        size = max(abs(at), 1.0) / 1000
    # The middle may be a quarter of `reach` away from here, so 4 step lengths show 3.
    reach = _nice_above(max(size * 4, abs(at) * _THINNEST, _SMALLEST))
    mesh = reach / 2
    middle = round(at / mesh) * mesh
    return middle - reach, middle + reach


def _range(low: float, high: float) -> tuple[float, float]:
    """Return a range around low … high whose ends lie on a 1, 2, 5 grid."""
    least = max(max(abs(low), abs(high)) * _THINNEST, _SMALLEST)
    # One point alone shows what is around it at its own scale.
    alone = max(abs(low), abs(high)) / 10
    width = high - low if high - low > least else (alone if alone > least else 1.0)
    margin = max(width * _FREE, (width - (high - low)) / 2)
    mesh = _nice_above(width / 10)
    return math.floor((low - margin) / mesh) * mesh, math.ceil((high + margin) / mesh) * mesh


def _nice_above(value: float) -> float:
    """Return the next of 1, 2, 5 times a power of ten, for a positive number."""
    power = math.floor(math.log10(value))
    for exponent in (power, power + 1):
        for lead in (1, 2, 5):
            nice = float(f"{lead}e{exponent}")
            if nice >= value:
                return nice
    return value


def grid(window: Window, columns: int, rows: int) -> tuple[Vector, Vector]:
    """Return the cell centres (b of each column, w of each row), ascending."""
    b = window.b_low + (np.arange(columns) + 0.5) * ((window.b_high - window.b_low) / columns)
    w = window.w_low + (np.arange(rows) + 0.5) * ((window.w_high - window.w_low) / rows)
    return np.asarray(b, np.float64), np.asarray(w, np.float64)


def surface(quadratic: Quadratic, window: Window, columns: int, rows: int) -> Values:
    """Return the loss at the centres of the window's cells, shape (rows, columns), row 0 at the lowest w.

    inf or nan where the loss overflows.
    """
    b, w = grid(window, columns, rows)
    return np.asarray(quadratic.at(b[None, :], w[:, None]), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Level:
    """A contour level: a round loss and how it is written."""

    value: float
    label: str


def levels(values: Values, count: int = 8) -> list[Level]:
    """Return at most `count` (≥ 2) round levels, ascending, strictly between the least and the largest finite value.

    They are spaced like the loss at equal distances from the lowest point, by squares: contours of a bowl are then
    about equally far apart. Few or none where the values hardly differ.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return []
    low, high = float(finite.min()), float(finite.max())
    if not (0 <= low < high and high > _SMALLEST and high - low > high * _THINNEST):
        return []
    rounded = {float(text) for text in _by_squares(low, high, count)}
    return [Level(value, _short(value)) for value in sorted(rounded) if low < value < high]


def _by_squares(low: float, high: float, count: int) -> list[str]:
    texts = []
    for k in range(1, count + 1):
        value = low + (high - low) * (k / (count + 1)) ** 2
        # Rounded by less than half of the way to the next level below, so that levels stay apart.
        gap = (high - low) * ((2 * k - 1) / (count + 1) ** 2)
        digits = max(0, math.ceil(math.log10(value / gap))) if gap > 0 else 16
        texts.append(f"{value:.{min(digits, 16)}e}")
    return texts


def _short(value: float) -> str:
    """Return a round number in as few characters as tell it."""
    text = repr(value)
    if 1e-3 <= value < 1e6:
        return text.removesuffix(".0")
    mantissa, _, power = (text if "e" in text else f"{value:.15e}").partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(power)}"


def contour_lines(quadratic: Quadratic, level: float, window: Window) -> list[tuple[Vector, Vector]]:
    """Return where the loss is `level` within the window: lines, each as (b, w) of its points.

    L − L* = (Δb + Δw x̄)² + (Δw s)² is an ellipse around the least-squares (b*, w*): Δb + Δw x̄ = ρ cos t and
    Δw s = ρ sin t with ρ = √(level − L*). Where all x are equal (s = 0) it is two parallel lines. An ellipse wholly
    inside is closed: its last point is its first. No line where `level` is at or below the lowest loss, or a number is
    not finite.

    Args:
        quadratic: the loss.
        level: the loss on the line.
        window: what to show of it; lines end at its edges.
    """
    s, mean = math.sqrt(quadratic.variance_x) if quadratic.variance_x > 0 else 0.0, quadratic.mean_x
    above = level - quadratic.loss
    if not (0 < above < math.inf and all(map(math.isfinite, (s, mean, quadratic.b, quadratic.w)))):
        return []
    edges = (
        np.linspace(window.b_low, window.b_high, _POINTS + 1),
        np.linspace(window.w_low, window.w_high, _POINTS + 1),
    )
    rho = math.sqrt(above)
    with np.errstate(all="ignore"):
        if s > 0:
            return _ellipse(quadratic, rho, s, window, edges)
        lines = [_straight(quadratic, side * rho, window, edges) for side in (-1.0, 1.0)]
    return [line for line in lines if line is not None]


def _ellipse(
    quadratic: Quadratic, rho: float, s: float, window: Window, edges: tuple[Vector, Vector]
) -> list[tuple[Vector, Vector]]:
    """Return the pieces of the ellipse between its crossings of the window's columns and rows."""
    slope = quadratic.mean_x / s
    # Δb = ρ (cos t − slope sin t) = ρ √(1 + slope²) cos(t + φ) with tan φ = slope
    length, phase = math.hypot(1.0, slope), math.atan(slope)
    across = np.arccos((edges[0] - quadratic.b) / (rho * length))
    along = np.arcsin((edges[1] - quadratic.w) * s / rho)
    turns = np.concatenate([across - phase, -across - phase, along, math.pi - along])
    even = np.linspace(0.0, 2 * math.pi, 4 * _POINTS, endpoint=False)
    t = np.unique(np.concatenate([turns[np.isfinite(turns)] % (2 * math.pi), even]))

    def place(at: Vector) -> tuple[Vector, Vector]:
        return quadratic.b + rho * length * np.cos(at + phase), quadratic.w + rho / s * np.sin(at)

    t = np.append(t, t[0] + 2 * math.pi)
    inside = _inside(window, *place((t[:-1] + t[1:]) / 2))
    if inside.all():
        return [place(t)]
    # Begun outside, so that no piece is cut where t begins anew.
    first = int(np.flatnonzero(~inside)[0])
    inside = np.roll(inside, -first)
    t = np.concatenate([t[first:-1], t[: first + 1] + 2 * math.pi])
    return [place(t[start : stop + 1]) for start, stop in _runs_of_true(inside)]


def _straight(
    quadratic: Quadratic, offset: float, window: Window, edges: tuple[Vector, Vector]
) -> tuple[Vector, Vector] | None:
    """Return b + w x̄ = b* + w* x̄ + offset within the window, or None."""
    mean = quadratic.mean_x
    w = np.concatenate([edges[1], quadratic.w + (offset - (edges[0] - quadratic.b)) / mean]) if mean else edges[1]
    w = np.unique(w[np.isfinite(w)])
    b = quadratic.b + offset - (w - quadratic.w) * mean
    inside = _inside(window, (b[:-1] + b[1:]) / 2, (w[:-1] + w[1:]) / 2)
    pieces = _runs_of_true(inside)
    if not pieces:
        return None
    start, stop = pieces[0]
    return b[start : stop + 1], w[start : stop + 1]


def _inside(window: Window, b: Vector, w: Vector) -> NDArray[np.bool_]:
    return (b >= window.b_low) & (b <= window.b_high) & (w >= window.w_low) & (w <= window.w_high)


def _runs_of_true(inside: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return (start, stop) of each run of True, stop exclusive."""
    turns = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in turns.reshape(-1, 2)]
