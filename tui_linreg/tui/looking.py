"""Looking closer: which charts and instruments stand on the screen, how they are drawn, and the runs kept beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_linreg.tui import jobs
from tui_linreg.tui.background import Background
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.instruments.records import PANELS
from tui_linreg.tui.panes.chart import ChartPane
from tui_linreg.tui.panes.instrument import PanelPane
from tui_linreg.tui.panes.samples import Samples
from tui_linreg.tui.stepping import SteppingScreen

if TYPE_CHECKING:
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.settings import Settings
    from tui_linreg.tui.run import Explorer


class LookingScreen(SteppingScreen):
    """A run to step through, with charts and instruments to choose."""

    _chart = 1

    def __init__(self, config: RunConfig, settings: Settings) -> None:
        super().__init__(config, settings)
        self.instrument_work = Background()
        self._preparing: tuple[object, ...] | None = None

    def render_view(self) -> None:
        """Give every pane the frame at the cursor, and work out what an open instrument waits for."""
        super().render_view()
        if self.explorer is not None:
            self._prepare(self.explorer)

    def _prepare(self, explorer: Explorer) -> None:
        hides = explorer.curtain.cover
        charts = [pane.number for pane in self.panes if isinstance(pane, ChartPane) and pane.has_place]
        shown = [CHARTS[number].needs for number in charts if not hides(f"chart {number}")]
        if explorer.panel is not None and not hides(f"panel {explorer.panel}"):
            shown.append(PANELS[explorer.panel].needs)
        step = explorer.step()
        for item in (item for needs in shown for item in needs):
            if explorer.instruments.missing(item, step):
                asked = explorer, item, step.place.step
                if asked != self._preparing:
                    self._preparing = asked
                    self.instrument_work.cancel()
                    self.instrument_work.start(jobs.prepare(explorer.instruments, item, step, self.post_message))
                return

    def on_prepared(self) -> None:
        """Show what was worked out."""
        self._preparing = None
        self.render_view()

    def action_chart(self, number: int) -> None:
        """Show a chart in its pane; in one column it takes the numbers' place until its key is pressed again."""
        pane = self._pane_of(number)
        compact = self.has_class("-compact")
        again = compact and self.has_class("-charts") and self._chart == number
        pane.choose(number)
        self._chart = number
        self.set_class(compact and not again, "-charts")
        self.set_class(CHARTS[number].slot == "run", "-lower")
        if self.maximized is not None and self.maximized is not pane:
            self.maximize(pane, container=False)
        self._say("")

    def _pane_of(self, number: int) -> ChartPane:
        """Return the pane in which a chart has its place."""
        return self.query_one("#upper" if CHARTS[number].slot == "batch" else "#lower", ChartPane)

    # ── instruments ──────────────────────────────────────────────────────────────────────────────────────────────

    def action_panel(self, name: str) -> None:
        """Show an instrument in the samples' place; again to go back to the samples."""
        self._show_panel(None if self._ready().panel == name else name)

    def action_next_panel(self, by: int) -> None:
        """Show the next instrument, or with -1 the one before; the samples stand between the last and the first."""
        order = [None, *PANELS]
        self._show_panel(order[(order.index(self._ready().panel) + by) % len(order)])

    def _show_panel(self, name: str | None) -> None:
        self.query_one(PanelPane).choose(name)
        self._ready().panel = name
        self.set_class(name is not None, "-panel")
        self.remove_class("-charts")  # in one column it would stand where the chart stands
        if self.maximized is not None:
            self.minimize()
        info = None if name is None else PANELS[name]
        place = 0 if name is None else [*PANELS].index(name) + 1
        self._say("" if info is None else f"instrument {place} of {len(PANELS)}: {info.title}; i goes on, I back")

    def action_zoom(self) -> None:
        """Show the surface around the whole path, or around the cursor."""
        explorer = self._ready()
        self._bring_up(5)
        explorer.surface = explorer.surface.other_zoom()
        self._say(f"loss surface: {explorer.surface.words}")

    def action_surface_of(self) -> None:
        """Show the surface of all train samples, or of this batch."""
        explorer = self._ready()
        self._bring_up(5)
        explorer.surface = explorer.surface.other_samples()
        self._say(f"loss surface: {explorer.surface.words}")

    def _bring_up(self, number: int) -> None:
        """Show a chart unless it is there."""
        if self._pane_of(number).number != number:
            self.action_chart(number)

    def action_keep(self) -> None:
        """Keep this run beside the next ones."""
        if self._refuse_hidden("keep"):
            return
        explorer = self._ready()
        if any(ghost.session is explorer.session for ghost in explorer.ghosts):
            self._say("this run is kept already; e changes something, and both are seen")
        elif explorer.ghosts.full:
            self._say(f"{len(explorer.ghosts)} runs are kept, which is the most; P forgets the last")
        else:
            explorer.ghosts = explorer.ghosts.with_run(explorer.session)
            self._say(f"kept as {explorer.ghosts[-1].letter}: e changes something, and both are seen")

    def action_forget(self) -> None:
        """Forget the run kept last."""
        if self._refuse_hidden("forget"):
            return
        explorer = self._ready()
        if not explorer.ghosts:
            self._say("no run is kept; p keeps this one")
            return
        said = f"forgot run {explorer.ghosts[-1].letter}"
        explorer.ghosts = explorer.ghosts.without_last()
        self._say(said)

    # ── how it is drawn ──────────────────────────────────────────────────────────────────────────────────────────

    def action_log_y(self) -> None:
        """Switch the charts of losses and radii between a linear and a logarithmic y axis."""
        explorer = self._ready()
        explorer.log_y = not explorer.log_y
        self._say(f"losses and radii: {'logarithmic' if explorer.log_y else 'linear'} y axis")

    def action_maximise(self) -> None:
        """Maximise the focused pane, or the last chosen chart when none is; again to go back."""
        if self.maximized is not None:
            self.minimize()
            return
        focused = self.focused if self.focused is not None and self.focused.display else None
        self.maximize(focused or self._pane_of(self._chart), container=False)

    def action_scroll_samples(self, pages: int) -> None:
        """Scroll the samples table, and bring it up first where the terminal has no room for it."""
        samples = self.query_one(Samples)
        if self._ready().panel is not None:
            self._say("the samples stand behind the instrument; its own key takes it away")
        elif samples.room < 1 and not self.has_class("-charts", "-tiny"):
            self.maximize(samples, container=False)
        else:
            samples.scroll_rows(pages)
