"""`Student`: a learner's own `update`, in a file that is read again when it is saved. Importable without torch.

    with Student("mine.py") as student:
        session = StudentSession(config, student)  # of tui_linreg.study.student.session
        session.train_to(64)
        if student.changed():
            student.reload()  # StudentError: say it; the run from before goes on
            session = StudentSession(config, student)

The learner's code runs in a process of its own with limits of time and memory, so that its mistakes end that process
and not the app. It is no sandbox: it may do whatever the person who started the app may.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui_linreg.engine.errors import InputError
from tui_linreg.study.student.channel import Limits, Question, StudentChannel
from tui_linreg.study.student.code import StudentCode, Watch
from tui_linreg.study.student.error import StudentError

if TYPE_CHECKING:
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.engine.models.scratch import SimpleLinearRegression
    from tui_linreg.engine.progress import Cancelled, Progress
    from tui_linreg.engine.training.session import Session

__all__ = ["Limits", "Student", "StudentCode", "StudentError", "refuse_options"]


class Student:
    """A learner's file and the process that runs it. Starts that process at once and does not wait for it.

    Every method may be called from any thread; calls of `update` take turns. Sessions made with an older version of the
    file go on with that version.

    Args:
        path: of the Python file.
        limits: how long the code may take; None: the usual ones.

    Raises:
        StudentError: kind "file" when the file cannot be read, "start" when no process can be started.
    """

    def __init__(self, path: str | Path, *, limits: Limits | None = None) -> None:
        self.path = Path(path).absolute()
        self._watch = Watch(self.path)
        self._code = self._watch.read()
        self._versions: dict[str, int] = {}
        self._channel = StudentChannel(self.path, limits or Limits())
        self._failure: tuple[int, Question, StudentError] | None = None
        self._seeking = False

    @property
    def code(self) -> StudentCode:
        """The version that `scratch_type` stands for."""
        return self._code

    @property
    def pid(self) -> int | None:
        """The process's id; None while there is none. It changes whenever the process had to be ended."""
        return self._channel.pid

    def check(self) -> None:
        """Run the file in its process and look for a usable `update`; waits for the process to start (2 s or so).

        Raises:
            StudentError: when the file cannot be used.
        """
        self._channel.load(self._code)

    def changed(self) -> bool:
        """Say whether the file has been saved with another content since it was last read.

        One `stat` (some microseconds) where nothing happened. False while the file is away.
        """
        return self._watch.changed()

    def reload(self) -> StudentCode:
        """Read and check the file again; where that fails, the version from before stays.

        Raises:
            StudentError: when it cannot be read or used. `changed` is False then until it is saved again.
        """
        code = self._watch.read()
        self._channel.load(code)
        self._code = code
        return code

    def newest(self) -> StudentCode:
        """Return the file's newest version, read again if it has been saved, and checked.

        Raises:
            StudentError: when it cannot be read or used.
        """
        if self.changed():
            return self.reload()
        self.check()
        return self._code

    def version(self, code: StudentCode) -> int:
        """Return how many different contents of the file had been run when this one first was, itself included."""
        return self._versions.setdefault(code.digest, len(self._versions) + 1)

    def scratch_type(self, code: StudentCode | None = None) -> type[SimpleLinearRegression]:
        """Return the from-scratch model's class for a `Session`, bound to a version of the file; None: the present."""
        from tui_linreg.study.student.model import model_of

        return model_of(self, code or self._code)

    def train(
        self,
        session: Session,
        steps: int,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> int:
        """Do what `Session.train_to` does; where `update` fails, every step before the failing one is kept.

        Raises:
            StudentError: what failed; `session.trained` is then the number of the failing step.
        """
        from tui_linreg.engine.training.session import Session

        try:
            return Session.train_to(session, steps, progress=progress, cancelled=cancelled)
        except StudentError:
            # What was trained together with the failing step went with it: once more, one step at a time.
            self._seeking = True
            try:
                return self._train_singly(session, min(steps, session.schedule.steps), cancelled)
            finally:
                self._seeking, self._failure = False, None

    def _train_singly(self, session: Session, steps: int, cancelled: Cancelled | None) -> int:
        from tui_linreg.engine.training.session import Session

        while session.trained < steps and not (cancelled is not None and cancelled()):
            Session.train_to(session, session.trained + 1)
        return session.trained

    def ask(self, code: StudentCode, question: Question) -> tuple[tuple[float, float, float, float], bytearray]:
        """Return what a version's `update` answers: ∂L/∂b, ∂L/∂w, b and w after, and the data of ∂L/∂ŷ.

        Raises:
            StudentError: when it fails.
        """
        known = self._failure
        if self._seeking and known is not None and known[0] == code.number and _same(known[1], question):
            raise known[2].with_traceback(None)  # it would only take its time limit again
        try:
            return self._channel.ask(code, question)
        except StudentError as error:
            self._failure = (code.number, question, error)
            raise

    def close(self) -> None:
        """End the process, at once, whatever it is doing; may be called more than once."""
        self._channel.close()

    def __enter__(self) -> Student:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def refuse_options(config: RunConfig) -> None:
    """Refuse what only the built-in model can do.

    Raises:
        InputError: with its field.
    """
    for field, chosen in (("mistake", config.mistake is not None), ("arithmetic", config.arithmetic != "notebook")):
        if chosen:
            raise InputError(f"--{field}: is for the built-in model, and --student puts another in its place",
                             field=field)  # fmt: skip


def _same(one: Question, other: Question) -> bool:
    """Say whether two questions are the same to the last bit."""
    if (one.count, one.single, one.lr, one.b, one.w) != (other.count, other.single, other.lr, other.b, other.w):
        return False
    return all(bytes(a) == bytes(b) for a, b in zip(one.vectors, other.vectors, strict=True))
