"""Conditions to run until, each a question about one trained step."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.fields import FIELDS
from tui_linreg.engine.session import Cancelled, Progress, Session
from tui_linreg.engine.verdict import Verdict

Test = Callable[[Session, int], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """What to stop at."""

    text: str
    """What holds at the step found, in words."""
    met: Test


@dataclass(frozen=True, slots=True)
class ConditionKind:
    """A condition that a person can choose; `make` takes the threshold (ignored unless it needs one)."""

    key: str
    label: str
    needs_value: bool
    make: Callable[[float], Condition]


def _loss_below(value: float) -> Condition:
    return Condition(f"batch loss below {value:g}", lambda s, k: float(s.timeline.losses(0, k, k + 1)[0]) < value)


def _gradient_below(value: float) -> Condition:
    def met(session: Session, k: int) -> bool:
        ours = session.step(k).scratch
        return math.hypot(ours.grad_b, ours.grad_w) < value

    return Condition(f"gradient norm below {value:g}", met)


def _differs(_: float) -> Condition:
    return Condition("a verdict ≠", lambda s, k: s.step(k).verdict is Verdict.DIFFERS)


def _short_batch(_: float) -> Condition:
    return Condition("a short batch", lambda s, k: s.schedule.place(k).m < s.schedule.batch_size)


def _valid_rising(_: float) -> Condition:
    def met(session: Session, k: int) -> bool:
        if not session.schedule.ends_epoch(k) or k < session.schedule.batches:
            return False
        epoch = k // session.schedule.batches
        before, now = session.timeline.valid(0)[epoch - 1 : epoch + 1]
        return bool(now > before)

    return Condition("validation loss rising", met)


def _diverged(_: float) -> Condition:
    def met(session: Session, k: int) -> bool:
        overflow = session.timeline.first_overflow
        return overflow is not None and overflow <= k

    return Condition("numbers no longer finite", met)


def _end(_: float) -> Condition:
    return Condition("the end of the run", lambda s, k: k == s.schedule.steps - 1)


CONDITIONS: tuple[ConditionKind, ...] = (
    ConditionKind("loss", "batch loss below", True, _loss_below),
    ConditionKind("gradient", "gradient norm below", True, _gradient_below),
    ConditionKind("differs", "verdict ≠ differs", False, _differs),
    ConditionKind("short", "the short batch", False, _short_batch),
    ConditionKind("valid", "validation loss rising", False, _valid_rising),
    ConditionKind("diverged", "diverged (not finite)", False, _diverged),
    ConditionKind("end", "the end of the run", False, _end),
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
) -> Found:
    """Look for the first step from `start` on at which `condition` holds, training as far as that needs.

    Ends without it when the run ends or `cancelled` says so; steps trained on the way are kept.
    """
    total = session.schedule.steps
    for k in range(start, total):
        if cancelled is not None and cancelled():
            return Found(max(k - 1, 0), met=False)
        if session.trained <= k:
            session.train_to(k + 1)
        if condition.met(session, k):
            return Found(k, met=True)
        if progress is not None:
            progress(k, total)
    return Found(total - 1, met=False)
