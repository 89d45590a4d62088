"""Worked first, then faded: a blanked number is nowhere on the screen until it is answered, predicted or shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_helpers import App, Driver, lines, running, text, wait
from full_length import LONG
from lesson_helpers import LESSONS, begin, course, to_tasks

from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.study.lessons.answers import NumberAnswer
from tui_linreg.study.lessons.lesson import Lesson
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.features.predict.dialog import PredictDialog
from tui_linreg.tui.features.reading.derivation_dialog import DerivationDialog
from tui_linreg.tui.instruments.records import PANELS

BLANKED = [lesson for lesson in LESSONS if lesson.blanks]
LOOKS = [*(panel.key for panel in PANELS.values()), *(str(number) for number in CHARTS)]
"""The keys of all instruments and charts."""
STEPS = (1, 2)
"""From 0: the first blanked mini-batch, and the one after it, which begins with the first one's b and w."""


def written(value: float) -> set[str]:
    """The digits that all ways of writing a number on this screen have: four of them, or all there are."""
    return {f"{abs(value):.4f}"[:-1], repr(abs(value))[:8], f"{abs(value):.3e}"[:5], f"{abs(value):.6g}"}


def hidden_numbers(lesson: Lesson) -> dict[str, set[str]]:
    """What must not be read, by quantity: of both models and both steps."""
    session = Session(lesson.config)
    session.train_to(STEPS[-1] + 1)
    found: dict[str, set[str]] = {}
    for key in {key for blank in lesson.blanks for key in blank.quantities}:
        texts: set[str] = set()
        for step in map(session.step, STEPS):
            for side in (step.scratch, step.torch):
                value = getattr(side, f"{key}_after" if key in "bw" else key)
                for number in value.tolist() if hasattr(value, "tolist") else [value]:
                    texts |= written(number)
            if key == "y_pred":
                texts |= {each for residual in step.residual.tolist() for each in written(residual)}
        found[key] = texts
    return found


def shown(app: App, numbers: dict[str, set[str]]) -> list[str]:
    """The hidden numbers that can be read, with their lines."""
    seen = text(app).replace("−", "-")
    if "dloss_dpred" in numbers:
        # With m = 2 the factor 2/m is 1: the residuals, which are given, have the same digits.
        seen = "\n".join(
            line for line in lines(app) if "∂L/∂ŷ" in line and "ŷ − y)²" not in line and "  = 2/2" not in line
        )
    return [f"{key} {number}: {line}" for key, texts in numbers.items() for number in texts
            for line in seen.splitlines() if number in line]  # fmt: skip


def line_of(app: App, formula: str) -> str:
    """The line of the main table with a formula."""
    return next(line for line in lines(app) if line.strip("│ ✓▶▒").startswith(formula))


async def look_everywhere(app: App, pilot: Driver, numbers: dict[str, set[str]]) -> None:
    for _ in STEPS:
        await pilot.press("down")
        await pilot.press(*["left"] * (app.controller.run.cursor.phase - 1))
        for phase in range(1, 8):
            assert app.controller.run.cursor.phase == phase
            assert not shown(app, numbers), phase
            if phase < 7:
                await pilot.press("right")
    await pilot.press("d")
    await wait(pilot, lambda: isinstance(app.screen, DerivationDialog))
    for _ in range(6):
        assert not shown(app, numbers), "derivation"
        await pilot.press("left")
    await pilot.press("escape")
    await wait(pilot, lambda: app.screen is app.main)
    for key in LOOKS:
        await pilot.press(key)
        await wait(pilot, lambda: "working it out" not in text(app))
        assert not shown(app, numbers), key
        await pilot.press("v")
        for move in ("left", "left", "home", "right"):
            if app.controller.mode is not None:
                await pilot.press(move)
            assert not shown(app, numbers), (key, "the cursor of a chart")
        await pilot.press("escape")


@pytest.mark.parametrize("lesson", BLANKED if LONG else BLANKED[::2], ids=lambda lesson: lesson.id)
async def test_the_number_is_nowhere(lesson: Lesson) -> None:
    numbers = hidden_numbers(lesson)
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, lesson.id)
        await to_tasks(app, pilot)
        await look_everywhere(app, pilot, numbers)
        assert "▒" in text(app)
        await pilot.press("x")
        assert "answer first" in text(app)
        await pilot.press("p")
        assert "answer first" in text(app)
        assert not list(Path.cwd().glob("tui-linreg-trace*"))


async def test_the_worked_step_is_shown_in_full() -> None:
    for lesson in BLANKED[:2]:
        async with running(device="cpu") as (app, pilot):
            await begin(app, pilot, lesson.id)
            await to_tasks(app, pilot)
            await pilot.press(*["right"] * (7 - lesson.start.phase))
            assert "▒" not in text(app)
            assert "LIVE step 1" in lines(app)[0]


async def test_a_prediction_uncovers_its_mini_batch_only() -> None:
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, "the-model")
        await to_tasks(app, pilot)
        await pilot.press("down", *["right"] * 3)
        assert "▒" in line_of(app, "ŷ = b")
        await pilot.press("t")
        await wait(pilot, lambda: isinstance(app.screen, PredictDialog))
        assert "phase 2/7 predict" in text(app), "what is hidden here is asked for first"
        while app.screen is not app.main:
            await pilot.press("ctrl+r", "enter")
        assert (app.controller.run.cursor.step, app.controller.run.cursor.phase) == (1, Phase.PREDICT)
        assert "▒" not in text(app)
        await pilot.press("down")
        assert "▒" in line_of(app, "ŷ = b")
        assert not course(app).finished & {task.id for task in course(app).lesson.tasks[2:]}


async def test_what_the_step_before_hides_is_not_asked_about() -> None:
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, "the-update")
        await to_tasks(app, pilot)
        await pilot.press("down", "down", "t")
        assert "b and w of the mini-batch before are hidden" in text(app)
        await pilot.press("R")
        assert "▒" not in text(app)
        await pilot.press("up")
        assert "▒" not in line_of(app, "b ←"), "the step before was shown with it"


def test_every_quantity_can_be_given_by_an_answer() -> None:
    """A lesson that blanks what none of its tasks asks for could never show it again."""
    names = {q.key for q in QUANTITIES}
    for lesson in BLANKED:
        for blank in lesson.blanks:
            assert set(blank.quantities) <= names
            wanted = {task.check.wanted.name for task in lesson.tasks if isinstance(task.check, NumberAnswer)}
            for key in blank.quantities:
                assert any(name is not None and name.split("_first")[0].startswith(key[:5]) for name in wanted), key
