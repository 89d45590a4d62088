"""What is taken along from the app: the command line of the run (Y), and the run as plain PyTorch (x)."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from app_helpers import App, Driver, lines, quiet, running, text, wait
from dialog_helpers import Host, opened, wait_for
from hunt_helpers import explorer, give_up, start
from lesson_helpers import begin, to_tasks
from student_helpers import GOOD, QUICK, file_in, learning
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tui_linreg.command_line import command_line
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.training.session import Session
from tui_linreg.study.notebook.cells import cells
from tui_linreg.study.notebook.file import notebook_text, script_text
from tui_linreg.study.student.student import Student
from tui_linreg.tui.dialogs.controls import Row
from tui_linreg.tui.features.files import CommandLineDialog, ExportDialog

LONG_LINE = "tui-linreg --data " + "'a folder/'" * 30 + "ä.csv --standardize"


async def command(app: App, pilot: Driver) -> str:
    """Press Y and return what was copied."""
    await pilot.press("Y")
    await wait(pilot, lambda: isinstance(app.screen, CommandLineDialog) and "✓ copied" in text(app))
    await pilot.press("escape")
    await wait(pilot, lambda: app.screen is app.main)
    return app.clipboard


async def export(app: App, pilot: Driver, path: str) -> None:
    await pilot.press("x")
    await wait(pilot, lambda: isinstance(app.screen, ExportDialog))
    app.screen.query_one(Input).value = path
    await pilot.pause()
    await pilot.press("enter")


async def test_the_command_line_follows_what_is_changed_in_the_app() -> None:
    async with running(samples=120, device="cpu") as (app, pilot):
        assert await command(app, pilot) == "tui-linreg --samples 120 --device cpu"
        await pilot.press("down", "<", "E")
        assert await command(app, pilot) == ("tui-linreg --samples 120 --lr 0.01@1,0.005@3 --epochs 32 --device cpu")
        await pilot.press("o", "right", "enter", "enter")
        await quiet(app, pilot)
        b, w = app.controller.config.start or (None, None)
        assert f" --start {b},{w}" in await command(app, pilot)


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_the_whole_line_is_shown_and_can_be_selected(size: tuple[int, int]) -> None:
    dialog = CommandLineDialog(LONG_LINE)

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await wait_for(pilot, lambda: "✓ copied" in host.on_screen())
        assert host.clipboard == LONG_LINE
        page = dialog.query_one("#page", Static).region
        shown = [line[page.x : page.right] for line in lines(host)[page.y : page.bottom]]
        assert "".join("".join(shown).split()) == "".join(LONG_LINE.split())
        await pilot.mouse_down("#page", offset=(0, 0))
        await pilot.hover("#page", offset=(page.width - 1, page.height - 1))
        await pilot.mouse_up("#page", offset=(page.width - 1, page.height - 1))
        assert dialog.get_selected_text() == LONG_LINE

    await opened(dialog, body, size)


async def test_a_name_that_no_terminal_can_take_is_said() -> None:
    async def body(host: Host, pilot: Pilot[None]) -> None:
        await wait_for(pilot, lambda: "✗ a file name in it cannot be copied" in host.on_screen())
        assert "tui-linreg --data '\ufffd.csv'" in host.on_screen()

    await opened(CommandLineDialog("tui-linreg --data '\udcff.csv'"), body)


async def test_a_hunt_says_the_same_whatever_is_planted_and_names_it_when_it_is_over() -> None:
    said = []
    async with running(samples=120, epochs=3, device="cpu") as (app, pilot):
        for secret in (None, "stale", "sign"):
            await start(app, pilot, secret)
            said.append(await command(app, pilot))
            await export(app, pilot, "run.ipynb")
            assert app.screen.query_one("#row-path", Row).error == ".ipynb: the code is hidden until the decision"
            await pilot.press("escape")
            await give_up(app, pilot)
            await pilot.press("escape")
            await wait(pilot, lambda: app.screen is app.main)
            expected = "tui-linreg --samples 120 --epochs 3 --device cpu"
            assert await command(app, pilot) == expected + (f" --mistake {secret}" if secret else "")
            assert explorer(app).owner == "hunt"
            if secret != "sign":
                await pilot.press("f")
                await wait(pilot, lambda: app.screen is not app.main)
                await pilot.press("n")
        assert said == [expected] * 3
    assert not Path("run.ipynb").exists()


async def test_a_learners_file_is_named_and_no_notebook_is_written(tmp_path: Path) -> None:
    with Student(file_in(tmp_path), limits=QUICK) as student:
        async with learning(student, GOOD, samples=120) as (app, pilot):
            assert await command(app, pilot) == command_line(app.controller.config, str(student.path))
            await export(app, pilot, str(tmp_path / "run.py"))
            assert "this run is your file's" in app.screen.query_one("#row-path", Row).error
            await pilot.press("escape")
    assert not (tmp_path / "run.py").exists()


async def test_a_lesson_that_hides_numbers_keeps_its_start_to_itself() -> None:
    async with running() as (app, pilot):
        await begin(app, pilot, "the-update")
        await to_tasks(app, pilot)
        assert app.controller.hidden.cuts
        await pilot.press("Y")
        assert app.screen is app.main
        assert "answer first" in text(app)


async def test_the_run_is_written_as_a_notebook_and_as_a_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("run.py").write_text("old")
    async with running(samples=120, epochs=2, device="cpu", mistake="stale") as (app, pilot):
        await pilot.press("g", *"8", "enter")
        await quiet(app, pilot)
        for name in ("run.ipynb", "run.py"):
            await export(app, pilot, name)
            if name == "run.py":  # it is there: enter is asked for twice
                await pilot.press("enter")
            await wait(pilot, lambda name=name: f"the run is written to '{name}'" in text(app))  # type: ignore[misc]
    session = Session(RunConfig(samples=120, epochs=2, device="cpu", mistake="stale"))
    session.train_to(8)
    assert Path("run.ipynb").read_text(encoding="utf-8") == notebook_text(cells(session, "run.ipynb"))
    assert Path("run.py").read_text(encoding="utf-8") == script_text(cells(session, "run.py"))
    assert "recorded = {" in nbformat.read("run.ipynb", 4).cells[-1].source


async def test_a_notebook_whose_csv_file_is_gone_says_so(tmp_path: Path) -> None:
    data = tmp_path / "a.csv"
    data.write_text("x,y\n1,2\n2,3\n3,5\n")
    async with running(data=str(data), device="cpu") as (app, pilot):
        data.unlink()
        await export(app, pilot, str(tmp_path / "run.ipynb"))
        await wait(pilot, lambda: "✗ cannot read" in text(app))
    assert list(tmp_path.iterdir()) == []
