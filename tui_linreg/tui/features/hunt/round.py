"""A round of "find the mistake": its hunt, its run and how it ended; and the long jobs that belong to it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.progress import Cancelled
from tui_linreg.engine.schedule import Schedule
from tui_linreg.study.hunt import Hunt, Outcome, candidates, draw_hunt, give_up, has_effect_in, judge, planted
from tui_linreg.study.hunt_text import LEVELS, Level, closeness
from tui_linreg.tui.hidden import Hidden, Visible
from tui_linreg.tui.jobs import Job, Post, guarded
from tui_linreg.tui.messages import Finished, Progressed, Result
from tui_linreg.tui.run import RunRequest

if TYPE_CHECKING:
    from tui_linreg.engine.training.session import Session


@dataclass(frozen=True, slots=True)
class Hint:
    """What a wrong guess led to."""

    guess: int
    """Number of the choice."""
    text: str


@dataclass(slots=True, eq=False)
class Round:
    """One round, from its run's request to its end."""

    hunt: Hunt
    """With the guesses so far."""
    request: RunRequest = field(repr=False)
    """Of the run to hunt in; it holds the secret."""
    hidden: Hidden
    """What is hidden now."""
    hints: list[Hint] = field(default_factory=list)
    outcome: Outcome | None = None
    """How it ended; None while it goes on."""

    @classmethod
    def of(cls, hunt: Hunt, config: RunConfig) -> Round:
        """Return a new round on a run's options, which name no mistake."""
        title = LEVELS[hunt.level].title
        message = f"find the mistake, {title}: press f when you know which formula is wrong, or that none is"
        request = RunRequest(config, planted=planted(hunt), owner="hunt", message=message)
        return cls(hunt, request, hidden_at(hunt.level))

    @property
    def level(self) -> Level:
        """How much is seen."""
        return LEVELS[self.hunt.level]

    @property
    def number(self) -> int:
        """The level's number, from 1."""
        return number_of(self.hunt.level)

    def guess(self, number: int) -> Outcome:
        """Judge a choice by its number; a wrong one is counted once, and its hint kept."""
        tried = next((hint for hint in self.hints if hint.guess == number), None)
        if tried is not None:
            return Outcome(self.hunt, False, tried.text, None)
        outcome = judge(self.hunt, number)
        self.hunt = outcome.hunt
        if outcome.right:
            self.outcome = outcome
        else:
            self.hints.append(Hint(number, outcome.hint))
        return outcome

    def give_up(self) -> Outcome:
        """End it without an answer."""
        self.outcome = give_up(self.hunt)
        return self.outcome

    @property
    def cannot_tell(self) -> bool:
        """Whether the right answer is that it cannot be told from what is seen."""
        told = None if self.outcome is None else self.outcome.reveal
        if told is None or not self.level.curve_alone:
            return False
        return told.name is None or not MISTAKES[told.name].curve_tells

    def mistaken_run(self) -> RunConfig | None:
        """Return the options of the run with its mistake named, once it is over; None where none was planted."""
        name = None if self.outcome is None or self.outcome.reveal is None else self.outcome.reveal.name
        return None if name is None else replace(self.request.config, mistake=name)


def number_of(level: str) -> int:
    """Return a level's number, from 1."""
    return [*LEVELS].index(level) + 1


def hidden_at(level: str) -> Hidden:
    """Return what a level hides."""
    sight = Visible.ALL if level == "verdicts" else Visible(level)
    number = f"hunt {number_of(level)}/{len(LEVELS)}"
    title = LEVELS[level].title
    return Hidden(secret=True, sight=sight, notes=(f"hunt {title} · f decides", f"{number} · f decides", f"{number} f"))


_MOST_WORK = 40_000_000
"""Samples in all steps of a run that is trained to its end only to compare its losses."""
_MOST_STEPS = 200_000
NOTHING_SHOWS = "no mistake would show in this run, so there is none to find: e changes the run, then f"


class Compared(Message):
    """What the loss curves of a hunt's run and of the right model say."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said


class _StoppedError(Exception):
    """Leaves the drawing."""


def draw(config: RunConfig, schedule: Schedule, level: str, post: Post, drawn: Callable[[Hunt], None]) -> Job:
    """Return the job that draws a hunt for a run and has `drawn` called with it, or says why there is none."""

    def job(cancelled: Cancelled) -> None:
        asked, count = has_effect_in(config), itertools.count(1)
        names = candidates(Hunt(level, 0, schedule))

        def has_effect(name: str) -> bool:
            if cancelled():
                raise _StoppedError
            found = asked(name)
            post(Progressed(next(count), len(names)))
            return found

        try:
            hunt = draw_hunt(schedule, level, has_effect)
        except InputError as error:
            post(Finished(None, f"✗ {error}"))
        except _StoppedError:
            post(Finished(None, "no hunt began, this is the run from before"))
        else:
            post(Finished(None, NOTHING_SHOWS) if hunt is None else Result(partial(drawn, hunt)))

    return guarded(job, post)


def is_quickly_trained(schedule: Schedule) -> bool:
    """Say whether a whole run is short enough to be trained only to compare its losses."""
    return schedule.steps <= _MOST_STEPS and schedule.epochs * schedule.n_train <= _MOST_WORK


def compare(config: RunConfig, post: Post) -> Job:
    """Return the job that trains a run to its end, on a session of its own, and posts `Compared`."""

    def job(cancelled: Cancelled) -> None:
        from tui_linreg.engine.training.session import Session

        try:
            session = Session(config)
        except InputError as error:
            post(Compared(f"the losses cannot be compared: {error}"))
            return
        session.train_to(session.schedule.steps, cancelled=cancelled)
        if not cancelled():
            post(Compared(said_of(session)))

    return guarded(job, post)


def said_of(session: Session) -> str:
    """Return what the losses of the finished epochs say; empty before the first is finished."""
    ours, right = ([epoch.mse_v for epoch in session.epoch_log(side)] for side in (0, 1))
    return closeness(ours, right) if ours else ""
