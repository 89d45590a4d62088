"""Which formula of a step is wrong by itself: each quantity is computed again from the numbers that it was made of.

A verdict compares with torch, so that all that follows from a mistake differs too. Here ∂L/∂ŷ is held against the
learner's own ŷ, ∂L/∂b against the learner's own ∂L/∂ŷ, and so on. Loads torch.
"""

from __future__ import annotations

from collections.abc import Container

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.step import Side, Step
from tui_linreg.engine.verdicts.bounds import ROUNDINGS

Numbers = NDArray[np.float64]

NEEDS = {
    "y_pred": (), "loss": ("y_pred",), "dloss_dpred": ("y_pred",), "grad_b": ("dloss_dpred",),
    "grad_w": ("dloss_dpred",), "b": ("grad_b",), "w": ("grad_w",),
}  # fmt: skip
"""What a quantity is computed from."""


def wrong_by_itself(step: Step, left_out: Container[str] = ()) -> tuple[str, ...]:
    """Return the keys of the quantities that do not follow from what they are computed from, up to rounding.

    One that is nevertheless what it should be is not at fault: the 1/m may stand in ∂L/∂ŷ or after the sums.

    Args:
        step: of the learner's model, its scratch side.
        left_out: keys that are not judged.
    """
    with np.errstate(all="ignore"):
        keys = [q.key for q in QUANTITIES if q.key not in left_out and _differs(step, step.scratch, q.key)]
        if not keys:
            return ()
        right = right_side(step)
        return tuple(key for key in keys if _differs(step, right, key))


def _differs(step: Step, inputs: Side, key: str) -> bool:
    """Return whether a quantity does not follow from what a side has of the others."""
    found = _host(getattr(step.scratch, f"{key}_after" if key in ("b", "w") else key))
    right, size = _computed(step, inputs, key)
    unit = 2.0**-24 if step.x.element_size() == 4 else 2.0**-53
    smallest = float(np.finfo(np.float32 if step.x.element_size() == 4 else np.float64).tiny)
    # As the verdicts' bound, but for the order of adding, which may be any here: one rounding for each term.
    terms = len(step.x) if key in ("loss", "grad_b", "grad_w") else 0
    allowed = unit * (ROUNDINGS + terms) * size + smallest
    finite = np.isfinite(right) & np.isfinite(allowed)
    return bool(np.any(finite & ~(np.abs(found - right) <= allowed)))


def _computed(step: Step, side: Side, key: str) -> tuple[Numbers, Numbers]:
    """Return a quantity, computed from what the side has, and the sum of the magnitudes of its terms."""
    x, y, y_pred, signal = map(_host, (step.x, step.y, side.y_pred, side.dloss_dpred))
    m, residual, lr = len(x), y_pred - y, step.lr
    spread = np.abs(y_pred) + np.abs(y)
    match key:
        case "y_pred":
            return side.b_before + side.w_before * x, abs(side.b_before) + np.abs(side.w_before * x)
        case "loss":
            return _host(np.mean(residual**2)), _host(np.mean(residual**2 + 2 * np.abs(residual) * spread))
        case "dloss_dpred":
            return 2 * residual / m, 2 * spread / m
        case "grad_b":
            return signal.sum(), np.abs(signal).sum()
        case "grad_w":
            return (signal * x).sum(), np.abs(signal * x).sum()
    before, grad = (side.b_before, side.grad_b) if key == "b" else (side.w_before, side.grad_w)
    return np.float64(before - lr * grad), np.float64(abs(before) + abs(lr * grad))  # type: ignore[return-value]


def _host(value: object) -> Numbers:
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().to(torch.float64).numpy()
    return np.float64(value)  # type: ignore[arg-type, return-value]


def right_side(step: Step) -> Side:
    """Return what the program's own formulas give on a step, begun at the learner's b and w."""
    model = SimpleLinearRegression(device=step.x.device, dtype=step.x.dtype, generator=torch.Generator())
    return side_of(model, step.x, step.y, step.lr, step.scratch.b_before, step.scratch.w_before)


def side_of(model: SimpleLinearRegression, x: Tensor, y: Tensor, lr: float, b: float, w: float) -> Side:
    """Return what a model computes on one mini-batch, x and y of shape (m,), begun at b and w."""
    with torch.inference_mode():
        model.b.fill_(b)
        model.w.fill_(w)
        y_pred = model.predict(x)
        loss = model.squared_loss(y, y_pred)
        done = model.update(x, y, y_pred, lr)
        numbers = [float(number.item()) for number in (loss, done.grad_b, done.grad_w, model.b, model.w)]
    return Side(b, w, y_pred, numbers[0], done.dloss_dpred, *numbers[1:])
