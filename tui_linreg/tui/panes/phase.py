"""This phase: its formula, the numbers put in, the result."""

from __future__ import annotations

import re
from collections.abc import Callable

from textual.strip import Strip

from tui_linreg.engine.phases import Phase, info
from tui_linreg.engine.step import ALL_TOGETHER, Sample, Verdict
from tui_linreg.number_text import exact, fitted, signed, subscript
from tui_linreg.tui.hidden import MARK
from tui_linreg.tui.panes.base import Pane
from tui_linreg.tui.styles import Line, Span, cut_words
from tui_linreg.tui.view import View

_LINKED = re.compile("(?P<dloss_dpred>∂L/∂ŷ)|(?P<dpred_db>∂(?:L|ŷ)/∂b)|(?P<dpred_dw>∂(?:L|ŷ)/∂w)")
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
        formula = linked(now.formula)
        room = width - sum(len(text) for text, _ in formula) - 3
        if room >= len(now.why):
            formula = [*formula, ("   " + now.why, "muted")]
        lines = [formula, *_WORKED[view.phase](view, width)]
        return [view.styles.strip(cut_words(line, width), width) for line in _most_telling(lines, height)]


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


def _result(view: View, value: float, name: str, role: str) -> Line:
    """Return the line with a number of this name, in all its digits."""
    return [("  = ", "muted"), (_seen(view, exact(value, view.run.single), name), f"{role} bold")]


def _short(value: float) -> str:
    return fitted(value, 10)


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


def _terms(view: View, width: int, write: Callable[[Sample], str], between: str) -> str:
    """Return a list over the batch's samples, each written by `write`, shortened in the middle to fit."""
    m = view.step.place.m
    rows = view.step.samples(0, min(m, width // 4))
    last = rows[-1] if len(rows) == m else view.step.samples(m - 1, m)[0]
    return _listed([write(row) for row in rows], write(last), between, width, m)


def _batch(view: View, width: int) -> list[Line]:
    place = view.step.place
    of = "of the train set"
    rows = f"   rows {place.start} to {place.stop - 1} {of}" if place.m > 1 else f"   row {place.start} {of}"
    weighs = "   a short batch, yet a whole step" if place.m < view.run.schedule.batch_size else ""
    return [
        [("x = ", "muted"), (_terms(view, width - 4, lambda s: _short(s.x), ",  "), "text")],
        [("y = ", "muted"), (_terms(view, width - 4, lambda s: _short(s.y), ",  "), "text")],
        [("m = ", "muted"), (str(place.m), "batch bold"), (rows, "muted"), (weighs, "rounding")],
    ]  # fmt: skip


def _predict(view: View, width: int) -> list[Line]:
    first = view.step.samples(0, 1)[0]
    ours, single = view.step.scratch, view.run.single
    p = subscript(first.i)
    b = _seen(view, exact(ours.b_before, single), "b_before")
    w = _seen(view, signed(exact(ours.w_before, single)), "w_before")
    return [
        [(f"ŷ{p} = b + w x{p}", "muted")],
        [(f"    = {b} + {w} · {signed(_short(first.x))}", "text")],
        [("  ", "muted"), *_result(view, first.y_pred, "y_pred", "accent")],
    ]


def _loss(view: View, width: int) -> list[Line]:
    head = f"  = 1/{view.step.place.m} ("
    squares = _terms(view, width - len(head) - 2, lambda s: f"{signed(_short(s.residual))}²", " + ")
    return [
        [("L = mean of the squared errors ŷ − y", "muted")],
        [(head, "muted"), (_seen(view, squares, "residual"), "text"), (")", "muted")],
        _result(view, view.step.scratch.loss, "loss", "identical"),
    ]


def _error_signal(view: View, width: int) -> list[Line]:
    m = view.step.place.m
    first = view.step.samples(0, 1)[0]
    p = subscript(first.i)
    return [
        [(f"∂L/∂ŷ{p}", "dloss_dpred"), (f" = 2/{m} (ŷ{p} − y{p})", "muted")],
        [(f"  = 2/{m} · ({_seen(view, _short(first.y_pred), 'y_pred')} − {signed(_short(first.y))})", "text"),
         (f"  = 2/{m} · {_seen(view, signed(_short(first.residual)), 'residual')}", "muted")],
        _result(view, first.dloss_dpred, "dloss_dpred", "dloss_dpred"),
    ]  # fmt: skip


def _bias_gradient(view: View, width: int) -> list[Line]:
    terms = _terms(view, width - 4, lambda s: signed(_short(s.dloss_dpred)), " + ")
    return [
        [("∂ŷ/∂b", "dpred_db"), (" = 1, so the bias gradient is the plain sum of the error signal", "muted")],
        [("  = ", "muted"), (_seen(view, terms, "dloss_dpred"), "dloss_dpred")],
        _result(view, view.step.scratch.grad_b, "grad_b", "dpred_db"),
    ]


def _weight_gradient(view: View, width: int) -> list[Line]:
    terms = _terms(view, width - 4, lambda s: f"{signed(_short(s.dloss_dpred))}·{signed(_short(s.x))}", " + ")
    return [
        [("∂ŷ/∂w", "dpred_dw"), (" = x, so each sample's error signal counts x times", "muted")],
        [("  = ", "muted"), (_seen(view, terms, "dloss_dpred"), "text")],
        _result(view, view.step.scratch.grad_w, "grad_w", "dpred_dw"),
    ]


def _update(view: View, width: int) -> list[Line]:
    ours = view.step.scratch
    single = view.run.single
    lines: list[Line] = []
    for name, before, grad, after, role in (
        ("b", ours.b_before, ours.grad_b, ours.b_after, "dpred_db"),
        ("w", ours.w_before, ours.grad_w, ours.w_after, "dpred_dw"),
    ):
        worked = f" ← {_seen(view, _short(before), f'{name}_before')} − {view.run.lr:g} · "
        lines.append(
            [(name, f"{role} bold"), (worked, "text"), (_seen(view, signed(_short(grad)), f"grad_{name}"), role),
             (" = ", "muted"), (_seen(view, exact(after, single), name), "text bold")]
        )  # fmt: skip
    if any(view.step.comparisons[name].together and not view.hides(name) for name in ("b", "w")):
        lines.append([(f"{Verdict.DIFFERS.sign} {ALL_TOGETHER}", "differs bold")])
    elif view.original is not None and not view.hides("b", "w"):
        b, w = view.original
        units = f"{view.run.y_name} = {fitted(b, 12)} + {signed(fitted(w, 12))} {view.run.x_name}"
        lines.append([("in the original units  ", "muted"), (units, "text")])
    else:
        lines.append([("the next mini-batch starts from these", "muted")])
    return lines


_WORKED = {
    Phase.BATCH: _batch,
    Phase.PREDICT: _predict,
    Phase.LOSS: _loss,
    Phase.ERROR_SIGNAL: _error_signal,
    Phase.BIAS_GRADIENT: _bias_gradient,
    Phase.WEIGHT_GRADIENT: _weight_gradient,
    Phase.UPDATE: _update,
}
