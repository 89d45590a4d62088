"""The main table: one row a quantity, both models' numbers and the verdict side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import set_cell_size
from textual.strip import Strip

from tui_linreg.engine.errors import printable
from tui_linreg.engine.phases import QUANTITIES, Phase, Quantity
from tui_linreg.engine.step import Comparison, Verdict
from tui_linreg.number_text import aligned, exact, fitted, ulps
from tui_linreg.tui.hidden import MARK
from tui_linreg.tui.panes.base import Pane, Waiting
from tui_linreg.tui.styles import PHASE_ROLES, VERDICT_ROLES, Line, Span
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from torch import Tensor

    from tui_linreg.engine.step import Side

_DOT = "    ·"


class Quantities(Pane, can_focus=True):
    """Formula, from scratch, torch.nn, verdict: seven rows under a head."""

    BORDER_TITLE = "One mini-batch"
    subject = "numbers"

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        columns = _columns(width)
        room = width - 2 - columns[0] - 2 * columns[1]
        strips = [view.styles.strip(_head(*columns, view.run.author), width)]
        for quantity in QUANTITIES:
            now = quantity.phase == view.phase
            strips.append(view.styles.strip(_row(view, quantity, *columns, room), width, "@current" if now else ""))
        return strips[:height]

    def blank(self, waiting: Waiting, width: int, height: int) -> list[Strip]:
        formula, value = _columns(width)
        dots = [(_DOT.ljust(value), "faint")] * 2
        rows = [[("  ", ""), (_name(quantity, formula), "faint"), *dots, ("·", "faint")] for quantity in QUANTITIES]
        return [waiting.styles.strip(line, width) for line in [_head(formula, value), *rows]][:height]


def _head(formula: int, value: int, author: str | None = None) -> Line:
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


def _row(view: View, quantity: Quantity, formula: int, value: int, room: int) -> Line:
    reached, now = view.reached(quantity.phase), quantity.phase == view.phase
    role = PHASE_ROLES[quantity.phase] if quantity.phase >= Phase.ERROR_SIGNAL else "text"
    mark: Span = ("▶ ", f"{role} bold") if now else ("✓ ", "identical") if reached else ("  ", "")
    name: Span = (_name(quantity, formula), (role + (" bold" if now else "")) if reached else "faint")
    sides = (view.step.scratch, view.step.torch)
    if not reached:
        before = not view.hides(f"{quantity.key}_before")
        waiting = [(_waiting(quantity, side, value) if before else _DOT.ljust(value), "faint") for side in sides]
        return [mark, name, *waiting, ("·", "faint")]
    if view.hides(quantity.key):
        hidden = f"    {MARK}".ljust(value)
        return [mark if now else ("▒ ", "muted"), name, (hidden, "muted"), (hidden, "muted"), ("▒ hidden", "muted")]
    comparison = view.step.comparisons[quantity.key]
    ours, theirs = _values(view, quantity, value)
    strong = "text bold" if now else "text"
    return [mark, name, (ours, strong), *_marked(theirs, ours, comparison, strong), *verdict_parts(comparison, room)]


def verdict_parts(comparison: Comparison, width: int) -> Line:
    """Return the sign, the word and, for rounding, how far apart; without the word where that would not fit."""
    verdict = comparison.verdict
    text = f"{verdict.sign} {verdict.word}"
    if verdict is Verdict.ROUNDING:
        apart = ulps(comparison.ulps)
        text = f"{text} {apart}" if len(f"{text} {apart}") <= width else f"{verdict.sign} {apart}"
    return [(text, VERDICT_ROLES[verdict])]


def _waiting(quantity: Quantity, side: Side, width: int) -> str:
    if quantity.phase is Phase.UPDATE:
        before = side.b_before if quantity.key == "b" else side.w_before
        return aligned([f"{fitted(before, min(width - 6, 12))} → ·"], width)[0]
    return _DOT.ljust(width)


def _values(view: View, quantity: Quantity, width: int) -> list[str]:
    sides = (view.step.scratch, view.step.torch)
    if quantity.vector:
        return [_vector(getattr(side, quantity.key), width) for side in sides]
    key = quantity.key + "_after" if quantity.phase is Phase.UPDATE else quantity.key
    numbers = [getattr(side, key) for side in sides]
    texts = [exact(number, view.run.single) for number in numbers]
    if any(len(text) >= width for text in texts):
        texts = [fitted(number, width - 1, 10) for number in numbers]
    return aligned(texts, width)


def _vector(vector: Tensor, width: int) -> str:
    """Return a vector's length, its first number and, where there is room, its last."""
    count = f"[{len(vector)}] "
    first, last, room = float(vector[0]), float(vector[-1]), width - len(count) - 1
    both = " … ".join(fitted(value, (room - 3) // 2, 4) for value in (first, last)) if room >= 15 else ""
    if len(vector) == 1:
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
