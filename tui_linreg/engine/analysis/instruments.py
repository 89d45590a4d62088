"""`Instruments`: what the instruments show of one session. Results are computed when asked for, and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Literal, NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from tui_linreg.engine.analysis.epoch_losses import EpochRow, epoch_rows
from tui_linreg.engine.analysis.finite_difference import Sweep, sweep
from tui_linreg.engine.analysis.fixed_point import FixedPoint, fixed_point
from tui_linreg.engine.analysis.gradient_check import GradientCheck, gradient_check
from tui_linreg.engine.analysis.learning_rate import LearningRate, divergence_warning, learning_rate
from tui_linreg.engine.analysis.quadratic import BatchLosses, EpochMap, Quadratic
from tui_linreg.engine.analysis.stability import best_rate, chart_rates, radius_curve, stability_edge
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.device import one_thread_at_a_time
from tui_linreg.engine.models.autograd import AutogradGraph
from tui_linreg.engine.models.metrics import EpochLosses
from tui_linreg.engine.progress import Cancelled
from tui_linreg.engine.rates import Stretch
from tui_linreg.engine.step import Step
from tui_linreg.engine.training.session import Session

Vector = NDArray[np.float64]

Item = Literal["batches", "radii", "check", "sweep", "graph"]
"""What may take longer than a frame with very large data: the batches' losses, the radius over
η, which begins with them, and of one step the gradient check, the sweep and autograd's graph."""
_CHEAP_SAMPLES = 300_000
_CHEAP_BATCHES = 256
_CHEAP_CHECK = 1_000_000
_CHEAP_SWEEP = 10_000
_MOST_BATCHES = 1000
"""With more mini-batches an epoch the search for the edge takes longer than a key may."""
_MOST_EPOCHS = 1024
"""Of so many epochs rows are kept. They do not change, and a long epoch takes long to add up."""

Row = TypeVar("Row")
StepKey = tuple[int, int, str, str]
"""`Step.key`."""


class Radii(NamedTuple):
    """The spectral radius of one epoch's map over η."""

    rates: Vector
    log_radii: Vector
    """Natural logarithms, one for each rate."""
    edge: float
    """The least η at which the radius reaches 1."""
    best: tuple[float, float]
    """The η at which it is least, to four digits, and the logarithm there."""


