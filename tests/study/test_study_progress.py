"""What a learner has done: the value, the file, and what becomes of damaged, newer and unwritable files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tui_linreg
from tui_linreg.study.lessons.folder import built_in_lessons
from tui_linreg.study.progress import Count, Left, Progress, describe_progress, progress_json, read_progress
from tui_linreg.study.progress_file import Keeper, first_start, load, progress_path

SOME = (
    Progress()
    .task_done("mse", "a", ["a", "b"])
    .task_done("mse", "b", ["a", "b"])
    .task_done("the-update", "x", ["x", "y"])
    .left_at("the-update", "y")
    .predicted(True, "loss")
    .predicted(True, "grad_b")
    .predicted(False, "loss")
    .predicted(True, "loss")
    .found_mistake("no-x", 2)
    .found_mistake("no-x", 2)
    .found_mistake("none", 1)
)


def becomes_some(progress: Progress) -> Progress:
    """Change empty progress to `SOME`."""
    assert progress == Progress()
    return SOME


def finishes(task: str) -> Callable[[Progress], Progress]:
    return lambda progress: progress.task_done("l", task)


def test_the_value() -> None:
    assert dict(SOME.tasks) == {"mse": {"a", "b"}, "the-update": {"x"}}
    assert SOME.lessons == {"mse"}
    assert SOME.left == Left("the-update", "y")
    assert (SOME.streak, SOME.best_streak) == (1, 2)
    assert dict(SOME.predictions) == {"loss": Count(2, 1), "grad_b": Count(1, 0)}
    assert dict(SOME.found) == {("no-x", 2): 2, ("none", 1): 1}
    assert SOME.is_done("mse", "a")
    assert not SOME.is_done("the-update", "y")
    assert Progress().lesson_done("read").lessons == {"read"}
    reset = SOME.left_at("mse", "a").reset_lesson("mse")
    assert dict(reset.tasks) == {"the-update": {"x"}}
    assert (reset.lessons, reset.left) == (frozenset(), None)
    assert SOME.reset_lesson("mse").left == SOME.left


def test_where_to_go_on() -> None:
    lesson = next(each for each in built_in_lessons().lessons if any(task.optional for task in each.tasks))
    first, second, third, *others = (task.id for task in lesson.needed)
    optional = lesson.tasks[-1].id
    assert Progress().next_task(lesson) == first
    some = Progress().task_done(lesson.id, first)
    assert some.next_task(lesson) == second
    assert some.left_at(lesson.id, third).next_task(lesson) == third
    assert some.left_at(lesson.id, first).next_task(lesson) == second
    assert some.left_at(lesson.id, "gone").next_task(lesson) == second
    assert some.task_done(lesson.id, "gone").done_of(lesson) == 1
    assert some.left_at(lesson.id, optional).next_task(lesson) == optional
    ids, done = [task.id for task in lesson.needed], some
    for id_ in (second, third, *others):
        assert not done.is_finished(lesson)
        done = done.task_done(lesson.id, id_, ids)
    assert done.is_finished(lesson), "without the optional task"
    assert lesson.id in done.lessons
    assert (done.optional_left(lesson), done.next_task(lesson)) == (1, optional)
    done = done.task_done(lesson.id, optional, ids)
    assert (done.optional_left(lesson), done.next_task(lesson)) == (0, None)
    assert done.done_of(lesson) == len(ids)


def test_what_is_printed() -> None:
    lessons = built_in_lessons().lessons
    first, second = lessons[:2]
    progress = SOME.left_at(first.id, first.tasks[1].id)
    for task in first.tasks:
        progress = progress.task_done(first.id, task.id)
    progress = progress.task_done(second.id, second.tasks[-1].id)
    lines = list(describe_progress(progress, lessons))
    assert lines[0] == f"✓ {len(first.tasks)} of {len(first.tasks)} tasks  {first.title}"
    assert lines[1] == f"  0 of {len(second.needed)} tasks, 1 optional  {second.title}"
    assert f"1 of {len(lessons)} lessons finished" in lines
    assert f"left at: {first.title}, task {first.tasks[1].title}" in lines
    assert "predictions: 3 right, 1 wrong, streak 1, best 2" in lines
    assert "  loss: 2 right, 1 wrong" in lines
    assert "  no-x, level 2: 2" in lines
    assert all(line.isprintable() for line in describe_progress(Progress().predicted(True, "\x1b"), ()))


def test_kept_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deep" / "state" / "p.json"
    monkeypatch.setenv("TUI_LINREG_STATE", str(path))
    assert progress_path() == path
    keeper = Keeper()
    assert (keeper.progress, keeper.note) == (Progress(), "")
    assert not path.exists()
    assert keeper.change(becomes_some) == ""
    assert Keeper().progress == keeper.progress == SOME
    assert json.loads(path.read_text())["version"] == 1
    assert not list(path.parent.glob(".tui-linreg-*"))
    monkeypatch.setenv("TUI_LINREG_STATE", "")
    assert progress_path().parts[-2:] == ("tui-linreg", "progress.json")


ids = st.text(max_size=4)
counts = st.integers(0, 2**30)
progresses = st.builds(
    Progress,
    tasks=st.dictionaries(ids, st.frozensets(ids, max_size=3), max_size=3),
    lessons=st.frozensets(ids, max_size=3),
    left=st.none() | st.builds(Left, ids, st.none() | ids),
    streak=counts,
    best_streak=counts,
    predictions=st.dictionaries(ids, st.builds(Count, counts, counts), max_size=3),
    found=st.dictionaries(st.tuples(ids, st.integers(0, 9)), counts, max_size=3),
)


@settings(deadline=None, max_examples=60)
@given(progresses)
def test_json_and_back(progress: Progress) -> None:
    text = json.dumps(progress_json(progress))
    assert read_progress(json.loads(text)) == progress


CHANGES: list[Callable[[Progress], Progress]] = [
    lambda progress: progress.task_done("one", "a"),
    lambda progress: progress.task_done("one", "b", ("a", "b")),
    lambda progress: progress.task_done("two", "c", ("c",)),
    lambda progress: progress.left_at("one", "b"),
    lambda progress: progress.predicted(True, "loss"),
    lambda progress: progress.predicted(False, "grad_b"),
    lambda progress: progress.found_mistake("no-x", 1),
    lambda progress: progress.reset_lesson("one"),
    lambda _: Progress(),
]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from(CHANGES)), max_size=12))
def test_two_apps_have_together_what_one_app_would_have(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[bool, Callable[[Progress], Progress]]]
) -> None:
    path, alone = tmp_path_factory.mktemp("state") / "p.json", Progress()
    keepers = Keeper(path), Keeper(path)
    for second, change in changes:
        alone = change(alone)
        assert keepers[second].change(change) == ""
        assert keepers[second].progress == load(path).progress == alone


def test_a_deleted_file_comes_back_with_all_that_the_app_knows(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    keeper = Keeper(path)
    keeper.change(finishes("one"))
    path.unlink()
    keeper.change(finishes("two"))
    assert load(path).progress.tasks["l"] == {"one", "two"}


LEARNER = """
import sys
from pathlib import Path
from tui_linreg.study.progress_file import Keeper
path, name, many = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
keeper = Keeper(path)
for number in range(many):
    note = keeper.change(lambda p: p.task_done("lesson", f"{name}-{number}").predicted(True, "loss"))
    assert not note, note
