"""What a feature of the main screen is: an object with commands, and hooks that the controller calls.

A feature is a folder or module in `tui_linreg.tui.features`. It knows the controller and the screen, never another one.
Every hook may be left out. The controller calls them in the order of `tui_linreg.tui.features.FEATURES`; `run_refused`
and `next_to_predict` in the reverse order: there the first answer counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, ClassVar

from tui_linreg.engine.errors import InputError
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.hidden import NOTHING, Hidden
from tui_linreg.tui.run import Run, RunRequest
from tui_linreg.tui.view import ErrorLine, LessonView, View

if TYPE_CHECKING:
    from tui_linreg.tui.controller import Controller


class Feature:
    """A part of what the main screen can do.

    Args:
        controller: the runs, the background work, and what is said.
    """

    name: ClassVar[str]
    """What `Command.feature` calls it."""

    def __init__(self, controller: Controller) -> None:
        self.controller = controller

    # ── the app, the state, the frame ────────────────────────────────────────────────────────────────────────────

    def opened(self) -> None:
        """The first frame is on the screen; no run is loaded yet."""

    def state_changed(self) -> None:
        """A key, a dialog or background work has changed something; a frame follows. Never called while drawing."""

    def frame_shown(self, view: View) -> None:
        """The panes have been given a frame."""

    # ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def complete(self, request: RunRequest) -> RunRequest:
        """Return a request for a run of the user's own with what this feature adds to it."""
        return request

    def run_began(self, request: RunRequest, before: Run | None) -> None:
        """The run that was asked for is on the screen; `before` was there until now (None: it is the first)."""

    def run_refused(self, request: RunRequest, error: InputError) -> bool:
        """The run that was asked for cannot be loaded. Return whether this feature has dealt with it."""
        return False

    def work_ended(self) -> None:
        """Background work has ended or broken without a new run."""

    def ended_by_a_new_run(self) -> str:
        """Return what the edit form says that a new run ends; empty where it ends nothing of this feature's."""
        return ""

    # ── what is hidden, and what stands in the frame ─────────────────────────────────────────────────────────────

    def hidden(self, run: Run) -> Hidden:
        """Return what a frame of this run must not show."""
        return NOTHING

    def right_parts(self, run: Run) -> frozenset[str]:
        """Return the parts of a learner's file that are right over this run, by name."""
        return frozenset()

    def lesson_view(self) -> LessonView | None:
        """Return what the lesson panes show; None where this feature has nothing for them."""
        return None

    def error_line(self, run: Run) -> ErrorLine | None:
        """Return what is wrong and stays on the status line; None where nothing is."""
        return None

    def facts(self) -> Mapping[str, object]:
        """Return what a lesson's task may ask of this feature: fields of `study.lessons.conditions.ScreenFacts`."""
        return {}

    def comes_first(self, command: str) -> bool:
        """Say whether a command does its own work now, though a mode that is on would take its key."""
        return False

    def put_page_away(self) -> None:
        """Put the text away that stands where a chart or an instrument is to be shown."""

    # ── questions ────────────────────────────────────────────────────────────────────────────────────────────────

    def dialog_opened(self, name: str) -> None:
        """A dialog was opened; lessons call it by this name."""

    def next_to_predict(self, cursor: Cursor) -> Cursor | None:
        """Return the place whose numbers are to be predicted next; None: whatever comes after the cursor."""
        return None

    def predicted(self, keys: Collection[str], right: Collection[str], step: int) -> None:
        """These quantities of a step (from 0) were predicted, or shown in the attempt; `right` are those predicted."""
