"""`Progress`: what a learner has done. An immutable value; `tui_linreg.study.progress.file` keeps it on the disk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.engine.errors import printable

if TYPE_CHECKING:
    from tui_linreg.study.lessons.lesson import Lesson


class Left(NamedTuple):
    """Where the learner stopped."""

    lesson: str
    task: str | None
    """None: at the lesson's text."""


class Count(NamedTuple):
    """Predictions of one quantity."""

    right: int = 0
    wrong: int = 0


def _empty() -> Mapping[str, frozenset[str]]:
    return MappingProxyType({})


def _no_counts() -> Mapping[str, Count]:
    return MappingProxyType({})


def _no_resets() -> Mapping[str, int]:
    return MappingProxyType({})


def _none_found() -> Mapping[tuple[str, int], int]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Progress:
    """What is done, as ids and counts, so that lessons may come and go."""

    tasks: Mapping[str, frozenset[str]] = field(default_factory=_empty)
    """Lesson id → ids of its finished tasks."""
    lessons: frozenset[str] = frozenset()
    """Ids of the lessons of which all tasks were finished."""
    left: Left | None = None
    streak: int = 0
    """Right predictions since the last wrong one."""
    best_streak: int = 0
    predictions: Mapping[str, Count] = field(default_factory=_no_counts)
    """Key of a quantity → how often it was predicted."""
    found: Mapping[tuple[str, int], int] = field(default_factory=_none_found)
    """(mistake or "none", level from 1) → how often it was found."""
    resets: int = 0
    """How often the learner began anew, so that another app's older memory does not bring back what was reset."""
    lesson_resets: Mapping[str, int] = field(default_factory=_no_resets)
    """Lesson id → how often that lesson was begun anew, for the same reason."""

    def task_done(self, lesson: str, task: str, all_tasks: Collection[str] = ()) -> Progress:
        """Return it with a task finished, and the lesson too when that was the last of `all_tasks` (ids)."""
        done = self.tasks.get(lesson, frozenset()) | {task}
        lessons = self.lessons | {lesson} if all_tasks and done >= set(all_tasks) else self.lessons
        return replace(self, tasks=MappingProxyType({**self.tasks, lesson: done}), lessons=lessons)

    def lesson_done(self, lesson: str) -> Progress:
        """Return it with a lesson finished (one without tasks, read to its end)."""
        return replace(self, lessons=self.lessons | {lesson})

    def left_at(self, lesson: str, task: str | None = None) -> Progress:
        """Return it with the place to go on from."""
        return replace(self, left=Left(lesson, task))

    def predicted(self, right: bool, quantity: str) -> Progress:
        """Return it with one more prediction of a quantity (a key of `engine.phases.QUANTITIES`)."""
        count = self.predictions.get(quantity, Count())
        count = Count(count.right + right, count.wrong + (not right))
        streak = self.streak + 1 if right else 0
        return replace(
            self,
            streak=streak,
            best_streak=max(streak, self.best_streak),
            predictions=MappingProxyType({**self.predictions, quantity: count}),
        )

    def found_mistake(self, mistake: str, level: int) -> Progress:
        """Return it with one more mistake found: a name in `MISTAKES` or "none", at a level from 1."""
        count = self.found.get((mistake, level), 0) + 1
        return replace(self, found=MappingProxyType({**self.found, (mistake, level): count}))

    def reset(self) -> Progress:
        """Return the beginning, which remembers only that it is a new one."""
        return Progress(resets=self.resets + 1)

    def reset_lesson(self, lesson: str) -> Progress:
        """Return it with nothing of this lesson done; what was done of the others stays."""
        resets = {**self.lesson_resets, lesson: self.lesson_resets.get(lesson, 0) + 1}
        return replace(
            self,
            # Empty and not left out: what a file has and this does not know is kept.
            tasks=MappingProxyType({**self.tasks, lesson: frozenset()}),
            lessons=self.lessons - {lesson},
            left=None if self.left is not None and self.left.lesson == lesson else self.left,
            lesson_resets=MappingProxyType(resets),
        )

    def is_done(self, lesson: str, task: str) -> bool:
        """Say whether a task is finished."""
        return task in self.tasks.get(lesson, frozenset())

    def done_of(self, lesson: Lesson) -> int:
        """Return how many of a lesson's tasks are finished: those it has now, none that it once had."""
        return sum(self.is_done(lesson.id, task.id) for task in lesson.tasks)

    def next_task(self, lesson: Lesson) -> str | None:
        """Return the id of the task to go on with: where one left if that is not done, else the first open one."""
        open_ = [task.id for task in lesson.tasks if not self.is_done(lesson.id, task.id)]
        if self.left is not None and self.left.lesson == lesson.id and self.left.task in open_:
            return self.left.task
        return open_[0] if open_ else None

    def as_json(self) -> dict[str, object]:
        """Return it as JSON-ready values, in a stable order."""
        found: dict[str, dict[str, int]] = {}
        for (mistake, level), count in sorted(self.found.items()):
            found.setdefault(mistake, {})[str(level)] = count
        return {
            "tasks": {lesson: sorted(tasks) for lesson, tasks in sorted(self.tasks.items())},
            "lessons": sorted(self.lessons),
            "left": None if self.left is None else {"lesson": self.left.lesson, "task": self.left.task},
            "streak": {"current": self.streak, "best": self.best_streak},
            "predictions": {key: count._asdict() for key, count in sorted(self.predictions.items())},
            "found": found,
            "resets": self.resets,
            **({"lesson_resets": dict(sorted(self.lesson_resets.items()))} if self.lesson_resets else {}),
        }