"""


def test_two_processes_at_once_keep_every_task(tmp_path: Path) -> None:
    path, many = tmp_path / "p.json", 60
    environment = os.environ | {"PYTHONPATH": str(Path(tui_linreg.__file__).parent.parent)}
    processes = [
        subprocess.Popen([sys.executable, "-B", "-c", LEARNER, str(path), name, str(many)], env=environment)
        for name in ("one", "two")
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    progress = load(path).progress
    assert progress.tasks["lesson"] == {f"{name}-{number}" for name in ("one", "two") for number in range(many)}
    assert progress.predictions["loss"].right == 2 * many


DAMAGED: tuple[bytes, ...] = (
    b"", b"{", b"\xff\xfe", b"[]", b"null", b"{}", b'{"version": "1"}', b'{"version": 0}', b'{"version": true}',
    b'{"version": 1, "tasks": []}', b'{"version": 1, "tasks": {"a": "b"}}', b'{"version": 1, "lessons": [1]}',
    b'{"version": 1, "left": {}}', b'{"version": 1, "streak": {"best": -1}}', b'{"version": 1, "streak": 1.5}',
    b'{"version": 1, "found": {"sign": {"x": 1}}}', b'{"version": 1, "predictions": {"loss": 3}}',
    b'{"version": 1, "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", b"[" * 100_000,
    b'{"version": 1, "more": ' + b"[" * 200 + b"]" * 200 + b"}", b" " * (9 << 20), b'{"version": 1' + b"0" * 9999,
)  # fmt: skip


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_is_set_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(content)
    (tmp_path / "p.json.damaged-1").write_text("an older one")
    keeper = Keeper(path)
    assert keeper.progress == Progress()
    assert "damaged" in keeper.note
    assert "damaged-2" in keeper.note
    assert keeper.note.isprintable()
    assert (tmp_path / "p.json.damaged-2").read_bytes() == content
    assert (tmp_path / "p.json.damaged-1").read_text() == "an older one"
    assert not path.exists()
    assert keeper.change(becomes_some) == ""
    assert load(path).progress == SOME


def test_damaged_while_the_app_runs(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    keeper = Keeper(path)
    keeper.change(becomes_some)
    path.write_text("torn")
    assert "damaged-1" in keeper.change(lambda progress: progress.task_done("mse", "c"))
    assert (tmp_path / "p.json.damaged-1").read_text() == "torn"
    assert load(path).progress == SOME.task_done("mse", "c")


def test_a_newer_versions_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    content = '{"version": 2, "tasks": "of another kind"}'
    path.write_text(content)
    keeper = Keeper(path)
    assert keeper.progress == Progress()
    assert "newer version" in keeper.note
    assert "newer version" in keeper.change(becomes_some)
    assert keeper.progress == SOME, "the app goes on with it"
    assert path.read_text() == content
    assert {file.name for file in tmp_path.iterdir()} <= {"p.json", "p.json.lock"}


def test_unknown_keys_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    more: dict[str, Any] = {"badges": [1, {"a": None}], "huge": 1e300}
    content = {"version": 1, **more, "streak": {"current": 1, "best": 3, "last_day": "Monday"}}
    path.write_text(json.dumps(content))
    keeper = Keeper(path)
    keeper.change(lambda progress: progress.predicted(True, "loss"))
    found = json.loads(path.read_text())
    assert {key: found[key] for key in more} == more
    assert found["streak"] == {"current": 2, "best": 3, "last_day": "Monday"}
    keeper.change(lambda _: Progress())
    found = json.loads(path.read_text())
    assert {key: found[key] for key in more} == more
    assert found["streak"] == {"current": 0, "best": 0}


def test_what_could_not_be_written_is_written_as_soon_as_it_can_be(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    path = folder / "p.json"
    folder.write_text("in the way")
    keeper = Keeper(path)
    for number, task in enumerate(("one", "two"), start=1):
        keeper.change(finishes(task))
        note = keeper.change(lambda progress: progress.predicted(True, "loss"))
        assert "progress is not kept: cannot write" in note
        assert note.isprintable()
        assert keeper.progress.predictions["loss"] == Count(number, 0)
    folder.unlink()
    Keeper(path).change(finishes("of another app"))
    assert keeper.change(finishes("three")) == ""
    assert load(path).progress == keeper.progress
    assert keeper.progress.tasks["l"] == {"one", "two", "three", "of another app"}
    assert keeper.progress.predictions["loss"] == Count(2, 0)


def test_a_file_of_the_version_with_reset_counters_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    counters = {"resets": 3, "lesson_resets": {"mse": 2}}
    path.write_text(json.dumps(progress_json(SOME) | counters))
    keeper = Keeper(path)
    assert (keeper.progress, keeper.note) == (SOME, "")
    assert keeper.change(finishes("one")) == ""
    assert json.loads(path.read_text()).items() >= counters.items()


def test_places_that_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "file" / "p.json", tmp_path / "pipe", Path("a\0b"), tmp_path / ("n" * 300)):
        keeper = Keeper(path)
        assert keeper.progress == Progress()
        note = keeper.change(becomes_some)
        assert "not kept" in note, path
        assert note.isprintable()
        assert keeper.progress == SOME


def test_a_first_start_is_one_without_a_file_and_leaves_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "state" / "progress.json"
    monkeypatch.setenv("TUI_LINREG_STATE", str(path))
    assert first_start()
    assert not first_start()
    loaded = load()
    assert (loaded.progress, loaded.note, loaded.writable) == (Progress(), "", True)
    path.write_text("damaged")
    assert not first_start()
    assert path.read_text() == "damaged"


def test_where_nothing_can_be_written_no_start_is_the_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TUI_LINREG_STATE", str(tmp_path / "file" / "progress.json"))
    assert not first_start()
