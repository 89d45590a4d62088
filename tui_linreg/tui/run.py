"""The run and the place in it: what the main screen asks when a key is pressed. No widget, no timer, no thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_linreg.engine.analysis.instruments import Instruments
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.step import Step
from tui_linreg.engine.training.session import Session
from tui_linreg.tui.background import Busy
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.error_line import Fault
from tui_linreg.tui.hidden import OPEN, Curtain
from tui_linreg.tui.kept_runs import Ghosts
from tui_linreg.tui.plot.marker_sets import MarkerSet
from tui_linreg.tui.styles import Styles
from tui_linreg.tui.unseen import unseen
from tui_linreg.tui.view import RunFacts, SurfaceLook, View

if TYPE_CHECKING:
    from tui_linreg.tui.panes.lesson_view import LessonView

_CHEAP_STEPS = 256
_CHEAP_SAMPLES = 200_000
"""Training ahead by less than this does not delay a key noticeably, so it needs no thread."""
_CHEAP_BATCH = 2_000_000
"""Nor does one step over a batch of this size."""
_MOMENT_BATCH = 20_000
"""Up to this size it is a matter of a few milliseconds."""


def _is_quick(steps: int, batch_size: int) -> bool:
    """Say whether so many steps are trained before a key's wait is noticed."""
    if steps <= 1:
        return batch_size <= _CHEAP_BATCH
    return steps <= _CHEAP_STEPS and steps * batch_size <= _CHEAP_SAMPLES


def _is_quick_for(session: Session, goal: int) -> bool:
    """Say the same of a kept run that should have `goal` steps; one that asks another for its update never is."""
    return session.author is None and _is_quick(goal - session.trained, session.schedule.batch_size)


class Explorer:
    """A session with a cursor in it."""

    def __init__(self, session: Session, facts: RunFacts, curtain: Curtain = OPEN) -> None:
        self.session = session
        self.facts = facts
        self.curtain = curtain
        self.cursor = Cursor()
        self._heading = 1
        self.instruments = Instruments(session)
        self.log_y = False
        self.surface = SurfaceLook()
        self.panel: str | None = None
        self.ghosts = Ghosts()
        self.message = ""
        self.lesson: LessonView | None = None
        self.fault: Fault | None = None
        """What is wrong with a learner's file, as long as it is."""
        self._step: Step | None = None

    @property
    def last(self) -> int:
        """The number of the run's last step."""
        return self.session.schedule.steps - 1

    def target(self, move: str) -> Cursor:
        """Return where a move leads; says so in `message` when that is no other place."""
        aim = self.cursor.move(move, self.session.schedule, self.session.trained)
        self.message = ""
        if aim == self.cursor:
            if move == "newest":
                self.message = "this is the newest step; ↓ trains the next one, u runs until a condition"
            elif aim.step == self.last:
                self.message = f"the run ends here, after {self.session.schedule.epochs} epochs; e starts a longer one"
            else:
                self.message = "this is the start of the run"
        return aim

    def missing(self, step: int) -> int:
        """Return how many steps must be trained before `step` can be shown."""
        return max(0, step + 1 - self.session.trained)

    def is_cheap(self, step: int) -> bool:
        """Say whether `step`, and training up to it, kept runs too, is quick enough to be done while a key waits."""
        if self._at(step):
            return True
        own = self.session.author is None and _is_quick(self.missing(step), self.session.schedule.batch_size)
        return own and all(_is_quick_for(ghost, goal) for ghost, goal in self.ghosts.behind(step))

    def go(self, cursor: Cursor) -> None:
        """Move there, training what is missing."""
        if self.missing(cursor.step):
            self.session.train_to(cursor.step + 1)
        for ghost, goal in self.ghosts.behind(cursor.step):
            if _is_quick_for(ghost, goal):
                ghost.train_to(goal)
        self._stand_at(cursor)

    def arrive(self, step: Step, phase: Phase | None = None) -> None:
        """Move to a step that was computed elsewhere, at the same phase unless another is given."""
        self._step = step
        self._stand_at(Cursor(step.place.step, self.cursor.phase if phase is None else phase))

    def _stand_at(self, cursor: Cursor) -> None:
        if cursor.step != self.cursor.step:
            self._heading = 1 if cursor.step > self.cursor.step else -1
        self.cursor = cursor

    @property
    def takes_a_moment(self) -> bool:
        """Whether a step is computed so quickly that it needs no thread even where no key waits for it."""
        return self.session.schedule.batch_size <= _MOMENT_BATCH

    def ahead(self) -> int | None:
        """Return the step that a key will ask for next if the way goes on, where it may be computed before."""
        if self.session.author is not None or self.session.schedule.batch_size > _CHEAP_BATCH:
            return None
        step = self.cursor.step + self._heading
        return step if 0 <= step <= min(self.session.trained, self.last) else None

    def restart(self) -> None:
        """Forget all steps and stand at the first one, same phase."""
        self.session.restart()
        self._step = None
        self.go(self.cursor.to(0))

    def look_as(self, other: Explorer) -> None:
        """Take over how another run was looked at, and the runs kept beside it."""
        self.log_y, self.surface, self.panel, self.ghosts = other.log_y, other.surface, other.panel, other.ghosts

    def step(self) -> Step:
        """Return the step at the cursor."""
        if self._step is None or not self._at(self.cursor.step):
            self._step = self.session.step(self.cursor.step)
        return self._step

    def _at(self, step: int) -> bool:
        return self._step is not None and self._step.place.step == step

    def _passed(self, step: int) -> bool:
        """Say whether a whole step lies behind the cursor."""
        return step < self.cursor.step or (step == self.cursor.step and self.cursor.phase is Phase.UPDATE)

    def view(self, styles: Styles, marker: MarkerSet, *, playing: bool, speed: float, busy: Busy | None) -> View:
        """Return the frame at the cursor."""
        step, phase, session = self.step(), self.cursor.phase, self.session
        scaling = session.dataset.scaling
        overflow = session.timeline.first_overflow
        return View(
            run=self.facts,
            step=step,
            phase=phase,
            history=unseen(session.history(step.place.step, phase), self.curtain),
            instruments=self.instruments,
            trained=session.trained,
            styles=styles,
            marker=marker,
            log_y=self.log_y,
            surface=self.surface,
            panel=self.panel,
            ghosts=() if self.curtain.secret else self.ghosts.seen_from(session, step.place.step),
            playing=playing,
            speed=speed,
            busy=busy,
            message=self.message,
            fault=self.fault or Fault.of_step(session),
            curtain=self.curtain,
            lesson=self.lesson,
            original=None if scaling is None else scaling.to_original(step.scratch.b_after, step.scratch.w_after),
            overflow=overflow if overflow is not None and self._passed(overflow) else None,
        )
