"""The samples table: every row of the mini-batch, scrolled when it is longer than the pane."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from textual.strip import Strip

from tui_linreg.engine.phases import Phase
from tui_linreg.engine.step import Verdict
from tui_linreg.number_text import column, fitted
from tui_linreg.tui.hidden import MARK
from tui_linreg.tui.panes.base import ScrollingPane
from tui_linreg.tui.styles import VERDICT_ROLES, Line, Span
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from tui_linreg.engine.step import Sample

_HEAD = (
    ("x", "muted", Phase.BATCH), ("y", "muted", Phase.BATCH), ("ŷ", "muted", Phase.PREDICT),
    ("ŷ − y", "muted", Phase.LOSS), ("∂L/∂ŷ", "dloss_dpred", Phase.ERROR_SIGNAL),
    ("torch", "dloss_dpred", Phase.ERROR_SIGNAL), ("∂L/∂ŷ · x", "dpred_dw", Phase.WEIGHT_GRADIENT),
)  # fmt: skip
_FIELDS = ("x", "y", "y_pred", "residual", "dloss_dpred", "torch_dloss_dpred", "weight_term")
_TOLD_BY = {"torch_dloss_dpred": ("dloss_dpred",), "weight_term": ("dloss_dpred", "grad_w")}
"""Columns that are hidden with these quantities too, which they are or tell."""
_VERDICT_WIDTH = 5


class Samples(ScrollingPane):
    """i, x, y, ŷ, ŷ − y, both ∂L/∂ŷ with their verdict, ∂L/∂ŷ · x, and the sums at the foot."""

    BORDER_TITLE = "Samples"
    subject = "numbers"

    def show(self, view: View) -> None:
        """Show another view; the scroll position stays where the new batch has such a row."""
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
        number, cells = _widths(width, view.run.n_train)
        lines = [_head(number, cells)]
        lines += _rows(view, view.step.samples(top, top + room), number, cells)
        lines += [[] for _ in range(height - 1 - len(lines))]
        lines = [*lines[: height - 1], _foot(view, number, cells, top, room)]
        return [view.styles.strip(line, width) for line in lines[:height]]


def _widths(width: int, n_train: int) -> tuple[int, list[int]]:
    number = max(len(str(n_train - 1)) + 1, 4)
    each, rest = divmod(max(width - number - _VERDICT_WIDTH - 1, 0), len(_HEAD))
    wanted = [min(each + (1 if i >= len(_HEAD) - rest else 0), 13) for i in range(len(_HEAD))]
    return number, wanted


def _head(number: int, cells: list[int]) -> Line:
    parts: list[Span] = [("i".rjust(number), "muted")]
    for (name, role, _), width in zip(_HEAD, cells, strict=True):
        parts.append((name.rjust(width), role))
        if name == "torch":
            parts.append((" " * _VERDICT_WIDTH, ""))
    return parts


def _rows(view: View, samples: list[Sample], number: int, cells: list[int]) -> list[Line]:
    columns: list[list[Span]] = [[(str(sample.i).rjust(number), "muted") for sample in samples]]
    for (name, role, phase), field, width in zip(_HEAD, _FIELDS, cells, strict=True):
        verdicts = [(" " * _VERDICT_WIDTH, "")] * len(samples)
        if not view.reached(phase):
            columns.append([("·".rjust(width), "faint")] * len(samples))
        elif view.hides(field, *_TOLD_BY.get(field, ())):
            columns.append([(MARK.rjust(width), "muted")] * len(samples))
        else:
            texts = column([getattr(sample, field) for sample in samples], max(width - 1, 6))
            columns.append([(_padded(text, width), "text" if role == "muted" else role) for text in texts])
            if name == "torch":
                verdicts = [_verdict(sample) for sample in samples]
        if name == "torch":
            columns.append(verdicts)
    return [list(parts) for parts in zip(*columns, strict=True)]


def _padded(text: str, width: int) -> str:
    """Return the text at the right, or an ellipsis where a blank and all of it do not fit: a cut number is another."""
    return (text if len(text) < width else "…").rjust(width)


def _verdict(sample: Sample) -> Span:
    comparison = sample.comparison
    verdict, apart = comparison.verdict, ""
    if verdict is Verdict.ROUNDING:
        apart = "?" if math.isnan(comparison.ulps) else f"{comparison.ulps:.0f}" if comparison.ulps < 100 else "++"
    return f" {verdict.sign}{apart}".ljust(_VERDICT_WIDTH), VERDICT_ROLES[verdict]


def _foot(view: View, number: int, cells: list[int], top: int, room: int) -> Line:
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
            parts.append((_padded(fitted(value, max(width - 1, 8)), width), role))
        if i == 1:
            parts.append((" " * _VERDICT_WIDTH, ""))
    return parts
