"""What background threads post, and how that comes into the state of the main screen."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from textual.message import Message

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.phases import Phase
from tui_linreg.explain import explain
from tui_linreg.tui.run import Run, RunRequest
from tui_linreg.tui.view import RunFacts

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.identity import Identity
    from tui_linreg.engine.step import Step
    from tui_linreg.engine.training.session import Session
    from tui_linreg.tui.controller import Controller


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


class WorkResults:
    """Takes what long work posts.

    Args:
        controller: of the main screen.
    """

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def run_loaded(self, message: Loaded) -> None:
        """Put the new run on the screen."""
        controller = self._controller
        before, request = controller.runs.top, message.request
        controller.player.stop()
        controller.work.end()
        run = Run(message.session, message.facts, request.owner)
        if message.step is None:
            run.go(request.cursor)
        else:
            run.arrive(message.step, request.cursor.phase)
        controller.message = ""
        if before is not None:
            run.look = before.look
            config, facts = run.session.config, run.facts
            said = facts.warning or f"η {config.lr:g}, {config.epochs} epochs, {facts.name}"
            controller.message = request.message or f"new run: {said}"
        controller.runs.begin(run)
        for feature in controller.features.values():
            feature.run_began(request, before)
        controller.changed()
        if before is None:
            controller.screen.call_after_refresh(controller.release_keys)

    def run_refused(self, message: Refused) -> None:
        """Let a feature deal with it, or say what is wrong; leave the app where there is no run to stay with."""
        controller = self._controller
        controller.work.end()
        if any(
            feature.run_refused(message.request, message.error) for feature in reversed(controller.features.values())
        ):
            controller.changed()
        elif not controller.loaded:
            controller.app.leave(*explain(message.error))
        else:
            controller.say(f"✗ {message.error}")
            controller.changed()

    def work_broken(self, message: Broken) -> None:
        """Say what a thread stumbled over, and go on with what is there."""
        controller = self._controller
        if not message.beside:
            for feature in controller.features.values():
                feature.work_ended()
            controller.work.end()
            controller.player.stop()
        code, line = explain(message.error)
        if controller.loaded:
            controller.say(f"✗ {line}")
            controller.changed()
        else:
            controller.app.leave(code, line)

    def work_finished(self, message: Finished) -> None:
        """Go where the work led."""
        controller = self._controller
        for feature in controller.features.values():
            feature.work_ended()
        controller.work.end()
        controller.say(message.said)
        run = controller.run
        if message.keep is not None:
            run.session.cut_back(message.keep)
        if message.step is not None:
            run.arrive(message.step, message.phase)
        if run.session.failure is not None:
            controller.player.stop()
        controller.changed()

    def loading_went_on(self, message: LoadingStage) -> None:
        """Say what is being loaded."""
        controller = self._controller
        if controller.loaded:
            controller.work.say(f"loading {message.stage}")
            controller.changed()
        else:
            controller.screen.say_loading(message.stage)

    def work_went_on(self, message: Progressed) -> None:
        """Move the progress bar."""
        controller = self._controller
        controller.work.progress(message.done, message.goal)
        controller.changed()
