"""`Case`: one step as it comes before the judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from torch import Tensor

from tui_linreg.engine.schedule import Place
from tui_linreg.engine.step import Side
from tui_linreg.engine.verdict import Comparison
from tui_linreg.engine.verdicts.compare import compare, each, on_host

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.floating[Any]]


class Host(NamedTuple):
    """A step's vectors on this machine, shape (m,)."""

    x: Vector
    y: Vector
    y_pred: Vector
    their_y_pred: Vector
    signal: Vector
    their_signal: Vector


@dataclass(frozen=True)
class Case:
    """A step to be judged: its mini-batch, both models' numbers, and the drift before it that rounding explains."""

    place: Place
    x: Tensor
    y: Tensor
    ours: Side
    theirs: Side
    drift_b: float
    drift_w: float
    unlimited: float
    """The bound where an overflow leaves none."""

    @cached_property
    def host(self) -> Host:
        """The vectors as arrays, fetched when first asked for."""
        ours, theirs = self.ours, self.theirs
        vectors = (self.x, self.y, ours.y_pred, theirs.y_pred, ours.dloss_dpred, theirs.dloss_dpred)
        return Host(*map(on_host, vectors))

    def scalars(self, *numbers: Sequence[float]) -> list[Comparison]:
        """Compare numbers in the run's dtype, given as all of ours, all of theirs, what is explained, the bounds."""
        return each(compare(*np.array(numbers, dtype=np.float32 if self.x.element_size() == 4 else np.float64)))
