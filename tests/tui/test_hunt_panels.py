"""What instruments say beside a mistake, open or hidden, and what they show where less of a run may be seen."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from panel_views import ROOMS, explorer_of, view_of, written

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.engine.training.until import CONDITIONS
from tui_linreg.tui.charts import loss
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.commands import COMMANDS
from tui_linreg.tui.features.hunt.round import hidden_at
from tui_linreg.tui.hidden import Hidden, Visible
from tui_linreg.tui.instruments import epoch_losses, landing, learning_rate
from tui_linreg.tui.instruments.common import OF_THE_CORRECT_ONE, OWN_LOSSES
from tui_linreg.tui.instruments.records import PANELS
from tui_linreg.tui.run import Run
from tui_linreg.tui.styles import Line
from tui_linreg.tui.view import RunFacts, View

NOTED = {learning_rate: OF_THE_CORRECT_ONE, landing: OF_THE_CORRECT_ONE, epoch_losses: OWN_LOSSES}


def hidden(name: str | None, step: int, level: str = "verdicts", phase: Phase = Phase.UPDATE, **options: Any) -> View:
    """A frame of a run whose mistake no option knows."""
    session = Session(RunConfig(device="cpu", **options), planted=name)
    return view_of(Run(session, RunFacts.of(session), "hunt"), step, phase, hidden_at(level))


def flowing(lines: list[Line]) -> str:
    """What is written, as one line."""
    return " ".join(" ".join(written(lines)).split())


@pytest.mark.parametrize("panel", NOTED)
def test_beside_an_open_mistake_it_is_said_of_which_gradient_it_is(panel: Any) -> None:
    text = NOTED[panel]
    for width, height in ((92, 23), (60, 16)):
        shown = flowing(panel.lines(view_of(explorer_of(8, mistake="stale")), width, height))
        assert text in shown
        for view in (view_of(explorer_of(8)), hidden("stale", 8), hidden(None, 8)):
            assert text[:20] not in " ".join(written(panel.lines(view, width, height)))


def test_of_a_hidden_mistake_is_written_as_of_a_right_model() -> None:
    """The analyses are the same to the letter; of the epochs' losses the words are."""
    for panel in (learning_rate, landing):
        views = (hidden(name, 0, phase=Phase.LOSS) for name in (None, *MISTAKES))
        shown = {tuple(written(panel.lines(view, 92, 23))) for view in views}
        assert len(shown) == 1
    words = {
        " ".join(re.sub(r"\S*\d\S*", "", " ".join(lines)).split())
        for lines in (written(epoch_losses.lines(hidden(name, 4), 92, 30)) for name in (None, "sum", "missing-2"))
    }
    assert len(words) == 1
    assert "lag: batch losses" in words.pop()


def test_sums_are_not_called_a_lag() -> None:
    for width in (100, 60):
        shown = flowing(epoch_losses.lines(view_of(explorer_of(8, mistake="sum")), width, 23))
        assert "sum: batch losses and validation are sums of squares, the end is a mean: they do not compare" in shown
        assert "lag" not in shown
        assert "short batch" not in shown
    right = " ".join(written(epoch_losses.lines(view_of(explorer_of(8)), 100, 23)))
    assert "lag: batch losses are taken before their updates" in right
    row = explorer_of(8, mistake="sum").instruments.epoch_rows(0, 1)[0]
    assert row.why == ("sum: batch losses and validation are sums of squares, the end is a mean: they do not compare",)


# ── where less is seen ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("room", ROOMS)
def test_the_table_of_both_models_holds_their_logs_exactly(room: tuple[int, int]) -> None:
    view = hidden("no-x", 9, "epoch losses", samples=120)
    lines = written(epoch_losses.lines(view, *room))
    assert len(lines) <= room[1]
    if room[0] < 60:
        return
    assert max(map(len, lines)) <= room[0]
    session = view.instruments.session
    for epoch in (0, 1):
        row = next(line.split() for line in lines if line.split()[:1] == [str(epoch + 1)])
        found = [float(number) for number in row[1:]]
        logs = [session.epoch_log(side)[epoch] for side in (0, 1)]
        expected = [logs[0].mse, logs[1].mse, logs[0].mse_v, logs[1].mse_v]
        assert found == pytest.approx(expected, abs=5e-5)
    assert "▸ 3" in lines[4]
    assert "2 of 4 batches" in lines[4]


def test_the_newest_epochs_stay_where_there_is_little_room() -> None:
    lines = written(epoch_losses.lines(hidden(None, 63, "epoch losses", samples=120), 92, 9))
    assert [line.split()[0] for line in lines[2:]] == ["11", "12", "13", "14", "15", "▸"]


@pytest.mark.parametrize("phase", Phase)
def test_the_curve_holds_the_batch_losses_and_nothing_else(phase: Phase) -> None:
    view = hidden("stale", 6, "loss curve", phase, samples=120)
    chart = loss.make(view)
    losses = view.instruments.session.timeline.losses(0, 0, 7 if phase >= Phase.LOSS else 6)
    numbers = {float(value) for series in chart.series for value in np.asarray(series.y)}
    assert numbers == {float(value) for value in losses}
    assert {series.label for series in chart.series} <= {"batch", "short batch (1 of 33)", "here"}


def test_the_chart_of_the_epochs_holds_both_models_logs() -> None:
    view = hidden("no-x", 9, "epoch losses", samples=120)
    chart = loss.make(view)
    logs = [view.instruments.session.epoch_log(side) for side in (0, 1)]
    expected = {getattr(each, name) for log in logs for each in log[:2] for name in ("mse", "mse_v")}
    assert {float(value) for series in chart.series for value in np.asarray(series.y)} == expected
    assert "no epoch is finished yet" in loss.make(hidden("no-x", 1, "epoch losses")).empty


def test_what_each_level_hides_is_a_subset_of_what_the_next_one_does() -> None:
    """The whole table of the rules, at one glance."""
    levels = [hidden_at(level) for level in ("verdicts", "epoch losses", "loss curve")]
    everything = ["numbers", *(f"chart {n}" for n in CHARTS), *(f"panel {name}" for name in PANELS)]
    seen = [{what for what in everything if not hidden.in_place_of(what)} for hidden in levels]
    assert seen == [{*everything} - {"panel runs"}, {"chart 2", "panel epoch_losses"}, {"chart 2"}]
    refused = [{each.id for each in COMMANDS if hidden.refusal(each.while_hidden)} for hidden in levels]
    assert refused[0] == {"keep", "forget", "arithmetic", "epochs", "hand", "lr.half", "lr.twice"}
    assert refused[1] == refused[2] == refused[0] | {"predict", "derivation", "export"}
    stops = [{kind.key for kind in CONDITIONS if hidden.stops_at(kind.key)} for hidden in levels]
    assert stops == [{kind.key for kind in CONDITIONS}, {"short", "valid", "end"}, {"short", "loss", "end"}]
    assert all(len(one.notes) == 3 and one.secret for one in levels)
    assert all(a.sight is not b.sight for a, b in pairwise(levels))
    assert not Hidden().in_place_of("numbers")
    assert Hidden(sight=Visible.LOSS_CURVE).in_place_of("panel runs")
