"""A learner's file as the screen sees it: whether it has been saved, what is wrong with it. No widget, no thread."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui_linreg.engine.errors import printable
from tui_linreg.study.student.error import StudentError
from tui_linreg.tui.error_line import Fault

if TYPE_CHECKING:
    from tui_linreg.study.student.student import Student

_LONGEST_NAME = 24
_AWAY_LOOKS = 3
"""Looks in a row that find no file before it is said: an editor that replaces it takes it away for a moment."""


class StudentFile:
    """The file whose `update` runs.

    Args:
        student: its process.
    """

    looks_a_second = 2

    def __init__(self, student: Student) -> None:
        self.student = student
        self.name = printable(student.path.name, _LONGEST_NAME)
        self._broken: Fault | None = None
        self._missed = 0

    @property
    def fault(self) -> Fault | None:
        """What is wrong with it at present."""
        if self._missed < _AWAY_LOOKS:
            return self._broken
        return Fault(StudentError("file", "the file is gone; what was read of it runs on", path=self.student.path))

    def breaks(self, error: StudentError, after: str) -> None:
        """Take note that its newest version cannot run, and what follows from that."""
        self._broken = Fault(error, after=after)

    def runs(self) -> None:
        """Take note that its newest version runs."""
        self._broken = None

    def saved(self) -> bool:
        """Look, and say whether it holds something else than was read last."""
        self._missed = 0 if os.path.lexists(self.student.path) else self._missed + 1
        return self.student.changed()
