"""Conditions to run until, each a question about trained steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tui_linreg.engine.config import FIELDS
from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.progress import Cancelled, Pace, Progress
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.step import Verdict

if TYPE_CHECKING:
    from tui_linreg.engine.training.session import Session
    from tui_linreg.engine.training.timeline import Timeline

    Find = Callable[[Timeline, Schedule, range], int | None]
    """Returns the number of the first of these recorded steps at which a condition holds."""


THE_END = "the end of the run"
_AT_ONCE = 65_536
"""Recorded steps looked at in one go."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What to stop at."""

    text: str
    """What holds at the step found, in words."""
    find: Find | None
    """None: a step with the verdict ≠, which takes looking at each."""


@dataclass(frozen=True, slots=True)
class ConditionKind:
    """A condition that a person can choose; `make` takes the threshold (ignored unless it needs one)."""

    key: str
    label: str
    needs_value: bool
    make: Callable[[float], Condition]


def _loss_below(value: float) -> Condition:
    def find(timeline: Timeline, schedule: Schedule, steps: range) -> int | None:
        below = np.flatnonzero(timeline.losses(0, steps.start, steps.stop) < value)
        return steps[int(below[0])] if len(below) else None

    return Condition(f"batch loss below {value:g}", find)


def _gradient_below(value: float) -> Condition:
    def find(timeline: Timeline, schedule: Schedule, steps: range) -> int | None:
        grad_b, grad_w = (timeline.gradients(which, steps.start, steps.stop) for which in (0, 1))
        with np.errstate(all="ignore"):
            near = np.flatnonzero(np.hypot(grad_b, grad_w) < value * (1 + 1e-9))
        # NumPy's hypot and Python's may differ in the last bit; one of them has to decide.
        return next((steps[int(k)] for k in near if math.hypot(grad_b[k], grad_w[k]) < value), None)

    return Condition(f"gradient norm below {value:g}", find)


def _differs(_: float) -> Condition:
    return Condition("a verdict ≠", None)


def _short_batch(_: float) -> Condition:
    def find(timeline: Timeline, schedule: Schedule, steps: range) -> int | None:
        if schedule.n_train % schedule.batch_size == 0:
            return None
        return _within(steps, schedule.first_step(steps.start // schedule.batches + 1) - 1)

    return Condition("a short batch", find)


def _valid_rising(_: float) -> Condition:
    def find(timeline: Timeline, schedule: Schedule, steps: range) -> int | None:
        # From the epoch that ended last before these steps to those that end in them.
        first = max(steps.start // schedule.batches - 1, 0)
        valid = timeline.valid(0, first, steps.stop // schedule.batches)
        rising = np.flatnonzero(valid[1:] > valid[:-1])
        return _within(steps, schedule.first_step(first + int(rising[0]) + 2) - 1) if len(rising) else None

    return Condition("validation loss rising", find)


def _diverged(_: float) -> Condition:
    def find(timeline: Timeline, schedule: Schedule, steps: range) -> int | None:
        broken = timeline.first_overflow
        return None if broken is None else _within(steps, max(broken, steps.start))

    return Condition("numbers no longer finite", find)


def _end(_: float) -> Condition:
    return Condition(THE_END, lambda timeline, schedule, steps: _within(steps, schedule.steps - 1))


def _within(steps: range, step: int) -> int | None:
    return step if step in steps else None


CONDITIONS: tuple[ConditionKind, ...] = (
    ConditionKind("loss", "batch loss below", True, _loss_below),
    ConditionKind("gradient", "gradient norm below", True, _gradient_below),
    ConditionKind("differs", "verdict ≠ differs", False, _differs),
    ConditionKind("short", "the short batch", False, _short_batch),
    ConditionKind("valid", "validation loss rising", False, _valid_rising),
    ConditionKind("diverged", "diverged (not finite)", False, _diverged),
    ConditionKind("end", THE_END, False, _end),
)


def read_condition(key: str, value: str) -> Condition:
    """Return the condition of this kind; `value` is the threshold as typed.

    Raises:
        InputError: when the kind needs a threshold and `value` is not a finite number above 0.
    """
    kind = next(kind for kind in CONDITIONS if kind.key == key)
    if not kind.needs_value:
        return kind.make(math.nan)
    try:
        number = FIELDS["lr"].read(value)
    except InputError:
        raise InputError(f"{kind.label} {quoted(value)}: must be a finite number above 0") from None
    assert isinstance(number, float)
    return kind.make(number)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a search ended."""

    step: int
    """The step looked at last."""
    met: bool
    """Whether the condition holds there."""


def run_until(
    session: Session,
    condition: Condition,
    start: int,
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    cut_back: Callable[[int], None] | None = None,
) -> Found:
    """Look for the first step from `start` on at which `condition` holds, training as far as that needs.

    Ends without it when the run ends or `cancelled` says so; steps trained on the way are kept, but none
    beyond the one found.

    Args:
        session: the run.
        condition: what to look for.
        start: the first step to look at, from 0.
        progress: called with how far the search is.
        cancelled: asked whether to stop.
        cut_back: called with the number of steps to keep, in place of `Session.cut_back`: where another thread looks at
            steps meanwhile, it is the one to take them away.
    """
    total = session.schedule.steps
    if condition.find is None:
        return _judge_each(session, start, Pace(total, progress, cancelled))
    before = session.trained
    found = _search(session, condition.find, start, Pace(total, progress, cancelled), progress, cancelled)
    if found.met and found.step >= before and found.step + 1 < session.trained:
        (cut_back or session.cut_back)(found.step + 1)
    return found


def _judge_each(session: Session, start: int, pace: Pace) -> Found:
    total = session.schedule.steps
    for step in range(start, total):
        if pace.stops(step):
            return Found(max(step - 1, 0), met=False)
        if session.trained <= step:
            session.train_to(step + 1)
        if session.step(step).verdict is Verdict.DIFFERS:
            return Found(step, met=True)
    return Found(total - 1, met=False)


def _search(
    session: Session, find: Find, start: int, pace: Pace, progress: Progress | None, cancelled: Cancelled | None
) -> Found:
    total = session.schedule.steps
    looked_at = min(start, total)
    while looked_at < (stop := min(session.trained, looked_at + _AT_ONCE)):
        if pace.stops(looked_at):
            return Found(max(looked_at - 1, 0), met=False)
        met = find(session.timeline, session.schedule, range(looked_at, stop))
        if met is not None:
            return Found(met, met=True)
        looked_at = stop

    def holds() -> bool:
        """Look at the steps that were recorded since the last look."""
        nonlocal looked_at, met
        if met is None and looked_at < (stop := session.trained):
            met = find(session.timeline, session.schedule, range(looked_at, stop))
            looked_at = stop
        return met is not None

    met = None
    trained = session.train_to(total, progress=progress, cancelled=lambda: holds() or bool(cancelled and cancelled()))
    if holds():
        assert met is not None
        return Found(met, met=True)
    return Found(max(max(trained, looked_at) - 1, 0) if trained > start else max(start - 1, 0), met=False)
