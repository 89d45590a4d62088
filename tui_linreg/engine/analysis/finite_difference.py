"""Finite differences of the loss: one central quotient, and the sweep that shows what becomes of them as h shrinks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tui_linreg.engine.progress import Cancelled
from tui_linreg.engine.step import Step

Vector = NDArray[np.float64]

_BLOCK = 65_536
"""So many samples at a time stay in the processor's cache; after each block the work may be cancelled."""
_DECADES, _PER_DECADE = 14, 4
_DTYPES: tuple[tuple[str, Any], ...] = (("float64", np.float64), ("float32", np.float32))


class Point(NamedTuple):
    """Parameters at which the loss is taken."""

    b: float
    w: float


def central_difference(x: Tensor, y: Tensor, point: Point, which: int, h: float) -> tuple[float, float]:
    """Return (L(θ + h) − L(θ − h)) / 2h in x's own dtype and on its device, and the larger of the two losses.

    θ is b (`which` 0) or w (1), x and y have shape (m,). It divides by what θ ± h round to, so that their
    rounding costs nothing. nan or inf where a loss overflows.
    """
    with torch.inference_mode():
        at = torch.tensor(point, dtype=x.dtype, device=x.device)
        up, down = at.clone(), at.clone()
        up[which] += h
        down[which] -= h
        losses = [(c[0] + c[1] * x).sub_(y).square_().mean() for c in (up, down)]
        quotient = (losses[0] - losses[1]) / (up[which] - down[which])
        return float(quotient.item()), float(torch.maximum(*losses).item())


@dataclass(frozen=True, slots=True)
class Curves:
    """Relative errors of difference quotients by h, of one parameter in one dtype; arrays of shape (k,).

    |quotient − reference| / max(|reference|, floor); inf or nan where a loss overflows. The floor is 1e-8 of the sum
    of the magnitudes of the gradient's terms: so much of the gradient a sum in float64 can resolve.
    """

    forward: Vector
    """Of (L(θ + h) − L(θ)) / h."""
    central: Vector
    """Of (L(θ + h) − L(θ − h)) / 2h."""
    reference: float
    """The gradient at the parameters and samples as this dtype holds them, from sums in extended precision."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Difference quotients of one step's loss at the hand-written model's parameters, as h shrinks."""

    h: Vector
    """From 1 down to 1e-14, four a decade, shape (57,). θ + h is rounded and the quotient divides by the nominal h, as
    textbooks write it: that θ + h loses digits of h is part of the lesson."""
    curves: dict[tuple[str, str], Curves]
    """By dtype ("float64", "float32") and parameter ("b", "w")."""


def sweep(step: Step, cancelled: Cancelled | None = None) -> Sweep | None:
    """Return the sweep over a step's mini-batch, all of its samples; None when cancelled.

    It evaluates the loss 458 times: of 33 samples in 10 ms, of a million in some two seconds. Everything is computed on
    the CPU, each dtype's losses with samples, parameters, h, sums and quotients in that dtype. Of a float32 run float64
    takes the very same numbers.

    Args:
        step: the step.
        cancelled: asked after each block of samples whether to stop.
    """
    x, y = (values.detach().cpu().numpy() for values in (step.x, step.y))
    h = np.logspace(0, -_DECADES, _DECADES * _PER_DECADE + 1)
    point = Point(step.scratch.b_before, step.scratch.w_before)
    curves: dict[tuple[str, str], Curves] = {}
    try:
        with np.errstate(all="ignore"):
            for name, kind in _DTYPES:
                samples = _Samples(x.astype(kind), y.astype(kind), cancelled)
                pair = _curves(samples, kind(point.b), kind(point.w), h.astype(kind))
                curves[name, "b"], curves[name, "w"] = pair
    except _Stopped:
        return None
    return Sweep(h, curves)


class _Stopped(Exception):
    """The work was cancelled."""


@dataclass(frozen=True)
class _Samples:
    """A mini-batch in one dtype, read in blocks; `_Stopped` is raised between them."""

    x: NDArray[Any]
    y: NDArray[Any]
    cancelled: Cancelled | None

    def blocks(self) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        for start in range(0, len(self.x), _BLOCK):
            if self.cancelled is not None and self.cancelled():
                raise _Stopped
            yield self.x[start : start + _BLOCK], self.y[start : start + _BLOCK]


def _curves(samples: _Samples, b: Any, w: Any, h: NDArray[Any]) -> tuple[Curves, ...]:
    """Return the curves of b and w; all numbers but the references have the samples' dtype."""
    here = _loss(samples, b, w)
    losses = (
        [(_loss(samples, b + step, w), _loss(samples, b - step, w)) for step in h],
        [(_loss(samples, b, w + step), _loss(samples, b, w - step)) for step in h],
    )
    curves = []
    for (reference, size), pairs in zip(_gradient(samples, b, w), losses, strict=True):
        up, down = np.array(pairs, dtype=h.dtype).T
        quotients = (up - here) / h, (up - down) / (2 * h)
        errors = [_relative(values.astype(np.float64), reference, 1e-8 * size) for values in quotients]
        curves.append(Curves(errors[0], errors[1], reference))
    return tuple(curves)


def _loss(samples: _Samples, b: Any, w: Any) -> Any:
    """Return L(b, w), summed in pairs within blocks and over them."""
    sums = [np.square(x * w + b - y).sum() for x, y in samples.blocks()]
    return np.array(sums, dtype=samples.x.dtype).sum() / samples.x.dtype.type(len(samples.x))


def _gradient(samples: _Samples, b: Any, w: Any) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return (gradient, sum of its terms' magnitudes) for b and w, in the widest floats that NumPy has."""
    wide = np.longdouble
    totals = np.zeros(4, dtype=wide)
    for some_x, some_y in samples.blocks():
        x, y = some_x.astype(wide), some_y.astype(wide)
        product = wide(w) * x
        signal = product + wide(b) - y
        sizes = np.abs(product) + abs(wide(b)) + np.abs(y)
        totals += [signal.sum(), (signal * x).sum(), sizes.sum(), (sizes * np.abs(x)).sum()]
    grad_b, grad_w, size_b, size_w = (float(v) for v in totals * 2 / len(samples.x))
    return (grad_b, size_b), (grad_w, size_w)


def _relative(values: Vector, reference: float, floor: float) -> Vector:
    apart = np.abs(values - reference)
    divisor = max(abs(reference), floor)
    if divisor == 0 or not math.isfinite(divisor):
        return np.where(apart == 0, 0.0, np.where(np.isfinite(apart), np.inf if divisor == 0 else np.nan, np.nan))
    return apart / divisor
