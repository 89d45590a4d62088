"""What the learning rate will do on this data, said before the run starts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tui_linreg.engine.analysis.epoch_map import BatchLosses
from tui_linreg.engine.analysis.learning_rate import factor
from tui_linreg.engine.analysis.stability import BAND, full_batch_bound, stability_edge
from tui_linreg.engine.data.curvature import Moments, log_spectral_radius, step_matrices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

_MOST_BATCHES = 4096
"""Up to so many mini-batches an epoch the edge of stability is searched for; above, some stable η stands for it."""


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
        return self.log_radius > BAND

    @property
    def sentence(self) -> str:
        """What will happen, in one line."""
        if not self.diverges:
            return f"η {self.lr:g} converges on this data"
        advice = f"try below {_rounded_down(self.stable_below)}" if self.stable_below > 0 else "rescale the data"
        grows = factor(self.log_radius)
        return f"η {self.lr:g} diverges: {advice} or standardize (an epoch multiplies the error by {grows})"


def outlook(x_train: Vector, moments: Moments, lr: float) -> Outlook:
    """Return the outlook of a run with learning rate `lr` over mini-batches with these moments."""
    radius = log_spectral_radius(step_matrices(moments, lr))
    return Outlook(lr, radius, _edge(x_train, moments, lr) if radius > BAND else math.nan)


def _edge(x_train: Vector, moments: Moments, diverging: float) -> float:
    """Return the first edge of stability, which lies below a diverging η; of very many batches a stable η."""
    if len(moments.m) <= _MOST_BATCHES:
        # No target takes part in the curvature.
        return stability_edge(BatchLosses.of(x_train, x_train, int(moments.m[0])), diverging)
    with np.errstate(all="ignore"):
        n = float(moments.m.sum())
        stable = min(full_batch_bound(float(moments.x.sum()) / n, float(moments.xx.sum()) / n), diverging)
    while stable > 0 and log_spectral_radius(step_matrices(moments, stable)) > BAND:
        stable /= 2
    return stable


def _rounded_down(lr: float) -> str:
    """Write a rate with two digits that are not above it: 0.497 is 0.49, because 0.5 would not converge."""
    unit = 10.0 ** (math.floor(math.log10(lr)) - 1)
    return f"{math.floor(lr / unit * (1 + 1e-12)) * unit:.2g}"
