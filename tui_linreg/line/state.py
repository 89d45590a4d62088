"""`State`: all that the line mode remembers between two commands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.phases import Phase
from tui_linreg.line.facts import Seen, Told
from tui_linreg.line.run import LineRun
from tui_linreg.line.words import DIGITS
from tui_linreg.study.hunt_text import LEVELS, Level

if TYPE_CHECKING:
    from tui_linreg.engine.training.history import History
    from tui_linreg.study.hunt import Hunt, Outcome
    from tui_linreg.study.lessons.course import Course
    from tui_linreg.study.predict.questions import Question
    from tui_linreg.study.progress_file import Keeper


@dataclass(slots=True)
class Asking:
    """The questions about a phase, and how the one at hand stands."""

    run: LineRun
    phase: Phase
    questions: tuple[Question, ...]
    step: int
    number: int = 0
    """The question at hand, from 0."""
    hints: int = 0
    right: dict[str, bool] = field(default_factory=dict)
    """By quantity whether its first answer was right."""

    @property
    def question(self) -> Question:
        """The question at hand."""
        return self.questions[self.number]


@dataclass(slots=True)
class HuntRound:
    """A round of "find the mistake"."""

    hunt: Hunt
    hints: dict[int, str] = field(default_factory=dict)
    """By the number of a wrong answer."""
    outcome: Outcome | None = None
    """How it ended; None while it goes on."""

    @property
    def level(self) -> Level:
        """How much is seen."""
        return LEVELS[self.hunt.level]


@dataclass(slots=True)
class State:
    """One session of the line mode.

    Args:
        runs: the user's own run, above it a lesson's, above that a hunt's; the last is the one that is told.
        keeper: the progress.
        lessons_folder: more lessons, None: the built-in ones alone.
        digits: significant digits of numbers.
    """

    runs: list[LineRun]
    keeper: Keeper
    lessons_folder: str | None = None
    digits: int = DIGITS
    asks: bool = True
    """Whether `next` asks for the numbers of the phase before it tells them."""
    asking: Asking | None = None
    course: Course | None = None
    """The lesson that is on."""
    counts: tuple[int, int] = (0, 0)
    """Right predictions and mistakes found when the task began."""
    round: HuntRound | None = None
    """Of the hunt whose run is on top."""
    asked: str = ""
    """What the command at hand asks to be said again."""
    asked_before: str = ""
    """The same of the command before it."""
    charts: tuple[int, ...] = ()
    """The charts told last, as a lesson's tasks ask for them."""
    panel: str | None = None
    dialog: str | None = None
    """What the command at hand opened, as a lesson's tasks ask for it."""
    said: list[str] = field(default_factory=list)
    """What was said last."""
    note: str = ""
    """The last note about the progress file."""
    over: bool = False
    """Whether to quit."""

    @property
    def run(self) -> LineRun:
        """The run that is told."""
        return self.runs[-1]

    @property
    def place(self) -> tuple[float, float]:
        """Where one stands, b and w."""
        if self.run.hand is not None:
            return self.run.hand.place
        b, w = self.history.path
        return float(b[-1]), float(w[-1])

    def confirmed(self, question: str) -> bool:
        """Say whether the command before asked the same question, which this one answers by being said again."""
        self.asked = question
        return question == self.asked_before

    def refuse_changes(self, what: str) -> None:
        """Raise InputError where another run, or another place of the line, would tell what is hidden."""
        if self.secret:
            raise InputError(f"{what} until you have decided which mistake it is, if any")
        if self.course is not None and self.run.owner == "lesson" and self.course.cuts:
            raise InputError(f"{what} while numbers of this lesson are hidden: answer first")

    # ── what is hidden ───────────────────────────────────────────────────────────────────────────────────────────

    @property
    def hunting(self) -> HuntRound | None:
        """The hunt that is undecided."""
        return None if self.round is None or self.round.outcome is not None else self.round

    @property
    def level(self) -> Level | None:
        """The level of a hunt that shows less than all numbers; None: all may be told."""
        hunting = self.hunting
        return None if hunting is None or hunting.level.stops is None else hunting.level

    @property
    def secret(self) -> bool:
        """Whether nothing may tell which mistake the hand-written model makes, if any."""
        lesson = self.course is not None and self.run.owner == "lesson" and self.course.secret
        return self.hunting is not None or lesson

    @property
    def blanks(self) -> frozenset[str]:
        """What is hidden of the present step: see `Course.blanks_at`."""
        if self.course is None or self.run.owner != "lesson":
            return frozenset()
        return self.course.blanks_at(self.run.at.step)

    @property
    def seen(self) -> Seen:
        """How the present step is told."""
        return Seen(self.run.at.phase, self.digits, self.blanks)

    @property
    def told(self) -> Told:
        """The present step."""
        return Told(self.run.step, self.seen)

    @property
    def history(self) -> History:
        """The run so far, without numbers that are hidden."""
        from tui_linreg.engine.phases import QUANTITIES

        run = self.run
        history = run.session.history(run.at.step, run.at.phase)
        if self.course is None or run.owner != "lesson" or not self.course.cuts:
            return history
        cuts = self.course.cuts
        firsts = {phase: [q.key for q in QUANTITIES if q.phase is phase] for phase in Phase}
        return history.without(
            tuple(min((step for key, step in cuts if key in firsts[phase]), default=None) for phase in Phase)
        )
