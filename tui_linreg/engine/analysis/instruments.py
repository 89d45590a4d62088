"""`Instruments`: what the instruments say of one session, worked out when it is asked for and kept while it holds."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import torch

from tui_linreg.engine.analysis.epoch_losses import EpochColumns, EpochRow, epoch_columns, epoch_rows
from tui_linreg.engine.analysis.epoch_map import BatchLosses, EpochMap
from tui_linreg.engine.analysis.finite_difference import Sweep, sweep
from tui_linreg.engine.analysis.fixed_point import Landing, landing
from tui_linreg.engine.analysis.gradient_check import GradientCheck, gradient_check
from tui_linreg.engine.analysis.learning_rate import LearningRate, divergence_warning, learning_rate
from tui_linreg.engine.analysis.quadratic import Quadratic
from tui_linreg.engine.analysis.stability import chart_rates, radius_curve, stability_edge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tui_linreg.engine.progress import Cancelled
    from tui_linreg.engine.step import Step
    from tui_linreg.engine.training.session import Session

    Vector = NDArray[np.float64]

Item = Literal["batches", "radii", "check", "sweep"]
"""What may take longer than a frame of very large data: the batches' losses (all but the gradient check begins with
them), the radius over η, the gradient check and the sweep of one step."""
_CHEAP_SAMPLES = 300_000
_CHEAP_BATCHES = 256
_CHEAP_CHECK = 1_000_000
_CHEAP_SWEEP = 10_000


class Radii(NamedTuple):
    """The spectral radius of one epoch's map over η."""

    rates: Vector
    log_radii: Vector
    """Natural logarithms, one for each rate."""
    edge: float
    """The least η at which the radius reaches 1."""


class Instruments:
    """The instruments of a session. What they are asked for is computed at once, unless `prepare` did it before.

    Args:
        session: the run; after its `restart` everything kept still holds.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        """The run they are of."""
        self._check: GradientCheck | None = None
        self._sweep: Sweep | None = None
        self._radii: Radii | None = None

    @cached_property
    def batches(self) -> BatchLosses:
        """The loss of every mini-batch as a paraboloid."""
        data = self.session.dataset
        x, y = (v.cpu().to(torch.float64).numpy() for v in (data.x_train, data.y_train))
        return BatchLosses.of(x, y, self.session.schedule.batch_size)

    @property
    def whole(self) -> Quadratic:
        """The loss of the train set over (b, w)."""
        return self.batches.whole

    @cached_property
    def learning_rate(self) -> LearningRate:
        """What the run's η will do."""
        return self.foretell(self.batches, self.session.config.lr)

    @cached_property
    def warning(self) -> str | None:
        """That the run's η diverges and what would help, in one line; None where it may converge."""
        return divergence_warning(self.batches, self.learning_rate)

    def foretell(self, batches: BatchLosses, lr: float) -> LearningRate:
        """Return what another η would do from the run's start, on batches of the same data."""
        b, w = self.session.timeline.states(0)[0][:2]
        return learning_rate(batches, lr, start=(b, w), largest=torch.finfo(self.session.dtype).max)

    @property
    def radii(self) -> Radii:
        """The spectral radius over η, the run's own among the rates."""
        if self._radii is None:
            self._radii = self._find_radii(None)
        assert self._radii is not None
        return self._radii

    def _find_radii(self, cancelled: Cancelled | None) -> Radii | None:
        batches, lr = self.batches, self.session.config.lr
        rates = chart_rates(batches, lr)
        logs = radius_curve(batches, rates, cancelled=cancelled)
        edge = stability_edge(batches, cancelled=cancelled)
        return None if cancelled is not None and cancelled() else Radii(rates, logs, edge)

    @cached_property
    def _epoch(self) -> EpochMap:
        return EpochMap.of(self.batches, self.session.config.lr)

    def landing(self, b: float, w: float) -> Landing:
        """Return where the run goes from (b, w)."""
        return landing(self.batches, self.session.config.lr, b, w, self.learning_rate.log_radius, self._epoch)

    def epoch_rows(self, start: int, stop: int) -> list[EpochRow]:
        """Return the scratch model's losses of finished epochs `start` to `stop` (exclusive)."""
        summed = self.session.config.mistake == "sum"
        return epoch_rows(self.session.timeline, self.session.schedule, self.whole, start, stop, summed=summed)

    def epoch_columns(self, stop: int) -> EpochColumns:
        """Return the same of the first `stop` epochs, as arrays."""
        return epoch_columns(self.session.timeline, self.session.schedule, self.whole, 0, stop)

    def gradient_check(self, step: Step) -> GradientCheck:
        """Return the three witnesses of a step's gradients."""
        found = self._check  # taken once: another thread may put a newer step's there
        if found is None or found.step != step.place.step:
            found = self._check = gradient_check(step)
        return found

    def sweep(self, step: Step) -> Sweep:
        """Return the finite differences of a step over their h."""
        found = self._sweep
        if found is None or found.step != step.place.step:
            found = self._sweep = sweep(step)
        assert found is not None
        return found

    # ── for screens that must not wait ───────────────────────────────────────────────────────────────────────────────

    def missing(self, item: Item, step: Step) -> bool:
        """Say whether an item is not there yet and takes longer than a frame: then `prepare` it in a thread."""
        m, number = step.place.m, step.place.step
        if item == "check":
            return m > _CHEAP_CHECK and (self._check is None or self._check.step != number)
        if item == "sweep":
            return m > _CHEAP_SWEEP and (self._sweep is None or self._sweep.step != number)
        if "batches" not in self.__dict__ and self.session.dataset.n_train > _CHEAP_SAMPLES:
            return True
        return item == "radii" and self._radii is None and self.session.schedule.batches > _CHEAP_BATCHES

    def prepare(self, item: Item, step: Step, cancelled: Cancelled) -> None:
        """Work an item out; whoever asks for it later has it at once. Stops early, with nothing, when cancelled."""
        if item == "check":
            self.gradient_check(step)
        elif item == "sweep":
            self._sweep = sweep(step, cancelled=cancelled) or self._sweep
        elif item == "radii":
            self._radii = self._find_radii(cancelled) or self._radii
        else:
            _ = self.learning_rate, self._epoch
