"""`report`: prints what the instruments say of a whole run. Importable without torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.cli.launch import opened_session, progress_bar
from tui_linreg.cli.plain import report_sentences, say
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.plain_text import json_text

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.epoch_losses import EpochRow
    from tui_linreg.engine.analysis.fixed_point import FixedPoint, Spot
    from tui_linreg.engine.analysis.gradient_check import GradientCheck
    from tui_linreg.engine.analysis.identity import Identity
    from tui_linreg.engine.analysis.learning_rate import LearningRate
    from tui_linreg.engine.training.session import Session

_MOST_EPOCHS = 24
"""Longer runs are printed with a gap in the middle; `--json` has all epochs."""


class Findings(NamedTuple):
    """What the instruments found in a trained run."""

    learning_rate: LearningRate
    edge: float | None
    """The least η that diverges with the run's mini-batches; None where there are too many to look for it."""
    start: Spot
    fixed_point: FixedPoint
    epochs: list[EpochRow]
    check: GradientCheck
    identity: Identity

    @property
    def shown_epochs(self) -> list[EpochRow | None]:
        """The epochs that are printed; None stands for those between."""
        half = _MOST_EPOCHS // 2
        whole = len(self.epochs) <= _MOST_EPOCHS
        return [*self.epochs] if whole else [*self.epochs[:half], None, *self.epochs[-half:]]


def report(config: RunConfig, *, as_json: bool, plain: bool = False, student: str | None = None) -> None:
    """Train a whole run and print what the instruments say of it, or one JSON object, on stdout.

    Args:
        config: the run.
        as_json: whether to print the object.
        plain: whether to print sentences, for a screen reader.
        student: a file whose `update` replaces that of the from-scratch model.

    Raises:
        InputError: when the run is impossible, or the student's file fails; then nothing is printed.
    """
    with opened_session(config, student, plain=plain) as session:
        findings = _findings(session, plain)
    if as_json:
        print(json_text({"computed_by": session.computed_by} | _object(findings)))
        return
    wrong_gradient = config.mistake is not None or student is not None
    if plain:
        say(report_sentences(session, findings, mistaken=wrong_gradient))
        return
    sections = (
        _learning_rate(findings, wrong_gradient),
        _fixed_point(session, findings),
        _epochs(findings),
        _check(findings.check),
        _identity(session, findings.identity),
    )
    print("\n\n".join("\n".join(section) for section in sections))


def _findings(session: Session, plain: bool) -> Findings:
    from tui_linreg.engine.analysis.fixed_point import Spot
    from tui_linreg.engine.analysis.identity import count_identity
    from tui_linreg.engine.analysis.instruments import Instruments

    instruments, steps = Instruments(session), session.schedule.steps
    with progress_bar("training", steps, plain=plain) as progress:
        identity = count_identity(session, steps, progress=progress)
    start, (b, w) = (session.timeline.states(step)[0][:2] for step in (0, steps))
    return Findings(
        instruments.learning_rate(steps - 1),
        instruments.edge(),
        Spot.of(instruments.whole, *start),
        instruments.fixed_point(b, w, steps - 1),
        instruments.epoch_rows(0, session.schedule.epochs),
        instruments.gradient_check(session.step(session.trained - 1)),
        identity,
    )


def _object(findings: Findings) -> dict[str, object]:
    """Return what the object of `--json` says of the run."""
    return {
        "learning_rate": {**findings.learning_rate.as_json(), "eta_edge": findings.edge},
        "start": findings.start.as_json(),
        "landing": findings.fixed_point.as_json(),
        "epoch_loss": [row.as_json() for row in findings.epochs],
        "gradient_check": findings.check.as_json(),
        "identity": {"steps": findings.identity.steps, **findings.identity.same},
    }


def _learning_rate(findings: Findings, mistaken: bool) -> Iterator[str]:
    rate = findings.learning_rate
    yield "learning rate"
    for name, value in (
        ("η", rate.lr),
        ("edge, these batches", findings.edge),
        ("η_max, full batch", rate.eta_max),
        ("best fixed η, full batch", rate.eta_best),
        ("condition number", rate.condition_number),
        ("spectral radius of an epoch", rate.spectral_radius),
    ):
        yield f"  {name:<29}{'too many batches to look for it' if value is None else f'{value:.8g}'}"
    yield from (f"  {sentence}" for sentence in rate.sentences)
    if mistaken:
        yield "  (of the correct gradient, as torch.nn has it; another one may lead elsewhere)"


def _fixed_point(session: Session, findings: Findings) -> Iterator[str]:
    found = findings.fixed_point
    yield f"{'where it lands':<31}{'b':<18}{'w':<18}{'train loss':<16}above the lowest"
    spots = [("start", findings.start), ("least squares", found.least_squares), ("fixed point", found.spot),
             ("after the run", found.current)]  # fmt: skip
    for name, spot in spots:
        if spot is not None:
            yield f"  {name:<29}{spot.b:<18.10g}{spot.w:<18.10g}{spot.loss:<16.8g}{spot.above:.6g}"
    data = session.dataset
    if data.true_bias is not None and data.true_coefficient is not None and data.scaling is None:
        yield f"  {'true':<29}{data.true_bias:<18.10g}{data.true_coefficient:.10g}"
    if found.spot is not None:
        yield f"  {'distance to the fixed point':<29}{found.current.distance(found.spot):.8g}"
    if note := findings.learning_rate.stretch.note:
        yield f"  {note}"
    if found.note:
        yield f"  {found.note}"


def _epochs(findings: Findings) -> Iterator[str]:
    rows, shown = findings.epochs, findings.shown_epochs
    yield f"{'epoch losses':<15}{'notebook':<16}{'weighted':<16}{'at the end':<16}validation"
    for row in shown:
        if row is None:
            yield f"  … {len(rows) - len(shown) + 1} more; --json has all"
        else:
            yield f"  {row.epoch + 1:<13}{row.notebook:<16.8g}{row.weighted:<16.8g}{row.end:<16.8g}{row.valid:.8g}"
    yield from (f"  last epoch, {why}" for why in (rows[-1].why if rows else ()))


def _check(check: GradientCheck) -> Iterator[str]:
    yield f"{f'gradient check, step {check.step + 1}':<31}{'by hand':<24}{'autograd':<24}{'central difference':<24}"
    for name, gradient in (("∂L/∂b", check.b), ("∂L/∂w", check.w)):
        values = "".join(f"{value:<24.15g}" for value in (gradient.hand, gradient.autograd, gradient.central))
        yield f"  {name:<29}{values}{gradient.band.value}"
    if check.asked_again:
        yield "  the models have parted: autograd was asked at the hand-written model's parameters"


def _identity(session: Session, identity: Identity) -> Iterator[str]:
    where = f"{session.config.arithmetic} arithmetic, {session.device}, {session.config.dtype}"
    yield f"steps of {identity.steps} that are the same to the last bit ({where})"
    for quantity in QUANTITIES:
        yield f"  {quantity.symbol:<29}{identity.same[quantity.key]}"
    yield f"  {'all of them':<29}{identity.whole}"
    if identity.first is not None:
        first = identity.first
        ours, theirs = (bits.hex for bits in first.bits)
        symbol = next(quantity.symbol for quantity in QUANTITIES if quantity.key == first.key)
        row = "" if first.row is None else f", row {first.row + 1} of the batch"
        yield f"  first difference: step {first.step + 1}, {symbol}{row}: {ours} from scratch, {theirs} torch.nn"
