"""The gradient check: the step's two derivatives by hand, by autograd and by finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch

from tui_linreg.engine.analysis.gradient_check import LIMITS, Band, Pair, Witnesses
from tui_linreg.engine.phases import Phase
from tui_linreg.number_text import aligned, exact, fitted
from tui_linreg.tui.instruments.common import Group, stacked
from tui_linreg.tui.styles import Line, Span
from tui_linreg.tui.view import View

BAND_ROLES = {
    Band.ZERO: ("≈", "muted"),
    Band.FINE: ("✓", "identical"),
    Band.SUSPICIOUS: ("!", "rounding"),
    Band.WRONG: ("✗", "differs bold"),
    Band.UNKNOWN: ("–", "muted"),
}
"""The sign and the role of a band."""
_NAMES = {"hand": "by hand", "autograd": "autograd", "central": "central difference"}
_PAIRS = (
    ("hand – autograd", "hand_autograd"), ("hand – central", "hand_central"), ("autogr. – central", "autograd_central")
)  # fmt: skip
_LONE = {"hand": "by hand", "autograd": "autograd", "central": "central"}
_LABEL, _WIDEST = 20, 34
_DOT: Span = ("    ·", "faint")
Column = Witnesses | None
"""One parameter's witnesses; None where its gradient is not computed yet."""


