"""Which panes are on the screen: any two charts, an instrument's own, and what each size has room for."""

from __future__ import annotations

from itertools import permutations

import pytest
from app_helpers import COMPACT, FULL, App, lines, running, text, wait
from hunt_helpers import SMALL, give_up, start

from tui_linreg.tui.arrangement import Arrangement
from tui_linreg.tui.charts.records import CHARTS, RULE
from tui_linreg.tui.instruments.records import PANELS
from tui_linreg.tui.look import Look, ShownCharts
from tui_linreg.tui.panes.chart import ChartPane, PanelPane
from tui_linreg.tui.panes.tables import Quantities, Samples


def titles(app: App) -> tuple[int, ...]:
    """The charts that are really on the screen."""
    seen = text(app)
    return tuple(n for n, chart in CHARTS.items() if f"{n} {chart.name}─" in seen or f"{n} {chart.name} ─" in seen)


@pytest.mark.parametrize(("first", "second"), permutations(CHARTS, 2))
def test_any_two_stand_together(first: int, second: int) -> None:
    charts = ShownCharts().with_chart(first).with_chart(second)
    assert set(charts.numbers) == {first, second}
    assert charts.newest == second
    assert set(charts.without(first).numbers) == {second}
    assert charts.without(first).without(second).numbers == ()
    assert charts.without(first).without(second).with_chart(first) == ShownCharts.of(first)


def test_a_third_takes_the_place_of_the_older_and_the_other_stays_where_it_is() -> None:
    charts = ShownCharts()
    for number, numbers in ((5, (1, 5)), (3, (3, 5)), (7, (3, 7)), (3, (3, 7)), (2, (3, 2))):
        charts = charts.with_chart(number)
        assert charts.numbers == numbers
    assert [charts.in_sight(places) for places in range(3)] == [(), (2,), (3, 2)]


@pytest.mark.parametrize("name", PANELS)
def test_an_instrument_brings_its_charts_and_closing_it_gives_those_from_before_back(name: str) -> None:
    before = Look(charts=ShownCharts.of(3, 4))
    opened = before.with_instrument(name)
    assert set(PANELS[name].charts) <= set(opened.charts.numbers)
    assert opened.with_instrument(None) == before
    for other in PANELS:
        assert opened.with_instrument(other) == before.with_instrument(other), "whichever was open before"


@pytest.mark.parametrize(
    ("size", "places"),
    [
        ((160, 45), 2), ((120, 36), 2), ((120, 35), 1), ((120, 30), 1), ((119, 36), 1), ((120, 29), 1), ((80, 24), 1),
        ((60, 24), 1), ((80, 23), 0), ((60, 18), 0), ((59, 40), 0), ((300, 17), 0),
    ],
)  # fmt: skip
def test_how_many_charts_have_room(size: tuple[int, int], places: int) -> None:
    assert Arrangement(*size).places == places


async def test_one_key_shows_and_takes_away_and_the_screen_says_so() -> None:
    async with running() as (app, pilot):
        shown = set(titles(app))
        assert len(shown) == 2
        await pilot.press("3")
        assert RULE.strip(".").lower() in text(app).lower()
        await pilot.press("1" if 1 not in titles(app) else "2", "5")
        await pilot.press("1")
        assert set(titles(app)) == {1, 5}
        heights = [pane.size.height for pane in app.main.query(ChartPane)]
        await pilot.press("5")
        assert titles(app) == (1,)
        assert app.main.query_one("#upper", ChartPane).size.height > sum(heights), "the other has all the room"
        width = app.main.query_one(Quantities).size.width
        await pilot.press("m", "1")
        assert titles(app) == ()
        assert app.main.maximized is None
        assert app.main.query_one(Quantities).size.width > width
        await pilot.press("m")
        assert "no chart is shown" in text(app)


async def test_a_maximised_chart_gives_way_to_the_one_asked_for() -> None:
    async with running() as (app, pilot):
        await pilot.press("1", "1", "m", "3")
        assert titles(app) == (3,)
        await pilot.press("m")
        assert set(titles(app)) == {1, 3}


