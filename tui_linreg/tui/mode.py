"""A mode: as long as it is on, some keys do something else, the line at the bottom is its own, and so are its keys.

The controller has at most one. Keys that a mode does not take work as always; those that move through the run, or start
or study one, end it first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.tui.commands import APP, INSTRUMENT, LOOK, Command

if TYPE_CHECKING:
    from tui_linreg.tui.view import View

_STAYS_IN = frozenset({LOOK, INSTRUMENT, APP})
"""Groups of commands that only look at what there is."""
_READING = frozenset({"lesson.hint", "lesson.text", "lesson.back"})
"""Commands that read a lesson and change nothing of the run."""


class ModeKey(NamedTuple):
    """Some keys of a mode, for the footer."""

    commands: str
    """The ids of the commands whose keys these are, separated by blanks."""
    label: str


class ModeLine(NamedTuple):
    """What a frame shows of a mode."""

    texts: tuple[str, ...]
    """What the line at the bottom says, the longest form first; the first that fits is shown."""
    keys: tuple[ModeKey, ...]
    """The most important first."""
    badge: str = ""
    """What stands in the corner in the place of LIVE or PAST; empty: they stay."""
    samples: str = ""
    """Which samples are shown, in the place of epoch and batch; empty: those stay."""

    def fitted(self, width: int) -> str:
        """Return the longest form that fits, or the shortest one."""
        return next((text for text in self.texts if len(text) <= width), self.texts[-1])


class Mode:
    """What a feature turns on by `Controller.enter_mode`."""

    takes: Mapping[str, Callable[[], None]]
    """Command id → what its keys do meanwhile."""

    def seen(self, view: View) -> View:
        """Return the frame as it looks meanwhile; the same state gives the same frame."""
        raise NotImplementedError

    def state_changed(self) -> bool:
        """Something has changed, a frame follows: return whether the mode goes on."""
        return True

    def facts(self) -> Mapping[str, object]:
        """Return what a lesson's task may ask of it: fields of `study.lessons.conditions.ScreenFacts`."""
        return {}

    def stays(self, command: Command) -> bool:
        """Return whether a command that the mode does not take leaves it on."""
        return command.group in _STAYS_IN or command.id in _READING
