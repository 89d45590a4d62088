"""Files written from inside the app: whatever the disk says, the screen says it in a line and the app goes on."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from app_helpers import App, Driver, assert_shows, lines, running, straight_run, text, wait
from textual.widgets import Input

from tui_linreg.engine.phases import Phase
from tui_linreg.settings import Settings
from tui_linreg.tui import jobs
from tui_linreg.tui.features.reading.glossary_dialog import GlossaryDialog

pytestmark = pytest.mark.skipif(os.name != "posix", reason="disks are filled and folders closed as POSIX systems do")

TRACE = "tui-linreg-trace.csv"


def message(app: App) -> str:
    """What the screen says went wrong; a dialog breaks it into lines, all of them within its border."""
    screen = lines(app)
    for number, line in enumerate(screen):
        if (column := line.find("✗ cannot write")) >= 0:
            return " ".join(" ".join(part[column:].split("│")[0] for part in screen[number : number + 2]).split())
    return ""


async def failed_picture(app: App, pilot: Driver) -> str:
    await pilot.press("s")
    await wait(pilot, lambda: bool(message(app)), "the message")
    return message(app)


async def export(app: App, pilot: Driver, path: str = TRACE) -> None:
    """Ask for an export; what is wrong is said in the dialog or, when it comes later, on the main screen."""
    await pilot.press("x")
    await wait(pilot, lambda: bool(app.screen.query(Input)))
    app.screen.query_one(Input).value = path
    await pilot.pause()
    await pilot.press("enter")
    if "exists; enter again" in text(app):
        await pilot.press("enter")


async def failed_export(app: App, pilot: Driver, path: str = TRACE) -> str:
    await export(app, pilot, path)
    await wait(pilot, lambda: bool(message(app)), "the message")
    shown = message(app)
    if app.screen is not app.main:
        await pilot.press("escape")
    await wait(pilot, lambda: app.screen is app.main)
    return shown


@pytest.mark.parametrize(
    ("key", "save", "words"),
    [("question_mark", "s", "seven phases"), ("d", "s", "General form"), ("c", "s", "torch"), ("e", "ctrl+s", "batch")],
)
async def test_a_dialog_has_its_picture_taken(
    key: str, save: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running() as (app, pilot):
        await pilot.press(key)
        dialog = app.screen
        assert dialog is not app.main
        await pilot.press(save)
        await wait(pilot, lambda: "screenshot saved: tui-linreg-step-1.svg" in text(app))
        assert app.screen is dialog
        assert words in (tmp_path / "tui-linreg-step-1.svg").read_text(encoding="utf-8").replace("&#160;", " ")


async def test_remapped_keys_act_in_dialogs_where_these_have_no_other_use_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = {"screenshot": "v,j", "glossary": "w", "samples.down": "J", "samples.up": "K", "batch.next": "down"}
    async with running(settings=Settings(keys=keys)) as (app, pilot):
        await pilot.press("question_mark")
        help_screen = app.screen
        assert "w glossary" in text(app)
        assert "G glossary" not in text(app)
        await pilot.press("s", "j", "G")  # not any more; j scrolls here
        assert not list(tmp_path.glob("*.svg"))
        assert app.screen is help_screen
        await pilot.press("v")
        await wait(pilot, lambda: len(list(tmp_path.glob("*.svg"))) == 1, "a picture")
        await pilot.press("w")
        assert isinstance(app.screen, GlossaryDialog)
        await pilot.press("w", "escape")
        assert app.screen is help_screen


async def test_s_is_typed_into_a_field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with running() as (app, pilot):
        await pilot.press("x", "s")
        assert "s" in app.screen.query_one(Input).value
        assert not list(tmp_path.glob("*.svg"))


async def goes_on(app: App, pilot: Driver, step: int) -> None:
    """The app still steps, from `step` to the next."""
    await pilot.press("down")
    assert_shows(app, straight_run(64)[step + 1], Phase.UPDATE)
    assert "✗" not in text(app)
    assert app.is_running


@contextmanager
def small_limit(most: int) -> Iterator[None]:
    """The system itself refuses to let any file grow beyond `most` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with an older export in it."""
    place = tmp_path / "work"
    place.mkdir()
    (place / TRACE).write_text("old\n")
    monkeypatch.chdir(place)
    return place


def assert_untouched(folder: Path) -> None:
    assert [path.name for path in folder.iterdir()] == [TRACE]
    assert (folder / TRACE).read_text() == "old\n"


async def test_a_file_that_may_not_grow(folder: Path) -> None:
    async with running() as (app, pilot):
        with small_limit(100):
            assert "the file has become larger than is allowed here" in await failed_picture(app, pilot)
            await goes_on(app, pilot, 0)
            assert "larger than is allowed here" in await failed_export(app, pilot)
            await goes_on(app, pilot, 1)
        assert_untouched(folder)
        await export(app, pilot)
        await wait(pilot, lambda: "3 steps written" in text(app))
    assert len((folder / TRACE).read_text().splitlines()) == 4, "as soon as there is room"


async def test_a_working_directory_that_was_deleted(folder: Path) -> None:
    async with running() as (app, pilot):
        (folder / TRACE).unlink()
        folder.rmdir()
        assert "its folder does not exist" in await failed_picture(app, pilot)
        assert "its folder does not exist" in await failed_export(app, pilot)
        await goes_on(app, pilot, 0)
        elsewhere = folder.parent / TRACE
        await export(app, pilot, str(elsewhere))
        await wait(pilot, lambda: "2 steps written" in text(app))
        assert elsewhere.exists()


async def test_a_folder_that_goes_between_enter_and_the_writing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = jobs.export
    other = folder / "other"
    other.mkdir()

    def gone_before_it_begins(*arguments: object) -> object:
        other.rmdir()
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "export", gone_before_it_begins)
    async with running() as (app, pilot):
        assert "its folder does not exist" in await failed_export(app, pilot, "other/trace.jsonl")
        await goes_on(app, pilot, 0)
    assert_untouched(folder)


async def test_an_older_file_that_may_not_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / TRACE).chmod(stat.S_IRUSR)
    if os.access(folder / TRACE, os.W_OK):
        # Root may write everything, so the question to the system is answered for it.
        monkeypatch.setattr(os, "access", lambda path, mode: False)
    async with running() as (app, pilot):
        assert "the file there is read-only" in await failed_export(app, pilot)
        await goes_on(app, pilot, 0)
    assert_untouched(folder)
