"""`Round`: a round of "find the mistake": its hunt, its run, and how it ended. No widget, no thread."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.study.hunt import Hunt, Outcome, give_up, judge, planted
from tui_linreg.study.hunt_text import LEVELS, Level
from tui_linreg.tui.hidden import Hidden, Visible
from tui_linreg.tui.run_request import RunRequest


@dataclass(frozen=True, slots=True)
class Hint:
    """What a wrong guess led to."""

    guess: int
    """Number of the choice."""
    text: str


@dataclass(slots=True, eq=False)
class Round:
    """One round, from its run's request to its end."""

    hunt: Hunt
    """With the guesses so far."""
    request: RunRequest = field(repr=False)
    """Of the run to hunt in; it holds the secret."""
    hidden: Hidden
    """What is hidden now."""
    hints: list[Hint] = field(default_factory=list)
    outcome: Outcome | None = None
    """How it ended; None while it goes on."""

    @classmethod
    def of(cls, hunt: Hunt, config: RunConfig) -> Round:
        """Return a new round on a run's options, which name no mistake."""
        title = LEVELS[hunt.level].title
        message = f"find the mistake, {title}: press f when you know which formula is wrong, or that none is"
        request = RunRequest(config, planted=planted(hunt), owner="hunt", message=message)
        return cls(hunt, request, hidden_at(hunt.level))

    @property
    def level(self) -> Level:
        """How much is seen."""
        return LEVELS[self.hunt.level]

    @property
    def number(self) -> int:
        """The level's number, from 1."""
        return number_of(self.hunt.level)

    def guess(self, number: int) -> Outcome:
        """Judge a choice by its number; a wrong one is counted once, and its hint kept."""
        tried = next((hint for hint in self.hints if hint.guess == number), None)
        if tried is not None:
            return Outcome(self.hunt, False, tried.text, None)
        outcome = judge(self.hunt, number)
        self.hunt = outcome.hunt
        if outcome.right:
            self.outcome = outcome
        else:
            self.hints.append(Hint(number, outcome.hint))
        return outcome

    def give_up(self) -> Outcome:
        """End it without an answer."""
        self.outcome = give_up(self.hunt)
        return self.outcome

    @property
    def cannot_tell(self) -> bool:
        """Whether the right answer is that it cannot be told from what is seen."""
        told = None if self.outcome is None else self.outcome.reveal
        if told is None or not self.level.curve_alone:
            return False
        return told.name is None or not MISTAKES[told.name].curve_tells

    def mistaken_run(self) -> RunConfig | None:
        """Return the options of the run with its mistake named, once it is over; None where none was planted."""
        name = None if self.outcome is None or self.outcome.reveal is None else self.outcome.reveal.name
        return None if name is None else replace(self.request.config, mistake=name)


def number_of(level: str) -> int:
    """Return a level's number, from 1."""
    return [*LEVELS].index(level) + 1


def hidden_at(level: str) -> Hidden:
    """Return what a level hides."""
    sight = Visible.ALL if level == "verdicts" else Visible(level)
    number = f"hunt {number_of(level)}/{len(LEVELS)}"
    title = LEVELS[level].title
    return Hidden(secret=True, sight=sight, notes=(f"hunt {title} · f decides", f"{number} · f decides", f"{number} f"))
