"""What each known mistake gives on a given step: the engine's by its own wrong models, a person's slips here.

Loads torch. The wrong models start from the step's own b and w and do this one mini-batch; no formula of theirs is
written down again. All in all some forty passes over the mini-batch's vectors (up to a second where it has a million
samples), so ask only when an answer is not right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tui_linreg.engine.models.arithmetic import Arithmetic
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.models.variants import scratch_variant
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.step import Side, Step
from tui_linreg.study.predict.facts import Before, Facts
from tui_linreg.study.predict.known_errors import KnownError, known_error, mistakes_in

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]


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
    classic = _engine_values(step, side, key, row, facts)
    with np.errstate(all="ignore"):
        slips = [(name, value) for name, value in _SLIPS[key](_Case.of(step, side, row, facts)) if value is not None]
    # With the gradient at hand, a wrong update is more likely a slip than a wrong gradient.
    values = slips + classic if key in ("b", "w") else classic + slips
    here = [(name, value) for name, value in values if np.isfinite(value) and value != true]
    return tuple(known_error(key, name, float(value)) for name, value in here)


def value_of(side: Side, key: str, row: int | None) -> float:
    """Return what a side of a step computed for a quantity, of a vector its element `row`."""
    if row is not None:
        return float(getattr(side, key)[row].item())
    return float(getattr(side, key + "_after" if key in ("b", "w") else key))


def _engine_values(step: Step, side: Side, key: str, row: int | None, facts: Facts) -> list[tuple[str, float]]:
    found = []
    for name in mistakes_in(key):
        for sums in facts.gradient_sums if MISTAKES[name].adds_up_gradients else ((0.0, 0.0),):
            found.append((name, _wrong_value(name, sums, step, side, key, row, facts.schedule)))
    return found


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


@dataclass(frozen=True, slots=True)
class _Case:
    """A step's numbers as the slips need them: vectors of shape (m,) as float64 on the host."""

    x: Vector
    y: Vector
    y_pred: Vector
    signal: Vector
    row: int
    """The element asked for; 0 for a scalar."""
    side: Side
    lr: float
    batch_size: int
    n_train: int
    before: Before | None
    loss_after: float

    @classmethod
    def of(cls, step: Step, side: Side, row: int | None, facts: Facts) -> _Case:
        vectors = (step.x, step.y, side.y_pred, side.dloss_dpred)
        with torch.inference_mode():
            after = _model(SimpleLinearRegression, step, side.b_after, side.w_after)
            loss = float(after.squared_loss(step.y, after.predict(step.x)).item())
            x, y, y_pred, signal = (vector.detach().cpu().to(torch.float64).numpy() for vector in vectors)
        schedule = facts.schedule
        size, n = schedule.batch_size, schedule.n_train
        return cls(x, y, y_pred, signal, row or 0, side, step.lr, size, n, facts.before, loss)

    @property
    def m(self) -> int:
        return len(self.x)

    @property
    def residual(self) -> Vector:
        return self.y_pred - self.y


_Values = list[tuple[str, float | None]]


def _neighbours(vector: Vector, row: int) -> _Values:
    return [("wrong-row", float(vector[at])) for at in (row - 1, row + 1) if 0 <= at < len(vector)]


def _of_prediction(case: _Case) -> _Values:
    b, w = case.side.b_before, case.side.w_before
    x, y, y_pred = (float(vector[case.row]) for vector in (case.x, case.y, case.y_pred))
    return [
        ("forgot-b", w * x),
        ("b-and-w-swapped", w + b * x),
        ("x-and-y-swapped", b + w * y),
        ("minus", b - w * x),
        ("forgot-w", b + x),
        ("parentheses", w * (b + x)),
        ("after-update", case.side.after_at(x)),
        ("previous-parameters", case.before.b + case.before.w * x if case.before else None),
        ("residual", y_pred - y),
        ("target", y),
        *_neighbours(case.y_pred, case.row),
    ]


