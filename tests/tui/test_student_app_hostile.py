"""A learner's file that hangs, exits, prints without end or is gone: said in a line, and the next key is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from app_helpers import FULL, App, Driver, assert_shows, lines, settle, straight_run, text, wait
from student_helpers import GOOD, NAME, QUICK, bottom, file_in, idle, in_step, learning, save, shows
from textual.pilot import Pilot

from tui_linreg.engine.phases import Phase
from tui_linreg.study.student.student import Limits, Student
from tui_linreg.tui.features.student.file import StudentFile

# One that ends its process and one that does not; tests/study/test_study_student_hostile.py has all the others.
FAILS = {
    "while True: print('x' * (1 << 20))": "line 6, `while True: print('x' * (1 << 20))`: update took longer than 0.5 s",
    "raise ValueError('[red]\\x1b[31m[/]\\n')": r"ValueError: [red]\x1b[31m[/]\n",
}


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    with Student(file_in(tmp_path_factory.mktemp("learner")), limits=QUICK) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StudentFile, "looks_a_second", 20)


async def read_again(app: App, pilot: Driver, student: Student, source: str) -> None:
    """Save, and wait until the new version runs."""
    before = app.controller.run
    save(student, source)
    await wait(pilot, lambda: app.controller.run is not before, "the new run")
    await idle(app, pilot)


async def test_whatever_a_step_does_is_said_and_the_steps_before_it_stay(student: Student) -> None:
    first, second = straight_run(2, device="cpu")
    async with learning(student, GOOD) as (app, pilot):
        for code, words in FAILS.items():
            await read_again(app, pilot, student, in_step(3, code))
            await pilot.press("g", "4", "enter")
            assert bottom(app).strip().startswith(f"✗ step 3: {NAME}")
            assert words in bottom(app)
            assert_shows(app, second, Phase.UPDATE)
            assert "LIVE step 2 " in lines(app)[0]
            await pilot.press("up")
            assert_shows(app, first, Phase.UPDATE)
            assert "\x1b" not in text(app)
            await pilot.press("home", "y")
            assert "y axis in chart" in bottom(app)


async def test_numbers_that_are_not_finite_are_shown_as_ever(student: Student) -> None:
    async with learning(student, in_step(2, "return y_pred, 0.0, 0.0, float('nan'), 0.0")) as (app, pilot):
        await pilot.press("down")
        assert "not finite since step 2" in bottom(app)
        assert "≠ differs" in text(app)
        await pilot.press("down", "up", "up")
        assert_shows(app, straight_run(1, device="cpu")[0], Phase.UPDATE)


async def test_keys_are_answered_while_a_step_hangs(
    student: Student, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, began = tmp_path / "gate", tmp_path / "began"
    code = (
        f"import pathlib, time\npathlib.Path({str(began)!r}).touch()\n"
        f"while not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.01)"
    )
    monkeypatch.setattr(student, "limits", Limits(call=600))
    gate.touch()  # open while the file is judged over the whole run
    async with learning(student, in_step(3, code)) as (app, pilot):
        gate.unlink()
        began.unlink()
        await pilot.press("down")
        try:
            await hanging(app, pilot, began)
            save(student, GOOD)  # stops the work, and is read when that has ended
        finally:
            gate.touch()
        await shows(app, pilot, "read again")
        explorer = app.controller.run
        assert explorer is not None
        assert_shows(app, straight_run(3, device="cpu")[explorer.cursor.step], Phase.UPDATE)


async def hanging(app: App, pilot: Driver, began: Path) -> None:
    """Step into what hangs, and press keys."""

    async def press(key: str) -> None:
        await Pilot.press(pilot, key)
        await settle(app, pilot)

    await press("down")
    await wait(pilot, began.exists, "the step")
    for key, words in {"up": "still at work", "y": "y axis in chart", "4": "4 Gradients and parameters",
                       "right": "still at work", "c": "optimizer.step()"}.items():  # fmt: skip
        await press(key)
        await shows(app, pilot, words)
    await press("escape")
    assert app.screen is app.main
    await press("right")
    await shows(app, pilot, "still at work")


async def test_a_file_that_deletes_itself_runs_on_and_is_said_to_be_gone(student: Student) -> None:
    code = f"import os\nif os.path.exists({str(student.path)!r}): os.unlink({str(student.path)!r})"
    async with learning(student, in_step(2, code)) as (app, pilot):
        await pilot.press("down", "down")
        await shows(app, pilot, f"✗ {NAME}: the file is gone; what was read of it runs on")
        await pilot.press("down")
        assert_shows(app, straight_run(4, device="cpu")[3], Phase.UPDATE)
        await read_again(app, pilot, student, GOOD)
        assert "is gone" not in text(app)
        assert "read again" in bottom(app)


async def test_a_file_that_is_broken_at_the_start_is_read_when_it_is_mended(student: Student) -> None:
    async with learning(student, "import no_such_thing\n") as (app, pilot):
        assert "No module named 'no_such_thing'; the built-in model stands in" in bottom(app)
        assert_shows(app, straight_run(1, device="cpu")[0], Phase.UPDATE)
        await read_again(app, pilot, student, GOOD)
        assert_shows(app, straight_run(1, device="cpu")[0], Phase.UPDATE)
        assert "stands in" not in text(app)


@pytest.mark.parametrize("size", [FULL, (60, 18)])
async def test_what_is_wrong_fits_the_line_with_what_and_where(student: Student, size: tuple[int, int]) -> None:
    async with learning(student, in_step(1, "raise ValueError('a long story ' * 40)"), size) as (app, _):
        line = bottom(app)
        assert f"✗ {NAME}, line 6" in line
        assert "ValueError: a long story" in line
        assert " …" in line


async def test_the_file_is_left_alone_while_a_dialog_is_open(student: Student) -> None:
    async with learning(student, GOOD) as (app, pilot):
        await pilot.press("question_mark")
        before = app.controller.run
        save(student, GOOD + "# saved\n")
        await pilot.press("down", "down", "up", "up")
        assert app.controller.run is before
        assert student.changed()
        await pilot.press("escape")
        await wait(pilot, lambda: app.controller.run is not before, "the new run")
