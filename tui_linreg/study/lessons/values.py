"""True values that an answer is judged by: their names, what they mean, and where in the engine each comes from.

Importable without torch. Steps count from 1 here, as on the screen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.step import Step

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Instruments
    from tui_linreg.engine.training.session import Session
    from tui_linreg.study.predict.questions import Question

LATEST_STEP = 10_000
"""The last step that an answer may name: training up to it must not keep the learner waiting."""


OF_RUN: dict[str, Callable[[Instruments, Session, int], float | None]] = {
    "eta_edge": lambda i, s, at: i.radii(at).edge,  # the first η at which the run diverges, with its batches
    "eta_max": lambda i, s, at: i.learning_rate(at).eta_max,  # η above which the full batch diverges
    "eta_best": lambda i, s, at: i.learning_rate(at).eta_best,  # the best fixed η of the full batch
    "condition_number": lambda i, s, at: i.learning_rate(at).condition_number,  # λ_max/λ_min of the full batch
    "spectral_radius": lambda i, s, at: i.learning_rate(at).spectral_radius,  # what an epoch multiplies the distance by
    "ls_b": lambda i, s, at: i.whole.b,  # the least-squares line, and its loss on the train set
    "ls_w": lambda i, s, at: i.whole.w,
    "ls_loss": lambda i, s, at: i.whole.loss,
    "true_b": lambda i, s, at: s.dataset.true_bias,  # what made the data
    "true_w": lambda i, s, at: s.dataset.true_coefficient,
    "n_train": lambda i, s, at: s.schedule.n_train,
    "n_valid": lambda i, s, at: s.dataset.n_valid,
    "batch_size": lambda i, s, at: s.schedule.batch_size,
    "batches": lambda i, s, at: s.schedule.batches,  # mini-batches in an epoch
    "steps": lambda i, s, at: s.schedule.steps,  # mini-batches in the run
    "short_m": lambda i, s, at: s.schedule.place(s.schedule.batches - 1).m,  # samples in the last batch of an epoch
}
"""The values of a run at a step (from 0), by the name used in `answer:` lines; None where it has none."""

OF_STEP: dict[str, Callable[[Step], float]] = {
    "m": lambda step: step.place.m,
    "b_before": lambda step: step.scratch.b_before,
    "w_before": lambda step: step.scratch.w_before,
    "x_first": lambda step: step.x[0].item(),  # of the batch's first sample
    "y_first": lambda step: step.y[0].item(),
    "y_pred_first": lambda step: step.scratch.y_pred[0].item(),
    "loss": lambda step: step.scratch.loss,
    "dloss_first": lambda step: step.scratch.dloss_dpred[0].item(),
    "grad_b": lambda step: step.scratch.grad_b,
    "grad_w": lambda step: step.scratch.grad_w,
    "b": lambda step: step.scratch.b_after,
    "w": lambda step: step.scratch.w_after,
}
"""The values of one step, of the hand-written model: `at step N` may follow the name, else the step shown is meant."""

VALUES = (*OF_RUN, *OF_STEP)
"""The names of all values."""

_FIRST = "_first"
QUANTITY_OF = {
    "y_pred_first": "y_pred", "loss": "loss", "dloss_first": "dloss_dpred", "grad_b": "grad_b", "grad_w": "grad_w",
    "b": "b", "w": "w",
}  # fmt: skip
"""Name of a value → the quantity (a key of `engine.phases.QUANTITIES`) that it is, or is the first element of."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A true value: a number of the lesson's file, or a name in `VALUES`, perhaps at a step."""

    name: str | None
    number: float = math.nan
    """The number when `name` is None."""
    step: int | None = None
    """The step, from 1; None: the one shown when the answer is given."""

    @property
    def quantity(self) -> str | None:
        """The key of the quantity that it gives; None where it gives none."""
        return None if self.name is None else QUANTITY_OF.get(self.name)


def true_value(wanted: Wanted, instruments: Instruments, session: Session, cursor: int) -> float:
    """Return the number that an answer is compared with; trains up to the step it is of, where that is missing.

    The first question for `eta_edge` costs a search over η (`Instruments.prepare("radii", …)` in a thread for very many
    mini-batches).

    Args:
        wanted: which.
        instruments: those of the session.
        session: the run.
        cursor: the step shown, from 0 as the engine counts.

    Raises:
        InputError: when the run has no such step.
    """
    if wanted.name is None:
        return wanted.number
    of_step = OF_STEP.get(wanted.name)
    index = cursor if wanted.step is None or of_step is None else wanted.step - 1
    if not 0 <= index < session.schedule.steps:
        raise InputError(f"the run ends before step {index + 1}; start the lesson's own run again")
    if session.trained <= index:
        session.train_to(index + 1)
    value = of_step(session.step(index)) if of_step else OF_RUN[wanted.name](instruments, session, index)
    return math.nan if value is None else float(value)


def question_of(wanted: Wanted, session: Session, cursor: int) -> Question | None:
    """Return predict's question after a value; None where it is no quantity, or not trained, or not finite.

    Args:
        wanted: which.
        session: the run.
        cursor: the step shown, from 0 as the engine counts.
    """
    from tui_linreg.study.predict.known_error_values import facts_of  # torch
    from tui_linreg.study.predict.questions import question

    index = cursor if wanted.step is None else wanted.step - 1
    if wanted.name is None or wanted.quantity is None or not 0 <= index < session.trained:
        return None
    row = 0 if wanted.name.endswith(_FIRST) else None
    return question(session.step(index), wanted.quantity, facts_of(session, index), row)
