"""The bits of the phase's numbers, ours beside torch's, and how often they are all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tui_linreg.engine.models.arithmetic import FORMS, Arithmetic
from tui_linreg.engine.phases import QUANTITIES, Phase, Quantity
from tui_linreg.engine.step import Verdict
from tui_linreg.engine.verdicts.bits import differing_bits, float_bits, identical, on_host, ulps_apart
from tui_linreg.number_text import aligned, exact, thousands, ulps
from tui_linreg.tui.instruments.common import Group, stacked
from tui_linreg.tui.styles import PHASE_ROLES, VERDICT_ROLES, Line, Span, spread
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from torch import Tensor

    from tui_linreg.engine.training.session import Session
    from tui_linreg.engine.training.timeline import Timeline

_SIDES = ("by hand ", "torch   ")
_KEPT = (("L", Phase.LOSS), ("b", Phase.UPDATE), ("w", Phase.UPDATE))
"""What the timeline keeps of both sides, and the phase that makes it."""
_BLOCK, _MOST_BLOCKS = 4096, 31
"""Of a very long run only the last steps are counted, from a multiple of `_BLOCK` on, so that no key waits for it."""
_MOST_ROWS = 500_000
"""Of a longer vector only so many rows are searched for the one furthest apart."""


class Floats(NamedTuple):
    """Two numbers to be compared."""

    quantity: Quantity
    where: str
    """Which row of a vector; empty for a scalar."""
    ours: float
    theirs: float
    apart: float
    """In ulps; nan where one is not finite."""


def lines(view: View, width: int, height: int) -> list[Line]:
    """Return the bits of the phase's numbers, the counts of identical steps, and the arithmetic in use."""
    session = view.instruments.session
    hidden = [q.symbol for q in QUANTITIES if q.phase == view.phase and view.hides(q.key)]
    pairs = [_pair(view, q) for q in QUANTITIES if q.phase == view.phase and not view.hides(q.key)]
    pairs.sort(key=lambda pair: -pair.apart if pair.apart == pair.apart else -np.inf)
    drawn = [_bits(pair, view, width) for pair in pairs]
    if len(pairs) == 2 and pairs[0].quantity.key == "w" and sum(map(len, drawn)) <= height:
        drawn.reverse()  # b above w as everywhere; only where one must go it is the one that differs less
    nothing: list[Line] = [[("Nothing of this mini-batch is computed yet: → computes ŷ.", "text")]]
    groups: list[Group] = [(0, drawn[0] if drawn else nothing)]
    if hidden:
        groups = [(0, [[(f"▒ {' and '.join(hidden)}: hidden until answered", "muted")]]), *groups[: len(drawn)]]
    groups += [(3, each) for each in drawn[1:]]
    groups += [
        (1, _counts(view, session, width)),
        (2, [_hint(width)]),
        (4, _forms(Arithmetic.parse(session.config.arithmetic), width)),
        (5, _note(width)),
    ]
    return stacked(groups, height)


# ── the two numbers ──────────────────────────────────────────────────────────────────────────────────────────────────


def _pair(view: View, quantity: Quantity) -> Floats:
    sides = view.step.scratch, view.step.torch
    if not quantity.vector:
        name = f"{quantity.key}_after" if quantity.phase is Phase.UPDATE else quantity.key
        ours, theirs = (getattr(side, name) for side in sides)
        return Floats(quantity, "", ours, theirs, view.step.comparisons[quantity.key].ulps)
    return _furthest(view, quantity, *(getattr(side, quantity.key) for side in sides))


def _furthest(view: View, quantity: Quantity, ours: Tensor, theirs: Tensor) -> Floats:
    """Return the element with the most ulps, the first where several have."""
    a, b = (on_host(vector[:_MOST_ROWS]) for vector in (ours, theirs))
    apart = ulps_apart(a, b)
    apart[np.isnan(apart) & ~identical(a, b)] = np.inf
    row = int(np.argmax(np.nan_to_num(apart, nan=0.0, posinf=np.inf)))
    count, m = view.step.comparisons[quantity.key].unequal, len(ours)
    searched = "" if m <= _MOST_ROWS else f", of the first {thousands(_MOST_ROWS)}"
    sample = view.step.place.start + row
    where = f"sample {sample}{searched}; {thousands(count)} of {thousands(m)} differ"
    most = float(apart[row])
    return Floats(quantity, where, float(a[row]), float(b[row]), most if np.isfinite(most) else np.nan)


def _bits(pair: Floats, view: View, width: int) -> list[Line]:
    """Return a head, both numbers in decimal and in hex, and their bits with those that differ marked."""
    single = view.run.single
    verdict = view.step.comparisons[pair.quantity.key].verdict
    differ = differing_bits(pair.ours, pair.theirs, single)
    look = VERDICT_ROLES[verdict if any(differ) else Verdict.IDENTICAL].split()[0]
    numbers = aligned([exact(value, single) for value in (pair.ours, pair.theirs)], 26)
    both = [float_bits(value, single) for value in (pair.ours, pair.theirs)]
    block: list[Line] = [_head(pair, verdict, width)]
    for side, number, bits in zip(_SIDES, numbers, both, strict=True):
        block.append([(f" {side}", "muted"), (number, "text"), (f"  {bits.hex}", "text")])
    texts = [bits.all for bits in both]
    ends, count = (1, 1 + len(both[0].exponent)), len(texts[0])
    names = [
        ("±", "text bold"),
        ("│", "faint"),
        ("exponent".ljust(ends[1] - 1), "accent"),
        ("│", "faint"),
        ("fraction", "text"),
    ]
    block.append([(" " * (len(_SIDES[0]) + 1), ""), *names])
    if width >= count + 11:
        return [*block, *_rows(texts, differ, 0, count, ends, look)]
    half = ends[1] + (count - ends[1]) // 2  # the fraction goes on below itself
    return [*block, *_rows(texts, differ, 0, half, ends, look), *_rows(texts, differ, half, count, ends, look)]


