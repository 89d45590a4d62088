"""What the η in the edit form will do on the data that is loaded, in one line, while one types."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui_linreg.engine.analysis.epoch_map import BatchLosses
from tui_linreg.engine.analysis.run_difference import same_train_set
from tui_linreg.engine.schedule import default_batch_size

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Instruments
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.engine.training.session import Session

_MOST_SAMPLES = 300_000
_MOST_BATCHES = 30_000
"""Beyond these a key would wait for the line."""
_MOST_KEPT = 32
LATER = "what this η will do is said when the data is loaded"


class Foreteller:
    """Says what options will do, as long as they keep the loaded data.

    Args:
        session: the run whose data is loaded.
        instruments: its instruments.
    """

    def __init__(self, session: Session, instruments: Instruments) -> None:
        self._session = session
        self._instruments = instruments
        self._batches: dict[int, BatchLosses] = {}

    def say(self, config: RunConfig) -> str:
        """Return the line about these options, `LATER` where other data is asked for or that much takes long."""
        present, n = self._session.config, self._session.dataset.n_train
        same = same_train_set(config, present) and (config.seed, config.dtype) == (present.seed, present.dtype)
        size = min(config.batch_size or default_batch_size(n), n)
        if not same or n > _MOST_SAMPLES or -(-n // size) > _MOST_BATCHES:
            return LATER
        found = self._instruments.foretell(self._of(size), config.lr)
        left = ""
        if found.outcome == "converges" and not found.undecided and found.epochs_to_tenth > 1:
            left = f", {math.exp(config.epochs * found.log_radius):.2g} after {config.epochs}"
        swings = ", oscillating" if found.oscillates else ""
        return f"η {config.lr:g} {found.words}{left}{swings}; η_max {found.eta_max:.3g}"

    def _of(self, size: int) -> BatchLosses:
        """Return the losses of batches of this size."""
        whole = self._instruments.batches
        if size == whole.batch_size:
            return whole
        found = self._batches.get(size)
        if found is None:
            if len(self._batches) >= _MOST_KEPT:
                self._batches.clear()
            data = self._session.dataset
            x, y = (v.cpu().double().numpy() for v in (data.x_train, data.y_train))
            found = self._batches[size] = BatchLosses.of(x, y, size, whole.whole)
        return found
