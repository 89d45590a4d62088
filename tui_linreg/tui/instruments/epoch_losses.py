"""Four losses of each epoch: what the notebook prints, the sample-weighted mean, the loss at its end, validation.

Where a hunt leaves only the epochs' losses to be seen, both models' logs are side by side instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from tui_linreg.engine.analysis.epoch_losses import EpochRow
from tui_linreg.engine.models.metrics import EpochLosses
from tui_linreg.engine.phases import Phase
from tui_linreg.number_text import column, fitted, thousands
from tui_linreg.tui.hidden import Visible
from tui_linreg.tui.instruments.common import OWN_LOSSES, mistaken_note, signed
from tui_linreg.tui.styles import Line, Span
from tui_linreg.tui.view import View

_MARKS = (("●", "mean"), ("■", "dpred_db"), ("▲", "line_after"), ("◇", "valid"))
"""The mark and the role of a column, as in the chart."""
_HEADS = ("notebook", "weighted", "at its end", "validation", "short batch", "lag")
_BOTH_MARKS = (("●", "mean"), ("+", "line_after"), ("◇", "valid"), ("×", "text"))
_BOTH_HEADS = ("from scratch", "torch.nn") * 2
_BOTH_GROUPS = ("mean of the batch losses", "loss of the validation set")
_MEANING = (
    "notebook: mean of the batch losses, each taken before its update",
    "weighted: the same losses, every sample counting once",
    "at its end: the whole train set with the epoch's last b and w",
    "validation: the whole validation set with them",
)
_WIDE = 88
_STEPS, _BOTH_STEPS = 1_000_000, 200_000
"""The visible epochs have at most so many steps; but three epochs are always shown."""


def lines(view: View, width: int, height: int) -> list[Line]:
    """Return the newest finished epochs up to the cursor, the unfinished one, and why the newest's losses differ."""
    if view.hidden.sight is not Visible.ALL:
        return _both_models(view, width, height)
    done, instruments = view.history.epochs, view.instruments
    meaning, note = _meaning(width), mistaken_note(view, width, OWN_LOSSES)
    room = height - 2 - len(note)  # the head and the unfinished epoch
    why = [line for row in instruments.epoch_rows(done - 1, done) for line in _why(row, width)]
    reasons = [[], *why] if why and room - len(why) >= 4 else []
    room -= len(reasons)
    explained = [[], *meaning] if room - len(meaning) >= 5 else []
    rows = instruments.epoch_rows(done - _visible(view, room - len(explained), _STEPS), done)
    return [*_table(view, rows, width), *note, *reasons, *explained][:height]


def _visible(view: View, room: int, steps: int) -> int:
    return max(min(room, max(steps // view.run.schedule.batches, 3)), 1)


def _table(view: View, rows: Sequence[EpochRow], width: int) -> list[Line]:
    number = _number_width(view)
    summed = any(row.summed for row in rows)  # then a difference of two of them means nothing
    count = 6 if width >= _WIDE and not summed else 4
    each = min((width - number) // count, 15)
    values = [(row.notebook, row.weighted, row.end, row.valid, row.moved, row.lag)[:count] for row in rows]
    columns = [column([row[i] for row in values], max(each - 2, 8), 4) for i in range(count)]
    for texts in columns[4:]:
        texts[:] = [text if text.startswith("-") else f"+{text}" for text in texts]
    table = [_head(_MARKS, _HEADS[:count], number, each), *_epochs(view, rows, columns, number, each)]
    if _unfinished(view, rows):
        dots = [("·".rjust(each), "faint") for _ in range(4)]
        text, room = f"  {_batches(view)}", width - number - 4 * each
        table.append([_mark(view, number), *dots, (text if len(text) <= room else "", "muted")])
    return table


def _both_models(view: View, width: int, height: int) -> list[Line]:
    """Return the log of both models, without a word about it."""
    done, number = view.history.epochs, _number_width(view)
    rows = view.instruments.both_losses(done - _visible(view, height - 3, _BOTH_STEPS), done)
    each = min((width - number) // 4, 17)
    values = [(ours.mse, theirs.mse, ours.mse_v, theirs.mse_v) for ours, theirs in rows]
    columns = [column([row[i] for row in values], max(each - 2, 8), 4) for i in range(4)]
    scratch = [ours for ours, _ in rows]
    table: list[Line] = [
        [(" " * number, ""), *((text[: 2 * each].center(2 * each), "muted") for text in _BOTH_GROUPS)],
        _head(_BOTH_MARKS, _BOTH_HEADS, number, each),
        *_epochs(view, scratch, columns, number, each),
    ]
    if _unfinished(view, scratch):
        text = _batches(view)
        table.append([_mark(view, number), (text.rjust(max(2 * each, len(text) + 2)), "muted")])
    return table[:height]


# ── the parts of both tables ─────────────────────────────────────────────────────────────────────────────────────────


def _number_width(view: View) -> int:
    return max(len(str(view.run.schedule.epochs)), 5) + 2


def _head(marks: Sequence[tuple[str, str]], names: Sequence[str], number: int, each: int) -> Line:
    head: list[Span] = [("epoch".rjust(number), "muted")]
    for i, name in enumerate(names):
        mark, role = marks[i] if i < len(marks) else ("", "muted")
        mark = f"{mark} " if mark and len(name) + 3 <= each else ""
        head += [(mark.rjust(each - len(name)), role), (name, "muted")]
    return head


def _epochs(
    view: View, rows: Sequence[EpochRow | EpochLosses], columns: Sequence[Sequence[str]], number: int, each: int
) -> list[Line]:
    """Return a line for each finished epoch, the cursor's own in bold."""
    table: list[Line] = []
    for at, row in enumerate(rows):
        here = row.epoch == view.step.place.epoch
        role = "text bold" if here else "text"
        mark = _mark(view, number) if here else (f"{row.epoch + 1}".rjust(number), "muted")
        cells = [(texts[at].rjust(each), role if i < 4 else "muted") for i, texts in enumerate(columns)]
        table.append([mark, *cells])
    return table


def _unfinished(view: View, rows: Sequence[EpochRow | EpochLosses]) -> bool:
    return not rows or rows[-1].epoch != view.step.place.epoch


def _mark(view: View, number: int) -> Span:
    return f"▸ {view.step.place.epoch + 1}".rjust(number), "text bold"


def _batches(view: View) -> str:
    """Return how many batches of the cursor's epoch are done."""
    at = view.step.place.batch + view.reached(Phase.UPDATE)
    return f"{thousands(at)} of {thousands(view.run.schedule.batches)} batches"


# ── what the four losses are ─────────────────────────────────────────────────────────────────────────────────────────


def _why(row: EpochRow, width: int) -> list[Line]:
    """Return why the newest finished epoch's losses differ."""
    finite = [math.isfinite(value) for value in (row.notebook, row.weighted, row.end)]
    texts = row.why
    if not any(finite):
        texts = ("no loss of it is finite",)
    elif not all(finite):
        texts = ("not all of them are finite: the run overflowed in this epoch",)
    elif not texts:
        texts = (f"the three losses agree to five digits: {fitted(row.end, 12, 5)}",)
    head = f"epoch {row.epoch + 1}{': why they differ' if row.why else ''}"
    return [[(head, "muted")], *(line for text in texts for line in signed("•", text, width, "text", "text"))]


def _meaning(width: int) -> list[Line]:
    if any(len(text) + 2 > width for text in _MEANING):
        return []
    return [[(f"{mark} ", role), (text, "muted")] for (mark, role), text in zip(_MARKS, _MEANING, strict=True)]
