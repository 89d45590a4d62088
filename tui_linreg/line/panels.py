"""What the instruments say, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tui_linreg.engine.analysis.epoch_losses import EpochRow
from tui_linreg.engine.analysis.fixed_point import FixedPoint, Spot
from tui_linreg.engine.analysis.gradient_check import GradientCheck, Witnesses
from tui_linreg.engine.analysis.learning_rate import LearningRate
from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.verdicts.bits import differing_bits, float_bits
from tui_linreg.line.beside import differences
from tui_linreg.line.facts import NAMES, value_of
from tui_linreg.line.state import State
from tui_linreg.line.words import HIDDEN, MOST_DIGITS, count, number, sentence, spoken

_PARAMETERS = frozenset({"b", "w", "b_before", "w_before"})
_EPOCHS = 3
"""The newest finished epochs that are told."""


class LinePanel(NamedTuple):
    """An instrument that can be told."""

    name: str
    """As a lesson's tasks call it."""
    tell: Callable[[State], Iterator[str]]
    hidden_by: frozenset[str] = frozenset()
    """The quantities of which one that is hidden leaves nothing to tell."""

    @property
    def spoken(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ")


def learning_rate_lines(rate: LearningRate, edge: float | None, digits: int) -> Iterator[str]:
    """Yield what a learning rate does."""
    for name, value in (
        ("Learning rate", rate.lr),
        ("Edge, the smallest that diverges with these batches", edge),
        ("Largest stable one of the full batch", rate.eta_max),
        ("Best fixed one of the full batch", rate.eta_best),
        ("Condition number", rate.condition_number),
        ("Spectral radius of an epoch", rate.spectral_radius),
    ):
        yield f"{name}: {'too many batches to look for it' if value is None else number(value, digits)}."
    for each in rate.sentences:
        yield sentence(spoken(each))


def spot_line(name: str, spot: Spot, digits: int) -> str:
    """Return a place of b and w with its loss."""
    values = [number(value, digits) for value in (spot.b, spot.w, spot.loss, spot.above)]
    return f"{name}: b is {values[0]}, w is {values[1]}, loss is {values[2]}, above the lowest by {values[3]}."


def landing_lines(found: FixedPoint, digits: int) -> Iterator[str]:
    """Yield where a run lands."""
    yield spot_line("Least squares", found.least_squares, digits)
    if found.spot is not None:
        yield spot_line("Fixed point", found.spot, digits)
    yield spot_line("Here", found.current, digits)
    if found.spot is not None:
        yield f"Distance to the fixed point: {number(found.current.distance(found.spot), digits)}."
    if found.note:
        yield sentence(spoken(found.note))


def epoch_lines(row: EpochRow, digits: int) -> Iterator[str]:
    """Yield the four losses of an epoch."""
    texts = [number(value, digits) for value in (row.notebook, row.weighted, row.end, row.valid)]
    names = ("mean of the batches", "weighted by samples", "at its end", "validation")
    for name, text in zip(names, texts, strict=True):
        yield f"Epoch {row.epoch + 1}, {name}: {text}."


def check_lines(name: str, found: Witnesses, digits: int, single: bool) -> Iterator[str]:
    """Yield the three witnesses of a gradient, and what they say."""
    for witness, value in (
        ("by hand", found.hand), ("autograd", found.autograd), ("central difference", found.central)
    ):  # fmt: skip
        yield f"{name}, {witness}: {number(value, digits, single)}."
    yield f"{name}, by hand it is: {spoken(found.band.value)}."


def checks(check: GradientCheck, digits: int, single: bool) -> Iterator[str]:
    """Yield the gradient check of a step."""
    yield from check_lines("Gradient of b", check.b, digits, single)
    yield from check_lines("Gradient of w", check.w, digits, single)
    if check.asked_again:
        yield "The models have parted: autograd was asked at the hand-written model's b and w."


def _learning_rate(state: State) -> Iterator[str]:
    run = state.run
    rate = run.instruments.learning_rate(run.at.step)
    yield from learning_rate_lines(rate, run.instruments.edge(), state.digits)


def _landing(state: State) -> Iterator[str]:
    run = state.run
    yield from landing_lines(run.instruments.fixed_point(*state.place, run.at.step), state.digits)


def _epoch_losses(state: State) -> Iterator[str]:
    done = state.history.epochs
    if not done:
        yield "No epoch is finished yet."
    if state.level is not None:
        for both in state.run.instruments.both_losses(done - _EPOCHS, done):
            for model, each in zip(("hand-written", "torch"), both, strict=True):
                values = number(each.mse, state.digits), number(each.mse_v, state.digits)
                yield f"Epoch {each.epoch + 1}, {model}: mean is {values[0]}, validation is {values[1]}."
        return
    rows = state.run.instruments.epoch_rows(done - _EPOCHS, done)
    for row in rows:
        yield from epoch_lines(row, state.digits)
    for why in rows[-1].why if rows else ():
        yield sentence(spoken(why))


def _gradient_check(state: State) -> Iterator[str]:
    run, seen = state.run, state.seen
    check = run.instruments.gradient_check(run.step)
    for key, phase, found in (
        ("grad_b", Phase.BIAS_GRADIENT, check.b), ("grad_w", Phase.WEIGHT_GRADIENT, check.w)
    ):  # fmt: skip
        if seen.hides(key):
            yield f"{NAMES[key]}: {HIDDEN}."
        elif run.at.phase < phase:
            yield f"{NAMES[key]}: not computed yet, that is phase {phase:d}."
        else:
            yield from check_lines(NAMES[key], found, state.digits, run.single)
    if check.asked_again and run.at.phase >= Phase.BIAS_GRADIENT:
        yield "The models have parted: autograd was asked at the hand-written model's b and w."


def _bits(state: State) -> Iterator[str]:
    run, step = state.run, state.run.step
    wanted = [q for q in QUANTITIES if q.phase <= run.at.phase]
    if not wanted:
        yield "Nothing computed yet: phase 2, predict, computes the first numbers."
        return
    for quantity in [q for q in wanted if q.phase is wanted[-1].phase]:
        name, sides = NAMES[quantity.key], (step.scratch, step.torch)
        if state.seen.hides(quantity.key):
            yield f"{name}: {HIDDEN}."
            continue
        if quantity.vector:
            ours, theirs = (getattr(side, quantity.key) for side in sides)
            row = int((ours - theirs).abs().argmax())
            name, pair = f"{name} of row {row + 1}", (float(ours[row]), float(theirs[row]))
        else:
            pair = value_of(sides[0], quantity.key), value_of(sides[1], quantity.key)
        for model, each in zip(("hand-written", "torch"), pair, strict=True):
            yield f"{name}, {model}: {number(each, MOST_DIGITS, run.single)}."
        for model, each in zip(("hand-written", "torch"), pair, strict=True):
            yield f"{name}, {model}, in base 16: {float_bits(each, run.single).hex[2:]}."
        differ = differing_bits(*pair, run.single)
        where = f", the first is bit {differ.index(True) + 1}" if any(differ) else ""
        yield f"{name}: {count(sum(differ), 'bit')} of {len(differ)} differ{'s' * (sum(differ) == 1)}{where}."


def _graph(state: State) -> Iterator[str]:
    from tui_linreg.study.graph import graph_of

    run, seen, start = state.run, state.seen, state.run.step.place.start
    for node in graph_of(run.step, None).nodes.values():
        name = {"y": "target", "loss": "loss", "e": "prediction minus target", "square": "its square"}.get(
            node.key, spoken(node.name)
        )
        for what, told in ((name, node.forward), (f"derivative of the loss by {name}", node.slope)):
            if told is None or told.phase > run.at.phase:
                continue
            text = HIDDEN if seen.hides(*told.told_by) else spoken(told.text) or number(told.value, state.digits)
            first = "" if told.length is None or told.text else f", row 1 of {told.length}"
            yield sentence(spoken(f"{what}{first}: {text}", first_row=start))


def _runs(state: State) -> Iterator[str]:
    if state.secret:
        yield "Runs are kept, and compared, after you have decided."
    elif not state.run.kept:
        yield "No run is kept: keep keeps this one."
    yield from differences(state)


PANELS = (
    LinePanel("learning_rate", _learning_rate),
    LinePanel("landing", _landing, _PARAMETERS),
    LinePanel("epoch_losses", _epoch_losses, frozenset({"loss", "b", "w"})),
    LinePanel("gradient_check", _gradient_check),
    LinePanel("bits", _bits),
    LinePanel("runs", _runs),
    LinePanel("graph", _graph),
)


def panel(state: State, rest: str) -> Iterator[str]:
    """Tell what an instrument says, by its name."""
    wanted = rest.replace("_", " ").casefold()
    found = next((each for each in PANELS if wanted and each.spoken.startswith(wanted)), None)
    if found is None:
        raise InputError(f"panel {quoted(rest)}: allowed is {', '.join(each.spoken for each in PANELS)}")
    if state.level is not None and (found.name != "epoch_losses" or state.level.curve_alone):
        raise InputError("hidden at this level: chart loss tells what is seen")
    if not state.blanks.isdisjoint(found.hidden_by):
        yield f"Panel {found.spoken}: hidden until it is answered."
        return
    state.panel = found.name
    yield f"Panel {found.spoken}."
    yield from found.tell(state)
