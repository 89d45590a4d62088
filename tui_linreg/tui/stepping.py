"""Loading a run and moving through it: the keys that change the cursor, playing, and work in the background."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui_linreg.cli.errors import explain
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.tui import jobs
from tui_linreg.tui.background import Background, Busy, Handover
from tui_linreg.tui.messages import Broken, Finished, Loaded, LoadingStage, Progressed, Refused
from tui_linreg.tui.panes.bars import StatusBar
from tui_linreg.tui.run_request import RunRequest
from tui_linreg.tui.stage import Stage

if TYPE_CHECKING:
    from tui_linreg.settings import Settings
    from tui_linreg.tui.app import LinRegApp
    from tui_linreg.tui.cursor import Cursor
    from tui_linreg.tui.run import Explorer

SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
"""Mini-batches a second that playing may have."""
_MOMENT = 0.025
"""Seconds that a key waits for work that may be short, before it shows a bar."""


class SteppingScreen(Stage):
    """The panes with a run to step through."""

    app: LinRegApp

    def __init__(self, config: RunConfig, settings: Settings) -> None:
        super().__init__(config, settings)
        self.background = Background()
        self._busy_what = ""
        self._busy_since = 0.0

    def opened(self) -> None:
        """Begin to load when the first frame is on the screen; keys wait for the run."""
        self._release_keys = self.app.key_queue.hold()
        self._begin("loading")
        self.call_after_refresh(self.load, self.own_run(self._config))

    def open_form(self, texts: Mapping[str, str], error: InputError) -> None:
        """Reopen the edit form with what was typed and what is wrong with it."""
        raise NotImplementedError

    @property
    def loading_run(self) -> bool:
        """Whether there is no run to step through yet."""
        return self.explorer is None

    def own_run(self, config: RunConfig, texts: Mapping[str, str] | None = None) -> RunRequest:
        """Return the request for a run of the user's own, as opposed to one that is set them."""
        return RunRequest(config, texts)

    def load(self, request: RunRequest) -> None:
        """Load another run while the present one stays."""
        self._begin("loading")
        self.background.start(jobs.load(request, self.post_message))

    def on_loading_stage(self, message: LoadingStage) -> None:
        """Say what is being loaded."""
        if self.explorer is None:
            self.query_one(StatusBar).say_loading(message.stage)
        else:
            self._busy = Busy(f"loading {message.stage}", 0, 0, 0.0)
            self.render_view()

    def on_loaded(self, message: Loaded) -> None:
        """Begin at the first step of the new run."""
        from tui_linreg.tui.run import Explorer

        before, request = self.explorer, message.request
        self._stop_playing()
        self._busy = None
        self.explorer = Explorer(message.session, message.facts, request.curtain)
        if message.step is None:
            self.explorer.go(request.cursor)
        else:
            self.explorer.arrive(message.step, request.cursor.phase)
        self._config = message.session.config
        if before is not None:
            self.explorer.look_as(before)
            facts = self.explorer.facts
            said = facts.warning or f"η {self._config.lr:g}, {self._config.epochs} epochs, {facts.name}"
            self.explorer.message = request.message or f"new run: {said}"
        self.run_began(request, before)
        self.render_view()
        if before is None:
            self.call_after_refresh(self._release_keys)

    def run_began(self, request: RunRequest, before: Explorer | None) -> None:
        """Take note that the run asked for stands; `before` is the one it came after. A subclass calls this one too."""

    def run_refused(self, request: RunRequest, error: InputError) -> bool:
        """Say whether a subclass has dealt with a run that cannot be loaded."""
        return False

    def on_refused(self, message: Refused) -> None:
        """Reopen the form that asked; leave with the error where there is no run to stay with."""
        self._busy = None
        if self.run_refused(message.request, message.error):
            return
        if self.explorer is None:
            self.app.leave(*explain(message.error))
        elif message.request.texts is None:
            self._say(f"✗ {message.error}")
        else:
            self.render_view()
            self.open_form(message.request.texts, message.error)

    def on_broken(self, message: Broken) -> None:
        """Say what a thread stumbled over, and go on with what is there."""
        if not message.beside:
            self._busy = None
            self._stop_playing()
        code, line = explain(message.error)
        if self.explorer is None:
            self.app.leave(code, line)
            return
        self._say(f"✗ {line}")

    # ── stepping ─────────────────────────────────────────────────────────────────────────────────────────────────

    def action_move(self, move: str) -> None:
        """Make one of `tui_linreg.tui.cursor.MOVES`."""
        if self.explorer is not None:
            self._go(self.explorer.target(move))

    def _go(self, cursor: Cursor) -> None:
        explorer = self._ready()
        cheap = explorer.is_cheap(cursor.step)
        if (explorer.missing(cursor.step) or not cheap) and self._refuse_when_busy():
            return
        if cheap:
            explorer.go(cursor)
        else:
            self._begin("training" if explorer.missing(cursor.step) else "computing")
            handover = Handover(self.post_message)
            self.background.start(jobs.reach(explorer.session, cursor, handover, explorer.ghosts))
            ended = not self.background.lasts(_MOMENT)
            handover.open()
            if ended:
                return  # its end is the next message, and draws
        self.render_view()

    def _begin(self, what: str) -> None:
        self._busy_what, self._busy_since = what, time.monotonic()
        self._busy = Busy(what, 0, 0, 0.0)
        if self.explorer is not None:
            self.explorer.message = ""  # what was said before is not about this work

    def on_progressed(self, message: Progressed) -> None:
        """Move the progress bar."""
        if self._busy is not None:
            seconds = time.monotonic() - self._busy_since
            self._busy = Busy(self._busy_what, message.done, message.goal, seconds)
            self.render_view()

    def on_finished(self, message: Finished) -> None:
        """Go where the work led."""
        self._busy = None
        explorer = self._ready()
        explorer.message = message.said
        if message.step is not None:
            explorer.arrive(message.step, message.phase)
        if explorer.session.failure is not None:
            self._stop_playing()
        self.render_view()

    def action_play(self) -> None:
        """Stop the work under way, else play or pause."""
        if self._busy is not None:
            self.background.cancel()
        elif self._timer is not None:
            self._stop_playing()
            self.render_view()
        elif self.explorer is not None:
            self._ready().message = ""
            self._timer = self.set_interval(1 / self._speed, self._tick)
            self._tick()

    def _tick(self) -> None:
        explorer = self._ready()
        if self.app.screen is not self or self._busy is not None:
            return
        if explorer.cursor.step == explorer.last:
            self._stop_playing()
        self.action_move("next_batch")

    def _stop_playing(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def action_faster(self) -> None:
        """Take the next higher of `SPEEDS`."""
        self._set_speed(next((speed for speed in SPEEDS if speed > self._speed), self._speed))

    def action_slower(self) -> None:
        """Take the next lower of `SPEEDS`."""
        self._set_speed(next((speed for speed in reversed(SPEEDS) if speed < self._speed), self._speed))

    def _set_speed(self, speed: float) -> None:
        self._speed = speed
        if self._timer is not None:
            self._stop_playing()
            self._timer = self.set_interval(1 / speed, self._tick)
        self._say(f"plays {speed:g} mini-batch{'es' * (speed != 1)} a second")

    def action_restart(self) -> None:
        """Begin again from the same start."""
        if self._refuse_when_busy():
            return
        explorer = self._ready()
        self._stop_playing()
        explorer.restart()
        self._say("restarted from the same b and w")

    def _refuse_when_busy(self) -> bool:
        """Say so and return True while work is under way."""
        if self._busy is None:
            return False
        self._say("still at work: space stops it")
        return True

    def _refuse_hidden(self, key: str) -> bool:
        """Say so and return True where what this key (its id) shows is hidden for now."""
        why = self._ready().curtain.refusal(key)
        if why:
            self._say(why)
        return bool(why)

    def _ready(self) -> Explorer:
        assert self.explorer is not None  # keys wait until the run is loaded
        return self.explorer

    def _say(self, message: str) -> None:
        self._ready().message = message
        self.render_view()
