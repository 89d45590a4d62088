"""What a learning rate will do on this data with this batching, in numbers and in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tui_linreg.engine.analysis.fixed_point import Overflow, overflow
from tui_linreg.engine.analysis.quadratic import BatchLosses
from tui_linreg.engine.analysis.stability import BAND, largest_stable_lr, log_radius, stability_edge
from tui_linreg.engine.rates import Stretch

_NOTHING = 1e-14
_SLOW = 0.01
"""ln of a radius up to which growth is told by the epochs that it takes: the factor itself would look like 1."""
_MOST_BATCHES = 4096
"""With more mini-batches an epoch the advice is some stable rate: a search for the largest one would take too long."""
Outcome = Literal["converges", "diverges"]


@dataclass(frozen=True, slots=True)
class LearningRate:
    """The learning rate beside the curvature of the loss."""

    stretch: Stretch
    """The rate, and the steps of the run that have it."""
    eta_max: float
    """2/λ_max of the full batch: above it full-batch gradient descent diverges. For mini-batches only a yardstick."""
    eta_best: float
    """1/(1 + s), s = mean(x²): the full batch converges fastest."""
    condition_number: float
    """λ_max/λ_min of the full batch's Hessian; inf when all x are equal."""
    log_radius: float
    """ln of the spectral radius of one epoch's map; when all x are equal, of the one direction that moves."""
    undecided: bool
    """Whether the radius is so near 1 that rounding decides: ln within 1e-9 and η not in the safe range."""
    stuck: bool
    """Whether x does not vary, so that one direction of (b, w) never moves and the loss does not depend on it."""
    steepest_factor: float
    """1 − η λ_max of the full batch: what an average step makes of a distance along the steepest direction."""
    batches: int
    overflow: Overflow | None
    """About where a diverging run overflows, if it is as long; None for others, and where no start was given."""
    epochs: int | None = None
    """Epochs of the run; None: there is no end to it."""

    @property
    def lr(self) -> float:
        """The learning rate η."""
        return self.stretch.lr

    @property
    def spectral_radius(self) -> float:
        """What one epoch multiplies the distance from the fixed point by, in the long run."""
        return math.exp(self.log_radius) if self.log_radius < 709 else math.inf

    @property
    def outcome(self) -> Outcome:
        """What the run does: by the radius alone, also where that is undecided."""
        return "converges" if self.log_radius < 0 else "diverges"

    @property
    def surely_diverges(self) -> bool:
        """Whether it diverges beyond what rounding may decide."""
        return self.log_radius > BAND

    @property
    def oscillates(self) -> bool:
        """Whether it converges but overshoots: 1 − η λ_max < 0, λ_max of the sample-weighted mean Hessian.

        That is the full batch's. The average step then jumps across the valley and comes back from the other side.
        """
        return self.log_radius < 0 and not self.undecided and self.steepest_factor < 0

    @property
    def epochs_to_tenth(self) -> float:
        """Epochs that in the long run leave a tenth of the distance from the fixed point; inf if never.

        −ln 10 / ln radius. The first epochs of a run may take more or fewer: there the faster direction counts too.
        """
        return math.log(10) / -self.log_radius if self.log_radius < 0 else math.inf

    @property
    def words(self) -> str:
        """What will happen in the long run, in one line."""
        if self.undecided:
            return "neither grows nor shrinks: the radius is 1 to nine digits, rounding decides"
        if self.outcome == "converges":
            return f"converges: {self._tenth}"
        grows = f"an epoch multiplies distances by {factor(self.log_radius)}"
        if math.isfinite(self.log_radius):
            grows = f"in the long run {grows}"
        if self.log_radius < _SLOW:
            grows = f"slowly, in the long run tenfold in {self._epochs_to_tenfold} epochs"
        if self.overflow is None:
            return f"diverges: {grows}"
        if self.changes_before_overflow:
            return f"diverges: {grows}, but η changes before an overflow"
        if self.overflows_late:
            return f"diverges: {grows}, no overflow in {self.epochs} epoch{'s' * (self.epochs != 1)}"
        return f"diverges: {grows}, overflow {self._when(self.overflow)}"

    @property
    def changes_before_overflow(self) -> bool:
        """Whether the learning rate is another one before the run would overflow."""
        return self.overflow is not None and self.stretch.stop is not None and self.overflow.step >= self.stretch.stop

    @property
    def overflows_late(self) -> bool:
        """Whether the run ends before it would overflow."""
        return self.overflow is not None and self.epochs is not None and self.overflow.epoch >= self.epochs

    @property
    def _epochs_to_tenfold(self) -> str:
        epochs = math.log(10) / max(self.log_radius, BAND)
        return f"{epochs:.0f}" if epochs < 1e6 else f"{epochs:.1e}"

    def _when(self, overflow: Overflow) -> str:
        # The epoch as a word, since the log counts epochs from 0 and the screen from 1.
        epoch = f"the {_ordinal(overflow.epoch + 1)} epoch"
        return f"about step {overflow.step + 1}, in {epoch}" if self.batches > 1 else f"in about {epoch}"

    @property
    def _tenth(self) -> str:
        epochs = self.epochs_to_tenth
        if epochs < 1:
            left = math.exp(self.log_radius)
            return f"in the long run an epoch leaves {f'{left:.2g}' if left > _NOTHING else 'nothing'} of the distance"
        if math.isinf(epochs):
            return "but too slowly for a float to count the epochs"
        if epochs >= 1e6:
            return f"but in the long run it takes {epochs:.1e} epochs to leave a tenth of the distance"
        count = math.ceil(epochs - 1e-9)
        every = f"every {count} epochs leave" if count > 1 else "every epoch leaves"
        return f"in the long run {every} a tenth of the distance"

    @property
    def sentences(self) -> tuple[str, ...]:
        """`words`, and what else there is to say, a line each."""
        sentences = [self.words, *([self.stretch.note] if self.stretch.note else [])]
        if self.oscillates:
            sentences.append(
                f"oscillates: a step overshoots along the steepest direction (factor {self.steepest_factor:.2g})"
            )
        if self.stuck:
            sentences.append(
                "x has variance 0 in float64: one direction of (b, w) never moves, the loss does not depend on it"
            )
        if self.batches > 1 and not self.undecided and (self.lr < self.eta_max) == (self.outcome == "diverges"):
            side = "above" if self.outcome == "converges" else "below"
            sentences.append(f"though η is {side} the full batch's η_max: the batches decide, not their mean")
        return tuple(sentences)

    def as_json(self) -> dict[str, float | str]:
        """Return the numbers of a report, some may be inf; the first step with this rate counts from 0."""
        return {
            "eta": self.lr,
            "eta_max": self.eta_max,
            "eta_best": self.eta_best,
            "condition_number": self.condition_number,
            "spectral_radius": self.spectral_radius,
            "outcome": self.outcome,
            "first_step": self.stretch.first,
        }


