"""How a learner's file stands over a whole run: each part, the first step that fails, and why. Loads torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType

from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.progress import Cancelled, Pace, Progress
from tui_linreg.engine.schedule import Place
from tui_linreg.engine.step import Step, Verdict
from tui_linreg.study.predict.known_error_values import Facts, facts_of
from tui_linreg.study.predict.known_errors import KnownError
from tui_linreg.study.student.answer import GIVES
from tui_linreg.study.student.code import StudentError
from tui_linreg.study.student.diagnosis import diagnose
from tui_linreg.study.student.fit_log import FitJudgement, judge_fit
from tui_linreg.study.student.local_check import NEEDS, side_of, wrong_by_itself
from tui_linreg.study.student.reasons import NOT_RETURNED
from tui_linreg.study.student.session import StudentSession

_PROBED = 3
"""Samples of the mini-batch that is tried besides those of the run: 2/m is then neither 1 nor 2."""
SYMBOLS = {quantity.key: quantity.symbol for quantity in QUANTITIES}


@dataclass(frozen=True, slots=True)
class Fault:
    """A quantity whose formula is wrong."""

    key: str
    """Of `engine.phases.QUANTITIES`."""
    step: int | None
    """The first step, from 0, where it is wrong; None: in no step of the run, but in a mini-batch of `m` samples."""
    m: int
    """Samples of that mini-batch."""
    errors: tuple[KnownError, ...] = ()
    """The known wrong formulas that give these numbers."""
    together: bool = False
    """Whether it is only off by a little in every step (`Comparison.together`)."""

    @property
    def where(self) -> str:
        """In which step it is wrong first, in words."""
        if self.step is None:
            return f"on a mini-batch of {self.m} samples, which this run does not have"
        return f"in step {self.step + 1}"


@dataclass(frozen=True, slots=True)
class RunJudgement:
    """How a learner's file stands over the steps of a run."""

    steps: int
    """Steps judged."""
    goal: int
    """Steps of the run."""
    absent: Mapping[str, str]
    """Why a quantity, or "fit", is not the file's own."""
    given: frozenset[str]
    """Quantities that are the program's own, since the file does without."""
    counts: Mapping[str, Mapping[Verdict, int]] = field(repr=False)
    """By quantity, how many steps have which verdict."""
    first: Mapping[str, int]
    """By quantity, the first step (from 0) that differs from torch's, of its own or as a consequence."""
    faults: tuple[Fault, ...]
    """In the order of the phases."""
    failure: StudentError | None = None
    """What ended it after `steps` steps."""
    fit: FitJudgement | None = None
    """None where the file has no `fit`, or the run changes its learning rate, which `fit` cannot."""

    @property
    def written(self) -> tuple[str, ...]:
        """The quantities that are the file's own."""
        return tuple(key for key in SYMBOLS if key not in self.absent and key not in self.given)

    @property
    def right(self) -> bool:
        """Whether nothing that is written is wrong."""
        return not self.faults and self.failure is None and (self.fit is None or not self.fit.wrong)

    @property
    def right_parts(self) -> frozenset[str]:
        """The parts that are written and right over the whole run."""
        return frozenset(part for part in GIVES if self.is_right(part))

    @property
    def right_quantities(self) -> frozenset[str]:
        """The quantities that are written and right over the whole run."""
        if self.failure is not None or self.steps < self.goal:
            return frozenset()
        return frozenset(self.written) - {fault.key for fault in self.faults}

    def is_right(self, part: str) -> bool:
        """Return whether a part ("predict", "mse_loss", "update", "fit") is written and right over the whole run."""
        if part == "fit":
            return self.failure is None and self.steps == self.goal and self.fit is not None and self.fit.right
        return set(GIVES[part]) <= self.right_quantities


