"""This phase: its formula, the numbers put in, the result."""

from __future__ import annotations

import re
from collections.abc import Callable

from textual.strip import Strip

from tui_linreg.engine.phases import QUANTITIES, Phase, Quantity, info
from tui_linreg.engine.step import ALL_TOGETHER, Sample, Verdict
from tui_linreg.number_text import exact, signed, significant, subscript
from tui_linreg.relations import relation, shortened
from tui_linreg.study.derivation.numbers import follows, update_follows
from tui_linreg.tui.hidden import MARK
from tui_linreg.tui.panes.base import Pane
from tui_linreg.tui.styles import Line, Span, cut_words
from tui_linreg.tui.view import View

_LINKED = re.compile(
    "(?P<dloss_dpred>∂L/∂ŷ|dL/dyhat)|(?P<dpred_db>∂(?:L|ŷ)/∂b|d(?:L|yhat)/db)|(?P<dpred_dw>∂(?:L|ŷ)/∂w|d(?:L|yhat)/dw)"
)
"""The derivatives; the name of a group is the role of its colour."""


class PhasePanel(Pane, can_focus=True):
    """The phase at the cursor, worked out with this batch's own numbers."""

    subject = "numbers"

    def show(self, view: View) -> None:
        if self.view is None or self.view.phase != view.phase:
            now = info(view.phase)
            self.set_title(f"{now.phase:d} {now.name}")
        super().show(view)

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        now = info(view.phase)
        yours = [q for q in QUANTITIES if q.phase is view.phase and q.key in view.hidden.inputs]
        if yours:
            lines = _yours(view, yours)
            return [view.styles.strip(cut_words(line, width), width) for line in _most_telling(lines, height)]
        formula = linked(now.formula)
        room = width - sum(len(text) for text, _ in formula) - 3
        if room >= len(now.why):
            formula = [*formula, ("   " + now.why, "muted")]
        lines = [formula, *_WORKED[view.phase](view, width)]
        return [view.styles.strip(cut_words(line, width), width) for line in _most_telling(lines, height)]


def _yours(view: View, quantities: list[Quantity]) -> list[Line]:
    """Return what is left of a phase whose numbers are for the learner to put in."""
    lines: list[Line] = []
    for quantity in quantities:
        known = quantity.key not in view.hidden.formulas
        lines.append(linked(quantity.formula) if known else [*linked(quantity.symbol), (f" = {MARK}", "muted")])
    if lines and not view.hidden.formulas:
        said = "put the numbers in yourself; enter lists them"
    else:
        said = "find the formula yourself; enter lists the numbers"
    return [*lines, [(said, "muted")]]


def _most_telling(lines: list[Line], height: int) -> list[Line]:
    """Return as many lines as fit: without those that only explain, then without the first ones."""
    kept = list(lines)
    while len(kept) > max(height, 0):
        plain = (i for i, line in enumerate(kept) if i and all(role == "muted" for _, role in line))
        del kept[next(plain, 0)]
    return kept


def linked(formula: str) -> list[Span]:
    """Return a formula with each derivative in its own colour."""
    parts: list[Span] = []
    end = 0
    for match in _LINKED.finditer(formula):
        parts += [(formula[end : match.start()], "text"), (match[0], f"{match.lastgroup} bold")]
        end = match.end()
    return [*parts, (formula[end:], "text")] if end < len(formula) else parts


def _seen(view: View, text: str, *names: str) -> str:
    """Return the text, or a mark where one of these numbers, which it tells, is hidden."""
    return MARK if view.hides(*names) else text


def _number(view: View, value: float) -> str:
    """Return a number in six significant digits, or in all where that is asked for."""
    return exact(value, view.run.single) if view.full else significant(value, view.run.single)


def _operand(view: View, value: float) -> str:
    return signed(_number(view, value))


def _put_in(view: View, *values: float) -> str:
    """Return the relation before numbers that are put in: "≈" where one of them is written with fewer digits."""
    return "≈" if any(shortened(_number(view, value), exact(value, view.run.single)) for value in values) else "="


def _result(view: View, follow: bool, left: str, value: float, name: str, role: str, *within: str) -> Line:
    """Return the relation between the numbers put in and what was computed of them, and that.

    Args:
        view: the frame.
        follow: whether it follows from the numbers put in, up to rounding.
        left: the numbers put in, as they are written.
        value: what was computed.
        name: its quantity.
        role: the colour of it.
        within: the quantities of the numbers put in; while one of all these is hidden, the relation tells nothing.
    """
    right = _number(view, value)
    if view.hides(name, *within):
        sign = "="
    elif view.hidden.secret:
        sign = "≟"
    else:
        sign = relation(left, right) if follow else "≠"
    if sign == "≠":  # what differs may be a late digit
        right = exact(value, view.run.single)
    return [(f"{sign} ", "differs bold" if sign == "≠" else "muted"), (_seen(view, right, name), f"{role} bold")]


