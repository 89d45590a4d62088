"""A learner's file judged over the whole run: what is missing, wrong and printed is said in the app and to lessons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from app_helpers import COMPACT, FULL, App, Driver, assert_shows, feature, lines, row, settle, text, wait
from lesson_helpers import done
from student_helpers import GOOD, NAME, NO_2, bottom, file_in, idle, in_step, learning, save
from whole_files import RIGHT, whole

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.settings import Settings
from tui_linreg.study.student.skeleton import SKELETON
from tui_linreg.study.student.student import Limits, Student
from tui_linreg.tui.app import LinRegApp
from tui_linreg.tui.features.lessons.feature import Lessons
from tui_linreg.tui.features.student.dialog import StudentDialog
from tui_linreg.tui.features.student.file import StudentFile
from tui_linreg.tui.hidden import MARK

FORMULAS = [quantity.formula for quantity in QUANTITIES]


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    with Student(file_in(tmp_path_factory.mktemp("learner")), limits=Limits(call=5.0)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StudentFile, "looks_a_second", 20)


async def open_page(app: App, pilot: Driver) -> str:
    """What the dialog about the file says."""
    await pilot.press("W")
    await wait(pilot, lambda: isinstance(app.screen, StudentDialog), "the dialog")
    await settle(app, pilot)
    found = text(app)
    await pilot.press("escape")
    await wait(pilot, lambda: app.screen is app.main)
    return found


@pytest.mark.parametrize("size", [FULL, COMPACT])
async def test_what_is_not_written_has_no_number_anywhere_and_what_is_written_has_its_own(
    student: Student, size: tuple[int, int]
) -> None:
    """No number of the built-in model stands under the learner's name."""
    built_in = Session(RunConfig(device="cpu"))
    built_in.train_to(1)
    ours = built_in.step(0).scratch
    numbers = [ours.loss, ours.grad_b, ours.grad_w, ours.b_after, ours.w_after, float(ours.y_pred[0])]
    keys_pressed = [
        (),
        *((each,) for each in "12345678"),
        *((f"f{n}",) for n in (2, 5, 6, 7)),
        ("i",),
        ("d",),
        ("down",),
    ]
    async with learning(student, SKELETON, size) as (app, pilot):
        assert f"from {NAME[:4]}" in text(app)
        for formula in FORMULAS:
            assert "not written yet" in row(app, formula)
        for keys in keys_pressed:
            await pilot.press(*keys)
            await idle(app, pilot)
            for number in numbers:
                assert f"{number:.5g}".lstrip("-") not in text(app), keys
            if app.screen is not app.main:
                await pilot.press("escape")
        assert f"{NAME}: not written yet: ŷ, L, ∂L/∂ŷ, ∂L/∂b, ∂L/∂w, b, w"[: size[0] - 8] in bottom(app)
        for key in ("x", "p", "o"):
            await pilot.press(key)
            assert app.screen is app.main
            assert app.controller.mode is None


async def read(app: App, pilot: Driver, student: Student, source: str) -> None:
    """Save, and wait until the new version runs."""
    before = app.controller.run
    save(student, source)
    await wait(pilot, lambda: app.controller.run is not before, "the new run")
    await idle(app, pilot)


async def test_parts_appear_one_after_the_other_each_judged_at_once(student: Student) -> None:
    bodies = dict.fromkeys(RIGHT, "return ...")
    left = set(FORMULAS)
    async with learning(student, whole(**bodies)) as (app, pilot):
        for part, formulas in (("update", FORMULAS[2:]), ("predict", FORMULAS[:1]), ("mse_loss", FORMULAS[1:2])):
            bodies[part] = RIGHT[part]
            left -= set(formulas)
            await read(app, pilot, student, whole(**bodies))
            assert "read again: right over all 64 steps: " in bottom(app)
            for formula in FORMULAS:
                assert ("not written yet" in row(app, formula)) == (MARK in row(app, formula)) == (formula in left)
        step = Session(RunConfig(device="cpu"))
        step.train_to(1)
        assert_shows(app, step.step(0), Phase.UPDATE)
        assert "not written yet: fit" in bottom(app)
        await read(app, pilot, student, whole())
        assert bottom(app).strip() == f"{NAME} read again: right over all 64 steps"
        assert "its 16 lines are those of torch" in await open_page(app, pilot)


async def test_a_wrong_formula_is_named_at_once_whatever_step_it_shows_in(student: Student) -> None:
    async with learning(student, whole(update=RIGHT["update"].replace("len(y_true)", "33"))) as (app, pilot):
        said = f"✗ {NAME}: ∂L/∂ŷ is wrong in step 4: the short batch is divided by the batch size"
        assert said in bottom(app)
        assert "≠" not in row(app, FORMULAS[2])  # in this step nothing is to be seen
        page = await open_page(app, pilot)
        assert "∂L/∂ŷ is wrong in step 4: the short batch is divided by the batch size" in page
        assert "Not every" in page
        assert "✓ right by itself; its inputs differ from step 5 on" in page  # ŷ
        await pilot.press("y")
        assert "y axis in chart" in bottom(app)
        assert "✗" in bottom(app)
        await read(app, pilot, student, NO_2)
        assert "is wrong in step 1: the 2 of the square's derivative is missing" in bottom(app)
        assert "the program's own" in await open_page(app, pilot)
        await read(app, pilot, student, in_step(3, "1 / 0"))
        assert "✗ step 3: " in bottom(app)
        assert "ZeroDivisionError" in bottom(app)


