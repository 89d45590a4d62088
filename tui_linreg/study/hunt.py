"""Find the mistake: a round of the hunt, without a screen. Importing this loads no torch.

A `Hunt` does not hold what is planted: `planted` works it out from the seed, so that no text of a hunt gives it away,
neither its repr nor a file that it is saved in. `planted` alone names it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import Phase, info
from tui_linreg.engine.schedule import Schedule
from tui_linreg.study.hunt_text import CANNOT_TELL, CHOICE_TEXTS, LEVELS, NO_MISTAKE, Reveal, reveal_of

_NONE_IN = 5
"""In one hunt of so many nothing is planted."""
_FARTHEST = 1000
"""Steps that are trained to see whether a mistake shows."""
_MOST_TRAIN = 200_000
"""Of more train samples only what is drawn is tried: each trial loads them again."""
LARGEST_SEED = 2**32 - 1
ANSWER_KEYS = "123456789abcdeghijkmoprtvwxyz"
"""The keys of the answers that name a mistake, in their order, without those that do something else in the dialog."""
_OTHER_KEYS = {NO_MISTAKE: "0", CANNOT_TELL: "?"}


@dataclass(frozen=True, slots=True)
class HuntChoice:
    """One of the answers offered. The same whatever is planted."""

    number: int
    """From 1; the argument of `judge`."""
    key: str
    """The character that chooses it."""
    text: str
    formula: str = ""
    """How the formula would be, so that the words are not misread; empty where the answer names none."""


@dataclass(frozen=True, slots=True)
class Hunt:
    """One round. Every field may be shown, saved and sent: none tells what is planted."""

    level: str
    """A key of `LEVELS`."""
    seed: int
    """Decides what is planted and the order of the choices; the same seed is the same hunt on the same schedule."""
    schedule: Schedule
    """Of the run at hand."""
    left_out: tuple[str, ...] = ()
    """Names of mistakes that this run's data keep from showing; neither planted nor offered."""
    attempts: tuple[int, ...] = ()
    """Numbers of the choices that were wrong, in their order."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a guess."""

    hunt: Hunt
    """The hunt with the guess counted, to go on with."""
    right: bool
    hint: str
    """After a wrong guess: a sentence that narrows where to look, by the phase; else empty."""
    reveal: Reveal | None
    """After a right guess, and when given up: everything about what was planted."""


def new_hunt(
    schedule: Schedule,
    level: str = "verdicts",
    source: int | random.Random | None = None,
    *,
    has_effect: Callable[[str], bool] | None = None,
) -> Hunt:
    """Return a new round on a run with this schedule, with a mistake that shows in it, or with none.

    Args:
        schedule: of the run; it keeps some mistakes from showing (`Mistake.first_step`), which are then not planted.
        level: a key of `LEVELS`.
        source: a seed, or what to draw one from; None draws from the operating system.
        has_effect: says whether the mistake of a name shows with these data too; where it does not, another one is
            drawn. It may train, so do not call this in the app's own thread. None: the schedule alone decides.

    Raises:
        ValueError: when there is no such level, or the seed is not from 0 to LARGEST_SEED.
    """
    if level not in LEVELS:
        raise ValueError(f"level {level!r}: must be one of {', '.join(LEVELS)}")
    seed = source if isinstance(source, int) else (source or random.SystemRandom()).randint(0, LARGEST_SEED)
    if not 0 <= seed <= LARGEST_SEED:
        raise ValueError(f"seed {seed}: must be from 0 to {LARGEST_SEED}")
    hunt = Hunt(level, seed, schedule)
    while has_effect is not None and (name := planted(hunt)) is not None and not has_effect(name):
        hunt = replace(hunt, left_out=(*hunt.left_out, name))
    return hunt


def draw_hunt(
    schedule: Schedule, level: str, has_effect: Callable[[str], bool], source: int | random.Random | None = None
) -> Hunt | None:
    """Return a new round in which only mistakes that show are planted or offered; None where none shows.

    Every mistake is tried, whatever is drawn, so that the answers offered do not tell whether something was.

    Args:
        schedule: of the run.
        level: a key of `LEVELS`.
        has_effect: as `has_effect_in` gives it; each name is asked once. What it raises is passed on.
        source: as for `new_hunt`.
    """
    known: dict[str, bool] = {}

    def tried(name: str) -> bool:
        if name not in known:
            known[name] = has_effect(name)
        return known[name]

    names = candidates(Hunt(level, 0, schedule))
    if schedule.n_train <= _MOST_TRAIN:
        for name in names:
            tried(name)
    hunt = new_hunt(schedule, level, source, has_effect=tried)
    hunt = replace(hunt, left_out=tuple(name for name in names if not known.get(name, True)))
    return hunt if candidates(hunt) else None


def has_effect_in(config: RunConfig) -> Callable[[str], bool]:
    """Return the `has_effect` of `new_hunt` for this run: it goes by the verdicts of a run with the mistake.

    Each call loads the data again and trains to the first step where the mistake could show; where that lies beyond
    step 1000 it is taken to show. A mistake that the numbers swallow (all x equal to 1, a tiny η, an overflow) has
    no effect. Loads torch.
    """

    def has_effect(name: str) -> bool:
        from tui_linreg.engine.step import Verdict
        from tui_linreg.engine.training.session import Session

        session = Session(replace(config, mistake=name))
        first = MISTAKES[name].first_step(session.schedule)
        if first is None or first > _FARTHEST:
            return first is not None
        session.train_to(first + 1)
        return session.step(first).verdict is Verdict.DIFFERS

    return has_effect


