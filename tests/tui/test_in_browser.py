"""What the app does otherwise where a browser shows it: downloads, no field for a file, progress that is not kept."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import TextIO

import pytest
from app_helpers import lines, press_means, running, settle, text, typed, wait
from textual.widgets import Input

from tui_linreg.engine import RunConfig, Session
from tui_linreg.settings import Settings
from tui_linreg.study.student.student import Student
from tui_linreg.tui import outgoing
from tui_linreg.tui.app import LinRegApp
from tui_linreg.tui.dialogs.controls import Choice
from tui_linreg.tui.features.editing.edit_dialog import EditDialog

TINY = str(Path(__file__).parents[1] / "data" / "tiny.csv")


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """Have the app believe that a browser shows it, in an empty folder; what it is given, by name."""
    came: dict[str, str] = {}

    def deliver_text(_: LinRegApp, file: TextIO, *, save_filename: str) -> None:
        came[save_filename] = file.read()

    monkeypatch.setattr(LinRegApp, "is_web", property(lambda _: True))
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    monkeypatch.setattr(LinRegApp, "deliver_text", deliver_text)
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return came


async def test_the_vectors_are_a_download_of_the_other_kind(downloads: dict[str, str]) -> None:
    async with running() as (app, pilot):
        await pilot.press("down", "x")
        assert not app.screen.query(Input)
        await pilot.press("right", "enter")
        await wait(pilot, lambda: "tui-linreg-trace.jsonl" in downloads)
        assert "2 steps sent to your browser as 'tui-linreg-trace.jsonl'" in text(app)
    session = Session(RunConfig())
    session.train_to(2)
    records = [json.loads(line) for line in downloads["tui-linreg-trace.jsonl"].splitlines()]
    assert [record["scratch_y_pred"] for record in records] == [
        session.step(number).scratch.y_pred.tolist() for number in range(2)
    ]
    assert os.listdir() == []  # noqa: PTH208


async def test_a_download_has_a_longest_length(downloads: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "MOST_CHARACTERS", 1 << 20)
    async with running(epochs=2000) as (app, pilot):
        await pilot.press("g", *typed("8000"), "enter")
        await wait(pilot, lambda: app.idle and app.controller.run.cursor.step == 7999)
        await pilot.press("x", "enter")
        said = "✗ 'tui-linreg-trace.csv' is longer than 1 million characters, the most of a download"
        await wait(pilot, lambda: said in text(app))
        await pilot.press("s")
        await wait(pilot, lambda: "tui-linreg-step-8000.svg" in downloads)
    assert list(downloads) == ["tui-linreg-step-8000.svg"]
    assert os.listdir() == []  # noqa: PTH208


def sources(dialog: EditDialog) -> str:
    return dialog.query_one("#source", Choice).render().plain


async def test_no_file_of_one_s_own_can_be_begun(downloads: dict[str, str]) -> None:
    async with running() as (app, pilot):
        await pilot.press("W")
        await wait(pilot, lambda: "In a browser no file of your own runs; in a terminal:" in text(app))
        assert "student --new mine.py" in text(app)
        assert not app.screen.query(Input)


async def test_the_form_has_no_field_for_a_file(downloads: dict[str, str]) -> None:
    async with running(dataset="tiny") as (app, pilot):
        await pilot.press("e")
        assert isinstance(app.screen, EditDialog)
        assert "CSV" not in sources(app.screen)
        assert not app.screen.rows["data"].display


async def test_the_file_that_is_served_can_be_chosen_again_and_no_other(downloads: dict[str, str]) -> None:
    async with running(data=TINY) as (app, pilot):
        await pilot.press("e")
        assert isinstance(app.screen, EditDialog)
        assert "● CSV file" in sources(app.screen)
        assert not app.screen.rows["data"].display
        assert app.screen.rows["x"].display
        await pilot.press("up", "left", "enter")
        await wait(pilot, lambda: app.controller.config.source == "tiny")
        await pilot.press("e")
        assert isinstance(app.screen, EditDialog)
        app.screen.rows["data"].query_one(Input).value = "/etc/passwd"  # should it ever be reached
        await pilot.press("up", "right", "enter")
        await wait(pilot, lambda: app.controller.config.data == TINY)


def told_folders(app: LinRegApp, folder: Path) -> list[str]:
    """Return the lines on the screen that name this folder or one above it, even cut short."""
    parts = [part for part in folder.parts if len(part) > 3]
    return [line for line in lines(app) if any(part in line for part in parts)]


async def test_no_path_of_the_server_reaches_the_page(
    downloads: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "private-folder"
    folder.mkdir()
    data = folder / "shown.csv"
    data.write_text(Path(TINY).read_text())
    copied: list[str] = []
    monkeypatch.setattr(LinRegApp, "copy_to_clipboard", lambda _, text: copied.append(text))
    async with running(data=str(data)) as (app, pilot):
        for keys in ("", "e", "Y", "x", "p e", "question_mark", "G"):
            await pilot.press(*keys.split())
            assert not told_folders(app, folder), keys
            await pilot.press("escape")
        assert copied == ["tui-linreg --data shown.csv"]
        for ending in ("ipynb", "py"):
            await pilot.press("x", *["right"] * (2 if ending == "ipynb" else 3), "enter")
            name = f"tui-linreg-trace.{ending}"
            await wait(pilot, partial(downloads.__contains__, name))
            assert str(tmp_path) not in downloads[name]
            assert "private-folder" not in downloads[name]
            assert "shown.csv" in downloads[name]
        await pilot.press("escape")
        data.write_text("x,y\n1,2\n3,nothing\n")
        await pilot.press("e", *typed("0.02"), "enter")
        await wait(pilot, lambda: "'shown.csv'" in "".join(lines(app)))
        assert not told_folders(app, folder)
        data.unlink()
        await pilot.press("enter")
        await wait(pilot, lambda: "cannot" in "".join(lines(app)) or "no such" in "".join(lines(app)))
        assert not told_folders(app, folder)


async def test_nor_does_that_of_a_learners_file_or_a_lesson(downloads: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "private-folder"
    folder.mkdir()
    mine = folder / "mine.py"
    good = "def update(x, y_true, y_pred, lr):\n    return 0.0, 0.0\n"
    mine.write_text(good)
    (folder / "beside.py").write_text("")
    (folder / "broken.md").write_text("no lesson\n")
    with Student(str(mine)) as student:
        app = LinRegApp(RunConfig(data=TINY), Settings(), student, str(folder))
        async with app.run_test(size=(160, 45)) as pilot:
            await wait(pilot, lambda: app.controller.loaded)
            press_means(pilot, app, settle)
            for keys in ("", "Y", "W", "c", "L end"):
                await pilot.press(*keys.split())
                assert not told_folders(app, folder), keys
                await pilot.press("escape")
            for broken, said in (
                ("from beside import nothing\n", "cannot import name"), ("", "update"), ("x = (", "never closed")
            ):  # fmt: skip
                mine.write_text(broken)
                await wait(pilot, lambda: said in "".join(lines(app)))  # noqa: B023  # waited for at once
                assert not told_folders(app, folder), broken
            mine.unlink()
            await wait(pilot, lambda: "the file is gone" in "".join(lines(app)))
            assert not told_folders(app, folder)


async def test_progress_is_neither_read_nor_kept(downloads: dict[str, str], tmp_path: Path) -> None:
    kept = tmp_path / "progress.json"
    kept.write_text("of another")
    async with running() as (app, _):
        note = app.controller.progress.change(lambda progress: progress.found_mistake("sign", 1))
        assert note == ""
        assert sum(app.controller.progress.progress.found.values()) == 1
    assert kept.read_text() == "of another"
    assert {path.name for path in tmp_path.iterdir()} == {"progress.json", "empty"}
