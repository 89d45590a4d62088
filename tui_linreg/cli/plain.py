"""`--plain`: what `train`, `report` and `student --check` print, in sentences for a screen reader. Loads no torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.step import ALL_TOGETHER, Verdict
from tui_linreg.line.facts import NAMES
from tui_linreg.line.words import DIGITS, count, lines_of, number, sentence, spoken

if TYPE_CHECKING:
    from tui_linreg.cli.report import Findings
    from tui_linreg.cli.train import Line, Verdicts
    from tui_linreg.engine.step import Step
    from tui_linreg.engine.training.session import Session
    from tui_linreg.study.student.judged import RunJudgement

_MODELS = ("Hand-written", "torch")


def say(sentences: Iterator[str]) -> None:
    """Print sentences in lines of at most 80 characters."""
    for line in lines_of(sentences):
        print(line)


def train_sentences(
    session: Session, verdicts: Verdicts, agreements: Sequence[tuple[str, str, float]], lines: Sequence[Line]
) -> Iterator[str]:
    """Yield the epochs of both models and how far they agree; epochs count from 1.

    Args:
        session: the run, trained.
        verdicts: its verdicts.
        agreements: (key, words, modified MAPE) of each comparison.
        lines: the newest b and w of both models, in the data's own units.
    """
    for side in (1, 0):
        for epoch in session.epoch_log(side):
            losses = f"loss is {number(epoch.mse)}, validation is {number(epoch.mse_v)}"
            yield f"{_MODELS[side]}, epoch {epoch.epoch + 1}: {losses}."
    yield "The copy: before training, the hand-written model takes b and w of torch."
    yield "The errors are modified MAPE, a fraction: 0 is equality."
    for _, words, value in agreements:
        yield f"Error of hand-written against torch, {words}: {number(value)}."
    yield from _verdicts(session.trained, verdicts.counts)
    if verdicts.first is not None:
        yield _first(verdicts.first)
    for side in (1, 0):
        b, w = (number(value) for value in lines[side])
        yield f"{_MODELS[side]}: b is {b}, w is {w}."
    data = session.dataset
    if data.true_bias is not None and data.true_coefficient is not None:
        yield f"True line: b is {number(data.true_bias)}, w is {number(data.true_coefficient)}."


def _verdicts(steps: int, counts: Counter[Verdict]) -> Iterator[str]:
    yield f"Verdicts: {count(steps, 'step')}, each by the worst of its seven quantities."
    for verdict in Verdict:
        yield f"{verdict.word.capitalize()}: {count(counts[verdict], 'step')}."


def _first(step: Step) -> str:
    wrong = [NAMES[q.key].lower() for q in QUANTITIES if step.comparisons[q.key].verdict is Verdict.DIFFERS]
    why = f": {ALL_TOGETHER}" if any(comparison.together for comparison in step.comparisons.values()) else ""
    return f"First to differ, in step {step.place.step + 1}: {', '.join(wrong)}{why}."


def report_sentences(session: Session, findings: Findings, *, mistaken: bool) -> Iterator[str]:
    """Yield what the instruments say of a whole run."""
    # Here, since these load numpy, which `--help` must not wait for.
    from tui_linreg.line.panels import checks, epoch_lines, landing_lines, learning_rate_lines, spot_line

    single = session.config.dtype == "float32"
    yield from learning_rate_lines(findings.learning_rate, findings.edge, DIGITS)
    if mistaken:
        yield "That is of the correct gradient, as torch has it; another one may lead elsewhere."
    yield spot_line("Start", findings.start, DIGITS)
    yield from landing_lines(findings.fixed_point, DIGITS)
    for row in findings.shown_epochs:
        if row is None:
            yield f"{len(findings.epochs) - len(findings.shown_epochs) + 1} more epochs: --json has all."
        else:
            yield from epoch_lines(row, DIGITS)
    for why in findings.epochs[-1].why if findings.epochs else ():
        yield sentence(f"Last epoch, {spoken(why)}")
    yield f"Gradient check of step {findings.check.step + 1}."
    yield from checks(findings.check, DIGITS, single)
    identity = findings.identity
    for quantity in QUANTITIES:
        same = identity.same[quantity.key]
        yield f"{NAMES[quantity.key]}, the same to the last bit: {same} of {count(identity.steps, 'step')}."
    yield f"All quantities, the same to the last bit: {identity.whole} of {count(identity.steps, 'step')}."
    if identity.first is not None:
        first = identity.first
        of = "" if first.row is None else f", row {first.row + 1}"
        yield f"First difference: step {first.step + 1}, {NAMES[first.key].lower()}{of}."


def check_sentences(judgement: RunJudgement) -> Iterator[str]:
    """Yield how each quantity of a learner's file was judged, what is wrong with it, and how it stands."""
    steps = count(judgement.steps, "step")
    for quantity in QUANTITIES:
        name = NAMES[quantity.key]
        if quantity.key in judgement.absent:
            yield f"{name}: {judgement.absent[quantity.key]}."
        elif quantity.key in judgement.given:
            yield f"{name}: the program's own."
        else:
            found = judgement.counts[quantity.key]
            counts = ", ".join(f"{verdict.word} {found.get(verdict, 0)}" for verdict in Verdict)
            at = judgement.first.get(quantity.key)
            yield f"{name}: {counts}{'' if at is None else f', first differs in step {at + 1}'}."
    if (fit := judgement.fit) is not None:
        said = f"its {count(fit.lines, 'line')} are those of torch" if fit.right else spoken(fit.what)
        yield sentence(f"{'Not right: fit' if fit.wrong else 'Fit'}: {said}")
    for fault in judgement.faults:
        known = " ".join(spoken(error.title) for error in fault.errors[:1])
        yield f"Not right: {NAMES[fault.key].lower()}, {fault.where}.{f' It looks as if: {known}.' if known else ''}"
        if fault.together:
            yield f"It is off by a little in every step: {ALL_TOGETHER}."
    if judgement.right and not judgement.absent:
        yield f"Right: every number of {steps} agrees with torch, but for rounding."
