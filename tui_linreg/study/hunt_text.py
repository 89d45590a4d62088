"""The words of the hunt: its levels, the answers offered, and what is revealed at the end. Loads no torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import Phase

NO_MISTAKE = "none"
CANNOT_TELL = "cannot-tell"


@dataclass(frozen=True, slots=True)
class Level:
    """How much of the run the learner sees."""

    key: str
    title: str
    task: str
    """One sentence that says what is seen and what is asked."""
    curve_alone: bool = False
    stops: frozenset[str] | None = None
    """Conditions to run until (keys of `until.CONDITIONS`) that ask for nothing but what is seen; None: all."""


LEVELS: dict[str, Level] = {
    level.key: level
    for level in (
        Level("verdicts", "with all verdicts",
              "Every number of both models is there, with its verdict. Which formula is wrong?"),
        Level("epoch losses", "with the losses of the epochs",
              "Only the losses at the end of each epoch are there, of both models. Which formula is wrong?",
              stops=frozenset({"short", "valid", "end"})),
        Level("loss curve", "with the loss curve alone",
              "Only the from-scratch model's loss curve is there. Which formula is wrong, if that can be told?",
              curve_alone=True, stops=frozenset({"short", "loss", "end"})),
    )
}  # fmt: skip
"""From the easiest to the hardest."""

CHOICE_TEXTS: dict[str, str] = {name: mistake.choice for name, mistake in MISTAKES.items()} | {
    NO_MISTAKE: "nothing: every formula is right",
    CANNOT_TELL: "it cannot be told from what is shown",
}
"""The answers offered, all of them whatever is planted; beside the words stands the wrong formula."""


@dataclass(frozen=True, slots=True)
class Reveal:
    """What is revealed when a hunt is over."""

    name: str | None
    """Its name on the command line; None: nothing was planted."""
    title: str
    explanation: str
    correct: str
    """The right formula; empty when nothing was planted, like `wrong`."""
    wrong: str
    phase: Phase | None
    first_step: int | None
    """The first step in which it shows, from 0, unless the data hide it longer (`first_difference`)."""
    first_difference: str
    loss_gives_it_away: str
    """Whether a loss curve would tell, as measured on the default run."""


def reveal_of(name: str | None, first_step: int | None) -> Reveal:
    """Return what is revealed of a mistake, or of none."""
    if name is None:
        return Reveal(
            None, "no mistake", "Every formula is right; what differs from torch is rounding.", "", "", None, None, "",
            "No: a right model's curve looks like those of most mistakes.",
        )  # fmt: skip
    m = MISTAKES[name]
    return Reveal(
        m.name, m.title, m.explanation, m.correct, m.wrong, m.phase, first_step, m.first_difference,
        m.loss_gives_it_away,
    )  # fmt: skip


def closeness(ours: Sequence[float], right: Sequence[float]) -> str:
    """Return in one sentence how close the hunted model's validation losses are to that of the right model, torch's.

    Args:
        ours: one loss an epoch, `mse_v` of `epoch_log(0)`; may be inf or nan where a run diverges.
        right: as many, of `epoch_log(1)`.

    Raises:
        ValueError: when they have no or different lengths.
    """
    if len(ours) != len(right) or not ours:
        raise ValueError(f"needs two curves of one length, at least 1, got {len(ours)} and {len(right)}")
    last, goal = float(ours[-1]), float(right[-1])
    apart = (last - goal) / goal if goal else math.nan  # 0.01 is one percent above
    if last == goal:
        compared = "the very same"
    elif not math.isfinite(apart):
        compared = "not to be compared"
    elif apart >= 10:
        compared = f"{1 + apart:.3g} times as much"
    else:
        percent = float(f"{100 * abs(apart):.2g}")
        compared = f"{percent:g} % {'above' if apart > 0 else 'below'}"
    count = f"{len(ours)} epoch{'s' * (len(ours) != 1)}"
    falls = all(later <= now for now, later in pairwise(ours))
    course = "it never rises" if falls else "it rises somewhere" if math.isfinite(last) else "it overflows"
    return (
        f"After {count} the validation loss is {last:.6g} beside {goal:.6g} of the right model ({compared}); "
        f"from epoch to epoch {course}."
    )