def describe_progress(progress: Progress, lessons: Collection[Lesson]) -> Iterator[str]:
    """Yield what `tui-linreg progress` prints: each lesson and what of it is done, predictions, mistakes found."""
    finished = 0
    for lesson in lessons:
        done, total = progress.done_of(lesson), len(lesson.tasks)
        whole = done == total and (total > 0 or lesson.id in progress.lessons)
        finished += whole
        mark = "✓" if whole else "·" if done else " "
        yield f"{mark} {done} of {total} tasks  {printable(lesson.title)}"
    yield f"{finished} of {len(lessons)} lessons finished"
    if progress.left is not None:
        at = next((lesson for lesson in lessons if lesson.id == progress.left.lesson), None)
        task = None if at is None or progress.left.task is None else at.task(progress.left.task)
        if at is not None:
            yield f"left at: {printable(at.title)}{'' if task is None else f', task {printable(task.title)}'}"
    right, wrong = (sum(count[i] for count in progress.predictions.values()) for i in (0, 1))
    yield f"predictions: {right} right, {wrong} wrong, streak {progress.streak}, best {progress.best_streak}"
    for key, count in sorted(progress.predictions.items()):
        yield f"  {printable(key)}: {count.right} right, {count.wrong} wrong"
    yield f"mistakes found: {sum(progress.found.values())}"
    for (mistake, level), times in sorted(progress.found.items()):
        yield f"  {printable(mistake)}, level {level}: {times}"


def merged(mine: Progress, base: Progress, theirs: Progress) -> Progress:
    """Return what two apps did, together: `mine` and `theirs` both began from `base`.

    Finished tasks and lessons are united (of a lesson that one side began anew, with what the other did since `base`),
    counts added (what each did since `base`), the best streak is the better one;
    the place left and the current streak are mine where I changed them. When one side began anew since `base`, of the
    other only what it did since is added.
    """
    if mine.resets != theirs.resets:
        newer, older = (mine, theirs) if mine.resets > theirs.resets else (theirs, mine)
        return merged(_since(older, base, newer.resets), Progress(resets=newer.resets), newer)
    tasks = {lesson: _united(lesson, mine, base, theirs) for lesson in (*theirs.tasks, *mine.tasks)}
    lessons = frozenset(id_ for id_ in mine.lessons | theirs.lessons if _stays_finished(id_, mine, base, theirs))
    resets = {
        lesson: max(mine.lesson_resets.get(lesson, 0), theirs.lesson_resets.get(lesson, 0))
        for lesson in (*theirs.lesson_resets, *mine.lesson_resets)
    }
    zero = Count()
    counts = {
        key: Count(*(max(0, *(m + t - b, m, t)) for m, t, b in zip(
            mine.predictions.get(key, zero), theirs.predictions.get(key, zero), base.predictions.get(key, zero),
            strict=True,
        )))
        for key in (*theirs.predictions, *mine.predictions)
    }  # fmt: skip
    found = {
        key: max(mine.found.get(key, 0) + theirs.found.get(key, 0) - base.found.get(key, 0), mine.found.get(key, 0),
                 theirs.found.get(key, 0))
        for key in (*theirs.found, *mine.found)
    }  # fmt: skip
    predicted = mine.predictions != base.predictions
    return Progress(
        tasks=MappingProxyType(tasks),
        lessons=lessons,
        left=mine.left if mine.left != base.left else theirs.left,
        streak=mine.streak if predicted else theirs.streak,
        best_streak=max(mine.best_streak, theirs.best_streak),
        predictions=MappingProxyType(counts),
        found=MappingProxyType(found),
        resets=mine.resets,
        lesson_resets=MappingProxyType(resets),
    )


def _newer_first(lesson: str, mine: Progress, theirs: Progress) -> tuple[Progress, Progress] | None:
    """Return the side that began a lesson anew and the other one, None where neither or both did."""
    apart = mine.lesson_resets.get(lesson, 0) - theirs.lesson_resets.get(lesson, 0)
    return None if apart == 0 else (mine, theirs) if apart > 0 else (theirs, mine)


def _united(lesson: str, mine: Progress, base: Progress, theirs: Progress) -> frozenset[str]:
    """Return the finished tasks of a lesson on both sides."""
    sides = _newer_first(lesson, mine, theirs)
    newer, older = (mine, theirs) if sides is None else sides
    none: frozenset[str] = frozenset()
    before = none if sides is None else base.tasks.get(lesson, none)
    return newer.tasks.get(lesson, none) | (older.tasks.get(lesson, none) - before)


def _stays_finished(lesson: str, mine: Progress, base: Progress, theirs: Progress) -> bool:
    """Say whether a lesson that one side has as finished is so for both."""
    sides = _newer_first(lesson, mine, theirs)
    return sides is None or lesson in sides[0].lessons or lesson not in base.lessons


def _since(side: Progress, base: Progress, resets: int) -> Progress:
    """Return what a side did since `base`, as of a new beginning."""
    tasks = {lesson: done - base.tasks.get(lesson, frozenset()) for lesson, done in side.tasks.items()}
    pairs = {key: (count, base.predictions.get(key, Count())) for key, count in side.predictions.items()}
    counts = {key: Count(max(0, c.right - b.right), max(0, c.wrong - b.wrong)) for key, (c, b) in pairs.items()}
    found = {key: count - base.found.get(key, 0) for key, count in side.found.items()}
    return Progress(
        tasks=MappingProxyType({lesson: done for lesson, done in tasks.items() if done}),
        lessons=side.lessons - base.lessons,
        predictions=MappingProxyType({key: count for key, count in counts.items() if any(count)}),
        found=MappingProxyType({key: count for key, count in found.items() if count > 0}),
        resets=resets,
        lesson_resets=side.lesson_resets,
    )
