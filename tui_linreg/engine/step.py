"""`Step`, the one value through which the screen, the exports and the reports see the engine, and its verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.engine.schedule import Place

if TYPE_CHECKING:
    from torch import Tensor


class Verdict(Enum):
    """How a number of the scratch model stands to torch's, with the sign and the word shown for it."""

    IDENTICAL = ("=", "identical")
    ROUNDING = ("≈", "rounding")
    DIFFERS = ("≠", "differs")

    def __init__(self, sign: str, word: str) -> None:
        self.sign = sign
        self.word = word


def worst_verdict(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the last of "identical", "rounding", "differs" that is among some verdicts, at least one."""
    present = set(verdicts)
    return next(verdict for verdict in reversed(Verdict) if verdict in present)


ALL_TOGETHER = "each step could be rounding, all together cannot"
"""What is said of a comparison that is `together`."""


class Comparison(NamedTuple):
    """The verdict on one quantity of one step."""

    verdict: Verdict
    """Of a vector: the worst of its elements."""
    ulps: float
    """Floats between the two values (of a vector: the most); nan where one of them is not finite."""
    unequal: int
    """Elements that are not bit for bit the same."""
    together: bool = False
    """Whether it differs only as the last of many steps: see `ALL_TOGETHER`."""


class Gradients(NamedTuple):
    """What `SimpleLinearRegression.update` computed on its way."""

    dloss_dpred: Tensor
    """∂L/∂ŷ, shape (m,)."""
    grad_b: Tensor
    """∂L/∂b, a scalar tensor."""
    grad_w: Tensor
    """∂L/∂w, a scalar tensor."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one model computed on one mini-batch, phase by phase; vectors have shape (m,)."""

    b_before: float
    w_before: float
    y_pred: Tensor
    loss: float
    dloss_dpred: Tensor
    grad_b: float
    grad_w: float
    b_after: float
    w_after: float

    def before_at(self, x: float) -> float:
        """Return the height at `x` of the line before the update."""
        return self.b_before + self.w_before * x

    def after_at(self, x: float) -> float:
        """Return the height at `x` of the line after the update."""
        return self.b_after + self.w_after * x


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of the samples table."""

    i: int
    """Its number in the train set, from 0."""
    x: float
    y: float
    y_pred: float
    residual: float
    """ŷ − y of the scratch model."""
    dloss_dpred: float
    torch_dloss_dpred: float
    comparison: Comparison
    """Of the two ∂L/∂ŷ."""
    weight_term: float
    """∂L/∂ŷ · x of the scratch model, whose sum over the batch is ∂L/∂w."""


@dataclass(frozen=True, slots=True)
class Step:
    """All that one mini-batch computed, in the same shape for both models. Immutable: its tensors are not written."""

    place: Place
    lr: float
    x: Tensor
    y: Tensor
    scratch: Side
    torch: Side
    comparisons: Mapping[str, Comparison]
    """By the keys of `tui_linreg.engine.phases.QUANTITIES`."""
    compare_signal: Callable[[int, int], list[Comparison]]
    """Compares rows `start` to `stop` of the two ∂L/∂ŷ element by element."""

    @property
    def key(self) -> tuple[int, int, str, str]:
        """What tells this step from all others of its run, and from those that were only tried."""
        return self.place.step, self.place.m, self.scratch.b_before.hex(), self.scratch.w_before.hex()

    @property
    def residual(self) -> Tensor:
        """ŷ − y of the scratch model, shape (m,), computed anew at each call."""
        return self.scratch.y_pred - self.y

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of the step's quantities."""
        return worst_verdict(comparison.verdict for comparison in self.comparisons.values())

    def samples(self, start: int, stop: int) -> list[Sample]:
        """Return rows `start` to `stop` (exclusive, from 0 within the batch) of the samples table."""
        start, stop = max(start, 0), min(stop, self.place.m)
        if stop <= start:
            return []
        x, y, y_pred = self.x[start:stop], self.y[start:stop], self.scratch.y_pred[start:stop]
        signal, torch_signal = (side.dloss_dpred[start:stop] for side in (self.scratch, self.torch))
        columns = (
            range(self.place.start + start, self.place.start + stop),
            *(column.tolist() for column in (x, y, y_pred, y_pred - y, signal, torch_signal)),
            self.compare_signal(start, stop),
            (signal * x).tolist(),
        )
        return [Sample(*row) for row in zip(*columns, strict=True)]
