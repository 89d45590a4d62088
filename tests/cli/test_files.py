"""Files are written whole or not at all, and every failure is one line."""

from __future__ import annotations

import errno
import os
import resource
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tui_linreg.engine.errors import InputError
from tui_linreg.files import check_writable, write_atomically

BadPath = Callable[[Path], "Path | str"]

# None of these depends on permissions, so that they hold for root too.
BAD_PATHS: dict[str, tuple[BadPath, str]] = {
    "missing folder": (lambda folder: folder / "none" / "out.csv", "its folder does not exist"),
    "under a file": (lambda folder: folder / "old.csv" / "out.csv", "part of its path is a file, not a folder"),
    "a folder": (lambda folder: folder, "it is a folder; a file name is needed"),
    "an empty path": (lambda folder: "", "it is a folder; a file name is needed"),
    "a slash at the end": (lambda folder: f"{folder}/new/", "it is a folder; a file name is needed"),
    "a device": (lambda folder: os.devnull, "it is a pipe or a device; a regular file is needed"),
    "a name too long": (lambda folder: folder / ("n" * 300), "file name too long"),
    "a NUL in the name": (lambda folder: f"{folder}/nul\0byte", "no file can have this name"),
    "a link to itself": (lambda folder: folder / "loop", "too many levels of symbolic links"),
    "a link to a folder": (lambda folder: folder / "folder-link", "it is a folder; a file name is needed"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an old file and some links in it."""
    (tmp_path / "old.csv").write_text("old\n")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "sub").mkdir()
    (tmp_path / "folder-link").symlink_to("sub")
    return tmp_path


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Fail if the block leaves another list of files, or the old file changed."""
    before = sorted(path.name for path in folder.rglob("*"))
    yield
    assert sorted(path.name for path in folder.rglob("*")) == before
    assert (folder / "old.csv").read_text() == "old\n"


def assert_says(error: InputError, words: str) -> None:
    text = str(error)
    assert text.startswith("cannot write '")
    assert text.endswith(f"': {words}")
    assert len(text.splitlines()) == 1
    assert error.field == "out"


def write(path: Path | str, content: str = "new") -> None:
    with write_atomically(path) as file:
        file.write(content)


@pytest.mark.parametrize("name", ["new.csv", "old.csv"])
def test_the_file_is_written_whole(folder: Path, name: str) -> None:
    path = folder / name
    before = path.read_bytes() if path.exists() else None
    text = 'b ← b − η ∂L/∂b\n"1\r\n2"\r\n' * 10_000
    with write_atomically(path) as file:
        file.write(text)
        file.flush()
        assert (path.read_bytes() if path.exists() else None) == before, "not before the block ends"
    assert path.read_bytes() == text.encode()
    assert len(list(folder.iterdir())) == 5 - (name == "old.csv"), "no temporary file stays"


def test_a_relative_text_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    check_writable("new.csv")
    write("new.csv")
    assert (folder / "new.csv").read_text() == "new"


@pytest.mark.parametrize("error", [RuntimeError("stop"), KeyboardInterrupt(), OSError(errno.EPIPE, "of the block")])
def test_an_exception_in_the_block_leaves_the_old_file(folder: Path, error: BaseException) -> None:
    def interrupted() -> None:
        with write_atomically(folder / "old.csv") as file:
            file.write("half of it" * 10_000)
            raise error

    with unchanged(folder), pytest.raises(type(error)) as caught:
        interrupted()
    assert caught.value is error


@pytest.mark.parametrize("case", BAD_PATHS)
def test_paths_that_cannot_be_written(folder: Path, case: str) -> None:
    make, words = BAD_PATHS[case]
    with unchanged(folder):
        with pytest.raises(InputError) as early:
            check_writable(make(folder))
        with pytest.raises(InputError) as late:
            write(make(folder))
    assert_says(early.value, words)
    assert str(late.value) == str(early.value)
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode), "the device is still one"


def test_check_writable_leaves_nothing(folder: Path) -> None:
    with unchanged(folder):
        check_writable(folder / "old.csv")
        check_writable(folder / "new.csv")


def test_a_file_that_may_not_be_written_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may write everything, so the question to the system is answered for it.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with unchanged(folder), pytest.raises(InputError) as caught:
        check_writable(folder / "old.csv")
    assert_says(caught.value, "the file there is read-only")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "permission denied"),
        (errno.EROFS, "it is on a read-only disk"),
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk quota is used up"),
    ],
)
def test_a_folder_that_takes_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str) -> None:
    def refuse(self: Path, mode: int = 0o666, exist_ok: bool = True) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "touch", refuse)
    with unchanged(folder), pytest.raises(InputError) as caught:
        check_writable(folder / "new.csv")
    assert_says(caught.value, words)


