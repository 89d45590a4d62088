"""By hand: b and w are moved with the arrows, and everything on the screen follows as if a step began there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.phases import Phase
from tui_linreg.number_text import significant, thousands
from tui_linreg.tui.feature import Feature
from tui_linreg.tui.mode import Mode, ModeKey, ModeLine
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.quadratic import Quadratic
    from tui_linreg.engine.step import Step
    from tui_linreg.tui.controller import Controller

_PARTS = 15
"""So many usual nudges lead about to the least-squares line."""
_FINEST, _COARSEST = -6, 3
"""Powers of ten of the nudges, the usual one being 0."""
_MOST_SAMPLES = 1_000_000
"""Of more train samples a key would wait: then only those of the mini-batch are taken."""
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

    Loss and gradients are of all train samples, or of this mini-batch where the loss surface is of it, too.

    Args:
        controller: the run and the screen.
        start: b and w to begin with.
    """

    def __init__(self, controller: Controller, start: tuple[float, float]) -> None:
        self._controller, self._run, self._start = controller, controller.run, start
        self._power = 0
        self._asked = False
        """Whether enter has asked whether to forget the run."""
        self._whole = self._wants_whole
        self._step: Step = self._tried(*start)
        self._least = self._quadratic()
        self._nudges = self._usual_nudges()
        self.takes = {
            "phase.next": partial(self._nudge, 1, 0),
            "phase.previous": partial(self._nudge, -1, 0),
            "batch.previous": partial(self._nudge, 0, 1),
            "batch.next": partial(self._nudge, 0, -1),
            "faster": partial(self._resize, 1),
            "slower": partial(self._resize, -1),
            "play": self._descend,
            "run.first": self._undo,
            "lesson.go": self._begin,
            "hand": controller.leave_mode,
            "leave": controller.leave_mode,
        }

    @property
    def _wants_whole(self) -> bool:
        few = self._run.session.dataset.n_train <= _MOST_SAMPLES
        return few and not self._run.look.surface.batch

    def state_changed(self) -> bool:
        if self._controller.run is not self._run:
            return False
        if self._whole != self._wants_whole:
            self._whole = self._wants_whole
            self._move_to(self._step.scratch.b_before, self._step.scratch.w_before)
            self._least = self._quadratic()
        return True

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
            ModeKey("slower faster", "finer, coarser"),
            ModeKey("zoom", "zoom"),
            ModeKey("lesson.go", "run from here"),
            ModeKey("run.first", "undo all"),
            ModeKey("surface.of", "all or batch"),
            ModeKey("help", "help"),
        )
        place = self._step.place
        samples = "all train samples" if self._whole else f"samples {place.start}–{place.stop - 1}"
        line = ModeLine(self._texts(), keys, "BY HAND", samples)
        return replace(view, step=self._step, phase=_AT, mode=line)

    def _texts(self) -> tuple[str, ...]:
        ours, least = self._step.scratch, self._least
        b, w = ours.b_before, ours.w_before
        far = f"{significant(math.hypot(least.b - b, least.w - w), digits=3)} from least squares"
        by = "by " + ", ".join(f"{size * 10.0**self._power:g}" for size in self._nudges)
        forms = []
        for digits in (6, 4):
            write = partial(significant, digits=digits)
            place, loss = f"b {write(b)}  w {write(w)}  {by}", f"L {write(ours.loss)}, least {write(least.loss)}"
            down = (
                f"{_arrow(-ours.grad_b, '←→')} −∂L/∂b {_with_sign(-ours.grad_b)}",
                f"{_arrow(-ours.grad_w, '↓↑')} −∂L/∂w {_with_sign(-ours.grad_w)}",
            )
            forms += [
                f"{place}   {loss}   downhill: {', '.join(down)}   {far}",
                f"{place}   {loss}   {'  '.join(down)}",
            ]
        brief = f"{_arrow(-ours.grad_b, '←→')}{_with_sign(-ours.grad_b)} {_arrow(-ours.grad_w, '↓↑')}"
        return (*forms, f"{place}  {loss}  downhill {brief}{_with_sign(-ours.grad_w)}", f"{place}  {loss}")

    def _quadratic(self) -> Quadratic:
        from tui_linreg.engine.analysis.quadratic import Quadratic  # numpy

        return Quadratic.of_step(self._step)

    def _usual_nudges(self) -> tuple[float, float]:
        """Return the usual nudges of b and w: round numbers that change L about alike, see `_PARTS`."""
        ours, least = self._step.scratch, self._least
        spread = math.hypot(least.mean_x, math.sqrt(max(least.variance_x, 0.0)))
        far = max(abs(least.b - ours.b_before), spread * abs(least.w - ours.w_before), math.sqrt(max(least.loss, 0.0)))
        return _round_below(far / _PARTS), _round_below(far / _PARTS / spread if spread else far / _PARTS)

    def _tried(self, b: float, w: float) -> Step:
        from tui_linreg.engine.training.trial import trial_step

        return trial_step(self._run.session, b, w, self._run.cursor.step, whole=self._whole)

    def _move_to(self, b: float, w: float) -> None:
        self._asked = False
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

    def _undo(self) -> None:
        self._power = 0
        self._move_to(*self._start)

    def _descend(self) -> None:
        ours = self._step.scratch
        self._move_to(ours.b_after, ours.w_after)

    def _begin(self) -> None:
        """Start a run from here; asks first where steps of the user's own would be forgotten."""
        controller, run, ours = self._controller, self._run, self._step.scratch
        kept = any(each.session is run.session for each in run.look.kept)
        if run.owner == "own" and run.session.trained > 1 and not kept and not self._asked:
            self._asked = True
            steps = thousands(run.session.trained)
            controller.say(f"enter again forgets this run and its {steps} steps; p keeps it, esc goes back to it")
            return
        start = ours.b_before, ours.w_before
        said = f"a run from b {significant(start[0])}, w {significant(start[1])}, where you left the line"
        controller.leave_mode()
        request = controller.own_request(replace(run.session.config, start=start))
        controller.load(replace(request, message=said))


def _round_below(size: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is not above this size; 0.1 where there is none."""
    if not 1e-290 < size < 1e290:
        return 0.1
    power = 10.0 ** math.floor(math.log10(size))
    return next(lead * power for lead in (5, 2, 1) if lead * power <= size or lead == 1)


def _arrow(downhill: float, arrows: str) -> str:
    """Return the key that goes downhill; a dot where no way does."""
    return "·" if downhill == 0 or math.isnan(downhill) else arrows[downhill > 0]


def _with_sign(number: float) -> str:
    return f"{'+' if number > 0 else ''}{significant(number, digits=3)}"
