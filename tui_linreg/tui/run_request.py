"""`RunRequest`: a run to load, who asked for it, and how it is to be looked at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tui_linreg.engine.config import RunConfig
from tui_linreg.study.student.student import Student, StudentCode
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.run import Owner


@dataclass(frozen=True, slots=True, eq=False)
class RunRequest:
    """What `tui_linreg.tui.loader` makes a session of."""

    config: RunConfig
    """What may be shown and exported of the run."""
    texts: Mapping[str, str] | None = None
    """The form that asked, if one did: it opens again when the run is impossible."""
    planted: str | None = field(default=None, repr=False)
    """A mistake that the hand-written model makes and no text may name."""
    owner: Owner = "own"
    """Whose run it will be."""
    cursor: Cursor = field(default_factory=Cursor)
    """Where the cursor stands first."""
    student: Student | None = None
    """Whose `update` the hand-written model does; None: the program's own."""
    code: StudentCode | None = None
    """The version of that file; None: the newest, read again if it has been saved."""
    message: str | None = None
    """What to say when it is loaded; None: what the run is."""
