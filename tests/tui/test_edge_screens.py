"""Numbers at the edge of the floats on the screen: every line is whole, every number the engine's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from app_helpers import COMPACT, FULL, App, Driver, key_named, lines, running, settle, wait
from edge_cases import CASES, options_of, says
from full_length import LONG
from rich.cells import cell_len
from textual.widget import Widget

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.step import Step, Verdict
from tui_linreg.number_text import ulps
from tui_linreg.trace_file import SIDE_FIELDS
from tui_linreg.tui.features.editing.edit_dialog import EditDialog
from tui_linreg.tui.panes.tables import Samples

SMALLEST = (60, 18)  # the smallest terminal that has room for the panes


NAMES = list(CASES)
IN_FULL, IN_ONE_COLUMN = (NAMES, NAMES) if LONG else (NAMES[::2], NAMES[1::2])


@pytest.fixture
def options(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    return options_of(CASES[request.param], tmp_path)


def rows_of(screen: list[str], widget: Widget) -> list[str]:
    """The screen's lines inside a pane's border."""
    x, y, width, height = widget.content_region
    inside = screen[y : y + height]
    assert all(len(line) == cell_len(line) for line in inside), "columns are cells"
    return [line[x : x + width] for line in inside]


def check_table(app: App, screen: list[str], step: Step, phase: Phase) -> None:
    """The main table: each number reached is the engine's own, rounded at most, and its verdict is beside it."""
    _, *rows = rows_of(screen, app.main.query_one("#quantities"))
    for quantity, row in zip(QUANTITIES, rows, strict=True):
        name = next(name for name in (quantity.formula, quantity.symbol) if row[2:].startswith(name + " "))
        words = row[2 + len(name) :].split()
        if phase < quantity.phase:
            if quantity.phase is Phase.UPDATE:
                before = [getattr(side, quantity.key + "_before") for side in (step.scratch, step.torch)]
                assert says(words[0], before[0]), row
                assert says(words[3], before[1]), row
            assert "·" in words
            continue
        comparison = step.comparisons[quantity.key]
        for side in (step.scratch, step.torch):
            if quantity.vector:
                vector = getattr(side, quantity.key).tolist()
                assert words.pop(0) == f"[{len(vector)}]", row
                assert says(words.pop(0), vector[0]), row
                if words[0] == "…":
                    words.pop(0)
                    if not words[0].startswith(("[", comparison.verdict.sign)):
                        assert says(words.pop(0), vector[-1]), row
            else:
                key = quantity.key + "_after" if quantity.phase is Phase.UPDATE else quantity.key
                assert says(words.pop(0), getattr(side, key)), row
        said = f"{comparison.verdict.sign} {comparison.verdict.word}"
        if comparison.verdict is Verdict.ROUNDING:
            apart = ulps(comparison.ulps)  # where room is short, the sign says the word
            assert " ".join(words) in (f"{said} {apart}", f"{comparison.verdict.sign} {apart}"), row
        else:
            assert " ".join(words) == said, row


def check_samples(app: App, screen: list[str], step: Step, phase: Phase) -> None:
    """The samples table: each number reached is that sample's own."""
    pane = app.main.query_one("#samples")
    if pane.content_region.height < 3:
        return  # no room for any
    _, *rows, _ = rows_of(screen, pane)
    by_number = {sample.i: sample for sample in step.samples(0, step.place.m)}
    seen = 0
    for row in rows:
        words = row.split()
        if not words:
            continue
        sample = by_number[int(words[0])]
        values = [sample.x, sample.y]
        values += [sample.y_pred] if phase >= Phase.PREDICT else []
        values += [sample.residual] if phase >= Phase.LOSS else []
        values += [sample.dloss_dpred, sample.torch_dloss_dpred] if phase >= Phase.ERROR_SIGNAL else []
        shown = [word for word in words[1:] if word[0] not in "=≈≠·"]
        if phase >= Phase.WEIGHT_GRADIENT:
            values.append(sample.weight_term)
        assert len(shown) == len(values), row
        assert all(word == "…" or says(word, value) for word, value in zip(shown, values, strict=True)), row
        seen += 1
    assert seen == min(len(rows), step.place.m)
    if app.size >= COMPACT:
        assert "…" not in "".join(rows), "there is room for every number"


