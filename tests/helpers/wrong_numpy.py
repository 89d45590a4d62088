"""Descent with each of the classic mistakes, written out in NumPy: what the program's wrong models are held against.

A new mistake needs its row in `FORMULAS`: the parts of a step that are wrong, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass
class Batch:
    """What a step knows, and what it has worked out so far."""

    x: Array
    y: Array
    b: float
    w: float
    lr: float
    B: int
    n: int
    kept: tuple[float, float] = (0.0, 0.0)
    """The gradients of the step before, as that step computed them."""
    signal: Array = None  # type: ignore[assignment]
    grad_b: float = 0.0

    @property
    def m(self) -> int:
        return len(self.x)

    @property
    def r(self) -> Array:
        """The residuals ŷ − y."""
        return self.b + self.w * self.x - self.y


@dataclass(frozen=True)
class Formulas:
    """The four formulas of a step, right unless said otherwise."""

    loss: Callable[[Batch], float] = lambda s: (s.r**2).sum() / s.m
    signal: Callable[[Batch], Array] = lambda s: 2 / s.m * s.r
    grad_b: Callable[[Batch], float] = lambda s: s.signal.sum()
    grad_w: Callable[[Batch], float] = lambda s: (s.signal * s.x).sum()


FORMULAS = {
    "": Formulas(),
    "sign": Formulas(signal=lambda s: -2 / s.m * s.r),
    "missing-2": Formulas(signal=lambda s: s.r / s.m),
    "sum": Formulas(loss=lambda s: (s.r**2).sum(), signal=lambda s: 2 * s.r),
    "divide-by-batch-size": Formulas(signal=lambda s: 2 / s.B * s.r),
    "divide-by-n": Formulas(signal=lambda s: 2 / s.n * s.r),
    "double-mean": Formulas(grad_b=lambda s: s.signal.sum() / s.m),
    "no-x": Formulas(grad_w=lambda s: s.signal.sum()),
    # The new b is lower by η ∂L/∂b, and so is every residual.
    "stale": Formulas(grad_w=lambda s: (2 / s.m * (s.r - s.lr * s.grad_b) * s.x).sum()),
    "no-zero-grad": Formulas(
        grad_b=lambda s: s.kept[0] + s.signal.sum(), grad_w=lambda s: s.kept[1] + (s.signal * s.x).sum()
    ),
}
"""By name; "" is the right model."""


def formulas_of(mistake: str) -> Formulas:
    assert mistake in FORMULAS, f"no NumPy formula for mistake {mistake}: add it to FORMULAS in {__file__}"
    return FORMULAS[mistake]


def one_step(mistake: str, batch: Batch) -> dict[str, Array]:
    """All numbers of a step: vectors of shape (m,), all others of shape (1,)."""
    formulas = formulas_of(mistake)
    loss, batch.signal = formulas.loss(batch), formulas.signal(batch)
    batch.grad_b = grad_b = formulas.grad_b(batch)
    grad_w = formulas.grad_w(batch)
    numbers: dict[str, Any] = {"y_pred": batch.b + batch.w * batch.x, "loss": loss, "dloss_dpred": batch.signal}
    numbers |= {"grad_b": grad_b, "grad_w": grad_w, "b": batch.b - batch.lr * grad_b, "w": batch.w - batch.lr * grad_w}
    return {key: np.atleast_1d(value) for key, value in numbers.items()}


@dataclass(frozen=True)
class Run:
    """All numbers of a descent in float64, a dictionary a step, and the line it ends at."""

    steps: list[dict[str, Array]]
    scales: list[float]
    """How large the terms of that step's numbers are."""
    b: float
    w: float


def descent(x: Array, y: Array, start: tuple[float, float], lr: float, size: int, epochs: int, mistake: str) -> Run:
    """Train on x, y of shape (n,) by batches of `size`; the mistake "" is none."""
    b, w = start
    kept = (0.0, 0.0)
    steps, scales = [], []
    for _ in range(epochs):
        for at in range(0, len(x), size):
            batch = Batch(x[at : at + size], y[at : at + size], b, w, lr, size, len(x), kept)
            scales.append(float(((abs(b) + abs(w * batch.x) + abs(batch.y)) * np.maximum(1, abs(batch.x))).max()))
            step = one_step(mistake, batch)
            steps.append(step)
            b, w = float(step["b"][0]), float(step["w"][0])
            kept = float(step["grad_b"][0]), float(step["grad_w"][0])  # where they add up, the sum so far
    return Run(steps, scales, b, w)


def first_apart(wrong: Run, right: Run) -> tuple[int, set[str]] | None:
    """The first step in which the two differ by more than any rounding, and in what."""
    for index, (ours, theirs) in enumerate(zip(wrong.steps, right.steps, strict=True)):
        limit = 1e-10 * right.scales[index]
        found = {key for key in ours if abs(ours[key] - theirs[key]).max() > limit}
        if found:
            return index, found
    return None
