"""The mistakes that a wrong answer can be recognised by: their names, what was done, and a hint.

Two kinds: the classic mistakes of a hand-written gradient (`engine.models.mistakes`, whose texts are used as they
are), and slips of a person with paper and pencil, listed here by the quantity asked for. Pure data, importable without
torch; the values on a given step come from `tui_linreg.study.predict.known_error_values`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tui_linreg.engine.models.mistakes import MISTAKES


@dataclass(frozen=True, slots=True)
class KnownError:
    """One mistake and the number it gives for one question."""

    name: str
    """A name in `MISTAKES` or of a `Slip`."""
    title: str
    """What was done, in a few words; not a sentence."""
    hint: str
    """Where to look; one or two sentences."""
    value: float


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip of a person: what was computed instead of what was asked for."""

    name: str
    title: str
    hint: str


def mistakes_in(key: str) -> tuple[str, ...]:
    """Return the names of the engine's mistakes that change this quantity (a key of `QUANTITIES`)."""
    return tuple(name for name, mistake in MISTAKES.items() if key in mistake.shows_in)


def known_error(key: str, name: str, value: float) -> KnownError:
    """Return the named mistake of the quantity `key` with the value it has on some step.

    Raises:
        KeyError: when that quantity has no such mistake.
    """
    if name in mistakes_in(key):
        return KnownError(name, MISTAKES[name].title, MISTAKES[name].hint, value)
    slip = SLIPS[key][name]
    return KnownError(name, slip.title, slip.hint, value)


_DATA_ROW = Slip("wrong-row", "the row above or below", "Which sample is asked for? Follow its row with a finger.")
_AVERAGED = "The 1/m of the mean is in ∂L/∂ŷ already. What is left to do with the samples' shares?"
_SCALED = Slip(
    "times-learning-rate",
    "the learning rate η is in it already",
    "The gradient knows nothing of η; when does η come in?",
)
_LEFT_OUT = (
    Slip("last-left-out", "the last sample is left out", "Count the terms of your sum: are there m of them?"),
    Slip("first-left-out", "the first sample is left out", "The rows begin at the top: is the first one in your sum?"),
)


def _of_gradient(new: str) -> tuple[Slip, ...]:
    old = Slip("previous-batch", "the gradient of the mini-batch before", "Every mini-batch has a gradient of its own.")
    return (
        *_LEFT_OUT, _SCALED, old,
        Slip("new-parameter", f"the new {new} instead of its gradient", "That is where the gradient leads to."),
        Slip("residuals-for-signal", "ŷ − y is summed up where ∂L/∂ŷ belongs", "What is between ŷ − y and ∂L/∂ŷ?"),
        Slip("absolute", "signs are dropped in the sum", "Errors above and below the line pull opposite ways."),
    )  # fmt: skip


def _of_update(name: str, other: str) -> tuple[Slip, ...]:
    return (
        Slip("before-update", f"{name} before the update", f"Has {name} moved yet?"),
        Slip("plus", "the gradient is added", "The gradient points uphill. Which way should the step go?"),
        Slip("forgot-eta", "the learning rate η is left out", "How long is the step, compared with the gradient?"),
        Slip("eta-twice", "η is multiplied in twice", "Count the η in your product."),
        Slip("gradient", f"the gradient ∂L/∂{name} itself", f"The gradient is the slope; what does it do to {name}?"),
        Slip("step-alone", "only the step, η times the gradient", f"Where does it begin, at 0 or at {name}?"),
        Slip("change-alone", "only the change, −η times the gradient", "A change of what? Add it to something."),
        Slip("other-parameter", f"the new {other}", f"That number belongs to {other}."),
        Slip("factor-2-again", "the gradient is doubled once more", "The 2 of the square is in the gradient already."),
        Slip("parentheses", f"({name} − η) is multiplied by the gradient", "Multiplication comes before subtraction."),
        Slip("divided-by-m", "the gradient is divided by m once more", "Has the mean been taken before?"),
        Slip("old-start", f"the step begins at {name} of the mini-batch before", f"Which {name} is the newest?"),
    )  # fmt: skip


