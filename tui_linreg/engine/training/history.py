"""`History`: the run up to the cursor, as charts draw it, and how a long curve is thinned. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_linreg.engine.phases import Phase

if TYPE_CHECKING:
    from tui_linreg.engine.training.timeline import Timeline

Vector = NDArray[np.float64]
Places = NDArray[np.int64]

_AS_IT_IS = 8192
"""Up to so many values a curve has all of them."""
_MOST_STRETCHES = 4096


class Curve(NamedTuple):
    """Points of a curve over steps (or epochs), in their order."""

    at: Places
    """Which value each point is, from 0."""
    values: Vector

    def value(self, place: int) -> float | None:
        """Return the value that is the `place`th, from 0; None where it is no point of the curve."""
        i = int(np.searchsorted(self.at, place))
        return float(self.values[i]) if i < len(self.at) and self.at[i] == place else None


def thinned(values: Vector) -> Curve:
    """Return the points that a chart needs of these values, shape (n,).

    Of many values these are the first, lowest, highest and last of every 4, 8, 16, …, and the first that is not finite.
    A line through those points looks the same as one through all of them, since one stretch is narrower than a dot.
    """
    size = 1
    while len(values) > _AS_IT_IS and len(values) > size * _MOST_STRETCHES:
        size *= 2
    if size == 1:
        return Curve(np.arange(len(values)), values)
    whole = len(values) // size * size
    table = values[:whole].reshape(-1, size)
    finite = np.isfinite(table)
    starts = np.arange(0, whole, size)
    places = [
        starts,
        starts + np.where(finite, table, np.inf).argmin(axis=1),
        starts + np.where(finite, table, -np.inf).argmax(axis=1),
        starts + finite.argmin(axis=1),  # the first value again if all are finite
        starts + size - 1,
        np.arange(whole, len(values)),
    ]
    at = np.unique(np.concatenate(places))
    return Curve(at, values[at])


_MOST_OF_PATH = 2048


@dataclass(frozen=True, slots=True)
class History:
    """The run as it looked when a phase of a step had just been computed.

    Its curves over steps or epochs are of the scratch model. Each is made when it is asked for, and one of very many
    steps is thinned.
    """

    step: int
    """The cursor's step, from 0."""
    batches: int
    """Mini-batches in an epoch."""
    _phase: Phase = field(repr=False)
    _timeline: Timeline = field(repr=False)
    _hidden_from: tuple[int | None, ...] = field(default=(None,) * len(Phase), repr=False)

    def without(self, hidden_from: tuple[int | None, ...]) -> History:
        """Return the same without hidden numbers: of each phase, in their order, all from this step on (None: none)."""
        return replace(self, _hidden_from=hidden_from)

    def _reached(self, phase: Phase) -> int:
        """Return of how many steps the numbers of this phase are computed and not hidden."""
        reached = self.step + 1 if self._phase >= phase else self.step
        hidden_from = self._hidden_from[phase - 1]
        return reached if hidden_from is None else min(reached, hidden_from)

    @property
    def updates(self) -> int:
        """Updates of b and w so far."""
        return self._reached(Phase.UPDATE)

    @property
    def epochs(self) -> int:
        """Epochs finished so far, before the first with a hidden loss."""
        return min(self._reached(Phase.LOSS), self.updates) // self.batches

    @property
    def losses(self) -> Curve:
        """Batch losses over steps; the cursor's own only from the loss phase on."""
        return thinned(self._timeline.losses(0, 0, self._reached(Phase.LOSS)))

    @property
    def epoch_means(self) -> Curve:
        """Unweighted mean of each finished epoch's batch losses, over epochs."""
        losses = self._timeline.losses(0, 0, self.epochs * self.batches)
        with np.errstate(all="ignore"):
            return thinned(losses.reshape(-1, self.batches).mean(axis=1))

    @property
    def valid(self) -> Curve:
        """Validation loss after each finished epoch, over epochs."""
        return thinned(self._timeline.valid(0, 0, self.epochs))

    @property
    def biases(self) -> Curve:
        """The value of b after 0, 1, … updates."""
        return thinned(self._timeline.biases(0, 0, self.updates + 1))

    @property
    def weights(self) -> Curve:
        """The value of w, likewise."""
        return thinned(self._timeline.weights(0, 0, self.updates + 1))

    @property
    def path(self) -> tuple[Vector, Vector]:
        """The values of b and w after 0, 1, … updates, pairwise; of very many steps evenly fewer, and the last."""
        return self._path(0)

    @property
    def torch_path(self) -> tuple[Vector, Vector]:
        """The same of the torch model, after the same updates."""
        return self._path(1)

    @property
    def path_updates(self) -> Places:
        """After how many updates each point of `path` is, rising."""
        stride = 1
        while self.updates // stride > _MOST_OF_PATH:
            stride *= 2
        at = np.arange(0, self.updates + 1, stride)
        return at if at[-1] == self.updates else np.append(at, self.updates)

    @property
    def bias_gradients(self) -> Curve:
        """∂L/∂b of the steps whose bias gradient the cursor has reached."""
        return thinned(self._timeline.gradients(0, 0, self._reached(Phase.BIAS_GRADIENT)))

    @property
    def weight_gradients(self) -> Curve:
        """∂L/∂w, likewise."""
        return thinned(self._timeline.gradients(1, 0, self._reached(Phase.WEIGHT_GRADIENT)))

    def _path(self, side: int) -> tuple[Vector, Vector]:
        """Return b and w of side 0 (scratch) or 1 (torch) after 0, 1, … updates, of the same updates each.

        Of more than `_MOST_OF_PATH` only every second, fourth, … and the last: a curve in the plane needs both numbers
        of one step, which two thinned curves do not have.
        """
        b, w = (read(side, 0, self.updates + 1) for read in (self._timeline.biases, self._timeline.weights))
        at = self.path_updates
        return b[at], w[at]
