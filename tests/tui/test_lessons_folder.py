"""A teacher's folder in the app: its lessons after the built-in ones, mistakes by file and line, texts as text."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from app_helpers import feature, lines, quiet, settle, text, wait
from cli_helpers import Run, runner
from lesson_helpers import LESSONS, course

from tui_linreg.engine.config import RunConfig
from tui_linreg.settings import Settings
from tui_linreg.tui.app import LinRegApp
from tui_linreg.tui.features.lessons.answer_dialog import LessonAnswerDialog
from tui_linreg.tui.features.lessons.feature import Lessons
from tui_linreg.tui.features.lessons.list_dialog import LessonsDialog

OWN = """---
id: own
title: [red]Mine[/red] & [@click=app.quit]yours[/] 線形
minutes: 9
data: mine.csv
batch-size: 2
start: step 4000 phase 2
---
## [bold]Page[/bold]

- an item that is long enough to be broken, so that its second line hangs below the first
- **strong** and `code` and [link](x)

    code   stays    as it is

## Task: [blink]Name[/blink]

Type [b]one[/b].

answer: choice b
option: [i]a[/i]
option: $b$
hint: [u]hint[/u]
"""
BAD = OWN.replace("id: own", "id: bad").replace("minutes: 9", "minutes: many")
NO_DATA = OWN.replace("id: own", "id: no-data").replace("mine.csv", "absent.csv").replace("Mine", "Broken")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "[red]lessons"
    found.mkdir()
    (found / "a.md").write_text(OWN, encoding="utf-8")
    (found / "b\x1b[31m.md").write_text(BAD, encoding="utf-8")
    (found / "c.md").write_text(NO_DATA, encoding="utf-8")
    (found / "d.md").write_text(OWN.replace("Page", "\x1b]0;title\x07"), encoding="utf-8")
    (found / "mine.csv").write_text("x,y\n" + "".join(f"{i},{2 * i + 1}\n" for i in range(20)))
    return found


def box(app: LinRegApp) -> str:
    """The text in the dialog's box, without the spaces at which it may be broken anywhere."""
    region = app.screen.query_one("#box").region
    rows = lines(app)[region.y + 1 : region.bottom - 1]
    return "".join("".join(row[region.x + 1 : region.right - 1].split()) for row in rows)


@pytest.mark.parametrize("size", [(160, 45), (60, 18)], ids=str)
async def test_its_lessons_and_its_mistakes(folder: Path, size: tuple[int, int]) -> None:
    app = LinRegApp(RunConfig(device="cpu"), Settings(), lessons=str(folder))
    async with app.run_test(size=size) as pilot:
        await wait(pilot, lambda: app.controller.loaded)
        await pilot.press("L")
        await wait(pilot, lambda: isinstance(app.screen, LessonsDialog))
        await pilot.press("end")
        seen = ""
        for _ in range(12):
            await pilot.press("down")
            await settle(app, pilot)
            seen += box(app)
        assert "\x1b" not in seen
        assert "b\\x1b[31m.md" in seen
        assert "minutes'many':mustbeawholenumber" in seen
        assert "holdsacontrolcharacter" in seen
        await pilot.press("up")  # the last of the list is the one without data
        await settle(app, pilot)
        if size[0] > 100:
            assert "13[red]Mine[/red]&[@click=app.quit]yours[/]線形about9minnotbegun" in box(app)
        await pilot.press("enter")
        await wait(pilot, lambda: feature(app, Lessons).session is not None and app.idle)
        await quiet(app, pilot)
        assert course(app).number == len(LESSONS) + 1
        await settle(app, pilot)
        assert "[bold]Page[/bold]" in text(app)
        assert "code   stays    as it is" in text(app)
        assert "strong and code and [link](x)" in " ".join(text(app).split())
        assert app.controller.run.cursor.step == app.controller.run.last, "a start beyond the end is the end"
        await pilot.press("enter", "H")
        await settle(app, pilot)
        assert "[u]hint[/u]" in text(app)
        await pilot.press("enter")
        await wait(pilot, lambda: isinstance(app.screen, LessonAnswerDialog))
        assert "Type [b]one[/b]." in text(app)
        assert "[i]a[/i]" in text(app)
        await pilot.press("b", "enter")
        await wait(pilot, lambda: course(app).finished == {"blink-name-blink"})


async def test_a_run_that_cannot_be_loaded_leaves_the_lesson(folder: Path) -> None:
    app = LinRegApp(RunConfig(device="cpu"), Settings(), lessons=str(folder))
    async with app.run_test(size=(160, 45)) as pilot:
        await wait(pilot, lambda: app.controller.loaded)
        own = app.controller.run
        await pilot.press("L")
        await wait(pilot, lambda: isinstance(app.screen, LessonsDialog))
        await pilot.press("end", "enter")
        await wait(pilot, lambda: "absent.csv" in text(app) and app.screen is app.main)
        assert feature(app, Lessons).session is None
        assert app.controller.run is own
        await pilot.press("down")
        await settle(app, pilot)
        assert own.cursor.step == 1
        (folder / "a.md").unlink()
        for path in folder.glob("*.md"):
            path.unlink()
        await pilot.press("L")
        await wait(pilot, lambda: "holds no file that ends in .md" in text(app))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    return runner(capsys, monkeypatch, tmp_path)


def test_the_command_line_says_what_is_wrong(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for args, said in (
        (("--lessons", str(tmp_path / "nowhere")), "nowhere': cannot be read: no such file or directory"),
        (("--lessons", str(tmp_path / "empty")), "holds no file that ends in .md"),
        (("--lessons", str(tmp_path), "train"), "--lessons: is an option of the app; train has no lessons"),
    ):
        result = run(*args)
        assert result.code == 2
        assert said in result.err
        assert result.err.count("\n") == 1
        assert not result.out


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_the_moment_a_task_is_done_nothing_is_lost(tmp_path: Path) -> None:
    script = (
        "import asyncio, os, signal, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[1] / 'helpers')!r})\n"
        "from app_helpers import running\n"
        "from lesson_helpers import begin, course, to_tasks\n"
        "from tui_linreg.tui.features.lessons.feature import Lessons as Screen\n"
        "after = Screen._task_done\n"
        "def done(self, course, said):\n"
        "    after(self, course, said)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "Screen._task_done = done\n"
        "async def main():\n"
        "    async with running(device='cpu') as (app, pilot):\n"
        "        await begin(app, pilot, 'the-model')\n"
        "        await to_tasks(app, pilot)\n"
        "        await pilot.press('l')\n"
        "asyncio.run(main())\n"
    )
    file = tmp_path / "kept" / "progress.json"
    env = os.environ | {"TUI_LINREG_STATE": str(file), "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run([sys.executable, "-c", script], env=env, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert '"predict"' in file.read_text()
