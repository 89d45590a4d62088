"""Where the run lands: the lowest loss, the fixed point that this η and batching lead to, and here."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from tui_linreg.engine.analysis.fixed_point import Landing, Spot
from tui_linreg.engine.phases import Phase
from tui_linreg.number_text import column, fitted
from tui_linreg.tui.instruments.mistaken import mistaken_note
from tui_linreg.tui.styles import Line, Span
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Instruments

_HEADS = ("b", "w", "loss", "above lowest", "to fixed pt")
_SHORT_HEADS = ("b", "w", "loss", "above", "distance")
_KNOWN: WeakKeyDictionary[Instruments, Landing] = WeakKeyDictionary()
"""Of each run whose fixed point does not depend on where it stands: very many batches take long to fold."""


def lines(view: View, width: int, height: int) -> list[Line]:
    """Return the table of places, then what one has to know about them, as far as there is room."""
    landing = _landing(view)
    table = [*_table(view, landing, width), *mistaken_note(view, width)]
    groups = [table, _note(landing, width), _why(view, landing, width), _original(view), _meaning(landing, width)]
    found: list[Line] = []
    for i, group in enumerate(group for group in groups if group):
        gap = 1 if i and len(found) + len(group) + 1 <= height else 0
        if i and len(found) + gap + len(group) > height:
            break  # a sentence is whole or not there
        found += [[] for _ in range(gap)]
        found += group
    return found[:height]


def _landing(view: View) -> Landing:
    """Return the run's landing as first asked for; its `current` may be an earlier place."""
    found = _KNOWN.get(view.instruments)
    if found is None:
        found = view.instruments.landing(view.step.scratch.b_before, view.step.scratch.w_before)
        if found.unique:
            _KNOWN[view.instruments] = found
    return found


def _table(view: View, landing: Landing, width: int) -> list[Line]:
    after = view.reached(Phase.UPDATE)
    fixed = landing.fixed_point
    sides = (view.step.scratch, view.step.torch)
    ours, theirs = ((side.b_after, side.w_after) if after else (side.b_before, side.w_before) for side in sides)
    when = "after" if after else "before"
    places: list[tuple[str, str, str, Spot | None]] = [
        ("+", "identical", "least squares", landing.least_squares),
        ("◇", "dpred_dw", "fixed point", fixed),
        ("◆", "batch bold", f"here, {when} update", _spot(view, *ours)),
        (" ", "muted", "torch.nn here", _spot(view, *theirs)),
    ]
    if view.run.true_line is not None:
        places.append((" ", "muted", "true line", _spot(view, *view.run.true_line)))
    name = 22 if width >= 76 else 21
    count = 5 if width >= 76 else 4
    each = min((width - name) // count, 15)
    heads = _HEADS if each >= len(_HEADS[3]) + 1 else _SHORT_HEADS
    numbers = [_numbers(spot, fixed) for _, _, _, spot in places]
    columns = [_column([row[i] for row in numbers], each - 2) for i in range(count)]
    found: list[Line] = [[(" " * name, ""), *((head.rjust(each), "muted") for head in heads[:count])]]
    for at, (mark, role, text, _) in enumerate(places):
        cells: list[Span] = [(texts[at].rjust(each), "text bold" if mark == "◆" else "text") for texts in columns]
        found.append([(f"{mark} ", role), (text.ljust(name - 2), role if mark == "◆" else "muted"), *cells])
    return found


def _spot(view: View, b: float, w: float) -> Spot:
    whole = view.instruments.whole
    return Spot(b, w, float(whole.at(b, w)), float(whole.rise(b - whole.b, w - whole.w)))


def _numbers(spot: Spot | None, fixed: Spot | None) -> tuple[float | None, ...]:
    if spot is None:
        return (None,) * 5
    far = None if fixed is None else spot.distance(fixed)
    return spot.b, spot.w, spot.loss, spot.above, far


def _column(values: list[float | None], width: int) -> list[str]:
    """Return the numbers with their decimal points below each other; a dash for what there is not."""
    known = [value for value in values if value is not None]
    texts = iter(column(known, max(width, 8), 5))
    return ["–" if value is None else next(texts) for value in values]


def _note(landing: Landing, width: int) -> list[Line]:
    sign = "✗" if landing.fixed_point is None or not landing.converges else "!"
    texts = wrap(landing.note, max(width - 2, 10))
    return [[(f"{sign} " if i == 0 else "  ", "rounding bold"), (text, "rounding")] for i, text in enumerate(texts)]


def _why(view: View, landing: Landing, width: int) -> list[Line]:
    """Return why the run does not go to the least-squares line, or that it does."""
    fixed, best = landing.fixed_point, landing.least_squares
    if fixed is None:
        return []
    if view.run.schedule.batches == 1:
        text = "One batch an epoch: the fixed point is the least-squares line itself."
    else:
        apart, gap = (fitted(value, 10, 4) for value in (fixed.distance(best), landing.gap))
        text = (
            "The fixed point is not the least-squares line: every batch pulls towards its own best line, and where an "
            f"epoch of pulls ends where it began lies {apart} away, with a loss {gap} higher. A smaller η brings it "
            "nearer; one batch an epoch makes them one."
        )
    return [[(line, "text")] for line in wrap(text, max(width, 10))]


def _original(view: View) -> list[Line]:
    if view.original is None or not view.reached(Phase.UPDATE):
        return []
    b, w = (fitted(value, 12, 5) for value in view.original)
    return [[("here, in original units  ", "muted"), (f"b {b}  w {w}", "text")]]


def _meaning(landing: Landing, width: int) -> list[Line]:
    text = "Losses are of the whole train set, distances in (b, w)."
    if landing.converges and landing.fixed_point is not None:
        text += " Look for the ◆: its distance falls to 0 over the epochs, and its loss to that of the fixed point."
    return [[(line, "muted")] for line in wrap(text, max(width, 10))]
