"""The epochs' losses of both models side by side, without a word about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_linreg.engine.phases import Phase
from tui_linreg.number_text import column, thousands
from tui_linreg.tui.both_losses import both_losses
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from tui_linreg.tui.styles import Line, Span

_HEADS = (("●", "mean", "from scratch"), ("+", "line_after", "torch.nn"), ("◇", "valid", "from scratch"),
          ("×", "text", "torch.nn"))  # fmt: skip
_GROUPS = ("mean of the batch losses", "loss of the validation set")
_STEPS = 200_000
"""The epochs in sight have at most so many steps; never fewer than three epochs."""


def lines(view: View, width: int, height: int) -> list[Line]:
    """Return the newest finished epochs up to the cursor, and the one under way."""
    done, schedule = view.history.epochs, view.run.schedule
    room = max(min(height - 3, max(_STEPS // schedule.batches, 3)), 1)
    rows = both_losses(view, done - room, done)
    number = max(len(str(schedule.epochs)), 5) + 2
    each = min((width - number) // 4, 17)
    found: list[Line] = [
        [(" " * number, ""), *((text[: 2 * each].center(2 * each), "muted") for text in _GROUPS)],
        [("epoch".rjust(number), "muted"), *(part for head in _HEADS for part in _head(head, each))],
    ]
    values = [(ours.mse, theirs.mse, ours.mse_v, theirs.mse_v) for ours, theirs in rows]
    columns = [column([row[i] for row in values], max(each - 2, 8), 4) for i in range(4)]
    for at, (ours, _) in enumerate(rows):
        here = ours.epoch == view.step.place.epoch
        mark = f"{'▸ ' if here else ''}{ours.epoch + 1}".rjust(number)
        role = "text bold" if here else "text"
        found.append([(mark, role if here else "muted"), *((texts[at].rjust(each), role) for texts in columns)])
    if not rows or rows[-1][0].epoch != view.step.place.epoch:
        found.append(_under_way(view, number, each))
    return found[:height]


def _head(head: tuple[str, str, str], each: int) -> list[Span]:
    mark, role, name = head
    mark = f"{mark} " if len(name) + 3 <= each else ""
    return [(mark.rjust(each - len(name)), role), (name, "muted")]


def _under_way(view: View, number: int, each: int) -> Line:
    """Return the row of the epoch that is not finished at the cursor."""
    place = view.step.place
    at = place.batch + 1 if view.reached(Phase.UPDATE) else place.batch
    text = f"{thousands(at)} of {thousands(view.run.schedule.batches)} batches"
    return [(f"▸ {place.epoch + 1}".rjust(number), "text bold"), (text.rjust(max(2 * each, len(text) + 2)), "muted")]