def lines(view: View, width: int, height: int) -> list[Line]:
    """Return the three witnesses of ∂L/∂b and ∂L/∂w, how far each two agree, and what that means."""
    columns: list[Column] = [None, None]
    again = False
    if view.reached(Phase.BIAS_GRADIENT):
        check = view.instruments.gradient_check(view.step)
        columns = [check.b, check.w if view.reached(Phase.WEIGHT_GRADIENT) else None]
        again = check.asked_again
    hidden = [name for name, key in (("∂L/∂b", "grad_b"), ("∂L/∂w", "grad_w")) if view.hides(key)]
    columns = [None if view.hides(key) else column for key, column in zip(("grad_b", "grad_w"), columns, strict=True)]
    room = min((width - _LABEL) // 2, _WIDEST)
    head: Line = [(" " * _LABEL, ""), ("∂L/∂b".ljust(room), "dpred_db bold"), ("∂L/∂w", "dpred_dw bold")]
    groups: list[Group] = [
        (5, [[(_intro(width), "text")]]),
        (0, [[(f"▒ {' and '.join(hidden)}: hidden until answered", "muted")]] if hidden else []),
        (0, [head, *_numbers(columns, view.run.single, room)]),
        (0, [[("relative error".ljust(_LABEL), "muted")], *_errors(columns, room)]),
        (0, _verdict(columns, room)),
        (4, _legend(view, width)),
        (6, _why(width)),
        (7, _note(width)),
        (2, _again(width) if again else []),
    ]
    return stacked(groups, height)


def _intro(width: int) -> str:
    long = "Three ways to one derivative. Look for: far from 0 only the last digits differ."
    return long if len(long) <= width else "Three ways to one derivative: do their digits agree?"


def _row(label: str, role: str, columns: Sequence[Column], room: int, cell: Callable[[Witnesses], list[Span]]) -> Line:
    """Return a label and a cell for each parameter, a dot where its gradient is not computed yet."""
    row: list[Span] = [(label.ljust(_LABEL), role)]
    for column in columns:
        *parts, (text, last) = [_DOT] if column is None else cell(column)
        row += [*parts, (text.ljust(room - sum(len(part) for part, _ in parts)), last)]
    return row


def _numbers(columns: Sequence[Column], single: bool, room: int) -> list[Line]:
    """Return a row for each witness, and one for h: the digits of one derivative are below each other."""

    def number(column: Witnesses, key: str) -> list[Span]:
        role = "differs bold" if column.odd_one_out == key else "text"
        return [(_texts(column, single, room)[key], role)]

    rows = [_row(name, "text", columns, room, partial(number, key=key)) for key, name in _NAMES.items()]
    steps: list[Span] = [("  with h".ljust(_LABEL), "muted")]
    for column in columns:
        above = _DOT[0] if column is None else _texts(column, single, room)["central"]
        begin = len(above) - len(above.lstrip())
        steps.append(((" " * begin + ("·" if column is None else f"{column.h:g}")).ljust(room), "muted"))
    return [*rows, steps]


def _texts(column: Witnesses, single: bool, room: int) -> dict[str, str]:
    values = [getattr(column, key) for key in _NAMES]
    texts = [exact(value, single) for value in values]
    if max(map(len, texts)) > room - 2:
        texts = [fitted(value, room - 2, 12) for value in values]
    return dict(zip(_NAMES, aligned(texts, room), strict=True))


def _errors(columns: Sequence[Column], room: int) -> list[Line]:
    """Return a row for each two witnesses: their relative error and the band it is in."""

    def error(column: Witnesses, name: str) -> list[Span]:
        pair: Pair = getattr(column, name)
        sign, role = BAND_ROLES[pair.band]
        size = f"{pair.error:.0e} " if room < 26 else f"{pair.error:.1e}  "
        words = pair.band.value if len(size) + 2 + len(pair.band.value) < room else pair.band.value.split()[-1]
        return [(size, "text"), (f"{sign} {words}", role)]

    return [_row(f"  {label}", "text", columns, room, partial(error, name=name)) for label, name in _PAIRS]


def _verdict(columns: Sequence[Column], room: int) -> list[Line]:
    """Return the verdict on each hand-written gradient, and which witness contradicts the two others."""

    def verdict(column: Witnesses) -> list[Span]:
        sign, role = BAND_ROLES[column.band]
        return [(f"{sign} {column.band.value}", role)]

    def alone(column: Witnesses) -> list[Span]:
        odd = column.odd_one_out
        return [("none", "muted") if odd is None else (f"✗ {_LONE[odd]}", "differs bold")]

    return [
        _row("by hand it is", "muted", columns, room, verdict),
        _row("odd one out", "muted", columns, room, alone),
    ]


def _again(width: int) -> list[Line]:
    first = "autograd was asked again, at the hand-written b and w:"
    second = "torch's own model stands elsewhere by now."
    if len(first) + len(second) < width:
        return [[(f"{first} {second}", "rounding")]]
    return [[(first, "rounding")], [(f"  {second}", "rounding")]]


def _legend(view: View, width: int) -> list[Line]:
    """Return the bands, each with the largest relative error that belongs to it."""
    limits = LIMITS[torch.float32 if view.run.single else torch.float64]
    bands = (Band.FINE, Band.SUSPICIOUS)
    items = [
        (f"≤ {limit:.0e} {band.value}".replace("e-0", "e-"), BAND_ROLES[band][1])
        for limit, band in zip(limits, bands, strict=True)
    ]
    items.append((f"above: {Band.WRONG.value}", BAND_ROLES[Band.WRONG][1]))
    rows: list[list[Span]] = [[]]
    used = 0
    for i, (text, role) in enumerate(items):
        between = (" · " if used else "") if i else "bands: "
        if used and used + len(between) + len(text) > width:
            rows.append([])
            used, between = 0, "       "
        rows[-1] += [(between, "muted"), (text, role)]
        used += len(between) + len(text)
    return list(rows)


def _why(width: int) -> list[Line]:
    """Return why the bands are narrow."""
    long = "The loss is quadratic, so its central difference is exact: only rounding is left."
    text = long if len(long) <= width else "The loss is quadratic: only rounding is left."
    return [[(text, "muted")]] if len(text) <= width else []


def _note(width: int) -> list[Line]:
    text = f"{Band.ZERO.value}: both are rounding only, as at the optimum, where 0/0 says nothing."
    return [[(text, "muted")]] if len(text) <= width else []
