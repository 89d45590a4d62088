"""The axis of the loss chart: logarithmic by itself where the losses grow, else as the user chose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from app_helpers import COMPACT, running, text
from chart_reading import theme
from panel_views import explorer_of, view_of

from tui_linreg.tui.charts import loss
from tui_linreg.tui.plot.plot import draw


@pytest.mark.parametrize(
    ("options", "log"),
    [
        ({}, False),
        ({"lr": 0.5}, False),  # falls by three decades: that is what a loss curve looks like
        ({"lr": 1.5}, True),
        ({"lr": 10.0}, True),
        ({"batch_size": 1}, False),  # the first sample happens to lie near the line
        ({"batch_size": 1, "seed": 5, "lr": 0.3}, False),
        ({"lr": 1e100}, True),  # two finite losses
    ],
    ids=str,
)
def test_the_axis_is_logarithmic_by_itself_where_losses_grow(options: dict[str, float], log: bool) -> None:
    run = explorer_of(60, **options)
    view = view_of(run, 60)
    chart = loss.make(view)
    assert chart.log_y == log
    assert chart.y_label.startswith("loss (log), chosen since it grows: y goes back" if log else "loss")
    for choice in (False, True):
        chosen = loss.make(replace(view, log_y=choice))
        assert (chosen.log_y, chosen.y_label) == (choice, "loss (log)" if choice else "loss")
    first = loss.make(view_of(run, 0))
    assert not first.log_y, "looking back shows what there was then"


def test_where_there_is_no_room_for_a_label_above_the_axis_says_it() -> None:
    chart = loss.make(view_of(explorer_of(60, lr=10.0), 60))
    low, high = ("\n".join(strip.text for strip in draw(chart, theme(), 76, height)) for height in (10, 16))
    assert "step, y log" in low
    assert "loss (log), chosen" in high
    assert "y log" not in high


async def test_the_users_choice_wins_and_begins_with_the_other_axis() -> None:
    async with running(COMPACT, lr=10.0, epochs=30) as (app, pilot):
        await pilot.press("2", *["down"] * 40)
        assert "y log" in text(app)
        await pilot.press("y")
        assert "linear y axis" in text(app)
        assert app.controller.run.look.log_y is False
        await pilot.press("down")
        assert "y log" not in text(app)
        await pilot.press("y", "down")
        assert app.controller.run.look.log_y is True
        assert "y log" in text(app)
