"""Playing: one mini-batch at a time, by a timer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.timer import Timer

if TYPE_CHECKING:
    from tui_linreg.tui.controller import Controller


class Player:
    """Goes on by itself while it plays.

    Args:
        controller: of the main screen.
        speed: mini-batches a second.
    """

    def __init__(self, controller: Controller, speed: float) -> None:
        self.speed = speed
        self._controller = controller
        self._timer: Timer | None = None

    @property
    def playing(self) -> bool:
        """Whether mini-batches follow each other by themselves."""
        return self._timer is not None

    def play(self) -> None:
        """Go on by itself, the first time at once."""
        self._start_timer()
        self._advance()

    def play_at(self, speed: float) -> None:
        """Take another speed, in mini-batches a second."""
        self.speed = speed
        if self.playing:
            self._start_timer()

    def stop(self) -> None:
        """Stop going on by itself."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def tick(self) -> None:
        """Go on by a mini-batch, as the timer does."""
        self._advance()
        self._controller.changed()

    def _start_timer(self) -> None:
        self.stop()
        self._timer = self._controller.screen.set_interval(1 / self.speed, self.tick)

    def _advance(self) -> None:
        """Go to the next mini-batch, unless a dialog is open or long work goes on."""
        controller, run = self._controller, self._controller.run
        if controller.app.screen is not controller.screen or controller.work.busy is not None:
            return
        if run.cursor.step == run.last:
            self.stop()
        controller.move("next_batch")
