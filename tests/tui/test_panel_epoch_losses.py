"""The panel of the epoch losses and its chart: against NumPy, never later than the cursor, only what is in sight."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from panel_views import ROOMS, descend, explorer_of, samples, series, view_of, written

from tui_linreg.engine.analysis.epoch_losses import EpochRow, epoch_rows
from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts import loss
from tui_linreg.tui.instruments import epoch_losses


def test_epoch_losses_follow_the_cursor_and_numpy() -> None:
    explorer = explorer_of(31, lr=0.1)
    session = explorer.session
    x, y = samples(session)
    b, w = session.timeline.states(0)[0][:2]
    for step, phase, done in (
        (31, Phase.UPDATE, 8),
        (31, Phase.WEIGHT_GRADIENT, 7),
        (9, Phase.UPDATE, 2),
        (2, Phase.UPDATE, 0),
    ):
        found = written(epoch_losses.lines(view_of(explorer, step, phase), 92, 23))
        numbers = [
            line.split() for line in found[1:] if line[:7].strip().isdecimal() or line[:9].lstrip("▸ ")[:1].isdecimal()
        ]
        finished = [cells for cells in numbers if "·" not in cells]
        assert [int(cells[-7]) for cells in finished] == list(range(1, done + 1))
        assert any("·" in line for line in found[1 : done + 2]) is (step % 4 != 3 or phase is not Phase.UPDATE)
        for epoch, cells in enumerate(finished):
            start = descend(x, y, 33, 0.1, epoch, b, w)
            losses, weights = [], []
            for at in range(0, 100, 33):
                own = slice(at, at + 33)
                losses.append(float(((start[0] + start[1] * x[own] - y[own]) ** 2).mean()))
                weights.append(len(x[own]))
                start = descend(x[own], y[own], 33, 0.1, 1, *start)
            notebook, weighted = float(np.mean(losses)), float(np.average(losses, weights=weights))
            end = float(((start[0] + start[1] * x - y) ** 2).mean())
            expected = [notebook, weighted, end, notebook - weighted, weighted - end]
            shown = [float(v) for v in cells[-6:]]
            assert [*shown[:3], *shown[4:]] == pytest.approx(expected, abs=1e-3)


def test_epoch_losses_keep_the_newest_epoch_in_sight_and_say_why() -> None:
    explorer = explorer_of(399, lr=0.1, epochs=200)
    for width, height in ROOMS[:3]:
        found = written(epoch_losses.lines(view_of(explorer, 399), width, height))
        assert any(line.split()[:2] == ["▸", "100"] for line in found)
        assert any("short batch: 1 of 100" in line for line in found)
        assert len(found) <= height


def test_epoch_losses_are_computed_only_when_visible_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = explorer_of(4000, epochs=2000)
    asked: list[int] = []
    rows = epoch_rows

    def counted(timeline: Any, schedule: Any, whole: Any, start: int, stop: int, **options: Any) -> list[EpochRow]:
        asked.append(stop - start)
        return rows(timeline, schedule, whole, start, stop, **options)

    monkeypatch.setattr("tui_linreg.engine.analysis.instruments.epoch_rows", counted)
    epoch_losses.lines(view_of(explorer), 92, 23)
    assert 10 < sum(asked) < 23
    asked.clear()
    epoch_losses.lines(view_of(explorer, 4003), 92, 23)
    assert sum(asked) == 1


def test_the_loss_chart_overlays_the_honest_losses_only_with_the_panel() -> None:
    explorer = explorer_of(31)
    plain = [one.label for one in loss.make(view_of(explorer)).series]
    assert [name for name in plain if name] == ["batch", "short batch (1 of 33)", "mean", "validation", "here"]
    explorer.look = replace(explorer.look, instrument="epoch_losses")
    chart = loss.make(view_of(explorer))
    x, y = samples(explorer.session)
    b, w = explorer.session.timeline.states(32)[0][:2]
    lines = {one.color: one for one in chart.series if one.kind == "line"}
    end = lines[series(chart, "end").color]
    assert (end.x[-1], end.y[-1]) == (32, pytest.approx(float(((b + w * x - y) ** 2).mean())))
    losses = np.array([step.scratch.loss for step in map(explorer.session.step, range(28, 32))])
    weighted = lines[series(chart, "weighted").color]
    assert weighted.y[-1] == pytest.approx(float((losses * [33, 33, 33, 1]).sum() / 100))
    marks = [one.marker for one in chart.series if one.kind == "points"]
    assert len(set(marks)) == len(marks)


def test_the_loss_chart_shows_kept_runs_up_to_the_cursor() -> None:
    kept = explorer_of(63, lr=0.2)
    explorer = explorer_of(20)
    explorer.look = replace(explorer.look, kept=explorer.look.kept.with_run(kept.session))
    chart = loss.make(view_of(explorer, 10))
    line = next(one for one in chart.series if one.marker == "dotted" and len(one.x))
    assert list(line.x) == [4, 8], "two epochs of four batches are finished"
    losses = [kept.session.step(step).scratch.loss for step in range(8)]
    assert list(line.y) == pytest.approx([np.mean(losses[:4]), np.mean(losses[4:])])
    (letter,) = [one for one in chart.series if one.kind == "text" and len(one.x)]
    assert letter.marker == "A"
    assert (letter.x[0], letter.y[0]) in zip(line.x, line.y, strict=True)


def test_batch_losses_are_points_and_a_short_batch_is_marked() -> None:
    explorer = explorer_of(10)
    chart = loss.make(view_of(explorer))
    full, short = series(chart, "batch"), series(chart, "short batch (1 of 33)")
    assert (full.kind, short.kind) == ("points", "points")
    assert full.marker != short.marker
    assert list(short.x) == [4, 8]
    losses = {step + 1: explorer.session.step(step).scratch.loss for step in range(11)}
    assert dict(zip([*full.x, *short.x], [*full.y, *short.y], strict=True)) == losses
    even = loss.make(view_of(explorer_of(10, batch_size=25)))
    assert not [one for one in even.series if "short" in one.label]


def test_a_kept_run_is_named_on_the_loss_chart() -> None:
    kept = explorer_of(63, lr=0.2)
    explorer = explorer_of(20)
    explorer.look = replace(explorer.look, kept=explorer.look.kept.with_run(kept.session))
    chart = loss.make(view_of(explorer, 10))
    assert ("A", "η 0.2") in [(one.marker, one.label) for one in chart.series]
