"""The main screen: its panes, the layout for the terminal's size, and `show`, which gives one `View` to all of them.

What a command does is in the features (`tui_linreg.tui.features`); what happens when is in the controller.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Offset, Size
from textual.screen import Screen
from textual.widgets import Static

from tui_linreg.engine.config import RunConfig
from tui_linreg.settings import Settings
from tui_linreg.tui.arrangement import LOW_HEIGHT, LOWEST_HEIGHT, Arrangement, Layout, too_small_text
from tui_linreg.tui.commands import COMMANDS
from tui_linreg.tui.controller import Controller
from tui_linreg.tui.look import ShownCharts
from tui_linreg.tui.messages import Posted
from tui_linreg.tui.panes.bars import Header, KeyBar, StatusBar
from tui_linreg.tui.panes.base import Pane, Waiting
from tui_linreg.tui.panes.chart import ChartPane, PanelPane
from tui_linreg.tui.panes.lesson import LessonPane, LessonStrip
from tui_linreg.tui.panes.phase import PhasePanel
from tui_linreg.tui.panes.tables import Quantities, Samples
from tui_linreg.tui.plot import MarkerSet
from tui_linreg.tui.styles import Styles
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from tui_linreg.study.student.student import Student
    from tui_linreg.tui.app import LinRegApp


_PLACES = ("quantities", "panel", "lesson", "upper", "lower")
"""The panes where the cursor may stand, by their ids."""


class MainScreen(Screen[None]):
    """The panes.

    Args:
        config: the run to begin with.
        settings: the user's.
        student: whose `update` the hand-written model does; None: the program's own.
        lessons_folder: a folder with more lessons than those that come with the program.
    """

    app: LinRegApp

    AUTO_FOCUS = ""
    ESCAPE_TO_MINIMIZE = False  # the command `leave` does it, after what is more urgent
    ALLOW_IN_MAXIMIZED_VIEW = "#header, #bottom"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(each.keys, each.action, each.label, show=False, tooltip=each.tooltip, id=each.id)
        for each in COMMANDS
        if each.feature != "app"
    ]

    def __init__(
        self,
        config: RunConfig,
        settings: Settings,
        student: Student | None = None,
        lessons_folder: str | None = None,
    ) -> None:
        super().__init__()
        self.text_styles = Styles.of({}, dark=True)
        self.marker: MarkerSet = "braille"
        self.panes: list[Pane] = []
        self._terminal = Size()
        self._covering = False
        """Whether a chart stands in the place of the numbers where there is no room for both."""
        self.controller = Controller(self, config, settings, student, lessons_folder)

    def compose(self) -> ComposeResult:
        """Make the panes; the style sheet arranges them for each `Layout`."""
        keys = self.controller.settings.keys
        yield Header(id="header")
        with Horizontal(id="body"):
            with Vertical(id="numbers"):
                yield Quantities(id="quantities", classes="pane")
                yield PhasePanel(id="phase", classes="pane")
                yield Samples(id="samples", classes="pane")
                yield PanelPane(id="panel", classes="pane")
            with Vertical(id="charts"):
                yield LessonPane(id="lesson", classes="pane")
                yield ChartPane(1, id="upper", classes="pane")
                yield ChartPane(2, id="lower", classes="pane")
        with Vertical(id="bottom"):
            yield LessonStrip(keys, id="task")
            yield StatusBar(id="status")
            yield KeyBar(keys, id="keys")
        yield Static("", id="too-small", markup=False)

    def on_mount(self) -> None:
        """Show the empty screen, then let it be filled."""
        self.panes = list(self.query(Pane))
        self.app.theme_changed_signal.subscribe(self, lambda _: self.take_theme())
        self.take_theme()
        self.controller.opened()

    def action_do(self, command: str) -> None:
        """Do one of `tui_linreg.tui.commands.COMMANDS`."""
        self.controller.do(command)

    # ── the frame ────────────────────────────────────────────────────────────────────────────────────────────────

    def show(self, view: View) -> None:
        """Give every pane the frame."""
        lesson = view.lesson
        self.set_class(lesson is not None, "-lesson")
        page = None if lesson is None else lesson.page
        self.make_room_for_page(page is not None)
        self.set_class(page is not None and page.picture, "-picture")
        self.query_one(PanelPane).choose(view.panel)
        for pane, number in zip(self._chart_panes, view.charts.numbers, strict=False):
            pane.choose(number)
        self._arrange()
        for each in self.panes:
            each.show(view)

    @property
    def reading_place(self) -> Offset:
        """The status line where it has an answer, else the phase's row of the table, else the first pane in sight.

        Phase 1 has no row: the header's second line names it.
        """
        status, table = self.query_one(StatusBar), self.query_one(Quantities)
        if status.answers:
            return status.content_region.offset
        if not table.row_now:
            return Offset(0, 1)
        panes = [self.query_one(f"#{name}", Pane) for name in _PLACES]
        shown = next((pane for pane in panes if pane.is_maximized), None) or next(
            (pane for pane in panes if pane.has_place and self.maximized is None), status
        )
        return shown.content_region.offset + Offset(0, table.row_now if shown is table else 0)

    def say_loading(self, stage: str) -> None:
        """Say what is being loaded before there is a run."""
        self.query_one(StatusBar).say_loading(stage)

    def take_theme(self) -> None:
        """Draw in the app's present theme."""
        theme = self.app.current_theme
        self.text_styles = Styles.of(self.app.theme_variables, theme.dark)
        waiting = Waiting(self.text_styles, self.controller.config)
        for pane in self.panes:
            pane.wait(waiting)
        self.controller.changed()

    def take_marker(self, marker: MarkerSet) -> None:
        """Draw charts with another set of glyphs."""
        self.marker = marker
        self.app.write_in_ascii(marker == "ascii")
        self.controller.changed()

    # ── the layout ───────────────────────────────────────────────────────────────────────────────────────────────

    def on_resize(self, event: events.Resize) -> None:
        """Take the layout that fits; the place in the run is kept."""
        self._terminal = event.size
        self._arrange()
        if self.arrangement.layout is Layout.TINY:
            self.minimize()
            self.query_one("#too-small", Static).update(too_small_text(*event.size))

    @property
    def arrangement(self) -> Arrangement:
        """What has a place for the present size and state."""
        controller = self.controller
        facts = controller.run.facts if controller.loaded else None
        return Arrangement(
            *self._terminal,
            lesson=self.has_class("-lesson"),
            page=self.has_class("-reading"),
            picture=self.has_class("-picture"),
            instrument=controller.look.instrument is not None,
            numberless=controller.loaded and bool(controller.hidden.in_place_of("numbers")),
            **({"batch": min(facts.schedule.batch_size, facts.n_train)} if facts else {}),
        )

    def _arrange(self) -> None:
        """Set the classes by which the style sheet gives the panes their places."""
        now, look = self.arrangement, self.controller.look
        panel, charts = look.instrument is not None, self._in_place(now)
        for pane, number in zip_longest(self._chart_panes, look.charts.numbers):
            pane.set_class(number in charts, "-seen")
        one_column = now.layout is Layout.COMPACT
        away = bool(charts) and ((now.numberless and not panel) or (one_column and not now.places))
        beside = one_column and bool(charts)
        classes = {
            **{each.value: each is now.layout for each in Layout},
            "-low": now.height < LOW_HEIGHT,
            "-lowest": now.height < LOWEST_HEIGHT,
            "-roomy": now.roomy,
            "-panel": panel,
            "-no-charts": not charts and not now.page,
            "-no-numbers": away or (one_column and now.page),
            "-no-quantities": panel and (one_column or now.numberless),
            "-no-phase": beside and not now.phase_stays,
            "-no-samples": beside and not now.samples_stay,
            "-few-samples": beside and now.few_samples,
        }
        for name, holds in classes.items():
            self.set_class(holds, name)
        self.query_one(Samples).styles.height = now.samples_height if classes["-few-samples"] else None

    def _in_place(self, now: Arrangement) -> tuple[int, ...]:
        """Return the charts that have a place while no pane is maximised."""
        covering = self._covering and now.layout is Layout.COMPACT and not now.page
        return self.controller.look.charts.in_sight(now.places or int(covering))

    @property
    def _chart_panes(self) -> tuple[ChartPane, ChartPane]:
        return self.query_one("#upper", ChartPane), self.query_one("#lower", ChartPane)

    def pane_of(self, number: int) -> ChartPane:
        """Return the pane in which a chart that is shown has its place."""
        return self._chart_panes[self.controller.look.charts.numbers.index(number)]

    @property
    def one_column(self) -> bool:
        """Whether numbers and charts stand in one column."""
        return self.arrangement.layout is Layout.COMPACT

    def make_room_for_page(self, reading: bool) -> None:
        """Make room for a lesson's page, or give its room back; what is maximised may lose its place by that."""
        if reading != self.has_class("-reading"):
            self.set_class(reading, "-reading")
            if self.maximized is not None:
                self.minimize()

    def scroll_page(self) -> bool:
        """Scroll the lesson's page on if there is more of it below, and say whether there was."""
        pane = self.query_one(LessonPane)
        if pane.below:
            pane.scroll_rows(1)
            return True
        return False

    def page_covers(self, charts: bool) -> bool:
        """Return whether a lesson's page is shown where a chart would be, or else the instruments."""
        if not self.has_class("-reading"):
            return False
        if isinstance(self.maximized, LessonPane) or (self.one_column and not charts):
            return True
        return charts and not self.arrangement.places

    @property
    def charts_in_sight(self) -> tuple[int, ...]:
        """The charts on the screen, by their numbers."""
        if isinstance(self.maximized, ChartPane):
            return (self.maximized.number,)
        return () if self.maximized is not None else self._in_place(self.arrangement)

    def bring_up(self, charts: ShownCharts) -> None:
        """Make the newest of these charts seen, whatever covers it; where none is left, the numbers."""
        self._covering = bool(charts.numbers) and not self.arrangement.places
        if self.maximized is not None and not charts.numbers:
            self.minimize()
        elif self.maximized is not None:
            pane = self.pane_of(charts.newest)
            pane.choose(charts.newest)
            if self.maximized is not pane:
                self.maximize(pane, container=False)

    def layout_again(self) -> None:
        """Put away what covers the numbers: a chart in one column, a maximised pane."""
        self._covering = False
        if self.maximized is not None:
            self.minimize()

    @on(Posted)
    def take_posted(self, message: Posted) -> None:
        """Take what a thread posts."""
        message.take(self.controller)
        self.controller.changed()
