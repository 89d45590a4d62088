"""A file of one's own, begun or taken up in the app (W): written, run, and refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_helpers import App, Driver, running, text, typed, wait
from student_helpers import GOOD, bottom

from tui_linreg.study.student.skeleton import SKELETON
from tui_linreg.tui.features.student.dialog import StudentDialog
from tui_linreg.tui.features.student.file import StudentFile
from tui_linreg.tui.features.student.new_file import NewFileDialog


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StudentFile, "looks_a_second", 20)


async def ask(app: App, pilot: Driver, path: str) -> None:
    """Type a name into the dialog, and enter."""
    await pilot.press("W")
    await wait(pilot, lambda: isinstance(app.screen, NewFileDialog), "the dialog")
    await pilot.press("ctrl+u", *typed(path), "enter")


def close(app: App) -> None:
    """End the learner's process, as the command line does when the app has ended."""
    assert app.controller.student is not None
    app.controller.student.close()


async def test_a_new_file_is_written_and_runs_where_one_stands(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    async with running(device="cpu") as (app, pilot):
        await pilot.press("j", "j", "h")
        at = app.controller.run.cursor
        await ask(app, pilot, str(path))
        await wait(pilot, lambda: "mine.py: not written yet: " in bottom(app), "it runs")
        assert path.read_text(encoding="utf-8") == SKELETON
        assert app.controller.run.session.author is not None
        assert app.controller.run.cursor == at
        path.write_text(GOOD, encoding="utf-8")
        await wait(pilot, lambda: "right over all 64 steps" in bottom(app), "it is read again")
        await pilot.press("W")
        await wait(pilot, lambda: isinstance(app.screen, StudentDialog), "W says how it stands")
        close(app)


async def test_a_file_that_is_there_is_run_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.py").write_text(GOOD, encoding="utf-8")
    async with running(device="cpu") as (app, pilot):
        await pilot.press("W")
        await wait(pilot, lambda: "is written into" in text(app), "the plan")
        await pilot.press("ctrl+u", *typed("old.py"))
        await wait(pilot, lambda: "is there already; it is run as it is" in text(app))
        await pilot.press("enter")
        await wait(pilot, lambda: "right over all 64 steps" in bottom(app))
        assert (tmp_path / "old.py").read_text(encoding="utf-8") == GOOD
        close(app)


async def test_a_file_that_cannot_run_is_mended_with_the_app_open(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("def update(", encoding="utf-8")
    async with running(device="cpu") as (app, pilot):
        await ask(app, pilot, str(path))
        await wait(pilot, lambda: "✗ broken.py" in bottom(app), "what is wrong with it")
        assert app.controller.run.session.author is None, "the run from before stays"
        path.write_text(GOOD, encoding="utf-8")
        await wait(pilot, lambda: "right over all 64 steps" in bottom(app), "it is read again")
        close(app)


@pytest.mark.parametrize(("name", "said"), [
    ("", "must be the name of a Python file"), ("folder", "no regular file"), ("none/mine.py", "cannot write"),
])  # fmt: skip
async def test_what_is_no_file_is_refused_in_the_dialog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    async with running(device="cpu") as (app, pilot):
        await ask(app, pilot, name)
        await wait(pilot, lambda: said in " ".join(text(app).split()), said)
        assert isinstance(app.screen, NewFileDialog)
        await pilot.press("escape")
        assert app.controller.student is None
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


async def test_a_run_with_a_mistake_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    async with running(device="cpu", mistake="sum") as (app, pilot):
        await ask(app, pilot, str(tmp_path / "mine.py"))
        await wait(pilot, lambda: "--mistake" in text(app))
    assert not list(tmp_path.iterdir())
