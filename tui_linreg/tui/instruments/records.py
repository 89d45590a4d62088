"""The instruments' panels by their names: keys, titles, and what changes them. Loads none of them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.engine.phases import Phase

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Item
    from tui_linreg.tui.view import View


class PanelInfo(NamedTuple):
    """A panel's name and title. What it writes is in `tui_linreg.tui.instruments`."""

    name: str
    """Its module in `tui_linreg.tui.instruments`."""
    title: str
    charts: tuple[int, ...]
    """The charts that belong to it."""
    changes_at: tuple[Phase, ...] | None
    """The phases of a step that change what is written; None: no step does."""
    needs: tuple[Item, ...] = ("batches",)
    """What may have to be worked out first."""

    def depends_on(self, view: View) -> Hashable:
        """Return what the panel of a view is made of: it stays as it is while this stays equal."""
        fixed = self.name, view.run, view.styles, view.curtain, view.waits_for(self.needs)
        if self.changes_at is None:
            return fixed
        return *fixed, view.ghosts, view.step.place.step, sum(view.reached(phase) for phase in self.changes_at)


PANELS: dict[str, PanelInfo] = {
    panel.name: panel
    for panel in (
        PanelInfo("learning_rate", "Learning rate", (6,), None, ("batches", "radii")),
        PanelInfo("landing", "Where it lands", (5,), (Phase.UPDATE,)),
        PanelInfo("epoch_losses", "Epoch losses", (2,), (Phase.UPDATE,)),
        PanelInfo("gradient_check", "Gradient check", (7,), (Phase.BIAS_GRADIENT, Phase.WEIGHT_GRADIENT), ("check",)),
        PanelInfo("bits", "Bits", (), tuple(Phase), ()),
        PanelInfo("runs", "Runs side by side", (1, 2), tuple(Phase), ()),
    )
}
