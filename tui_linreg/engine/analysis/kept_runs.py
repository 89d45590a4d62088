"""Runs kept beside the present one, and what of them is seen at the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.engine.analysis.run_difference import SAME_RUN, describe_difference, same_samples, same_train_set
from tui_linreg.engine.phases import Phase

if TYPE_CHECKING:
    from tui_linreg.engine.training.history import Curve, History, Vector
    from tui_linreg.engine.training.session import Session

MOST_KEPT = 4


class KeptRun(NamedTuple):
    """A run that is kept."""

    letter: str
    session: Session


class KeptRuns(tuple[KeptRun, ...]):
    """The runs kept, at most `MOST_KEPT`, in the order in which they were."""

    __slots__ = ()

    @property
    def full(self) -> bool:
        """Whether no more can be kept."""
        return len(self) == MOST_KEPT

    def with_run(self, session: Session) -> KeptRuns:
        """Return these and one more, with the first letter that is free."""
        letter = next(each for each in "ABCD" if each not in [kept_run.letter for kept_run in self])
        return KeptRuns((*self, KeptRun(letter, session)))

    def without_last(self) -> KeptRuns:
        """Return all but the one kept last."""
        return KeptRuns(self[:-1])

    def behind(self, step: int) -> list[tuple[Session, int]]:
        """Return those that are not trained up to `step` (or their end), and how many steps each should have."""
        goals = [(kept_run.session, min(step + 1, kept_run.session.schedule.steps)) for kept_run in self]
        return [(session, goal) for session, goal in goals if session.trained < goal and session.failure is None]

    def seen_from(self, session: Session, step: int) -> tuple[KeptRunAt, ...]:
        """Return what is seen of the others at `step` of the present run."""
        return tuple(
            KeptRunAt(
                kept_run.letter,
                _difference(session, kept_run.session),
                kept_run.session,
                step if step < kept_run.session.trained else None,
                same_samples(kept_run.session.config, session.config),
                same_train_set(kept_run.session.config, session.config),
            )
            for kept_run in self
            if kept_run.session is not session
        )


def _difference(ours: Session, theirs: Session) -> str:
    """Return in what another run differs: whose `update` it does, then its options."""
    options = describe_difference(ours.config, theirs.config)
    if ours.author == theirs.author:
        return options
    author = theirs.author or "built-in model"
    return author if options == SAME_RUN else f"{author} · {options}"


@dataclass(frozen=True, slots=True)
class KeptRunAt:
    """A kept run at the cursor's step. Equal values look the same."""

    letter: str
    what: str
    """In what it differs from the present run."""
    session: Session
    step: int | None
    """The cursor's step; None where this run has no such step (yet)."""
    same_samples: bool
    """Whether it trains on the present run's samples, so that its line belongs into the same chart."""
    same_surface: bool
    """Whether these are all of its train samples, so that it moves on the same loss surface."""

    @property
    def name(self) -> str:
        """How it is called in legends and tables."""
        return f"{self.letter} {self.what}"

    def losses(self, reached: bool) -> Curve:
        """Return its batch losses up to the cursor's step, that step's own only where the cursor has `reached` it."""
        return self._history(reached).losses

    def epoch_means(self, reached: bool) -> Curve:
        """Return the mean batch loss of each of its epochs that is finished at the same place, over its epochs."""
        return self._history(reached).epoch_means

    def path(self, after: bool) -> tuple[Vector, Vector]:
        """Return its b and w after 0, 1, … updates up to the same place, pairwise; of very many evenly fewer."""
        return self._history(after).path

    def parameter(self, which: int, after: bool) -> Curve:
        """Return its b (0) or w (1) after 0, 1, … updates, up to before or after its step at the cursor."""
        history = self._history(after)
        return history.weights if which else history.biases

    def _history(self, done: bool) -> History:
        """Return the run up to its step at the cursor, that step `done` or not begun; else all of it."""
        if self.step is None:
            return self.session.history(self.session.trained - 1, Phase.UPDATE)
        return self.session.history(self.step, Phase.UPDATE if done else Phase.BATCH)

    def line(self, after: bool) -> tuple[float, float] | None:
        """Return its b and w before or after its step at the cursor."""
        if self.step is None:
            return None
        b, w = self.session.timeline.states(self.step + after)[0][:2]
        return b, w
