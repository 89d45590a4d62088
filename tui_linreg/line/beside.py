"""Other runs: another learning rate on the way, other options, and runs kept beside the present one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_linreg.engine.analysis.kept_runs import MOST_KEPT
from tui_linreg.engine.analysis.run_difference import SAME_RUN, describe_difference, run_difference
from tui_linreg.engine.config import FIELDS, RunConfig
from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.line.facts import NAMES
from tui_linreg.line.moves import arrive
from tui_linreg.line.run import LineRun
from tui_linreg.line.state import State
from tui_linreg.line.words import count, number, sentence, spoken

if TYPE_CHECKING:
    from tui_linreg.engine.rates import Rates
    from tui_linreg.engine.training.session import Session

_FACTORS = {"half": 0.5, "halve": 0.5, "double": 2.0, "twice": 2.0}
_ROWS = {quantity.key: (NAMES[quantity.key], quantity.phase) for quantity in QUANTITIES} | {
    "torch_b": ("New b of torch", Phase.UPDATE),
    "torch_w": ("New w of torch", Phase.UPDATE),
}
_NAMES = {"learning_rate": "lr", "rate": "lr"}
"""What a learner calls an option that has another name."""


# ── the learning rate on the way ─────────────────────────────────────────────────────────────────────────────────────


def rate(state: State, rest: str) -> Iterator[str]:
    """Say the learning rates of the run, or change it from the next mini-batch on."""
    run = state.run
    if not rest:
        yield from _rates(run.session.config.rates, state.digits)
        return
    state.refuse_changes("the learning rate stays")
    if run.session.failure is not None:
        raise run.session.failure
    run.leave_hand()
    first = run.at.step + 1
    now = run.session.config.rates.at(first)
    lr = now * _FACTORS[rest] if rest in _FACTORS else _read_rate(rest)
    beyond = max(run.session.trained - first, 0)
    lost = [f"cuts off {count(beyond, 'step')} trained beyond"] * (beyond > 0)
    lost += ["drops the later changes"] * any(start > first for start in run.session.config.rates.firsts)
    said = f"{number(lr, state.digits)} from step {first + 1} on"
    if lost and not state.confirmed(question := f"Learning rate {said} {' and '.join(lost)}: say it again."):
        yield question
        return
    run.change_lr(lr, first)
    state.asking = None
    yield f"Learning rate: {said}."
    if first > run.last:
        yield "This is the last step: no step of this run has that rate."


def _rates(rates: Rates, digits: int) -> Iterator[str]:
    for lr, first in zip(rates.lrs, rates.firsts, strict=True):
        yield f"Learning rate: {number(lr, digits)}{f' from step {first + 1} on' if len(rates.lrs) > 1 else ''}."


def _read_rate(text: str) -> float:
    try:
        lr = float(text) if re.fullmatch(r"[0-9.]+(e[-+]?[0-9]+)?", text) else 0.0
    except ValueError:
        lr = 0.0
    if not 0 < lr < float("inf"):
        raise InputError(f"rate {quoted(text)}: allowed is half, double or a number above 0")
    return lr


# ── another run ──────────────────────────────────────────────────────────────────────────────────────────────────────


def change(state: State, rest: str) -> Iterator[str]:
    """Begin another run, which has another option."""
    config = state.run.session.config
    name, _, text = rest.rpartition(" ")
    key = re.sub(r"[\s-]+", "_", name.lstrip("-")).casefold()
    key = _NAMES.get(key, key)
    if key not in FIELDS:
        names = ", ".join(field.replace("_", " ") for field in FIELDS)
        raise InputError(f"change {quoted(rest)}: allowed is an option and its value, the options being {names}")
    state.refuse_changes("the run stays")
    yield from begin(state, RunConfig.read(config.as_texts() | {key: text}))


def begin(state: State, config: RunConfig) -> Iterator[str]:
    """Begin a run of the user's own in the place of the present one; asks first where steps would be forgotten."""
    from tui_linreg.engine.training.session import Session

    run = state.run
    if run.session.author is not None:
        raise InputError("another run needs the program's own model: leave out --student")
    if run.owner == "hunt":
        raise InputError("this is a hunt's run: hunt leave goes back to the one from before")
    steps, kept = run.session.trained, any(each.session is run.session for each in run.kept)
    if run.owner != "lesson" and steps > 1 and not kept:
        question = f"That forgets this run and its {count(steps, 'step')}: say it again, or keep first."
        if not state.confirmed(question):
            yield question
            return
    new = LineRun(Session(config))
    new.kept = run.kept
    state.asking = state.round = None
    state.runs[:] = [each for each in state.runs if each.owner == "lesson" or each is not run]
    state.runs.append(new)
    about = describe(run.session, new.session)
    yield "The same run again, from its start." if about == SAME_RUN else f"Another run: {about}."
    for note in new.session.notices:
        yield sentence(spoken(note))
    if new.instruments.warning:
        yield sentence(spoken(new.instruments.warning))
    if run.owner == "lesson":
        yield "The lesson's run waits: lesson back goes there."
    yield from arrive(state)


