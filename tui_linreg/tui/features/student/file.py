"""The learner's file as the screen knows it: what is wrong with its newest version, and whether it has been saved."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui_linreg.study.student.code import StudentError
from tui_linreg.tui.view import ErrorLine

if TYPE_CHECKING:
    from tui_linreg.study.student.student import Student

_AWAY_LOOKS = 3
"""So many looks in a row must find no file until it is reported: an editor removes it for a moment to replace it."""


class StudentFile:
    """The file whose model runs.

    Args:
        student: its process.
    """

    looks_a_second = 2

    def __init__(self, student: Student) -> None:
        self.student = student
        self.name = student.name
        self._gone = ErrorLine(StudentError("file", "the file is gone; what was read of it runs on", path=student.path))
        self._newest_error: ErrorLine | None = None
        self._missed = 0

    @property
    def error(self) -> ErrorLine | None:
        """What is wrong with the file at present, None where nothing is."""
        return self._newest_error if self._missed < _AWAY_LOOKS else self._gone

    def set_error(self, error: StudentError, after: str) -> None:
        """Store that the newest version cannot run, and what follows from that."""
        self._newest_error = ErrorLine(error, after=after)

    def clear_error(self) -> None:
        """Store that the newest version runs."""
        self._newest_error = None

    def has_changed(self) -> bool:
        """Return whether the file's content differs from the version last read."""
        self._missed = 0 if os.path.lexists(self.student.path) else self._missed + 1
        return self.student.changed()
