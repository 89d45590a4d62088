"""Starting another run: the form of its options, and the arithmetic of the hand-written model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from tui_linreg.engine.analysis.run_difference import same_train_set
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.tui.feature import Feature
from tui_linreg.tui.run import RunRequest

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Instruments
    from tui_linreg.tui.features.editing.edit_dialog import EditResult


class Editing(Feature):
    """Asks for the options of a new run."""

    name = "editing"

    def edit(self) -> None:
        """Open the form of the run's options."""
        self._open_form()

    def run_refused(self, request: RunRequest, error: InputError) -> bool:
        """Open the form that asked again, with what was typed and what is wrong with it."""
        if request.texts is None or not self.controller.loaded:
            return False
        self._open_form(request.texts, error)
        return True

    def _open_form(self, texts: Mapping[str, str] | None = None, error: InputError | None = None) -> None:
        from tui_linreg.engine.device import devices  # torch
        from tui_linreg.tui.features.editing.edit_dialog import EditDialog

        controller, run = self.controller, self.controller.run
        ends = [text for feature in controller.features.values() if (text := feature.ended_by_a_new_run())]
        dialog = EditDialog(
            controller.config,
            preview=partial(preview, run.instruments),
            texts=texts,
            error=error,
            devices=devices(),
            applying=ends[0] if ends else "the present one is forgotten unless p kept it",
            paths=not controller.app.is_web,  # a visitor chooses no file of this machine
            file=controller.config.data or controller.first_config.data,
        )
        controller.ask(dialog, self._start)

    def _start(self, result: EditResult | None) -> None:
        if result is not None:
            self.controller.load(self.controller.own_request(result.config, result.texts))

    def arithmetic(self) -> None:
        """Ask how the hand-written model should round, and start a run that does."""
        from tui_linreg.tui.features.editing.arithmetic_dialog import ArithmeticDialog

        controller, session = self.controller, self.controller.run.session
        if session.author is not None:
            controller.say(f"b is for the built-in model: how {session.author} rounds is written in the file itself")
            return

        def start(config: RunConfig | None) -> None:
            if config == session.config:
                controller.say("the arithmetic is as it was; this run goes on")
            elif config is not None:
                controller.load(RunRequest(config, config.as_texts()))

        controller.player.stop()
        controller.ask(ArithmeticDialog(session.config, session.schedule, controller.work), start)


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
    size = config.batch_size_for(n)
    if not same or n > _MOST_SAMPLES or -(-n // size) > _MOST_BATCHES:
        return LATER
    rate, edge = instruments.other_learning_rate(config, size), instruments.edge(size)
    left = ""
    if rate.stretch.whole and rate.outcome == "converges" and not rate.undecided and rate.epochs_to_tenth > 1:
        each = f"{config.epochs} leave" if config.epochs > 1 else "one leaves"
        part = f"{math.exp(config.epochs * rate.log_radius):.2g}"
        left = f", every {each} {part}" if part != "1" else ""
    swings = ", oscillating" if rate.oscillates else ""
    if edge is None:
        return f"{rate.stretch.name} {rate.words}{left}{swings}; η_max of the full batch {rate.eta_max:.3g}"
    from tui_linreg.engine.analysis.learning_rate import beside  # loads NumPy, which the first frame does without

    lr, limit = beside(rate.lr, edge)
    name = "edge, η_max" if rate.batches == 1 else "edge, these batches"
    return f"η {lr}{rate.stretch.when} {rate.words}{left}{swings}; {name} {limit}"
