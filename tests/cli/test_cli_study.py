"""`tui-linreg progress`: what it prints, writes and leaves alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_helpers import Run, assert_refused, runner

from tui_linreg.study.lessons.folder import built_in_lessons

HELD = {
    "version": 1,
    "tasks": {"own": ["a", "b"]},
    "lessons": ["own"],
    "streak": {"current": 2, "best": 5},
    "predictions": {"loss": {"right": 3, "wrong": 1}, "b": {"right": 1, "wrong": 0}},
    "found": {"sign": {"2": 3}},
    "from a later version": [1, {"kept": True}],
}


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "state" / "progress.json"
    monkeypatch.setenv("TUI_LINREG_STATE", str(path))
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: Path) -> Run:
    return runner(capsys, monkeypatch, tmp_path)


def hold(file: Path, held: object = HELD) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(held if isinstance(held, str) else json.dumps(held))


def beside(file: Path) -> set[str]:
    return {path.name for path in file.parent.iterdir()} - {f"{file.name}.lock"}


def test_without_progress_there_is_one_line(run: Run, file: Path) -> None:
    assert run("progress") == (0, f"no progress yet; it will be kept in {file}\n", "")
    assert run("progress", "--reset") == (0, "nothing to reset: no progress yet\n", "")
    assert not file.parent.exists()
    empty = json.loads(run("progress", "--json").out)
    assert (empty["tasks"], empty["lessons"], empty["left"], empty["found"]) == ({}, [], None, {})
    assert not file.parent.exists()


def test_progress_says_what_the_file_holds(run: Run, file: Path) -> None:
    lesson = next(each for each in built_in_lessons().lessons if each.tasks)
    hold(file, HELD | {"tasks": {lesson.id: [lesson.tasks[0].id]}, "left": {"lesson": lesson.id, "task": None}})
    before = file.read_bytes()
    result = run("progress")
    lines = result.out.splitlines()
    assert (result.code, result.err) == (0, "")
    assert f"· 1 of {len(lesson.tasks)} tasks  {lesson.title}" in lines
    assert f"left at: {lesson.title}" in lines
    assert "predictions: 4 right, 1 wrong, streak 2, best 5" in lines
    assert "mistakes found: 3" in lines
    assert file.read_bytes() == before
    assert beside(file) == {file.name}


def test_progress_as_json_is_what_the_file_holds(run: Run, file: Path) -> None:
    hold(file)
    result = run("progress", "--json")
    assert (result.code, result.err, result.out.count("\n")) == (0, "", 1)
    found = json.loads(result.out)
    for key in ("tasks", "lessons", "streak", "predictions", "found"):
        assert found[key] == HELD[key]


def test_reset_keeps_a_copy_and_says_so(run: Run, file: Path) -> None:
    hold(file)
    copies = [f"{file.name}.before-reset-{number}" for number in (1, 2)]
    result = run("progress", "--reset")
    assert result == (0, f"progress begins anew; what was there is kept as {file.parent / copies[0]}\n", "")
    assert json.loads((file.parent / copies[0]).read_text()) == HELD
    held = json.loads(file.read_text())
    assert (held["tasks"], held["predictions"], held["found"]) == ({}, {}, {})
    assert held["from a later version"] == HELD["from a later version"]
    assert "mistakes found: 0" in run("progress").out

    assert run("progress", "--reset").out == "nothing to reset: no progress yet\n"
    assert beside(file) == {file.name, copies[0]}

    hold(file)
    assert run("progress", "--reset").out.endswith(f"{copies[1]}\n")
    assert json.loads((file.parent / copies[0]).read_text()) == HELD


def test_a_copy_that_cannot_be_written_resets_nothing(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = file.with_name("p" * 245)  # that name fits, the copy's does not
    monkeypatch.setenv("TUI_LINREG_STATE", str(long))
    hold(long)
    assert_refused(run("progress", "--reset"), "nothing is reset: cannot write")
    assert json.loads(long.read_text()) == HELD
    assert beside(long) == {long.name}


def test_a_damaged_file_is_set_aside_and_said(run: Run, file: Path) -> None:
    hold(file, "{not json")
    result = run("progress")
    assert (result.code, result.out) == (0, f"no progress yet; it will be kept in {file}\n")
    assert result.err.startswith("tui-linreg: the progress file was damaged; it is kept as ")
    assert result.err.count("\n") == 1
    assert (file.parent / f"{file.name}.damaged-1").read_text() == "{not json"


@pytest.mark.parametrize("option", [[], ["--json"], ["--reset"]])
def test_a_file_that_must_be_left_alone_is(run: Run, file: Path, option: list[str]) -> None:
    hold(file, {"version": 99, "tasks": "?"})
    before = file.read_bytes()
    assert_refused(run("progress", *option), "of a newer version")
    assert file.read_bytes() == before
    file.unlink()
    file.mkdir()
    assert_refused(run("progress", *option), "cannot read the progress file")
