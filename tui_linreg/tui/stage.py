"""The main screen's panes: what is on it, which layout it wears, and the one `View` that goes out to all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from tui_linreg.engine.config import RunConfig
from tui_linreg.tui.layout import (
    LOW_HEIGHT,
    LOWEST_HEIGHT,
    ROOMY_HEIGHT,
    ROOMY_WIDTH,
    Layout,
    layout_for,
    too_small_text,
)
from tui_linreg.tui.panes.bars import KeyBar, StatusBar
from tui_linreg.tui.panes.base import Pane, Waiting
from tui_linreg.tui.panes.chart import ChartPane
from tui_linreg.tui.panes.header import Header
from tui_linreg.tui.panes.instrument import PanelPane
from tui_linreg.tui.panes.lesson import LessonPane, LessonStrip
from tui_linreg.tui.panes.phase import PhasePanel
from tui_linreg.tui.panes.quantities import Quantities
from tui_linreg.tui.panes.samples import Samples
from tui_linreg.tui.plot.marker_sets import MarkerSet
from tui_linreg.tui.styles import Styles

if TYPE_CHECKING:
    from tui_linreg.settings import Settings
    from tui_linreg.tui.background import Busy
    from tui_linreg.tui.run import Explorer


class _Row(Horizontal):
    """Panes beside each other, which cover it."""

    BLANK = True


class _Column(Vertical):
    """Panes below each other, which cover it."""

    BLANK = True


class Stage(Screen[None]):
    """The panes, without the keys."""

    BLANK = True  # the panes cover it too; a frame need not style what lies beneath

    AUTO_FOCUS = ""
    ALLOW_IN_MAXIMIZED_VIEW = "#header, #bottom"

    def __init__(self, config: RunConfig, settings: Settings) -> None:
        super().__init__()
        self.panes: list[Pane] = []
        self._config = config
        self._settings = settings
        self._text_styles = Styles.of({}, dark=True)
        self._marker: MarkerSet = "braille"
        self.explorer: Explorer | None = None
        self._busy: Busy | None = None
        self._timer: Timer | None = None
        self._speed = settings.speed

    def compose(self) -> ComposeResult:
        """Lay out the panes; the style sheet arranges them for each `Layout`."""
        self._wear(self.app.size)  # before the first frame
        yield Header(id="header")
        with _Row(id="body"):
            with _Column(id="numbers"):
                yield Quantities(id="quantities", classes="pane")
                yield PhasePanel(id="phase", classes="pane")
                yield Samples(id="samples", classes="pane")
                yield PanelPane(id="panel", classes="pane")
            with _Column(id="charts"):
                yield LessonPane(id="lesson", classes="pane")
                yield ChartPane(1, id="upper", classes="pane")
                yield ChartPane(2, id="lower", classes="pane")
        with _Column(id="bottom"):
            yield LessonStrip(self._settings.keys, id="task")
            yield StatusBar(id="status")
            yield KeyBar(self._settings.keys, id="keys")
        yield Static("", id="too-small", markup=False)

    def on_mount(self) -> None:
        """Show the empty screen, then let it be filled."""
        self.panes = list(self.query(Pane))
        self.app.theme_changed_signal.subscribe(self, lambda _: self.take_theme())
        self.take_theme()
        self.opened()

    def opened(self) -> None:
        """Begin to fill the screen, which stands by now."""

    def on_resize(self, event: events.Resize) -> None:
        """Wear the layout that fits; the place in the run is kept."""
        if self._wear(event.size) is Layout.TINY:
            self.minimize()
            self.query_one("#too-small", Static).update(too_small_text(*event.size))

    def _wear(self, size: Size) -> Layout:
        layout = layout_for(*size)
        self.set_class(size.height < LOW_HEIGHT, "-low")
        self.set_class(size.height < LOWEST_HEIGHT, "-lowest")
        self.set_class(size.width >= ROOMY_WIDTH and size.height >= ROOMY_HEIGHT, "-roomy")
        for each in Layout:
            self.set_class(each is layout, each.value)
        return layout

    def take_theme(self) -> None:
        """Draw in the app's present theme."""
        theme = self.app.current_theme
        self._text_styles = Styles.of(self.app.theme_variables, theme.dark)
        waiting = Waiting(self._text_styles, self._config)
        for pane in self.panes:
            pane.wait(waiting)
        self.render_view()

    def take_marker(self, marker: MarkerSet) -> None:
        """Draw charts with another set of glyphs."""
        self._marker = marker
        self.render_view()

    def render_view(self) -> None:
        """Give every pane the frame at the cursor."""
        if self.explorer is None:
            return
        view = self.explorer.view(
            self._text_styles, self._marker, playing=self._timer is not None, speed=self._speed, busy=self._busy
        )
        for pane in self.panes:
            pane.show(view)