def learning_rate(
    batches: BatchLosses,
    lr: float | Stretch,
    *,
    start: tuple[float, float] | None = None,
    largest: float = float(np.finfo(float).max),
    epochs: int | None = None,
) -> LearningRate:
    """Return what `lr` will do; takes some 0.2 µs for each mini-batch, twice that where it diverges.

    Args:
        batches: the mini-batches' losses; for another batch size, `BatchLosses.of` with the same `whole`.
        lr: η, for a run that changes it the steps that have it.
        start: (b, w) before the first of those steps, for when a diverging run overflows; None leaves that out.
        largest: the largest finite number of the run's dtype.
        epochs: how many the run has; None: no overflow is too late for it.
    """
    stretch = lr if isinstance(lr, Stretch) else Stretch(lr, 0, None)
    whole, lr = batches.whole, stretch.lr
    with np.errstate(all="ignore"):
        mean, variance = np.float64(whole.mean_x), np.float64(whole.variance_x)
        eta_max, square = largest_stable_lr(batches), mean * mean + variance
        # λ_min is det H / λ_max = 4 Var(x) / λ_max, so that no digits cancel.
        condition = 1 / (eta_max * eta_max * variance) if variance > 0 else np.float64(math.inf)
        log, safe = log_radius(batches, lr), lr < batches.safe
        log = min(log, -5e-324) if safe and variance > 0 else log
        return LearningRate(
            stretch=stretch,
            eta_max=eta_max,
            eta_best=float(1 / (1 + square)),
            condition_number=float(condition),
            log_radius=log,
            undecided=abs(log) <= BAND and not safe,
            stuck=batches.stuck,
            steepest_factor=float(1 - 2 * np.float64(lr) / eta_max),
            batches=len(batches),
            overflow=_overflow(batches, stretch, start, largest) if start is not None and log > BAND else None,
            epochs=epochs,
        )


def _overflow(batches: BatchLosses, stretch: Stretch, start: tuple[float, float], largest: float) -> Overflow | None:
    """Return about when a run overflows that is at `start` before the first of these steps."""
    found = overflow(batches.begun_at(stretch.first % len(batches)), stretch.lr, *start, largest)
    if found is None:
        return None
    step = stretch.first + found.step
    return Overflow(step // len(batches), step)


def divergence_warning(batches: BatchLosses, rate: LearningRate) -> str | None:
    """Return that a run diverges and which smaller rate converges, in one line; None for a run that may converge.

    The factor in it is what an epoch makes of the distance from the fixed point in the long run.
    """
    if not rate.surely_diverges:
        return None
    stable = _stable_below(batches, rate.lr)
    advice = f"try below {_rounded_down(stable)}" if stable > 0 else "rescale the data"
    grows = f"{'×' if math.isfinite(rate.log_radius) else ''}{factor(rate.log_radius)}"
    return f"{rate.stretch.name} diverges: {advice} or standardize (long run: {grows} per epoch)"


def _stable_below(batches: BatchLosses, diverging: float) -> float:
    """Return the edge of stability below a rate that diverges, or with very many mini-batches some stable rate."""
    if len(batches) <= _MOST_BATCHES:
        return stability_edge(batches, diverging)
    stable = min(largest_stable_lr(batches), diverging)
    while stable > 0 and log_radius(batches, stable) > BAND:
        stable /= 2
    return stable


def _rounded_down(lr: float) -> str:
    """Write a rate with three digits that are not above it: 0.4977 is 0.497, because 0.498 would not converge."""
    unit = 10.0 ** (math.floor(math.log10(lr)) - 2)
    return f"{math.floor(lr / unit * (1 + 1e-12)) * unit:.3g}"


def beside(lr: float, other: float) -> tuple[str, str]:
    """Write a rate and another one, with so many digits that a reader sees which is the larger."""
    for digits in range(4, 17):
        texts = f"{lr:.{max(digits, 6)}g}", f"{other:.{digits}g}"
        if (float(texts[0]) < float(texts[1])) == (lr < other) and len(set(texts)) == 2:
            return texts
    return f"{lr:g}", f"{other:.4g}"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def factor(log: float) -> str:
    """Write e to the power of `log`, also where that overflows; near 1 with digits enough to differ from 1."""
    power = log / math.log(10)
    if 0 < abs(log) < _SLOW:
        return f"{math.exp(log):.{2 - math.floor(math.log10(abs(log)))}g}"
    if power < 4:
        return f"{math.exp(log):.3g}"
    return f"10^{power:.0f}" if math.isfinite(power) else "more than a float holds"
