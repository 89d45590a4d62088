"""Looking closer: which charts, instruments and kept runs are on the screen, and how they are drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui_linreg.tui import jobs
from tui_linreg.tui.charts.records import CHARTS, RULE, WITH_LOG_AXIS
from tui_linreg.tui.feature import Feature
from tui_linreg.tui.instruments.records import PANELS
from tui_linreg.tui.look import ShownCharts, SurfaceLook
from tui_linreg.tui.panes.chart import ChartPane
from tui_linreg.tui.panes.lesson import LessonPane
from tui_linreg.tui.panes.tables import Samples
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from tui_linreg.tui.controller import Controller

_LOSS, _SURFACE, _AUTOGRAD = 2, 5, 8
"""The numbers of the loss chart, the loss surface and autograd's graph."""
_GRAPH = "graph"
"""The instrument with the hand-written graph."""
_RULE = RULE[0].lower() + RULE[1:-1]
_RULE_FOR_ONE = "a digit shows its chart or takes it away; m maximises it"


class Looking(Feature):
    """Chooses what is drawn, and has what takes long worked out in the background."""

    name = "looking"

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._preparing: tuple[object, ...] | None = None
        self._view: View | None = None
        """The frame on the screen."""

    def frame_shown(self, view: View) -> None:
        """Work out what a visible chart or an open instrument waits for."""
        self._view = view
        charts = [p.number for p in self.controller.screen.panes if isinstance(p, ChartPane) and p.has_place]
        shown = [CHARTS[number].needs for number in charts if not view.hidden.in_place_of(f"chart {number}")]
        if view.panel is not None and not view.hidden.in_place_of(f"panel {view.panel}"):
            shown.append(PANELS[view.panel].needs)
        for item in (item for needs in shown for item in needs):
            if view.instruments.missing(item, view.step):
                wanted = view.instruments, item, view.step.key
                if wanted != self._preparing:
                    self._preparing = wanted
                    post = self.controller.screen.post_message
                    work = self.controller.instrument_work
                    work.cancel()
                    work.start(jobs.prepare(view.instruments, item, view.step, post, self._prepared))
                return

    def _prepared(self) -> None:
        self._preparing = None

    # ── charts ───────────────────────────────────────────────────────────────────────────────────────────────────

    def chart(self, number: int) -> None:
        """Show a chart, or take it away if it is in sight. The one shown before stays beside it where there is room."""
        controller, screen = self.controller, self.controller.screen
        charts = controller.run.look.charts
        if number not in screen.charts_in_sight:
            controller.show_charts(charts.with_chart(number))
        elif screen.arrangement.places > 1:
            controller.show_charts(charts.without(number))
        else:  # the one behind it does not come up: the numbers do
            controller.show_charts(ShownCharts((), number))
        keys = "; z zooms, a: this batch" if number == _SURFACE and number in screen.charts_in_sight else ""
        controller.say((_RULE if screen.arrangement.places > 1 else _RULE_FOR_ONE) + keys)

    def zoom(self) -> None:
        """Show the surface around the whole path, or around the cursor."""
        self._show_surface(self.controller.run.look.surface.other_zoom())

    def surface_of(self) -> None:
        """Show the surface of all train samples, or of this batch."""
        self._show_surface(self.controller.run.look.surface.other_samples())

    def _show_surface(self, surface: SurfaceLook) -> None:
        run, screen = self.controller.run, self.controller.screen
        if _SURFACE not in screen.charts_in_sight:
            self.controller.show_charts(run.look.charts.with_chart(_SURFACE))
        run.look = replace(run.look, surface=surface)
        self.controller.say(f"loss surface: {surface.words}")

    def log_y(self) -> None:
        """Switch the charts whose record says so between a linear and a logarithmic y axis."""
        from tui_linreg.tui.charts.loss import logarithmic  # not on top: numpy

        run, view = self.controller.run, self._view
        chosen_by_itself = view is not None and _LOSS in self.controller.screen.charts_in_sight and logarithmic(view)
        now = chosen_by_itself if run.look.log_y is None else run.look.log_y
        run.look = replace(run.look, log_y=not now)
        kind = "logarithmic" if run.look.log_y else "linear"
        self.controller.say(f"{kind} y axis in {WITH_LOG_AXIS}")

    def digits(self) -> None:
        """Write numbers with all their digits, or with six significant ones."""
        run = self.controller.run
        run.look = replace(run.look, full=not run.look.full)
        full = "numbers in full, in the table of samples as many digits as fit"
        self.controller.say(full if run.look.full else "six significant digits; in full at the cursor")

    def maximise(self) -> None:
        """Maximise the focused pane, or the page or chart that is there when none is; again to go back."""
        screen, charts = self.controller.screen, self.controller.run.look.charts
        if screen.maximized is not None:
            screen.minimize()
        elif screen.focused is not None and screen.focused.display:
            screen.maximize(screen.focused, container=False)
        elif screen.focused is None and screen.page_covers(charts=True):
            screen.maximize(screen.query_one(LessonPane), container=False)
        elif charts.numbers:
            screen.maximize(screen.pane_of(charts.newest), container=False)
        else:
            self.controller.say("no chart is shown: a digit shows one")

    # ── instruments ──────────────────────────────────────────────────────────────────────────────────────────────

    def panel(self, name: str) -> None:
        """Show an instrument in the samples' place; again to go back to the samples."""
        open_now = self.controller.run.look.instrument
        behind_the_page = self._put_page_away_from_instruments()
        self.controller.show_instrument(None if name == open_now and not behind_the_page else name)

    def next_panel(self, by: int) -> None:
        """Show the next instrument, or with -1 the one before; the samples are between the last and the first."""
        self._put_page_away_from_instruments()
        order = [None, *PANELS]
        at = order.index(self.controller.run.look.instrument)
        self.controller.show_instrument(order[(at + by) % len(order)])

    def _put_page_away_from_instruments(self) -> bool:
        covers = self.controller.screen.page_covers(charts=False)
        if covers:
            self.controller.put_page_away()
        return covers

    def sample(self, by: int) -> None:
        """Draw the graph of the next sample, with -1 of the one before; the whole batch is between last and first."""
        controller, screen = self.controller, self.controller.screen
        run, m = controller.run, controller.run.step().place.m
        if run.look.instrument != _GRAPH and _AUTOGRAD not in screen.charts_in_sight:
            self.panel(_GRAPH)
        number = 0 if run.look.sample is None else min(run.look.sample + 1, m)  # 0: the whole batch
        number = (number + by) % (m + 1)
        run.look = replace(run.look, sample=number - 1 if number else None)
        first = run.step().place.start
        one = f"graph of sample {first + number - 1}, {number} of {m}"
        controller.say(one if number else "graph of the whole mini-batch")

    # ── runs kept beside this one ────────────────────────────────────────────────────────────────────────────────

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

    # ── samples ──────────────────────────────────────────────────────────────────────────────────────────────────

    def scroll_samples(self, pages: int) -> None:
        """Scroll the lesson's text while it is there, else the samples; bring those up where they have no room."""
        screen = self.controller.screen
        samples = screen.query_one(Samples)
        if screen.has_class("-reading"):
            screen.query_one(LessonPane).scroll_rows(pages)
        elif self.controller.run.look.instrument is not None:
            self.controller.say("the samples are behind the instrument; its own key closes it")
        elif screen.maximized is not samples and (samples.page < 1 or not samples.has_place):
            screen.maximize(samples, container=False)
        else:
            samples.scroll_rows(pages)
