"""Runs kept beside the present one: which, how far they are trained, and that the charts draw their own numbers."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from app_helpers import App, Driver, running, text, wait
from engine_helpers import small
from panel_views import run_at, view_of

from tui_linreg.engine.analysis.kept_runs import KeptRuns
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.instruments import runs
from tui_linreg.tui.run import Run, RunRequest


async def load(app: App, pilot: Driver, **options: object) -> Run:
    before = app.controller.run
    app.controller.load(RunRequest(RunConfig(**options), {}))  # type: ignore[arg-type]
    await wait(pilot, lambda: app.controller.run is not before)
    return app.controller.run


def beside(session: Session, *others: Session, step: int = 5, phase: Phase = Phase.UPDATE) -> Run:
    at = run_at(session, 0)
    for other in others:
        at.look = replace(at.look, kept=at.look.kept.with_run(other))
    at.go(Cursor(step, phase))
    return at


def test_letters_are_used_again() -> None:
    kept = KeptRuns()
    for _ in range(4):
        kept = kept.with_run(small())
    assert [other_run.letter for other_run in kept] == list("ABCD")
    assert [other_run.letter for other_run in kept.without_last().with_run(small())] == list("ABCD")


def test_a_kept_run_goes_along_to_its_own_end() -> None:
    other, session = small(epochs=2), small()
    at = beside(session, other, step=3)
    assert other.trained == 4
    at.go(Cursor(20, Phase.UPDATE))
    assert other.trained == other.schedule.steps == 8
    (other_run,) = view_of(at).kept_runs
    assert other_run.step is None
    assert "ends after step 8" in "".join(part for line in runs.lines(view_of(at), 90, 23) for part, _ in line)


def test_the_fit_has_the_line_of_the_same_step() -> None:
    other = small(lr=0.2)
    for phase, updates in ((Phase.PREDICT, 5), (Phase.UPDATE, 6)):
        at = beside(small(), other, step=5, phase=phase)
        chart = CHARTS[1].make(view_of(at))
        b, w = (float(values[updates]) for values in (other.timeline.biases(0), other.timeline.weights(0)))
        x = at.facts.x_ends
        (line,) = [s for s in chart.series if s.kind == "line" and s.color == "mean" and len(s.x)]
        spread = x[1] - x[0]
        assert np.diff(line.y) / np.diff(line.x) == pytest.approx(w)
        assert line.y[0] - w * line.x[0] == pytest.approx(b, abs=1e-9 * spread)
        assert ("A", "η 0.2") in [(s.marker, s.label) for s in chart.series]


def test_other_samples_are_not_drawn_in_the_fit() -> None:
    chart = CHARTS[1].make(view_of(beside(small(), small(seed=9))))
    assert not [s for s in chart.series if s.color == "mean"]


def test_the_parameters_have_theirs() -> None:
    other = small(lr=0.2)
    chart = CHARTS[4].make(view_of(beside(small(), other, step=9)))
    for values in (other.timeline.biases(0, 0, 11), other.timeline.weights(0, 0, 11)):
        assert any(list(s.y) == values.tolist() for s in chart.series)


def test_differences_are_subtractions_of_what_both_computed() -> None:
    session, other = small(), small(dtype="float32")
    words = "\n".join("".join(part for part, _ in line) for line in runs.lines(view_of(beside(session, other)), 92, 23))
    ours, theirs = session.step(5).scratch, other.step(5).scratch
    for mine, its in ((ours.loss, theirs.loss), (ours.grad_w, theirs.grad_w), (ours.w_after, theirs.w_after)):
        assert f"{mine:.5f}" in words
        assert mine != its
        assert f"{mine - its:+.5f}" in words or f"{mine - its:+.3e}".replace("e-0", "e-") in words
    assert "A  float32" in words


@pytest.mark.parametrize(("width", "height"), [(92, 23), (80, 19), (60, 13), (20, 3)])
def test_lines_fit(width: int, height: int) -> None:
    kept = [small(lr=lr) for lr in (0.1, 0.2, 0.3, 1e300)]
    lines = runs.lines(view_of(beside(small(), *kept)), width, height)
    if width >= 60:
        assert all(sum(len(part) for part, _ in line) <= width for line in lines[:9])


async def test_four_are_kept_at_most_and_seen_over_runs() -> None:
    async with running(epochs=2) as (app, pilot):
        for i, letter in enumerate("ABCD"):
            await pilot.press("p")
            assert f"kept as {letter}" in text(app)
            await load(app, pilot, epochs=2, lr=0.1 * (i + 1))
        await pilot.press("p")
        assert "4 runs are kept, which is the most" in text(app)
        await pilot.press("2", "f7")
        for letter, lr in zip("ABCD", ("0.01", "0.1", "0.2", "0.30000000000000004"), strict=True):
            assert f"{letter}  η {lr}" in text(app)


async def test_long_work_takes_the_kept_runs_along() -> None:
    async with running(epochs=200) as (app, pilot):
        kept = app.controller.run
        await pilot.press("p")
        at = await load(app, pilot, epochs=200, lr=0.1)
        await pilot.press("g", *"700", "enter")
        await wait(pilot, lambda: at.cursor.step == 699)
        assert kept.session.trained == 700
        assert threading.active_count() < 20


def test_a_kept_run_is_that_of_the_session() -> None:
    session = small()
    assert view_of(beside(session, session)).kept_runs == ()


def test_a_kept_runs_own_loss_waits_for_its_phase() -> None:
    other = small(lr=0.2)
    for phase, count in ((Phase.PREDICT, 9), (Phase.LOSS, 10)):
        (other_run,) = view_of(at := beside(small(), other, step=9, phase=phase)).kept_runs
        assert len(other_run.losses(view_of(at).reached(Phase.LOSS)).values) == count


def test_a_kept_run_of_other_samples_leaves_the_surface_alone() -> None:
    other = small(lr=2.0, seed=3)
    other.train_to(40)
    alone, both = (CHARTS[5].make(view_of(beside(small(), *others, step=20))) for others in ((), (other,)))
    assert (alone.x_range, alone.y_range) == (both.x_range, both.y_range)


def test_sessions_made_at_once_start_as_alone() -> None:
    alone = {seed: small(seed=seed, train_size=4).timeline.states(0) for seed in range(12)}
    before = torch.get_rng_state()
    found: list[tuple[int, object]] = []

    def make() -> None:
        for seed in range(12):
            found.append((seed, small(seed=seed, train_size=4).timeline.states(0)))

    makers = [threading.Thread(target=make) for _ in range(6)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert all(start == alone[seed] for seed, start in found)
    assert len(found) == 72
    assert torch.equal(torch.get_rng_state(), before)
