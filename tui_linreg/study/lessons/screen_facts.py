"""`ScreenFacts`: what a check may ask of the app, and the words it asks with. The app fills one in after each key."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tui_linreg.engine.config import DATASETS, DTYPES
from tui_linreg.engine.phases import PHASES, Phase

CHARTS = tuple(range(1, 8))
"""Numbers of the charts."""
PANELS = ("learning_rate", "landing", "epoch_losses", "gradient_check", "bits", "runs")
"""Names of the instruments."""
DIALOGS = ("code", "derivation", "edit", "goto", "until", "arithmetic", "export", "help")
"""Names of what opens over the screen and a task may ask for."""


@dataclass(frozen=True, slots=True)
class ScreenFacts:
    """What stands on the screen. Steps, epochs and batches count from 1, as the screen counts them."""

    step: int = 1
    epoch: int = 1
    batch: int = 1
    """Number of the mini-batch in its epoch."""
    m: int = 1
    """Samples in this mini-batch."""
    phase: Phase = Phase.UPDATE
    loss: float = math.nan
    """This batch's loss before its update, of the hand-written model; nan until phase 3 is reached."""
    trained: int = 0
    """Steps trained so far."""
    steps: int = 1
    """Steps of the whole run."""
    diverged: bool = False
    """Whether a number of the trained steps is not finite."""
    differs: bool = False
    """Whether a quantity of this step reached so far has the verdict ≠."""
    identical: bool = False
    """Whether all seven quantities of this step are the same to the last bit."""
    playing: bool = False
    charts: tuple[int, ...] = ()
    """Numbers of the charts in sight."""
    panel: str | None = None
    """Name of the instrument in sight, one of `PANELS`."""
    dialog: str | None = None
    """Name of what is open over the screen, one of `DIALOGS`."""
    ghosts: int = 0
    """Runs kept beside this one."""
    lr: float = 0.01
    batch_size: int = 1
    """As it holds: never None, at most the train set."""
    epochs: int = 1
    seed: int = 0
    train_size: int = 1
    """Samples in the train set."""
    dtype: str = "float64"
    dataset: str = "make_regression"
    """`RunConfig.source`: make_regression, diabetes, tiny or csv."""
    predicted: int = 0
    """Right predictions since the task began."""
    found: int = 0
    """Mistakes found in the game "find the mistake" since the task began."""


Value = float | str | bool
Kind = Literal["number", "flag", "name"]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the vocabulary of conditions."""

    kind: Kind
    """"flag" stands alone, "name" knows = and ≠, "number" every comparison."""
    read: Callable[[ScreenFacts], tuple[Value, ...]]
    """The values on the screen; a comparison holds when it does for one of them."""
    allowed: tuple[str, ...] = ()
    """The values that may be compared with; none: any number."""


def plain(text: str) -> str:
    """Return a name without case, and with one space for each run of spaces, hyphens and underscores."""
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()


_NONE = "none"


def _one(name: str, kind: Kind, allowed: tuple[str, ...] = ()) -> Word:
    def read(facts: ScreenFacts) -> tuple[Value, ...]:
        value = getattr(facts, name)
        return (_NONE if value is None else plain(value) if isinstance(value, str) else value,)

    return Word(kind, read, allowed)


_NUMBERS = (
    "step", "epoch", "batch", "m", "loss", "trained", "steps", "ghosts", "lr", "batch_size", "epochs", "seed",
    "train_size", "predicted", "found",
)  # fmt: skip
_PHASES = {plain(name): float(info.phase) for info in PHASES for name in (info.name, info.short)}

WORDS: dict[str, Word] = {
    **{name: _one(name, "number") for name in _NUMBERS},
    **{name: _one(name, "flag") for name in ("diverged", "differs", "identical", "playing")},
    "phase": _one("phase", "number", tuple(_PHASES)),
    "chart": Word("number", lambda facts: facts.charts, tuple(map(str, CHARTS))),
    "panel": _one("panel", "name", (*PANELS, _NONE)),
    "dialog": _one("dialog", "name", (*DIALOGS, _NONE)),
    "dtype": _one("dtype", "name", DTYPES),
    "dataset": _one("dataset", "name", (*DATASETS, "csv")),
}
"""By the word as it is written in a check; `η` is read as `lr`."""


def phase_number(text: str) -> Phase | None:
    """Return the phase that a name or a number from 1 to 7 stands for, None when it stands for none."""
    number = _PHASES.get(plain(text))
    if number is None and re.fullmatch(r"\s*[1-7]\s*", text):
        number = float(text)
    return None if number is None else Phase(int(number))
