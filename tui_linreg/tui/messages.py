"""What background threads post, and how that comes into the state of the main screen.

A dialog that has work done takes these messages itself, and stops them.
"""

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


class Posted(Message):
    """Something that the main screen takes."""

    def take(self, controller: Controller) -> None:
        """Bring it into the state of the main screen; a frame follows."""
        raise NotImplementedError


class LoadingStage(Posted):
    """Loading went on to the next of `tui_linreg.tui.loader.STAGES`."""

    def __init__(self, stage: str) -> None:
        super().__init__()
        self.stage = stage

    def take(self, controller: Controller) -> None:
        if controller.loaded:
            controller.work.say(f"loading {self.stage}")
        else:
            controller.screen.say_loading(self.stage)


class Loaded(Posted):
    """A session is ready; `step` is where to stand, already computed, None where that is no work."""

    def __init__(self, request: RunRequest, session: Session, facts: RunFacts, step: Step | None = None) -> None:
        super().__init__()
        self.request = request
        self.session = session
        self.facts = facts
        self.step = step

    def take(self, controller: Controller) -> None:
        """Put the new run on the screen."""
        before, request = controller.runs.top, self.request
        controller.player.stop()
        controller.work.end()
        run = Run(self.session, self.facts, request.owner)
        if self.step is None:
            run.go(request.cursor)
        else:
            run.arrive(self.step, request.cursor.phase)
        controller.message = ""
        if before is not None:
            run.look = before.look
            config, facts = run.session.config, run.facts
            said = facts.warning or f"{config.rates.words}, {config.epochs} epochs, {facts.name}"
            controller.message = request.message or f"new run: {said}"
        controller.runs.begin(run)
        for feature in controller.features.values():
            feature.run_began(request, before)
        if before is None:
            controller.screen.call_after_refresh(controller.release_keys)


class Refused(Posted):
    """The data or the device that was asked for is impossible."""

    def __init__(self, error: InputError, request: RunRequest) -> None:
        super().__init__()
        self.error = error
        self.request = request

    def take(self, controller: Controller) -> None:
        """Let a feature deal with it, or say what is wrong; leave the app where there is no run to stay with."""
        controller.work.end()
        if any(feature.run_refused(self.request, self.error) for feature in reversed(controller.features.values())):
            return
        if controller.loaded:
            controller.say(f"✗ {self.error}")
        else:
            controller.app.leave(*explain(self.error))


class Progressed(Posted):
    """Long work went on."""

    def __init__(self, done: int, goal: int) -> None:
        super().__init__()
        self.done = done
        self.goal = goal

    def can_replace(self, message: Message) -> bool:
        """Let the newest stand for all that wait."""
        return isinstance(message, Progressed)

    def take(self, controller: Controller) -> None:
        controller.work.progress(self.done, self.goal)


class Finished(Posted):
    """Long work has ended.

    Args:
        step: where to go, already computed; None to stay.
        said: what is to be said of it.
        phase: where to be in the step; None: as before.
        keep: how many steps of the run are kept; None: all. The screen takes them away, since it looks at steps too.
        at_end: whether the work led to the end of the run, of which more is said.
    """

    def __init__(
        self, step: Step | None, said: str, phase: Phase | None = None, *, keep: int | None = None, at_end: bool = False
    ) -> None:
        super().__init__()
        self.keep = keep
        self.at_end = at_end
        self.step = step
        self.said = said
        self.phase = phase

    def take(self, controller: Controller) -> None:
        """Go where the work led."""
        for feature in controller.features.values():
            feature.work_ended()
        controller.work.end()
        controller.say(self.said)
        run = controller.run
        if self.keep is not None:
            run.session.cut_back(self.keep)
        if self.step is not None:
            run.arrive(self.step, self.phase)
        if self.at_end:
            controller.say_end(self.said)
        if run.session.failure is not None:
            controller.player.stop()


class Result(Posted):
    """Work for a feature is done; `then` is called on the screen's side."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self.then = then

    def take(self, controller: Controller) -> None:
        self.then()


class Broken(Posted):
    """Work in a thread raised something unforeseen."""

    def __init__(self, error: Exception, *, beside: bool = False) -> None:
        super().__init__()
        self.error = error
        self.beside = beside
        """Whether it was an instrument's work, which goes on beside all else."""

    def take(self, controller: Controller) -> None:
        """Say what the thread stumbled over, and go on with what is there."""
        if not self.beside:
            for feature in controller.features.values():
                feature.work_ended()
            controller.work.end()
            controller.player.stop()
        code, line = explain(self.error)
        if controller.loaded:
            controller.say(f"✗ {line}")
        else:
            controller.app.leave(code, line)


class Counted(Message):
    """The identical steps of another arithmetic are counted; `question` is what the work was started with."""

    def __init__(self, question: Hashable, identity: Identity) -> None:
        super().__init__()
        self.question = question
        self.identity = identity
