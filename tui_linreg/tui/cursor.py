"""Where the person stands: a step and a phase, and the moves between them. Pure: no screen, no training."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tui_linreg.engine.phases import Phase
from tui_linreg.engine.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Cursor:
    """A step (from 0) and the phase of it that was computed last."""

    step: int = 0
    phase: Phase = Phase.UPDATE

    def move(self, name: str, schedule: Schedule, trained: int) -> Cursor:
        """Return where the move called `name` leads; at an end of the run that is where it stands.

        Args:
            name: one of `MOVES`.
            schedule: the run's mini-batches.
            trained: steps trained so far, which "newest" goes to.
        """
        last = schedule.steps - 1
        epoch, batch = divmod(self.step, schedule.batches)
        match name:
            case "next_phase":
                if self.phase < Phase.UPDATE:
                    return replace(self, phase=Phase(self.phase + 1))
                return self if self.step == last else Cursor(self.step + 1, Phase.BATCH)
            case "previous_phase":
                if self.phase > Phase.BATCH:
                    return replace(self, phase=Phase(self.phase - 1))
                return self if self.step == 0 else Cursor(self.step - 1, Phase.UPDATE)
            case "next_batch":
                return self.to(min(self.step + 1, last))
            case "previous_batch":
                return self.to(max(self.step - 1, 0))
            case "next_epoch":
                return self.to(min((epoch + 1) * schedule.batches, last))
            case "previous_epoch":
                return self.to(max(epoch if batch else epoch - 1, 0) * schedule.batches)
            case "first":
                return self.to(0)
            case "newest":
                return self.to(max(trained - 1, 0))
        raise ValueError(f"no move is called {name!r}")

    def to(self, step: int) -> Cursor:
        """Return the same phase of another step."""
        return replace(self, step=step)


MOVES = (
    "next_phase", "previous_phase", "next_batch", "previous_batch", "next_epoch", "previous_epoch", "first", "newest",
)  # fmt: skip
