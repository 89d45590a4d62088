"""`LineRun`: a session, and where one stands in it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from tui_linreg.engine.analysis.kept_runs import KeptRuns
from tui_linreg.engine.phases import PHASES, Phase, info
from tui_linreg.line.words import number

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Instruments
    from tui_linreg.engine.step import Step
    from tui_linreg.engine.training.session import Session
    from tui_linreg.line.hand import Hand

Owner = Literal["own", "lesson", "hunt"]
"""Who set a run: the user, the lesson that is on, or the hunt that is on."""


class Spot(NamedTuple):
    """A step (from 0) and the phase of it that was computed last."""

    step: int
    phase: Phase

    def following(self) -> Spot:
        """Return the next phase, perhaps of the next step."""
        end = self.phase is Phase.UPDATE
        return Spot(self.step + 1, Phase.BATCH) if end else Spot(self.step, Phase(self.phase + 1))

    def preceding(self) -> Spot:
        """Return the phase before, perhaps of the step before."""
        begin = self.phase is Phase.BATCH
        return Spot(self.step - 1, Phase.UPDATE) if begin else Spot(self.step, Phase(self.phase - 1))


class LineRun:
    """A run of the line mode.

    Args:
        session: its numbers.
        owner: whose it is.
    """

    def __init__(self, session: Session, owner: Owner = "own") -> None:
        self.session = session
        self.owner: Owner = owner
        self.at = Spot(0, Phase.BATCH)
        self.farthest = self.at
        """The farthest place that was told: up to there nothing is asked."""
        self.kept = KeptRuns()
        """The runs kept beside this one."""
        self.hand: Hand | None = None
        """Where the line is while it is moved by hand; `step` and `at` are of it then."""
        self._step: Step | None = None

    @cached_property
    def instruments(self) -> Instruments:
        """The instruments of the session."""
        from tui_linreg.engine.analysis.instruments import Instruments

        return Instruments(self.session)

    @property
    def last(self) -> int:
        """The number of the run's last step."""
        return self.session.schedule.steps - 1

    @property
    def single(self) -> bool:
        """Whether the numbers are float32."""
        return self.session.config.dtype == "float32"

    @property
    def step(self) -> Step:
        """The step where one stands."""
        if self.hand is not None:
            return self.hand.step
        if self._step is None or self._step.place.step != self.at.step:
            self._step = self.reach(self.at.step)
        return self._step

    def reach(self, step: int) -> Step:
        """Return a step (from 0), trained up to it where that is missing.

        Raises:
            InputError: when it cannot be shown, or a learner's own update fails on the way.
        """
        if self.session.trained <= step:
            self.session.train_to(step + 1)
            if self.session.trained <= step:
                raise self.session.failure or RuntimeError(f"step {step + 1} was not trained")
        return self.session.step(step)

    def go(self, spot: Spot) -> None:
        """Stand at another place; nothing changes when it cannot be reached.

        Raises:
            InputError: as `reach`.
        """
        if self._step is None or self._step.place.step != spot.step:
            self._step = self.reach(spot.step)
        self.hand = None
        self.at = spot
        self.farthest = max(self.farthest, spot)

    def take(self, hand: Hand) -> None:
        """Take the line into the hand: all but the update is computed where it is."""
        self.hand, self.at = hand, Spot(self.at.step, Phase.WEIGHT_GRADIENT)

    def leave_hand(self) -> None:
        """Stand in the run again, where one stood before the line was moved by hand."""
        if self.hand is not None:
            self.at, self.hand = self.hand.came_from, None

    def change_lr(self, lr: float, first: int) -> None:
        """Let the learning rate be another one from step `first` (from 0) on; a run that is kept stays as it is.

        Raises:
            InputError: when no run may have that rate.
        """
        session = self.session
        if any(each.session is session for each in self.kept):
            from tui_linreg.engine.training.session import Session

            session = Session(session.config, scratch_type=session.scratch_type, dataset=session.dataset)
            session.train_to(first)
        session.change_lr(lr, first)
        self.session = session
        self.farthest = min(self.farthest, Spot(first - 1, Phase.UPDATE))
        self.__dict__.pop("instruments", None)

    def name_mistake(self, name: str) -> None:
        """Let everything name the mistake from now on."""
        self.session.reveal(name)
        self.__dict__.pop("instruments", None)

    def where(self) -> list[str]:
        """Return where one stands, as sentences."""
        schedule, (step, phase) = self.session.schedule, self.at
        place = schedule.place(step)
        return [
            f"Step {step + 1} of {schedule.steps}, epoch {place.epoch + 1} of {schedule.epochs}, "
            f"batch {place.batch + 1} of {schedule.batches}.",
            f"Phase {phase:d} of {len(PHASES)}, {info(phase).name}.",
        ]

    def lr(self, digits: int) -> str:
        """Return the learning rate of the step where one stands, in words."""
        return number(self.session.config.rates.at(self.at.step), digits)
