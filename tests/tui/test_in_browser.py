"""What the app does otherwise where a browser shows it: downloads, no field for a file, progress that is not kept."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TextIO

import pytest
from app_helpers import running, text, typed, wait
from textual.widgets import Input

from tui_linreg.engine import RunConfig, Session
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


async def test_progress_is_neither_read_nor_kept(downloads: dict[str, str], tmp_path: Path) -> None:
    kept = tmp_path / "progress.json"
    kept.write_text("of another")
    async with running() as (app, _):
        note = app.controller.progress.change(lambda progress: progress.found_mistake("sign", 1))
        assert note == ""
        assert sum(app.controller.progress.progress.found.values()) == 1
    assert kept.read_text() == "of another"
    assert {path.name for path in tmp_path.iterdir()} == {"progress.json", "empty"}
