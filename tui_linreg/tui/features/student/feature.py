"""A learner's own model on the screen: its file is read again when it is saved, and judged over the whole run.

The built-in model stands in for one that cannot run, until the learner has mended it; of one that runs, what is not
written yet is hidden. A run that a hunt or a lesson sets is the built-in model's: the file waits until that run is
left, but it is judged over a lesson's run too, for its tasks.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_linreg.engine.errors import InputError, printable, quoted
from tui_linreg.study.student.code import StudentCode, StudentError
from tui_linreg.study.student.words import absent_text, right_text, wrong_text
from tui_linreg.tui.feature import Feature
from tui_linreg.tui.features.student.elsewhere import Elsewhere, Found
from tui_linreg.tui.features.student.file import StudentFile
from tui_linreg.tui.hidden import NOTHING, Hidden
from tui_linreg.tui.run import Run, RunRequest
from tui_linreg.tui.view import ErrorLine

if TYPE_CHECKING:
    from tui_linreg.study.student.judged import RunJudgement
    from tui_linreg.study.student.student import Student
    from tui_linreg.tui.controller import Controller


_FATAL = ("file", "start")
"""Kinds of error with which the app does not begin: no saving mends them."""
_TRAINING = ("training", "computing", "running until")
"""What is stopped for a file that has been saved: what it trains would be thrown away."""


class StudentsFile(Feature):
    """Puts a learner's model in the place of the hand-written one."""

    name = "student"

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._file: StudentFile | None = None
        self._taken_up = False
        """Whether the file is yet to be run since it was taken up in the app."""
        if controller.student is not None:
            self._follow(controller.student)
        self._stand_in: RunRequest | None = None
        """The request for a run of the built-in model that stands in for the learner's."""
        self._standing_in: Run | None = None

    def _follow(self, student: Student) -> None:
        self._file, self._elsewhere = StudentFile(student), Elsewhere(student)

    def opened(self) -> None:
        if self._file is not None:
            self.controller.screen.set_interval(1 / self._file.looks_a_second, self.look_at_file)

    def take_up(self, path: str) -> None:
        """Run a file in the hand-written model's place from now on; an empty one is written where there is none.

        Raises:
            InputError: when it cannot be written or read, or the run is one that only the built-in model can do.
        """
        from tui_linreg.study.student.skeleton import write_new
        from tui_linreg.study.student.student import Student, refuse_options

        controller, own = self.controller, self.controller.runs.own
        assert own is not None
        refuse_options(own.session.config)
        new = not os.path.lexists(path)
        if new:
            write_new(path)
        controller.student = Student(path)
        self._follow(controller.student)
        self._standing_in, self._taken_up = own, True
        self.opened()
        controller.say(f"{quoted(controller.student.path)} {'written' if new else 'taken up'}; edit it and save it")

    def complete(self, request: RunRequest) -> RunRequest:
        """Return the request for a run by whoever did the present one, before a hunt; the first is the learner's."""
        run, file = self.controller.runs.beneath_hunt(), self._file
        if file is None or (run is not None and not self._is_own(run)):
            return request
        if run is not None and run is self._standing_in:
            self._stand_in = request
            return request
        return replace(request, student=file.student, code=None if run is None else _code_of(run))

    def _is_own(self, run: Run) -> bool:
        """Return whether the run is the learner's, or stands in for it."""
        return run.session.author is not None or run is self._standing_in

    def run_began(self, request: RunRequest, before: Run | None) -> None:
        """Say whose model runs."""
        controller, file = self.controller, self._file
        run = controller.run
        if file is None:
            return
        if request is self._stand_in:
            self._standing_in = run
        elif request.student is None:
            built_in = f"the built-in model, not {file.name}"
            controller.message = f"{controller.message}; {built_in}" if controller.message else built_in
            return
        elif request.code is None:
            file.clear_error()
        judgement = _judgement_of(run)
        if judgement is not None and not wrong_text(judgement) and (right := right_text(judgement)):
            controller.message = f"{controller.message}: {right}" if request.message else f"{file.name}: {right}"
        if run.cursor.step < request.cursor.step and run.session.failure is None:
            controller.message += f", trained to step {run.session.trained} so far: ↓ goes on"

    def run_refused(self, request: RunRequest, error: InputError) -> bool:
        """Let the built-in model stand in at the start; later the run from before stays, with the error below it."""
        file, run = self._file, self.controller.runs.top
        if file is None or request.student is None or not isinstance(error, StudentError):
            return False
        if run is None:
            if error.kind in _FATAL:
                return False
            file.set_error(error, "the built-in model stands in")
            self._stand_in = RunRequest(request.config)
            self.controller.load(self._stand_in)
            return True
        if request.texts is not None:
            return False
        file.set_error(
            error, "the built-in model stands in" if run is self._standing_in else "the run from before stays"
        )
        self.controller.say("")
        return True

    def error_line(self, run: Run) -> ErrorLine | None:
        if self._file is None:
            return None
        if not self._is_own(run):
            found = self._found_elsewhere(run)
            if found is not None and found.error is not None:
                return ErrorLine(found.error)
            judgement = None if found is None else found.judgement
            return None if judgement is None else self._line(judgement, wrong_text(judgement))
        return self._file.error or ErrorLine.of_step(run.session) or self._judged(run)

    def _judged(self, run: Run) -> ErrorLine | None:
        """Return what is wrong with the file over the whole run, else what is not written yet."""
        judgement = _judgement_of(run)
        if judgement is None or run.session.timeline.first_overflow is not None:
            return None
        return self._line(judgement, wrong_text(judgement) or absent_text(judgement))

    def _line(self, judgement: RunJudgement, text: str) -> ErrorLine | None:
        assert self._file is not None
        return ErrorLine(InputError(text if judgement.failure else f"{self._file.name}: {text}")) if text else None

    def _found_elsewhere(self, run: Run) -> Found | None:
        """Return how the file stands over a lesson's run, as far as that is known; None over other runs."""
        return self._elsewhere.found(run.session.config) if self._file is not None and run.owner == "lesson" else None

    def hidden(self, run: Run) -> Hidden:
        return Hidden.of_absent(run.session.absent, run.cursor.step) if run.session.absent else NOTHING

    def right_parts(self, run: Run) -> frozenset[str]:
        if self._file is None:
            return frozenset()
        found = self._found_elsewhere(run)
        judgement = _judgement_of(run) if found is None else found.judgement
        return frozenset() if judgement is None else judgement.right_parts | judgement.right_quantities

    def dialog(self) -> None:
        """Say how each part of the file stands over the run, why, and what it printed."""
        from tui_linreg.tui.features.student.dialog import StudentDialog
        from tui_linreg.tui.features.student.new_file import NewFileDialog

        run, file = self.controller.run, self._file
        found, name = self._found_elsewhere(run), None if file is None else file.name
        if file is None and not self.controller.app.is_web:
            self.controller.ask(NewFileDialog(self.take_up))
            return
        if run.session.author is not None:
            printed = run.session.printed.lines()  # type: ignore[attr-defined]
            self.controller.ask(StudentDialog(name, _judgement_of(run), printed, run.cursor.step))
        elif found is None:
            self.controller.ask(StudentDialog(name, None, ()))
        else:
            said = "" if found.error is None else printable(found.error, 400)
            self.controller.ask(StudentDialog(name, found.judgement, found.printed, run.cursor.step, said))

    def look_at_file(self) -> None:
        """Read the file again if it has been saved; what trains is stopped for it, other work waited for."""
        controller, file = self.controller, self._file
        run = controller.runs.top
        if run is None or file is None or controller.app.screen is not controller.screen:
            return
        if not self._is_own(run):
            if run.owner == "lesson" and self._elsewhere.look(run.session.config):
                controller.changed()
            return
        before = file.error
        if file.has_changed() or self._taken_up:
            if controller.work.busy is None:
                said = f"{file.name} {'runs' if self._taken_up else 'read again'}"
                self._taken_up = False
                controller.load(RunRequest(controller.config, student=file.student, cursor=run.cursor, message=said))
                controller.changed()
            elif controller.work.what in _TRAINING:
                controller.work.cancel()
        if file.error != before:
            controller.changed()


def _judgement_of(run: Run) -> RunJudgement | None:
    """Return how the file stands over a run, None where that is not the learner's."""
    from tui_linreg.study.student.session import StudentSession

    return run.session.judgement if isinstance(run.session, StudentSession) else None


def _code_of(run: Run) -> StudentCode | None:
    """Return the version of the file that a run does, so that the next one does the same."""
    from tui_linreg.study.student.session import StudentSession

    return run.session.code if isinstance(run.session, StudentSession) else None