def _listed(texts: list[str], last: str, between: str, room: int, count: int) -> str:
    """Return as many of the texts as fit, an ellipsis when some are left out, and the last one."""
    if count == 1:
        return last
    for shown in range(min(len(texts), count - 1), 0, -1):
        gap = ["…"] if shown < count - 1 else []
        whole = between.join([*texts[:shown], *gap, last])
        if len(whole) <= room:
            return whole
    return f"… {last}"


def _terms(
    view: View, width: int, write: Callable[[Sample], str], between: str, values: Callable[[Sample], tuple[float, ...]]
) -> tuple[str, str]:
    """Return a list over the batch's samples, shortened in the middle to fit, and the relation before it.

    Args:
        view: the frame.
        width: the room for the list.
        write: writes a sample's term.
        between: stands between two terms.
        values: the numbers of a term.
    """
    m = view.step.place.m
    rows = view.step.samples(0, min(m, width // 4))
    last = rows[-1] if len(rows) == m else view.step.samples(m - 1, m)[0]
    sign = _put_in(view, *(value for row in (*rows, last) for value in values(row)))
    return _listed([write(row) for row in rows], write(last), between, width, m), sign


def _batch(view: View, width: int) -> list[Line]:
    place = view.step.place
    of = "of the train set"
    rows = f"   rows {place.start} to {place.stop - 1} {of}" if place.m > 1 else f"   row {place.start} {of}"
    weighs = "   a short batch, yet a whole step" if place.m < view.run.schedule.batch_size else ""
    x, x_sign = _terms(view, width - 4, lambda s: _number(view, s.x), ",  ", lambda s: (s.x,))
    y, y_sign = _terms(view, width - 4, lambda s: _number(view, s.y), ",  ", lambda s: (s.y,))
    return [
        [(f"x {x_sign} ", "muted"), (x, "text")],
        [(f"y {y_sign} ", "muted"), (y, "text")],
        [("m = ", "muted"), (str(place.m), "batch bold"), (rows, "muted"), (weighs, "rounding")],
    ]  # fmt: skip


def _predict(view: View, width: int) -> list[Line]:
    first = view.step.samples(0, 1)[0]
    ours = view.step.scratch
    left = f"ŷ{subscript(first.i)} "
    indent = " " * len(left)
    b, w = _number(view, ours.b_before), _operand(view, ours.w_before)
    put_in = f"{b} + {w} · {_operand(view, first.x)}"
    seen = f"{_seen(view, b, 'b_before')} + {_seen(view, w, 'w_before')} · {_operand(view, first.x)}"
    follow = follows(view.step, Phase.PREDICT)
    return [
        [(f"{left}= b + w x{subscript(first.i)}", "muted")],
        [(f"{indent}{_put_in(view, ours.b_before, ours.w_before, first.x)} ", "muted"), (seen, "text")],
        [(indent, ""), *_result(view, follow, put_in, first.y_pred, "y_pred", "accent", "b_before", "w_before")],
    ]


def _loss(view: View, width: int) -> list[Line]:
    head = f"1/{view.step.place.m} ("
    squares, sign = _terms(
        view, width - len(head) - 5, lambda s: f"{_operand(view, s.residual)}²", " + ", lambda s: (s.residual,)
    )
    follow = follows(view.step, Phase.LOSS)
    put_in = f"{head}{squares})"
    return [
        [("L = mean of the squared errors ŷ − y", "muted")],
        [(f"  {sign} {head}", "muted"), (_seen(view, squares, "residual"), "text"), (")", "muted")],
        [("  ", ""), *_result(view, follow, put_in, view.step.scratch.loss, "loss", "identical", "residual")],
    ]


def _error_signal(view: View, width: int) -> list[Line]:
    m = view.step.place.m
    first = view.step.samples(0, 1)[0]
    p = subscript(first.i)
    y_pred, y, residual = _number(view, first.y_pred), _operand(view, first.y), _operand(view, first.residual)
    difference, product = f"2/{m} · ({y_pred} − {y})", f"2/{m} · {residual}"
    sign = relation(difference, product) if not view.hides("y_pred", "residual") else "="
    put_in = f"  {_put_in(view, first.y_pred, first.y)} 2/{m} · ({_seen(view, y_pred, 'y_pred')} − {y})"
    then = f"  {sign} 2/{m} · {_seen(view, residual, 'residual')}"
    if len(put_in + then) > width:
        then, product = "", difference
    follow, hidden_by = follows(view.step, Phase.ERROR_SIGNAL), ("y_pred", "residual")
    return [
        [(f"∂L/∂ŷ{p}", "dloss_dpred"), (f" = 2/{m} (ŷ{p} − y{p})", "muted")],
        [(put_in, "text"), (then, "muted")],
        [("  ", ""), *_result(view, follow, product, first.dloss_dpred, "dloss_dpred", "dloss_dpred", *hidden_by)],
    ]


def _bias_gradient(view: View, width: int) -> list[Line]:
    terms, sign = _terms(view, width - 8, lambda s: _operand(view, s.dloss_dpred), " + ", lambda s: (s.dloss_dpred,))
    follow, grad = follows(view.step, Phase.BIAS_GRADIENT), view.step.scratch.grad_b
    return [
        [("∂ŷ/∂b", "dpred_db"), (" = 1, so the bias gradient is the plain sum of the error signal", "muted")],
        [("∂L/∂b", "dpred_db"), (f" {sign} ", "muted"), (_seen(view, terms, "dloss_dpred"), "dloss_dpred")],
        [("      ", ""), *_result(view, follow, terms, grad, "grad_b", "dpred_db", "dloss_dpred")],
    ]


def _weight_gradient(view: View, width: int) -> list[Line]:
    terms, sign = _terms(
        view,
        width - 8,
        lambda s: f"{_operand(view, s.dloss_dpred)}·{_operand(view, s.x)}",
        " + ",
        lambda s: (s.dloss_dpred, s.x),
    )
    follow, grad = follows(view.step, Phase.WEIGHT_GRADIENT), view.step.scratch.grad_w
    return [
        [("∂ŷ/∂w", "dpred_dw"), (" = x, so each sample's error signal counts x times", "muted")],
        [("∂L/∂w", "dpred_dw"), (f" {sign} ", "muted"), (_seen(view, terms, "dloss_dpred"), "text")],
        [("      ", ""), *_result(view, follow, terms, grad, "grad_w", "dpred_dw", "dloss_dpred")],
    ]


def _update(view: View, width: int) -> list[Line]:
    ours = view.step.scratch
    lines: list[Line] = []
    for name, before, grad, after, role in (
        ("b", ours.b_before, ours.grad_b, ours.b_after, "dpred_db"),
        ("w", ours.w_before, ours.grad_w, ours.w_after, "dpred_dw"),
    ):
        lr, within = f"{view.step.lr:g}", (f"{name}_before", f"grad_{name}")
        put_in = f"{_number(view, before)} − {lr} · {_operand(view, grad)}"
        worked = f" ← {_seen(view, _number(view, before), within[0])} − {lr} · "
        follow = update_follows(view.step, name)
        lines.append(
            [(name, f"{role} bold"), (worked, "text"), (_seen(view, _operand(view, grad), within[1]), role), (" ", ""),
             *_result(view, follow, put_in, after, name, "text", *within)]
        )  # fmt: skip
    if any(view.step.comparisons[name].together and not view.hides(name) for name in ("b", "w")):
        lines.append([(f"{Verdict.DIFFERS.sign} {ALL_TOGETHER}", "differs bold")])
    elif view.original is not None and not view.hides("b", "w"):
        lines.append([("in the original units  ", "muted"), (line_text(view, *view.original), "text")])
    else:
        lines.append([("the next mini-batch starts from these", "muted")])
    return lines


def line_text(view: View, b: float, w: float, *names: str) -> str:
    """Return the equation of a line in six significant digits; what is hidden is marked, given the numbers' names."""
    single = view.run.single
    texts = significant(b, single), significant(w, single)
    if hidden := view.hides(*names):
        texts = _seen(view, texts[0], names[0]), _seen(view, texts[1], names[1])
    sign = "=" if hidden or not any(map(shortened, texts, (exact(b, single), exact(w, single)))) else "≈"
    return f"{view.run.y_name} {sign} {texts[0]} + {signed(texts[1])} {view.run.x_name}"


_WORKED = {
    Phase.BATCH: _batch,
    Phase.PREDICT: _predict,
    Phase.LOSS: _loss,
    Phase.ERROR_SIGNAL: _error_signal,
    Phase.BIAS_GRADIENT: _bias_gradient,
    Phase.WEIGHT_GRADIENT: _weight_gradient,
    Phase.UPDATE: _update,
}
