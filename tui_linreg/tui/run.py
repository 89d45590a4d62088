"""A run on the screen, and the stack of those that wait beneath it. No widget, no timer, no thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import Phase
from tui_linreg.tui.background import Busy
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.hidden import NOTHING, Hidden
from tui_linreg.tui.look import Look
from tui_linreg.tui.plot import MarkerSet
from tui_linreg.tui.styles import Styles
from tui_linreg.tui.view import ErrorLine, LessonView, RunFacts, View

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Instruments
    from tui_linreg.engine.step import Step
    from tui_linreg.engine.training.session import Session
    from tui_linreg.study.student.code import StudentCode
    from tui_linreg.study.student.student import Student


Owner = Literal["own", "lesson", "hunt"]
"""Who set a run: the user, the lesson that is on, or the hunt that is on."""

_QUICK_STEPS = 256
_QUICK_SAMPLES = 200_000
"""Training ahead by less than this does not delay a key noticeably, so it needs no thread."""


def _is_quick(steps: int, batch_size: int) -> bool:
    """Return whether so many steps are computed before the wait of a key is noticed."""
    return steps <= _QUICK_STEPS and steps * batch_size <= _QUICK_SAMPLES


def _is_quick_for(session: Session, goal: int) -> bool:
    """Return the same for a kept run that should have `goal` steps; one with a learner's own update never is quick."""
    return session.author is None and _is_quick(goal - session.trained, session.schedule.batch_size)


class Run:
    """A session with a cursor in it, its instruments, how it is looked at, and whose it is."""

    def __init__(self, session: Session, facts: RunFacts, owner: Owner = "own") -> None:
        self.session = session
        self.facts = facts
        self.owner: Owner = owner
        self.cursor = Cursor()
        self.instruments = _instruments(session)
        self.look = Look()
        self._step: Step | None = None

    @property
    def last(self) -> int:
        """The number of the run's last step."""
        return self.session.schedule.steps - 1

    def target(self, move: str) -> tuple[Cursor, str]:
        """Return where a move leads, and why that is no other place; an empty text where it is, or the run ends."""
        aim = self.cursor.move(move, self.session.schedule, self.session.trained)
        if aim != self.cursor:
            return aim, ""
        if move == "newest":
            return aim, "this is the newest step; ↓ trains the next one, u runs until a condition"
        return aim, "" if aim.step == self.last else "this is the start of the run"

    def missing(self, step: int) -> int:
        """Return how many steps must be trained before `step` can be shown."""
        return max(0, step + 1 - self.session.trained)

    def is_quick(self, step: int) -> bool:
        """Return whether `step`, and training up to it, kept runs too, needs no background work."""
        if self._is_at(step):
            return True
        quick = self.session.author is None and _is_quick(max(self.missing(step), 1), self.session.schedule.batch_size)
        return quick and all(_is_quick_for(kept, goal) for kept, goal in self.look.kept.behind(step))

    def go(self, cursor: Cursor) -> None:
        """Move there, training what is missing.

        Raises:
            ReplayError: when that step cannot be shown again; the cursor stays where it was.
        """
        if self.missing(cursor.step):
            self.session.train_to(cursor.step + 1)
        for kept, goal in self.look.kept.behind(cursor.step):
            if _is_quick_for(kept, goal):
                kept.train_to(goal)
        if not self._is_at(cursor.step):
            self._step = self.session.step(cursor.step)
        self.cursor = cursor

    def arrive(self, step: Step, phase: Phase | None = None) -> None:
        """Move to a step that was computed elsewhere, at the same phase unless another is given."""
        self._step = step
        self.cursor = Cursor(step.place.step, self.cursor.phase if phase is None else phase)

    def restart(self) -> None:
        """Forget all steps and go to the first one, at the same phase."""
        self.session.restart()
        self._step = None
        self.go(self.cursor.to(0))

    def extend(self, epochs: int) -> None:
        """Let the run have so many epochs in all; what is trained stays.

        Raises:
            InputError: when a run cannot have so many.
        """
        self.session.extend(epochs)
        self.facts = replace(self.facts, schedule=self.session.schedule)

    def change_lr(self, lr: float, first: int) -> None:
        """Let the learning rate be another one from step `first` (from 0) on; what was trained beyond is forgotten.

        Raises:
            InputError: when no run may have that rate.
        """
        self.session.change_lr(lr, first)
        self.instruments = _instruments(self.session)
        self.facts = replace(self.facts, notices=self.session.notices, warning=self.instruments.warning)

    def name_mistake(self, name: str) -> None:
        """Let everything know from now on which mistake was planted in the hand-written model."""
        self.session.reveal(name)
        self.instruments = _instruments(self.session)
        self.facts = replace(self.facts, notices=self.session.notices)

    def step(self) -> Step:
        """Return the step at the cursor."""
        if self._step is None or not self._is_at(self.cursor.step):
            self._step = self.session.step(self.cursor.step)
        return self._step

    def _is_at(self, step: int) -> bool:
        return self._step is not None and self._step.place.step == step

    def view(
        self,
        styles: Styles,
        marker: MarkerSet,
        *,
        playing: bool,
        speed: float,
        busy: Busy | None,
        message: str = "",
        hidden: Hidden = NOTHING,
        error_line: ErrorLine | None = None,
        lesson: LessonView | None = None,
    ) -> View:
        """Return the frame at the cursor."""
        step, phase, session, look = self.step(), self.cursor.phase, self.session, self.look
        scaling, scratch = session.dataset.scaling, step.scratch
        return View(
            run=self.facts,
            step=step,
            phase=phase,
            history=hidden.seen_of(session.history(step.place.step, phase)),
            instruments=self.instruments,
            trained=session.trained,
            styles=styles,
            marker=marker,
            charts=look.charts,
            log_y=look.log_y,
            full=look.full,
            surface=look.surface,
            sample=None if look.sample is None else min(look.sample, step.place.m - 1),
            panel=look.instrument,
            kept_runs=() if hidden.secret else look.kept.seen_from(session, step.place.step),
            may_go_on=self.owner == "own" and step.place.step == self.last,
            playing=playing,
            speed=speed,
            busy=busy,
            message=message,
            error_line=error_line or ErrorLine.of_step(session),
            hidden=hidden,
            lesson=lesson,
            original=None if scaling is None else scaling.to_original(scratch.b_after, scratch.w_after),
            overflow=self._overflow(),
        )

    def _overflow(self) -> int | None:
        """Return the step (from 0) where the numbers stopped being finite, once the cursor has passed it."""
        step, at = self.session.timeline.first_overflow, self.cursor
        passed = step is not None and (step < at.step or (step == at.step and at.phase is Phase.UPDATE))
        return step if passed else None


