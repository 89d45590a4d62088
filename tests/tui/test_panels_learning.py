"""All panels in their room; those of the learning rate and the fixed point, and their charts, against NumPy."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from edge_cases import CASES, Case, options_of
from panel_views import (
    ROOMS,
    STYLES,
    descend,
    epoch_radius,
    explorer_of,
    hessian,
    row,
    samples,
    series,
    view_of,
    written,
)
from rich.cells import cell_len

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts import loss, radius, sweep
from tui_linreg.tui.instruments import bits, epoch_losses, gradient_check, landing, learning_rate
from tui_linreg.tui.plot.chart import ChartTheme
from tui_linreg.tui.plot.plot import draw

PANELS = {
    "learning_rate": learning_rate, "landing": landing, "epoch_losses": epoch_losses,
    "gradient_check": gradient_check, "bits": bits,
}  # fmt: skip


# ── room ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


ODD: dict[str, Case] = CASES | {
    "default": Case({"epochs": 16}),
    "diverging": Case({"lr": 10.0, "epochs": 50}),
    "float32": Case({"dtype": "float32", "lr": 3.0}),
    "diabetes": Case({"dataset": "diabetes", "standardize": True, "lr": 0.1}),
    "one sample": Case({"train_size": 1}),
    "one batch": Case({"batch_size": 100}),
    "one sample a batch": Case({"batch_size": 1}),
    "tiny rate": Case({"lr": 1e-300}),
    "huge rate": Case({"lr": 1e300}),
    "huge noise": Case({"noise": 1e300}),
    "mistake": Case({"mistake": "no-x"}),
    "float32 mistake": Case({"mistake": "sign", "dtype": "float32"}),
    "kernel": Case({"arithmetic": "kernel"}),
    "a million epochs": Case({"batch_size": 1, "epochs": 1_000_000}),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ODD)
def test_every_panel_and_chart_holds_and_fits(name: str, tmp_path: Path) -> None:
    explorer = explorer_of(**options_of(ODD[name], tmp_path))
    for step, phase in ((0, Phase.BATCH), (0, Phase.UPDATE), (10, Phase.LOSS), (10, Phase.UPDATE)):
        for panel in PANELS:
            explorer.look = replace(explorer.look, instrument=panel)
            view = view_of(explorer, min(step, explorer.last), phase)
            for width, height in ROOMS:
                with np.errstate(all="raise"):  # nothing relies on warnings being off outside
                    lines = PANELS[panel].lines(view, width, height)
                found = written(lines)
                assert 0 < len(found) <= height
                for line in lines:
                    STYLES.strip(line, width)  # every role is one
                assert width < 60 or all(cell_len(line) <= width for line in found), (panel, width, found)
            for log_y in (False, True):
                view = replace(view, log_y=log_y)
                for chart in (loss.make(view), radius.make(view), sweep.make(view)):
                    draw(chart, ChartTheme.of(STYLES.colours, "braille"), 56, 16)


@pytest.mark.parametrize("name", ["learning_rate", "landing", "epoch_losses"])
def test_a_step_moves_no_column(name: str) -> None:
    explorer = explorer_of(40, lr=0.1)
    lengths = set()
    for step in (21, 22, 25, 26):
        first = written(PANELS[name].lines(view_of(explorer, step), 92, 23))[0]
        lengths.add(len(first) if name != "learning_rate" else 0)
    assert len(lengths) == 1


# ── learning rate ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("lr", "size"), [(0.01, 33), (0.5, 33), (0.95, 10), (1.2, 33), (0.5, 100)])
def test_learning_rate_shows_what_numpy_finds(lr: float, size: int) -> None:
    explorer = explorer_of(lr=lr, batch_size=size)
    x, _ = samples(explorer.session)
    found = written(learning_rate.lines(view_of(explorer), 92, 23))
    expected = epoch_radius(x, size, lr)
    assert ("✓ converges" in found[0]) is (expected < 1)
    assert float(row(found, "spectral radius")[0]) == pytest.approx(expected, abs=1e-6)
    eigenvalues = np.linalg.eigvalsh(hessian(x))
    assert float(row(found, "condition number")[0]) == pytest.approx(eigenvalues[1] / eigenvalues[0], abs=1e-4)
    assert float(row(found, "η_max, full batch")[0]) == pytest.approx(2 / eigenvalues[1], abs=1e-6)
    assert float(row(found, "best η, full batch")[0]) == pytest.approx(2 / eigenvalues.sum(), abs=1e-6)
    assert float(row(found, "η of this run")[0]) == lr
    edge = float(row(found, "edge, these batches")[0])
    assert epoch_radius(x, size, edge * 0.9999) < 1 < epoch_radius(x, size, edge * 1.0001)
    tenth = row(found, "epochs for a tenth")[0]
    assert tenth == "never" if expected > 1 else float(tenth) == pytest.approx(-1 / math.log10(expected), abs=0.006)


def test_the_scale_keeps_the_order_of_the_rates() -> None:
    for lr, order in ((0.01, "◆▲┃"), (0.7, "▲◆┃"), (10.0, "▲┃◆")):
        found = written(learning_rate.lines(view_of(explorer_of(lr=lr)), 92, 23))
        places = {mark: next(line.index(mark) for line in found[1:] if mark in line) for mark in "◆▲┃"}
        assert "".join(sorted(places, key=lambda mark: places[mark])) == order


def test_a_diverging_run_says_when_it_overflows() -> None:
    explorer = explorer_of(lr=10.0, epochs=50)
    explorer.session.train_to(200)
    at = int(row(written(learning_rate.lines(view_of(explorer), 92, 23)), "overflows at step")[0].removeprefix("~"))
    happened = explorer.session.timeline.first_overflow
    assert happened is not None
    assert abs(at - (happened + 1)) <= 2
    short = explorer_of(lr=10.0, epochs=16)
    found = written(learning_rate.lines(view_of(short), 92, 23))
    assert row(found, "would overflow at")[0] == f"~{at}"
    assert "after the end of this run, step 64" in " ".join(found)
    assert "about step" not in " ".join(found)


def test_the_radius_chart_marks_the_run() -> None:
    explorer = explorer_of(lr=0.5)
    x, _ = samples(explorer.session)
    chart = radius.make(view_of(explorer))
    curve = next(one for one in chart.series if one.kind == "line" and one.color == "line_after")
    for at in (0, 50, 150, 199):
        rate = float(np.asarray(curve.x)[at])
        assert np.asarray(curve.y)[at] == pytest.approx(epoch_radius(x, 33, rate), rel=1e-9)
    here = next(one for one in chart.series if one.marker == "diamond" and len(one.x))
    assert (here.x[0], here.y[0]) == (0.5, pytest.approx(epoch_radius(x, 33, 0.5)))
    assert series(chart, "η 0.5").marker == "diamond"
    assert (0.5, "muted") in chart.v_lines
    grid = np.linspace(0.4, 0.55, 3001)
    best = min(grid, key=lambda rate: epoch_radius(x, 33, float(rate)))
    found = series(chart, "best for these batches")
    assert found.x[0] == pytest.approx(best, abs=1e-4)
    assert found.y[0] == pytest.approx(epoch_radius(x, 33, float(found.x[0])), rel=1e-6, abs=1e-9)
    assert chart.y_range == (0.0, 2.0)
    far = radius.make(view_of(explorer_of(lr=10.0)))
    assert series(far, "η 10, radius 10^5").marker == "right"
    assert far.v_lines == ()


# ── where it lands ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_landing_shows_least_squares_and_where_long_runs_end() -> None:
    explorer = explorer_of(6, lr=0.3)
    x, y = samples(explorer.session)
    found = written(landing.lines(view_of(explorer, 5), 92, 23))
    w, b = np.polyfit(x, y, 1)
    lowest = float(((b + w * x - y) ** 2).mean())
    assert [float(v) for v in row(found, "least squares")[:3]] == pytest.approx([b, w, lowest], abs=1e-5)
    end = descend(x, y, 33, 0.3, 300, 0.0, 0.0)
    above = float(((end[0] + end[1] * x - y) ** 2).mean()) - lowest
    values = [float(v) for v in row(found, "fixed point")]
    assert [*values[:2], values[3]] == pytest.approx([*end, above], abs=1e-5)
    assert f"{math.hypot(end[0] - b, end[1] - w):.4f} away" in " ".join(found)


def test_landing_here_is_before_the_update_until_it_is_reached() -> None:
    explorer = explorer_of(6, lr=0.3)
    states = explorer.session.timeline
    for phase, name, state in (
        (Phase.WEIGHT_GRADIENT, "here, before update", 5),
        (Phase.UPDATE, "here, after update", 6),
    ):
        found = written(landing.lines(view_of(explorer, 5, phase), 92, 23))
        shown = [float(v) for v in row(found, name)]
        assert shown[:2] == pytest.approx(states.states(state)[0][:2], abs=1e-5)
        x, y = samples(explorer.session)
        b, w = states.states(state)[0][:2]
        assert shown[2] == pytest.approx(float(((b + w * x - y) ** 2).mean()), abs=1e-5)
        ends = [float(v) for v in row(found, "fixed point")]
        assert shown[4] == pytest.approx(math.hypot(b - ends[0], w - ends[1]), abs=3e-5)


def test_landing_says_what_kind_of_end_it_is() -> None:
    assert "One batch an epoch" in " ".join(written(landing.lines(view_of(explorer_of(batch_size=100)), 92, 23)))
    diverging = " ".join(written(landing.lines(view_of(explorer_of(lr=10.0)), 92, 23)))
    assert "✗ the fixed point is not reached" in diverging
    assert "falls to 0" not in diverging
    none = written(landing.lines(view_of(explorer_of(lr=1e300)), 92, 23))
    assert row(none, "fixed point")[0] == "–"
