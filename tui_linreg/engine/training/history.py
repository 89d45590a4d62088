"""`History`: the run up to the cursor, as charts draw it. Nothing later than the cursor is in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.timeline import Curve, Timeline, Vector


@dataclass(frozen=True, slots=True)
class History:
    """The run as it looked when a phase of a step had just been computed.

    Its curves over steps or epochs are of the scratch model. Each is made when it is asked for, and one of very many
    steps is thinned (`tui_linreg.engine.training.timeline`).
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
        return self._timeline.loss_curve(self._reached(Phase.LOSS))

    @property
    def epoch_means(self) -> Curve:
        """Unweighted mean of each finished epoch's batch losses, over epochs."""
        return self._timeline.mean_curve(self.epochs)

    @property
    def valid(self) -> Curve:
        """Validation loss after each finished epoch, over epochs."""
        return self._timeline.valid_curve(self.epochs)

    @property
    def biases(self) -> Curve:
        """The value of b after 0, 1, … updates."""
        return self._timeline.parameter_curve(0, self.updates)

    @property
    def weights(self) -> Curve:
        """The value of w, likewise."""
        return self._timeline.parameter_curve(1, self.updates)

    @property
    def path(self) -> tuple[Vector, Vector]:
        """The values of b and w after 0, 1, … updates, pairwise; of very many steps evenly fewer, and the last."""
        return self._timeline.path(self.updates)

    @property
    def torch_path(self) -> tuple[Vector, Vector]:
        """The same of the torch model, after the same updates."""
        return self._timeline.path(self.updates, side=1)

    @property
    def bias_gradients(self) -> Curve:
        """∂L/∂b of the steps whose bias gradient the cursor has reached."""
        return self._timeline.gradient_curve(0, self._reached(Phase.BIAS_GRADIENT))

    @property
    def weight_gradients(self) -> Curve:
        """∂L/∂w, likewise."""
        return self._timeline.gradient_curve(1, self._reached(Phase.WEIGHT_GRADIENT))
