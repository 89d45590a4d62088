"""Keeping runs beside the next ones."""

from __future__ import annotations

from dataclasses import replace

from tui_linreg.tui.feature import Feature


class KeepingRuns(Feature):
    """Keeps the run on the screen, and forgets the one kept last."""

    name = "kept_runs"

    def keep(self) -> None:
        """Keep this run beside the next ones."""
        run = self.controller.run
        kept = run.look.kept
        if any(each.session is run.session for each in kept):
            self.controller.say("this run is kept already; e changes something, and both are seen")
        elif kept.full:
            self.controller.say(f"{len(kept)} runs are kept, which is the most; P forgets the last")
        else:
            kept = kept.with_run(run.session)
            run.look = replace(run.look, kept=kept)
            self.controller.say(f"kept as {kept[-1].letter}: e changes something, and both are seen")

    def forget(self) -> None:
        """Forget the run kept last."""
        run = self.controller.run
        kept = run.look.kept
        if kept:
            run.look = replace(run.look, kept=kept.without_last())
            self.controller.say(f"forgot run {kept[-1].letter}")
        else:
            self.controller.say("no run is kept; p keeps this one")
