"""`Lesson`: a text in pages, a run to look at, and tasks that the app can judge. Pure data; loads no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import Phase
from tui_linreg.study.lessons.answers import NumberAnswer
from tui_linreg.study.lessons.checks import Check


@dataclass(frozen=True, slots=True)
class Start:
    """Where the cursor stands when a lesson or a task begins."""

    step: int = 1
    """Counts from 1, as on the screen."""
    phase: Phase = Phase.UPDATE


@dataclass(frozen=True, slots=True)
class Blank:
    """Quantities that are hidden from a step on until the learner has given them: worked first, then faded."""

    quantities: tuple[str, ...]
    """Keys of `engine.phases.QUANTITIES`."""
    from_step: int
    """Counts from 1; all steps before it are shown in full."""


NO_PANEL = "none"


@dataclass(frozen=True, slots=True)
class Show:
    """What comes up by itself with a page or a task."""

    charts: tuple[int, ...] = ()
    """Numbers of the charts, one or two; none: those that stand there."""
    panel: str | None = None
    """The instrument; None: it stays as it is, `NO_PANEL`: it goes, and the samples are seen."""


@dataclass(frozen=True, slots=True)
class Page:
    """A screenful of a lesson's text."""

    title: str
    text: str
    """Markdown: paragraphs, lists and code, no headings. Fenced code is indented by four spaces here."""
    show: Show | None = None


HIDES = ("inputs", "formula")
"""The numbers put into the formula; the formula itself, its derivation and its code."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do or to answer."""

    id: str
    """Made from its title; names it in the progress, so a task that gets another title is a new one."""
    title: str
    text: str
    """Markdown."""
    check: Check
    """A `TaskCondition` is asked after each key, an answer judged when it is given."""
    hints: tuple[str, ...]
    """One to three, each giving more away; shown one at a time, on request."""
    solution: tuple[str, ...]
    """Keys in textual's names that solve it from where it starts, with the default bindings; may be empty.

    Of an answer they are what is typed and `enter`; the answer's field has the focus then.
    """
    options: Mapping[str, str] | None = None
    """The run's options by field name where the task begins a run of its own; None: the run stays as it is."""
    config: RunConfig | None = None
    """The same, read; the lesson's own options hold where the task says nothing."""
    start: Start | None = None
    """Where its run begins, or where the cursor goes; None: it stays (a new run begins at step 1)."""
    show: Show | None = None
    why: str = ""
    """Said after the right answer: one sentence that says why; empty: what the program knows."""
    hide: frozenset[str] = frozenset()
    """Of `HIDES`: what is hidden of the quantity asked for, besides its number, from the second mini-batch on."""
    optional: bool = False
    """Whether the lesson is finished without it."""

    @property
    def quantity(self) -> str | None:
        """The key of the quantity whose number is asked for; None where it is none."""
        return self.check.wanted.quantity if isinstance(self.check, NumberAnswer) else None

    @property
    def faded(self) -> Blank | None:
        """What is hidden as long as this task is open; None where it hides nothing."""
        return Blank((self.quantity,), 2) if self.hide and self.quantity is not None else None


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson, as its file has it."""

    id: str
    """Names it in the progress: small letters, digits and hyphens."""
    title: str
    minutes: int
    options: Mapping[str, str]
    """The preset run's options by field name, as the file writes them (for the form)."""
    config: RunConfig
    """The preset run."""
    start: Start
    charts: tuple[int, ...]
    """Numbers of the charts to open; none: those that stand there."""
    panel: str | None
    """The instrument to open; None: none."""
    hidden: bool
    """Whether the name of the run's mistake, its notice and its code are kept from the learner."""
    blanks: tuple[Blank, ...]
    pages: tuple[Page, ...]
    tasks: tuple[Task, ...]
    source: str
    """The file's path, safe to show."""
    end: Page | None = None
    """What is read after the last task."""

    @property
    def needed(self) -> tuple[Task, ...]:
        """The tasks that finish the lesson: those that are not optional."""
        return tuple(task for task in self.tasks if not task.optional)

    def blanked(self, step: int) -> frozenset[str]:
        """Return the keys of the quantities to hide at `step` (from 1) until they are answered."""
        return frozenset(key for blank in self.blanks if step >= blank.from_step for key in blank.quantities)

    def task(self, id_: str) -> Task | None:
        """Return the task of this id, None when there is none (of an older file, say)."""
        return next((task for task in self.tasks if task.id == id_), None)


@dataclass(frozen=True, slots=True)
class Lessons:
    """Lessons in the order in which they are offered, and what could not be read."""

    lessons: tuple[Lesson, ...]
    problems: tuple[str, ...] = ()
    """A line for each file that is no lesson; the others are there all the same."""
