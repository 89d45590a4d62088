"""`train` and `trace`: the notebook's log with a comparison of both models; every step in a file. Loads no torch."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.cli.launch import opened_session, progress_bar
from tui_linreg.cli.plain import say, train_sentences
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.progress import Pace
from tui_linreg.engine.step import ALL_TOGETHER, Verdict
from tui_linreg.plain_text import json_text
from tui_linreg.trace_file import ALLOWED, check_trace_path, write_trace

if TYPE_CHECKING:
    from tui_linreg.engine.step import Step
    from tui_linreg.engine.training.session import Session


Line = tuple[float, float]
"""The b and w of y = b + w x."""

_NAMES = ("from scratch", "torch.nn")
"""What the two sides of a run (0 and 1) are called."""
_KEYS = ("scratch", "torch")


class Verdicts(NamedTuple):
    """A run's verdicts."""

    counts: Counter[Verdict]
    """Steps by their worst verdict."""
    first: Step | None
    """The first step with a quantity that differs."""


def train(config: RunConfig, *, as_json: bool, plain: bool = False, student: str | None = None) -> None:
    """Train a whole run and print both logs and the comparison, or one JSON object, on stdout.

    Args:
        config: the run.
        as_json: whether to print the object.
        plain: whether to print sentences, for a screen reader.
        student: a file whose `update` replaces that of the from-scratch model.

    Raises:
        InputError: when the run is impossible, or the student's file fails; then nothing is printed.
    """
    with opened_session(config, student, plain=plain) as session:
        verdicts = _verdicts(session, plain)
    if as_json:
        report = _report(session, verdicts)
        print(json_text(report if student is None else report | {"student": student}))
        return
    if plain:
        lines = _original_lines(session) or _lines(session)
        say(train_sentences(session, verdicts, _agreements(session), lines))
        return
    for side in (1, 0):
        print(_NAMES[side])
        for losses in session.epoch_log(side):
            print(losses.line())
    print()
    for line in _comparison(session, verdicts):
        print(line)


def _verdicts(session: Session, plain: bool) -> Verdicts:
    """Train and judge every step."""
    counts: Counter[Verdict] = Counter()
    first: Step | None = None
    steps = session.schedule.steps
    with progress_bar("training", steps, plain=plain) as progress:
        pace = Pace(steps, progress)
        for step in session.walk():
            pace.stops(step.place.step)
            verdict = step.verdict
            counts[verdict] += 1
            if first is None and verdict is Verdict.DIFFERS:
                first = step
        pace.finish(steps)
    return Verdicts(counts, first)


def _report(session: Session, verdicts: Verdicts) -> dict[str, object]:
    """Return the object of `--json`."""
    used = {
        "train_size": session.dataset.n_train,
        "batch_size": session.schedule.batch_size,
        "device": str(session.device),
    }
    lines = _lines(session)
    report: dict[str, object] = {"config": session.config.as_json() | used, "computed_by": session.computed_by}
    for side in (1, 0):
        epochs = [{"epoch": e.epoch, "mse": e.mse, "mse_v": e.mse_v} for e in session.epoch_log(side)]
        report[_KEYS[side]] = {"epochs": epochs, **_named(lines[side])}
    report["mape"] = {key: value for key, _, value in _agreements(session)}
    report["verdicts"] = {verdict.word: verdicts.counts[verdict] for verdict in Verdict}
    report["first_difference"] = None if verdicts.first is None else verdicts.first.place.step
    if (original := _original_lines(session)) is not None:
        report["original_units"] = {_KEYS[side]: _named(original[side]) for side in (1, 0)}
    return report