# ── kept runs ────────────────────────────────────────────────────────────────────────────────────────────────────────


def keep(state: State, rest: str) -> Iterator[str]:
    """Keep the present run beside the next ones."""
    state.refuse_changes("no run is kept")
    run = state.run
    letter = next((each.letter for each in run.kept if each.session is run.session), None)
    if run.session.author is not None:
        raise InputError("keep needs the program's own model: leave out --student")
    if letter is not None:
        yield f"This run is kept already, as {letter}: rate, change or hand makes another."
    elif run.kept.full:
        yield f"{MOST_KEPT} runs are kept, which is the most: forget forgets the last."
    else:
        run.kept = run.kept.with_run(run.session)
        yield f"Kept as {run.kept[-1].letter}: rate, change or hand makes another run."
        yield "Then compare says the differences at the same step."


def kept(state: State, rest: str) -> Iterator[str]:
    """Say which runs are kept, and in what they differ from the present one."""
    run = state.run
    if not run.kept:
        yield "No run is kept: keep keeps this one."
    for each in run.kept:
        if each.session is run.session:
            yield f"Run {each.letter}: this one."
        else:
            yield f"Run {each.letter}: {describe(run.session, each.session)}."


def forget(state: State, rest: str) -> Iterator[str]:
    """Forget the run that was kept last."""
    state.refuse_changes("no run is forgotten")
    run = state.run
    if not run.kept:
        yield "No run is kept: keep keeps this one."
        return
    yield f"Forgotten: run {run.kept[-1].letter}."
    run.kept = run.kept.without_last()


def differences(state: State) -> Iterator[str]:
    """Yield the numbers of the kept runs at the same step, and how far this run's are from them."""
    run, seen = state.run, state.seen
    if run.hand is not None or state.secret:
        return
    for session, goal in run.kept.behind(run.at.step):
        session.train_to(goal)
    for each in run.kept:
        if each.session is run.session:
            continue
        yield f"Run {each.letter}: {describe(run.session, each.session)}."
        if run.at.step >= each.session.trained:
            yield f"Run {each.letter} ends after step {each.session.trained}."
            continue
        for row in run_difference(run.step, each.session.timeline):
            name, phase = _ROWS[row.key]
            if phase > run.at.phase or seen.hides(row.key.removeprefix("torch_")) or row.theirs is None:
                continue
            theirs = number(row.theirs, state.digits, each.session.config.dtype == "float32")
            yield f"{name}, run {each.letter}: {theirs}, {_difference(row.difference, state.digits)}."


def _difference(value: float | None, digits: int) -> str:
    if value is None or value != value:
        return "here no number to compare"
    if value == 0:
        return "here the same"
    return f"here {'more' if value > 0 else 'less'} by {number(abs(value), digits)}"


def describe(ours: Session, theirs: Session) -> str:
    """Return in words in what a run differs from the present one."""
    one, other = ours.config, theirs.config
    parts: list[str] = []
    if one.rates != other.rates:
        parts += [said.removesuffix(".").replace("Learning rate:", "learning rate") for said in _rates(other.rates, 17)]
    if one.start != other.start and other.start is not None:
        b, w = map(number, other.start)
        parts.append(f"from b {b} and w {w}")
    alike = replace(other, lr=one.lr, start=one.start if other.start is not None else None)
    said = describe_difference(one, alike)
    if said != SAME_RUN:
        parts += [spoken(re.sub(r"^B ", "batch size ", part)) for part in said.split(" · ")]
    return ", ".join(parts) or SAME_RUN
