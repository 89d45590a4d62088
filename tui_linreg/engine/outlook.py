"""What the learning rate will do on this data, said before the run starts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tui_linreg.engine.curvature import Moments, largest_stable_lr, log_spectral_radius, step_matrices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

_BAND = 1e-9
"""Around radius 1 rounding decides, so nothing is claimed."""
_MOST_BATCHES = 4096
"""Up to so many mini-batches an epoch the edge of stability is searched for; above, some stable η stands for it."""
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Outlook:
    """How an error in (b, w) grows or shrinks over one epoch."""

    lr: float
    log_radius: float
    """Natural logarithm of the spectral radius of one epoch's map: below 0 the run converges."""
    stable_below: float
    """An η below which this run converges; nan unless it diverges."""

    @property
    def diverges(self) -> bool:
        """Whether the run cannot converge."""
        return self.log_radius > _BAND

    @property
    def sentence(self) -> str:
        """What will happen, in one line."""
        if not self.diverges:
            return f"η {self.lr:g} converges on this data"
        advice = f"try below {_rounded_down(self.stable_below)}" if self.stable_below > 0 else "rescale the data"
        return f"η {self.lr:g} diverges: {advice} or standardize (an epoch multiplies the error by {self._factor})"

    @property
    def _factor(self) -> str:
        power = self.log_radius / math.log(10)
        if power < 4:
            return f"{math.exp(self.log_radius):.3g}"
        return f"10^{power:.0f}" if math.isfinite(power) else "more than a float holds"


def outlook(x_train: Vector, moments: Moments, lr: float) -> Outlook:
    """Return the outlook of a run with learning rate `lr` over mini-batches with these moments."""
    radius = log_spectral_radius(step_matrices(moments, lr))
    return Outlook(lr, radius, _edge(x_train, moments, lr) if radius > _BAND else math.nan)


def _edge(x_train: Vector, moments: Moments, diverging: float) -> float:
    """Return the edge of stability below a diverging η: the full batch's η_max, then the mini-batches' by bisection."""
    full = largest_stable_lr(x_train)
    if not full > 0:
        return full
    stable, unstable = min(full, diverging), diverging
    while stable > 0 and log_spectral_radius(step_matrices(moments, stable)) > _BAND:
        stable, unstable = stable / 2, stable
    for _ in range(_HALVINGS if len(moments.m) <= _MOST_BATCHES else 0):
        middle = (stable + unstable) / 2
        if log_spectral_radius(step_matrices(moments, middle)) > _BAND:
            unstable = middle
        else:
            stable = middle
    return stable


def _rounded_down(lr: float) -> str:
    """Write a rate with two digits that are not above it: 0.497 is 0.49, because 0.5 would not converge."""
    unit = 10.0 ** (math.floor(math.log10(lr)) - 1)
    return f"{math.floor(lr / unit * (1 + 1e-12)) * unit:.2g}"