@pytest.mark.parametrize("size", [FULL, COMPACT, (60, 18)])
async def test_what_is_printed_is_text_with_its_step(student: Student, size: tuple[int, int]) -> None:
    source = "print('as it is read')\n" + GOOD.replace(
        "    d = 2", "    print('[b]m', len(x), '\\x1b[2J\\a')\n    d = 2"
    )
    async with learning(student, source, size) as (app, pilot):
        await pilot.press("W")
        await wait(pilot, lambda: isinstance(app.screen, StudentDialog), "the dialog")
        seen = ""
        for _ in range(30):
            seen += text(app)
            await pilot.press("pagedown")
        assert "when read" in seen
        assert "as it is read" in seen
        assert r"[b]m 33 \x1b[2J\x07" in seen
        assert "step 4 update" in seen
        assert r"[b]m 1 \x1b[2J\x07" in seen
        assert "step 64 update" in seen
        assert "\x1b" not in seen
        await pilot.press("W")
        await wait(pilot, lambda: app.screen is app.main)


async def test_an_edited_module_beside_the_file_is_read_again(student: Student) -> None:
    helper = student.path.with_name("beside.py")
    helper.write_text("def err(a, b):\n    return 2 * (a - b)\n", encoding="utf-8")
    source = GOOD.replace("import torch", "import torch\nfrom beside import err").replace(
        "2 * (y_pred - y_true)", "err(y_pred, y_true)"
    )
    async with learning(student, source) as (app, pilot):
        before = app.controller.run
        assert "≠" not in text(app)
        helper.write_text("def err(a, b):\n    return 1 * (a - b)\n", encoding="utf-8")
        await wait(pilot, lambda: app.controller.run is not before, "the new run")
        await idle(app, pilot)
        assert "the 2 of the square's derivative is missing" in bottom(app)
        assert before is not None
        assert before.session.author != app.controller.run.session.author


async def test_in_a_hunt_the_dialog_says_that_the_file_waits(student: Student) -> None:
    async with learning(student, GOOD) as (app, pilot):
        await pilot.press("f", "enter")
        await wait(pilot, lambda: app.controller.run.session.author is None, "the hunt")
        await idle(app, pilot)
        assert f"This run is the built-in model's, not {NAME}" in await open_page(app, pilot)


LESSON = """---
id: write-it
title: Write it
minutes: 3
train-size: 10
batch-size: 4
---
## Write it

Your own file.

## Task: Predict

Write predict.

check: student predict right
hint: b + w x

## Task: Update

Write update.

check: student update right and student mse_loss right
hint: as before
"""


async def test_a_lesson_asks_for_a_part_of_the_file_over_its_own_run(student: Student, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "write-it.md").write_text(LESSON, encoding="utf-8")
    bodies = RIGHT | dict.fromkeys(("predict", "update"), "return ...")
    save(student, whole(**bodies))
    app = LinRegApp(RunConfig(device="cpu"), Settings(), student, lessons=str(folder))
    async with app.run_test(size=FULL) as pilot:
        await wait(pilot, lambda: app.controller.loaded, "the run")
        await idle(app, pilot)
        await pilot.press("L", "end", "enter")
        await wait(pilot, lambda: feature(app, Lessons).session is not None, "the lesson")
        await idle(app, pilot)
        session = feature(app, Lessons).session
        assert session is not None
        await pilot.press("enter")
        assert app.controller.run.session.author is None
        first, second = session.lesson.tasks
        bodies["predict"] = "return self.b - self.w * x"
        save(student, whole(**bodies))
        await wait(pilot, lambda: not student.changed(), "the file read")
        bodies["predict"] = RIGHT["predict"]
        save(student, whole(**bodies))
        await wait(pilot, lambda: done(app, first), "the first task")
        assert not done(app, second)
        await pilot.press("enter")
        bodies["update"] = RIGHT["update"]
        save(student, whole(**bodies))
        await wait(pilot, lambda: done(app, second), "the second task")


async def test_a_long_run_is_judged_as_far_as_there_is_time(student: Student) -> None:
    async with learning(student, GOOD, epochs=100_000) as (app, pilot):
        assert " of 400000 steps" in bottom(app)
        assert "right over the first " in bottom(app)
        assert "LIVE step 1 " in lines(app)[0]
        await pilot.press("down")
        assert "LIVE step 2 " in lines(app)[0]
