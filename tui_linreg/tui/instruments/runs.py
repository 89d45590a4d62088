"""Runs side by side: this run's numbers beside those of the kept runs, at the same step."""

from __future__ import annotations

from textwrap import wrap

from tui_linreg.engine.analysis.kept_runs import KeptRunAt
from tui_linreg.engine.analysis.run_difference import Row, run_difference
from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.number_text import fitted
from tui_linreg.tui.styles import Line
from tui_linreg.tui.view import View

_SYMBOLS = {quantity.key: (quantity.symbol, quantity.phase) for quantity in QUANTITIES} | {
    "torch_b": ("b, torch.nn", Phase.UPDATE),
    "torch_w": ("w, torch.nn", Phase.UPDATE),
}
_NAME, _VALUE, _LEAST, _MOST = 12, 14, 13, 18
"""Widths: of the first column, of this run's numbers, and the least and the most of a kept run's column."""


def lines(view: View, width: int, height: int) -> list[Line]:
    """Return a column for each kept run, its differences beneath, then what the columns are."""
    if not view.kept_runs:
        return _nothing(width)
    room = (width - _NAME - _VALUE) // len(view.kept_runs)
    each = min(max(room, _LEAST), _MOST)
    shown = view.kept_runs[: max((width - _NAME - _VALUE) // each, 1)]
    runs = [run_difference(view.step, kept.session.timeline) for kept in shown]
    table: list[Line] = [_head(shown, each)]
    for rows in zip(*runs, strict=True):
        table += _rows(view, rows, each)
    table += [[], *(_about(view, kept) for kept in view.kept_runs), []]
    table.append([("A difference is this run minus the other. P forgets the last.", "muted")])
    return table if len(table) <= height else [line for line in table if line]


def _nothing(width: int) -> list[Line]:
    texts = (
        "No other run is kept.",
        "p keeps this run as it is. Then e changes η, the batch size, the seed, the order or the dtype: both are drawn "
        "in the charts, and their numbers at the same step stand here.",
    )
    first, rest = (wrap(text, max(width, 20)) for text in texts)
    return [*([(line, "text")] for line in first), [], *([(line, "muted")] for line in rest)]


def _head(shown: tuple[KeptRunAt, ...], each: int) -> Line:
    parts = [("".ljust(_NAME), ""), ("this run".rjust(_VALUE), "muted")]
    return [*parts, *((kept.letter.rjust(each), "mean bold") for kept in shown)]


def _rows(view: View, rows: tuple[Row, ...], each: int) -> list[Line]:
    symbol, phase = _SYMBOLS[rows[0].key]
    reached = view.reached(phase) and not view.hides(rows[0].key.removeprefix("torch_"))
    dot = "·".rjust(_VALUE)
    values: Line = [
        (symbol.ljust(_NAME), "text" if reached else "faint"),
        (fitted(rows[0].ours, _VALUE - 2).rjust(_VALUE) if reached else dot, "text bold" if reached else "faint"),
        *(_number(row.theirs if reached else None, each, "text") for row in rows),
    ]
    differences: Line = [
        ("  difference".ljust(_NAME + _VALUE), "faint"),
        *(_number(row.difference if reached else None, each, "mean", sign=True) for row in rows),
    ]
    return [values, differences]


def _number(value: float | None, width: int, role: str, *, sign: bool = False) -> tuple[str, str]:
    if value is None:
        return "·".rjust(width), "faint"
    text = fitted(value, min(width, _VALUE) - 3)
    return (f"+{text}" if sign and value > 0 else text).rjust(width), role


def _about(view: View, kept: KeptRunAt) -> Line:
    """Return what a kept run is, and why it has no number here."""
    session = kept.session
    line: list[tuple[str, str]] = [(f"{kept.letter}  ", "mean bold")]
    if kept.step is None:
        wanted = view.step.place.step
        ends = wanted >= session.schedule.steps
        line.append((f"ends after step {session.schedule.steps}  " if ends
                     else f"is trained to step {session.trained} only  ", "rounding"))  # fmt: skip
    if not kept.same_samples:
        line.append(("other data  ", "muted"))
    return [*line, (kept.what, "text")]
