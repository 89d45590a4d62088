"""The curvature of the loss: each mini-batch's Hessian, and what one epoch does to an error in (b, w).

For a mini-batch, L has the Hessian H = 2 [[1, x̄], [x̄, mean(x²)]]; a step maps the distance e from any solution to
(I − ηH) e, an epoch to the product over its batches. Below spectral radius 1 the run converges, above it diverges.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tui_linreg.engine.minibatch import slices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Matrices = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over each mini-batch of an epoch, arrays of shape (batches,), in float64."""

    m: Vector
    x: Vector
    xx: Vector
    abs_x: Vector
    abs_y: Vector
    abs_xy: Vector


def batch_moments(x: Vector, y: Vector, batch_size: int) -> Moments:
    """Return the sums over the mini-batches of x, y of shape (n,)."""
    starts = np.array([start for start, _ in slices(len(x), batch_size)])
    abs_x, abs_y = np.abs(x), np.abs(y)

    def sums(values: Vector) -> Vector:
        with np.errstate(all="ignore"):
            return np.add.reduceat(values, starts)

    with np.errstate(all="ignore"):
        return Moments(
            m=np.diff(np.append(starts, len(x))).astype(np.float64),
            x=sums(x),
            xx=sums(x * x),
            abs_x=sums(abs_x),
            abs_y=sums(abs_y),
            abs_xy=sums(abs_x * abs_y),
        )


def step_matrices(moments: Moments, lr: float) -> Matrices:
    """Return I − ηH of every mini-batch, shape (batches, 2, 2)."""
    with np.errstate(all="ignore"):
        slope = 2 * lr * (moments.x / moments.m)
        matrices = np.empty((len(moments.m), 2, 2))
        matrices[:, 0, 0] = 1 - 2 * lr
        matrices[:, 0, 1] = matrices[:, 1, 0] = -slope
        matrices[:, 1, 1] = 1 - 2 * lr * (moments.xx / moments.m)
    return matrices


def log_spectral_radius(matrices: Matrices) -> float:
    """Return the natural logarithm of the spectral radius of the product M_last … M_1.

    The product is taken in a tree and rescaled at every level, so that neither length nor size overflows.
    Returns inf when a matrix is not finite.
    """
    if not np.isfinite(matrices).all():
        return math.inf
    logs = np.zeros(len(matrices))
    while len(matrices) > 1:
        scale = np.abs(matrices).max(axis=(1, 2))
        scale[scale == 0] = 1
        matrices, logs = matrices / scale[:, None, None], logs + np.log(scale)
        even = len(matrices) // 2 * 2
        product = matrices[1:even:2] @ matrices[0:even:2]
        summed = logs[0:even:2] + logs[1:even:2]
        matrices = np.concatenate([product, matrices[even:]])
        logs = np.concatenate([summed, logs[even:]])
    radius = float(np.abs(np.linalg.eigvals(matrices[0])).max())
    return math.log(radius) + float(logs[0]) if radius > 0 else -math.inf


def largest_stable_lr(x: Vector) -> float:
    """Return η_max = 2/λ_max of the full batch: above it full-batch gradient descent diverges.

    The Hessian's eigenvalues are λ = (1 + s) ± √((1 − s)² + 4x̄²) with s = mean(x²).
    """
    with np.errstate(all="ignore"):
        mean, square = float(x.mean()), float((x * x).mean())
        return 2 / ((1 + square) + math.hypot(1 - square, 2 * mean))
