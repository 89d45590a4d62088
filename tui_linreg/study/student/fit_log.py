"""The log that a learner's `fit` prints, line by line beside that of the torch model. Loads torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from tui_linreg.engine.errors import printable
from tui_linreg.engine.models.metrics import EpochLosses
from tui_linreg.study.student.code import StudentError
from tui_linreg.study.student.fit_slips import of_train, of_validation
from tui_linreg.study.student.output import FIT
from tui_linreg.study.student.reasons import NOT_WRITTEN
from tui_linreg.study.student.session import StudentSession

_MOST_EPOCHS = 64
"""Of a long run so many are done by `fit`: their lines are the first of all."""
_LARGEST = 1e30
"""Once a run diverges, losses with more digits are not compared: a log may print hundreds of them."""
_LINE = re.compile(r"epoch: (?P<epoch>\d{1,9}) - MSE: (?P<mse>\S{1,40}) - MSE_v: (?P<mse_v>\S{1,40})\s*")
_LAST_PLACE = 1.01e-4
"""Two numbers rounded to 4 places may be so far apart by rounding alone."""


@dataclass(frozen=True, slots=True)
class FitJudgement:
    """What became of `fit`."""

    right: bool
    lines: int
    """Lines compared that are those of torch."""
    what: str
    """One line: what differs first, or what it waits for; empty where it is right."""
    wrong: bool
    """Whether something differs; False also where it is not judged."""


def judge_fit(session: StudentSession, waits: Sequence[str]) -> FitJudgement | None:
    """Run the learner's `fit` from the start of the run and compare its log; None where the file has none.

    Args:
        session: trained to its end.
        waits: what of the model is not right yet: then `fit` is not judged.
    """
    if "fit" not in session.model.holds:
        return None
    log = [] if waits else session.epoch_log(1, 0, min(_MOST_EPOCHS, session.config.epochs))
    reference = [*takewhile(lambda losses: losses.mse < _LARGEST and losses.mse_v < _LARGEST, log)] or list(log[:1])
    data = session.dataset
    model = session.new_model()
    for parameter, value in zip((model.b, model.w), session.timeline.states(0)[0], strict=False):
        parameter.fill_(value)
    try:
        # Of no epoch where there is nothing to compare with: that still tells whether it is written.
        text = model.fit_log(
            data.x_train, data.y_train, data.x_valid, data.y_valid,
            epochs=len(reference), lr=session.config.rates.at(0), batch_size=session.schedule.batch_size,
        )  # fmt: skip
    except StudentError as error:
        if not reference:
            return _waiting(waits)
        session.printed.put(FIT, model.printed)
        return FitJudgement(False, 0, printable(error, 400), True)
    if text is None:
        session.model.absent |= model.absent
        return FitJudgement(False, 0, NOT_WRITTEN, False)
    if not reference:
        return _waiting(waits)
    judgement = _compare(session, text, reference)
    if not judgement.right:  # a log that is right says nothing new
        session.printed.put(FIT, model.printed)
    return judgement


def _waiting(waits: Sequence[str]) -> FitJudgement:
    until = f"these are right: {', '.join(waits)}" if waits else "an epoch is finished"
    return FitJudgement(False, 0, f"judged when {until}", False)


def _compare(session: StudentSession, text: str, reference: Sequence[EpochLosses]) -> FitJudgement:
    printed = [line for line in text.splitlines() if line.lstrip().startswith("epoch")]
    share = 1e-9 if session.config.dtype == "float64" else 1e-4
    for number, losses in enumerate(reference):
        wanted = losses.line()
        if number == len(printed):
            said = f"prints {number} lines of the log, {len(reference)} are needed: {wanted}"
            return FitJudgement(False, number, said, True)
        line = printed[number]
        if line != wanted and (why := _wrong(session, line, losses, share)):
            return FitJudgement(False, number, f"line {number + 1} of its log{why}; torch's is {wanted}", True)
    if len(printed) > len(reference):
        said = f"prints {len(printed)} lines of the log, {len(reference)} are needed"
        return FitJudgement(False, len(reference), said, True)
    return FitJudgement(True, len(reference), "", False)


def _wrong(session: StudentSession, line: str, losses: EpochLosses, share: float) -> str:
    """Return what goes on "line 1 of its log"; empty where it has these losses, but for rounding."""
    shown = f" is {printable(line, 80)}"
    match = _LINE.fullmatch(line)
    try:
        given = None if match is None else (int(match["epoch"]), float(match["mse"]), float(match["mse_v"]))
    except ValueError:
        given = None
    if given is None:
        return shown
    epoch, mse, mse_v = given
    if epoch != losses.epoch:
        return f": the epochs count from 0, this one is {epoch}" if epoch == losses.epoch + 1 else shown
    for number, wanted, slips in ((mse, losses.mse, of_train), (mse_v, losses.mse_v, of_validation)):
        if not _alike(number, wanted, share):
            found = (f": {slip.why}" for slip in slips(session, epoch) if _alike(number, slip.value, share))
            return next(found, shown)
    return ""


def _alike(number: float, wanted: float, share: float) -> bool:
    return number == wanted or abs(number - wanted) <= _LAST_PLACE + share * abs(wanted)