def _head(pair: Floats, verdict: Verdict, width: int) -> Line:
    quantity = pair.quantity
    role = PHASE_ROLES[quantity.phase] if quantity.phase >= Phase.ERROR_SIGNAL else "text"
    same = pair.apart == 0 and verdict is Verdict.IDENTICAL
    apart = "" if same else ", not finite" if np.isnan(pair.apart) else f", {ulps(pair.apart)} apart"
    text = f"{verdict.sign} {verdict.word}{apart}"
    left: list[tuple[int, Line]] = [
        (0, [(quantity.symbol if pair.where else quantity.formula, f"{role} bold")]),
        (1, [(f"  {pair.where}" if pair.where else "", "muted")]),
    ]
    return spread(left, [[(text, VERDICT_ROLES[verdict])]], min(width, 78))


def _rows(
    texts: list[str], differ: tuple[bool, ...], start: int, stop: int, ends: tuple[int, int], look: str
) -> list[Line]:
    """Return bits `start` to `stop` of both numbers, and beneath them a ^ at each that differs."""
    rows: list[Line] = []
    for side, text in zip(_SIDES, texts, strict=True):
        cells = [(text[at], f"{look} reverse" if differ[at] else _part_role(at, ends)) for at in range(start, stop)]
        name = side if start == 0 else "…".ljust(len(side))
        rows.append([(f" {name}", "muted"), *_cut(cells, ("│", "faint"), start, ends)])
    marks = [("^" if differ[at] else " ", f"{look} bold") for at in range(start, stop)]
    rows.append([(" " * (len(_SIDES[0]) + 1), ""), *_cut(marks, (" ", ""), start, ends)])
    return rows


def _part_role(at: int, ends: tuple[int, int]) -> str:
    return ("text bold", "accent", "text")[sum(at >= end for end in ends)]


def _cut(cells: list[Span], between: Span, start: int, ends: tuple[int, int]) -> list[Span]:
    """Return the cells of bits from `start` on with something between sign, exponent and fraction."""
    parts: list[Span] = []
    for at, cell in enumerate(cells, start):
        parts += [between, cell] if at in ends and at > start else [cell]
    return parts


# ── the run so far ───────────────────────────────────────────────────────────────────────────────────────────────────


def count_same(timeline: Timeline, name: str, start: int, stop: int) -> int:
    """Return in how many of steps `start` to `stop` "L", the new "b" or the new "w" has the same bits on both sides."""
    if name == "L":
        ours, theirs = (timeline.losses(side, start, stop) for side in (0, 1))
    else:
        read = timeline.biases if name == "b" else timeline.weights
        ours, theirs = (read(side, start + 1, stop + 1) for side in (0, 1))  # after the steps, not before
    return int(np.count_nonzero(identical(ours, theirs)))


def _counts(view: View, session: Session, width: int) -> list[Line]:
    """Return how many of the steps so far are the same to the last bit, of what is recorded of both sides."""
    digits, step = len(thousands(view.run.schedule.steps)), view.step.place.step
    start = max(0, step // _BLOCK - _MOST_BLOCKS) * _BLOCK
    counts: list[list[Span]] = []
    for name, phase in _KEPT:
        stop = step + view.reached(phase)
        same, of = (thousands(n) for n in (count_same(session.timeline, name, start, stop), stop - start))
        counts.append([(f"{name} ", "text bold"), (f"{same:>{digits}} of {of:>{digits}}", "text")])
    head = f"identical steps {f'from step {thousands(start + 1)} on' if start else 'so far'}: "
    room = 3 * (2 * digits + 6) + 4
    in_a_row = [part for count in counts for part in (("  ", ""), *count)][1:]
    if len(head) + room <= width:
        return [[(head, "muted"), *in_a_row]]
    return [[(head, "muted")], *([(" ", ""), *row] for row in ([in_a_row] if room < width else counts))]


def _forms(arithmetic: Arithmetic, width: int) -> list[Line]:
    rows: list[Line] = []
    for form, kernel in zip(FORMS, arithmetic.switches, strict=True):
        used, other = (form.kernel, form.notebook) if kernel else (form.notebook, form.kernel)
        name, its = ("kernel", "notebook") if kernel else ("notebook", "kernel")
        parts: list[Span] = [(f"{form.symbol:<7}", "text"), (f"{name:<9}", "accent"), (f"{used:<20}", "text")]
        if width >= 76:
            parts.append((f" {its + ' form':<14}{other}", "faint"))
        rows.append(parts)
    return rows


def _hint(width: int) -> Line:
    text = "tries other arithmetic: why do the bits differ?" if width >= 70 else "tries other arithmetic"
    return [("b ", "accent bold !arithmetic"), (text, "muted")]


def _note(width: int) -> list[Line]:
    texts = (
        "Rounding is a few ulp, but many where terms cancel, as in a gradient near 0.",
        "1 ulp: the next float. Read as whole numbers, the bits of the two differ by 1.",
    )
    return [[(text, "muted")] for text in texts if len(text) <= width]
