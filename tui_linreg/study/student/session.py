"""A run whose from-scratch model does a learner's `update`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_linreg.engine.errors import printable
from tui_linreg.engine.training.session import Session
from tui_linreg.study.student.code import StudentCode
from tui_linreg.study.student.error import StudentError
from tui_linreg.study.student.student import Student, refuse_options

if TYPE_CHECKING:
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.engine.progress import Cancelled, Progress

_LONGEST_NAME = 24


class StudentSession(Session):
    """A session that trains with one version of a learner's file; what fails in it keeps every step before.

    Args:
        config: the options.
        student: whose `update` it is.
        code: the version of the file; None: the present one.

    Raises:
        InputError: as `Session`; also when the config asks for a mistake or another arithmetic.
    """

    def __init__(self, config: RunConfig, student: Student, code: StudentCode | None = None) -> None:
        refuse_options(config)
        self.student = student
        self.code = code or student.code
        self.file = printable(student.path.name, _LONGEST_NAME)
        self.author = f"{self.file} v{student.version(self.code)}"
        super().__init__(config, scratch_type=student.scratch_type(self.code))

    def train_to(
        self,
        steps: int,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> int:
        """Train as any session does; what `update` does wrong is kept in `failure` too until more steps are trained.

        Raises:
            StudentError: what failed; `trained` is then the number of the failing step.
        """
        before = self.trained
        try:
            return self.student.train(self, steps, progress=progress, cancelled=cancelled)
        except StudentError as error:
            self.failure, before = error, self.trained
            raise
        finally:
            if self.trained > before:
                self.failure = None
