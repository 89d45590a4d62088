"""Commands that tell more of the step where one stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.phases import QUANTITIES, Phase, info
from tui_linreg.line.beside import differences
from tui_linreg.line.facts import NAMES
from tui_linreg.line.state import State
from tui_linreg.line.words import MOST_DIGITS, capital, number, read_digits, sentence, spoken
from tui_linreg.study.derivation.layout import Equation, plain

_AT_ONCE = 10
_KEYS = {
    "y_pred": ("prediction", "predictions", "y pred", "y hat"),
    "loss": ("loss", "l"),
    "dloss_dpred": ("error signal", "error", "signal"),
    "grad_b": ("gradient of b", "gradient b", "grad b", "bias gradient"),
    "grad_w": ("gradient of w", "gradient w", "grad w", "weight gradient"),
    "b": ("new b", "b after"),
    "w": ("new w", "w after"),
}
_RELATIONS = {"=": "is", "≈": "is about", "≠": "is not", "≟": "is, as computed,", "←": "becomes", "∈": "is in"}
_OTHERS: dict[str, Callable[[State], str]] = {
    "m": lambda state: f"m: {state.run.step.place.m}.",
    "learning rate": lambda state: f"Learning rate: {state.run.lr(state.digits)}.",
    "b": lambda state: _parameter(state, "b"),
    "w": lambda state: _parameter(state, "w"),
}
VALUES = ", ".join([*(names[0] for names in _KEYS.values()), *_OTHERS])


def key_of(name: str) -> str | None:
    """Return the quantity that a name stands for; None where it stands for none."""
    plain_name = re.sub(r"[\s_-]+", " ", name).strip().casefold()
    return next((key for key, names in _KEYS.items() if plain_name in names), None)


def _parameter(state: State, name: str) -> str:
    """Return b or w as it is at the present phase: the new one once that is computed."""
    after = state.run.at.phase is Phase.UPDATE
    if state.seen.hides(name if after else f"{name}_before"):
        return f"{name}: hidden until it is answered."
    side = state.run.step.scratch
    value = getattr(side, f"{name}_{'after' if after else 'before'}")
    return f"{name}: {number(value, state.digits, state.run.single)}, {'after' if after else 'before'} the update."


def refuse(state: State) -> None:
    """Raise InputError where the level of a hunt hides numbers."""
    if state.level is not None:
        raise InputError("hidden at this level: guess lists the answers, and chart loss tells what is seen")


def samples(state: State, rest: str) -> Iterator[str]:
    """Tell ten rows of the batch, from row N on."""
    refuse(state)
    m = state.run.step.place.m
    start = 0 if not rest else _row(rest, m)
    stop = min(start + _AT_ONCE, m)
    yield f"Rows {start + 1} to {stop} of {m}."
    yield from state.told.samples(start, stop)
    if stop < m:
        yield f"More: samples {stop + 1}."


def row(state: State, rest: str) -> Iterator[str]:
    """Tell all of one row."""
    refuse(state)
    yield from state.told.row(_row(rest, state.run.step.place.m))


def _row(text: str, m: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= m:
        raise InputError(f"row {quoted(text)}: this batch has rows 1 to {m}")
    return int(text) - 1


def value(state: State, rest: str) -> Iterator[str]:
    """Tell one value, of both models."""
    refuse(state)
    if (key := key_of(rest)) is not None:
        yield from state.told.quantity(next(q for q in QUANTITIES if q.key == key))
        return
    tell = _OTHERS.get({"eta": "learning rate", "lr": "learning rate"}.get(rest.casefold(), rest.casefold()))
    if tell is None:
        raise InputError(f"value {quoted(rest)}: allowed is {VALUES}")
    yield tell(state)


def compare(state: State, rest: str) -> Iterator[str]:
    """Tell how the two models stand to each other, and this run to those that are kept."""
    refuse(state)
    yield from state.told.comparison()
    yield from differences(state)


def why(state: State, rest: str) -> Iterator[str]:
    """Derive the formula of this phase, or of the one that is asked about, then without numbers."""
    from tui_linreg.study.derivation.derivation import derivation

    refuse(state)
    run = state.run
    open_ = state.asking
    phase, start = (run.at.phase if open_ is None else open_.phase), run.step.place.start
    state.dialog = "derivation"
    yield sentence(f"Phase {phase:d}, {info(phase).name}")
    yield spoken(info(phase).why)
    derived = derivation(run.step, phase, judged=not state.secret)
    wanted = ("general",) if state.blanks or open_ is not None else ("general", "numbers")
    for section in derived.sections:
        if section.key not in wanted:
            continue
        if section.key == "numbers":
            yield "With this batch's own numbers:"
        for item in section.items:
            if isinstance(item, Equation):
                yield from _equation(item, start, state.digits)
            elif "counted from 0" not in (text := plain(item.parts)):
                yield capital(spoken(text, first_row=start))


def _equation(item: Equation, start: int, digits: int) -> Iterator[str]:
    left = spoken(plain(item.left), first_row=start)
    for sign, right in item.rights:
        text = plain(right)
        said, whole = (spoken(text, first_row=start, digits=each) for each in (digits, MOST_DIGITS))
        relation = _RELATIONS["≈"] if sign == "=" and said != whole else _RELATIONS[sign]
        yield sentence(f"{left} {relation} {said}")


def code(state: State, rest: str) -> Iterator[str]:
    """Tell the code of this phase, ours and torch's, as it is written."""
    from tui_linreg.study.code_lines import code_for

    state.dialog = "code"
    ours, theirs = code_for(state.run.at.phase, state.run.session.scratch_type)
    for name, excerpt in (("Hand-written", ours), ("torch", theirs)):
        if name == "Hand-written" and state.secret:
            yield "Hand-written: hidden until you have decided what is wrong with it, if anything."
            continue
        for at, text in excerpt.lines:
            if at in excerpt.highlighted:
                yield f"{name}: {' '.join(text.split())}"


