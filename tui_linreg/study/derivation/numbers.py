"""The derivation of a phase with a batch's own numbers: read from a `Step`, none computed for display.

A phase's derivation uses what was computed up to that phase. It looks at a few rows of the batch, however long that is.
Importing this loads no torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_linreg.engine.phases import Phase
from tui_linreg.engine.step import Side, Step
from tui_linreg.number_text import exact, fitted, signed, subscript
from tui_linreg.relations import relation, shortened
from tui_linreg.study.derivation.layout import Equation, Line, Remark, equation, plain, remark

if TYPE_CHECKING:
    from torch import Tensor


_WRITTEN_OUT = 6
"""A batch of up to so many samples is written out; of a longer one the first three and the last."""
_FIRST = 3


@dataclass(frozen=True, slots=True)
class Worked:
    """The hand-written model's side of a step, and how its numbers are written."""

    step: Step
    judged: bool
    """Whether it is said that a number does not follow from those put in."""

    @property
    def side(self) -> Side:
        """What the hand-written model computed."""
        return self.step.scratch

    @property
    def single(self) -> bool:
        """Whether the numbers are float32."""
        return self.step.x.element_size() == 4

    @property
    def m(self) -> int:
        """The batch's own length."""
        return self.step.place.m

    @property
    def p(self) -> str:
        """The first sample's number in the train set, as a subscript."""
        return subscript(self.step.place.start)

    def first_row(self) -> Remark:
        """Return what the subscript `p` means."""
        return remark(f"Sample {self.step.place.start} of the train set, counted from 0, is the first of this batch.")

    def rows(self, column: Tensor) -> list[float]:
        """Return the values that are written of a vector of shape (m,)."""
        return column.tolist() if self.m <= _WRITTEN_OUT else [*column[:_FIRST].tolist(), float(column[-1])]

    def residuals(self) -> list[float]:
        """Return ŷ − y of the rows that are written."""
        rows = slice(None) if self.m <= _WRITTEN_OUT else [*range(_FIRST), self.m - 1]
        column: Tensor = self.side.y_pred[rows] - self.step.y[rows]
        return column.tolist()

    def exact(self, value: float) -> str:
        """Return every digit of a number."""
        return exact(value, self.single)

    def put_in(self, *values: float) -> str:
        """Return the relation before numbers that are put in: "≈" where one of them is written with fewer digits."""
        return "≈" if any(shortened(_short(value), self.exact(value)) for value in values) else "="

    def result(self, follow: bool, left: str, value: float, role: str = "text") -> tuple[str, Line]:
        """Return the relation between numbers put in and what was computed of them, and that in all its digits.

        "≠" where it does not follow from them, "=" where the two sides are equal as they are written, else "≈"; "≟"
        where nothing is judged.
        """
        right = self.exact(value)
        sign = "≟" if not self.judged else relation(left, right) if follow else "≠"
        return sign, ((right, role),)

    def listed(self, items: Iterable[Line], between: str) -> Line:
        """Return the rows' texts one after the other, with an ellipsis where rows are left out."""
        texts = list(items)
        if self.m > _WRITTEN_OUT:
            texts.insert(_FIRST, (("…", "text"),))
        parts: list[tuple[str, str]] = []
        for i, item in enumerate(texts):
            parts += [*(((between, "text"),) if i else ()), *item]
        return tuple(parts)

    def vector(self, column: Tensor, role: str = "text") -> Line:
        """Return a vector in parentheses."""
        inner = self.listed((((_short(value), role),) for value in self.rows(column)), ", ")
        return (("(", "text"), *inner, (")", "text"))


def numbers(worked: Worked, phase: Phase) -> tuple[Equation | Remark, ...]:
    """Return the phase's equations with numbers put in, the computed result last."""
    return _PHASES[phase](worked)


def _short(value: float) -> str:
    return fitted(value, 10)


def _operand(value: float) -> str:
    return signed(_short(value))


def _squared(value: float) -> Line:
    text = _short(value)
    return ((f"({text})²" if text.startswith("-") or "e" in text else f"{text}²", "text"),)


