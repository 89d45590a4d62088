"""A learner's own `update` in the app: the built-in numbers from a right file, ≠ where a wrong one is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from app_helpers import COMPACT, FULL, App, answer_rightly, assert_shows, lines, row, settle, straight_run, text, wait
from engine_helpers import differing, trained
from student_helpers import GOOD, NAME, NO_2, QUICK, STATEFUL, bottom, file_in, idle, in_step, learning, save, shows

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.step import Verdict
from tui_linreg.engine.training.session import Session
from tui_linreg.study.predict.known_error_values import Facts
from tui_linreg.study.predict.questions import questions
from tui_linreg.study.student.student import Student
from tui_linreg.tui.dialogs.controls import TextField
from tui_linreg.tui.features.editing.edit_dialog import EditDialog
from tui_linreg.tui.features.student.file import StudentFile


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    with Student(file_in(tmp_path_factory.mktemp("learner")), limits=QUICK) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StudentFile, "looks_a_second", 20)


async def test_a_right_file_shows_the_built_in_numbers_forwards_and_back(student: Student) -> None:
    steps = straight_run(64, device="cpu")
    async with learning(student, GOOD) as (app, pilot):
        assert_shows(app, steps[0], Phase.UPDATE)
        for keys, step, phase in (
            ("down", 1, Phase.UPDATE), ("right", 2, Phase.BATCH), ("right", 2, Phase.PREDICT),
            ("left", 2, Phase.BATCH), ("left", 1, Phase.UPDATE), ("up", 0, Phase.UPDATE),
            ("right_square_bracket", 4, Phase.UPDATE), ("home", 0, Phase.UPDATE), ("end", 4, Phase.UPDATE),
        ):  # fmt: skip
            await pilot.press(keys)
            assert_shows(app, steps[step], phase)
        await pilot.press("g", *"64", "enter")
        assert_shows(app, steps[63], Phase.UPDATE)
        await pilot.press("r")
        assert_shows(app, steps[0], Phase.UPDATE)
        assert "restarted" in bottom(app)
        assert "LIVE step 1 " in lines(app)[0]


@pytest.mark.parametrize("size", [FULL, COMPACT])
async def test_a_wrong_file_differs_from_the_phase_where_it_is_wrong(student: Student, size: tuple[int, int]) -> None:
    async with learning(student, NO_2, size) as (app, _):
        rows = [row(app, start) for start in ("ŷ", "L", "∂L/∂ŷ", "∂L/∂b", "∂L/∂w", "b", "w")]
        assert ["≠ differs" in line for line in rows] == [False, False, True, True, True, True, True]


async def test_playing_and_running_until_go_through_the_same_door(student: Student) -> None:
    steps = straight_run(64, device="cpu")
    async with learning(student, GOOD) as (app, pilot):
        await pilot.press("plus", "plus", "plus", "plus", "space")
        await wait(pilot, lambda: app.controller.loaded and app.controller.run.cursor.step >= 5, "step 6")
        await pilot.press("space")
        explorer = app.controller.run
        assert explorer is not None
        assert_shows(app, steps[explorer.cursor.step], explorer.cursor.phase)
        await pilot.press("u", "7", "enter")
        assert explorer.session.trained == 64
        assert_shows(app, steps[63], Phase.UPDATE)


async def test_a_small_mistake_in_every_step_is_said_where_it_adds_up(student: Student) -> None:
    decaying = GOOD[: GOOD.index("    return")].replace("update(x,", "update(self, x,") + (
        "    self.b -= lr * d.sum()\n    self.w -= lr * torch.dot(d, x)\n    self.w *= 1 - 8e-7\n"
        "    return d, d.sum(), torch.dot(d, x)\n"
    )
    async with learning(student, decaying, dtype="float32", lr=0.0001, samples=200) as (app, pilot):
        run = app.controller.run
        assert run is not None
        first = next(step for step in run.session.walk() if step.verdict is Verdict.DIFFERS)
        assert differing(first) == {"w"}
        await pilot.press("g", *str(first.place.step + 1), "enter")
        await settle(app, pilot)
        assert "≠ adds up" in row(app, "w")
        assert "≠ each step could be rounding, all together cannot" in text(app)
        await pilot.press("up")
        await settle(app, pilot)
        assert "adds up" not in text(app)
        assert "≠ each step could be rounding" not in text(app)
        # The line at the bottom tells it of the whole run.
        assert f"w is off by a little in every step, seen from step {first.place.step + 1} on" in bottom(app)


async def test_the_file_is_read_again_where_one_stands_and_kept_runs_tell_the_versions_apart(student: Student) -> None:
    async with learning(student, GOOD) as (app, pilot):
        await pilot.press("down", "down", "left", "p")
        first = app.controller.run
        assert first is not None
        author = first.session.author
        assert author is not None
        assert author in lines(app)[0]
        save(student, NO_2)
        await shows(app, pilot, "read again")
        second = app.controller.run
        assert second is not None
        assert (second.cursor.step, second.cursor.phase) == (first.cursor.step, first.cursor.phase)
        assert second.session.author not in (None, author)
        await pilot.press("right")
        assert "≠" in row(app, "w")
        await pilot.press("f7")
        assert f"A  {author}" in text(app)
        assert second.session.author is not None
        assert second.session.author in lines(app)[0]
        save(student, GOOD)
        await shows(app, pilot, "read again")
        assert f"A  {author}" not in text(app)  # the same again: it is no older version
        assert "A  same run" in text(app)


async def test_a_half_written_save_leaves_the_run_and_a_mended_one_goes_on(student: Student) -> None:
    async with learning(student, GOOD) as (app, pilot):
        await pilot.press("down", "down")
        before = app.controller.run
        save(student, "import torch\n\ndef update(x, y_true,\n")
        await shows(app, pilot, "line 3, `def update(x, y_true,`: SyntaxError")
        assert "the run from before stays" in bottom(app)
        assert app.controller.run is before
        await pilot.press("down")
        assert_shows(app, straight_run(4, device="cpu")[3], Phase.UPDATE)
        assert "SyntaxError" in bottom(app)
        await pilot.press("r")  # of the version that runs
        assert "restarted" in bottom(app)
        assert "SyntaxError" in bottom(app)
        save(student, NO_2)
        await shows(app, pilot, "read again")
        assert "≠" in row(app, "w")
        assert "SyntaxError" not in text(app)


async def test_the_built_in_model_stands_in_until_a_broken_file_is_mended(student: Student) -> None:
    async with learning(student, "def update(x:\n", epochs=2) as (app, pilot):
        assert "SyntaxError" in bottom(app)
        assert "the built-in model stands in" in bottom(app)
        assert "from scratch" in lines(app)[3]
        assert "built-in model" in lines(app)[0]
        await pilot.press("e")
        field_of(app, "lr").value = "0.02"
        await pilot.press("enter")
        await shows(app, pilot, "η 0.02")
        await pilot.press("y", "down")
        assert "SyntaxError" in bottom(app)
        save(student, GOOD)
        await shows(app, pilot, "read again")
        assert_shows(app, straight_run(8, device="cpu", epochs=2, lr=0.02)[1], Phase.UPDATE)
        assert NAME in lines(app)[0]
        assert f"from {NAME[:4]}" in lines(app)[3]


@pytest.mark.parametrize("size", [FULL, COMPACT])
async def test_the_code_view_shows_the_file_as_text_beside_torchs(student: Student, size: tuple[int, int]) -> None:
    odd = GOOD.replace("    d = 2", "    s = '[bold red]x[/] \x1b[31m \x07'  # [link]\n    d = 2")
    async with learning(student, odd, size) as (app, pilot):
        for _ in range(3):
            await pilot.press("left")  # the error signal
        await pilot.press("c")
        shown = text(app)
        assert r"s = '[bold red]x[/] \x1b[31m \x07'  # [link]" in shown
        assert "loss.backward()" in shown
        assert f"update · {NAME}:4" in shown
        await pilot.press("left", "left")
        assert "predict" in text(app)
        assert "from scratch" in text(app)  # the loss and what comes before it are the program's own


async def test_questions_derivation_and_arithmetic(student: Student) -> None:
    async with learning(student, NO_2, dataset="tiny") as (app, pilot):
        await pilot.press("t")
        assert "→ goes there, then predict" in bottom(app)
        await pilot.press("right", "right", "right", "t")
        explorer = app.controller.run
        assert explorer is not None
        asked = questions(explorer.step(), Phase.ERROR_SIGNAL, Facts(explorer.session.schedule, mistaken=True))
        true = asked[0].true
        assert true != explorer.step().scratch.dloss_dpred[asked[0].row].item()
        await answer_rightly(app, pilot, repr(true))
        assert explorer.cursor.phase is Phase.ERROR_SIGNAL
        assert "right at once: 1 of 1" in bottom(app)  # torch's number, where the file's own is wrong
        await pilot.press("d")
        assert "∂L/∂ŷ" in text(app)
        await pilot.press("escape", "b")
        assert "b is for the built-in model" in bottom(app)
        assert app.screen is app.main


def field_of(app: App, name: str) -> TextField:
    dialog = app.screen
    assert isinstance(dialog, EditDialog)
    control = dialog.rows[name].control
    assert isinstance(control, TextField)
    return control


async def test_other_arithmetic_is_refused_in_the_form(student: Student) -> None:
    async with learning(student, GOOD) as (app, pilot):
        await pilot.press("e")
        dialog = app.screen
        assert isinstance(dialog, EditDialog)
        dialog.rows["arithmetic"].control.focus()
        await pilot.press("right", "enter")
        await wait(pilot, lambda: app.screen is not app.main and "is for the built-in model" in text(app), "the form")
        await pilot.press("escape")
        assert app.controller.run.session.author is not None


async def test_a_hunt_is_the_built_in_models_and_a_save_waits_for_the_learners_next_run(student: Student) -> None:
    async with learning(student, GOOD) as (app, pilot):
        own = app.controller.run
        await pilot.press("f", "enter")
        await wait(pilot, lambda: app.controller.run is not own, "the hunt")
        await idle(app, pilot)
        hunted = app.controller.run
        assert hunted is not None
        assert hunted.session.author is None
        assert f"the built-in model, not {NAME}" in app.controller.message
        save(student, NO_2)
        await pilot.press("down", "down", "up", "up")
        assert app.controller.run is hunted
        assert student.changed()
        await pilot.press("e", "enter")
        await wait(pilot, lambda: app.controller.run is not hunted, "the new run, which is the learner's again")
        await shows(app, pilot, "read again")
        assert app.controller.run.session.author is not None
        assert "≠" in row(app, "w")


async def test_steps_before_the_failing_one_stay_and_a_save_goes_on(student: Student) -> None:
    async with learning(student, in_step(3, "1 / 0")) as (app, pilot):
        await pilot.press("u", "7", "enter")
        assert "step 3: " in bottom(app)
        assert "line 6, `1 / 0`: ZeroDivisionError: division by zero" in bottom(app)
        assert_shows(app, straight_run(2, device="cpu")[1], Phase.UPDATE)
        await pilot.press("down", "up")
        assert_shows(app, straight_run(2, device="cpu")[0], Phase.UPDATE)
        assert "ZeroDivisionError" in bottom(app)
        await pilot.press("p")
        save(student, GOOD)
        await shows(app, pilot, "read again")
        await pilot.press("u", "7", "enter")  # the kept run stays where it failed
        assert_shows(app, straight_run(64, device="cpu")[63], Phase.UPDATE)


async def test_a_step_that_a_state_of_the_files_own_changes_is_told_and_not_shown(
    student: Student, tmp_path: Path
) -> None:
    told = "cannot be shown again: the file's update has a state of its own"
    async with learning(student, STATEFUL) as (app, pilot):
        await pilot.press("down", "down", "down")
        run = app.controller.run
        before = run.step()
        for keys, step in ((("up",), 3), (("home",), 1), (("g", "2", "enter"), 2), (("left",) * 7, 3)):
            await pilot.press(*keys)
            await wait(pilot, lambda step=step: f"✗ step {step} {told}" in text(app), f"step {step}")  # type: ignore[misc]
            assert app.controller.run.step() is before
            assert_shows(app, before, app.controller.run.cursor.phase)
            await pilot.press("end")
            assert told not in text(app)
        path = tmp_path / "t.csv"
        await pilot.press("x", *["backspace"] * 40)
        await pilot.press(*str(path), "enter")
        await wait(pilot, lambda: f"✗ step 1 {told}" in text(app), "the refusal of the trace")
        assert not path.exists()
        for panel in ("f1", "f2", "f3", "f4", "f5", "f6", "f7", "1", "2", "3", "4", "5", "6", "7", "8"):
            await pilot.press(*(("f1", "escape") if panel == "f1" else (panel,)))
        await pilot.press("down")
        assert app.controller.run.cursor.step == 4
        await pilot.press("t")
        await pilot.press("escape", "r")
        assert app.controller.run.cursor.step == 0


@pytest.mark.parametrize("dtype", ["float64", "float32"])
async def test_a_learners_file_goes_on_too_and_is_read_again_with_the_new_count(student: Student, dtype: str) -> None:
    async with learning(student, GOOD, epochs=1, samples=120, dtype=dtype) as (app, pilot):
        run = app.controller.run
        await pilot.press("g", "4", "enter", "E", "g", "8", "enter")
        await idle(app, pilot)
        assert app.controller.run is run
        straight = Session(RunConfig(device="cpu", epochs=2, samples=120, dtype=dtype))
        trained(straight)
        assert np.array_equal(run.session.timeline.weights(1), straight.timeline.weights(1))
        assert run.session.trained == 8
        student.path.write_text(GOOD + "# saved\n", encoding="utf-8")
        await wait(pilot, lambda: app.controller.run is not run, "the file read again")
        assert app.controller.config.epochs == 2
