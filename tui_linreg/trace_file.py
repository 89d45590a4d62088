"""The trace: every step of both models, one record a mini-batch, as CSV or JSON Lines.

Importable without torch, so that a path can be checked before anything is loaded.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.progress import Cancelled, Pace, Progress
from tui_linreg.files import check_writable, write_atomically
from tui_linreg.plain_text import json_text

if TYPE_CHECKING:
    from tui_linreg.engine.step import Step
    from tui_linreg.engine.training.session import Session

    Record = dict[str, int | float | str | list[float]]

PLACE_FIELDS = ("step", "epoch", "batch", "start", "stop")
RATE_FIELD = "lr"
"""The learning rate of the step."""
SIDE_FIELDS = ("loss", "grad_b", "grad_w", "b_before", "w_before", "b_after", "w_after")
SIDE_VECTORS = ("y_pred", "dloss_dpred")
SIDES = ("scratch", "torch")
ENDINGS = (".csv", ".jsonl")
ALLOWED = "a file name that ends in " + " or ".join(ENDINGS)


def check_trace_path(path: str | Path) -> None:
    """Say before long work whether a trace can be written to `path`; leaves nothing behind.

    Raises:
        InputError: with field "out", when the name's ending is not allowed or the file cannot be written.
    """
    _ending(path)
    check_writable(path)


def write_trace(
    session: Session,
    path: str | Path,
    *,
    steps: int | None = None,
    verdicts: bool = False,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    opened: Callable[[str], AbstractContextManager[TextIO]] = write_atomically,
) -> bool:
    """Write the first `steps` steps of a run, one record each; the file appears whole or not at all.

    Args:
        session: the run; it may go on training meanwhile.
        path: a file name that ends in .csv, or in .jsonl for the vectors as well.
        steps: how many steps, from the first, those not trained yet are trained; None: all that are trained now.
        verdicts: whether to add `verdict_<quantity>` for each of the compared quantities.
        progress: called with (records written, records to write).
        cancelled: called now and then; True ends the work and leaves no file.
        opened: gives the handle for `path` whose content is kept when the block ends well, and not when it raises.

    Returns:
        True when the file was written, False when the work was cancelled.

    Raises:
        InputError: with field "out", when the name's ending is not allowed or the file cannot be written.
        ValueError: when `steps` is more than the run has, or negative.
    """
    ending = _ending(path)
    goal = session.trained if steps is None else steps
    pace = Pace(goal, progress, cancelled)
    if not 0 <= goal <= session.schedule.steps:
        raise ValueError(f"steps {goal}: must be from 0 to {session.schedule.steps}, the steps of the run")
    try:
        with opened(str(path)) as handle:
            write = _writer(ending, handle, verdicts)
            for step in session.walk(0, goal):
                if pace.stops(step.place.step):
                    raise _CancelledError
                write(record(step, vectors=ending == ".jsonl", verdicts=verdicts))
            pace.finish(goal)
            if cancelled is not None and cancelled():
                raise _CancelledError
    except _CancelledError:
        return False
    return True


def record(step: Step, *, vectors: bool, verdicts: bool) -> Record:
    """Return one step as a record; float32 numbers appear as their exact value.

    Args:
        step: the step.
        vectors: whether to add x, y and each model's ŷ and ∂L/∂ŷ, lists of the batch's length.
        verdicts: whether to add the verdicts, as words.
    """
    fields: Record = {name: getattr(step.place, name) for name in PLACE_FIELDS} | {RATE_FIELD: step.lr}
    sides = dict(zip(SIDES, (step.scratch, step.torch), strict=True))
    for prefix, side in sides.items():
        fields |= {f"{prefix}_{name}": getattr(side, name) for name in SIDE_FIELDS}
    if vectors:
        fields |= {"x": step.x.tolist(), "y": step.y.tolist()}
        for prefix, side in sides.items():
            fields |= {f"{prefix}_{name}": getattr(side, name).tolist() for name in SIDE_VECTORS}
    if verdicts:
        fields |= {f"verdict_{q.key}": step.comparisons[q.key].verdict.word for q in QUANTITIES}
    return fields


class _CancelledError(Exception):
    """Ends the writing block, so that the half-written file is removed."""


def _ending(path: str | Path) -> str:
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise InputError(f"cannot write {quoted(path)}: needs {ALLOWED}", field="out")
    return ending


def _writer(ending: str, handle: TextIO, verdicts: bool) -> Callable[[Record], object]:
    """Return what writes one record; a CSV file gets its header now, so that it has one even without a step."""
    if ending == ".jsonl":
        return lambda fields: handle.write(json_text(fields) + "\n")
    names = [*PLACE_FIELDS, RATE_FIELD, *(f"{prefix}_{name}" for prefix in SIDES for name in SIDE_FIELDS)]
    if verdicts:
        names += [f"verdict_{q.key}" for q in QUANTITIES]
    # The csv module writes a float as its repr, which is what round-trips.
    table = csv.DictWriter(handle, names, lineterminator="\n")
    table.writeheader()
    return table.writerow
