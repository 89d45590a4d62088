"""Moving the line by hand: b and w are typed, and the loss and both gradients follow."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.phases import Phase
from tui_linreg.line import beside
from tui_linreg.line.run import LineRun, Spot
from tui_linreg.line.state import State
from tui_linreg.line.words import count, number

if TYPE_CHECKING:
    from tui_linreg.engine.step import Step

_MOST_SAMPLES = 1_000_000
"""Of more train samples a move would take long: then only those of the mini-batch are taken."""
_MOST_STEPS = 1000
_NUMBER = r"[0-9]*\.?[0-9]+(?:e[-+]?[0-9]+)?"
_MOVE = re.compile(rf"(?P<set>to |is |= ?)?(?P<sign>[-−+]|minus |plus )?\s*(?P<size>{_NUMBER})")
_WORDS = (
    "Say b or w and a number to set it, such as b 0.5.",
    "With plus or minus before the number it moves: w plus 2, b minus 0.1.",
    "Below zero: b to minus 2.",
    "descend: the step that gradient descent takes; descend 5 takes five.",
    "undo: the last move. start: a run from here. back: the run again.",
)


@dataclass(slots=True)
class Hand:
    """The line by hand: which samples, where it was, and what both models compute where it is."""

    whole: bool
    """Whether loss and gradients are of all train samples, not of the mini-batch alone."""
    places: list[tuple[float, float]]
    """Where it was before each move, b and w."""
    step: Step
    """What the models compute where the line is."""
    came_from: Spot
    """Where in the run one stood."""

    @property
    def place(self) -> tuple[float, float]:
        """Where the line is, b and w."""
        return self.step.scratch.b_before, self.step.scratch.w_before


def hand(state: State, rest: str) -> Iterator[str]:
    """Take the line into the hand, at b and w of where one stands; or say again where it is."""
    if rest not in ("", "batch"):
        raise InputError(f"hand {quoted(rest)}: allowed is nothing, for all train samples, or batch")
    run = state.run
    if run.hand is None or rest:
        state.refuse_changes("by hand nothing is moved")
        if run.session.author is not None:
            raise InputError("by hand needs the program's own model: leave out --student")
        place = run.hand.place if run.hand is not None else _before(run)
        if not all(map(math.isfinite, place)):
            raise InputError("b and w are not finite here: go 1 goes to the first step")
        whole = not rest and run.session.dataset.n_train <= _MOST_SAMPLES
        run.leave_hand()
        state.asking = None
        run.take(Hand(whole, [], _tried(run, place, whole), run.at))
        yield "By hand: the line is yours to move."
        yield from _WORDS
        yield f"Least loss of these samples: {number(_least(run.step), state.digits)}."
    yield from _told(state)


def _before(run: LineRun) -> tuple[float, float]:
    ours = run.step.scratch
    after = run.at.phase is Phase.UPDATE
    return (ours.b_after, ours.w_after) if after else (ours.b_before, ours.w_before)


def _tried(run: LineRun, place: tuple[float, float], whole: bool) -> Step:
    from tui_linreg.engine.training.trial import trial_step

    try:
        return trial_step(run.session, *place, run.at.step, whole=whole)
    except InputError:
        dtype = run.session.config.dtype
        raise InputError(f"b and w cannot be there, {dtype} has no such numbers: the line stays where it was") from None


def _least(step: Step) -> float:
    from tui_linreg.engine.analysis.quadratic import Quadratic

    return Quadratic.of_step(step).loss


def held(state: State) -> Hand:
    """Return the line by hand.

    Raises:
        InputError: when it is not moved by hand.
    """
    if state.run.hand is None:
        raise InputError("the line is not moved by hand: hand begins that")
    return state.run.hand


def _told(state: State) -> Iterator[str]:
    """Yield where the line is, its loss, and which way goes downhill."""
    now, run = held(state), state.run
    ours, digits = now.step.scratch, state.digits
    for name, value in zip("bw", now.place, strict=True):
        yield f"{name}: {number(value, digits, run.single)}."
    m = now.step.place.m
    samples = f"of all {m} train samples" if now.whole else f"of this batch, {count(m, 'sample')}"
    yield f"Loss: {number(ours.loss, digits, run.single)}, {samples}."
    for name, slope in (("b", ours.grad_b), ("w", ours.grad_w)):
        way = "" if not slope or math.isnan(slope) else f", {name} {'down' if slope > 0 else 'up'} goes downhill"
        yield f"Gradient of {name}: {number(slope, digits, run.single)}{way}."


def _move_to(state: State, place: tuple[float, float]) -> None:
    now = held(state)
    step = _tried(state.run, place, now.whole)
    now.places.append(now.place)
    now.step = step


def _moved(name: str, state: State, rest: str) -> Iterator[str]:
    now = held(state)
    at = "bw".index(name)
    if not rest:
        yield f"{name}: {number(now.place[at], state.digits, state.run.single)}."
        return
    found = _MOVE.fullmatch(rest.casefold())
    if found is None:
        raise InputError(f"{name} {quoted(rest)}: allowed is a number, plus or minus a number, or to and a number")
    sign = -1.0 if (found["sign"] or "").strip() in ("-", "−", "minus") else 1.0
    value = sign * float(found["size"])
    if found["sign"] and not found["set"]:
        value += now.place[at]
    _move_to(state, (value, now.place[1]) if at == 0 else (now.place[0], value))
    yield from _told(state)


def move_b(state: State, rest: str) -> Iterator[str]:
    """Set or move b."""
    yield from _moved("b", state, rest)


def move_w(state: State, rest: str) -> Iterator[str]:
    """Set or move w."""
    yield from _moved("w", state, rest)


def descend(state: State, rest: str) -> Iterator[str]:
    """Take the step that gradient descent takes from here, or several."""
    now = held(state)
    if rest and not (rest.isdigit() and 1 <= int(rest) <= _MOST_STEPS):
        raise InputError(f"descend {quoted(rest)}: must be a whole number from 1 to {_MOST_STEPS}")
    begun, step = now.place, now.step
    for _ in range(int(rest or 1)):
        step = _tried(state.run, (step.scratch.b_after, step.scratch.w_after), now.whole)
    now.places.append(begun)
    now.step = step
    for name, was, value in zip("bw", begun, now.place, strict=True):
        yield f"{name} moved by {number(value - was, state.digits, state.run.single)}."
    yield from _told(state)


def undo(state: State, rest: str) -> Iterator[str]:
    """Take back the last move."""
    now = held(state)
    if not now.places:
        yield "No move to take back: this is where you took the line."
        return
    now.step = _tried(state.run, now.places[-1], now.whole)
    now.places.pop()
    yield from _told(state)


def start(state: State, rest: str) -> Iterator[str]:
    """Begin a run from where the line is."""
    config = state.run.session.config
    yield from beside.begin(state, replace(config, start=held(state).place))


def back(state: State, rest: str) -> Iterator[str]:
    """Leave the line, back to where one stood in the run."""
    held(state)
    state.run.leave_hand()
    yield from state.run.where()