def _vector_of(worked: Worked, name: str, column: Tensor, role: str = "text") -> Equation:
    return equation(name, (worked.put_in(*worked.rows(column)), worked.vector(column, role)))


def _batch(worked: Worked) -> tuple[Equation | Remark, ...]:
    place = worked.step.place
    return (
        _vector_of(worked, "x", worked.step.x),
        _vector_of(worked, "y", worked.step.y),
        equation("m", f"{place.stop} − {place.start}", str(place.m)),
    )


def _predict(worked: Worked) -> tuple[Equation | Remark, ...]:
    side, p = worked.side, worked.p
    b, w = worked.exact(side.b_before), signed(worked.exact(side.w_before))
    x, y_pred = (float(column[0]) for column in (worked.step.x, side.y_pred))
    put_in = f"{b} + {w} · {_operand(x)}"
    result = worked.result(follows(worked.step, Phase.PREDICT), put_in, y_pred)
    return (
        equation(f"ŷ{p}", f"b + w x{p}", (worked.put_in(x), put_in), result),
        _vector_of(worked, "ŷ", side.y_pred),
        worked.first_row(),
    )


def _loss(worked: Worked) -> tuple[Equation | Remark, ...]:
    residuals = worked.residuals()
    squares = worked.listed((_squared(value) for value in residuals), " + ")
    mean: Line = ((f"(1/{worked.m}) (", "text"), *squares, (")", "text"))
    result = worked.result(follows(worked.step, Phase.LOSS), plain(mean), worked.side.loss)
    return (
        equation("L", "(1/m) ‖ŷ − y‖²", (worked.put_in(*residuals), mean), result),
        remark("In the brackets: the squares of the residuals $ŷ − y$."),
    )


def _error_signal(worked: Worked) -> tuple[Equation | Remark, ...]:
    side, p, m = worked.side, worked.p, worked.m
    y, y_pred, first = (float(column[0]) for column in (worked.step.y, side.y_pred, side.dloss_dpred))
    difference = f"(2/{m}) ({_short(y_pred)} − {_operand(y)})"
    product = f"(2/{m}) ({_short(worked.residuals()[0])})"
    return (
        equation(
            f"∂L/∂ŷ{p}",
            f"(2/m) (ŷ{p} − y{p})",
            (worked.put_in(y_pred, y), difference),
            (relation(difference, product), product),
            worked.result(follows(worked.step, Phase.ERROR_SIGNAL), product, first, "dloss_dpred"),
        ),
        _vector_of(worked, "∂L/∂ŷ", side.dloss_dpred, "dloss_dpred"),
        worked.first_row(),
    )


def _bias_gradient(worked: Worked) -> tuple[Equation | Remark, ...]:
    values = worked.rows(worked.side.dloss_dpred)
    signal = [_operand(value) for value in values]
    products = (((d, "dloss_dpred"), (" · ", "text"), ("1", "dpred_db")) for d in signal)
    plain_sum = worked.listed((((d, "dloss_dpred"),) for d in signal), " + ")
    follow = follows(worked.step, Phase.BIAS_GRADIENT)
    return (
        equation(
            "∂L/∂b",
            "Σ ∂L/∂ŷ · 1",
            (worked.put_in(*values), worked.listed(products, " + ")),
            ("=", plain_sum),
            worked.result(follow, plain(plain_sum), worked.side.grad_b, "dpred_db"),
        ),
    )


def _weight_gradient(worked: Worked) -> tuple[Equation | Remark, ...]:
    signal, x = worked.rows(worked.side.dloss_dpred), worked.rows(worked.step.x)
    products = worked.listed(
        (
            ((_operand(d), "dloss_dpred"), (" · ", "text"), (_operand(each), "dpred_dw"))
            for d, each in zip(signal, x, strict=True)
        ),
        " + ",
    )
    follow = follows(worked.step, Phase.WEIGHT_GRADIENT)
    return (
        equation(
            "∂L/∂w",
            "Σ ∂L/∂ŷ · x",
            (worked.put_in(*signal, *x), products),
            worked.result(follow, plain(products), worked.side.grad_w, "dpred_dw"),
        ),
    )