class Instruments:
    """The instruments of a session. What they are asked for is computed at once, unless `prepare` did it before.

    Args:
        session: the run; after its `restart` or `extend` everything kept still holds; after `restart_at` or `change_lr`
            another one is needed.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        """The run they are of."""
        self._check: tuple[StepKey, GradientCheck] | None = None
        self._sweep: tuple[StepKey, Sweep] | None = None
        self._graph: tuple[StepKey, AutogradGraph] | None = None
        self._rates: dict[object, LearningRate] = {}
        self._epochs: dict[float, EpochMap] = {}
        self._radii: dict[float, Radii] = {}
        self._edges: dict[int, float] = {}
        self._epoch_rows: dict[int, EpochRow] = {}
        self._both_losses: dict[int, tuple[EpochLosses, EpochLosses]] = {}

    # ── the learning rate and where it leads ─────────────────────────────────────────────────────────────────────────

    @cached_property
    def batches(self) -> BatchLosses:
        """The loss of every mini-batch as a paraboloid."""
        return self._batches_of(self.session.schedule.batch_size)

    def _batches_of(self, batch_size: int, whole: Quadratic | None = None) -> BatchLosses:
        data = self.session.dataset
        with one_thread_at_a_time(self.session.device):
            x, y = (v.cpu().to(torch.float64).numpy() for v in (data.x_train, data.y_train))
        return BatchLosses.of(x, y, batch_size, whole)

    @property
    def whole(self) -> Quadratic:
        """The loss of the train set over (b, w)."""
        return self.batches.whole

    def learning_rate(self, step: int) -> LearningRate:
        """Return what the η of a step (from 0) will do, in the steps that have it.

        Where they are not reached yet, it is not said when they overflow.
        """
        session = self.session
        stretch = session.config.rates.stretch(step)
        start = None
        if session.trained >= stretch.first:
            b, w = session.timeline.states(stretch.first)[0][:2]
            start = b, w
        key = stretch, start
        if key not in self._rates:
            self._rates[key] = self._learning_rate(self.batches, stretch, start)
        return replace(self._rates[key], epochs=session.config.epochs)  # which may have grown

    @property
    def warning(self) -> str | None:
        """That an η of the run diverges and what would help, in one line; None where all may converge."""
        firsts = [first for first in self.session.config.rates.firsts if first < self.session.schedule.steps]
        return next(
            filter(None, (divergence_warning(self.batches, self.learning_rate(first)) for first in firsts)), None
        )

    def other_learning_rate(self, config: RunConfig, batch_size: int) -> LearningRate:
        """Return what another η, with mini-batches of another size or from another start, would do on the same data.

        Of several it is the first.
        """
        start, stretch = config.start or self.session.recipe_start, config.rates.stretch(0)
        return replace(self._learning_rate(self._other_batches(batch_size), stretch, start), epochs=config.epochs)

    def _other_batches(self, batch_size: int) -> BatchLosses:
        own = batch_size == self.batches.batch_size
        return self.batches if own else self._batches_of(batch_size, self.whole)

    def _learning_rate(self, batches: BatchLosses, stretch: Stretch, start: tuple[float, float] | None) -> LearningRate:
        return learning_rate(batches, stretch, start=start, largest=torch.finfo(self.session.dtype).max)

    def edge(self, batch_size: int | None = None) -> float | None:
        """Return the least η that diverges with mini-batches of this size (None: the run's); None: too many of them."""
        size = batch_size or self.batches.batch_size
        if -(-self.session.dataset.n_train // size) > _MOST_BATCHES:
            return None
        if size not in self._edges:
            self._edges[size] = stability_edge(self._other_batches(size))
        return self._edges[size]

    def radii(self, step: int) -> Radii:
        """Return the spectral radius over η, that of a step (from 0) among the rates."""
        lr = self.session.config.rates.at(step)
        if lr not in self._radii:
            self._find_radii(lr, None)
        return self._radii[lr]

    def _find_radii(self, lr: float, cancelled: Cancelled | None) -> None:
        batches = self.batches
        rates = chart_rates(batches, lr)
        logs = radius_curve(batches, rates, cancelled)
        edge = self._edges.get(batches.batch_size)
        if edge is None:
            edge = stability_edge(batches, cancelled=cancelled)
        if cancelled is None or not cancelled():
            self._edges[batches.batch_size] = edge
            self._radii[lr] = Radii(rates, logs, edge, best_rate(batches, rates, logs))

    def _epoch(self, lr: float) -> EpochMap:
        if lr not in self._epochs:
            self._epochs[lr] = EpochMap.of(self.batches, lr)
        return self._epochs[lr]

    def fixed_point(self, b: float, w: float, step: int) -> FixedPoint:
        """Return where a run goes from (b, w) with the η of a step (from 0)."""
        converges = self.learning_rate(step).outcome == "converges"
        return fixed_point(self.batches, self._epoch(self.session.config.rates.at(step)), b, w, converges=converges)

    # ── epochs ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def epoch_rows(self, start: int, stop: int) -> list[EpochRow]:
        """Return the hand-written model's losses of finished epochs `start` to `stop` (exclusive)."""
        session = self.session
        summed = session.config.mistake == "sum"

        def compute(first: int, end: int) -> list[EpochRow]:
            return epoch_rows(session.timeline, session.schedule, self.whole, first, end, summed=summed)

        return self._rows(self._epoch_rows, start, stop, compute)

    def both_losses(self, start: int, stop: int) -> list[tuple[EpochLosses, EpochLosses]]:
        """Return what both models (scratch, torch) log for finished epochs `start` to `stop` (exclusive)."""

        def compute(first: int, end: int) -> list[tuple[EpochLosses, EpochLosses]]:
            return list(zip(*(self.session.epoch_log(side, first, end) for side in (0, 1)), strict=True))

        return self._rows(self._both_losses, start, stop, compute)

    def _rows(self, kept: dict[int, Row], start: int, stop: int, compute: Callable[[int, int], list[Row]]) -> list[Row]:
        """Return the rows of finished epochs `start` to `stop`, computing those that are not among the `kept` ones."""
        start, stop = max(start, 0), min(stop, self.session.trained // self.session.schedule.batches)
        if len(kept) > _MOST_EPOCHS:
            kept.clear()
        missing = [epoch for epoch in range(start, stop) if epoch not in kept]
        if missing:
            kept.update(enumerate(compute(missing[0], missing[-1] + 1), missing[0]))
        return [kept[epoch] for epoch in range(start, stop)]

    # ── one step ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def gradient_check(self, step: Step) -> GradientCheck:
        """Return the three witnesses of a step's gradients."""
        kept = self._check  # read once: another thread may put a newer step's there
        if kept is None or kept[0] != step.key:
            kept = self._check = step.key, gradient_check(step)
        return kept[1]

    def sweep(self, step: Step) -> Sweep:
        """Return the finite differences of a step over their h."""
        kept = self._sweep
        if kept is None or kept[0] != step.key:
            found = sweep(step)
            assert found is not None
            kept = self._sweep = step.key, found
        return kept[1]

    def autograd_graph(self, step: Step) -> AutogradGraph:
        """Return the graph that torch built of a step, with the gradients that went through it.

        Raises:
            ReplayError: when torch's numbers are others than in training.
        """
        kept = self._graph
        if kept is None or kept[0] != step.key:
            kept = self._graph = step.key, self.session.autograd_graph(step)
        return kept[1]

    # ── for screens that must not wait ───────────────────────────────────────────────────────────────────────────────

    def missing(self, item: Item, step: Step) -> bool:
        """Say whether an item is not there yet and takes longer than a frame: then `prepare` it in a thread."""
        m, key = step.place.m, step.key
        if item == "check":
            return m > _CHEAP_CHECK and (self._check is None or self._check[0] != key)
        if item == "graph":
            return m > _CHEAP_CHECK and (self._graph is None or self._graph[0] != key)
        if item == "sweep":
            return m > _CHEAP_SWEEP and (self._sweep is None or self._sweep[0] != key)
        if "batches" not in self.__dict__ and self.session.dataset.n_train > _CHEAP_SAMPLES:
            return True
        return item == "radii" and step.lr not in self._radii and self.session.schedule.batches > _CHEAP_BATCHES

    def prepare(self, item: Item, step: Step, cancelled: Cancelled) -> None:
        """Compute an item; who asks for it later has it at once. Stops early, with nothing, when cancelled."""
        if item == "check":
            self.gradient_check(step)
        elif item == "graph":
            self.autograd_graph(step)
        elif item == "sweep":
            found = sweep(step, cancelled)
            self._sweep = self._sweep if found is None else (step.key, found)
        elif item == "radii":
            self._find_radii(step.lr, cancelled)
        else:
            self.learning_rate(step.place.step)
            self._epoch(step.lr)
