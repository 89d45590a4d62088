"""What is said at the end of a run: how it stands, and that it can go on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_linreg.number_text import thousands
from tui_linreg.tui.hidden import Hidden
from tui_linreg.tui.run import Run

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.fixed_point import FixedPoint

_REACHED = 1e-12
"""What is left of the way when rounding is all that moves a float64."""


def ending(run: Run, hidden: Hidden, width: int, before: str = "") -> str:
    """Return the longest form that has room of how the run stands after its last step.

    Args:
        run: whose last step is trained.
        hidden: what must not be seen; where anything is hidden, no number is said.
        width: cells.
        before: why one came here; empty: because the run ends.
    """
    epochs = run.session.config.epochs
    count = f"{thousands(epochs)} epoch{'s' * (epochs != 1)}"
    ends = f"the run ends here, after {count}", "the run ends here", "end"
    long, short, shortest = (before or each for each in ends)
    offer = [f"E adds {count}"] if run.owner == "own" else []
    forms = [(long, offer), (short, offer), (short, [])]
    if hidden.nothing:
        way, loss = _way(run), _loss(run)
        forms = [
            (long, [*way[:1], *loss[:1], *offer]),
            (short, [*way[:1], *loss[1:], *offer]),
            (shortest, [*way[1:], *loss[1:], *offer]),
            (shortest, [*way[1:], *loss[1:]]),  # the footer offers it too
            *([(shortest, [*way[1:], *offer])] if way else []),
            *forms,
        ]
    texts = [first + ("; " if before else ": ") * bool(rest) + "; ".join(rest) for first, rest in forms]
    return next((text for text in texts if cell_len(text) <= width), texts[-1])


def _fixed_point(run: Run, b: float, w: float) -> FixedPoint | None:
    """Return the fixed point with (b, w) as the present place, None where it takes longer than a key may."""
    instruments = run.instruments
    return None if instruments.missing("batches", run.step()) else instruments.fixed_point(b, w, run.last)


def _way(run: Run) -> list[str]:
    """Return how much of the way to the fixed point is left, in a long and a short form; empty where none is told.

    A mistake goes elsewhere, and a run that diverges goes nowhere.
    """
    session = run.session
    (b, w), start = session.timeline.states(session.schedule.steps)[0][:2], session.timeline.states(0)[0][:2]
    found = _fixed_point(run, b, w)
    if session.config.mistake is not None or found is None or found.spot is None or not found.converges:
        return []
    whole = math.hypot(start[0] - found.spot.b, start[1] - found.spot.w)
    left = found.current.distance(found.spot) / whole if whole > 0 else math.nan
    if not math.isfinite(left):
        return []
    if left < _REACHED:
        return ["the fixed point is reached", "at the fixed point"]
    part = f"{100 * left:.0f} %" if left >= 0.1 else f"{100 * left:.2g} %"
    rates = session.config.rates
    of = f" of η {rates.at(run.last):g}" if rates.at(run.last) != rates.at(0) else ""  # another η leads elsewhere
    return [f"{part} of the way to the fixed point{of} is left", f"{part} of the way left"]


def _loss(run: Run) -> list[str]:
    """Return the losses of the train set and the validation set, in a long and a short form; empty after an overflow.

    A mistake may log another validation loss than the right one.
    """
    session = run.session
    b, w = session.timeline.states(session.schedule.steps)[0][:2]
    found, epochs = _fixed_point(run, b, w), session.schedule.epochs
    train = math.nan if found is None else found.current.loss
    valid = float(session.timeline.valid(0, epochs - 1, epochs)[0]) if session.config.mistake is None else math.nan
    known = [(name, value) for name, value in (("train", train), ("validation", valid)) if math.isfinite(value)]
    long = ", ".join(f"{value:.4g} ({name})" for name, value in known)
    return [f"loss {long}", "loss " + ", ".join(f"{value:.4g} {name[:5]}" for name, value in known)] if known else []