SLIPS: dict[str, dict[str, Slip]] = {
    key: {slip.name: slip for slip in slips}
    for key, slips in {
        "y_pred": (
            Slip("forgot-b", "b is left out", "Does the line go through 0?"),
            Slip("b-and-w-swapped", "b and w change places", "Which of the two is multiplied by x?"),
            Slip("x-and-y-swapped", "y stands where x belongs", "The model sees x; y is what it is compared with."),
            Slip("minus", "w x is subtracted", "What stands between b and w x?"),
            Slip("forgot-w", "x without its weight w", "How steep is the line?"),
            Slip("parentheses", "b + x is multiplied by w", "Only x is weighted; b comes on top."),
            Slip("after-update", "b and w after the update", "Which line predicts: before or after the update?"),
            Slip("previous-parameters", "b and w of the mini-batch before", "Both have been updated once since."),
            Slip("residual", "ŷ − y, one step too far", "The prediction does not know y yet."),
            Slip("target", "y itself", "That is the true value; what does the line say at this x?"),
            _DATA_ROW,
        ),
        "loss": (
            Slip("root", "the root of the loss (RMSE)", "The loss here is the mean of the squares itself."),
            Slip("not-squared", "the errors are not squared", "Errors above and below would cancel."),
            Slip("absolute", "absolute values where squares belong", "‖·‖² is a sum of squares."),
            Slip("half", "halved", "Some books put ½ before the loss; this formula does not."),
            Slip("square-of-sum", "summed first, then squared", "Square each error first, add then."),
            Slip("square-of-mean", "averaged first, then squared", "Square each error first, average then."),
            Slip("squares-apart", "ŷ² − y² where (ŷ − y)² belongs", "Subtract first, square then."),
            Slip("plus", "ŷ + y where ŷ − y belongs", "An error is a difference."),
            Slip("batch-size", "divided by the batch size B", "How many samples does this mini-batch have?"),
            Slip("train-size", "divided by the length n of the train set", "The mean runs over this mini-batch only."),
            Slip("one-less", "divided by m − 1", "That is for a sample variance; a mean divides by m."),
            Slip("after-update", "the loss after the update", "The loss is taken first, the update comes last."),
            Slip("previous-batch", "the loss of the mini-batch before", "These are other samples, and another line."),
            *_LEFT_OUT,
        ),
        "dloss_dpred": (
            Slip("residual", "ŷ − y without its factor", "The square leaves a factor, and the mean another."),
            Slip("squared", "the error is squared still", "What is left of a square when it is differentiated?"),
            Slip("plus", "ŷ + y where ŷ − y belongs", "An error is a difference."),
            Slip("forgot-y", "y is left out", "The loss compares ŷ with something."),
            Slip("two-below", "the 2 is in the denominator", "Is the 2 a factor or a divisor?"),
            Slip("times-x", "multiplied by x already", "x comes with ∂ŷ/∂w, two phases later."),
            Slip("share-of-loss", "the sample's share of the loss", "That is (ŷ − y)²/m; asked is its derivative."),
            _DATA_ROW,
        ),
        "grad_b": (
            Slip("times-x", "each ∂L/∂ŷ is multiplied by x", "That is for w. What is ∂ŷ/∂b?"),
            Slip("times-b", "multiplied by b", "ŷ = b + w x: how much does ŷ change when b grows by 1?"),
            Slip("squared-signal", "each ∂L/∂ŷ is squared", "Each ∂L/∂ŷ is multiplied by ∂ŷ/∂b, nothing else."),
            *_of_gradient("b"),
        ),
        "grad_w": (
            Slip("mean-of-products", "the products are averaged instead of added", _AVERAGED),
            Slip("times-y", "y stands where x belongs", "ŷ = b + w x: what is w multiplied by?"),
            Slip("times-w", "multiplied by w instead of x", "ŷ = b + w x: how much does ŷ change when w grows by 1?"),
            Slip("product-of-sums", "both columns are summed, then multiplied", "Multiply in each row first."),
            Slip("times-mean-x", "the sum is multiplied by the mean of x", "Each sample's ∂L/∂ŷ goes with its own x."),
            Slip("x-squared", "x is multiplied in twice", "How often does x stand in ŷ = b + w x?"),
            *_of_gradient("w"),
        ),
        "b": (
            *_of_update("b", "w"),
            Slip("other-gradient", "the gradient of w is used", "Each parameter has its own gradient."),
        ),
        "w": _of_update("w", "b"),
    }.items()
}  # fmt: skip
"""By quantity (the keys of `QUANTITIES`), then by name. w with b's gradient is the engine's no-x."""