def judge_run(
    session: StudentSession, *, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> RunJudgement:
    """Train a learner's session step by step to its end, and return how the file stands. Errors of its code are kept.

    Args:
        session: a new one.
        progress: called with (steps judged, steps of the run).
        cancelled: asked before each step whether to stop; what is judged so far is returned.

    Raises:
        InputError: when a step cannot be computed again with the same numbers.
    """
    goal, failure = session.schedule.steps, None
    counts = {key: Counter[Verdict]() for key in SYMBOLS}
    first: dict[str, int] = {}
    together: set[str] = set()
    wrong: dict[str, list[Step]] = {}
    pace = Pace(goal, progress)
    try:
        for step in session.walk(0, goal):
            pace.stops(step.place.step)
            for key, counter in counts.items():
                comparison = step.comparisons[key]
                counter[comparison.verdict] += 1
                if comparison.verdict is Verdict.DIFFERS and key not in first:
                    first[key] = step.place.step
                    together |= {key} if comparison.together else set()
            _collect(wrong, step, session)
            if cancelled is not None and cancelled():
                break
        pace.finish(session.trained)
        with suppress(StudentError):  # the run has no such mini-batch
            _collect(wrong, _probe(session), session)
    except StudentError as error:
        failure = error
    faults = tuple(_faults(session, wrong, first, together))
    changes = len(session.config.rates.lrs) > 1  # `fit` takes one learning rate
    fit = None if failure is not None or changes else judge_fit(session, waits=_not_right(session, faults))
    return RunJudgement(
        session.trained, goal, MappingProxyType(session.absent), session.given, MappingProxyType(counts),
        MappingProxyType(first), faults, failure, fit,
    )  # fmt: skip


def _collect(wrong: dict[str, list[Step]], step: Step, session: StudentSession) -> None:
    """Take note of a step whose formulas are wrong: of each quantity the first one, and one of another length."""
    left_out = session.absent.keys() | session.given
    for key in wrong_by_itself(step, left_out):
        seen = wrong.setdefault(key, [])
        if not seen or (len(seen) == 1 and seen[0].place.m != step.place.m):
            seen.append(step)


_NO_STEP = -1


def _probe(session: StudentSession) -> Step:
    """Return a step on a few samples with half the learning rate: what hides in a run whose batches are all alike."""
    data, m = session.dataset, min(_PROBED, session.dataset.n_train)
    x, y, lr = data.x_train[:m], data.y_train[:m], session.config.rates.at(0) / 2
    side = side_of(session.new_model(), x, y, lr, *session.timeline.states(0)[0][:2])
    place = Place(_NO_STEP, _NO_STEP, _NO_STEP, 0, m)
    return Step(place, lr, x, y, side, side, MappingProxyType({}), lambda start, stop: [])


def _faults(
    session: StudentSession, wrong: Mapping[str, list[Step]], first: Mapping[str, int], together: set[str]
) -> Iterator[Fault]:
    """Yield what is wrong by itself; where nothing is, or only later, what differs from torch first as well."""
    written = [key for key in SYMBOLS if key not in session.absent and key not in session.given]
    steps = [step.place.step for found in wrong.values() for step in found if step.place.step != _NO_STEP]
    earliest = min((first[key] for key in written if key in first), default=None)
    differing = None
    if earliest is not None and not any(step <= earliest for step in steps):
        differing = next(key for key in written if first.get(key) == earliest)
    for key in written:
        if key == differing and earliest is not None:
            yield Fault(key, earliest, session.schedule.place(earliest).m, together=key in together)
        elif key in wrong:
            of_run = [step for step in wrong[key] if step.place.step != _NO_STEP]
            at = (of_run or wrong[key])[0]
            yield Fault(key, at.place.step if of_run else None, at.place.m, _errors(session, key, wrong[key]))


def _errors(session: StudentSession, key: str, steps: list[Step]) -> tuple[KnownError, ...]:
    """Return the wrong formulas that explain a quantity in the steps where what it is computed from is right."""
    usable = [step for step in steps if set(NEEDS[key]).isdisjoint(wrong_by_itself(step))]
    written = [each for each in SYMBOLS if each not in session.absent]
    return diagnose([(step, _facts(session, step)) for step in usable], key, written) if usable else ()


def _facts(session: StudentSession, step: Step) -> Facts:
    at = step.place.step
    return Facts(session.schedule) if at == _NO_STEP else facts_of(session, at, mistaken=False)


def _not_right(session: StudentSession, faults: tuple[Fault, ...]) -> tuple[str, ...]:
    """Return the symbols of what `fit` needs and is not right yet."""
    keys = session.absent.keys() | {fault.key for fault in faults}
    reported = {key for key, why in session.absent.items() if why != NOT_RETURNED}
    return tuple(SYMBOLS[key] for key in SYMBOLS if key in keys and (key in reported or key not in session.absent))
