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

LATEST_STEP = 10_000
"""The last step that an answer may name: training up to it must not keep the learner waiting."""


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A number that the app knows."""

    name: str
    meaning: str
    of_step: bool
    """Whether it belongs to one step: then `at step N` may follow its name, or it is that of the step shown."""
    read: Callable[[Instruments, Session, Step], float]
    """How it is read; the step is used only where `of_step`."""


def _none(value: float | None) -> float:
    return math.nan if value is None else value


VALUES: dict[str, NamedValue] = {
    value.name: value
    for value in (
        NamedValue(
            "eta_edge", "first η at which the run diverges, with its batches", False, lambda i, s, _: i.radii.edge
        ),
        NamedValue("eta_max", "η above which the full batch diverges", False, lambda i, s, _: i.learning_rate.eta_max),
        NamedValue("eta_best", "best fixed η of the full batch", False, lambda i, s, _: i.learning_rate.eta_best),
        NamedValue(
            "condition_number", "λ_max/λ_min of the full batch", False, lambda i, s, _: i.learning_rate.condition_number
        ),
        NamedValue(
            "spectral_radius", "what an epoch multiplies the distance by", False,
            lambda i, s, _: i.learning_rate.spectral_radius,
        ),
        NamedValue("ls_b", "b of the least-squares line", False, lambda i, s, _: i.whole.b),
        NamedValue("ls_w", "w of the least-squares line", False, lambda i, s, _: i.whole.w),
        NamedValue("ls_loss", "loss of the least-squares line on the train set", False, lambda i, s, _: i.whole.loss),
        NamedValue("true_b", "bias that made the data", False, lambda i, s, _: _none(s.dataset.true_bias)),
        NamedValue(
            "true_w", "coefficient that made the data", False, lambda i, s, _: _none(s.dataset.true_coefficient)
        ),
        NamedValue("n_train", "samples in the train set", False, lambda i, s, _: s.schedule.n_train),
        NamedValue("n_valid", "samples that validate", False, lambda i, s, _: len(s.dataset.x_valid)),
        NamedValue("batch_size", "batch size B", False, lambda i, s, _: s.schedule.batch_size),
        NamedValue("batches", "mini-batches in an epoch", False, lambda i, s, _: s.schedule.batches),
        NamedValue("steps", "mini-batches in the run", False, lambda i, s, _: s.schedule.steps),
        NamedValue(
            "short_m", "samples in the last batch of an epoch", False,
            lambda i, s, _: s.schedule.place(s.schedule.batches - 1).m,
        ),
        NamedValue("m", "samples in this batch", True, lambda i, s, step: step.place.m),
        NamedValue("b_before", "b before the update", True, lambda i, s, step: step.scratch.b_before),
        NamedValue("w_before", "w before the update", True, lambda i, s, step: step.scratch.w_before),
        NamedValue("x_first", "x of the batch's first sample", True, lambda i, s, step: step.x[0].item()),
        NamedValue("y_first", "y of the batch's first sample", True, lambda i, s, step: step.y[0].item()),
        NamedValue("y_pred_first", "ŷ of the first sample", True, lambda i, s, step: step.scratch.y_pred[0].item()),
        NamedValue("loss", "L of the batch before its update", True, lambda i, s, step: step.scratch.loss),
        NamedValue(
            "dloss_first", "∂L/∂ŷ of the first sample", True, lambda i, s, step: step.scratch.dloss_dpred[0].item()
        ),
        NamedValue("grad_b", "∂L/∂b", True, lambda i, s, step: step.scratch.grad_b),
        NamedValue("grad_w", "∂L/∂w", True, lambda i, s, step: step.scratch.grad_w),
        NamedValue("b", "b after the update", True, lambda i, s, step: step.scratch.b_after),
        NamedValue("w", "w after the update", True, lambda i, s, step: step.scratch.w_after),
    )
}  # fmt: skip
"""By the name used in `answer:` lines. Those of a step are the hand-written model's."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A true value: a number of the lesson's file, or a name in `VALUES`, perhaps at a step."""

    name: str | None
    number: float = math.nan
    """The number when `name` is None."""
    step: int | None = None
    """The step, from 1; None: the one shown when the answer is given."""


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
    value = VALUES[wanted.name]
    index = cursor if wanted.step is None or not value.of_step else wanted.step - 1
    if not 0 <= index < session.schedule.steps:
        raise InputError(f"the run ends before step {index + 1}; start the lesson's own run again")
    if session.trained <= index:
        session.train_to(index + 1)
    return float(value.read(instruments, session, session.step(index)))
