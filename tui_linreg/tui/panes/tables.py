"""The two tables of a mini-batch: its quantities, a row each; and its samples, scrolled where they do not fit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.cells import set_cell_size
from textual.strip import Strip

from tui_linreg.engine.errors import printable
from tui_linreg.engine.phases import QUANTITIES, Phase, Quantity
from tui_linreg.engine.step import Comparison, Sample, Side, Verdict
from tui_linreg.number_text import aligned, column, exact, fitted, longest, longest_column, significant, ulps
from tui_linreg.study.derivation.numbers import follows
from tui_linreg.tui.hidden import MARK
from tui_linreg.tui.panes.base import Pane, ScrollingPane, Waiting
from tui_linreg.tui.styles import PHASE_ROLES, VERDICT_ROLES, Line, Span
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from torch import Tensor

_DOT = "    ·"
_ULP = "1 ulp: neighbouring floats"
"""What the unit means, said above the table as long as a row of it is in ulps."""


class Quantities(Pane, can_focus=True):
    """Formula, from scratch, torch.nn, verdict: seven rows under a head."""

    BORDER_TITLE = "One mini-batch"
    subject = "numbers"

    @property
    def row_now(self) -> int:
        """The line of the phase at the cursor; of phase 1, which computes nothing, 0 (the head)."""
        phase = None if self.view is None else self.view.phase
        return next((i for i, quantity in enumerate(QUANTITIES, 1) if quantity.phase == phase), 0)

    def show(self, view: View) -> None:
        self.set_title(f"One mini-batch   {_ULP}" if _tells_ulps(view) else "One mini-batch")
        super().show(view)

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        columns = _columns(width)
        room = width - 2 - columns[0] - 2 * columns[1]
        strips = [view.styles.strip(_quantities_head(*columns, view.run.author), width)]
        for quantity in QUANTITIES:
            now = quantity.phase == view.phase
            strips.append(
                view.styles.strip(_quantity_row(view, quantity, *columns, room), width, "@current" if now else "")
            )
        return strips[:height]

    def blank(self, waiting: Waiting, width: int, height: int) -> list[Strip]:
        formula, value = _columns(width)
        dots = [(_DOT.ljust(value), "faint")] * 2
        rows = [[("  ", ""), (_name(quantity, formula), "faint"), *dots, ("·", "faint")] for quantity in QUANTITIES]
        return [waiting.styles.strip(line, width) for line in [_quantities_head(formula, value), *rows]][:height]


def _quantities_head(formula: int, value: int, author: str | None = None) -> Line:
    ours = f"from {printable(author, value - 6)}" if author else "from scratch"
    texts = ("  ", "quantity".ljust(formula), set_cell_size(ours, value), "torch.nn".ljust(value), "verdict")
    return [(text, "muted") for text in texts]


def _name(quantity: Quantity, width: int) -> str:
    text = quantity.formula if len(quantity.formula) < width else quantity.symbol
    return text.ljust(width)


def _columns(width: int) -> tuple[int, int]:
    verdict = 19 if width >= 88 else 17
    formula = 22 if width >= 88 else 20 if width >= 72 else 9
    return formula, max((width - 2 - formula - verdict) // 2, 9)


def _quantity_row(view: View, quantity: Quantity, formula: int, value: int, room: int) -> Line:
    reached, now = view.reached(quantity.phase), quantity.phase == view.phase
    role = PHASE_ROLES[quantity.phase] if quantity.phase >= Phase.ERROR_SIGNAL else "text"
    mark: Span = ("▶ ", f"{role} bold") if now else ("✓ ", "identical") if reached else ("  ", "")
    shown = quantity.symbol.ljust(formula) if quantity.key in view.hidden.formulas else _name(quantity, formula)
    name: Span = (shown, (role + (" bold" if now else "")) if reached else "faint")
    sides = (view.step.scratch, view.step.torch)
    if not reached:
        before = not view.hides(f"{quantity.key}_before")
        waiting = [(_waiting(quantity, side, value) if before else _DOT.ljust(value), "faint") for side in sides]
        return [mark, name, *waiting, ("·", "faint")]
    if view.hides(quantity.key):
        hidden = f"    {MARK}".ljust(value)
        if why := view.hidden.why_absent(quantity.key):
            told = printable(why, value - 1).ljust(value)
            return [mark if now else ("  ", ""), name, (told, "rounding"), (hidden, "muted"), ("·", "faint")]
        return [mark if now else ("▒ ", "muted"), name, (hidden, "muted"), (hidden, "muted"), ("▒ hidden", "muted")]
    comparison = view.step.comparisons[quantity.key]
    ours, theirs = _values(view, quantity, value)
    strong = "text bold" if now else "text"
    own = "muted" if quantity.key in view.run.given else strong
    return [mark, name, (ours, own), *_marked(theirs, ours, comparison, strong), *_verdict_parts(comparison, room)]


def _verdict_parts(comparison: Comparison, width: int) -> Line:
    """Return the sign, the word and, for rounding, how far apart; without the word where that would not fit."""
    verdict = comparison.verdict
    text = f"{verdict.sign} {verdict.word}"
    if comparison.together:
        text = f"{verdict.sign} adds up"
    if verdict is Verdict.ROUNDING:
        apart = ulps(comparison.ulps)
        text = f"{text} {apart}" if len(f"{text} {apart}") <= width else f"{verdict.sign} {apart}"
    return [(text, VERDICT_ROLES[verdict])]


def _tells_ulps(view: View) -> bool:
    seen = (q.key for q in QUANTITIES if view.reached(q.phase) and not view.hides(q.key))
    found = any(view.step.comparisons[key].verdict is Verdict.ROUNDING for key in seen)
    return found and not view.hidden.in_place_of("numbers")


def _waiting(quantity: Quantity, side: Side, width: int) -> str:
    if quantity.phase is Phase.UPDATE:
        before = side.b_before if quantity.key == "b" else side.w_before
        return aligned([f"{significant(before)} → ·"], width)[0]
    return _DOT.ljust(width)


def _values(view: View, quantity: Quantity, width: int) -> list[str]:
    sides = (view.step.scratch, view.step.torch)
    if quantity.vector:
        return [_vector(view, getattr(side, quantity.key), width) for side in sides]
    key = quantity.key + "_after" if quantity.phase is Phase.UPDATE else quantity.key
    numbers = [getattr(side, key) for side in sides]
    whole = view.full or quantity.phase == view.phase
    write = exact if whole else significant
    texts = [write(number, view.run.single) for number in numbers]
    if any(len(text) >= width for text in texts):
        texts = [fitted(number, width - 1, 10) for number in numbers]
    return aligned(texts, width)


def _vector(view: View, vector: Tensor, width: int) -> str:
    """Return a vector's length, its first number and, where there is room, its last; in full the first alone."""
    count = f"[{len(vector)}] "
    first, last, room = float(vector[0]), float(vector[-1]), width - len(count) - 1
    both = " … ".join(fitted(value, (room - 3) // 2, 4) for value in (first, last)) if room >= 15 else ""
    if view.full:
        more = "" if len(vector) == 1 else " …"
        text = longest(first, max(room - len(more), 8), view.run.single) + more
    elif len(vector) == 1:
        text = fitted(first, max(room, 8))
    elif 0 < len(both) <= room:
        text = both
    else:
        text = f"{fitted(first, max(room - 2, 8), 4)} …"
    return (count + text if len(text) <= room else text).ljust(width)


def _marked(theirs: str, ours: str, comparison: Comparison, role: str) -> list[Span]:
    """Return torch's text with the digits underlined from the first one that differs from ours."""
    if comparison.verdict is Verdict.IDENTICAL:
        return [(theirs, role)]
    same = next((i for i, (a, b) in enumerate(zip(theirs, ours, strict=False)) if a != b), len(theirs))
    tail = theirs[same:]
    body = tail.rstrip()
    return [(theirs[:same], role), (body, f"{VERDICT_ROLES[comparison.verdict]} underline"), (tail[len(body) :], role)]


_SAMPLE_COLUMNS = (
    ("x", "muted", Phase.BATCH), ("y", "muted", Phase.BATCH), ("ŷ", "muted", Phase.PREDICT),
    ("ŷ − y", "muted", Phase.LOSS), ("∂L/∂ŷ", "dloss_dpred", Phase.ERROR_SIGNAL),
    ("torch", "dloss_dpred", Phase.ERROR_SIGNAL), ("∂L/∂ŷ · x", "dpred_dw", Phase.WEIGHT_GRADIENT),
)  # fmt: skip
_FIELDS = ("x", "y", "y_pred", "residual", "dloss_dpred", "torch_dloss_dpred", "weight_term")
_TOLD_BY = {"torch_dloss_dpred": ("dloss_dpred",), "weight_term": ("dloss_dpred", "grad_w")}
"""Columns that are hidden with these quantities too, which they are or tell."""
_VERDICT_WIDTH = 5
_WIDE, _WIDEST = 13, 25
"""Columns that a number has at most: shortened, and with all digits of a float64."""


class Samples(ScrollingPane):
    """i, x, y, ŷ, ŷ − y, both ∂L/∂ŷ with their verdict, ∂L/∂ŷ · x, and the sums at the foot."""

    BORDER_TITLE = "Samples"
    subject = "numbers"

    def show(self, view: View) -> None:
        """Show another view; the scroll position stays where the new batch has such a row."""
        point = view.chart_point
        if point is not None and point.sample is not None and not 0 <= point.sample - self._top < self.page:
            self._top = max(point.sample - self.page // 2, 0)
        if self.view is None or self.view.step.place != view.step.place:
            place = view.step.place
            rows = f"Sample {place.start}" if place.m == 1 else f"Samples {place.start}–{place.stop - 1}"
            self.set_title(rows)
        super().show(view)

    @property
    def page(self) -> int:
        return max(self.size.height - 2, 0)  # between head and foot

    def scroll_by(self, rows: int) -> None:
        if self.view is not None:
            self._top = min(max(self._top + rows, 0), max(self.view.step.place.m - self.page, 0))
            self.rebuild()

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        m, room = view.step.place.m, self.page
        top = max(min(self._top, m - room), 0)
        number, cells = _sample_widths(width, view.run.n_train, _WIDEST if view.full else _WIDE)
        lines = [_samples_head(number, cells)]
        lines += _samples_rows(view, view.step.samples(top, top + room), number, cells)
        marked = None if view.chart_point is None else view.chart_point.sample
        if marked is not None and 0 <= marked - top < len(lines) - 1:
            lines[marked - top + 1] = [(text, f"{role} reverse") for text, role in lines[marked - top + 1]]
        lines += [[] for _ in range(height - 1 - len(lines))]
        lines = [*lines[: height - 1], _samples_foot(view, number, cells, top, room)]
        return [view.styles.strip(line, width) for line in lines[:height]]


def _sample_widths(width: int, n_train: int, most: int) -> tuple[int, list[int]]:
    number = max(len(str(n_train - 1)) + 1, 4)
    each, rest = divmod(max(width - number - _VERDICT_WIDTH - 1, 0), len(_SAMPLE_COLUMNS))
    wanted = [min(each + (1 if i >= len(_SAMPLE_COLUMNS) - rest else 0), most) for i in range(len(_SAMPLE_COLUMNS))]
    return number, wanted


def _samples_head(number: int, cells: list[int]) -> Line:
    parts: list[Span] = [("i".rjust(number), "muted")]
    for (name, role, _), width in zip(_SAMPLE_COLUMNS, cells, strict=True):
        parts.append((name.rjust(width), role))
        if name == "torch":
            parts.append((" " * _VERDICT_WIDTH, ""))
    return parts


def _samples_rows(view: View, samples: list[Sample], number: int, cells: list[int]) -> list[Line]:
    columns: list[list[Span]] = [[(str(sample.i).rjust(number), "muted") for sample in samples]]
    for (name, role, phase), field, width in zip(_SAMPLE_COLUMNS, _FIELDS, cells, strict=True):
        verdicts = [(" " * _VERDICT_WIDTH, "")] * len(samples)
        if not view.reached(phase):
            columns.append([("·".rjust(width), "faint")] * len(samples))
        elif view.hides(field, *_TOLD_BY.get(field, ())):
            columns.append([(MARK.rjust(width), "muted")] * len(samples))
        else:
            values = [getattr(sample, field) for sample in samples]
            room = max(width - 1, 6)
            texts = longest_column(values, room, view.run.single) if view.full else column(values, room)
            columns.append([(_padded(text, width), "text" if role == "muted" else role) for text in texts])
            if name == "torch":
                verdicts = [_sample_verdict(sample) for sample in samples]
        if name == "torch":
            columns.append(verdicts)
    return [list(parts) for parts in zip(*columns, strict=True)]


def _padded(text: str, width: int) -> str:
    """Return the text at the right, or an ellipsis where a blank and all of it do not fit: a cut number is another."""
    return (text if len(text) < width else "…").rjust(width)


def _sample_verdict(sample: Sample) -> Span:
    comparison = sample.comparison
    verdict, apart = comparison.verdict, ""
    if verdict is Verdict.ROUNDING:
        apart = "?" if math.isnan(comparison.ulps) else f"{comparison.ulps:.0f}" if comparison.ulps < 100 else ">99"
    return f" {verdict.sign}{apart}".ljust(_VERDICT_WIDTH), VERDICT_ROLES[verdict]


def _is_no_sum(view: View, phase: Phase) -> bool:
    """Say whether our gradient is not the sum of the column above it; looked at only where some verdict is `≠`."""
    found = view.step.comparisons
    suspect = any(found[key].verdict is Verdict.DIFFERS for key in ("dloss_dpred", "grad_b", "grad_w"))
    return suspect and not view.hidden.secret and not view.hides("dloss_dpred") and not follows(view.step, phase)


def _samples_foot(view: View, number: int, cells: list[int], top: int, room: int) -> Line:
    m = view.step.place.m
    seen = f"{top + 1}–{min(top + room, m)} of {m}, J/K scroll" if m > room else f"{m} of {m}"
    left = number + sum(cells[:4])
    text = f"  {seen}"
    parts: list[Span] = [(text[: left - 2].ljust(left - 2), "muted"), ("Σ ", "muted")]
    sums = (
        (view.step.scratch.grad_b, "dpred_db bold", Phase.BIAS_GRADIENT),
        (view.step.torch.grad_b, "dpred_db", Phase.BIAS_GRADIENT),
        (view.step.scratch.grad_w, "dpred_dw bold", Phase.WEIGHT_GRADIENT),
    )
    for i, ((value, role, phase), width) in enumerate(zip(sums, cells[4:], strict=True)):
        if not view.reached(phase):
            parts.append(("·".rjust(width), "faint"))
        elif view.hides("grad_w" if i == 2 else "grad_b"):
            parts.append((MARK.rjust(width), "muted"))
        else:
            wrong = i != 1 and _is_no_sum(view, phase)
            room = max(width - (2 if wrong else 1), 8)
            text = longest(value, room, view.run.single) if view.full else fitted(value, room)
            text = ("≠" if wrong else "") + text
            parts.append((_padded(text, width), "differs bold" if wrong else role))
        if i == 1:
            parts.append((" " * _VERDICT_WIDTH, ""))
    return parts
