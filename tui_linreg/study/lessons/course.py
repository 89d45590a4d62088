"""`Course`: a lesson being studied: its page or task, what is answered, what stays hidden. No screen, no torch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Self

from tui_linreg.engine.config import RunConfig
from tui_linreg.study.lessons.answers import MistakeAnswer, NumberAnswer
from tui_linreg.study.lessons.conditions import TaskCondition
from tui_linreg.study.lessons.lesson import Blank, Lesson, Show, Start, Task
from tui_linreg.study.progress import Progress

_BEFORE = {"b": "b_before", "w": "w_before"}
_ALIKE = {key: pair for pair in (("grad_b", "grad_w"), ("b", "w")) for key in pair}
"""Quantities whose formulas tell each other."""


@dataclass(slots=True, eq=False)
class Course:
    """One lesson and how far its learner is."""

    lesson: Lesson
    number: int
    """Which lesson it is, from 1."""
    count: int
    """How many there are."""
    finished: set[str]
    """Ids of the tasks that are done."""
    at: int | None = None
    """Index of the task at hand; None before the first and after the last."""
    page: int | None = 0
    """Index of the page being read, `len(lesson.pages)` for the task in full; None: the text is away."""
    over: bool = False
    """Whether the last task was left behind."""
    hints: int = 0
    told: tuple[str, str] | None = None
    uncovered: set[tuple[str, int]] = field(default_factory=set)
    """(quantity, step from 0) that the learner has had shown."""

    @classmethod
    def resumed(cls, lesson: Lesson, number: int, count: int, progress: Progress) -> Self:
        """Return the lesson where it was left: at its text when nothing is done yet, else at the next open task.

        One whose mistakes are hidden is begun anew when it is finished, so that they are hidden again.
        """
        finished = {task.id for task in lesson.tasks if progress.is_done(lesson.id, task.id)}
        if lesson.hidden and progress.is_finished(lesson):
            finished.clear()
        course = cls(lesson, number, count, finished)
        left = progress.left
        begun = left is not None and left.lesson == lesson.id and left.task is not None
        wanted = progress.next_task(lesson)
        if not lesson.pages:
            course.page = None
        if wanted is not None and (finished or begun or not lesson.pages):
            course.begin(next(i for i, task in enumerate(lesson.tasks) if task.id == wanted))
        return course

    # ── where it stands ──────────────────────────────────────────────────────────────────────────────────────────

    @property
    def task(self) -> Task | None:
        """The task at hand."""
        return None if self.at is None else self.lesson.tasks[self.at]

    @property
    def open(self) -> bool:
        """Whether there is a task at hand that is not done."""
        return self.task is not None and self.task.id not in self.finished

    @property
    def condition(self) -> TaskCondition | None:
        """The condition to look out for after each key."""
        task = self.task
        return task.check if task is not None and self.open and isinstance(task.check, TaskCondition) else None

    @property
    def following(self) -> int | None:
        """Index of the task after this one: the next open one, one that was passed over, or just the next."""
        tasks, start = self.lesson.tasks, 0 if self.at is None else self.at + 1
        ahead = range(start, len(tasks))
        still_open = [i for i in ahead if tasks[i].id not in self.finished]
        # An optional task that was passed over is not come back to.
        passed = [i for i in range(start) if tasks[i].id not in self.finished and not tasks[i].optional]
        return next(iter((*still_open, *passed, *ahead)), None)

    def begin(self, index: int) -> None:
        """Begin a task."""
        self.at, self.page, self.hints, self.over = index, None, 0, False
        if self.lesson.tasks[index].config is not None:
            self.uncovered.clear()  # of the run before
        self.told = None if self.open else ("identical", "✓ done before")

    def end(self) -> None:
        """Leave the last task behind, and show the page that is read then, where there is one."""
        self.at, self.told, self.over = None, None, True
        self.page = None if self.lesson.end is None else len(self.lesson.pages)

    def turn(self, by: int) -> bool:
        """Turn the page, and say whether there was one to turn to."""
        if self.page is None or not 0 <= self.page + by < self.pages:
            return False
        self.page += by
        return True

    @property
    def pages(self) -> int:
        """How many pages there are to read, among them the task in full or what is read at the end."""
        return len(self.lesson.pages) + (self.task is not None or (self.over and self.lesson.end is not None))

    def toggle_text(self) -> None:
        """Bring the text up (at the task, where there is one), or put it away, and with it the hint that it holds."""
        if self.page is not None and self.open:  # what is told of an open task is a hint
            self.told = None
        first = 0 if self.task is None and not self.over else self.pages - 1
        self.page = max(first, 0) if self.page is None else None

    def hint(self) -> None:
        """Show the next hint."""
        task = self.task
        if task is not None and self.open and self.hints < len(task.hints):
            self.hints += 1
            self.told = ("rounding", f"Hint {self.hints} of {len(task.hints)}: {task.hints[self.hints - 1]}")

    def leaf_back(self) -> bool:
        """Turn to the page before, from a task to the last page of the text; says whether there was one."""
        if self.page is None and self.task is not None and self.lesson.pages:
            self.page = len(self.lesson.pages) - 1
            return True
        return self.turn(-1)

    def done(self, said: str, task: Task | None = None) -> None:
        """Take note that a task is done: the one at hand, or another one of its run."""
        task = task or self.task
        if task is not None:
            self.finished.add(task.id)
            if task is self.task:
                self.told = ("identical", said)

    def solved_by(self, quantities: Collection[str], step: int) -> list[Task]:
        """Return the open tasks of the present run that ask for one of these quantities of a step (from 0)."""
        begins = max(self._run_begins(), 0)
        tasks = self.lesson.tasks
        ends = next((i for i in range(begins + 1, len(tasks)) if tasks[i].config is not None), len(tasks))
        return [
            task
            for task in tasks[begins:ends]
            if task.id not in self.finished
            and isinstance(task.check, NumberAnswer)
            and task.quantity in quantities
            and (task.check.wanted.step == step + 1 or (task.check.wanted.step is None and task is self.task))
        ]

    @property
    def show(self) -> Show | None:
        """What comes up by itself where the learner is: that of the page, or of the task."""
        if self.page is not None and self.page < len(self.lesson.pages):
            return self.lesson.pages[self.page].show
        if self.over and self.page is not None and self.lesson.end is not None:
            return self.lesson.end.show
        return None if self.task is None else self.task.show

    @property
    def goes_on(self) -> bool:
        """Whether there is something to go on to: a page, an answer, the next task."""
        task = self.task
        waits = task is not None and self.open and isinstance(task.check, TaskCondition) and not task.optional
        return self.page is not None or not waits

    # ── its run ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _run_begins(self) -> int:
        """Return the index of the task that began the present run, -1 where it is the lesson's."""
        tasks = self.lesson.tasks[: 0 if self.at is None else self.at + 1]
        return next((i for i in reversed(range(len(tasks))) if tasks[i].config is not None), -1)

    def _task_of_run(self) -> Task | None:
        """Return the task that began the present run, None where it is the lesson's."""
        begins = self._run_begins()
        return self.lesson.tasks[begins] if begins >= 0 else None

    def _config(self) -> RunConfig:
        """Return the options of the present run, a hidden mistake among them."""
        task = self._task_of_run()
        return self.lesson.config if task is None or task.config is None else task.config

    def wanted_run(self) -> tuple[RunConfig, str | None, Start]:
        """Return the run of the present task, the mistake hidden in it, and where it starts when loaded anew."""
        config, task = self._config(), self._task_of_run()
        start = self.lesson.start if task is None or task.start is None else task.start
        if self.task is not None and self.task.start is not None:
            start = self.task.start
        if self.secret:
            return replace(config, mistake=None), config.mistake, start
        return config, None, start

    @property
    def named(self) -> str | None:
        """The mistake of the present run that was hidden, once it has been named."""
        return self._config().mistake if self.lesson.hidden and not self.secret else None

    @property
    def secret(self) -> bool:
        """Say whether the run's mistake is still to be named: by one of the tasks that share the run."""
        if not self.lesson.hidden:
            return False
        begins = self._run_begins()
        tasks = self.lesson.tasks
        ends = next((i for i in range(begins + 1, len(tasks)) if tasks[i].config is not None), len(tasks))
        shared = [task for task in tasks[max(begins, 0) : ends] if isinstance(task.check, MistakeAnswer)]
        return not any(task.id in self.finished for task in shared)

    # ── what stays hidden ────────────────────────────────────────────────────────────────────────────────────────

    def hidden_at(self, step: int) -> frozenset[str]:
        """Return the quantities of a step (from 0) that are hidden."""
        given = {task.quantity for task in self.lesson.tasks if task.id in self.finished}
        blanked = {key for key in self.lesson.blanked(step + 1) if key not in given}
        if self._faded is not None and step + 1 >= self._faded.from_step:
            blanked.update(self._faded.quantities)
        return frozenset(key for key in blanked if (key, step) not in self.uncovered)

    @property
    def _faded(self) -> Blank | None:
        """What the task at hand hides as long as it is open."""
        return self.task.faded if self.task is not None and self.open else None

    @property
    def _all_blanks(self) -> tuple[Blank, ...]:
        return (*self.lesson.blanks, *([] if self._faded is None else [self._faded]))

    def blanks_at(self, step: int) -> frozenset[str]:
        """Return what is hidden of a step (from 0): quantities, "residual", and "b_before" and "w_before"."""
        names = set(self.hidden_at(step))
        names |= {_BEFORE[key] for key in self.hidden_at(step - 1) if step and key in _BEFORE}
        if "y_pred" in names:
            names |= {"residual", "dloss_dpred"}  # which tell it, y being known
        return frozenset(names)

    @property
    def cuts(self) -> tuple[tuple[str, int], ...]:
        """(quantity, the first step, from 0, whose number of it is hidden)."""
        firsts = [(key, blank.from_step - 1) for blank in self._all_blanks for key in blank.quantities]
        return tuple((key, cut) for key, first in firsts if (cut := self._cut(key, first)) is not None)

    def inputs_at(self, step: int) -> frozenset[str]:
        """Return the quantities of a step (from 0) of which the numbers put in are hidden too."""
        return frozenset() if self._faded is None else self.blanks_at(step) & frozenset(self._faded.quantities)

    def formulas_at(self, step: int) -> frozenset[str]:
        """Return the quantities of a step (from 0) of which even the formula is hidden: one that tells it is, too."""
        if self.task is None or "formula" not in self.task.hide:
            return frozenset()
        return frozenset(key for hidden in self.inputs_at(step) for key in _ALIKE.get(hidden, (hidden,)))

    def _cut(self, key: str, first: int) -> int | None:
        """Return the first step (from 0) whose number of this quantity is hidden, None where it has been given."""
        while (key, first) in self.uncovered:
            first += 1
        return first if key in self.hidden_at(first) else None

    def uncover(self, step: int) -> bool:
        """Show what is hidden of a step, and of b and w before it; says whether there was anything."""
        found = {(key, step) for key in self.hidden_at(step)}
        if step:
            found |= {(key, step - 1) for key in self.hidden_at(step - 1) if key in _BEFORE}
        self.uncovered |= found
        return bool(found)
