"""What is hidden from a learner until it has been answered. The one place that says what each kind of it hides.

Panes, charts, dialogs and commands ask; none of them decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.study.hunt_text import LEVELS
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.commands import WhileHidden
from tui_linreg.tui.instruments.records import PANELS

if TYPE_CHECKING:
    from tui_linreg.engine.training.history import History


class Visible(Enum):
    """How much of the run may be seen."""

    ALL = "all"
    EPOCH_LOSSES = "epoch losses"
    """Only the losses at the end of each epoch, of both models."""
    LOSS_CURVE = "loss curve"
    """Only the from-scratch model's loss curve."""


_HIDDEN = "hidden at this level"
_ABSENT = "parts of your file are not there yet: W lists them"
_KEYS = frozenset(quantity.key for quantity in QUANTITIES)
_SEEN = {
    Visible.EPOCH_LOSSES: frozenset({"panel epoch_losses", "chart 2"}),
    Visible.LOSS_CURVE: frozenset({"chart 2"}),
}
"""What is left to see where not all is."""
_BLANKED = {
    **{f"chart {chart.number}": chart.hidden_by for chart in CHARTS.values()},
    **{f"panel {panel.name}": panel.hidden_by for panel in PANELS.values()},
}
"""Where one hidden quantity leaves nothing to be seen: of these charts and panels any step tells it."""
_WHILE_SECRET = {f"panel {panel.name}": panel.while_secret for panel in PANELS.values() if panel.while_secret}
"""The words in the place of what would tell a secret mistake."""
MARK = "▒▒▒"
"""Stands in the place of a number that is hidden."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What a frame must not show. Equal values hide the same."""

    blanks: frozenset[str] = frozenset()
    """Keys of `engine.phases.QUANTITIES` whose numbers, of either model, and verdicts are hidden in this frame; besides
    "residual", and "b_before" and "w_before" where those of the step before are."""
    absent: tuple[tuple[str, str], ...] = ()
    """(quantity, why): of these, which are among the blanks too, there is no number of the learner's own."""
    cuts: tuple[tuple[str, int], ...] = ()
    """(quantity, the first step, from 0, whose number of it is hidden): what is drawn over steps ends before it."""
    inputs: frozenset[str] = frozenset()
    """Keys of the quantities whose numbers are not put into their formula in this frame."""
    formulas: frozenset[str] = frozenset()
    """Keys of the quantities whose formula, derivation and code are hidden in this frame."""
    secret: bool = False
    """Whether the hand-written model's code, and every word that would tell a mistake in it, is hidden."""
    sight: Visible = Visible.ALL
    notes: tuple[str, ...] = ()
    """What the header says as long as something is hidden, the longest form first."""

    @classmethod
    def of_absent(cls, absent: Mapping[str, str], step: int) -> Hidden:
        """Return what hides quantities that are not a learner's own, in a frame of this step (from 0)."""
        keys = [key for key in absent if key in _KEYS]
        blanks = {*keys, *(["residual"] if "y_pred" in absent else ())}
        blanks |= {f"{key}_before" for key in ("b", "w") if key in absent and step > 0}
        return cls(frozenset(blanks), tuple((key, absent[key]) for key in keys), tuple((key, 0) for key in keys))

    def why_absent(self, key: str) -> str:
        """Return why there is no number of the learner's own; empty where there is one, or it is only hidden."""
        return dict(self.absent).get(key, "")

    def in_place_of(self, what: str) -> str:
        """Return the words that take the place of something that must not be seen; empty where it may be.

        Args:
            what: "numbers" (of a mini-batch, in table, phase, samples or the line at the bottom), "chart 1" and so on
                by its number, "panel NAME" by its name in `tui_linreg.tui.instruments.records`.
        """
        if self.secret and what in _WHILE_SECRET:
            return _WHILE_SECRET[what]
        if self.blanks and not _BLANKED.get(what, frozenset()).isdisjoint(self.blanks):
            return _ABSENT if self.absent else "hidden until it is answered"
        return "" if self.sight is Visible.ALL or what in _SEEN[self.sight] else _HIDDEN

    def hides(self, *names: str) -> bool:
        """Say whether one of these quantities is blanked in this frame."""
        return bool(self.blanks) and not self.blanks.isdisjoint(names)

    @property
    def nothing(self) -> bool:
        """Whether all numbers and every word about them may be seen."""
        return not (self.blanks or self.cuts or self.inputs or self.secret) and self.sight is Visible.ALL

    def first_hidden(self, *names: str) -> int | None:
        """Return the first step whose number of one of these quantities is hidden, None where none is."""
        return min((step for key, step in self.cuts if key in names), default=None)

    def seen_of(self, history: History) -> History:
        """Return the run so far without the numbers that are hidden: curves end before the first of them."""
        if not self.cuts:
            return history
        keys = {phase: [q.key for q in QUANTITIES if q.phase is phase] for phase in Phase}
        return history.without(tuple(self.first_hidden(*keys[phase]) for phase in Phase))

    def refusal(self, reasons: WhileHidden) -> str:
        """Return why a command does nothing now, given its reasons; empty where it works."""
        if self.secret and reasons.secret:
            return reasons.secret
        if self.absent and (reasons.answer or (reasons.before and self.hides("b_before", "w_before"))):
            return _ABSENT
        if reasons.before and self.hides("b_before", "w_before"):
            return reasons.before
        if self.formulas and reasons.formula:
            return reasons.formula
        if self.cuts and reasons.answer:
            return reasons.answer
        return "" if self.sight is Visible.ALL else reasons.level

    def __or__(self, other: Hidden) -> Hidden:
        """Return what is hidden by both together."""
        return Hidden(
            self.blanks | other.blanks,
            self.absent + other.absent,
            self.cuts + other.cuts,
            self.inputs | other.inputs,
            self.formulas | other.formulas,
            self.secret or other.secret,
            other.sight if self.sight is Visible.ALL else self.sight,
            self.notes + other.notes,
        )

    def stops_at(self, condition: str) -> bool:
        """Say whether one may run until this condition: where it holds tells no more than what is seen."""
        level = LEVELS.get(self.sight.value)
        return level is None or level.stops is None or condition in level.stops


NOTHING = Hidden()
"""Nothing is hidden."""
