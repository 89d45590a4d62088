"""Commands that go through the run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.phases import Phase, info
from tui_linreg.line import questions
from tui_linreg.line.facts import FORMULAS
from tui_linreg.line.run import LineRun, Spot
from tui_linreg.line.state import State
from tui_linreg.line.words import spoken

_LEVEL = "The numbers are hidden at this level: guess lists the answers."
_CONDITIONS = {
    "loss": "loss", "gradient": "gradient", "differs": "differs", "short": "short", "validation": "valid",
    "diverged": "diverged", "end": "end",
}  # fmt: skip
CONDITIONS = "loss N, gradient N, differs, short, validation, diverged or end"


def arrive(state: State, *, whole: bool = False) -> Iterator[str]:
    """Yield what the place where one stands has, all of the step so far or this phase alone."""
    run = state.run
    where = run.where()
    if whole or run.at.phase is Phase.BATCH:
        yield where[0]
    if state.level is not None:
        yield f"Phase {run.at.phase:d}, {info(run.at.phase).name}. {_LEVEL}"
        return
    yield f"Phase {run.at.phase:d}, {info(run.at.phase).name}. {FORMULAS[run.at.phase]}"
    told = state.told
    if whole and run.at.phase > Phase.LOSS:
        yield from told.phase(Phase.LOSS)
    yield from told.phase(run.at.phase)


def step_on(state: State, rest: str) -> Iterator[str]:
    """Go to the next phase; where questions are on, ask for its numbers first."""
    run = state.run
    run.leave_hand()
    asking, state.asking = state.asking, None
    target = run.at.following()
    if target.step > run.last:
        yield f"The run ends here, after step {run.last + 1}."
        return
    if asking is None and _may_ask(state, target):
        state.asking = questions.ask(state, target)
        if state.asking is not None:
            if target.step != run.at.step:
                yield f"Step {target.step + 1} of {run.last + 1}."
            yield from questions.pose(state.asking)
            return
    run.go(target)
    yield from arrive(state)


def _may_ask(state: State, target: Spot) -> bool:
    if not state.asks or target <= state.run.farthest or target.phase is Phase.BATCH:
        return False
    if state.course is not None and state.course.open and state.course.condition is None:
        return False  # the task's own question is open
    from tui_linreg.engine.phases import QUANTITIES

    return not questions.why_not(state, [q.key for q in QUANTITIES if q.phase is target.phase])


def step_back(state: State, rest: str) -> Iterator[str]:
    """Go to the phase before."""
    state.run.leave_hand()
    state.asking = None
    target = state.run.at.preceding()
    if target.step < 0:
        yield "This is the start of the run."
        return
    state.run.go(target)
    yield from arrive(state)


def batch(state: State, rest: str) -> Iterator[str]:
    """Go to the next mini-batch, or with "back" to the one before, at the same phase."""
    yield from _whole_steps(state, state.run.at.step + _direction(rest))


def epoch(state: State, rest: str) -> Iterator[str]:
    """Go to the next epoch's first mini-batch, or with "back" to that of this one or the one before."""
    run = state.run
    number, within = divmod(run.at.step, run.session.schedule.batches)
    way = _direction(rest)
    if way > 0:
        number += 1
    elif not within:
        number -= 1
    yield from _whole_steps(state, number * run.session.schedule.batches)


def _direction(rest: str) -> int:
    if rest in ("", "next"):
        return 1
    if rest and "back".startswith(rest):
        return -1
    raise InputError(f"{quoted(rest)}: allowed is nothing, for the next, or back")


def _whole_steps(state: State, step: int) -> Iterator[str]:
    state.asking = None
    state.run.leave_hand()
    if step < 0:
        yield "This is the start of the run."
    elif step > state.run.last:
        yield f"The run ends with step {state.run.last + 1}; you stand at step {state.run.at.step + 1}."
    else:
        state.run.go(Spot(step, state.run.at.phase))
        yield from arrive(state, whole=True)


def go(state: State, rest: str) -> Iterator[str]:
    """Go to the end of a step, or to a phase of it."""
    run = state.run
    found = re.fullmatch(r"(?:step )?([0-9]{1,12})(?:[ ,]+(?:phase )?([1-7]))?|phase ([1-7])", rest)
    if found is None:
        raise InputError(f"go {quoted(rest)}: allowed is a step from 1 to {run.last + 1}, then perhaps phase 1 to 7")
    step = run.at.step + 1 if found[1] is None else int(found[1])
    if not 1 <= step <= run.last + 1:
        raise InputError(f"go {quoted(rest)}: the run has steps 1 to {run.last + 1}")
    phase = Phase(int(found[2] or found[3] or Phase.UPDATE))
    state.asking = None
    run.go(Spot(step - 1, phase))
    yield from arrive(state, whole=True)


def until(state: State, rest: str) -> Iterator[str]:
    """Run until a condition holds."""
    from tui_linreg.engine.training.until import CONDITIONS as KINDS
    from tui_linreg.engine.training.until import read_condition, run_until

    run = state.run
    word, _, value = rest.replace("below", " ").strip().partition(" ")
    key = next((key for name, key in _CONDITIONS.items() if word and name.startswith(word)), None)
    if key is None:
        raise InputError(f"until {quoted(rest)}: allowed is {CONDITIONS}")
    if state.level is not None and key not in (state.level.stops or ()):
        raise InputError(f"until {word}: where that holds is hidden at this level")
    condition = read_condition(key, value.strip())
    if value.strip() and not next(kind for kind in KINDS if kind.key == key).needs_value:
        raise InputError(f"until {word}: takes no number")
    state.asking = None
    finished = run.at.phase >= Phase.UPDATE
    if run.at.step == run.last and finished:
        yield f"The run ends here, after step {run.last + 1}."
        return
    run.leave_hand()
    found = run_until(run.session, condition, run.at.step + finished)  # a step that is not finished counts
    run.go(Spot(found.step, Phase.UPDATE))
    said = spoken(condition.text)
    yield f"{'Found' if found.met else 'Not found up to the end'}: {said}."
    yield from arrive(state, whole=True)


def where(state: State, rest: str) -> Iterator[str]:
    """Say where one stands, in which run, lesson and hunt."""
    run: LineRun = state.run
    yield from run.where()
    yield f"Samples: {run.step.place.m}."
    yield f"Learning rate: {run.lr(state.digits)}."
    if run.hand is not None:
        yield "By hand: the line is moved, back goes to the run."
    if state.asking is not None:
        yield f"A question is open about phase {state.asking.phase:d}: repeat poses it again."
    if state.course is not None:
        yield f"Lesson {state.course.number}: {spoken(state.course.lesson.title)}."
    if state.hunting is not None:
        yield f"A hunt is on, {state.hunting.level.title}: guess lists the answers."
