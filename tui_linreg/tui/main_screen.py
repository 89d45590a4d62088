"""The main screen: its panes, the layout for the terminal's size, and `show`, which gives one `View` to all of them.

What a command does is in the features (`tui_linreg.tui.features`); what happens when is in the controller.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static

from tui_linreg.engine.config import RunConfig
from tui_linreg.settings import Settings
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.commands import COMMANDS
from tui_linreg.tui.controller import Controller
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

FULL_WIDTH, FULL_HEIGHT = 120, 30
LEAST_WIDTH, LEAST_HEIGHT = 60, 18
ROOMY_WIDTH, ROOMY_HEIGHT = 150, 43
"""From this size on a chart is visible below a lesson's text."""
LOW_HEIGHT, LOWEST_HEIGHT = 28, 20
"""Below these heights a lesson's strip and the phase panel have fewer lines, so that samples stay visible."""


class Layout(StrEnum):
    """The CSS class of the screen."""

    FULL = "-full"
    """Numbers on the left, charts on the right."""
    COMPACT = "-compact"
    """One column; a chart takes the place of the numbers on its key."""
    TINY = "-tiny"
    """A message that says what size is needed."""


def layout_for(width: int, height: int) -> Layout:
    """Return the layout of a terminal of `width` × `height` cells."""
    if width >= FULL_WIDTH and height >= FULL_HEIGHT:
        return Layout.FULL
    return Layout.COMPACT if width >= LEAST_WIDTH and height >= LEAST_HEIGHT else Layout.TINY


def too_small_text(width: int, height: int) -> str:
    """Return what a too small terminal shows."""
    return f"tui-linreg needs {LEAST_WIDTH}×{LEAST_HEIGHT}\nthis terminal has {width}×{height}\n\nq quits"


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
        self.make_room_for_page(lesson is not None and lesson.page is not None)
        self.set_class(view.panel is not None, "-panel")
        self.query_one(PanelPane).choose(view.panel)
        for pane, number in zip((self._upper, self._lower), view.charts, strict=True):
            pane.choose(number)
        for each in self.panes:
            each.show(view)

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
        self.controller.changed()

    # ── the layout ───────────────────────────────────────────────────────────────────────────────────────────────

    def on_resize(self, event: events.Resize) -> None:
        """Take the layout that fits; the place in the run is kept."""
        if self._lay_out(event.size) is Layout.TINY:
            self.minimize()
            self.query_one("#too-small", Static).update(too_small_text(*event.size))

    def _lay_out(self, size: Size) -> Layout:
        layout = layout_for(*size)
        self.set_class(size.height < LOW_HEIGHT, "-low")
        self.set_class(size.height < LOWEST_HEIGHT, "-lowest")
        self.set_class(size.width >= ROOMY_WIDTH and size.height >= ROOMY_HEIGHT, "-roomy")
        for each in Layout:
            self.set_class(each is layout, each.value)
        return layout

    @property
    def _upper(self) -> ChartPane:
        return self.query_one("#upper", ChartPane)

    @property
    def _lower(self) -> ChartPane:
        return self.query_one("#lower", ChartPane)

    def pane_of(self, number: int) -> ChartPane:
        """Return the pane in which a chart has its place."""
        return self._upper if CHARTS[number].slot == "batch" else self._lower

    @property
    def one_column(self) -> bool:
        """Whether numbers and charts take turns on the screen."""
        return self.has_class("-compact")

    def make_room_for_page(self, reading: bool) -> None:
        """Make room for a lesson's page, or give its room back; what is maximised may lose its place by that."""
        if reading != self.has_class("-reading"):
            self.set_class(reading, "-reading")
            if self.maximized is not None:
                self.minimize()

    def page_covers(self, number: int | None) -> bool:
        """Return whether a lesson's page is shown where a chart would be, or for None the instruments."""
        if not self.has_class("-reading"):
            return False
        if isinstance(self.maximized, LessonPane) or self.one_column:
            return True
        return number is not None and not (self.has_class("-roomy") and self.pane_of(number) is self._upper)

    def charts_visible(self, upper: int, lower: int) -> tuple[int, ...]:
        """Return which of the charts of the two panes are on the screen, by their numbers."""
        if self.maximized is not None:
            return (upper,) if self.maximized is self._upper else (lower,) if self.maximized is self._lower else ()
        if self.has_class("-tiny"):
            return ()
        if self.one_column:
            seen = self.has_class("-charts") and not self.has_class("-reading")
            return (lower if self.has_class("-lower") else upper,) if seen else ()
        if self.has_class("-reading"):
            return (upper,) if self.has_class("-roomy") else ()
        return upper, lower

    def open_with_chart(self) -> None:
        """In one column, begin with the phase above the upper chart; the first key for a look ends that."""
        if self.one_column:
            self.add_class("-charts", "-opening")

    def show_chart_alone(self, number: int, shown: bool) -> None:
        """In one column, put a chart in the place of the numbers, or take it away; a maximised one gives way to it."""
        self.remove_class("-opening")
        self.set_class(self.one_column and shown, "-charts")
        self.set_class(CHARTS[number].slot == "run", "-lower")
        pane = self.pane_of(number)
        if self.maximized is not None and self.maximized is not pane:
            self.maximize(pane, container=False)

    def layout_again(self) -> None:
        """Put away what covers the numbers: a chart in one column, a maximised pane."""
        self.remove_class("-charts", "-opening")
        if self.maximized is not None:
            self.minimize()

    @on(Posted)
    def take_posted(self, message: Posted) -> None:
        """Take what a thread posts."""
        message.take(self.controller)
        self.controller.changed()