def _of_loss(case: _Case) -> _Values:
    residual, m = case.residual, case.m
    squares = residual**2
    total = float(squares.sum())
    return [
        ("root", float(np.sqrt(case.side.loss))),
        ("not-squared", float(residual.mean())),
        ("absolute", float(abs(residual).mean())),
        ("half", case.side.loss / 2),
        ("square-of-sum", float(residual.sum() ** 2 / m)),
        ("square-of-mean", float(residual.mean() ** 2)),
        ("squares-apart", float((case.y_pred**2 - case.y**2).mean())),
        ("plus", float(((case.y_pred + case.y) ** 2).mean())),
        ("batch-size", total / case.batch_size),
        ("train-size", total / case.n_train),
        ("one-less", total / (m - 1) if m > 1 else None),
        ("after-update", case.loss_after),
        ("previous-batch", case.before.loss if case.before else None),
        ("last-left-out", float(squares[:-1].sum() / m) if m > 1 else None),
        ("first-left-out", float(squares[1:].sum() / m) if m > 1 else None),
    ]


def _of_signal(case: _Case) -> _Values:
    x, y, y_pred, signal = (float(vector[case.row]) for vector in (case.x, case.y, case.y_pred, case.signal))
    residual, m = y_pred - y, case.m
    return [
        ("residual", residual),
        ("squared", 2 / m * residual * residual),
        ("plus", 2 / m * (y_pred + y)),
        ("forgot-y", 2 / m * y_pred),
        ("two-below", residual / (2 * m)),
        ("times-x", signal * x),
        ("share-of-loss", residual * residual / m),
        *_neighbours(case.signal, case.row),
    ]


def _of_gradient(case: _Case, factor: Vector | float, key: str) -> _Values:
    """Return the slips that both gradients share; `factor` is ∂ŷ/∂b or ∂ŷ/∂w."""
    terms = case.signal * factor
    gradient = float(getattr(case.side, key))
    return [
        ("last-left-out", float(terms[:-1].sum()) if case.m > 1 else None),
        ("first-left-out", float(terms[1:].sum()) if case.m > 1 else None),
        ("times-learning-rate", case.lr * gradient),
        ("previous-batch", float(getattr(case.before, key)) if case.before else None),
        ("new-parameter", float(getattr(case.side, key.removeprefix("grad_") + "_after"))),
        ("residuals-for-signal", float((case.residual * factor).sum())),
        ("absolute", float(abs(terms).sum())),
    ]


def _of_bias_gradient(case: _Case) -> _Values:
    return [
        ("times-x", case.side.grad_w),
        ("times-b", case.side.grad_b * case.side.b_before),
        ("squared-signal", float((case.signal**2).sum())),
        *_of_gradient(case, 1.0, "grad_b"),
    ]


def _of_weight_gradient(case: _Case) -> _Values:
    return [
        ("mean-of-products", case.side.grad_w / case.m),
        ("times-y", float((case.signal * case.y).sum())),
        ("times-w", case.side.grad_b * case.side.w_before),
        ("product-of-sums", float(case.side.grad_b * case.x.sum())),
        ("times-mean-x", float(case.side.grad_b * case.x.mean())),
        ("x-squared", float((case.signal * case.x**2).sum())),
        *_of_gradient(case, case.x, "grad_w"),
    ]


def _of_update(case: _Case, name: str, other: str) -> _Values:
    start, new, gradient = (float(getattr(case.side, f)) for f in (name + "_before", name + "_after", "grad_" + name))
    step, lr = start - new, case.lr
    return [
        ("before-update", start),
        ("plus", start + step),
        ("forgot-eta", start - gradient),
        ("eta-twice", start - lr * step),
        ("gradient", gradient),
        ("step-alone", step),
        ("change-alone", -step),
        ("other-parameter", float(getattr(case.side, other + "_after"))),
        ("factor-2-again", start - 2 * step),
        ("parentheses", (start - lr) * gradient),
        ("divided-by-m", start - step / case.m),
        ("old-start", float(getattr(case.before, name)) - step if case.before else None),
    ]


def _of_new_bias(case: _Case) -> _Values:
    return [*_of_update(case, "b", "w"), ("other-gradient", case.side.b_before - case.lr * case.side.grad_w)]


_SLIPS: dict[str, Callable[[_Case], _Values]] = {
    "y_pred": _of_prediction,
    "loss": _of_loss,
    "dloss_dpred": _of_signal,
    "grad_b": _of_bias_gradient,
    "grad_w": _of_weight_gradient,
    "b": _of_new_bias,
    "w": lambda case: _of_update(case, "w", "b"),
}
"""By the keys of `tui_linreg.study.predict.known_errors.SLIPS`; None where a slip has no value here."""
