"""What a chart is: series of values, ranges and labels, and its theme. `tui_linreg.tui.plot.plot` draws it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tui_linreg.tui.plot import MarkerSet
from tui_linreg.tui.plot.marks import Kind
from tui_linreg.tui.plot.ranges import Limits, Values


@dataclass(frozen=True, slots=True)
class Series:
    """One set of values to draw. ``x``, ``y`` (and ``y2``) belong together; the longer ones are cut to the shortest."""

    x: Values
    """Any floats, also a numpy array. What is not finite is left out."""
    y: Values
    kind: Kind
    """line: consecutive finite points joined, a gap where not finite. stems: a dotted vertical from y to y2.
    text: the marker's own letters, their middle at each point, where they have room."""
    color: str
    """A role of ChartTheme.roles, or "#rrggbb"."""
    marker: str = "dot"
    """Points: dot, fat (of two by two dots), or of one cell: those of `marks.Marks.points`, such as big or diamond.
    Lines: dot (solid), dash, dotted, beads (solid, each of its points fat), step (solid); in ASCII a letter each."""
    label: str = ""
    """Text in the legend; none when empty. The legend shows a text series by its own letters."""
    y2: Values | None = None
    """The other end of stems; zero when not given."""
    first_free: bool = False
    """Of a text: written once, beside the first of its points where it covers nothing that is drawn, or not at all:
    half a number is another number."""
    short: str | None = None
    """The label where the legend has no room for all labels, empty for its glyph alone; None: nothing shorter. Short
    ones are whole words, too."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What to draw. Later series lie over earlier ones."""

    series: tuple[Series, ...]
    x_label: str = ""
    """At the right end of the row of x ticks."""
    y_label: str = ""
    """Above the y axis, when the chart is high enough."""
    x_range: tuple[float, float] | None = None
    """None: the finite data. An axis shows this and a little more, so that its ticks are equally far apart. What lies
    outside is not drawn; lines are cut at the edge."""
    y_range: tuple[float, float] | None = None
    log_y: bool = False
    """Leaves out every y that is not above zero."""
    v_lines: tuple[tuple[float, str], ...] = ()
    """(x, colour role) of verticals beneath all series."""
    h_lines: tuple[tuple[float, str], ...] = ()
    """(y, colour role) of horizontals beneath all series."""
    x_integer: bool = False
    """Ticks at whole numbers only: steps, epochs."""
    empty: str = "nothing to draw yet"
    """Centred text when there is no finite point."""
    log_x: bool = False
    """Leaves out every x that is not above zero."""
    equal: bool = False
    """The same scale on both axes, so that a circle is round. Not where one range is very much wider than the other."""
    within: Callable[[Limits], tuple[Series, ...]] | None = None
    """Given the ranges that are shown: series that fill them, beneath the others."""
    later: tuple[Series, ...] = ()
    """What another phase of the step draws: the legend keeps room for it, so that the picture does not jump."""
    below: Chart | None = None
    """Another chart over the same x, drawn below this one: one scale each."""

    def with_point(self, x: float, y: float) -> Chart:
        """Return the chart with a cross through a point, and the point itself above all series."""
        point = Series([x], [y], "points", "accent", "cursor")
        below = self.below if self.below is None else replace(self.below, v_lines=(*self.below.v_lines, (x, "accent")))
        return replace(
            self,
            series=(*self.series, point),
            v_lines=(*self.v_lines, (x, "accent")),
            h_lines=(*self.h_lines, (y, "accent")),
            below=below,
        )


@dataclass(frozen=True, slots=True)
class ChartTheme:
    """Colours as "#rrggbb" and the set of glyphs. Hashable only if the caller's mapping is."""

    roles: Mapping[str, str]
    foreground: str
    muted: str
    background: str
    marker_set: MarkerSet = "braille"

    @classmethod
    def of(cls, colours: Mapping[str, str], marker_set: MarkerSet) -> ChartTheme:
        """Return the theme of an app theme's colours by role, "text", "muted" and "background" among them."""
        return cls(colours, colours["text"], colours["muted"], colours["background"], marker_set)

    def color(self, role: str) -> str:
        """Return the colour of a role; a "#rrggbb" is itself, an unknown role the foreground."""
        return role if role.startswith("#") else self.roles.get(role, self.foreground)
