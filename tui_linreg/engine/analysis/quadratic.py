"""The loss as a function of (b, w): a paraboloid, known by its lowest point and its curvature.

With the least-squares (b*, w*), its loss L*, x̄ and the variance s² = mean((x − x̄)²),

    L(b, w) = L* + ((b − b*) + (w − w*) x̄)² + (w − w*)² s²,

two squares that cannot cancel, also where x is large beside its spread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Numbers = float | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quadratic:
    """The mean squared error of a set of samples as a function of b and w, in float64."""

    b: float
    """The least-squares bias (with `w` of least norm where all x are equal)."""
    w: float
    """The least-squares weight."""
    loss: float
    """The loss there, the lowest there is."""
    mean_x: float
    variance_x: float

    @classmethod
    def of(cls, x: Vector, y: Vector) -> Quadratic:
        """Return the loss of x, y of shape (n,), n ≥ 1, by sums about the means (not by the normal equations)."""
        with np.errstate(all="ignore"):
            mean_x, mean_y = _mean(x), _mean(y)
            dx, dy = x - mean_x, y - mean_y
            variance = float((dx * dx).mean())
            if variance > 0:
                w = float((dx * dy).mean()) / variance
                b = mean_y - w * mean_x
            else:
                # A line of minima, b + w x̄ = ȳ: its point nearest to the origin, as a pseudo-inverse gives it.
                norm = math.hypot(1.0, mean_x)
                b, w = mean_y / norm / norm, mean_y / norm * (mean_x / norm)
            residual = dy - w * dx if variance > 0 else dy
            return cls(b, w, float((residual * residual).mean()), mean_x, variance)

    def at(self, b: Numbers, w: Numbers) -> Numbers:
        """Return L(b, w), element by element for arrays."""
        with np.errstate(all="ignore"):
            return self.loss + self.rise(b - self.b, w - self.w)

    def rise(self, db: Numbers, dw: Numbers) -> Numbers:
        """Return how far L lies above its lowest at this distance from the least-squares point, exact also for 0."""
        with np.errstate(all="ignore"):
            db, dw = np.float64(db), np.float64(dw)  # where a plain float would raise, these overflow to inf
            rise: Numbers = (db + dw * self.mean_x) ** 2 + dw * dw * self.variance_x
            return rise


def _mean(values: Vector) -> float:
    """Return the mean, corrected once by the mean of what is left, so that an offset costs no digits."""
    mean = float(values.mean())
    return mean + float((values - mean).mean())
