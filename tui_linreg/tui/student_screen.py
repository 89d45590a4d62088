"""A learner's own `update` on the screen: its file is read again when it is saved.

The built-in model stands in for one that cannot run, until the learner has mended it. A run that a hunt or a lesson
sets is the built-in model's: the file waits until that run is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_linreg.study.student.error import StudentError
from tui_linreg.tui.hunting import HuntingScreen
from tui_linreg.tui.run_request import RunRequest

if TYPE_CHECKING:
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.engine.errors import InputError
    from tui_linreg.settings import Settings
    from tui_linreg.study.student.student import Student, StudentCode
    from tui_linreg.tui.run import Explorer
    from tui_linreg.tui.student_file import StudentFile

_FATAL = ("file", "start")
"""Kinds of error with which the app does not begin: no saving mends them."""
_TRAINING = ("training", "computing", "running until")
"""What is stopped for a file that has been saved: what it trains would be thrown away."""


class StudentScreen(HuntingScreen):
    """A run that may be of a learner's own making.

    Args:
        config: the run to begin with.
        settings: the user's.
        student: whose `update` the hand-written model does; None: the program's own.
    """

    def __init__(self, config: RunConfig, settings: Settings, student: Student | None = None) -> None:
        super().__init__(config, settings)
        self._file: StudentFile | None = None
        if student is not None:
            from tui_linreg.tui.student_file import StudentFile

            self._file = StudentFile(student)
        self._stand_in: RunRequest | None = None
        self._standing_in: Explorer | None = None

    def opened(self) -> None:
        """Begin to load, and to look whether the file is saved."""
        super().opened()
        if self._file is not None:
            self.set_interval(1 / self._file.looks_a_second, self._look_at_file)

    def own_run(self, config: RunConfig, texts: Mapping[str, str] | None = None) -> RunRequest:
        """Return the request for a run by whoever did the present one, before a hunt; the first is the learner's."""
        explorer, file = None if self.explorer is None else self._own(), self._file
        if file is None or (explorer is not None and not self._is_own(explorer)):
            return super().own_run(config, texts)
        if explorer is not None and explorer is self._standing_in:
            self._stand_in = RunRequest(config, texts)
            return self._stand_in
        return RunRequest(config, texts, student=file.student, code=None if explorer is None else _code_of(explorer))

    def _is_own(self, explorer: Explorer) -> bool:
        """Say whether the run is the learner's, or stands in for it."""
        return explorer.session.author is not None or explorer is self._standing_in

    def run_began(self, request: RunRequest, before: Explorer | None) -> None:
        """Say whose model runs."""
        super().run_began(request, before)
        explorer, file = self._ready(), self._file
        if file is None:
            return
        if request is self._stand_in:
            self._standing_in = explorer
        elif request.student is None:
            built_in = f"the built-in model, not {file.name}"
            explorer.message = f"{explorer.message}; {built_in}" if explorer.message else built_in
            return
        elif request.code is None:
            file.clear_error()
        explorer.fault = file.error
        if explorer.cursor.step < request.cursor.step and explorer.session.failure is None:
            explorer.message += f", trained to step {explorer.session.trained} so far: ↓ goes on"

    def run_refused(self, request: RunRequest, error: InputError) -> bool:
        """Let the built-in model stand in at the start; later the run from before stays, with the error below it."""
        if super().run_refused(request, error):
            return True
        file, explorer = self._file, self.explorer
        if file is None or request.student is None or not isinstance(error, StudentError):
            return False
        if explorer is None:
            if error.kind in _FATAL:
                return False
            file.set_error(error, "the built-in model stands in")
            self._stand_in = RunRequest(request.config)
            self.load(self._stand_in)
            return True
        if request.texts is not None:
            return False
        stays = "the built-in model stands in" if explorer is self._standing_in else "the run from before stays"
        file.set_error(error, stays)
        explorer.fault, explorer.message = file.error, ""
        self.render_view()
        return True

    def _look_at_file(self) -> None:
        """Read the file again if it has been saved; what trains is stopped for it, other work waited for."""
        explorer, file = self.explorer, self._file
        if explorer is None or file is None or self.app.screen is not self or not self._is_own(explorer):
            return
        if file.has_changed():
            if self._busy is None:
                self._stop_playing()
                asked = RunRequest(self._config, student=file.student, cursor=explorer.cursor,
                                   message=f"{file.name} read again")  # fmt: skip
                self.load(asked)
                self.render_view()
            elif self._busy_what in _TRAINING:
                self.background.cancel()
        if explorer.fault != file.error:
            explorer.fault = file.error
            self.render_view()

    def action_restart(self) -> None:
        """Begin again from the same start; with a learner's `update`, which takes its time, as a new run."""
        explorer = self._ready()
        if explorer.session.author is None:
            super().action_restart()
        elif not self._refuse_when_busy():
            self._stop_playing()
            asked = self.own_run(self._config)
            self.load(replace(asked, cursor=explorer.cursor.to(0), message="restarted from the same b and w"))
            self.render_view()


def _code_of(explorer: Explorer) -> StudentCode | None:
    """Return the version of the file that a run does, so that the next one does the same."""
    from tui_linreg.study.student.session import StudentSession

    session = explorer.session
    return session.code if isinstance(session, StudentSession) else None
