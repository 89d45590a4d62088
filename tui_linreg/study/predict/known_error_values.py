"""What each known mistake gives on a given step: the engine's by its own wrong models, and a person's slips.

Loads torch. `Facts` are what a question needs to know of the run besides its step. The wrong models start from the
step's own b and w and do this one mini-batch; no formula of theirs is written down again. All in all some forty passes
over the mini-batch's vectors (up to a second where it has a million samples), so ask only when an answer is not right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tui_linreg.engine.models.arithmetic import Arithmetic
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.models.scratch import SimpleLinearRegression, scratch_variant
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.step import Side, Step
from tui_linreg.engine.training.session import Session
from tui_linreg.study.predict.known_errors import Before, KnownError, StepNumbers
from tui_linreg.study.predict.slips import SLIPS

_MOST_SUMMED = 10_000
"""Steps whose gradients are added up for the mistake `no-zero-grad`; a person would not add up more."""


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


def known_errors(step: Step, side: Side, key: str, row: int | None, facts: Facts) -> tuple[KnownError, ...]:
    """Return every known mistake that has a finite value of its own here.

    A mistake that changes nothing on this step (the wrong divisor of a full batch, a mean over one sample) has the true
    value, and is left out.

    Args:
        step: the step asked about.
        side: the right one of its two sides.
        key: of `tui_linreg.engine.phases.QUANTITIES`.
        row: of a vector the element asked for, from 0; None for a scalar.
        facts: of the run.
    """
    true = value_of(side, key, row)
    classic = _classic_mistakes(step, side, key, row, facts)
    numbers = _step_numbers(step, side, row, facts)
    slips = []
    with np.errstate(all="ignore"):
        for slip in SLIPS[key]:
            value = slip.value(numbers)
            if value is not None:
                slips.append(KnownError(slip.name, slip.title, slip.hint, float(value)))
    # With the gradient at hand, a wrong update is more likely a slip than a wrong gradient.
    errors = slips + classic if key in ("b", "w") else classic + slips
    return tuple(error for error in errors if np.isfinite(error.value) and error.value != true)


def mistakes_in(key: str) -> tuple[str, ...]:
    """Return the names of the engine's mistakes that change this quantity (a key of `QUANTITIES`)."""
    return tuple(name for name, mistake in MISTAKES.items() if key in mistake.shows_in)


def value_of(side: Side, key: str, row: int | None) -> float:
    """Return what a side of a step computed for a quantity, of a vector its element `row`."""
    if row is not None:
        return float(getattr(side, key)[row].item())
    return float(getattr(side, key + "_after" if key in ("b", "w") else key))


def _classic_mistakes(step: Step, side: Side, key: str, row: int | None, facts: Facts) -> list[KnownError]:
    errors = []
    for name in mistakes_in(key):
        mistake = MISTAKES[name]
        for sums in facts.gradient_sums if mistake.adds_up_gradients else ((0.0, 0.0),):
            value = _wrong_value(name, sums, step, side, key, row, facts.schedule)
            errors.append(KnownError(name, mistake.title, mistake.hint, value))
    return errors


def _wrong_value(
    name: str, sums: tuple[float, float], step: Step, side: Side, key: str, row: int | None, schedule: Schedule
) -> float:
    """Return the quantity as the engine's wrong model computes it on this very step."""
    wrong = scratch_variant(name, Arithmetic(), schedule)
    with torch.inference_mode():
        model = _model(wrong, step, side.b_before, side.w_before, *sums)
        y_pred = model.predict(step.x)
        if key == "loss":
            return float(model.squared_loss(step.y, y_pred).item())
        gradients = model.update(step.x, step.y, y_pred, step.lr)
        if key in ("b", "w"):
            return float(getattr(model, key).item())
        value: Tensor = getattr(gradients, key)
        return float((value if row is None else value[row]).item())


def _model(of_type: type[SimpleLinearRegression], step: Step, *state: float) -> SimpleLinearRegression:
    """Return a model with these numbers in its `state()`; a model without sums takes only b and w."""
    # A generator of its own: drawing from torch's would change the global random state.
    model = of_type(device=step.x.device, dtype=step.x.dtype, generator=torch.Generator())
    for tensor, value in zip(model.state(), state, strict=False):
        tensor.fill_(value)
    return model


def _step_numbers(step: Step, side: Side, row: int | None, facts: Facts) -> StepNumbers:
    vectors = (step.x, step.y, side.y_pred, side.dloss_dpred)
    with torch.inference_mode():
        after = _model(SimpleLinearRegression, step, side.b_after, side.w_after)
        loss = float(after.squared_loss(step.y, after.predict(step.x)).item())
        x, y, y_pred, signal = (vector.detach().cpu().to(torch.float64).numpy() for vector in vectors)
    schedule = facts.schedule
    return StepNumbers(
        x, y, y_pred, signal, row or 0, side, step.lr, schedule.batch_size, schedule.n_train, facts.before, loss
    )