@pytest.mark.parametrize("stage", ["fsync", "replace"])
def test_a_disk_full_at_the_end(folder: Path, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if stage == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with unchanged(folder), pytest.raises(InputError) as caught:
        write(folder / "old.csv")
    assert_says(caught.value, "the disk is full")


@pytest.mark.parametrize("length", [2_000, 2_000_000])
def test_a_disk_full_while_writing(folder: Path, length: int) -> None:
    """The system refuses for real: on the final flush for the short text, in the block for the long one."""
    finished = []

    def write_long() -> None:
        with write_atomically(folder / "old.csv") as file:
            finished.append(file.write("x" * length))

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with unchanged(folder):
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
        try:
            with pytest.raises(InputError) as caught:
                write_long()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert finished == ([length] if length == 2_000 else [])
    assert_says(caught.value, "the file has become larger than is allowed here")


def test_an_old_files_permissions_are_kept_and_a_new_ones_follow_the_umask(folder: Path) -> None:
    (folder / "old.csv").chmod(0o604)
    before = os.umask(0o027)
    try:
        for name in ("old.csv", "new.csv"):
            write(folder / name)
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "old.csv").stat().st_mode) == 0o604
    assert stat.S_IMODE((folder / "new.csv").stat().st_mode) == 0o640


@pytest.mark.parametrize("target", ["old.csv", "sub/not yet.csv"])
def test_a_link_stays_and_its_target_is_replaced(folder: Path, target: str) -> None:
    link = folder / "link.csv"
    link.symlink_to(target)
    check_writable(link)
    write(link)
    assert link.is_symlink()
    assert (folder / target).read_text() == "new"


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


LEFT = ".tui-linreg-0123456789abcdef.tmp"


def test_what_a_killed_writer_left_behind_goes_after_a_day_and_nothing_else_does(tmp_path: Path) -> None:
    others = [
        LEFT.replace("f.tmp", ".tmp"), LEFT.replace("abcdef", "ABCDEF"), f"{LEFT}.csv", f"a{LEFT}", f"{LEFT}\n",
    ]  # fmt: skip
    for name in (LEFT, *others):
        (tmp_path / name).write_text("half of it")
    # Of such a name, but no plain file.
    (tmp_path / LEFT.replace("0", "1")).mkdir()
    (tmp_path / LEFT.replace("0", "2")).symlink_to(others[0])
    (tmp_path / LEFT.replace("0", "3")).symlink_to("nowhere")
    os.mkfifo(tmp_path / LEFT.replace("0", "4"))
    for path in tmp_path.iterdir():
        os.utime(path, (0, time.time() - 90_000), follow_symlinks=False)
    # That of a writer who may be alive.
    (tmp_path / LEFT.replace("0", "5")).write_text("half of it")
    before = {path.name for path in tmp_path.iterdir()}
    check_writable(tmp_path / "out.csv")
    assert {path.name for path in tmp_path.iterdir()} == before, "a question removes nothing"
    write(tmp_path / "out.csv")
    assert {path.name for path in tmp_path.iterdir()} == before - {LEFT} | {"out.csv"}


def test_one_file_is_written_while_another_is(tmp_path: Path) -> None:
    with write_atomically(tmp_path / "outer.csv") as outer:
        outer.write("outer")
        write(tmp_path / "inner.csv", "inner")
        write(tmp_path / "outer.csv", "another writer's")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"inner.csv": "inner", "outer.csv": "outer"}
