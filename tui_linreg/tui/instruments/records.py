"""The instruments: one record each. To add one, write its module with `lines(view, width, height)` and its record.

Loads neither numpy nor any of the instruments.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.engine.phases import Phase

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Item
    from tui_linreg.tui.view import View


class PanelInfo(NamedTuple):
    """What the rest of the program has to know of an instrument."""

    name: str
    """Its module in `tui_linreg.tui.instruments`, whose `lines` writes the panel."""
    title: str
    key: str
    """The key that opens and closes it, in textual's names; its command is `panel.NAME`."""
    label: str
    """One or two words for the footer."""
    tooltip: str
    """One sentence for the help and the palette."""
    charts: tuple[int, ...] = ()
    """The charts that belong to it."""
    changes_at: tuple[Phase, ...] | None = tuple(Phase)
    """The phases of a step that change what is written; None: no step does."""
    needs: tuple[Item, ...] = ()
    """What may have to be computed first, in the background."""
    hidden_by: frozenset[str] = frozenset()
    """Quantities of which one, hidden in any step, leaves nothing to be seen (see `Hidden.blanks`)."""
    while_secret: str = ""
    """The words in its place while a mistake is secret; empty: it may be seen."""

    def depends_on(self, view: View) -> Hashable:
        """Return what the panel is drawn from: it stays as it is while this stays equal."""
        look = view.styles, view.marker, view.hidden, view.sample, view.full
        fixed = self.name, view.run, view.stretch, view.waits_for(self.needs), *look
        if self.changes_at is None:
            return fixed
        return *fixed, view.kept_runs, view.step.key, sum(view.reached(phase) for phase in self.changes_at)

    def opened(self, on: str, back: str, away: str, room: int) -> str:
        """Return what is said when it comes up, its place and three keys, in `room` characters if that can be."""
        what = f"{[*PANELS].index(self.name) + 1} of {len(PANELS)}: {self.title}; {on} goes on, {back} back"
        texts = (f"instrument {what}; {away} brings the numbers back", f"{what}; {away} away")
        return next((text for text in texts if len(text) <= room), texts[-1])


_PARAMETERS = frozenset({"b", "w", "b_before", "w_before"})

PANELS: dict[str, PanelInfo] = {
    panel.name: panel
    for panel in (
        PanelInfo(
            "learning_rate", "Learning rate", "f2", "learning rate",
            "Learning rate: what this η will do, before it is run",
            charts=(6,), changes_at=None, needs=("batches", "radii"),
        ),
        PanelInfo(
            "landing", "Where it lands", "f3", "landing", "Where it lands: least squares, the fixed point, here",
            charts=(5,), changes_at=(Phase.UPDATE,), needs=("batches",), hidden_by=_PARAMETERS,
        ),
        PanelInfo(
            "epoch_losses", "Epoch losses", "f4", "epoch losses",
            "Epoch losses: four ways to say how good an epoch was",
            charts=(2,), changes_at=(Phase.UPDATE,), needs=("batches",), hidden_by=frozenset({"loss", "b", "w"}),
        ),
        PanelInfo(
            "gradient_check", "Gradient check", "f5", "gradient check",
            "Gradient check: by hand, autograd, finite differences",
            charts=(7,), changes_at=(Phase.BIAS_GRADIENT, Phase.WEIGHT_GRADIENT), needs=("check",),
        ),
        PanelInfo("bits", "Bits", "f6", "bits", "Bits: where the two models' numbers part"),
        PanelInfo(
            "runs", "Runs side by side", "f7", "runs", "Runs side by side: this run beside those kept",
            charts=(1, 2), while_secret="kept runs come back with the decision",
        ),
        PanelInfo(
            "graph", "Computation graph", "f8", "graph",
            "Computation graph: values forward, the chain rule back, of one sample or all",
            charts=(8,),
        ),
    )
}  # fmt: skip
