"""Where the run lands: the lowest loss, the fixed point that this η and batching lead to, and here."""

from __future__ import annotations

from tui_linreg.engine.analysis.fixed_point import FixedPoint, Spot
from tui_linreg.engine.phases import Phase
from tui_linreg.number_text import column, fitted
from tui_linreg.tui.instruments.common import mistaken_note, signed, stacked, wrapped
from tui_linreg.tui.styles import Line, Span
from tui_linreg.tui.view import View

_HEADS = ("b", "w", "loss", "above lowest", "to fixed pt")
_SHORT_HEADS = ("b", "w", "loss", "above", "distance")


def lines(view: View, width: int, height: int) -> list[Line]:
    """Return the table of places, then what one has to know about them, as far as there is room."""
    before = view.step.scratch
    fixed = view.instruments.fixed_point(before.b_before, before.w_before, view.step.place.step)
    sign = "✗" if fixed.spot is None or not fixed.converges else "!"
    return stacked(
        [
            (0, [*_table(view, fixed, width), *mistaken_note(view, width)]),
            (1, [*wrapped(view.stretch.note, width), *signed(sign, fixed.note, width, "rounding bold", "rounding")]),
            (2, _why(view, fixed, width)),
            (3, _original(view)),
            (4, _meaning(fixed, width)),
        ],
        height,
    )


def _table(view: View, fixed: FixedPoint, width: int) -> list[Line]:
    after = view.reached(Phase.UPDATE)
    sides = (view.step.scratch, view.step.torch)
    ours, theirs = ((side.b_after, side.w_after) if after else (side.b_before, side.w_before) for side in sides)
    when = "after" if after else "before"
    places: list[tuple[str, str, str, Spot | None]] = [
        ("+", "identical", "least squares", fixed.least_squares),
        ("◇", "dpred_dw", "fixed point", fixed.spot),
        ("◆", "batch bold", f"here, {when} update", _spot(view, *ours)),
        (" ", "muted", "torch.nn here", _spot(view, *theirs)),
    ]
    if view.run.true_line is not None:
        places.append((" ", "muted", "true line", _spot(view, *view.run.true_line)))
    name, count = (22, 5) if width >= 76 else (21, 4)
    each = min((width - name) // count, 15)
    heads = _HEADS if each >= len(_HEADS[3]) + 1 else _SHORT_HEADS
    numbers = [_numbers(spot, fixed.spot) for _, _, _, spot in places]
    columns = [_column([row[i] for row in numbers], each - 2) for i in range(count)]
    table: list[Line] = [[(" " * name, ""), *((head.rjust(each), "muted") for head in heads[:count])]]
    for at, (mark, role, text, _) in enumerate(places):
        cells: list[Span] = [(texts[at].rjust(each), "text bold" if mark == "◆" else "text") for texts in columns]
        table.append([(f"{mark} ", role), (text.ljust(name - 2), role if mark == "◆" else "muted"), *cells])
    return table


def _spot(view: View, b: float, w: float) -> Spot:
    return Spot.of(view.instruments.whole, b, w)


def _numbers(spot: Spot | None, fixed: Spot | None) -> tuple[float | None, ...]:
    """Return b, w, the loss, how far it is above the lowest, and the distance to the fixed point; None for unknown."""
    if spot is None:
        return (None,) * 5
    return spot.b, spot.w, spot.loss, spot.above, None if fixed is None else spot.distance(fixed)


def _column(values: list[float | None], width: int) -> list[str]:
    """Return the numbers with their decimal points below each other; a dash for None."""
    texts = iter(column([value for value in values if value is not None], max(width, 8), 5))
    return ["–" if value is None else next(texts) for value in values]


def _why(view: View, fixed: FixedPoint, width: int) -> list[Line]:
    """Return why the run does not go to the least-squares line, or that it does."""
    if fixed.spot is None:
        return []
    text = "One batch an epoch: the fixed point is the least-squares line itself."
    if view.run.schedule.batches > 1:
        apart, gap = (fitted(value, 10, 4) for value in (fixed.spot.distance(fixed.least_squares), fixed.gap))
        text = (
            "The fixed point is not the least-squares line: every batch pulls towards its own best line, and where an "
            f"epoch of pulls ends where it began lies {apart} away, with a loss {gap} higher. A smaller η brings it "
            "nearer; one batch an epoch makes them one."
        )
    return wrapped(text, width, "text")


def _original(view: View) -> list[Line]:
    if view.original is None or not view.reached(Phase.UPDATE):
        return []
    b, w = (fitted(value, 12, 5) for value in view.original)
    return [[("here, in original units  ", "muted"), (f"b {b}  w {w}", "text")]]


def _meaning(fixed: FixedPoint, width: int) -> list[Line]:
    text = "Losses are of the whole train set, distances in (b, w)."
    if fixed.converges and fixed.spot is not None:
        text += (
            " Look for the ◆: over the epochs its distance falls to the level of rounding, and its loss to that of the "
            "fixed point."
        )
    return wrapped(text, width)