_NUMBER = re.compile(r"(?<![\w.])(?:-?(?:[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|inf)|nan)(?![\w.])")


def check_phase(app: App, screen: list[str], step: Step) -> None:
    """The worked phase: no number that is not one of the step's, as none is if a pane's edge cuts it."""
    session = app.controller.run.session
    place, sides = step.place, (step.scratch, step.torch)
    known = [1.0, 2.0, step.lr, float(place.m), float(place.start), float(place.stop - 1)]
    known += [getattr(side, name) for side in sides for name in SIDE_FIELDS]
    for sample in step.samples(0, place.m):
        known += [sample.x, sample.y, sample.y_pred, sample.residual, sample.dloss_dpred]
    if session.dataset.scaling is not None:
        known += session.dataset.scaling.to_original(step.scratch.b_after, step.scratch.w_after)
    for row in rows_of(screen, app.main.query_one("#phase"))[1:]:
        for shown in _NUMBER.findall(row):
            assert any(says(shown, value) for value in known), (shown, row)


def check_screen(app: App) -> None:
    """What holds of every frame: each line as wide as the terminal, both models' numbers as the engine has them."""
    screen = lines(app)
    assert [cell_len(line) for line in screen] == [app.size.width] * app.size.height
    explorer = app.controller.run
    step, phase, largest = explorer.session.step(explorer.cursor.step), explorer.cursor.phase, app.main.maximized
    if app.screen is not app.main:
        return
    seen = {pane.id for pane in app.main.panes if pane.has_place and largest in (None, pane)}
    if "quantities" in seen:
        check_table(app, screen, step, phase)
    if "phase" in seen:
        check_phase(app, screen, step)
    if "samples" in seen:
        check_samples(app, screen, step, phase)


async def press(app: App, pilot: Driver, *names: str) -> None:
    """Press keys one after the other and look at the screen after each."""
    for name in names:
        app.post_message(key_named(name))
        await settle(app, pilot)
        await wait(pilot, lambda: bool(app.screen._compositor.widgets), "a dialog just opened is laid out")
        check_screen(app)


PHASES = [*["left"] * 6, "down", "right", "right", "right", "right_square_bracket"]


@pytest.mark.parametrize("options", IN_FULL, indirect=True)
async def test_in_full_and_in_the_smallest_terminal_the_numbers_are_the_engines(options: dict[str, Any]) -> None:
    async with running(FULL, **options) as (app, pilot):
        check_screen(app)
        assert f"η {options.get('lr', 0.01):g}" in lines(app)[0]
        await press(app, pilot, *PHASES, "1", "2", "y", "3", "4", "m", "m", "end", "4")
        await press(app, pilot, "home", "right")
        await pilot.resize_terminal(*SMALLEST)
        await settle(app, pilot)
        check_screen(app)
        await press(app, pilot, *["left"] * 6, "J", "K")


@pytest.mark.parametrize("options", IN_ONE_COLUMN, indirect=True)
async def test_in_one_column_the_numbers_are_the_engines_and_the_form_stands(options: dict[str, Any]) -> None:
    async with running(COMPACT, **options) as (app, pilot):
        check_screen(app)
        assert not app.main.query_one("#samples", Samples).has_place
        await press(app, pilot, "1")
        assert app.main.query_one("#samples", Samples).has_place
        await press(app, pilot, *["left"] * 6, "right_square_bracket", "1", "2", "3", "4", "4", "e")
        assert isinstance(app.screen, EditDialog)
        texts = {name: row.text for name, row in app.screen.rows.items() if name in options}
        assert RunConfig.read(texts) == RunConfig(**options)
        await press(app, pilot, "escape")
        assert app.main.is_current
