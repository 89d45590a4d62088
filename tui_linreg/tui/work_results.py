"""What threads post, brought into the state of the main screen."""

from __future__ import annotations

from tui_linreg.explain import explain
from tui_linreg.tui.controller import Controller
from tui_linreg.tui.messages import Broken, Finished, Loaded, LoadingStage, Progressed, Refused
from tui_linreg.tui.run import Run


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
