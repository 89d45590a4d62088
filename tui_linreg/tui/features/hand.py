"""By hand: b and w are moved with the arrows, and everything on the screen follows as if a step began there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.phases import Phase
from tui_linreg.number_text import exact, significant
from tui_linreg.tui.feature import Feature
from tui_linreg.tui.mode import Mode, ModeKey, ModeLine
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from tui_linreg.engine.step import Step
    from tui_linreg.tui.controller import Controller

_PARTS = 50
"""The ranges of x and y hold about so many coarse nudges."""
_FINEST, _COARSEST = -6, 2
"""Powers of ten of the nudges, the usual one being 0."""
_AT = Phase.WEIGHT_GRADIENT
"""The phase that is shown: all is computed but the update, which is the arrow."""


class ByHand(Feature):
    """Turns moving by hand on."""

    name = "hand"

    def turn(self) -> None:
        """Begin at b and w of the cursor."""
        controller, run = self.controller, self.controller.run
        if run.session.author is not None:
            controller.say(f"by hand works with the built-in model: {run.session.author}'s update may take long")
            return
        ours = run.step().scratch
        before = run.cursor.phase < Phase.UPDATE
        start = (ours.b_before, ours.w_before) if before else (ours.b_after, ours.w_after)
        if not all(map(math.isfinite, start)):
            controller.say("b and w are not finite here; home goes to the first step")
            return
        controller.enter_mode(ByHandMode(controller, start))


class ByHandMode(Mode):
    """What the keys do while b and w are moved.

    Args:
        controller: the run and the screen.
        start: b and w to begin with.
    """

    def __init__(self, controller: Controller, start: tuple[float, float]) -> None:
        self._controller, self._run, self._start = controller, controller.run, start
        self._power = 0
        self._step: Step = self._tried(*start)
        self._nudges = _nudges(controller)
        self.takes = {
            "phase.next": partial(self._nudge, 1, 0),
            "phase.previous": partial(self._nudge, -1, 0),
            "batch.previous": partial(self._nudge, 0, 1),
            "batch.next": partial(self._nudge, 0, -1),
            "faster": partial(self._resize, 1),
            "slower": partial(self._resize, -1),
            "play": self._descend,
            "run.first": partial(self._move_to, *start),
            "lesson.go": self._begin,
            "hand": controller.leave_mode,
            "leave": controller.leave_mode,
        }

    def state_changed(self) -> bool:
        return self._controller.run is self._run

    def facts(self) -> Mapping[str, object]:
        ours, instruments = self._step.scratch, self._run.instruments
        known = not instruments.missing("batches", self._step)
        loss = float(instruments.whole.at(ours.b_before, ours.w_before)) if known else math.nan
        return {"by_hand": True, "train_loss": loss}

    def seen(self, view: View) -> View:
        keys = (
            ModeKey("phase.previous phase.next", "b"),
            ModeKey("batch.next batch.previous", "w"),
            ModeKey("play", "descend"),
            ModeKey("leave", "back"),
            ModeKey("lesson.go", "run from here"),
            ModeKey("slower faster", "finer, coarser"),
            ModeKey("run.first", "undo all"),
            ModeKey("help", "help"),
        )
        line = ModeLine(self._texts(view), keys, "BY HAND")
        return replace(view, step=self._step, phase=_AT, mode=line)

    def _texts(self, view: View) -> tuple[str, ...]:
        ours = self._step.scratch
        b, w = ours.b_before, ours.w_before
        place = f"b {significant(b)}  w {significant(w)}"
        by_b, by_w = (f"{size * 10.0**self._power:g}" for size in self._nudges)
        if view.waits_for(("batches",)):
            return (f"{place}   in steps of {by_b} and {by_w}",)
        whole = view.instruments.whole
        loss = f"L of all train samples {significant(float(whole.at(b, w)))}, least {significant(whole.loss)}"
        short = f"L {significant(float(whole.at(b, w)), digits=4)}, least {significant(whole.loss, digits=4)}"
        left = f"to least squares: b {_by(whole.b - b)}, w {_by(whole.w - w)}"
        return (
            f"{place}   in steps of {by_b} and {by_w}   {loss}   {left}",
            f"{place}   {loss}   {left}",
            f"{place}  {short}  {left}",
            f"b {significant(b, digits=4)}  w {significant(w, digits=4)}  {short}  {left[3:]}",
            f"b {significant(b, digits=4)}  w {significant(w, digits=4)}  {short}",
        )

    def _tried(self, b: float, w: float) -> Step:
        from tui_linreg.engine.training.trial import trial_step

        return trial_step(self._run.session, b, w, self._run.cursor.step)

    def _move_to(self, b: float, w: float) -> None:
        try:
            self._step = self._tried(b, w)
        except InputError as error:
            self._controller.say(str(error))

    def _nudge(self, across: int, up: int) -> None:
        ours, size = self._step.scratch, 10.0**self._power
        by_b, by_w = self._nudges
        self._move_to(ours.b_before + across * by_b * size, ours.w_before + up * by_w * size)

    def _resize(self, by: int) -> None:
        self._power = min(max(self._power + by, _FINEST), _COARSEST)

    def _descend(self) -> None:
        ours = self._step.scratch
        self._move_to(ours.b_after, ours.w_after)

    def _begin(self) -> None:
        controller, session, ours = self._controller, self._run.session, self._step.scratch
        start = ours.b_before, ours.w_before
        said = f"a run from b {exact(start[0], session.config.dtype == 'float32')}"
        said += f", w {exact(start[1], session.config.dtype == 'float32')}; the form (e) has it as start"
        controller.leave_mode()
        request = controller.own_request(replace(session.config, start=start))
        controller.load(replace(request, message=said))


def _nudges(controller: Controller) -> tuple[float, float]:
    """Return the usual nudges of b and w: round numbers, at most a fiftieth of what the data spans."""
    facts = controller.run.facts
    height, width = (ends[1] - ends[0] for ends in (facts.y_ends, facts.x_ends))
    return _round_below(height / _PARTS), _round_below(height / _PARTS / width if width else height / _PARTS)


def _round_below(size: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is not above this size; 0.1 where there is none."""
    if not 1e-290 < size < 1e290:
        return 0.1
    power = 10.0 ** math.floor(math.log10(size))
    return next(lead * power for lead in (5, 2, 1) if lead * power <= size or lead == 1)


def _by(distance: float) -> str:
    return f"{'' if distance < 0 else '+'}{significant(distance, digits=4)}"
