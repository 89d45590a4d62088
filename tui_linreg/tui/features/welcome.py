"""The first frame of a run for someone who is new: the first phase, a chart in sight, and one line on what to press."""

from __future__ import annotations

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.commands import BY_ID, shown
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.feature import Feature
from tui_linreg.tui.run import Run, RunRequest

_ROOMY = 100
"""From this width on the line has room for more words."""


class Welcome(Feature):
    """Begins at the first phase where the settings say so; by default that is at the very first start."""

    name = "welcome"

    def run_began(self, request: RunRequest, before: Run | None) -> None:
        """Go to the first phase of the first run."""
        controller = self.controller
        if before is not None or controller.settings.start != "first phase":
            return
        controller.run.cursor = Cursor(0, Phase.BATCH)
        controller.say(self._line())

    def _line(self) -> str:
        width = self.controller.screen.size.width
        roomy = width >= _ROOMY
        does = [
            ("phase.next", "computes the next phase" if roomy else "next phase"),
            ("lessons", "opens the lessons" if roomy else "lessons"),
            ("help", "explains everything" if roomy else "help"),
        ]
        keys = self.controller.settings.keys
        parts = [f"{shown(keys.get(id, BY_ID[id].keys))[0]} {what}" for id, what in does]
        # The rule of the charts, before a digit is pressed for the first time.
        digits = f"{min(CHARTS)}-{max(CHARTS)}"
        rules = (
            f"{digits} show a chart or take it away, the two shown last stand together",
            f"{digits} chart, or away",
        )
        room = width - 1 - len("   ".join([*parts, ""]))
        rule = next((rule for rule in rules if len(rule) <= room), "")
        return "   ".join(filter(None, [parts[0], rule, *parts[1:]]))