def candidates(hunt: Hunt) -> tuple[str, ...]:
    """Return the names of all mistakes that could be planted in this hunt, in the table's order."""
    return tuple(
        name
        for name, mistake in MISTAKES.items()
        if name not in hunt.left_out and mistake.first_step(hunt.schedule) is not None
    )


def planted(hunt: Hunt) -> str | None:
    """Return the name of the planted mistake, None when there is none. The secret: only for `RunConfig.mistake`."""
    names = candidates(hunt)
    draw = random.Random(f"{hunt.seed} planted")
    nothing = draw.randrange(_NONE_IN) == 0
    order = draw.sample(tuple(MISTAKES), len(MISTAKES))  # of all, so that leaving one out moves no other
    return None if nothing else next((name for name in order if name in names), None)


def public_run(config: RunConfig) -> RunConfig:
    """Return the options without any mistake: what may be shown and exported of a run during a hunt."""
    return replace(config, mistake=None)


def choices(hunt: Hunt) -> tuple[HuntChoice, ...]:
    """Return the answers offered: what could be wrong, that nothing is, and with the curve alone that none can tell."""
    return tuple(
        HuntChoice(
            number,
            _OTHER_KEYS.get(name) or ANSWER_KEYS[number - 1],
            CHOICE_TEXTS[name],
            MISTAKES[name].wrong if name in MISTAKES else "",
        )
        for number, name in enumerate(_answers(hunt), start=1)
    )


def judge(hunt: Hunt, guess: int) -> Outcome:
    """Return what comes of choosing the answer with this number.

    With the curve alone the right answer is that it cannot be told, unless the planted mistake is one that the curve
    gives away (`Mistake.curve_tells`). A mistake that on this schedule has the very numbers of
    the planted one is as right.

    Raises:
        ValueError: when no choice has that number.
    """
    answers = _answers(hunt)
    if not 1 <= guess <= len(answers):
        raise ValueError(f"choice {guess}: must be from 1 to {len(answers)}")
    chosen, secret = answers[guess - 1], planted(hunt)
    if chosen in _right(hunt, secret):
        return Outcome(hunt, True, "", _reveal(hunt))
    after = replace(hunt, attempts=(*hunt.attempts, guess))
    return Outcome(after, False, _hint(hunt, secret, chosen), None)


def give_up(hunt: Hunt) -> Outcome:
    """Return the outcome that tells everything."""
    return Outcome(hunt, False, "", _reveal(hunt))


def _answers(hunt: Hunt) -> list[str]:
    """Return what the choices stand for, in their order: names of mistakes, shuffled, then the two without one."""
    names = list(candidates(hunt))
    random.Random(f"{hunt.seed} choices").shuffle(names)
    return [*names, NO_MISTAKE, *([CANNOT_TELL] if LEVELS[hunt.level].curve_alone else [])]


def _right(hunt: Hunt, secret: str | None) -> frozenset[str]:
    if LEVELS[hunt.level].curve_alone and (secret is None or not MISTAKES[secret].curve_tells):
        return frozenset({CANNOT_TELL})
    return frozenset({NO_MISTAKE if secret is None else secret, *_same_numbers(hunt, secret)})


def _same_numbers(hunt: Hunt, secret: str | None) -> set[str]:
    """Return the other mistakes that make the very numbers of the planted one on this schedule."""
    if secret is None:
        return set()
    same = {name for name, mistake in MISTAKES.items() if mistake.same_as(hunt.schedule) == secret}
    other = MISTAKES[secret].same_as(hunt.schedule)
    return same if other is None else same | {other}


def _reveal(hunt: Hunt) -> Reveal:
    secret = planted(hunt)
    return reveal_of(secret, None if secret is None else MISTAKES[secret].first_step(hunt.schedule))


def _hint(hunt: Hunt, secret: str | None, chosen: str) -> str:
    """Return a hint, a closer one after each wrong guess; it never names the mistake."""
    grade = len(hunt.attempts)
    if LEVELS[hunt.level].curve_alone:
        if secret is not None and MISTAKES[secret].curve_tells:
            return "Look at the direction of the curve, from the first epoch on."
        return "Which other mistake would draw such a curve? Would a right model with another learning rate?"
    if chosen == NO_MISTAKE:
        assert secret is not None
        return f"There is one. It first shows in {_when(hunt, secret)}." if grade == 0 else _where(secret, grade)
    if secret is None or grade == 0:
        phase = MISTAKES[chosen].phase
        seen = f"That would first show in {_when(hunt, chosen)}, phase {phase:d} ({info(phase).name})"
        if secret is None:
            return f"{seen}. Work that number out by hand, digit by digit."
        other = MISTAKES[secret].phase
        if other == phase:
            return f"{seen}. The phase is right, the formula is wrong in another way, or from another step on."
        return f"{seen}. Look at {'an earlier' if other < phase else 'a later'} phase."
    return _where(secret, grade)


def _when(hunt: Hunt, name: str) -> str:
    """Return where a candidate first shows, counted from 1 as the screen does."""
    step = MISTAKES[name].first_step(hunt.schedule)
    assert step is not None
    place = hunt.schedule.place(step)
    return f"epoch {place.epoch + 1}, batch {place.batch + 1}"


def _where(secret: str, grade: int) -> str:
    phase: Phase = MISTAKES[secret].phase
    if grade == 1:
        return f"Look at phase {phase:d}, {info(phase).name}."
    return f"Look at phase {phase:d}, {info(phase).name}. {MISTAKES[secret].hint}"
