"""The loss as a function of (b, w), of the train set and of every mini-batch, and one epoch as an affine map of (b, w).

The loss is a paraboloid. With the least-squares (b*, w*), its loss L*, x̄ and the variance s² = mean((x − x̄)²),

    L(b, w) = L* + ((b − b*) + (w − w*) x̄)² + (w − w*)² s²,

two squares that cannot cancel, also where x is large beside its spread.

A step over mini-batch k maps the distance z from the least-squares point to z − η(Hₖ z + cₖ), with cₖ the gradient at
that point; an epoch maps it to (I − D) z − a. D and a are built up themselves, (D₁, a₁) then (D₂, a₂) giving
(D₁ + D₂ − D₂ D₁, a₁ + a₂ − D₂ a₁), and divided by η, so that a tiny η costs no digits. The axes are those of (b, w),
turned so that the first points along (1, x̄): there the entries are graded, and x far from 0 costs no digits either.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tui_linreg.engine.step import Step

Vector = NDArray[np.float64]
Numbers = float | NDArray[np.float64]
Parts = tuple[Vector, ...]
Join = Callable[[Parts, Parts], Parts]


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

    @classmethod
    def of_step(cls, step: Step) -> Quadratic:
        """Return the loss of a step's own samples."""
        x, y = (values.cpu().double().numpy() for values in (step.x, step.y))
        return cls.of(x, y)

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


