"""How a run is looked at: its charts, its instrument, the loss surface, the runs kept beside it. No widget."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tui_linreg.engine.analysis.kept_runs import KeptRuns
from tui_linreg.tui.instruments.records import PANELS


@dataclass(frozen=True, slots=True)
class SurfaceLook:
    """What chart 5 shows."""

    near: bool = False
    """The neighbourhood of the cursor; otherwise the whole path."""
    batch: bool = False
    """The loss of this batch; otherwise that of all train samples."""

    def other_zoom(self) -> SurfaceLook:
        """Return the other zoom."""
        return SurfaceLook(not self.near, self.batch)

    def other_samples(self) -> SurfaceLook:
        """Return the look at the other samples."""
        return SurfaceLook(self.near, not self.batch)

    @property
    def words(self) -> str:
        """What it is, for a message."""
        samples = "of this batch" if self.batch else "of all train samples"
        return f"{samples}, {'around the cursor' if self.near else 'the whole path'}"


@dataclass(frozen=True, slots=True)
class ShownCharts:
    """Which charts are shown: none, one or two."""

    numbers: tuple[int, ...] = (1, 5)
    """By their places, the upper one first."""
    newest: int = 1
    """The one shown last. Where there is room for one chart only, it is the one in sight."""

    def with_chart(self, number: int) -> ShownCharts:
        """Return them with another one: a third takes the place of the one that was shown first."""
        numbers = self.numbers
        if number not in numbers:
            if len(numbers) == 2:
                numbers = tuple(each if each == self.newest else number for each in numbers)
            else:
                numbers = (*numbers, number)
        return ShownCharts(numbers, number)

    def without(self, number: int) -> ShownCharts:
        """Return them without one."""
        left = tuple(each for each in self.numbers if each != number)
        return ShownCharts(left, left[-1] if left else self.newest)

    def in_sight(self, places: int) -> tuple[int, ...]:
        """Return those for which there is room."""
        return self.numbers if len(self.numbers) <= places else (self.newest,) if places else ()

    @classmethod
    def of(cls, *numbers: int) -> ShownCharts:
        """Return these charts, shown one after the other."""
        return cls(numbers, numbers[-1])


@dataclass(frozen=True, slots=True)
class Look:
    """How a run is looked at."""

    charts: ShownCharts = field(default_factory=ShownCharts)
    instrument: str | None = None
    """The instrument in the place of the samples."""
    charts_before: ShownCharts | None = None
    """While an instrument is open: the charts from before it brought its own."""
    log_y: bool | None = None
    full: bool = False
    """Whether all numbers are written with all digits."""
    surface: SurfaceLook = field(default_factory=SurfaceLook)
    sample: int | None = None
    """The sample of a mini-batch, from 0, whose graph is drawn; None: the whole batch."""
    kept: KeptRuns = field(default_factory=KeptRuns)
    """The runs kept beside this one."""

    def with_instrument(self, name: str | None) -> Look:
        """Return the look with an instrument and its charts, for None with the charts from before there was one."""
        before = self.charts if self.charts_before is None else self.charts_before
        if name is None:
            return replace(self, instrument=None, charts=before, charts_before=None)
        charts = before
        for number in PANELS[name].charts:
            charts = charts.with_chart(number)
        return replace(self, instrument=name, charts=charts, charts_before=before)
