"""The epoch's loss, honestly: what the notebook prints, the sample-weighted mean, the loss at its end, validation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap

from tui_linreg.engine.analysis.epoch_losses import EpochRow
from tui_linreg.engine.phases import Phase
from tui_linreg.number_text import column, fitted, thousands
from tui_linreg.tui.hidden import Sight
from tui_linreg.tui.instruments import hunted_losses
from tui_linreg.tui.instruments.mistaken import OWN_LOSSES, mistaken_note
from tui_linreg.tui.kept_epochs import KeptEpochs
from tui_linreg.tui.styles import Line, Span
from tui_linreg.tui.view import View

_MARKS = ("●", "■", "▲", "◇")
_ROLES = ("mean", "dpred_db", "line_after", "valid")
_HEADS = ("notebook", "weighted", "at its end", "validation")
_MORE_HEADS = ("short batch", "lag")
_WIDE = 88
_STEPS = 1_000_000
"""The epochs in sight have at most so many steps; never fewer than three epochs."""
_KEPT: KeptEpochs[EpochRow] = KeptEpochs(256)


def lines(view: View, width: int, height: int) -> list[Line]:
    """Return the newest finished epochs up to the cursor, the unfinished one, and why the newest's losses differ."""
    if view.curtain.sight is not Sight.ALL:
        return hunted_losses.lines(view, width, height)
    done = view.history.epochs
    each = view.run.schedule.batches
    meaning, note = _meaning(width), mistaken_note(view, width, OWN_LOSSES)
    room = height - 2 - len(note)  # the head and the epoch under way
    newest = _rows(view, done - 1, done)
    why = _why(newest[-1] if newest else None, width)
    spoken = [*([[]] if why else []), *why] if room - len(why) >= 4 else []
    room -= len(spoken)
    explained = [[], *meaning] if room - len(meaning) >= 5 else []
    room = max(min(room - len(explained), max(_STEPS // each, 3)), 1)
    rows = _rows(view, done - room, done)
    return [*_table(view, rows, width), *note, *spoken, *explained][:height]


def _rows(view: View, start: int, stop: int) -> list[EpochRow]:
    """Return the rows of epochs `start` to `stop` (exclusive), asking only for those not known."""
    return _KEPT.rows(view.instruments, start, stop, view.instruments.epoch_rows)


def _table(view: View, rows: Sequence[EpochRow], width: int) -> list[Line]:
    number = max(len(str(view.run.schedule.epochs)), 5) + 2
    summed = any(row.summed for row in rows)  # then no difference of two of them means anything
    count = 6 if width >= _WIDE and not summed else 4
    each = min((width - number) // count, 15)
    heads = (*_HEADS, *_MORE_HEADS)[:count]
    head: list[Span] = [("epoch".rjust(number), "muted")]
    for i, name in enumerate(heads):
        mark = f"{_MARKS[i]} " if i < 4 and len(name) + 3 <= each else ""
        head += [((mark.rjust(each - len(name))), _ROLES[i] if i < 4 else "muted"), (name, "muted")]
    values = [(row.notebook, row.weighted, row.end, row.valid, row.moved, row.lag)[:count] for row in rows]
    columns = [column([row[i] for row in values], max(each - 2, 8), 4) for i in range(count)]
    for texts in columns[4:]:
        texts[:] = [text if text.startswith("-") else f"+{text}" for text in texts]
    found: list[Line] = [head]
    last = len(rows) - 1 if rows and rows[-1].epoch == view.step.place.epoch else -1
    for at, row in enumerate(rows):
        role = "text bold" if at == last else "text"
        found.append(
            [
                (f"{'▸ ' if at == last else ''}{row.epoch + 1}".rjust(number), role if at == last else "muted"),
                *((columns[i][at].rjust(each), role if i < 4 else "muted") for i in range(count)),
            ]
        )
    if last < 0:
        found.append(_under_way(view, number, each, width))
    return found


def _under_way(view: View, number: int, each: int, width: int) -> Line:
    """Return the row of the epoch that is not finished at the cursor."""
    place = view.step.place
    at = place.batch + 1 if view.reached(Phase.UPDATE) else place.batch
    text = f"  {thousands(at)} of {thousands(view.run.schedule.batches)} batches"
    dots = [("·".rjust(each), "faint") for _ in range(4)]
    room = width - number - 4 * each
    return [(f"▸ {place.epoch + 1}".rjust(number), "text bold"), *dots, (text if len(text) <= room else "", "muted")]


def _why(row: EpochRow | None, width: int) -> list[Line]:
    """Return why the newest finished epoch's losses differ."""
    if row is None:
        return []
    values = row.notebook, row.weighted, row.end
    texts = row.why
    if not all(map(math.isfinite, values)):
        some = any(map(math.isfinite, values))
        texts = ("not all of them are finite: the run overflowed in this epoch" if some else "no loss of it is finite",)
    elif not texts:
        texts = (f"the three losses agree to five digits: {fitted(row.end, 12, 5)}",)
    found: list[Line] = [
        [(f"epoch {row.epoch + 1}: why they differ" if row.why else f"epoch {row.epoch + 1}", "muted")]
    ]
    for text in texts:
        found += [
            [("  " if i else "• ", "text"), (line, "text")] for i, line in enumerate(wrap(text, max(width - 2, 10)))
        ]
    return found


def _meaning(width: int) -> list[Line]:
    texts = (
        "notebook: mean of the batch losses, each taken before its update",
        "weighted: the same losses, every sample counting once",
        "at its end: the whole train set with the epoch's last b and w",
        "validation: the whole validation set with them",
    )
    found: list[Line] = []
    for mark, role, text in zip(_MARKS, _ROLES, texts, strict=True):
        if len(text) + 2 > width:
            return []
        found.append([(f"{mark} ", role), (text, "muted")])
    return found
