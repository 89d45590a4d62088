"""What is kept from a learner's eyes until it has been answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Sight(Enum):
    """How much of the run may be seen."""

    ALL = "all"
    EPOCH_LOSSES = "epoch losses"
    """Only the losses at the end of each epoch, of both models."""
    LOSS_CURVE = "loss curve"
    """Only the from-scratch model's loss curve."""


@dataclass(frozen=True, slots=True)
class Curtain:
    """What a frame must not show. Equal curtains hide the same."""

    blanks: frozenset[str] = frozenset()
    """Keys of `engine.phases.QUANTITIES` whose numbers, of either model, and verdicts are hidden."""
    secret: bool = False
    """Whether the hand-written model's code, and every word that would tell a mistake in it, is hidden."""
    sight: Sight = Sight.ALL


OPEN = Curtain()
"""Nothing is hidden."""