def digits(state: State, rest: str) -> Iterator[str]:
    """Say how many digits numbers have, or set it."""
    if rest:
        state.digits = read_digits(rest)
    yield f"Digits: {state.digits}{', all that a number has' if state.digits == MOST_DIGITS else ''}."


def asking(state: State, rest: str) -> Iterator[str]:
    """Say whether next asks for numbers, or set it."""
    if rest not in ("", "on", "off"):
        raise InputError(f"questions {quoted(rest)}: allowed is on or off")
    if rest:
        state.asks = rest == "on"
    if rest == "off":
        state.asking = None
    yield f"Questions: {'on, next asks' if state.asks else 'off, next tells at once'}."


def guess(state: State, rest: str) -> Iterator[str]:
    """Ask for a quantity; in a hunt, list its answers or decide for one."""
    from tui_linreg.line import hunts, questions
    from tui_linreg.line.run import Spot

    if state.hunting is not None and (not rest or rest.isdigit()):
        yield from hunts.guess(state, rest)
        return
    key = key_of({"b": "new b", "w": "new w"}.get(rest, rest))
    if key is None:
        raise InputError(f"guess {quoted(rest)}: allowed is {', '.join(names[0] for names in _KEYS.values())}")
    if reason := questions.why_not(state, [key]):
        yield reason
        return
    state.run.leave_hand()
    at = state.run.at
    quantity = next(q for q in QUANTITIES if q.key == key)
    if quantity.phase <= at.phase and key not in state.blanks:
        yield f"{NAMES[key]} is told already: value {_KEYS[key][0]} repeats it."
        return
    state.asking = questions.ask(state, Spot(at.step, quantity.phase), key)
    if state.asking is None:
        yield "Nothing to guess here: the numbers are not finite."
        return
    yield from questions.pose(state.asking)