def _comparison(session: Session, verdicts: Verdicts) -> Iterator[str]:
    """Yield the lines of the comparison table."""
    yield "modified MAPE of from scratch against torch.nn (a fraction, 0 is equality)"
    yield "  (the copy: before training, the from-scratch model takes b and w of torch.nn)"
    for _, words, value in _agreements(session):
        yield f"  {words:<29}{value:.6g}"
    yield ""
    where = f"{session.device}, {session.config.dtype}"
    count = f"{session.trained} step{'s' * (session.trained != 1)}"
    yield f"verdicts on {where}: {count}, each counted by the worst of its seven compared quantities"
    for verdict in Verdict:
        yield f"  {verdict.sign} {verdict.word:<27}{verdicts.counts[verdict]}"
    if verdicts.first is not None:
        yield _first_difference(verdicts.first)
    data, original = session.dataset, _original_lines(session)
    known = data.true_bias is not None and data.true_coefficient is not None
    true = (data.true_bias or 0.0, data.true_coefficient or 0.0) if known else None
    yield ""
    yield from _line_table("y = b + w x" + (", x and y standardized" if original else ""), _lines(session),
                           None if original else true)  # fmt: skip
    if original is not None:
        yield ""
        yield from _line_table("y = b + w x in the original units", original, true)


def _first_difference(step: Step) -> str:
    sign = Verdict.DIFFERS.sign
    wrong = [quantity.symbol for quantity in QUANTITIES if step.comparisons[quantity.key].verdict is Verdict.DIFFERS]
    why = f" ({ALL_TOGETHER})" if any(comparison.together for comparison in step.comparisons.values()) else ""
    return f"  first {sign} in step {step.place.step + 1}: {', '.join(wrong)}{why}"


def _line_table(title: str, lines: Sequence[Line], true: Line | None) -> Iterator[str]:
    rows = [(_NAMES[side], lines[side]) for side in (1, 0)]
    if true is not None:
        rows.append(("true", true))
    yield f"{title:<38}{'b':<22}w"
    for name, (b, w) in rows:
        yield f"  {name:<36}{b:<22.12g}{w:.12g}"


def _agreements(session: Session) -> list[tuple[str, str, float]]:
    """Return (key in JSON, words, modified MAPE) of each comparison between the models."""
    before, start, end = session.agreement_before_copy, session.agreement_at_start, session.agreement()
    return [
        ("predictions_before_copy", "predictions before the copy", before.predictions),
        ("predictions_after_copy", "predictions after the copy", start.predictions),
        ("loss_after_copy", "loss after the copy", start.loss),
        ("predictions", "predictions after training", end.predictions),
        ("b", "b after training", end.b),
        ("w", "w after training", end.w),
    ]


def _lines(session: Session) -> list[Line]:
    """Return the newest (b, w) of sides 0 and 1."""
    scratch, reference = session.timeline.states(session.trained)
    return [(scratch[0], scratch[1]), (reference[0], reference[1])]


def _original_lines(session: Session) -> list[Line] | None:
    """Return the newest (b, w) of both sides in the data's own units; None where those are what it trains on."""
    scaling = session.dataset.scaling
    return None if scaling is None else [scaling.to_original(*line) for line in _lines(session)]


def _named(line: Line) -> dict[str, float]:
    return {"b": line[0], "w": line[1]}


def trace(
    config: RunConfig, out: str | None, *, force: bool = False, verdicts: bool, student: str | None = None
) -> None:
    """Train a whole run, write its trace to `out`, and say so on stdout.

    Args:
        config: the run.
        out: the file's name, which ends in .csv or .jsonl; None: it was not given.
        force: whether a file that is there is replaced.
        verdicts: whether to add a verdict on each compared quantity.
        student: a file whose `update` replaces that of the from-scratch model.

    Raises:
        InputError: when the run is impossible, the file is missing or cannot be written, or the student's fails.
    """
    if out is None:
        raise InputError(f"--out: is missing; trace needs {ALLOWED}")
    check_trace_path(out)
    if config.data is not None and _same_file(out, config.data):
        raise InputError("--out: is the file that --data reads; the trace needs one of its own")
    if not force and os.path.lexists(out):
        raise InputError(f"--out: {quoted(out)} exists; --force replaces it")
    with opened_session(config, student) as session:
        steps = session.schedule.steps
        with progress_bar("writing", steps) as progress:
            write_trace(session, out, steps=steps, verdicts=verdicts, progress=progress)
    print(f"{steps} step{'s' * (steps != 1)} written to {quoted(out)}, counted from 0")


def _same_file(one: str, other: str) -> bool:
    with suppress(OSError, ValueError):
        return Path(one).samefile(other)
    return False
