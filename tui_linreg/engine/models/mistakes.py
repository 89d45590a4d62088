"""Classic mistakes in a hand-written gradient: for each its code, its texts, and where it shows.

To add one, write its class and its record here; `tests/helpers/wrong_numpy.py` needs its formula in NumPy, lesson 12
and the README its name. m is the batch's own length, B the batch size, n the length of the train set.

Importable without torch: a class holds only the methods that are wrong, to be put in front of `SimpleLinearRegression`
by `engine.models.scratch`. What it leaves alone, and what it calls by `super()`, may be in notebook or in kernel form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from tui_linreg.engine.models.mistake_record import Mistake
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.step import Gradients

if TYPE_CHECKING:
    from torch import Tensor

    from tui_linreg.engine.models.scratch import SimpleLinearRegression as _Model
else:
    _Model = object


MISTAKES: dict[str, Mistake] = {}
"""By name, in the order of the phases where they are made."""


def _mistake(**record: Any) -> Callable[[type[_Model]], type[_Model]]:
    """Put a class into `MISTAKES`, with its record: all fields of `Mistake` but `model`."""

    def add(model: type[_Model]) -> type[_Model]:
        MISTAKES[record["name"]] = Mistake(model=model, **record)
        return model

    return add


def _unless_single(schedule: Schedule) -> int | None:
    """Return step 0, or None where every batch has one sample."""
    return None if schedule.batch_size == 1 else 0


_AFTER_SIGNAL = ("dloss_dpred", "grad_b", "grad_w", "b", "w")


@_mistake(
    name="sign",
    title="the residual the wrong way round",
    explanation="y − ŷ stands where ŷ − y belongs, so every update goes up the slope of the loss.",
    correct="∂L/∂ŷ = (2/m) (ŷ − y)",
    wrong="∂L/∂ŷ = (2/m) (y − ŷ)",
    shows_in=_AFTER_SIGNAL,
    hint="A sample whose ŷ is too high: should its ∂L/∂ŷ be positive or negative?",
    choice="phase 4: ŷ and y swapped",
    first_difference="Step 1, unless the line fits that batch exactly.",
    loss_gives_it_away="Yes, at once: the loss rises with every epoch, to validation loss 6542.3.",
    curve_tells=True,
)
class Sign(_Model):
    """The residual the wrong way round."""

    def error_signal(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return (2/m)(y − ŷ), shape (m,)."""
        return 2 * (y_true - y_pred) / len(y_true)


