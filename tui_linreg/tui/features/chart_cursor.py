"""A cursor in the charts: it moves from point to point of a chart and says the exact values there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tui_linreg.number_text import exact, significant
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.feature import Feature
from tui_linreg.tui.mode import Mode, ModeKey, ModeLine
from tui_linreg.tui.panes.chart import ChartPane
from tui_linreg.tui.view import ChartPoint, View

if TYPE_CHECKING:
    from tui_linreg.tui.charts.points import Points
    from tui_linreg.tui.controller import Controller


class ChartCursor(Feature):
    """Turns the cursor on and off."""

    name = "chart_cursor"

    def turn(self) -> None:
        """Turn the cursor on: in the chart in focus, else in the one shown last."""
        chart = self._chart()
        if chart is None:
            self.controller.say("no chart with points is in sight: a digit shows one")
        else:
            self._enter(chart)

    def next_chart(self) -> None:
        """Go on to the other chart in sight; after the last one the cursor is off."""
        mode = self.controller.mode
        assert isinstance(mode, ChartCursorMode)
        charts = self._charts()
        later = charts[charts.index(mode.chart) + 1 :] if mode.chart in charts else ()
        before = [chart for chart in charts if chart != mode.chart and chart not in mode.been]
        if chart := next(iter((*later, *before)), None):
            self._enter(chart, mode.been)
        else:
            self.controller.leave_mode()

    def leave(self) -> None:
        """Give a maximised pane its place back."""
        if self.controller.screen.maximized is not None:
            self.controller.screen.minimize()

    def _enter(self, chart: int, been: frozenset[int] = frozenset()) -> None:
        controller = self.controller
        mode = ChartCursorMode(controller, self, chart, been)
        if why := mode.nothing_to_see():
            controller.leave_mode()
            controller.say(why)
        else:
            controller.enter_mode(mode)

    def _charts(self) -> list[int]:
        return [number for number in self.controller.screen.charts_in_sight if not CHARTS[number].text]

    def _chart(self) -> int | None:
        screen, charts = self.controller.screen, self._charts()
        if isinstance(screen.focused, ChartPane) and screen.focused.number in charts:
            return screen.focused.number
        newest = self.controller.run.look.charts.newest
        return newest if newest in charts else next(iter(charts), None)


class ChartCursorMode(Mode):
    """The cursor in one chart.

    Args:
        controller: the run and the screen.
        feature: turns it on in another chart.
        chart: the number of the chart.
        been: the charts in which it was before.
    """

    def __init__(self, controller: Controller, feature: ChartCursor, chart: int, been: frozenset[int]) -> None:
        self.chart = chart
        self.been = been | {chart}
        self._controller, self._run = controller, controller.run
        self._at: int | None = None
        """Which point; None: where the chart's cursor begins."""
        self.takes = {
            "phase.next": partial(self._move, 1),
            "phase.previous": partial(self._move, -1),
            "batch.next": partial(self._move_far, 1),
            "batch.previous": partial(self._move_far, -1),
            "run.first": partial(self._put, 0),
            "run.newest": partial(self._put, -1),
            "lesson.go": self._go,
            "cursor": feature.next_chart,
            "leave": controller.leave_mode,
        }

    def nothing_to_see(self) -> str:
        """Return why there is no point to stand on; empty where there is one."""
        view = self._controller.frame()
        if words := view.hidden.in_place_of(f"chart {self.chart}"):
            return f"chart {self.chart} is {words}"
        if view.waits_for(CHARTS[self.chart].needs):
            return f"chart {self.chart} is still being worked out"
        return "" if len(CHARTS[self.chart].points(view)) else f"chart {self.chart} has no point yet"

    def state_changed(self) -> bool:
        controller = self._controller
        in_sight = controller.run is self._run and self.chart in controller.screen.charts_in_sight
        return in_sight and not self.nothing_to_see()

    def facts(self) -> Mapping[str, object]:
        points = self._points()
        if points.samples is None or not len(points):
            return {"chart_cursor": self.chart}
        row = int(points.samples[self._in(points)])
        return {"chart_cursor": self.chart, "sample": self._run.step().place.start + row}

    def seen(self, view: View) -> View:
        points = CHARTS[self.chart].points(view)
        at = self._in(points)
        sample = None if points.samples is None else int(points.samples[at])
        single = view.run.single
        texts = tuple(
            f"{points.words(at, write)}   {at + 1}/{len(points)}"
            for write in (
                partial(exact, single=single),
                partial(significant, single=single),
                partial(significant, single=single, digits=4),
            )
        )
        keys = (
            ModeKey("phase.previous phase.next", "point"),
            ModeKey("leave", "back"),
            *([] if points.steps is None else [ModeKey("lesson.go", "go there")]),
            ModeKey("batch.next batch.previous", f"{points.stride} points"),
            ModeKey("run.first run.newest", "first, last"),
            ModeKey("cursor", "other chart"),
            ModeKey("help", "help"),
        )
        point = ChartPoint(self.chart, float(points.x[at]), float(points.y[at]), sample)
        return replace(view, chart_point=point, mode=ModeLine(texts, keys))

    def _in(self, points: Points) -> int:
        at = points.first if self._at is None else self._at
        return min(max(at if at >= 0 else len(points) + at, 0), len(points) - 1)

    def _points(self) -> Points:
        return CHARTS[self.chart].points(self._controller.frame())

    def _move(self, by: int) -> None:
        points = self._points()
        self._at = min(max(self._in(points) + by, 0), len(points) - 1)

    def _move_far(self, by: int) -> None:
        self._move(by * self._points().stride)

    def _put(self, at: int) -> None:
        self._at = at

    def _go(self) -> None:
        points = self._points()
        if points.steps is None:
            self._controller.say("this point belongs to no step")
            return
        step = int(points.steps[self._in(points)])
        self._controller.leave_mode()
        self._controller.go(self._run.cursor.to(step))
