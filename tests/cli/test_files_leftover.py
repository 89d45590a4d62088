"""What a killed writer left behind goes with the next write, and nothing else does; a rename is brought to the disk."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tui_linreg.files import check_writable, write_atomically

fcntl = pytest.importorskip("fcntl", reason="this system has no such locks")

LEFT = ".tui-linreg-0123456789abcdef.tmp"


def write(path: Path, content: str = "new") -> None:
    with write_atomically(path) as file:
        file.write(content)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("content", ["", "half of it"])
def test_a_file_left_behind_goes_with_the_next_write(tmp_path: Path, content: str) -> None:
    (tmp_path / LEFT).write_text(content)
    check_writable(tmp_path / "out.csv")
    assert names(tmp_path) == {LEFT}, "a question removes nothing"
    write(tmp_path / "out.csv")
    assert names(tmp_path) == {"out.csv"}


def test_other_files_stay(tmp_path: Path) -> None:
    others = [
        ".tui-linreg-0123456789abcde.tmp",
        ".tui-linreg-0123456789ABCDEF.tmp",
        ".tui-linreg-0123456789abcdef.tmp.csv",
        "a.tui-linreg-0123456789abcdef.tmp",
        ".tui-linreg-0123456789abcdef.tmp\n",
    ]
    for name in others:
        (tmp_path / name).write_text("mine")
    # Of our name, but not of our making.
    (tmp_path / LEFT.replace("0", "1")).mkdir()
    (tmp_path / LEFT.replace("0", "2")).symlink_to(others[0])
    (tmp_path / LEFT.replace("0", "3")).symlink_to("nowhere")
    os.mkfifo(tmp_path / LEFT.replace("0", "4"))
    before = names(tmp_path)
    write(tmp_path / "out.csv")
    assert names(tmp_path) == before | {"out.csv"}
    assert (tmp_path / others[0]).read_text() == "mine"


def test_a_file_of_a_living_writer_stays(tmp_path: Path) -> None:
    """In this process and in another one."""
    code = (
        "import sys, tui_linreg.files as f\nwith f.write_atomically(sys.argv[1]): print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "other.csv")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with write_atomically(tmp_path / "outer.csv") as outer:
            outer.write("outer")
            outer.flush()
            write(tmp_path / "inner.csv", "inner")
            assert len(names(tmp_path)) == 3, "the inner file and two temporary ones"
        process.communicate()
    assert process.returncode == 0
    assert names(tmp_path) == {"inner.csv", "outer.csv", "other.csv"}
    assert (tmp_path / "outer.csv").read_text() == "outer"


def removed(path: Path) -> None:
    path.unlink()


def locked(path: Path) -> None:
    fcntl.flock(os.open(path, os.O_RDWR), fcntl.LOCK_EX)


@pytest.mark.parametrize("meanwhile", [removed, locked])
def test_another_removes_it_before_it_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[Path], None]
) -> None:
    touch = Path.touch
    taken: list[Path] = []

    def touch_and_lose(self: Path, mode: int = 0o666, exist_ok: bool = True) -> None:
        touch(self, mode, exist_ok)
        if not taken:
            taken.append(self)
            meanwhile(self)

    monkeypatch.setattr(Path, "touch", touch_and_lose)
    with write_atomically(tmp_path / "out.csv") as file:
        file.write("new")
        taken[0].unlink(missing_ok=True)  # which the other one does as soon as it has the lock
    assert (tmp_path / "out.csv").read_text() == "new"
    assert names(tmp_path) == {"out.csv"}


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_where_there_are_no_locks_nothing_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    (tmp_path / LEFT).touch()
    monkeypatch.setattr(fcntl, "flock", refuse)
    check_writable(tmp_path / "out.csv")
    write(tmp_path / "out.csv")
    assert names(tmp_path) == {LEFT, "out.csv"}


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    def interrupted() -> None:
        with write_atomically(tmp_path / "out.csv"):
            raise KeyboardInterrupt

    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(3):
        (tmp_path / LEFT).touch()
        write(tmp_path / "out.csv")
        check_writable(tmp_path / "out.csv")
        with pytest.raises(KeyboardInterrupt):
            interrupted()
    assert len(list(Path("/dev/fd").iterdir())) == before


@pytest.mark.parametrize("refuses", [False, True])
def test_content_reaches_the_disk_before_its_name_and_the_name_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refuses: bool
) -> None:
    done: list[str] = []
    replace, fsync = Path.replace, os.fsync

    def record_fsync(descriptor: int) -> None:
        folder = os.path.samestat(os.fstat(descriptor), tmp_path.stat())
        done.append("folder" if folder else f"file of {os.fstat(descriptor).st_size}")
        if folder and refuses:
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    def record_replace(self: Path, target: Path) -> Path:
        done.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", record_fsync)
    monkeypatch.setattr(Path, "replace", record_replace)
    write(tmp_path / "out.csv")
    assert done == ["file of 3", "rename", "folder"]
    assert (tmp_path / "out.csv").read_text() == "new"