@_mistake(
    name="missing-2",
    title="the 2 of the square's derivative is missing",
    explanation=(
        "The derivative of (ŷ − y)² is 2 (ŷ − y). Without the 2 the direction is right and every update is half as "
        "long, as with half the learning rate."
    ),
    correct="∂L/∂ŷ = (2/m) (ŷ − y)",
    wrong="∂L/∂ŷ = (1/m) (ŷ − y)",
    shows_in=_AFTER_SIGNAL,
    hint="Divide one ∂L/∂ŷ by its ŷ − y. Which factor should that be?",
    choice="phase 4: the 2 is missing",
    first_difference="Step 1, unless the line fits that batch exactly.",
    loss_gives_it_away=(
        "No: the curve falls smoothly, only more slowly, to validation loss 434.3 after 16 epochs; nothing looks wrong."
    ),
)
class Missing2(_Model):
    """The square's derivative without its 2."""

    def error_signal(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return (1/m)(ŷ − y), shape (m,)."""
        return (y_pred - y_true) / len(y_true)


@_mistake(
    name="sum",
    title="the sum of the squares where the mean belongs",
    explanation=(
        "Neither the loss nor its gradient is divided by m, so every update is m times as long, and a learning rate "
        "that suits a short batch is far too large for a long one."
    ),
    correct="L = (1/m) ‖ŷ − y‖²",
    wrong="L = ‖ŷ − y‖²",
    shows_in=("loss", *_AFTER_SIGNAL),
    hint="Would the loss of a batch twice as long be twice as large?",
    choice="phases 3, 4: sum, no mean",
    first_difference="Step 1; never when every batch has one sample (B = 1).",
    first_effect=_unless_single,
    loss_gives_it_away=(
        "No, it looks better: the batches' losses end at MSE 23.2 beside 133.3, because the updates are up to 33 "
        "times as long. Only validation loss 10574.8, a sum over 10 000 samples, is out of scale."
    ),
)
class SumForMean(_Model):
    """The sum of the squared errors, and the gradient of that sum, where the mean is meant."""

    def squared_loss(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return ‖ŷ − y‖² as a scalar tensor."""
        return ((y_pred - y_true) ** 2).sum()

    def error_signal(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return 2(ŷ − y), shape (m,)."""
        return 2 * (y_pred - y_true)


@_mistake(
    name="divide-by-batch-size",
    title="the short batch is divided by the batch size",
    explanation=(
        "The last batch of an epoch may be shorter than B. Divided by B instead of its own length m, its gradient is "
        "m/B of what it should be."
    ),
    correct="∂L/∂ŷ = (2/m) (ŷ − y)",
    wrong="∂L/∂ŷ = (2/B) (ŷ − y)",
    shows_in=_AFTER_SIGNAL,
    hint="Not every batch has the same length.",
    choice="phase 4: short batch by B",
    first_difference="The last step of the first epoch, the first short batch; never when B divides n.",
    first_effect=lambda schedule: schedule.batches - 1 if schedule.n_train % schedule.batch_size else None,
    loss_gives_it_away="No: validation loss 180.1 beside 178.2, a curve that nobody would doubt.",
)
class DivideByBatchSize(_Model):
    """The batch size B where the batch's own length m belongs."""

    batch_size: ClassVar[int]
    """B, set by `engine.models.scratch`."""

    def error_signal(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return (2/B)(ŷ − y), shape (m,)."""
        return 2 * (y_pred - y_true) / self.batch_size


@_mistake(
    name="divide-by-n",
    title="every batch is divided by the whole train set's length",
    explanation=(
        "The mean is over the m samples of the batch. Divided by n, every update is m/n of what it should be, as with "
        "a smaller learning rate."
    ),
    correct="∂L/∂ŷ = (2/m) (ŷ − y)",
    wrong="∂L/∂ŷ = (2/n) (ŷ − y)",
    shows_in=_AFTER_SIGNAL,
    hint="How many samples does this mean run over?",
    choice="phase 4: all divided by n",
    first_difference="Step 1; never when one batch is the whole train set (B = n).",
    first_effect=lambda schedule: None if schedule.batch_size >= schedule.n_train else 0,
    loss_gives_it_away=(
        "No: the curve falls smoothly, only more slowly, to validation loss 589.2 after 16 epochs; nothing looks wrong."
    ),
    same_as=lambda schedule: "missing-2" if 2 * schedule.batch_size == schedule.n_train else None,
)
class DivideByN(_Model):
    """The length n of the whole train set where the batch's own length m belongs."""

    n_train: ClassVar[int]
    """n, set by `engine.models.scratch`."""

    def error_signal(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return (2/n)(ŷ − y), shape (m,)."""
        return 2 * (y_pred - y_true) / self.n_train


@_mistake(
    name="double-mean",
    title="the bias gradient is averaged once more",
    explanation=(
        "∂L/∂ŷ holds the 1/m of the mean already, so ∂L/∂b is its sum. Its mean is m times too small, and b hardly "
        "moves."
    ),
    correct="∂L/∂b = Σ ∂L/∂ŷ · ∂ŷ/∂b",
    wrong="∂L/∂b = (1/m) Σ ∂L/∂ŷ · ∂ŷ/∂b",
    shows_in=("grad_b", "b"),
    hint="In which number is the 1/m already?",
    choice="phase 5: averaged again",
    first_difference="Step 1; never when every batch has one sample (B = 1).",
    first_effect=_unless_single,
    loss_gives_it_away="No, it looks even better: validation loss 174.1 beside 178.2; w does nearly all the work.",
)
class DoubleMean(_Model):
    """A mean over the batch although ∂L/∂ŷ holds 1/m already."""

    def bias_gradient(self, dloss_dpred: Tensor) -> Tensor:
        """Return (1/m) Σₚ ∂L/∂ŷₚ."""
        return dloss_dpred.mean()


@_mistake(
    name="no-x",
    title="the weight gradient without x",
    explanation="∂ŷ/∂w is x, not 1. Without it ∂L/∂w equals ∂L/∂b, and w follows the bias instead of the slope.",
    correct="∂L/∂w = Σ ∂L/∂ŷ · x",
    wrong="∂L/∂w = Σ ∂L/∂ŷ",
    shows_in=("grad_w", "w"),
    hint="b and w have different derivatives. What is ∂ŷ/∂w?",
    choice="phase 6: no factor x",
    first_difference="Step 1, unless every x is 1.",
    loss_gives_it_away=(
        "Hardly: the loss falls with every epoch, but stays high, at validation loss 931.0; the data could be hard."
    ),
)
class NoX(_Model):
    """The chain rule stopped early: ∂ŷ/∂w taken for 1."""

    def weight_gradient(self, dloss_dpred: Tensor, x: Tensor) -> Tensor:
        """Return Σₚ ∂L/∂ŷₚ."""
        return dloss_dpred.sum()


@_mistake(
    name="stale",
    title="w's gradient is taken with the new b",
    explanation=(
        "b is updated first, and ∂L/∂w computed from a prediction with the new b. Both gradients belong to the same "
        "line, the one before the update."
    ),
    correct="∂L/∂w = Σ (2/m) (b + w x − y) x",
    wrong="∂L/∂w = Σ (2/m) (b_new + w x − y) x",
    shows_in=("grad_w", "w"),
    hint="In which order are the numbers computed, and from which b?",
    choice="phase 6: with the new b",
    first_difference="Step 1, unless ∂L/∂b or the mean of the batch's x is 0.",
    loss_gives_it_away="No: validation loss 178.5 beside 178.2, and both end at the same line.",
)
class Stale(_Model):
    """b is updated first, and w's gradient taken with the new b: the two belong to two different lines."""

    def update(self, x: Tensor, y_true: Tensor, y_pred: Tensor, lr: float) -> Gradients:
        """Do phases 4 to 7 on one mini-batch (x, y, ŷ of shape (m,)), in the wrong order."""
        dloss_dpred = self.error_signal(y_true, y_pred)
        grad_b = self.bias_gradient(dloss_dpred)
        nothing = grad_b.new_zeros(())
        self.descend(grad_b, nothing, lr)
        grad_w = self.weight_gradient(self.error_signal(y_true, self.predict(x)), x)
        self.descend(nothing, grad_w, lr)
        return Gradients(dloss_dpred, grad_b, grad_w)


@_mistake(
    name="no-zero-grad",
    title="gradients add up over the steps",
    explanation=(
        "Without zero_grad() every gradient is added to those before it, so each update repeats all earlier ones, and "
        "the line swings past its goal."
    ),
    correct="g ← ∂L/∂θ",
    wrong="g ← g + ∂L/∂θ",
    shows_in=("grad_b", "grad_w", "b", "w"),
    hint="The first step is right. What does the second remember?",
    choice="phases 5, 6: all add up",
    first_difference="Step 2: on step 1 there is nothing to add to.",
    first_effect=lambda schedule: 1,
    loss_gives_it_away=(
        "In a long run: the loss swings up and down. After 16 epochs it has validation loss 147.6 beside "
        "178.2, which looks better."
    ),
    adds_up_gradients=True,
)
class NoZeroGrad(_Model):
    """Gradients add up over the steps, as in `.grad` without `zero_grad()`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sum_b, self.sum_w = self.b.new_zeros(1), self.w.new_zeros(1)

    def state(self) -> tuple[Tensor, ...]:
        """Return b, w and the two sums so far, each of shape (1,)."""
        return self.b, self.w, self.sum_b, self.sum_w

    def bias_gradient(self, dloss_dpred: Tensor) -> Tensor:
        """Return the sum of this ∂L/∂b and all before it."""
        self.sum_b += super().bias_gradient(dloss_dpred)
        return self.sum_b[0].clone()

    def weight_gradient(self, dloss_dpred: Tensor, x: Tensor) -> Tensor:
        """Return the sum of this ∂L/∂w and all before it."""
        self.sum_w += super().weight_gradient(dloss_dpred, x)
        return self.sum_w[0].clone()
