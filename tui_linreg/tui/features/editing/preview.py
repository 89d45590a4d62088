"""What the η in the edit form will do on the loaded data, in one line, while one types."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui_linreg.engine.analysis.run_difference import same_train_set
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.schedule import default_batch_size

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Instruments

_MOST_SAMPLES = 300_000
_MOST_BATCHES = 30_000
"""Beyond these a key would wait for the line."""
LATER = "what this η will do is said when the data is loaded"


def preview(instruments: Instruments, config: RunConfig) -> str:
    """Return the line about options; `LATER` where they ask for other data than is loaded, or it would take long.

    Args:
        instruments: those of the run whose data is loaded.
        config: the options.
    """
    present, n = instruments.session.config, instruments.session.dataset.n_train
    same = same_train_set(config, present) and (config.seed, config.dtype) == (present.seed, present.dtype)
    size = min(config.batch_size or default_batch_size(n), n)
    if not same or n > _MOST_SAMPLES or -(-n // size) > _MOST_BATCHES:
        return LATER
    rate = instruments.other_learning_rate(config.lr, size)
    left = ""
    if rate.outcome == "converges" and not rate.undecided and rate.epochs_to_tenth > 1:
        left = f", {math.exp(config.epochs * rate.log_radius):.2g} after {config.epochs}"
    swings = ", oscillating" if rate.oscillates else ""
    return f"η {config.lr:g} {rate.words}{left}{swings}; η_max {rate.eta_max:.3g}"