def _instruments(session: Session) -> Instruments:
    from tui_linreg.engine.analysis.instruments import Instruments  # torch

    return Instruments(session)


class RunStack:
    """The runs that are there: the one on top is on the screen, the user's own is at the bottom.

    Above it are at most the run of a lesson, a run that the user started in the lesson, and the run of a hunt.
    """

    def __init__(self) -> None:
        self._runs: list[Run] = []

    @property
    def top(self) -> Run | None:
        """The run on the screen; None until the first is loaded."""
        return self._runs[-1] if self._runs else None

    @property
    def own(self) -> Run | None:
        """The run that the user comes back to after lessons and hunts."""
        return self._runs[0] if self._runs else None

    def begin(self, run: Run) -> None:
        """Put a run on top, in the place of those that it ends.

        A lesson's run ends all but the user's own; a hunt's run another hunt; a run of the user's own a hunt, and the
        run of the user's own beneath it.
        """
        if run.owner == "lesson":
            del self._runs[1:]
        else:
            self._pop("hunt")
            if run.owner == "own":
                self._pop("own")
        self._runs.append(run)

    def back_to(self, run: Run) -> None:
        """Drop all runs above this one."""
        del self._runs[self._runs.index(run) + 1 :]

    def beneath_hunt(self) -> Run | None:
        """Return the run on top that is no hunt's: the one that a hunt was begun in, or the one on the screen."""
        return next((run for run in reversed(self._runs) if run.owner != "hunt"), None)

    def _pop(self, owner: Owner) -> None:
        if self._runs and self._runs[-1].owner == owner:
            self._runs.pop()


@dataclass(frozen=True, slots=True, eq=False)
class RunRequest:
    """What `tui_linreg.tui.loader` makes a session of."""

    config: RunConfig
    """What may be shown and exported of the run."""
    texts: Mapping[str, str] | None = None
    """The form that asked, if one did: it opens again when the run is impossible."""
    planted: str | None = field(default=None, repr=False)
    """A mistake that the hand-written model makes and no text may name."""
    owner: Owner = "own"
    """Whose run it will be."""
    cursor: Cursor = field(default_factory=Cursor)
    """Where the cursor stands first."""
    student: Student | None = None
    """Whose `update` the hand-written model does; None: the program's own."""
    code: StudentCode | None = None
    """The version of that file; None: the newest, read again if it has been saved."""
    message: str | None = None
    """What to say when it is loaded; None: what the run is."""
