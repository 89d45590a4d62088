"""Stepping: the moves, playing, go to, run until a condition, restart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui_linreg.engine.config import LARGEST_COUNT
from tui_linreg.engine.phases import Phase
from tui_linreg.number_text import thousands
from tui_linreg.tui import jobs
from tui_linreg.tui.feature import Feature

if TYPE_CHECKING:
    from tui_linreg.tui.controller import Controller
    from tui_linreg.tui.features.stepping.dialogs import UntilChoice

SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
"""Mini-batches a second that playing may have."""


class Stepping(Feature):
    """Moves through the run."""

    name = "stepping"

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._until_choice: tuple[str, str] | None = None

    def move(self, move: str) -> None:
        """Make one of `tui_linreg.tui.cursor.MOVES`."""
        self.controller.move(move)

    def play(self) -> None:
        """Stop the work under way, else play or pause."""
        controller = self.controller
        if controller.work.busy is not None:
            controller.work.cancel()
        elif controller.player.playing:
            controller.player.stop()
        else:
            controller.say("")
            controller.player.play()

    def faster(self) -> None:
        """Take the next higher of `SPEEDS`."""
        now = self.controller.player.speed
        self._play_at(next((speed for speed in SPEEDS if speed > now), now))

    def slower(self) -> None:
        """Take the next lower of `SPEEDS`."""
        now = self.controller.player.speed
        self._play_at(next((speed for speed in reversed(SPEEDS) if speed < now), now))

    def _play_at(self, speed: float) -> None:
        self.controller.player.play_at(speed)
        self.controller.say(f"plays {speed:g} mini-batch{'es' * (speed != 1)} a second")

    def restart(self) -> None:
        """Begin again from the same start; with a learner's own update, which takes its time, as a new run."""
        controller, run = self.controller, self.controller.run
        said = "restarted from the same b and w"
        if run.session.author is None:
            run.restart()
            controller.say(said)
        else:
            request = controller.own_request(controller.config)
            controller.load(replace(request, cursor=run.cursor.to(0), message=said))

    def more_epochs(self) -> None:
        """Double the epochs of the user's own run, which goes on as if it had been started with them."""
        controller, run = self.controller, self.controller.run
        epochs = run.session.config.epochs
        if run.owner != "own":
            controller.say(f"a {run.owner}'s run keeps its {epochs} epochs; e starts a run of your own")
        elif epochs == LARGEST_COUNT:
            controller.say(f"a run has {thousands(epochs)} epochs at most")
        else:
            more = min(2 * epochs, LARGEST_COUNT)
            run.extend(more)
            controller.say(f"the same run, now of {thousands(more)} epochs, {thousands(run.last + 1)} steps: ↓ goes on")

    def goto(self) -> None:
        """Ask for a step and go there."""
        from tui_linreg.tui.features.stepping.dialogs import GotoDialog

        run = self.controller.run

        def go(step: int | None) -> None:
            if step is not None and run is self.controller.run:  # a new run may have come meanwhile
                self.controller.say("")
                self.controller.go(run.cursor.to(step))

        self.controller.ask(GotoDialog(run.session.schedule, run.cursor.step, run.session.trained), go)

    def until(self) -> None:
        """Ask for a condition and run until it holds."""
        from tui_linreg.tui.features.stepping.dialogs import UntilDialog

        controller, run = self.controller, self.controller.run

        def start(choice: UntilChoice | None) -> None:
            if choice is not None:
                self._until_choice = (choice.key, choice.value)
                controller.player.stop()
                first = run.cursor.step + (run.cursor.phase >= Phase.UPDATE)  # one that is not finished counts
                job = jobs.search(run.session, choice.condition, first, controller.screen.post_message, run.look.kept)
                controller.begin("running until", job)

        controller.ask(UntilDialog(self._until_choice, controller.hidden.stops_at), start)
