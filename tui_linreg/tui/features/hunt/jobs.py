"""The long jobs of "find the mistake": drawing what is planted, and at the end how close the loss curves are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.progress import Cancelled
from tui_linreg.study.hunt import Hunt, candidates, has_effect_in, new_hunt
from tui_linreg.study.hunt_text import closeness
from tui_linreg.tui.jobs import Job, Post, guarded
from tui_linreg.tui.messages import Finished, Progressed, Result

if TYPE_CHECKING:
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.engine.schedule import Schedule
    from tui_linreg.engine.training.session import Session

_MOST_TRAIN = 200_000
"""Of more train samples only what is drawn is tried: each trial loads them again."""
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
    """Return the job that draws a hunt for a run and has `drawn` called with it, or says why there is none.

    Every mistake is tried, whatever is drawn, so that the answers offered do not tell whether something was.
    """

    def job(cancelled: Cancelled) -> None:
        asked = has_effect_in(config)
        known: dict[str, bool] = {}
        names = candidates(Hunt(level, 0, schedule))

        def has_effect(name: str) -> bool:
            if cancelled():
                raise _StoppedError
            if name not in known:
                known[name] = asked(name)
                post(Progressed(len(known), len(names)))
            return known[name]

        try:
            if schedule.n_train <= _MOST_TRAIN:
                for name in names:
                    has_effect(name)
            hunt = new_hunt(schedule, level, has_effect=has_effect)
        except InputError as error:
            post(Finished(None, f"✗ {error}"))
        except _StoppedError:
            post(Finished(None, "no hunt began, this is the run from before"))
        else:
            hunt = replace(hunt, left_out=tuple(name for name in names if not known.get(name, True)))
            post(Result(partial(drawn, hunt)) if candidates(hunt) else Finished(None, NOTHING_SHOWS))

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
