"""Charts in both themes: enough contrast, lines and data in different colours, forms that need no colour."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from panel_views import explorer_of, view_of
from textual.theme import Theme

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.plot.chart import Chart, ChartTheme, Series
from tui_linreg.tui.plot.marks import SETS, rgb
from tui_linreg.tui.plot.plot import draw
from tui_linreg.tui.styles import DARK, LIGHT, Styles

THEMES = [DARK, LIGHT]

DRAWN = [number for number, chart in CHARTS.items() if not chart.text]
"""The charts that plotext draws."""


def colours(theme: Theme) -> dict[str, str]:
    variables = {"background": theme.background, "foreground": theme.foreground, "primary": theme.primary,
                 "panel": theme.panel}  # fmt: skip
    return dict(Styles.of({key: value or "" for key, value in variables.items()}, theme.dark).colours)


def luminance(colour: str) -> float:
    parts = [part / 255 for part in rgb(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def every_series() -> list[tuple[int, Series]]:
    """The series of all charts, with a kept run, contours and finite differences among them."""
    run = explorer_of(20, lr=0.3)
    run.look = replace(run.look, kept=run.look.kept.with_run(explorer_of(20, lr=0.1).session))
    found: list[tuple[int, Series]] = []
    for number, phase in itertools.product(DRAWN, (Phase.WEIGHT_GRADIENT, Phase.UPDATE)):
        chart: Chart | None = CHARTS[number].make(view_of(run, 20, phase))
        while chart is not None:
            found += [(number, series) for series in chart.series]
            if chart.within is not None and chart.x_range is not None and chart.y_range is not None:
                found += [(number, series) for series in chart.within((chart.x_range, chart.y_range))]
            chart = chart.below
    return [(number, series) for number, series in found if len(series.x)]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_everything_drawn_stands_out_from_the_ground(theme: Theme) -> None:
    known = colours(theme)
    for ground in ("background", "panel"):
        assert contrast(known["muted"], known[ground]) >= 4.5, "axes, levels, and the words of panes and footer"
    for number, series in every_series():
        least = 4.5 if series.kind in ("line", "text") else 3
        assert contrast(known[series.color], known["background"]) >= least, (number, series.color)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_lines_and_data_of_the_fit_have_colours_of_their_own(theme: Theme) -> None:
    known = colours(theme)
    fit = [series for number, series in every_series() if number == 1 and series.kind != "text"]
    lines = {known[series.color] for series in fit if series.kind == "line"}
    data = {known[series.color] for series in fit if series.kind in ("points", "stems")}
    assert len(lines) == 3
    assert not lines & data
    assert len({(series.kind, series.marker) for series in fit}) == 6, "points, lines and residuals differ in form"


@pytest.mark.parametrize("size", [(32, 12), (32, 20), (58, 12), (52, 18), (78, 20)])
@pytest.mark.parametrize("panel", [None, "epoch_losses"])
@pytest.mark.parametrize("phase", [Phase.PREDICT, Phase.UPDATE], ids=str)
@pytest.mark.parametrize("kept", [False, True], ids=["", "kept"])
def test_the_legend_names_what_is_drawn_and_nothing_else_in_whole_words(
    size: tuple[int, int], panel: str | None, phase: Phase, kept: bool
) -> None:
    run = explorer_of(20, lr=0.3)
    if kept:
        run.look = replace(run.look, kept=run.look.kept.with_run(explorer_of(20, lr=0.1).session))
    theme = ChartTheme.of(colours(DARK), "braille")
    for number in DRAWN:
        chart: Chart | None = CHARTS[number].make(replace(view_of(run, 20, phase), panel=panel))
        assert chart is not None
        strips = draw(chart, theme, *size)
        axis = max((i for i, strip in enumerate(strips) if "└" in strip.text), default=len(strips))
        legend = strips[axis + 2 :]
        shown = [segment.style.color.name for strip in legend for segment in strip if segment.text.strip()
                 and segment.style is not None and segment.style.color is not None
                 and segment.style.color.name != theme.muted]  # fmt: skip
        named: list[Series] = []
        while chart is not None:
            named += [series for series in chart.series if series.label and len(series.x)]
            chart = chart.below
        assert shown == [theme.color(series.color) for series in named]
        words = {word for series in named for text in (series.label, series.short or "") for word in text.split()}
        glyphs = {SETS["braille"].legend_glyph(series.kind, series.marker) for series in named}
        text = "".join(f"{strip.text} " for strip in legend)
        for glyph in sorted(glyphs, key=len, reverse=True):
            text = text.replace(f"{glyph} ", " ")
        assert set(text.split()) <= words


def test_no_phase_of_a_step_moves_the_picture() -> None:
    """Where the legend needs a second row for what a later phase adds, it is there from the first phase on."""
    run, theme = explorer_of(20, lr=0.3), ChartTheme.of(colours(DARK), "braille")
    for number in (1, 2, 5):
        ticks = set()
        for phase in Phase:
            texts = [strip.text for strip in draw(CHARTS[number].make(view_of(run, 20, phase)), theme, 32, 14)]
            ticks.add(next(i for i, text in enumerate(texts) if "└" in text))
        assert len(ticks) == 1


def test_in_ascii_lines_of_different_colours_are_of_different_letters() -> None:
    """Line before, after and of a kept run; contours, path, step and a kept run's path."""
    marks = SETS["ascii"]
    for number, count in ((1, 3), (5, 4)):
        lines = [series for at, series in every_series() if at == number and series.kind == "line"]
        letters = {series.color: marks.lines.get(series.marker, marks.dot) for series in lines}
        assert len(letters) == len(set(letters.values())) == count
    run, theme = explorer_of(20, lr=0.3), ChartTheme.of(colours(DARK), "ascii")
    strips = draw(CHARTS[1].make(view_of(run, 20)), theme, 60, 20)
    drawn = {role: {segment.text.strip() for strip in strips[:-1] for segment in strip if segment.style is not None
                    and segment.style.color is not None and segment.style.color.name == theme.color(role)} - {""}
             for role in ("line_before", "line_after")}  # fmt: skip
    assert {each[0] for each in drawn["line_before"]} == {"-"}
    assert {each[0] for each in drawn["line_after"]} == {"."}
