"""The progress file's content: JSON to `Progress` and back, keeping what a later version may have added."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tui_linreg.study.progress.progress import Count, Left, Progress

VERSION = 1
_KNOWN = ("version", "tasks", "lessons", "left", "streak", "predictions", "found", "resets", "lesson_resets")
_LARGEST = 2**53


def read_progress(raw: object) -> Progress:
    """Return the progress that a file's JSON holds; keys that are not known are passed over, missing ones are empty.

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
        tasks=MappingProxyType({key: _texts(tasks) for key, tasks in _mapping(top.get("tasks", {})).items()}),
        lessons=_texts(top.get("lessons", [])),
        left=None if left is None else _left(_mapping(left)),
        streak=_count(streak.get("current", 0)),
        best_streak=_count(streak.get("best", 0)),
        predictions=MappingProxyType(
            {key: Count(_count(c.get("right", 0)), _count(c.get("wrong", 0))) for key, c in predictions.items()}
        ),
        found=MappingProxyType(found),
        resets=_count(top.get("resets", 0)),
        lesson_resets=MappingProxyType(
            {key: _count(count) for key, count in _mapping(top.get("lesson_resets", {})).items()}
        ),
    )


def overlaid(raw: Mapping[str, object], progress: Progress, *, anew: bool = False) -> dict[str, object]:
    """Return `progress` as a file's JSON, with the unknown keys of `raw`, what the file held before.

    Args:
        raw: the older content; it is not changed.
        progress: what to write.
        anew: whether it is a new beginning, of which the known keys of `raw` are to be forgotten.
    """
    older = {key: value for key, value in raw.items() if not (anew and key in _KNOWN)}
    return _over(older, {"version": VERSION, **progress.as_json()})


def _over(older: Mapping[str, object], newer: Mapping[str, object]) -> dict[str, object]:
    found = {**newer, **{key: value for key, value in older.items() if key not in newer}}
    for key, value in newer.items():
        before = older.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            found[key] = _over(before, value)
    return found


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def _texts(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("no list of texts")
    return frozenset(value)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
        raise ValueError("no count")
    return value


def _left(value: Mapping[str, object]) -> Left:
    lesson, task = value.get("lesson"), value.get("task")
    if not isinstance(lesson, str) or not (task is None or isinstance(task, str)):
        raise ValueError("left")
    return Left(lesson, task)
