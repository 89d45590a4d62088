"""`Foresight`: steps that were computed before anybody asked for them, the next one to be trained among them."""

from __future__ import annotations

from tui_linreg.engine.data.batches import Batches
from tui_linreg.engine.schedule import Place
from tui_linreg.engine.step import Step
from tui_linreg.engine.training.lockstep import Stretch
from tui_linreg.engine.training.replay import Replay


class Foresight:
    """Keeps whole the steps next to one place of a run. For one thread at a time.

    Args:
        replay: what computes them.
        batches: the run's mini-batches, for this alone.
    """

    def __init__(self, replay: Replay, batches: Batches) -> None:
        self._replay = replay
        self._batches = batches
        self._steps: dict[int, Step] = {}
        self._ahead: tuple[int, Stretch] | None = None

    def step(self, index: int) -> Step | None:
        """Return step `index` where it is kept."""
        return self._steps.get(index)

    def foresee(self, place: Place, beside: int, trained: int) -> None:
        """Compute the step at `place`, one of those trained or the next, and keep only those next to `beside`."""
        self._steps = {index: step for index, step in self._steps.items() if abs(index - beside) <= 1}
        if place.step in self._steps:
            return
        if place.step < trained:
            step = self._replay.step(place)
        else:
            stretch = self._replay.ahead(self._batches, place.step)
            assert stretch.last is not None  # it was watched
            step = self._replay.judged(self._replay.computed(place, *stretch.last, stretch.rows[-1].tolist()))
            self._ahead = place.step, stretch
        self._steps[place.step] = step

    def take(self, index: int) -> Stretch | None:
        """Return what training `index` gives where that was foreseen, and let go of it."""
        (foreseen, stretch), self._ahead = self._ahead or (-1, None), None
        return stretch if foreseen == index else None