async def test_an_instrument_s_chart_stands_beside_it_and_goes_with_it() -> None:
    async with running() as (app, pilot):
        before = titles(app)
        for name, info in PANELS.items():
            await pilot.press("i")
            assert app.controller.look.instrument == name
            assert set(info.charts) <= set(titles(app))
        await pilot.press("i")
        assert titles(app) == before


@pytest.mark.parametrize("size", [FULL, (120, 36), (120, 30), (100, 45), COMPACT], ids=str)
async def test_a_chart_is_in_sight_from_the_start_beside_the_quantities(size: tuple[int, int]) -> None:
    async with running(size) as (app, pilot):
        assert titles(app)
        assert "from scratch" in text(app)
        pane = app.main.pane_of(app.controller.look.charts.newest)
        assert pane.size.height >= 9
        await pilot.press(*"JJJJJJ")
        assert app.main.query_one(Samples).has_place, "the samples come up where the chart took their room"
        assert "33 of 33" in text(app)


@pytest.mark.parametrize("size", [(80, 50), (80, 37), (100, 80)], ids=str)
async def test_few_samples_give_their_room_to_the_chart_below_for_the_whole_run(size: tuple[int, int]) -> None:
    """Batches of 5, the last of them short: nothing moves from step to step, and no line is empty but of the short."""
    async with running(size, train_size=12, batch_size=5, samples=20) as (app, pilot):
        samples, chart = app.main.query_one(Samples), app.main.pane_of(1)
        assert samples.has_place
        assert samples.page == 5
        assert samples.size.height + chart.size.height == size[1] - 4 - 9 - 5 - 2  # bars, table, phase, two titles
        height = chart.size.height
        for _ in range(3):
            await pilot.press("down")
            assert (samples.page, chart.size.height) == (5, height)
        await pilot.press("1")
        assert samples.size.height > 10, "with no chart they have all the room again"
        await pilot.press("m", "m")


async def test_many_samples_keep_their_share_beside_a_chart() -> None:
    async with running((80, 50)) as (app, _):
        samples, chart = app.main.query_one(Samples), app.main.pane_of(1)
        assert samples.size.height >= 12
        assert chart.size.height >= 16


@pytest.mark.parametrize("size", [FULL, (120, 30), COMPACT], ids=str)
async def test_what_a_hunt_hides_gives_its_room_to_the_loss_curve(size: tuple[int, int]) -> None:
    async with running(size, **SMALL) as (app, pilot):
        await start(app, pilot, None, "loss curve")
        assert titles(app) == (2,)
        assert app.main.pane_of(2).size.width >= size[0] - 4
        await pilot.press("2")
        assert titles(app) == ()
        assert "hidden at this level" in text(app), "with no chart the screen says why it is empty"
        await pilot.press("2")
        assert titles(app) == (2,)


async def test_beside_the_losses_of_the_epochs_nothing_is_half_empty() -> None:
    async with running(**SMALL) as (app, pilot):
        before = app.controller.look.charts
        await start(app, pilot, None, "epoch losses")
        assert titles(app) == (2,)
        panel, chart = app.main.query_one(PanelPane), app.main.pane_of(2)
        assert panel.size.height == chart.size.height >= 38
        assert not app.main.query_one(Quantities).has_place
        await give_up(app, pilot)
        await pilot.press("l")
        await wait(pilot, lambda: app.screen is app.main)
        assert app.controller.look.charts == before, "the run from before, looked at as before"


@pytest.mark.parametrize("size", [FULL, COMPACT, (60, 18)], ids=str)
@pytest.mark.parametrize("name", PANELS)
async def test_an_instrument_says_how_the_numbers_come_back(size: tuple[int, int], name: str) -> None:
    async with running(size) as (app, pilot):
        key = PANELS[name].key
        await pilot.press(key)
        said = lines(app)[-2].strip()
        assert f"{PANELS[name].title}; i goes on, I back; {key.upper()} " in said
        assert "…" not in said
        await pilot.press(key)
        assert "from scratch" in text(app)
        assert app.main.query_one(Quantities).has_place
