"""The class of the from-scratch model that a run asks for: right or with a mistake, in notebook or in kernel form."""

from __future__ import annotations

from typing import cast

from tui_linreg.engine.models.arithmetic import Arithmetic
from tui_linreg.engine.models.kernel_forms import KERNEL_FORMS
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.schedule import Schedule


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
