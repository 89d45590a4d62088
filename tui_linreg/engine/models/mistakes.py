"""Classic mistakes in a hand-written gradient: their names, what is wrong, and where it shows.

The models that make them are in `tui_linreg.engine.models.wrong_models`. Pure data, importable without torch.
"""

from __future__ import annotations

from typing import NamedTuple

from tui_linreg.engine.phases import Phase


class Mistake(NamedTuple):
    """One mistake. m is the batch's own length, B the batch size, n the length of the train set."""

    name: str
    """Its name on the command line."""
    title: str
    """What is wrong, in a few words."""
    explanation: str
    """One or two sentences: what was done instead of what, and what that does to the descent."""
    correct: str
    """The formula as it should be."""
    wrong: str
    """The formula as the mistake has it."""
    phase: Phase
    """The phase where it first shows."""
    shows_in: tuple[str, ...]
    """Keys of the quantities that differ on the first step where it shows, all others of that step do not."""
    method: str
    """The method of the from-scratch model that holds it."""
    hint: str
    """Where to look, without saying what is wrong."""
    first_difference: str
    """On which step it first shows, and when it never does; steps count from 0."""
    loss_gives_it_away: str
    """Whether the loss curve would tell, measured on the default run, where the correct model ends at MSE_v 178.2."""


_AFTER_SIGNAL = ("dloss_dpred", "grad_b", "grad_w", "b", "w")

MISTAKES: dict[str, Mistake] = {
    mistake.name: mistake
    for mistake in (
        Mistake(
            "sign", "the residual the wrong way round",
            "y − ŷ stands where ŷ − y belongs, so every update goes up the slope of the loss.",
            "∂L/∂ŷ = (2/m) (ŷ − y)", "∂L/∂ŷ = (2/m) (y − ŷ)", Phase.ERROR_SIGNAL, _AFTER_SIGNAL, "error_signal",
            "A sample whose ŷ is too high: should its ∂L/∂ŷ be positive or negative?",
            "Step 0, unless the line fits that batch exactly.",
            "Yes, at once: the loss rises with every epoch, to MSE_v 6542.3.",
        ),
        Mistake(
            "missing-2", "the 2 of the square's derivative is missing",
            "The derivative of (ŷ − y)² is 2 (ŷ − y). Without the 2 the direction is right and every update is half as "
            "long, as with half the learning rate.",
            "∂L/∂ŷ = (2/m) (ŷ − y)", "∂L/∂ŷ = (1/m) (ŷ − y)", Phase.ERROR_SIGNAL, _AFTER_SIGNAL, "error_signal",
            "Divide one ∂L/∂ŷ by its ŷ − y. Which factor should that be?",
            "Step 0, unless the line fits that batch exactly.",
            "No: the curve falls smoothly, only more slowly, to MSE_v 434.3 after 16 epochs; nothing looks wrong.",
        ),
        Mistake(
            "sum", "the sum of the squares where the mean belongs",
            "Neither the loss nor its gradient is divided by m, so every update is m times as long, "
            "and a learning rate that suits a short batch is far too large for a long one.",
            "L = (1/m) ‖ŷ − y‖²", "L = ‖ŷ − y‖²", Phase.LOSS, ("loss", *_AFTER_SIGNAL), "squared_loss",
            "Would the loss of a batch twice as long be twice as large?",
            "Step 0; never when every batch has one sample (B = 1).",
            "No, it looks better: the batches' losses end at MSE 23.2 beside 133.3, because the updates are up to 33 "
            "times as long. Only MSE_v 10574.8, a sum over 10 000 samples, is out of scale.",
        ),
        Mistake(
            "divide-by-batch-size", "the short batch is divided by the batch size",
            "The last batch of an epoch may be shorter than B. Divided by B instead of its own length m, its gradient "
            "is m/B of what it should be.",
            "∂L/∂ŷ = (2/m) (ŷ − y)", "∂L/∂ŷ = (2/B) (ŷ − y)", Phase.ERROR_SIGNAL, _AFTER_SIGNAL, "error_signal",
            "Not every batch has the same length.",
            "The last step of the first epoch, the first short batch; never when B divides n.",
            "No: MSE_v 180.1 beside 178.2, a curve that nobody would doubt.",
        ),
        Mistake(
            "divide-by-n", "every batch is divided by the whole train set's length",
            "The mean is over the m samples of the batch. Divided by n, every update is m/n of what it should be, as "
            "with a smaller learning rate.",
            "∂L/∂ŷ = (2/m) (ŷ − y)", "∂L/∂ŷ = (2/n) (ŷ − y)", Phase.ERROR_SIGNAL, _AFTER_SIGNAL, "error_signal",
            "How many samples does this mean run over?",
            "Step 0; never when one batch is the whole train set (B = n).",
            "No: the curve falls smoothly, only more slowly, to MSE_v 589.2 after 16 epochs; nothing looks wrong.",
        ),
        Mistake(
            "double-mean", "the bias gradient is averaged once more",
            "∂L/∂ŷ holds the 1/m of the mean already, so ∂L/∂b is its sum. Its mean is m times too small, and b hardly "
            "moves.",
            "∂L/∂b = Σ ∂L/∂ŷ · ∂ŷ/∂b", "∂L/∂b = (1/m) Σ ∂L/∂ŷ · ∂ŷ/∂b", Phase.BIAS_GRADIENT, ("grad_b", "b"),
            "bias_gradient",
            "Where has 1/m gone in already?",
            "Step 0; never when every batch has one sample (B = 1).",
            "No, it even looks better: MSE_v 174.1 beside 178.2, because w does nearly all the work.",
        ),
        Mistake(
            "no-x", "the weight gradient without x",
            "∂ŷ/∂w is x, not 1. Without it ∂L/∂w equals ∂L/∂b, and w follows the bias instead of the slope.",
            "∂L/∂w = Σ ∂L/∂ŷ · x", "∂L/∂w = Σ ∂L/∂ŷ", Phase.WEIGHT_GRADIENT, ("grad_w", "w"), "weight_gradient",
            "b and w have different derivatives. What is ∂ŷ/∂w?",
            "Step 0, unless every x is 1.",
            "Hardly: the loss falls with every epoch, but stays high, at MSE_v 931.0; it could be a hard data set.",
        ),
        Mistake(
            "stale", "w's gradient is taken with the new b",
            "b is updated first, and ∂L/∂w computed from a prediction with the new b. Both gradients belong to the "
            "same line, the one before the update.",
            "∂L/∂w = Σ (2/m) (b + w x − y) x", "∂L/∂w = Σ (2/m) (b_new + w x − y) x", Phase.WEIGHT_GRADIENT,
            ("grad_w", "w"), "update",
            "In which order are the numbers computed, and from which b?",
            "Step 0, unless ∂L/∂b or the mean of the batch's x is 0.",
            "No: MSE_v 178.5 beside 178.2, and both end at the same line.",
        ),
        Mistake(
            "no-zero-grad", "gradients add up over the steps",
            "Without zero_grad() every gradient is added to those before it, so each update repeats all earlier ones, "
            "and the line swings past its goal.",
            "g ← ∂L/∂θ", "g ← g + ∂L/∂θ", Phase.BIAS_GRADIENT, ("grad_b", "grad_w", "b", "w"), "bias_gradient",
            "The first step is right. What does the second remember?",
            "Step 1: on step 0 there is nothing to add to.",
            "In a long run: the loss swings up and down. After 16 epochs it reads MSE_v 147.6 beside 178.2, which "
            "looks better.",
        ),
    )
}  # fmt: skip
"""By name, in the order of the phases where they are made."""
