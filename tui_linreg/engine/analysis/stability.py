"""For which learning rates a run converges: the spectral radius of one epoch's map, for many rates at once."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tui_linreg.engine.analysis.quadratic import AT_ONCE, BatchLosses, Parts, first_then, over_epoch
from tui_linreg.engine.progress import Cancelled

Vector = NDArray[np.float64]

BAND = 1e-9
"""Closer than this to radius 1 (in its logarithm) rounding may decide, so nothing is claimed."""
_CHART_RATES = 200
_CHART_WORK = 1_000_000
_FEWEST_RATES = 24
_GRID = 1.02
"""Ratio of neighbouring rates in the search for the first unstable one."""
_FURTHEST = 1e6
"""The search goes up to so many times the safe rate."""
_REFINEMENTS, _FINER = 3, 21
"""How often, and with how many rates, the neighbourhood of the best rate is looked at."""
_WAYS = 16
_ROUNDS = 12


def chart_rates(batches: BatchLosses, lr: float) -> Vector:
    """Return rates for a chart of the spectral radius, rising, `lr` among them where it is finite and above 0.

    The rates are evenly spaced. The largest is 1.5 times the larger of η_max and `lr`, but at most 6 η_max, because
    beyond that a run only diverges; the smallest is a hundredth of it. There are 200 of them; with more than 5000
    mini-batches fewer, at least 24, so that the work stays near a million 2 × 2 products.
    """
    count = min(_CHART_RATES, max(_FEWEST_RATES, _CHART_WORK // len(batches)))
    bound = largest_stable_lr(batches)
    most = 1.5 * min(max(bound, lr), 4 * bound)
    rates = np.linspace(most / 100, most, count)
    return np.unique(np.append(rates, lr)) if 0 < lr <= most else rates


def largest_stable_lr(batches: BatchLosses) -> float:
    """Return η_max = 2/λ_max of the full batch: above it full-batch gradient descent diverges.

    λ_max = (1 + s) + √((1 − s)² + 4x̄²) is the larger eigenvalue of H = 2 [[1, x̄], [x̄, s]], s the mean of x².
    """
    mean = batches.whole.mean_x
    with np.errstate(all="ignore"):
        square = float(np.float64(mean) * mean + batches.whole.variance_x)
    return 2 / ((1 + square) + math.hypot(1 - square, 2 * mean))


def radius_curve(batches: BatchLosses, rates: Vector, cancelled: Cancelled | None = None) -> Vector:
    """Return ln(spectral radius) of one epoch's map for each of `rates`, shape (rates,).

    Costs some 0.3 µs for each rate and mini-batch. Where x does not vary, one direction never moves (its eigenvalue is
    exactly 1, and the loss does not depend on it): the radius is that of the other. Where numbers overflow it is inf.
    When `cancelled` says so, what is left is nan.
    """
    rates = np.asarray(rates, dtype=np.float64)
    radii = np.full(len(rates), np.nan)
    width = max(1, AT_ONCE // min(len(batches), AT_ONCE))
    with np.errstate(all="ignore"):
        for at in range(0, len(rates), width):
            if cancelled is not None and cancelled():
                return radii
            some = rates[at : at + width]
            log = _by_difference(batches, some)
            # Far below 1 the difference from I has lost the digits, far above it may have overflowed.
            again = ~(log > -1) | ~np.isfinite(log)
            if again.any():
                log[again] = _by_product(batches, some[again])
            radii[at : at + width] = np.where(np.isnan(log), np.inf, log)
    return radii


def best_rate(batches: BatchLosses, rates: Vector, logs: Vector) -> tuple[float, float]:
    """Return the rate at which the radius is least, to four digits, and its ln(radius); both nan where none is finite.

    Args:
        batches: the mini-batches.
        rates: rates of a curve, rising, shape (n,).
        logs: ln(radius) of each.
    """
    for _ in range(_REFINEMENTS):
        finite = np.isfinite(logs) & np.isfinite(rates)
        if not finite.any():
            return math.nan, math.nan
        at = int(np.argmin(np.where(finite, logs, np.inf)))
        rates = np.linspace(rates[max(at - 1, 0)], rates[min(at + 1, len(rates) - 1)], _FINER)
        logs = radius_curve(batches, rates)
    at = int(np.argmin(logs))
    return float(rates[at]), float(logs[at])


def log_radius(batches: BatchLosses, lr: float) -> float:
    """Return ln(spectral radius) of one epoch's map: below 0 the run converges, above it diverges."""
    return float(radius_curve(batches, np.array([lr]))[0])


