"""What is kept from a learner's eyes until it has been answered. The one place that says what each kind of it hides.

Panes, charts, dialogs and keys ask; none of them decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tui_linreg.tui.charts.records import CHARTS


class Sight(Enum):
    """How much of the run may be seen."""

    ALL = "all"
    EPOCH_LOSSES = "epoch losses"
    """Only the losses at the end of each epoch, of both models."""
    LOSS_CURVE = "loss curve"
    """Only the from-scratch model's loss curve."""


_HIDDEN = "hidden at this level"
_SEEN = {
    Sight.EPOCH_LOSSES: frozenset({"panel epoch_losses", "chart 2"}),
    Sight.LOSS_CURVE: frozenset({"chart 2"}),
}
"""What is left to see where not all is."""
_STOPS = {
    Sight.EPOCH_LOSSES: frozenset({"short", "valid", "end"}),
    Sight.LOSS_CURVE: frozenset({"short", "loss", "end"}),
}
"""Conditions to run until (keys of `engine.until.CONDITIONS`) that ask for nothing but what is seen."""
_TELLING_KEYS = {
    "keep": "no run is kept before the decision; those kept come back with it",
    "forget": "no run is forgotten before the decision; those kept come back with it",
    "arithmetic": "other arithmetic would be another run: after the decision",
}
_BLANKED = {
    **{f"chart {chart.number}": chart.hidden_by for chart in CHARTS.values()},
    "panel landing": frozenset({"b", "w", "b_before", "w_before"}),
    "panel epoch_losses": frozenset({"loss", "b", "w"}),
}
"""Where one hidden quantity leaves nothing to be seen: of these charts and panels any step tells it."""
MARK = "▒▒▒"
"""Stands in the place of a number that is hidden."""
_NUMBER_KEYS = frozenset({"predict", "derivation", "export"})
"""They show or write numbers of any kind."""


@dataclass(frozen=True, slots=True)
class Curtain:
    """What a frame must not show. Equal curtains hide the same."""

    blanks: frozenset[str] = frozenset()
    """Keys of `engine.phases.QUANTITIES` whose numbers, of either model, and verdicts are hidden in this frame; besides
    "residual", and "b_before" and "w_before" where those of the step before are."""
    cuts: tuple[tuple[str, int], ...] = ()
    """(quantity, the first step, from 0, whose number of it is hidden): what is drawn over steps ends before it."""
    secret: bool = False
    """Whether the hand-written model's code, and every word that would tell a mistake in it, is hidden."""
    sight: Sight = Sight.ALL
    notes: tuple[str, ...] = ()
    """What the header says as long as it hangs, the longest form first."""

    def cover(self, what: str) -> str:
        """Return the words that take the place of something that must not be seen; empty where it may be.

        Args:
            what: "numbers" (of a mini-batch, in table, phase, samples or the line at the bottom), "chart 1" and so on
                by its number, "panel NAME" by its name in `tui_linreg.tui.instruments.records`.
        """
        if self.secret and what == "panel runs":
            return "kept runs come back with the decision"
        if self.blanks and not _BLANKED.get(what, frozenset()).isdisjoint(self.blanks):
            return "hidden until it is answered"
        return "" if self.sight is Sight.ALL or what in _SEEN[self.sight] else _HIDDEN

    def hides(self, *names: str) -> bool:
        """Say whether one of these quantities is blanked in this frame."""
        return bool(self.blanks) and not self.blanks.isdisjoint(names)

    def cut(self, *names: str) -> int | None:
        """Return the first step whose number of one of these quantities is hidden, None where none is."""
        return min((step for key, step in self.cuts if key in names), default=None)

    def refusal(self, key: str) -> str:
        """Return why a key, by its id in `tui_linreg.tui.commands`, does nothing now; empty where it works."""
        if self.secret and key in _TELLING_KEYS:
            return _TELLING_KEYS[key]
        if key == "predict" and self.hides("b_before", "w_before"):
            return "b and w of the mini-batch before are hidden: predict or answer those first, R shows them"
        if self.cuts and key in ("export", "keep"):
            return "numbers of this lesson are hidden: answer first"
        return f"{_HIDDEN}: f decides" if self.sight is not Sight.ALL and key in _NUMBER_KEYS else ""

    def stops_at(self, condition: str) -> bool:
        """Say whether one may run until this condition: where it holds tells no more than what is seen."""
        return self.sight is Sight.ALL or condition in _STOPS[self.sight]


OPEN = Curtain()
"""Nothing is hidden."""
