"""The class of the from-scratch model that a run asks for: right or with a mistake, in notebook or in kernel form.

The kernel forms are the model's three formulas in the order of operations of torch's kernels. Each class overrides one
method, so that the code that runs is the code that its source shows.
"""

from __future__ import annotations

from typing import cast

from torch import Tensor

from tui_linreg.engine.models.arithmetic import Arithmetic
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.schedule import Schedule


class KernelErrorSignal(SimpleLinearRegression):
    """∂L/∂ŷ as the backward pass of `mse_loss` computes it: 2/m is rounded first."""

    def error_signal(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return ∂L/∂ŷ = (2/m)(ŷ − y), shape (m,), m being this batch's own length."""
        return (2 / len(y_true)) * (y_pred - y_true)


class KernelWeightGradient(SimpleLinearRegression):
    """∂L/∂w as the backward pass of `nn.Linear` computes it: a product of matrices, which adds up in its own order."""

    def weight_gradient(self, dloss_dpred: Tensor, x: Tensor) -> Tensor:
        """Return ∂L/∂w = Σₚ ∂L/∂ŷₚ · ∂ŷₚ/∂w, a row (1, m) times a column (m, 1), as a scalar tensor."""
        return (dloss_dpred.unsqueeze(0) @ x.unsqueeze(1)).squeeze()


class KernelUpdate(SimpleLinearRegression):
    """The update as `torch.optim.SGD` does it: product and sum in one kernel."""

    def descend(self, grad_b: Tensor, grad_w: Tensor, lr: float) -> None:
        """Update b ← b − η ∂L/∂b and w ← w − η ∂L/∂w in place."""
        self.b.add_(grad_b, alpha=-lr)
        self.w.add_(grad_w, alpha=-lr)


KERNEL_FORMS = (KernelErrorSignal, KernelWeightGradient, KernelUpdate)
"""In the order of `tui_linreg.engine.models.arithmetic.FORMS`."""


def scratch_variant(mistake: str | None, arithmetic: Arithmetic, schedule: Schedule) -> type[SimpleLinearRegression]:
    """Return the class; each of its methods is written out in one of the classes that it is made of.

    A method that holds the mistake is that of the mistake; of the others those switched are in kernel form.

    Args:
        mistake: a name in `tui_linreg.engine.models.mistakes.MISTAKES`; None: no mistake.
        arithmetic: the forms of its formulas.
        schedule: of the run; some mistakes are made with its counts B and n.

    Raises:
        KeyError: when there is no such mistake.
    """
    kernel = tuple(form for form, switched in zip(KERNEL_FORMS, arithmetic.switches, strict=True) if switched)
    wrong = () if mistake is None else (MISTAKES[mistake].model,)
    parts = (*wrong, *kernel)
    if not parts:
        return SimpleLinearRegression
    counts = {"batch_size": schedule.batch_size, "n_train": schedule.n_train} if wrong else {}
    described = {"__doc__": " with ".join(part.__name__ for part in parts), "__module__": __name__}
    bases = (*parts, SimpleLinearRegression)
    return cast("type[SimpleLinearRegression]", type(parts[0].__name__, bases, counts | described))
