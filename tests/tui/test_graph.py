"""The computation graph and autograd's own on the screen: what is written, where, and what is not."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from app_helpers import lines as screen_lines
from app_helpers import quiet, running, text
from engine_helpers import small, trained
from hunt_helpers import start
from panel_views import ROOMS, run_at, view_at, view_of, written
from rich.cells import cell_len
from student_helpers import NO_2, file_in, learning

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.number_text import significant
from tui_linreg.settings import Settings
from tui_linreg.study.student.student import Student
from tui_linreg.tui.charts import autograd
from tui_linreg.tui.hidden import MARK, Hidden
from tui_linreg.tui.instruments import graph
from tui_linreg.tui.run import Run

ROOM = (96, 23)
TITLES = {
    "w": Phase.BATCH, "b": Phase.BATCH, "y": Phase.BATCH, "x": Phase.BATCH, "w·x": Phase.PREDICT, "ŷ": Phase.PREDICT,
    "e = ŷ − y": Phase.LOSS, "e²": Phase.LOSS, "L = mean": Phase.LOSS, "∂L/∂L": Phase.ERROR_SIGNAL,
    "∂L/∂e²": Phase.ERROR_SIGNAL, "∂L/∂e": Phase.ERROR_SIGNAL, "∂L/∂ŷ": Phase.ERROR_SIGNAL,
    "∂L/∂b": Phase.BIAS_GRADIENT, "∂L/∂(w·x)": Phase.WEIGHT_GRADIENT, "∂L/∂w": Phase.WEIGHT_GRADIENT,
}  # fmt: skip
"""The titles of the boxes, and the phase that fills them."""


def boxes(rows: list[str]) -> dict[str, tuple[str, str]]:
    """The sign and the text beneath every title."""
    found: dict[str, tuple[str, str]] = {}
    for row, below in pairwise(rows):
        for match in re.finditer(r"[╭├] (?P<name>[^─╭╮├┤]*?) ?(?P<sign>[=≈≠≟]?) ?─*[╮┤]", row):
            inside = re.match(r"│([^│]*)│", below[match.start() :])
            assert inside is not None, (row, below)
            assert len(inside[0]) == len(match[0]), "the borders stand below each other"
            found[match["name"]] = match["sign"], inside[1].strip()
    return found


def sampled(session: Session, step: int, sample: int | None, phase: Phase = Phase.UPDATE) -> Run:
    run = run_at(session, step, phase)
    run.look = run.look.__class__(sample=sample)
    return run


@pytest.mark.parametrize("phase", Phase)
def test_boxes_are_filled_as_the_phases_go(phase: Phase) -> None:
    found = boxes(written(graph.lines(view_at(trained(small(), 2), 1, phase), *ROOM)))
    assert set(found) == set(TITLES)
    assert {name for name, (sign, number) in found.items() if number or sign} == {
        name for name, filled_by in TITLES.items() if filled_by <= phase
    }


def test_the_numbers_are_those_of_numpy() -> None:
    session = trained(small(), 3)
    step = session.step(2)
    x, y = step.x.numpy(), step.y.numpy()
    b, w, m = step.scratch.b_before, step.scratch.w_before, len(x)
    e = b + w * x - y
    signal = 2 * e / m
    whole = boxes(written(graph.lines(view_at(session, 2), *ROOM)))
    assert whole["∂L/∂e²"] == ("=", f"1/{m}")
    assert whole["∂L/∂L"] == ("=", "1")
    numbers = {"L = mean": (e**2).mean(), "∂L/∂b": signal.sum(), "∂L/∂w": (signal * x).sum(), "b": b, "w": w}
    vectors = {"x": x, "y": y, "w·x": w * x, "ŷ": b + w * x, "e = ŷ − y": e, "e²": e**2, "∂L/∂ŷ": signal}
    for name, value in numbers.items():
        assert whole[name] == ("≈", significant(value))
    for name, values in vectors.items():
        sign, number = whole[name]
        assert (sign, number[-2:]) == ("≈", " …")
        assert float(number[:-2]) == pytest.approx(values[0], rel=1e-5)
    row = 4
    one = boxes(written(graph.lines(view_of(sampled(session, 2, row)), *ROOM)))
    for name, values in (vectors | {"∂L/∂ŷ · 1": signal, "∂L/∂ŷ · x": signal * x, "∂L/∂(w·x)": signal}).items():
        assert float(one[name][1]) == pytest.approx(values[row], rel=1e-5), name
    shown = "\n".join(written(graph.lines(view_of(sampled(session, 2, row)), *ROOM)))
    assert f"∂L/∂b = Σ of {m} such terms ≈ {significant(step.scratch.grad_b)}" in shown
    assert f"sample {step.place.start + row}: number {row + 1} of {m}" in shown


def test_all_digits_stand_in_a_table_or_in_wide_boxes() -> None:
    session = trained(small(), 2)
    run = sampled(session, 1, None)
    run.look = run.look.__class__(full=True)
    side = session.step(1).scratch
    rooms: tuple[tuple[int, int], ...] = (80, 19), (156, 40)
    for room in rooms:
        shown = written(graph.lines(view_of(run), *room))
        for number in (side.loss, side.grad_b, side.grad_w, side.b_before, side.w_before, float(side.y_pred[0])):
            assert any(repr(number) in line for line in shown)
        assert bool(boxes(shown)) == (room[0] == 156)


@pytest.mark.parametrize("room", [*ROOMS, (156, 40), (78, 13), (77, 13)])
@pytest.mark.parametrize("name", [None, *MISTAKES])
def test_it_fits(room: tuple[int, int], name: str | None) -> None:
    session = trained(small(mistake=name, lr=50.0), 8)
    for sample in (None, 0, 5):
        for step in (0, 7):
            for drawn in (graph, autograd):
                lines = drawn.lines(view_of(sampled(session, step, sample)), *room)
                assert len(lines) <= room[1]
                if room[0] >= 60:
                    assert max(cell_len(line) for line in written(lines)) <= room[0]


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_makes_no_equation_of_it(name: str) -> None:
    session = trained(small(mistake=name), 5)
    first = MISTAKES[name].first_step(session.schedule)
    assert first is not None
    titles = {"loss": "L = mean", "dloss_dpred": "∂L/∂e", "grad_b": "∂L/∂b", "grad_w": "∂L/∂w"}
    view = view_at(session, first)
    found = boxes(written(graph.lines(view, *ROOM)))
    assert found[titles[MISTAKES[name].shows_in[0]]][0] == "≠"
    secret = view_of(run_at(session, first), hidden=Hidden(secret=True))
    hidden = boxes(written(graph.lines(secret, *ROOM)))
    assert {name for name, (sign, _) in hidden.items() if sign == "≟"} == {"ŷ", *titles.values()}
    assert "≠" not in str(hidden)
    assert {name: number for name, (_, number) in hidden.items()} == {name: text for name, (_, text) in found.items()}


def test_a_hidden_number_is_a_mark() -> None:
    session = trained(small(), 3)
    for key, titles in {
        "dloss_dpred": {"∂L/∂e²", "∂L/∂e", "∂L/∂ŷ", "∂L/∂(w·x)", "∂L/∂ŷ · 1", "∂L/∂ŷ · x"},
        "loss": {"e²", "L = mean"},
        "grad_w": {"∂L/∂w", "∂L/∂ŷ · x"},
        "grad_b": {"∂L/∂b", "∂L/∂ŷ · 1"},
        "b_before": {"b", "w·x"},
        "w_before": {"w", "w·x"},
        "y_pred": {"w·x", "ŷ", "e = ŷ − y", "e²"},
    }.items():
        for sample in (None, 3):
            run = sampled(session, 2, sample)
            found = boxes(written(graph.lines(view_of(run, hidden=Hidden(blanks=frozenset({key}))), *ROOM)))
            assert {name for name, seen in found.items() if seen == ("", MARK)} == titles & set(found)
            torchs = written(autograd.lines(view_of(run, hidden=Hidden(blanks=frozenset({key}))), 80, 40))
            marked = {"dloss_dpred": ["∂L/∂ŷ"], "grad_b": ["∂L/∂b"], "grad_w": ["∂L/∂wᵀ", "∂L/∂w"]}.get(key, [])
            assert [line.split()[-2] for line in torchs if MARK in line] == marked


def test_autograds_graph_says_what_went_through_it() -> None:
    session = trained(small(), 2)
    step = session.step(1)
    found = {phase: written(autograd.lines(view_at(session, 1, phase), 80, 40)) for phase in Phase}
    assert "torch has built nothing yet" in found[Phase.BATCH][0]
    assert "MseLossBackward0" not in str(found[Phase.PREDICT])
    assert "y_pred.grad_fn" in found[Phase.PREDICT][0]
    rows = "\n".join(found[Phase.UPDATE])
    for name in ("MseLossBackward0", "AddmmBackward0", "AccumulateGrad → b", "TBackward0", "AccumulateGrad → w"):
        assert name in rows
    signs = {key: comparison.verdict.sign for key, comparison in step.comparisons.items()}
    for symbol, key in (("∂L/∂b", "grad_b"), ("∂L/∂w", "grad_w")):
        (row,) = (row for row in found[Phase.UPDATE] if f" {symbol} " in row)
        assert significant(getattr(step.torch, key)) in row
        assert row.split()[row.split().index(symbol) + 3] == signs[key]
    row = next(row for row in written(autograd.lines(view_of(sampled(session, 1, 6)), 80, 40)) if "∂L/∂ŷ" in row)
    assert significant(float(step.torch.dloss_dpred[6])) in row
    assert step.compare_signal(6, 7)[0].verdict.sign in row.split("∂L/∂ŷ")[1][2:]
    for phase, symbols in {Phase.LOSS: set(), Phase.ERROR_SIGNAL: {"∂L/∂L", "∂L/∂ŷ"}}.items():
        assert {
            symbol for symbol in ("∂L/∂L", "∂L/∂ŷ", "∂L/∂b", "∂L/∂w") if f"{symbol} ·" not in str(found[phase])
        } == symbols
    assert "AddmmBackward0, from nn.Linear, is one node where the hand-written graph has two" in " ".join(rows.split())


def test_with_numbers_of_float32() -> None:
    session = Session(RunConfig(device="cpu", dtype="float32", samples=120))
    session.train_to(1)
    run = sampled(session, 0, 2)
    run.look = run.look.__class__(full=True, sample=2)
    side = session.step(0).scratch
    rows = "\n".join(written(graph.lines(view_of(run), 80, 19)))
    assert str(np.float32(side.y_pred[2])) in rows
    assert str(np.float32(side.b_before)) in rows


@pytest.mark.parametrize("marker", ["braille", "ascii"])
async def test_glyphs_and_no_colour(marker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running((80, 24), Settings(marker=marker), device="cpu") as (app, pilot):  # type: ignore[arg-type]
        await pilot.press("f8", "full_stop")
        drawn = "\n".join(screen_lines(app)[3:-2])
        assert set("╭╮╰╯├┤│▶◀▼▲").isdisjoint(drawn) == (marker == "ascii")
        assert ("->" in drawn) == (marker == "ascii")
        assert "graph of sample 0, 1 of 33" in text(app)


async def test_a_sample_of_a_shorter_batch() -> None:
    async with running(device="cpu", samples=130, batch_size=40) as (app, pilot):
        await pilot.press("f8", "comma")
        assert "sample 39: number 40 of 40" in text(app)
        await pilot.press("down", "down")
        m = app.controller.run.step().place.m
        assert m < 40
        assert f"number {m} of {m}" in text(app)
        await pilot.press("comma")
        assert f"number {m - 1} of {m}" in text(app)


async def test_a_hunt_that_hides_the_numbers_hides_the_graphs() -> None:
    async with running(samples=120, epochs=3) as (app, pilot):
        await start(app, pilot, "sign", "epoch losses")
        for keys in (["f8"], ["full_stop"], ["8"]):
            await pilot.press(*keys)
            await quiet(app, pilot)
            assert "∂L/∂ŷ" not in "".join(screen_lines(app)[2:-1])
            assert "hidden at this level" in text(app)


async def test_of_a_learners_file_there_is_what_it_answered(tmp_path: Path) -> None:
    with Student(file_in(tmp_path)) as student:
        async with learning(student, NO_2, (80, 24)) as (app, pilot):
            await pilot.press("f8", "full_stop")
            step = app.controller.run.step()
            found = boxes([line.rstrip() for line in screen_lines(app)])
            half = float(step.residual[0]) / step.place.m
            assert found["∂L/∂e"] == ("≠", significant(half))
            assert found["∂L/∂ŷ"] == ("≈", significant(half))
            await pilot.press("8")
            assert "AddmmBackward0" in text(app)
            assert significant(float(step.torch.dloss_dpred[0])) in text(app)