def _update(worked: Worked) -> tuple[Equation | Remark, ...]:
    side, lr = worked.side, repr(worked.step.lr)
    equations: list[Equation] = []
    for name, before, grad, after in (
        ("b", side.b_before, side.grad_b, side.b_after),
        ("w", side.w_before, side.grad_w, side.w_after),
    ):
        put_in: Line = (
            (f"{_short(before)} − {lr} · ", "text"),
            (_operand(grad), f"dpred_d{name}"),
        )
        result = worked.result(update_follows(worked.step, name), plain(put_in), after)
        equations.append(equation(name, ("←", f"{name} − η ∂L/∂{name}"), (worked.put_in(before, grad), put_in), result))
    return tuple(equations)


_PHASES: dict[Phase, Callable[[Worked], tuple[Equation | Remark, ...]]] = {
    Phase.BATCH: _batch,
    Phase.PREDICT: _predict,
    Phase.LOSS: _loss,
    Phase.ERROR_SIGNAL: _error_signal,
    Phase.BIAS_GRADIENT: _bias_gradient,
    Phase.WEIGHT_GRADIENT: _weight_gradient,
    Phase.UPDATE: _update,
}


def follows(step: Step, phase: Phase, rows: slice = slice(1)) -> bool:
    """Say whether what the hand-written model computed in the phase follows from the numbers put in, up to rounding.

    Of phases 2 and 4, which compute a number for each sample, that is asked of these rows: the first, whose derivation
    is worked out. Numbers that are not finite follow from anything. One pass over the batch for phases 3, 5 and 6, in
    float64.
    """
    side = step.scratch
    match phase:
        case Phase.BATCH:
            return True
        case Phase.PREDICT:
            wx = side.w_before * _double(step.x[rows])
            return _near(step, _double(side.y_pred[rows]), side.b_before + wx, abs(side.b_before) + wx.abs())
        case Phase.LOSS:
            e = _double(side.y_pred - step.y)
            mean = float(e.dot(e)) / step.place.m
            return _near(step, side.loss, mean, mean)
        case Phase.ERROR_SIGNAL:
            # The residual as it was rounded in the run's own precision.
            values = 2 * _double(side.y_pred[rows] - step.y[rows]) / step.place.m
            return _near(step, _double(side.dloss_dpred[rows]), values, values.abs())
        case Phase.BIAS_GRADIENT:
            d = _double(side.dloss_dpred)
            return _near(step, side.grad_b, float(d.sum()), float(d.abs().sum()))
        case Phase.WEIGHT_GRADIENT:
            terms = _double(side.dloss_dpred) * _double(step.x)
            return _near(step, side.grad_w, float(terms.sum()), float(terms.abs().sum()))
        case Phase.UPDATE:
            return update_follows(step, "b") and update_follows(step, "w")


def update_follows(step: Step, name: str) -> bool:
    """Say the same of the new "b" or the new "w" alone."""
    before, grad, after = (getattr(step.scratch, each) for each in (f"{name}_before", f"grad_{name}", f"{name}_after"))
    return _near(step, after, before - step.lr * grad, abs(before) + abs(step.lr * grad))


def _double(vector: Tensor) -> Tensor:
    return vector.detach().cpu().double()


def _near(step: Step, computed: float | Tensor, expected: float | Tensor, size: float | Tensor) -> bool:
    """Compare with a forward-error bound: 16 u times the size of the terms, and more for sums in many parts."""
    import numpy as np  # not on top: the first frame does not wait for it

    single = step.x.element_size() == 4
    roundoff, least = (2.0**-24, 2.0**-126) if single else (2.0**-53, 2.0**-1022)
    m = step.place.m
    found, wanted, sizes = (np.asarray(each, dtype=np.float64) for each in (computed, expected, size))
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(found - wanted) <= 16 * roundoff * (1 + math.log2(m)) * sizes + 4 * m * least
    finite = np.isfinite(found) & np.isfinite(wanted) & np.isfinite(sizes)
    return bool(np.all(near | ~finite))
