"""Shared by the engine's tests: sessions on data of one's own, and mistakes besides those of the program."""

from __future__ import annotations

import math
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.data.dataset import Dataset
from tui_linreg.engine.models.arithmetic import Arithmetic
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.models.scratch import SimpleLinearRegression, scratch_variant
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.step import Step, Verdict
from tui_linreg.engine.training import session as session_module
from tui_linreg.engine.training.session import Session

Array = npt.NDArray[np.float64]
Scratch = type[SimpleLinearRegression]

ROUNDOFF = {"float64": 2.0**-53, "float32": 2.0**-24}
KEYS = ("y_pred", "loss", "dloss_dpred", "grad_b", "grad_w", "b", "w")


def small(scratch_type: Scratch | None = None, **options: Any) -> Session:
    """A session with few samples, so that validation costs nothing."""
    defaults: dict[str, Any] = {"samples": options.get("train_size", 100) + 20, "device": "cpu"}
    return Session(RunConfig(**(defaults | options)), scratch_type=scratch_type)


def on_data(x: Array, y: Array, scratch_type: Scratch | None = None, **options: Any) -> Session:
    """A session that trains (and validates) on exactly these samples."""
    config = RunConfig(**({"device": "cpu"} | options))
    dtype = getattr(torch, config.dtype)
    xs, ys = torch.tensor(x, dtype=dtype), torch.tensor(y, dtype=dtype)
    assert bool(xs.isfinite().all() & ys.isfinite().all())
    data = Dataset("own", "x", "y", xs, ys, xs, ys)
    with patch.object(session_module, "load_dataset", lambda config, device: data):
        return Session(config, scratch_type=scratch_type)


def line_data(
    seed: int, n: int, x_scale: float = 1.0, x_offset: float = 0.0, y_scale: float = 1.0
) -> tuple[Array, Array]:
    """Samples of a noisy line."""
    random = np.random.default_rng(seed)
    z = random.standard_normal(n)
    return x_scale * z + x_offset, y_scale * (3 * z + 1 + random.standard_normal(n))


def trained(session: Session, steps: int | None = None) -> Session:
    session.train_to(session.schedule.steps if steps is None else steps)
    return session


def differing(step: Step) -> set[str]:
    """The quantities that got ≠."""
    return {key for key, comparison in step.comparisons.items() if comparison.verdict is Verdict.DIFFERS}


def first_differing(session: Session) -> tuple[int, set[str]] | None:
    """The first step with a ≠, and where."""
    for index in range(session.trained):
        found = differing(session.step(index))
        if found:
            return index, found
    return None


def wrong_model(mistake: str, n: int = 100, size: int = 33) -> Scratch:
    """The model that makes a classic mistake in a run with n samples by `size`."""
    return scratch_variant(mistake, Arithmetic(), Schedule(n, size, 1))


def phases_of(mistake: str) -> dict[str, Phase]:
    """The methods that make a classic mistake, and the phase of each."""
    where = MISTAKES[mistake]
    phases = {"squared_loss": Phase.LOSS, "error_signal": Phase.ERROR_SIGNAL, "bias_gradient": Phase.BIAS_GRADIENT,
              "weight_gradient": Phase.WEIGHT_GRADIENT, "descend": Phase.UPDATE, "update": where.phase}  # fmt: skip
    return {method: phase for method, phase in phases.items() if method in vars(where.model)}


NoZeroGrad, Stale = wrong_model("no-zero-grad"), wrong_model("stale")


class SignOfWeightGradient(SimpleLinearRegression):
    def weight_gradient(self, dloss_dpred: Tensor, x: Tensor) -> Tensor:
        return -torch.dot(dloss_dpred, x)


def divide_by(count: int) -> Scratch:
    """Divide by a fixed count (the batch size B, the train set's n) where the batch's own m belongs."""
    return wrong_model("divide-by-n", n=count)


def relative_error(size: float, quantity: str) -> Scratch:
    """A gradient off by a small relative error."""

    class Slightly(SimpleLinearRegression):
        def bias_gradient(self, dloss_dpred: Tensor) -> Tensor:
            return dloss_dpred.sum() * (1 + size if quantity == "grad_b" else 1)

        def weight_gradient(self, dloss_dpred: Tensor, x: Tensor) -> Tensor:
            return torch.dot(dloss_dpred, x) * (1 + size if quantity == "grad_w" else 1)

    return Slightly


def recorded(session: Session) -> list[bytes]:
    """Every number of a recorded run."""
    t = session.timeline
    columns: list[Any] = [t.states(step) for step in range(len(t) + 1)]
    columns += [read(side) for read in (t.losses, t.gradients, t.valid) for side in (0, 1)]
    return [np.concatenate([np.ravel(part) for part in column]).tobytes() if isinstance(column, tuple) else
            column.tobytes() for column in columns]  # fmt: skip


class PlainLoop(SimpleLinearRegression):
    """Correct formulas whose sums are added one term after the other, as a `for` loop does."""

    def squared_loss(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return in_one_row((y_pred - y_true) ** 2) / len(y_true)

    def bias_gradient(self, dloss_dpred: Tensor) -> Tensor:
        return in_one_row(dloss_dpred)

    def weight_gradient(self, dloss_dpred: Tensor, x: Tensor) -> Tensor:
        return in_one_row(dloss_dpred * x)


def in_one_row(terms: Tensor) -> Tensor:
    """Add terms one after the other in their own dtype."""
    with np.errstate(all="ignore"):
        return torch.from_numpy(np.add.accumulate(terms.numpy())[-1:]).squeeze()


def planted_limit(session: Session, step: int) -> float:
    """The largest relative error of ∂L/∂w in this step alone that is still judged as rounding, to 2 %."""
    session.restart()
    session.train_to(step + 1)
    right = session.step(step).scratch.grad_w
    scratch_type = session.scratch_type

    def verdict(error: float) -> Verdict:
        class Planted(scratch_type):  # type: ignore[misc, valid-type]
            calls = 0

            def weight_gradient(self, dloss_dpred: Tensor, x: Tensor) -> Tensor:
                gradient: Tensor = super().weight_gradient(dloss_dpred, x)
                self.calls += 1
                return gradient * (1 + error) if self.calls == step + 1 else gradient

        data = session.dataset
        with patch.object(session_module, "load_dataset", lambda config, device: data):
            other = Session(session.config, scratch_type=Planted)
        other.train_to(step + 1)
        return other.step(step).comparisons["grad_w"].verdict

    assert right
    low, high = -60.0, 4.0
    while high - low > 0.02:
        middle = (low + high) / 2
        low, high = (low, middle) if verdict(2.0**middle) is Verdict.DIFFERS else (middle, high)
    return math.pow(2.0, low)
