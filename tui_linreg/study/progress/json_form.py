"""The content of the progress file: JSON to `Progress` and back. Keys that a later version added are kept."""

from __future__ import annotations

from collections.abc import Mapping

from tui_linreg.study.progress.progress import Count, Left, Progress

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
    found: dict[tuple[str, int], int] = {}
    for mistake, levels in _mapping(top.get("found", {})).items():
        for level, count in _mapping(levels).items():
            if not (level.isascii() and level.isdigit() and len(level) < 10):
                raise ValueError("level")
            found[mistake, int(level)] = _count(count)
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
        found=found,
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