def _by_difference(batches: BatchLosses, rates: Vector) -> Vector:
    """Return ln(radius) from D = I − M: exact near radius 1, also for a tiny η."""

    def maps(own: slice) -> Parts:
        uv = batches.uv[own]
        return batches.uu[own], uv, uv, batches.vv[own]

    then = partial(first_then, eta=rates[:, None])
    a, b, c, d = over_epoch(batches, max(1, AT_ONCE // len(rates)), maps, then)
    if batches.stuck:
        return _log_of_one_less(rates * a)
    trace, det, under = a + d, a * d - b * c, ((a - d) / 2) ** 2 + b * c
    larger = trace / 2 + np.copysign(np.sqrt(np.maximum(under, 0)), trace)
    real = np.maximum(_log_of_one_less(rates * larger), _log_of_one_less(rates * (det / larger)))
    # A complex pair: |1 − μ|² is the determinant of I − D.
    radii: Vector = np.where(under < 0, np.log1p(rates * (rates * det - trace)) / 2, real)
    return radii


def _log_of_one_less(mu: Vector) -> Vector:
    """Return ln|1 − μ|."""
    log: Vector = np.where(mu < 1, np.log1p(-np.minimum(mu, 1)), np.log(np.maximum(mu - 1, 0)))
    return np.where(np.isnan(mu), np.nan, log)


def _by_product(batches: BatchLosses, rates: Vector) -> Vector:
    """Return ln(radius) from M itself, rescaled after every product, so that neither length nor size overflows."""
    width = max(1, AT_ONCE // len(rates))
    a, b, c, d, log = over_epoch(batches, width, lambda own: step_maps(batches, rates[:, None], own), scaled_then)
    if batches.stuck:
        return log + np.log(np.abs(a))
    under = ((a - d) / 2) ** 2 + b * c
    real = np.abs(a + d) / 2 + np.sqrt(np.maximum(under, 0))
    return log + np.where(under < 0, np.log(np.maximum(a * d - b * c, 0)) / 2, np.log(real))


def step_maps(batches: BatchLosses, eta: Vector | float, own: slice) -> Parts:
    """Return I − ηHₖ of these batches over the turned axes, as rescaled maps: (M_uu, M_uv, M_vu, M_vv, ln scale)."""
    uu, uv, vv = (np.asarray(eta * h[own]) for h in (batches.uu, batches.uv, batches.vv))
    return scaled_then(_IDENTITY, (1 - uu, -uv, -uv, 1 - vv, np.zeros_like(uu)))


def scaled_then(one: Parts, two: Parts) -> Parts:
    """Return the product of two rescaled maps, `one` done first; the largest number of the product is 1."""
    a, b, c, d, i = one
    e, f, g, h, j = two
    product = e * a + f * c, e * b + f * d, g * a + h * c, g * b + h * d
    size = np.maximum(
        np.maximum(np.abs(product[0]), np.abs(product[1])), np.maximum(np.abs(product[2]), np.abs(product[3]))
    )
    size = np.where(size == 0, 1.0, size)
    return (*(p / size for p in product), i + j + np.log(size))


_IDENTITY = tuple(np.asarray(value) for value in (1.0, 0.0, 0.0, 1.0, 0.0))


def stability_edge(batches: BatchLosses, below: float = math.inf, cancelled: Cancelled | None = None) -> float:
    """Return the first η above 0 at which the spectral radius crosses 1, from below: just under it runs converge.

    Every η below 2/max λ(Hₖ) converges. From there on a grid of rates 2 % apart is tried and the first crossing is
    refined; stability need not be monotone in η for mini-batches, and an unstable stretch between two neighbours of the
    grid is missed. With `below`, a rate known to diverge, the edge returned is below that one in any case.

    Returns 0 where no rate is small enough for a float, nan when cancelled, inf when none is found up to a million
    times the safe rate.
    """
    safe = batches.safe
    if not 0 < safe < math.inf:
        return math.inf if safe > 0 else 0.0
    stable, unstable = min(safe, below) * (1 - 1e-12), math.inf
    furthest = min(below, safe * _FURTHEST)
    many = max(4, min(64, AT_ONCE // len(batches)))
    while not math.isfinite(unstable):
        if cancelled is not None and cancelled():
            return math.nan
        rates = np.minimum(stable * _GRID ** np.arange(1, many + 1), furthest)
        above = np.flatnonzero(radius_curve(batches, rates) > 0)
        if len(above):
            unstable = float(rates[above[0]])
            stable = float(rates[above[0] - 1]) if above[0] else stable
        elif rates[-1] >= furthest:
            return below if math.isfinite(below) and below <= furthest else math.inf
        else:
            stable = float(rates[-1])
    for _ in range(_ROUNDS):
        if cancelled is not None and cancelled():
            return math.nan
        rates = np.linspace(stable, unstable, _WAYS + 1)
        if not stable < rates[1] < unstable:
            break
        above = np.flatnonzero(radius_curve(batches, rates[1:-1]) > 0)
        first = int(above[0]) + 1 if len(above) else _WAYS
        stable, unstable = float(rates[first - 1]), float(rates[first])
    return stable
