"""The words of the field that the screen uses, in two sentences each. Pure data."""

from __future__ import annotations

import re
from typing import NamedTuple


class Word(NamedTuple):
    """One entry."""

    name: str
    text: str
    written: str = ""
    """A pattern of how the screen writes it; empty: as its name."""

    def stands_in(self, text: str) -> bool:
        """Say whether the word is in a text."""
        written = self.written or re.escape(self.name)
        return re.search(rf"(?<![\w∂])(?:{written})(?!\w)", text, re.IGNORECASE) is not None

    def answers(self, search: str) -> bool:
        """Say whether what is looked for is in the name or in the text."""
        return search.casefold() in f"{self.name} {self.text}".casefold()


GLOSSARY: tuple[Word, ...] = (
    Word(
        "adds up",
        "The difference in each single step could be rounding; those in all steps together cannot. It is the sign "
        "of a small mistake that is made in every step.",
    ),
    Word(
        "autograd",
        "The part of torch that records the operations of the forward pass and computes the derivatives "
        "backwards from the loss. Its numbers are those in the torch column.",
        r"autograd|torch|torch\.nn",
    ),
    Word(
        "autograd node",
        "An operation that torch recorded in the forward pass, with the rule that turns the gradient of "
        "its result into those of its inputs. AccumulateGrad, at the end, adds to the gradient of b or w.",
        r"\w+Backward0|AccumulateGrad|grad_fn",
    ),
    Word(
        "b and w",
        "The two parameters that are learned: the line is ŷ = b + w x. b (bias) is its height at x = 0, w "
        "(weight) its slope.",
        r"b|w",
    ),
    Word(
        "central difference",
        "(L(θ + h) − L(θ − h)) / 2h, an approximation of a derivative from two losses. For a quadratic "
        "loss only rounding makes it inexact.",
        r"central|finite differences?",
    ),
    Word(
        "computation graph",
        "The values between the parameters and the loss, each joined to those that it is computed from. "
        "Forward it gives L; backward, by the chain rule, the derivative of L with respect to every value.",
        r"computation graph|graph",
    ),
    Word(
        "condition number",
        "The largest eigenvalue of the Hessian divided by the smallest, 1 at best. The larger it is, the "
        "more epochs are needed, because η must suit the direction of the largest one.",
        r"condition(?: number)?",
    ),
    Word(
        "diverge",
        "b and w move further away in the long run instead of closer, until the numbers overflow. It "
        "happens when η is above the edge.",
        r"diverge[sd]?|overflows?|overflew",
    ),
    Word(
        "drift",
        "The difference between the two models' b and w before a step. What follows from it is no mistake "
        "of this step, so it is subtracted before a verdict.",
    ),
    Word(
        "edge",
        "The learning rate at which the spectral radius of an epoch of these mini-batches is 1. Below it "
        "the run converges, above it the run diverges.",
    ),
    Word(
        "eigenvalue λ_max",
        "The largest eigenvalue of the Hessian: the curvature of the loss in the direction where it is "
        "strongest. With all samples in one batch descent converges for η below 2/λ_max.",
        r"eigenvalues?|λ_max|λ",
    ),
    Word(
        "epoch",
        "One pass over all train samples, a mini-batch at a time. After the last mini-batch the next "
        "epoch begins with the first again.",
        r"epochs?",
    ),
    Word(
        "error signal",
        "∂L/∂ŷ, how much the loss changes with each prediction: (2/m) (ŷ − y). Both gradients are computed from it.",
        r"error signal|∂L/∂ŷ",
    ),
    Word(
        "η_max",
        "2/λ_max, the largest learning rate with which descent on all samples at once converges. For the "
        "mini-batches of a run the edge counts, which is near it but another number.",
    ),
    Word(
        "fixed point",
        "The b and w that an epoch of these mini-batches leaves as they are: where a run that converges "
        "ends. In general that is not the least-squares line, unless one batch holds all train samples.",
        r"fixed(?: point)?",
    ),
    Word(
        "float32, float64",
        "Numbers with 24 or 53 binary digits, about 7 or 16 decimal ones. Every result is rounded to the "
        "nearest of them.",
        r"float32|float64",
    ),
    Word(
        "gradient",
        "The derivatives of the loss with respect to b and w. The update goes against it, because the loss "
        "grows along it.",
        r"gradients?|∂L/∂b|∂L/∂w",
    ),
    Word(
        "Hessian",
        "The matrix of the second derivatives of the loss with respect to b and w. For a line it is the same at "
        "every b and w: 2 [[1, mean x], [mean x, mean x²]].",
        r"Hessian|curvature",
    ),
    Word(
        "learning rate η",
        "The factor before the gradient in the update. Too small and the run is slow, too large and it diverges.",
        r"learning rate|η",
    ),
    Word(
        "least squares",
        "The b and w with the smallest loss over all train samples, computed directly. Descent comes "
        "close to it, and reaches it only where the fixed point is the same.",
        r"least[- ]squares",
    ),
    Word(
        "loss L",
        "The mean of the squared errors ŷ − y over the samples of the mini-batch (MSE). It is taken before the update.",
        r"loss(?:es)?|MSE|L",
    ),
    Word(
        "m, B, n",
        "m is the number of samples in this mini-batch, B the batch size that was chosen, n the number of "
        "train samples. The last mini-batch of an epoch may be shorter: m < B.",
        r"m",
    ),
    Word(
        "mini-batch",
        "Consecutive train samples from which one step is computed. The last one of an epoch holds what is left.",
        r"mini-batch(?:es)?|batch(?:es)?",
    ),
    Word(
        "notebook",
        "The Jupyter notebook from which this program takes its two models and its log lines. It takes the "
        "mean over the batches' losses, whatever their lengths.",
    ),
    Word(
        "residual",
        "ŷ − y of one sample: prediction minus true value. The loss is the mean of its squares.",
        r"residuals?|ŷ [-−] y",
    ),
    Word(
        "rounding bound",
        "How far two correct programs may be apart in this step, with these numbers, because each "
        "operation rounds. A difference inside it is ≈, one outside it is ≠.",
        r"rounding(?: bound)?|bound",
    ),
    Word(
        "seed",
        "The number that the random data, the start and the order of the samples are made from. The same "
        "seed gives the same run.",
    ),
    Word(
        "spectral radius",
        "The largest absolute eigenvalue of the matrix by which an epoch multiplies the distance from the "
        "fixed point. Below 1 the distance goes to zero in the long run, above 1 it grows.",
    ),
    Word(
        "standardized",
        "x and y are shifted and scaled so that the train samples have mean 0 and deviation 1. Then one "
        "learning rate suits most data.",
        r"standardi[sz]ed?",
    ),
    Word(
        "step",
        "What one mini-batch does: from its samples to the update of b and w, in seven phases. The steps "
        "of a run are numbered from 1, across its epochs.",
        r"steps?",
    ),
    Word(
        "ulp",
        "Unit in the last place: the distance from one float to the next. Two numbers that are 1 ulp "
        "apart are neighbours, with no float between them.",
        r"ulps?",
    ),
    Word(
        "validation",
        "Samples that no step learns from. The loss on them (in the notebook's log MSE_v) says how well "
        "the line fits data it has not seen.",
        r"valid|validation|MSE_v",
    ),
    Word(
        "verdict",
        "How the hand-written number compares with torch's: = the same bits, ≈ within the rounding bound, ≠ "
        "outside it. It does not say which of the two is wrong.",
    ),
)
"""In the order of the alphabet, η as eta."""