_SAMPLES_AT_ONCE = 1_000_000
AT_ONCE = 32_768
"""So many 2 × 2 matrices are joined at a time, so that they stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class BatchLosses:
    """The loss of every mini-batch of an epoch as a paraboloid over the turned axes; arrays of shape (batches,)."""

    whole: Quadratic
    """The loss of the whole train set."""
    batch_size: int
    samples: int
    uu: Vector
    """Hₖ, second derivative along the first axis, (1, x̄)/N with N = √(1 + x̄²)."""
    uv: Vector
    vv: Vector
    u: Vector
    """cₖ, the gradient at the least-squares point, along the first axis."""
    v: Vector
    steepest: float
    """The largest eigenvalue of any Hₖ."""

    @classmethod
    def of(cls, x: Vector, y: Vector, batch_size: int, whole: Quadratic | None = None) -> BatchLosses:
        """Return the batch losses of x, y of shape (n,), n ≥ 1, in consecutive slices of `batch_size`.

        One pass over the data (some 20 ms a million samples); `whole` saves two more where it is known.
        """
        n, size = len(x), min(batch_size, len(x))
        whole = Quadratic.of(x, y) if whole is None else whole
        rows = max(1, _SAMPLES_AT_ONCE // size) * size  # whole batches
        with np.errstate(all="ignore"):
            parts = [_sums(x[at : at + rows], y[at : at + rows], size, whole) for at in range(0, n, rows)]
            m = np.full(-(-n // size), float(size))
            m[-1] = n - size * (len(m) - 1)
            uu, uv, vv, u, v = 2 * np.concatenate(parts, axis=1) / m
            steepest = float(((uu + vv) / 2 + np.hypot((uu - vv) / 2, uv)).max())
        return cls(whole, size, n, uu, uv, vv, u, v, steepest)

    def __len__(self) -> int:
        """Return the number of mini-batches in an epoch."""
        return len(self.uu)

    def begun_at(self, batch: int) -> BatchLosses:
        """Return the same of an epoch that begins at another of its mini-batches, counted from 0."""
        columns = ("uu", "uv", "vv", "u", "v")
        return replace(self, **{name: np.roll(getattr(self, name), -batch) for name in columns}) if batch else self

    @property
    def stuck(self) -> bool:
        """Whether x does not vary: the loss then has a line of minima, along which no step ever moves."""
        return not self.whole.variance_x > 0

    @property
    def safe(self) -> float:
        """2/max λ(Hₖ): every η below it converges, as then no step of any batch makes a distance longer."""
        return 2 / self.steepest if self.steepest > 0 else math.nan if math.isnan(self.steepest) else math.inf

    def turned(self, b: float, w: float) -> tuple[float, float]:
        """Return (b, w) over the turned axes."""
        norm, mean = math.hypot(1.0, self.whole.mean_x), self.whole.mean_x
        return b / norm + w * (mean / norm), w / norm - b * (mean / norm)

    def turned_back(self, u: float, v: float) -> tuple[float, float]:
        """Return (b, w) of a vector over the turned axes."""
        norm, mean = math.hypot(1.0, self.whole.mean_x), self.whole.mean_x
        return u / norm - v * (mean / norm), u * (mean / norm) + v / norm


def _sums(x: Vector, y: Vector, size: int, whole: Quadratic) -> NDArray[np.float64]:
    """Return Σ p², Σ p q, Σ q², Σ p r, Σ q r of each batch, ŷ = p u + q v over the turned axes, r = ŷ − y."""
    starts = np.arange(0, len(x), size)
    mean, norm = whole.mean_x, math.hypot(1.0, whole.mean_x)
    centred = x - mean
    q = centred / norm if whole.variance_x > 0 else np.zeros_like(x)
    p = norm + (mean / norm) * centred
    residual = (whole.b + whole.w * mean) + whole.w * centred - y
    products = (p * p, p * q, q * q, p * residual, q * residual)
    return np.stack([values if size == 1 else np.add.reduceat(values, starts) for values in products])


def first_then(one: Parts, two: Parts, eta: Vector | float) -> Parts:
    """Return the map that is `one`, then `two`; each is D/η, row by row, or that and a/η."""
    a, b, c, d = one[:4]
    e, f, g, h = two[:4]
    both = (
        a + e - eta * (e * a + f * c),
        b + f - eta * (e * b + f * d),
        c + g - eta * (g * a + h * c),
        d + h - eta * (g * b + h * d),
    )
    if len(one) == 4:
        return both
    s, t = one[4:]
    return (*both, s + two[4] - eta * (e * s + f * t), t + two[5] - eta * (g * s + h * t))


def over_epoch(batches: BatchLosses, width: int, maps: Callable[[slice], Parts], then: Join) -> Parts:
    """Return the map of an epoch: those of its batches, joined one after the other.

    Args:
        batches: the mini-batches.
        width: how many of them are joined at a time, in a tree.
        maps: returns the maps of a slice of the batches, arrays whose last axis is the batch.
        then: returns the map that does one, then another.
    """
    blocks = (joined(maps(slice(at, at + width)), then) for at in range(0, len(batches), width))
    return tuple(part[..., 0] for part in reduce(then, blocks))


def joined(parts: Parts, then: Join) -> Parts:
    """Return the maps along the last axis joined in their order; that axis has length 1 then."""
    while (count := parts[0].shape[-1]) > 1:
        even = count // 2 * 2
        pairs = then(tuple(p[..., 0:even:2] for p in parts), tuple(p[..., 1:even:2] for p in parts))
        if even < count:
            last = (np.broadcast_to(p[..., -1:], (*q.shape[:-1], 1)) for q, p in zip(pairs, parts, strict=True))
            pairs = tuple(np.concatenate(both, axis=-1) for both in zip(pairs, last, strict=True))
        parts = pairs
    return parts


@dataclass(frozen=True, slots=True)
class EpochMap:
    """An epoch maps the distance z from the least-squares point to (I − D) z − a, over the turned axes."""

    d: tuple[float, float, float, float]
    """D/η, row by row: the sum of the Hessians where η is tiny, so nothing underflows."""
    a: tuple[float, float]
    """a/η."""

    @classmethod
    def of(cls, batches: BatchLosses, lr: float) -> EpochMap:
        """Return the map of an epoch with learning rate `lr`; not finite where an epoch's growth overflows."""

        def maps(own: slice) -> Parts:
            uv = batches.uv[own]
            return batches.uu[own], uv, uv, batches.vv[own], batches.u[own], batches.v[own]

        with np.errstate(all="ignore"):
            a, b, c, d, u, v = map(float, over_epoch(batches, AT_ONCE, maps, partial(first_then, eta=lr)))
        return cls((a, b, c, d), (u, v))
