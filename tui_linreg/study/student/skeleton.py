"""The file that a learner begins with. Importable without torch."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.study.student.code import system_words

SKELETON = '''"""Linear regression from scratch: the line ŷ = b + w x, trained by mini-batch gradient descent.

Save this file and the app runs it. `...` stands for what is not written yet: put your own code in its place, in any
order. Each part that is written is judged over the whole run, beside torch.

It runs in a process of its own with a time limit. That guards the app against mistakes; it is no sandbox, so run
only code that you would run anyway. What it prints is shown in the app (W).
"""

import torch


class SimpleLinearRegression:
    """ŷ = b + w x. b and w have shape (1,); x, y_true and y_pred are tensors of shape (m,)."""

    def __init__(self):
        self.b = torch.randn(1)
        self.w = torch.randn(1)

    def predict(self, x):
        """Return ŷ = b + w x, shape (m,)."""
        return ...

    def mse_loss(self, y_true, y_pred):
        """Return L = (1/m) ‖ŷ − y‖², one number."""
        return ...

    def evaluate(self, x, y_true):
        """Return the loss of the present b and w."""
        return self.mse_loss(y_true, self.predict(x))

    def update(self, x, y_true, y_pred, lr):
        """Do one step of gradient descent: change b and w, and return the gradients.

        m is this batch's own length; the last batch of an epoch may be short. lr is the learning rate η, a number.
        The answer may depend on b, w and these arguments alone: the same batch may be asked for again, at any time.
        """
        # ∂L/∂ŷ: how much the loss grows with each prediction. Shape (m,).
        dloss_dpred = ...

        # ∂L/∂b, by the chain rule: the sum over the batch of ∂L/∂ŷ times ∂ŷ/∂b. One number.
        grad_b = ...

        # ∂L/∂w, by the chain rule: the sum over the batch of ∂L/∂ŷ times ∂ŷ/∂w. One number.
        grad_w = ...

        # Against the gradient: η times the gradient is subtracted.
        self.b = ...
        self.w = ...

        return dloss_dpred, grad_b, grad_w

    def fit(self, x, y, epochs, lr, batch_size, x_valid, y_valid):
        """Train, and print a line after each epoch: epoch: 0 - MSE: 736.9844 - MSE_v: 949.6741

        Mini-batches are consecutive slices of x and y. MSE is the mean of the losses of the epoch's batches, each
        taken before its update; MSE_v is the loss of x_valid, y_valid after the epoch; both rounded to 4 places.
        """
        return ...


# A file with nothing but a function is fine, too; what is to be added to b and w comes last:
#
#     def update(x, y_true, y_pred, lr):
#         ...
#         return dloss_dpred, grad_b, grad_w, step_b, step_w
'''


def write_new(path: str | Path, text: str = SKELETON) -> None:
    """Write a new file; a file that is there already stays as it is.

    Raises:
        InputError: when the path exists or cannot be written.
    """
    shown = quoted(path)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        raise InputError(f"{shown} is there already and stays as it is; give the name of a new file") from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot write {shown}: {system_words(error)}") from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as handle:
            handle.write(text)
    except OSError as error:
        with suppress(OSError):
            Path(path).unlink()  # made by this call, and half a file helps nobody
        raise InputError(f"cannot write {shown}: {system_words(error)}") from error
