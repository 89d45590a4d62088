"""What the two panes of a lesson are told: its strip at the bottom, and its text beside the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class LessonPage(NamedTuple):
    """A page of a lesson's text, or a task in full."""

    title: str
    text: str
    place: str
    """Which of them it is: "page 1 of 2", "task 2 of 4"."""
    extra: tuple[tuple[str, str], ...] = ()
    """(role, text) of lines below the text: options, hints."""


@dataclass(frozen=True, slots=True)
class LessonView:
    """Where a learner stands in a lesson. All its texts are plain; equal ones look the same."""

    number: int
    count: int
    title: str
    place: str
    """"page 1 of 2", "task 2 of 4" or "finished"."""
    done: tuple[bool, ...]
    """Of each task whether it is finished."""
    at: int | None
    """Index of the task at hand."""
    text: str
    """What is to be done."""
    told: tuple[str, str] | None
    """(role, text): the last hint, or what became of the task."""
    keys: tuple[tuple[str, str], ...]
    """(binding id, what it does here), the most important first."""
    page: LessonPage | None = None
    """What stands beside the run; None: only the strip is there."""
    away: bool = False
    """Whether another run than the task's own is on the screen."""
