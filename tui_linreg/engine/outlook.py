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


@dataclass(frozen=True, slots=True)
class Outlook:
    """How an error in (b, w) grows or shrinks over one epoch."""

    lr: float
    log_radius: float
    """Natural logarithm of the spectral radius of one epoch's map: below 0 the run converges."""
    largest_stable_lr: float
    """η_max = 2/λ_max of the full train set."""

    @property
    def diverges(self) -> bool:
        """Whether the run cannot converge."""
        return self.log_radius > _BAND

    @property
    def sentence(self) -> str:
        """What will happen, in one line."""
        if not self.diverges:
            return f"η {self.lr:g} converges on this data"
        growth = f"10^{self.log_radius / math.log(10):.3g}" if math.isfinite(self.log_radius) else "without limit"
        return (
            f"η {self.lr:g} diverges on this data: the error grows by {growth} an epoch; "
            f"try η below {self.largest_stable_lr:.2g} or standardize"
        )


def outlook(x_train: Vector, moments: Moments, lr: float) -> Outlook:
    """Return the outlook of a run with learning rate `lr` over mini-batches with these moments."""
    return Outlook(lr, log_spectral_radius(step_matrices(moments, lr)), largest_stable_lr(x_train))
