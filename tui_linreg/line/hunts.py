"""Find the mistake, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import Phase, info
from tui_linreg.line.lessons import note
from tui_linreg.line.run import LineRun, Spot
from tui_linreg.line.state import HuntRound, State
from tui_linreg.line.words import sentence, spoken
from tui_linreg.study.hunt import choices, draw_hunt, give_up, has_effect_in, judge, planted, public_run
from tui_linreg.study.hunt_text import LEVELS, Reveal, closeness


def hunt(state: State, rest: str) -> Iterator[str]:
    """Begin a hunt, leave it, or give up."""
    rest, round_ = rest.casefold(), state.round
    if rest.isdigit():
        yield from _begin(state, int(rest))
    elif rest == "leave" and round_ is not None:
        yield from _leave(state)
    elif rest == "give up" and state.hunting is not None:
        if state.confirmed(question := "Say hunt give up again: everything is told, and it does not count as found."):
            state.hunting.outcome = give_up(state.hunting.hunt)
            yield from _reveal(state)
        else:
            yield question
    elif rest:
        raise InputError(
            f"hunt {quoted(rest)}: allowed is a level from 1 to {len(LEVELS)}, and in a hunt give up or leave"
        )
    elif state.hunting is not None:
        yield from _answers(state.hunting)
    elif round_ is not None:
        yield from _reveal(state)
    else:
        yield f"One of {len(MISTAKES)} classic mistakes, or none, hides in the hand-written model. Find it."
        for at, level in enumerate(LEVELS.values(), 1):
            yield f"Level {at}: {level.title}. {level.task}"
        yield "Begin: hunt and a level."


def _begin(state: State, wanted: int) -> Iterator[str]:
    from tui_linreg.engine.training.session import Session

    if not 1 <= wanted <= len(LEVELS):
        raise InputError(f"hunt {wanted}: must be a level from 1 to {len(LEVELS)}")
    beneath = next(run for run in reversed(state.runs) if run.owner != "hunt")
    if beneath.session.author is not None:
        raise InputError("a hunt needs the program's own model: leave out --student")
    yield "Hiding a mistake, or none."
    config = public_run(beneath.session.config)
    level = [*LEVELS][wanted - 1]
    drawn = draw_hunt(beneath.session.schedule, level, has_effect_in(config))
    if drawn is None:
        yield "No mistake would show in this run, so there is none to find."
        return
    run = LineRun(Session(config, planted=planted(drawn)), "hunt")
    state.runs[state.runs.index(beneath) + 1 :] = [run]
    state.round, state.asking = HuntRound(drawn), None
    yield f"Level {wanted}: {LEVELS[level].title}. {LEVELS[level].task}"
    yield "Go through the run as ever. guess lists the answers, guess and a number decides."
    yield from run.where()


def _answers(round_: HuntRound) -> Iterator[str]:
    for answer in choices(round_.hunt):
        tried = " Tried, not right." if answer.number in round_.hints else ""
        yield f"Answer {answer.number}: {spoken(_whole(answer.text))}.{tried}"
    yield "Decide: guess and a number."


def _whole(text: str) -> str:
    """Return a choice with its mistake's title, which has no need to be short here."""
    titles = {mistake.choice: mistake.title for mistake in MISTAKES.values()}
    return f"{text.partition(':')[0]}, {titles[text]}" if text in titles else text


def guess(state: State, rest: str) -> Iterator[str]:
    """List the answers, or decide for one."""
    round_ = state.hunting
    assert round_ is not None
    if not rest:
        yield from _answers(round_)
        return
    wanted, answers = int(rest[:9]), choices(round_.hunt)
    if not 1 <= wanted <= len(answers):
        raise InputError(f"guess {quoted(rest)}: must be from 1 to {len(answers)}")
    if wanted in round_.hints:
        yield f"That was tried: {spoken(round_.hints[wanted])}"
        return
    outcome = judge(round_.hunt, wanted)
    round_.hunt = outcome.hunt
    if not outcome.right:
        round_.hints[wanted] = outcome.hint
        yield f"Not right. {spoken(outcome.hint)}"
        return
    round_.outcome = outcome
    told = outcome.reveal
    assert told is not None
    name, level = told.name or "none", [*LEVELS].index(round_.hunt.level) + 1
    state.keeper.change(lambda progress: progress.found_mistake(name, level))
    yield from note(state)
    yield from _reveal(state)


def _reveal(state: State) -> Iterator[str]:
    round_ = state.round
    assert round_ is not None
    assert round_.outcome is not None
    told = round_.outcome.reveal
    assert told is not None
    if told.name is not None:
        state.run.name_mistake(told.name)
    state.asking = None
    what = spoken(told.title)
    yield f"Right: {what}." if round_.outcome.right else f"Given up. It was: {what}."
    yield spoken(told.explanation)
    if told.name is not None:
        yield from _formulas(state, told)
    yield f"Would the loss have told? {spoken(told.loss_gives_it_away)}"
    ours, right = ([epoch.mse_v for epoch in state.run.session.epoch_log(side)] for side in (0, 1))
    if told.name is not None and ours:
        yield spoken(f"Here: {closeness(ours, right)}")
    yield "hunt and a level begins another, hunt leave goes back."


def _formulas(state: State, told: Reveal) -> Iterator[str]:
    yield sentence(f"The right formula: {spoken(told.correct)}")
    yield sentence(f"The formula here: {spoken(told.wrong)}")
    if told.first_step is not None and told.phase is not None:
        at = Spot(told.first_step, Phase(told.phase))
        yield f"First seen: step {at.step + 1}, phase {at.phase:d}, {info(at.phase).name}."
        yield f"To go there: go {at.step + 1} {at.phase:d}."


def _leave(state: State) -> Iterator[str]:
    state.round = state.asking = None
    state.runs[:] = [run for run in state.runs if run.owner != "hunt"]
    yield "The hunt is left. This is the run from before, where you left it."
    yield from state.run.where()
