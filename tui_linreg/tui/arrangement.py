"""Which panes have a place on the main screen: by the terminal's size and by what is to be seen. No widget."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

FULL_WIDTH, FULL_HEIGHT = 120, 30
LEAST_WIDTH, LEAST_HEIGHT = 60, 18
ROOMY_WIDTH, ROOMY_HEIGHT = 150, 43
"""From this size on a chart is visible below a lesson's text."""
TWO_CHARTS_HEIGHT = 36
"""From this height on two charts stand one above the other."""
LOW_HEIGHT, LOWEST_HEIGHT = 28, 20
"""Below these heights a lesson's strip and the phase panel have fewer lines, so that samples stay visible."""
_PICTURE_HEIGHT = 22
"""From this height on, in one column, a chart that a page brings up has room below it."""
_HEADER, _FOOTER, _STRIP, _LOW_STRIP = 2, 2, 3, 2
_QUANTITIES, _PHASE, _LEAST_SAMPLES, _LEAST_CHART, _SAMPLES = 9, 5, 10, 11, 3
"""Lines of the panes in one column (tui_linreg/tui/main_screen.tcss), and what the samples need besides their own."""


class Layout(StrEnum):
    """The CSS class of the screen."""

    FULL = "-full"
    """Numbers on the left, charts on the right."""
    COMPACT = "-compact"
    """One column: a chart stands below the numbers, or in their place where there is no room for both."""
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


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What the layout depends on, and what follows from it."""

    width: int
    height: int
    lesson: bool = False
    """Whether a lesson's strip is there."""
    page: bool = False
    """Whether a lesson's page is there."""
    picture: bool = False
    """Whether a chart belongs beside that page."""
    instrument: bool = False
    """Whether an instrument is open."""
    numberless: bool = False
    """Whether the numbers of the mini-batches are hidden."""
    batch: int = 1_000_000_000
    """Samples of the run's largest mini-batch: of the run, not of the step, so that nothing moves from step to step."""

    @property
    def layout(self) -> Layout:
        """The layout for the size."""
        return layout_for(self.width, self.height)

    @property
    def roomy(self) -> bool:
        """Whether a chart has room below a lesson's page."""
        return self.width >= ROOMY_WIDTH and self.height >= ROOMY_HEIGHT

    @property
    def places(self) -> int:
        """For how many charts there is room beside the rest."""
        match self.layout:
            case Layout.TINY:
                return 0
            case Layout.FULL if self.page:
                return 1 if self.roomy or self.picture else 0
            case Layout.FULL:
                return 2 if self.height >= TWO_CHARTS_HEIGHT else 1
        if self.page:
            return 1 if self.picture and self.height >= _PICTURE_HEIGHT else 0
        if self.instrument:
            return 0
        return 1 if self.numberless or self._below >= _LEAST_CHART else 0

    @property
    def phase_stays(self) -> bool:
        """Whether, in one column, the phase panel keeps its place above a chart."""
        return self._below >= _LEAST_CHART + _PHASE

    @property
    def samples_stay(self) -> bool:
        """Whether, in one column, the samples keep a place above a chart."""
        return self._below >= _LEAST_CHART + _PHASE + min(_LEAST_SAMPLES, self.samples_height)

    @property
    def samples_height(self) -> int:
        """The lines of the samples in one column when all are in sight."""
        return _SAMPLES + self.batch

    @property
    def few_samples(self) -> bool:
        """Whether, in one column above a chart, all samples have room: what is left is the chart's."""
        share = (self._below + _QUANTITIES) * 3 // 5 - _QUANTITIES - _PHASE  # as in the style sheet
        return self.samples_stay and self.samples_height <= max(share, _LEAST_SAMPLES)

    @property
    def _below(self) -> int:
        """The lines below the quantities, in one column."""
        strip = 0 if not self.lesson else _LOW_STRIP if self.height < LOW_HEIGHT else _STRIP
        return self.height - _HEADER - _FOOTER - strip - _QUANTITIES
