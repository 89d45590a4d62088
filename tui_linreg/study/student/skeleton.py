"""The file that a learner starts from. Importable without torch."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.study.student.error import system_words

SKELETON = '''"""Your own update: one step of gradient descent for the line ŷ = b + w x.

Save this file and the app runs it. Fill in one part after the other: a part that is not written yet is named,
a mistake is shown with its line, and every number is compared with what torch's autograd found.

It runs in a process of its own with a time limit. That guards the app against mistakes; it is no sandbox, so run
only code that you would run anyway. What it prints is thrown away.
"""

import torch


def update(x, y_true, y_pred, lr):
    """Return what one mini-batch does to b and w.

    x, y_true and y_pred are tensors of shape (m,): the inputs, the targets, and the predictions ŷ = b + w x made with
    the b and w of now. m is this batch's own length; the last batch of an epoch may be short. lr is the learning
    rate η, a number. You are not given b and w: return what is to be added to them.

    The loss is L = (1/m) ‖ŷ − y‖². The answer may depend on these four arguments alone; the same batch may be asked
    for again, at any time.
    """
    # ∂L/∂ŷ: what each prediction adds to the loss. Shape (m,).
    dloss_dpred = todo("∂L/∂ŷ")

    # ∂L/∂b, by the chain rule: sum over the batch of ∂L/∂ŷ times ∂ŷ/∂b. One number.
    grad_b = todo("∂L/∂b")

    # ∂L/∂w, by the chain rule: sum over the batch of ∂L/∂ŷ times ∂ŷ/∂w. One number.
    grad_w = todo("∂L/∂w")

    # What is added to b and to w: a step of length η against the gradient. One number each.
    step_b = todo("the step of b")
    step_w = todo("the step of w")

    return dloss_dpred, grad_b, grad_w, step_b, step_w


def todo(part):
    """Stand in for a part that you have not written yet."""
    raise NotImplementedError("write " + part)


# The notebook's method works too, with b and w of shape (1,) in self. It changes them itself and returns the rest:
#
#     def update(self, x, y_true, y_pred, lr):
#         ...
#         self.b -= ...
#         self.w -= ...
#         return dloss_dpred, grad_b, grad_w
'''


def write_skeleton(path: str | Path) -> None:
    """Write the skeleton to a new file; a file that is there already stays as it is.

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
            handle.write(SKELETON)
    except OSError as error:
        with suppress(OSError):
            Path(path).unlink()  # made by this call, and half a file helps nobody
        raise InputError(f"cannot write {shown}: {system_words(error)}") from error
