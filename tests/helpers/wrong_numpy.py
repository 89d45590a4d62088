"""Descent with each of the classic mistakes, written out in NumPy: what the program's wrong models are held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


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
    (b, w), n = start, len(x)
    kept_b = kept_w = 0.0
    steps, scales = [], []
    for _ in range(epochs):
        for at in range(0, n, size):
            xs, ys = x[at : at + size], y[at : at + size]
            m = len(xs)
            scales.append(float(((abs(b) + abs(w * xs) + abs(ys)) * np.maximum(1, abs(xs))).max()))
            residual = b + w * xs - ys
            loss = np.sum(residual**2) / (1 if mistake == "sum" else m)
            divisor = {"sum": 1, "divide-by-batch-size": size, "divide-by-n": n, "missing-2": 2 * m}.get(mistake, m)
            signal = (-2 if mistake == "sign" else 2) / divisor * residual
            grad_b = signal.sum() / (m if mistake == "double-mean" else 1)
            seen = signal - 2 / m * lr * grad_b if mistake == "stale" else signal  # the new b is lower by η ∂L/∂b
            grad_w = seen.sum() if mistake == "no-x" else (seen * xs).sum()
            if mistake == "no-zero-grad":
                kept_b, kept_w = kept_b + grad_b, kept_w + grad_w
                grad_b, grad_w = kept_b, kept_w
            numbers = {"y_pred": b + w * xs, "loss": loss, "dloss_dpred": signal, "grad_b": grad_b, "grad_w": grad_w}
            b, w = b - lr * grad_b, w - lr * grad_w
            steps.append({key: np.atleast_1d(value) for key, value in (numbers | {"b": b, "w": w}).items()})
    return Run(steps, scales, float(b), float(w))


def first_apart(wrong: Run, right: Run) -> tuple[int, set[str]] | None:
    """The first step in which the two differ by more than any rounding, and in what."""
    for index, (ours, theirs) in enumerate(zip(wrong.steps, right.steps, strict=True)):
        limit = 1e-10 * right.scales[index]
        found = {key for key in ours if abs(ours[key] - theirs[key]).max() > limit}
        if found:
            return index, found
    return None
