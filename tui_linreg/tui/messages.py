"""What background threads tell the screen; they post these and touch nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from textual.message import Message

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.phases import Phase
from tui_linreg.tui.run_request import RunRequest
from tui_linreg.tui.view import RunFacts

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.identity import Identity
    from tui_linreg.engine.step import Step
    from tui_linreg.engine.training.session import Session


class LoadingStage(Message):
    """Loading went on to the next of `tui_linreg.tui.loader.STAGES`."""

    def __init__(self, stage: str) -> None:
        super().__init__()
        self.stage = stage


class Loaded(Message):
    """A session is ready; `step` is where to stand, already computed, None where that is no work."""

    def __init__(self, request: RunRequest, session: Session, facts: RunFacts, step: Step | None = None) -> None:
        super().__init__()
        self.request = request
        self.session = session
        self.facts = facts
        self.step = step


class Refused(Message):
    """The data or the device that was asked for is impossible."""

    def __init__(self, error: InputError, request: RunRequest) -> None:
        super().__init__()
        self.error = error
        self.request = request


class Progressed(Message):
    """Long work went on."""

    def __init__(self, done: int, goal: int) -> None:
        super().__init__()
        self.done = done
        self.goal = goal

    def can_replace(self, message: Message) -> bool:
        """Let the newest stand for all that wait."""
        return isinstance(message, Progressed)


class Finished(Message):
    """Long work has ended.

    Args:
        step: where to go, already computed; None to stay.
        said: what is to be said of it.
        phase: where to be in the step; None: as before.
        keep: how many steps of the run are kept; None: all. The screen takes them away, since it looks at steps too.
    """

    def __init__(self, step: Step | None, said: str, phase: Phase | None = None, *, keep: int | None = None) -> None:
        super().__init__()
        self.keep = keep
        self.step = step
        self.said = said
        self.phase = phase


class Result(Message):
    """Work for a feature is done; `take` is called with it on the screen's side."""

    def __init__(self, take: Callable[[], None]) -> None:
        super().__init__()
        self.take = take


class Counted(Message):
    """The identical steps of another arithmetic are counted; `question` is what the work was started with."""

    def __init__(self, question: Hashable, identity: Identity) -> None:
        super().__init__()
        self.question = question
        self.identity = identity


class Broken(Message):
    """Work in a thread raised something unforeseen."""

    def __init__(self, error: Exception, *, beside: bool = False) -> None:
        super().__init__()
        self.error = error
        self.beside = beside
        """Whether it was an instrument's work, which goes on beside all else."""
