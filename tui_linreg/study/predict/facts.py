"""What a question needs to know of the run besides its step. Importable without torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_linreg.engine.schedule import Schedule

if TYPE_CHECKING:
    from tui_linreg.engine.training.session import Session

_MOST_SUMMED = 10_000
"""Steps whose gradients are added up for the mistake `no-zero-grad`; a person would not add up more."""


@dataclass(frozen=True, slots=True)
class Before:
    """The mini-batch before: b and w before its update, its loss and its gradients."""

    b: float
    w: float
    loss: float
    grad_b: float
    grad_w: float


@dataclass(frozen=True, slots=True)
class Facts:
    """Of a run, at one of its steps."""

    schedule: Schedule
    before: Before | None = None
    """None on step 0, and where the from-scratch model is a wrong one."""
    gradient_sums: tuple[tuple[float, float], ...] = ()
    """(Σ ∂L/∂b, Σ ∂L/∂w) of the step before, and of all steps before: what missing zero_grad() would have kept."""
    mistaken: bool = False
    """Whether the from-scratch model makes a mistake: then the right numbers are those of the torch side."""


def facts_of(session: Session, index: int, *, mistaken: bool | None = None) -> Facts:
    """Return the facts of a session at step `index`; costs no training and no replay.

    Args:
        session: which has trained the steps before `index`.
        index: of a step, from 0.
        mistaken: whether the from-scratch model is a wrong one; None: what the session's config says.

    Raises:
        IndexError: when a step before `index` is not trained.
    """
    if session.config.mistake is not None if mistaken is None else mistaken:
        return Facts(session.schedule, mistaken=True)
    if index == 0:
        return Facts(session.schedule)
    timeline = session.timeline
    b, w = timeline.states(index - 1)[0][:2]
    grad_b, grad_w = (float(timeline.gradients(which, index - 1, index)[0]) for which in (0, 1))
    sums = [(grad_b, grad_w)]
    if 1 < index <= _MOST_SUMMED:
        sums.append((float(timeline.gradients(0, 0, index).sum()), float(timeline.gradients(1, 0, index).sum())))
    before = Before(b, w, float(timeline.losses(0, index - 1, index)[0]), grad_b, grad_w)
    return Facts(session.schedule, before, tuple(sums))
