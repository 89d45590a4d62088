"""`Progress`: what a learner has done, an immutable value, and its form in JSON.

Keys that a later version added are kept. `tui_linreg.study.progress_file` keeps it on the disk.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
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


@dataclass(frozen=True, slots=True)
class Progress:
    """What is done, as ids and counts, so that lessons may come and go."""

    tasks: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Lesson id → ids of its finished tasks."""
    lessons: frozenset[str] = frozenset()
    """Ids of the lessons of which all tasks were finished."""
    left: Left | None = None
    streak: int = 0
    """Right predictions since the last wrong one."""
    best_streak: int = 0
    predictions: Mapping[str, Count] = field(default_factory=dict)
    """Key of a quantity → how often it was predicted."""
    found: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """(mistake or "none", level from 1) → how often it was found."""

    def task_done(self, lesson: str, task: str, needed: Collection[str] = ()) -> Progress:
        """Return it with one more finished task, and the lesson finished if that was the last of `needed` (ids)."""
        done = self.tasks.get(lesson, frozenset()) | {task}
        lessons = self.lessons | {lesson} if needed and done >= set(needed) else self.lessons
        return replace(self, tasks={**self.tasks, lesson: done}, lessons=lessons)

    def lesson_done(self, lesson: str) -> Progress:
        """Return it with one more finished lesson (one without tasks, read to its end)."""
        return replace(self, lessons=self.lessons | {lesson})

    def left_at(self, lesson: str, task: str | None = None) -> Progress:
        """Return it with the place to go on from."""
        return replace(self, left=Left(lesson, task))

    def predicted(self, right: bool, quantity: str) -> Progress:
        """Return it with one more prediction of a quantity (a key of `engine.phases.QUANTITIES`)."""
        count = self.predictions.get(quantity, Count())
        count = Count(count.right + right, count.wrong + (not right))
        streak = self.streak + 1 if right else 0
        best, predictions = max(streak, self.best_streak), {**self.predictions, quantity: count}
        return replace(self, streak=streak, best_streak=best, predictions=predictions)

    def found_mistake(self, mistake: str, level: int) -> Progress:
        """Return it with one more mistake found: a name in `MISTAKES` or "none", at a level from 1."""
        count = self.found.get((mistake, level), 0) + 1
        return replace(self, found={**self.found, (mistake, level): count})

    def reset_lesson(self, lesson: str) -> Progress:
        """Return it with nothing of this lesson done; what was done of the others stays."""
        tasks = {id_: done for id_, done in self.tasks.items() if id_ != lesson}
        left = None if self.left is not None and self.left.lesson == lesson else self.left
        return replace(self, tasks=tasks, lessons=self.lessons - {lesson}, left=left)

    def is_done(self, lesson: str, task: str) -> bool:
        """Say whether a task is finished."""
        return task in self.tasks.get(lesson, frozenset())

    def done_of(self, lesson: Lesson) -> int:
        """Return how many of a lesson's tasks are finished: those that it needs now, none that it once had."""
        return sum(self.is_done(lesson.id, task.id) for task in lesson.needed)

    def is_finished(self, lesson: Lesson) -> bool:
        """Say whether all tasks that a lesson needs are finished, or it was read to its end where it needs none."""
        return self.done_of(lesson) == len(lesson.needed) and (bool(lesson.needed) or lesson.id in self.lessons)

    def optional_left(self, lesson: Lesson) -> int:
        """Return how many of a lesson's optional tasks are not finished."""
        return sum(task.optional and not self.is_done(lesson.id, task.id) for task in lesson.tasks)

    def next_task(self, lesson: Lesson) -> str | None:
        """Return the id of the task to go on with: where one left if that is not done, else the first open one.

        An optional task comes after all others.
        """
        in_order = sorted(lesson.tasks, key=lambda task: task.optional)
        open_ = [task.id for task in in_order if not self.is_done(lesson.id, task.id)]
        if self.left is not None and self.left.lesson == lesson.id and self.left.task in open_:
            return self.left.task
        return open_[0] if open_ else None


def describe_progress(progress: Progress, lessons: Collection[Lesson]) -> Iterator[str]:
    """Yield what `tui-linreg progress` prints: each lesson and what of it is done, predictions, mistakes found."""
    finished = 0
    for lesson in lessons:
        done, total, whole = progress.done_of(lesson), len(lesson.needed), progress.is_finished(lesson)
        finished += whole
        mark = "✓" if whole else "·" if done else " "
        written = sum(task.optional and progress.is_done(lesson.id, task.id) for task in lesson.tasks)
        more = f", {written} optional" if written else ""
        yield f"{mark} {done} of {total} tasks{more}  {printable(lesson.title)}"
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


VERSION = 1
_LARGEST = 2**53


def read_progress(raw: object) -> Progress:
    """Return the progress that a file's JSON holds; unknown keys are ignored, missing ones are empty.

    Raises:
        ValueError: when it is not of version 1, or a known key holds something else than it should.
    """
    top = _mapping(raw)
    if _count(top.get("version")) != VERSION:
        raise ValueError("version")
    left = top.get("left")
    streak = _mapping(top.get("streak", {}))
    found_by_level: dict[tuple[str, int], int] = {}
    for mistake, levels in _mapping(top.get("found", {})).items():
        for level, count in _mapping(levels).items():
            if not (level.isascii() and level.isdigit() and len(level) < 10):
                raise ValueError("level")
            found_by_level[mistake, int(level)] = _count(count)
    predictions = {key: _mapping(count) for key, count in _mapping(top.get("predictions", {})).items()}
    return Progress(
        tasks={key: _texts(tasks) for key, tasks in _mapping(top.get("tasks", {})).items()},
        lessons=_texts(top.get("lessons", [])),
        left=None if left is None else _left(_mapping(left)),
        streak=_count(streak.get("current", 0)),
        best_streak=_count(streak.get("best", 0)),
        predictions={
            key: Count(_count(count.get("right", 0)), _count(count.get("wrong", 0)))
            for key, count in predictions.items()
        },
        found=found_by_level,
    )


def progress_json(progress: Progress, before: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return `progress` as JSON-ready values in a stable order.

    Args:
        progress: what to write.
        before: what the file held; keys of it that this version does not know are kept. It is not changed.
    """
    before = before or {}
    streak = {} if progress == Progress() else _mapping(before.get("streak", {}))  # forgotten at a new beginning
    predictions = _mapping(before.get("predictions", {}))
    found: dict[str, dict[str, int]] = {}
    for (mistake, level), count in sorted(progress.found.items()):
        found.setdefault(mistake, {})[str(level)] = count
    return {
        **before,
        "version": VERSION,
        "tasks": {lesson: sorted(tasks) for lesson, tasks in sorted(progress.tasks.items())},
        "lessons": sorted(progress.lessons),
        "left": None if progress.left is None else progress.left._asdict(),
        "streak": {**streak, "current": progress.streak, "best": progress.best_streak},
        "predictions": {
            key: {**_mapping(predictions.get(key, {})), **counts._asdict()}
            for key, counts in sorted(progress.predictions.items())
        },
        "found": found,
    }


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _texts(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("not a list of texts")
    return frozenset(value)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
        raise ValueError("not a count")
    return value


def _left(value: Mapping[str, object]) -> Left:
    lesson, task = value.get("lesson"), value.get("task")
    if not isinstance(lesson, str) or not (task is None or isinstance(task, str)):
        raise ValueError("left")
    return Left(lesson, task)
