"""What the charts show, in sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.history import Curve
from tui_linreg.line.state import State
from tui_linreg.line.words import count, number, spoken

_PARAMETERS = frozenset({"b", "w", "b_before", "w_before"})


class LineChart(NamedTuple):
    """A chart that can be told."""

    number: int
    """As in the app."""
    name: str
    tell: Callable[[State], Iterator[str]]
    hidden_by: frozenset[str] = frozenset()
    """The quantities of which one that is hidden leaves nothing to tell."""


def course(name: str, curve: Curve, digits: int, unit: str = "step", first: int = 1) -> str:
    """Return in one sentence how a curve goes: "Loss: falls from 1206 to 178, lowest at step 64".

    Args:
        name: what it is of.
        curve: its points, in their order.
        digits: of the numbers.
        unit: what its points are counted in.
        first: what the point 0 is called.
    """
    at, values = curve
    if not len(values):
        return f"{name}: nothing computed yet."
    finite = np.flatnonzero(np.isfinite(values))
    if not len(finite):
        return f"{name}: no finite value."
    values, at, broken = values[finite], at[finite], len(finite) < len(curve.values)
    end, low, high = len(values) - 1, int(values.argmin()), int(values.argmax())
    texts = [number(float(values[i]), digits) for i in (0, end)]
    if end == 0:
        said = f"{texts[0]} at {unit} {at[0] + first}"
    elif values[low] == values[high]:
        said = f"stays at {texts[0]} from {unit} {at[0] + first} to {at[end] + first}"
    else:
        way = "falls" if values[end] < values[0] else "rises" if values[end] > values[0] else "goes"
        said = f"{way} from {texts[0]} to {texts[1]}"
        ends = ((low, "lowest"), (high, "highest"))
        extremes = [(i, word) for i, word in ends if not (i == 0 or (i == end and word == "highest"))]
        for i, word in extremes:
            amount = "" if i == end else f", with {number(float(values[i]), digits)}"
            said += f", {word} at {unit} {at[i] + first}{amount}"
    return f"{name}: {said}{', then no longer finite' if broken else ''}."


def _fit(state: State) -> Iterator[str]:
    told, phase = state.told, state.run.at.phase
    step = told.step
    if told.seen.hides("b_before", "w_before"):
        yield "Line before the update: hidden until it is answered."
    else:
        side = step.scratch
        yield f"Line before the update: {_line(state, side.b_before, side.w_before)}."
        if phase >= Phase.PREDICT and not told.seen.hides("y_pred"):
            yield from _sides(state)
    if phase is Phase.UPDATE and not told.seen.hides("b", "w"):
        yield f"Line after the update: {_line(state, step.scratch.b_after, step.scratch.w_after)}."
    yield from list(told.phase(Phase.BATCH))[1:]


def _line(state: State, b: float, w: float) -> str:
    one, other = (number(value, state.digits, state.run.single) for value in (b, w))
    return f"prediction is {one} plus {other} times x"


def _sides(state: State) -> Iterator[str]:
    residual = state.run.step.residual
    above, below = int((residual < 0).sum()), int((residual > 0).sum())
    yield f"Samples above the line: {above}, below it: {below}."


def _residuals(state: State) -> Iterator[str]:
    if state.run.at.phase < Phase.LOSS:
        yield "Prediction minus target: computed in phase 3, loss."
        return
    residual = state.run.step.residual
    values = [number(float(value), state.digits, state.run.single) for value in (residual.min(), residual.max())]
    yield f"Prediction minus target: from {values[0]} to {values[1]}."
    yield from _sides(state)
    row = int(residual.abs().argmax())
    yield f"Farthest: row {row + 1}, {number(float(residual[row]), state.digits, state.run.single)}."


def _loss(state: State) -> Iterator[str]:
    history, level = state.history, state.level
    if level is None or level.curve_alone:
        yield course("Loss", history.losses, state.digits)
    if level is None:
        yield course("Mean of an epoch's batch losses", history.epoch_means, state.digits, "epoch")
        yield course("Validation loss", history.valid, state.digits, "epoch")
    elif not level.curve_alone:
        rows = state.run.instruments.both_losses(0, history.epochs)
        for side, model in enumerate(("hand-written", "torch")):
            for name, key in (("Mean of an epoch's batch losses", "mse"), ("Validation loss", "mse_v")):
                values = np.array([getattr(row[side], key) for row in rows])
                yield course(f"{name}, {model}", Curve(np.arange(len(values)), values), state.digits, "epoch")


def _parameters(state: State) -> Iterator[str]:
    history = state.history
    yield course("Gradient of b", history.bias_gradients, state.digits)
    yield course("Gradient of w", history.weight_gradients, state.digits)
    yield course("b", history.biases, state.digits, "update", 0)
    yield course("w", history.weights, state.digits, "update", 0)


def _surface(state: State) -> Iterator[str]:
    history, whole, digits = state.history, state.run.instruments.whole, state.digits
    b, w = history.path
    here, ends = state.place, ((float(b[0]), float(w[0])), state.place)
    losses = [float(whole.at(*end)) for end in ends]
    yield f"Loss of all train samples at the start: {number(losses[0], digits)}."
    yield f"Loss of all train samples here: {number(losses[1], digits)}."
    yield f"Here: b is {number(here[0], digits)}, w is {number(here[1], digits)}."
    yield f"Lowest: loss is {number(whole.loss, digits)}."
    yield f"Lowest, at: b is {number(whole.b, digits)}, w is {number(whole.w, digits)}."
    distances = [math.hypot(end[0] - whole.b, end[1] - whole.w) for end in ends]
    yield f"Distance to the lowest: {number(distances[0], digits)} at the start, {number(distances[1], digits)} here."


def _radius(state: State) -> Iterator[str]:
    run, digits = state.run, state.digits
    rate, radii = run.instruments.learning_rate(run.at.step), run.instruments.radii(run.at.step)
    yield f"Learning rate: {number(rate.lr, digits)}."
    yield f"An epoch multiplies the distance, in the long run, by: {number(rate.spectral_radius, digits)}."
    best = int(radii.log_radii.argmin())
    factor = number(math.exp(float(radii.log_radii[best])), digits)
    yield f"Lowest: {factor}, at learning rate {number(float(radii.rates[best]), digits)}."
    yield f"The factor reaches 1, and the run diverges, from learning rate: {number(radii.edge, digits)}."


def _differences(state: State) -> Iterator[str]:
    sweep, digits = state.run.instruments.sweep(state.run.step), state.digits
    for (dtype, parameter), curves in sweep.curves.items():
        for name, errors in (("forward", curves.forward), ("central", curves.central)):
            finite = np.where(np.isfinite(errors), errors, np.inf)
            best = int(finite.argmin())
            if math.isfinite(finite[best]):
                yield (
                    f"Gradient of {parameter}, {dtype}, {name} difference: least error {number(float(finite[best]), 2)}"
                    f", at h {number(float(sweep.h[best]), digits)}."
                )


def _autograd(state: State) -> Iterator[str]:
    run, seen = state.run, state.seen
    hides = {"L": "loss", "ŷ": "dloss_dpred", "b": "grad_b", "w": "grad_w"}
    graph = run.instruments.autograd_graph(run.step)
    yield f"Nodes, from the loss back: {len(graph.nodes)}."
    for place, node in enumerate(graph.nodes, 1):
        text = f"Node {place}: {node.name}"
        if node.of:
            text += f", of {spoken(node.of)}"
        known = not seen.blanks and run.at.phase >= Phase.WEIGHT_GRADIENT and hides.get(node.of) not in seen.blanks
        if known and node.gradient is not None and node.gradient.numel() == 1:
            text += f", given {number(float(node.gradient), state.digits, run.single)}"
        following = [str(each + 1) for each in node.inputs if each is not None]
        text += f", hands on to {' and '.join(following)}" if following else ""
        yield f"{text}."
    yield f"Reached: {count(len([node for node in graph.nodes if node.of in ('b', 'w')]), 'parameter')}."


CHARTS = (
    LineChart(1, "fit", _fit),
    LineChart(2, "loss", _loss),
    LineChart(3, "residuals", _residuals, frozenset({"residual"})),
    LineChart(4, "parameters", _parameters),
    LineChart(5, "surface", _surface, _PARAMETERS),
    LineChart(6, "radius", _radius),
    LineChart(7, "differences", _differences),
    LineChart(8, "autograd", _autograd),
)


def chart(state: State, rest: str) -> Iterator[str]:
    """Tell what a chart shows, by its number or name."""
    names: Sequence[str] = [f"{each.number} {each.name}" for each in CHARTS]
    wanted = rest.casefold()
    found = next((c for c in CHARTS if wanted and (wanted == str(c.number) or c.name.startswith(wanted))), None)
    if found is None:  # a plural, such as losses
        found = next((c for c in CHARTS if wanted in (f"{c.name}es", f"{c.name}s")), None)
    if found is None:
        raise InputError(f"chart {quoted(rest)}: allowed is {', '.join(names)}")
    if state.level is not None and found.name != "loss":
        raise InputError("hidden at this level: chart loss tells what is seen")
    if not state.blanks.isdisjoint(found.hidden_by):
        yield f"Chart {found.number}, {found.name}: hidden until it is answered."
        return
    state.charts = (*[each for each in state.charts if each != found.number][-1:], found.number)
    yield f"Chart {found.number}, {found.name}."
    yield from found.tell(state)
