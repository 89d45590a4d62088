"""Chart 5: what it draws is what was computed, and nothing breaks it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from chart_reading import theme
from edge_cases import CASES, Case, options_of
from engine_helpers import line_data, on_data, small
from panel_views import run_at, view_of

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.look import SurfaceLook
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.plot.plot import axes, draw
from tui_linreg.tui.run import Run


def surface(at: Run) -> Chart:
    return CHARTS[5].make(view_of(at))


def only(chart: Chart, color: str, marker: str) -> Series:
    (found,) = [s for s in chart.series if s.color == color and s.marker == marker and len(s.x)]
    return found


def test_the_path_is_the_timelines() -> None:
    session = small()
    chart = surface(run_at(session, 9))
    path = only(chart, "line_after", "beads")
    assert list(path.x) == session.timeline.biases(0).tolist()
    assert list(path.y) == session.timeline.weights(0).tolist()
    session.train_to(30)
    assert len(only(surface(run_at(session, 9)), "line_after", "beads").x) == 11  # nothing later than the cursor


def test_here_moves_with_the_update_and_the_step_is_an_arrow_before() -> None:
    session = small()
    before, after = (surface(run_at(session, 3, phase)) for phase in (Phase.WEIGHT_GRADIENT, Phase.UPDATE))
    ours = session.step(3).scratch
    here = only(before, "batch", "diamond")
    assert (here.x[0], here.y[0]) == (ours.b_before, ours.w_before)
    here = only(after, "batch", "diamond")
    assert (here.x[0], here.y[0]) == (ours.b_after, ours.w_after)
    step = only(before, "dpred_db", "step")
    assert (*step.x, *step.y) == (ours.b_before, ours.b_after, ours.w_before, ours.w_after)
    assert ours.b_after - ours.b_before == pytest.approx(-0.01 * ours.grad_b)
    assert "−η∇L" not in [series.label for series in before.series], "the marker of the cursor covers so short a step"
    at = run_at(session, 3, Phase.WEIGHT_GRADIENT)
    at.look = replace(at.look, surface=SurfaceLook(near=True))
    assert "−η∇L" in [series.label for series in surface(at).series]
    early = surface(run_at(session, 3, Phase.BIAS_GRADIENT))
    assert not [s for s in early.series if s.color == "dpred_db"]


def test_marked_places_are_numpys() -> None:
    x, y = line_data(3, 40)
    chart = surface(run_at(on_data(x, y, batch_size=15, lr=0.1), 0))
    lowest = only(chart, "identical", "plus")
    assert (lowest.x[0], lowest.y[0]) == pytest.approx(tuple(np.polyfit(x, y, 1)[::-1]))
    line = np.zeros(2)
    for _ in range(4000):
        for at in range(0, 40, 15):
            rows = np.stack([np.ones(len(x[at : at + 15])), x[at : at + 15]])
            line -= 0.1 * 2 / rows.shape[1] * rows @ (line @ rows - y[at : at + 15])
    fixed = only(chart, "dpred_dw", "ring")
    assert (fixed.x[0], fixed.y[0]) == pytest.approx(tuple(line))


def contours(chart: Chart, size: tuple[int, int] = (60, 20)) -> tuple[Series, ...]:
    """The lines of equal loss and their levels, within what a chart of this size shows."""
    shown = axes(chart, *size)
    assert shown is not None
    assert chart.within is not None
    return chart.within(((shown[0].low, shown[0].high), (shown[1].low, shown[1].high)))


@pytest.mark.parametrize("batch", [False, True])
def test_on_a_contour_the_loss_is_its_level(batch: bool) -> None:
    x, y = line_data(5, 30)
    at = run_at(on_data(x, y, batch_size=8), 2)
    at.look = replace(at.look, surface=SurfaceLook(batch=batch))
    if batch:
        x, y = x[16:24], y[16:24]
    series = contours(surface(at))
    levels = [float(s.marker) for s in series if s.kind == "text"]
    lines = [s for s in series if s.kind == "line"]
    assert len(levels) >= 4
    assert len(lines) >= len(levels)
    for line in lines:
        loss = ((np.asarray(line.x)[:, None] + np.asarray(line.y)[:, None] * x - y) ** 2).mean(axis=1)
        assert min(abs(loss / level - 1).max() for level in levels) < 1e-9


@pytest.mark.parametrize("near", [False, True])
def test_scales_are_equal_and_nearly_round_contours_look_so(near: bool) -> None:
    x = np.array([-1.0, 1.0, -1.0, 1.0])  # mean 0 and variance 1: circles
    at = run_at(on_data(x, 3 + 20 * x + np.array([0.1, -0.1, -0.1, 0.1]), batch_size=2, lr=0.05), 3)
    at.look = replace(at.look, surface=SurfaceLook(near=near))
    chart = surface(at)
    for size in ((60, 20), (34, 14), (120, 40)):
        shown = axes(chart, *size)
        assert shown is not None
        per_cell = [(axis.high - axis.low) / axis.cells for axis in shown]
        assert per_cell[1] == pytest.approx(2 * per_cell[0])
        for line in contours(chart, size):
            closed = line.kind == "line" and (line.x[0], line.y[0]) == pytest.approx((line.x[-1], line.y[-1]))
            if closed:
                across, up = (np.ptp(np.asarray(v)) / step for v, step in zip((line.x, line.y), per_cell, strict=True))
                assert across == pytest.approx(2 * up, rel=0.02), "a cell is twice as high as wide"


def test_scales_that_cannot_be_equal_are_said_to_be_so() -> None:
    x, y = line_data(5, 30)
    chart = surface(run_at(on_data(x * 1e-5, y, batch_size=8, lr=0.1), 2))
    assert not chart.equal
    assert "unequal scales" in chart.y_label
    assert "unequal" not in surface(run_at(small(), 2)).y_label


def test_zoom_shows_the_step_at_hand() -> None:
    at = run_at(small(), 40, Phase.WEIGHT_GRADIENT)
    at.look = replace(at.look, surface=SurfaceLook(near=True))
    near = surface(at)
    ours = at.step().scratch
    assert near.x_range is not None
    assert near.x_range[0] < min(ours.b_before, ours.b_after) < max(ours.b_before, ours.b_after) < near.x_range[1]
    assert near.x_range[1] - near.x_range[0] <= 40 * abs(ours.b_after - ours.b_before)


@pytest.mark.parametrize("mistake", ["no-x", "missing-2", "sign"])
def test_torchs_own_path_is_dashed_where_it_is_another(mistake: str) -> None:
    session = small(mistake=mistake, lr=0.1)
    for phase, points in ((Phase.UPDATE, 14), (Phase.LOSS, 13)):
        chart = surface(run_at(session, 12, phase))
        assert "torch's path" in [series.label for series in chart.series]
        path = only(chart, "text", "dash")
        assert len(path.x) == points
        # A plain run of torch's own, which the mistake does not touch.
        layer = torch.nn.Linear(1, 1, dtype=torch.float64)
        with torch.no_grad():
            layer.bias.fill_(session.timeline.states(0)[1][0])
            layer.weight.fill_(session.timeline.states(0)[1][1])
        optimiser, found = torch.optim.SGD(layer.parameters(), lr=0.1), []
        for step in range(points):
            found.append((layer.bias.item(), layer.weight.item()))
            place = session.schedule.place(step)
            x, y = (v[place.start : place.stop, None] for v in (session.dataset.x_train, session.dataset.y_train))
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(layer(x), y).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        assert [*zip(path.x, path.y, strict=True)] == pytest.approx(found)
        assert chart.x_range is not None
        assert chart.y_range is not None
        assert chart.x_range[0] <= min(path.x) <= max(path.x) <= chart.x_range[1]
        assert chart.y_range[0] <= min(path.y) <= max(path.y) <= chart.y_range[1]


def test_models_that_agree_share_one_path() -> None:
    labels = [series.label for series in surface(run_at(small(lr=0.1), 12)).series]
    assert "both paths" in labels
    assert not [name for name in labels if "torch" in name]


def test_kept_runs_stand_on_it() -> None:
    kept, at = small(lr=0.1), run_at(small(), 7)
    at.look = replace(at.look, kept=at.look.kept.with_run(kept))
    at.go(Cursor(8, Phase.UPDATE))
    assert kept.trained == 9
    assert [s.marker for s in surface(at).series if s.label == "η 0.1"] == ["A"]
    (letter,) = [s for s in surface(at).series if s.marker == "A" and len(s.x)]
    assert (letter.x[0], letter.y[0]) == (kept.step(8).scratch.b_after, kept.step(8).scratch.w_after)
    path = only(surface(at), "mean", "dotted")
    assert list(path.x) == kept.timeline.biases(0, 0, 10).tolist()
    assert list(path.y) == kept.timeline.weights(0, 0, 10).tolist()
    other = small(seed=5)
    at.look = replace(at.look, kept=at.look.kept.with_run(other))
    assert not [s for s in surface(at).series if s.marker == "B"]  # other samples, another surface


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_edges_are_drawn(case: Case, tmp_path: Path) -> None:
    at = run_at(Session(RunConfig(**options_of(case, tmp_path))), 0)
    for look in (SurfaceLook(), SurfaceLook(near=True), SurfaceLook(batch=True)):
        at.look = replace(at.look, surface=look)
        for step in (0, at.last // 2, at.last):
            at.go(Cursor(step, Phase.UPDATE))
            for size in ((70, 20), (16, 5), (1, 1)):
                strips = draw(surface(at), theme(), *size)
                assert [strip.cell_length for strip in strips] == [size[0]] * size[1]


@pytest.mark.parametrize("options", [{}, {"lr": 10.0}, {"lr": 0.3}, {"seed": 4, "batch_size": 3}], ids=str)
@pytest.mark.parametrize("near", [False, True])
def test_no_level_is_cut(options: dict[str, Any], near: bool) -> None:
    at = run_at(small(**options), 0)
    at.look = replace(at.look, surface=SurfaceLook(near=near))
    seen_any = 0
    for step in (0, 3, 14, 30):
        at.go(Cursor(step, Phase.WEIGHT_GRADIENT))
        chart = surface(at)
        for size in ((56, 16), (30, 12), (90, 30)):
            levels = {series.marker for series in contours(chart, size) if series.first_free}
            body = [re.split("[│┤]", strip.text, maxsplit=1)[-1] for strip in draw(chart, theme(), *size)[1:-3]]
            written = re.findall(r"[0-9][0-9.e+-]*", " ".join(body))
            assert set(written) <= levels
            seen_any += len(written)
    assert seen_any >= 12
