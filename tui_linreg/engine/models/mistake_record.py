"""`Mistake`: what the program knows of one classic mistake. The mistakes themselves are in `mistakes`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.schedule import Schedule


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One mistake."""

    name: str
    """Its name on the command line."""
    model: type[Any]
    """The methods that are wrong. Loads no torch."""
    title: str
    """What is wrong, in a few words."""
    explanation: str
    """One or two sentences: what was done instead of what, and what that does to the descent."""
    correct: str
    """The formula as it should be."""
    wrong: str
    """The formula as the mistake has it."""
    shows_in: tuple[str, ...]
    """Keys of the quantities that differ on the first step where it shows, all others of that step do not."""
    hint: str
    """Where to look, without saying what is wrong."""
    choice: str
    """The answer offered in "find the mistake", in some 25 characters: the phase, what is wrong. `wrong` is beside."""
    first_difference: str
    """On which step it first shows, and when it never does, for people: steps count from 1."""
    first_effect: Callable[[Schedule], int | None] = lambda schedule: 0
    """The same as a number, for a run that is long enough and as far as the schedule decides it; None: never."""
    loss_gives_it_away: str
    """Whether the loss curve would tell, with the validation loss after the default run (178.2 of a right model)."""
    curve_tells: bool = False
    """Whether the loss curve alone is enough to name it."""
    same_as: Callable[[Schedule], str | None] = lambda schedule: None
    """The name of another mistake that has the very same numbers on this schedule."""
    adds_up_gradients: bool = False
    """Whether the model keeps the sums of its gradients, as the third and fourth tensor of its `state()`."""

    @property
    def phase(self) -> Phase:
        """The phase where it first shows."""
        return next(quantity.phase for quantity in QUANTITIES if quantity.key == self.shows_in[0])

    def first_step(self, schedule: Schedule) -> int | None:
        """Return the first step, from 0, in which it shows on a run, data aside; None: in no step of it."""
        first = self.first_effect(schedule)
        return first if first is not None and first < schedule.steps else None
