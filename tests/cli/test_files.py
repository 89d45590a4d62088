"""Files are written whole or not at all, and every failure is one line."""

from __future__ import annotations

import errno
import json
import os
import resource
import stat
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
    with write_atomically("new.csv") as file:
        file.write("new")
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
        with pytest.raises(InputError) as late, write_atomically(make(folder)) as file:
            file.write("new")
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
    with unchanged(folder), pytest.raises(InputError) as caught, write_atomically(folder / "old.csv") as file:
        file.write("new")
    assert_says(caught.value, "the disk is full")


@pytest.mark.parametrize("length", [2_000, 2_000_000])
def test_a_disk_full_while_writing(folder: Path, length: int) -> None:
    """The system refuses for real: on the final flush for the short text, in the block for the long one."""
    finished = []

    def write() -> None:
        with write_atomically(folder / "old.csv") as file:
            finished.append(file.write("x" * length))

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with unchanged(folder):
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
        try:
            with pytest.raises(InputError) as caught:
                write()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert finished == ([length] if length == 2_000 else [])
    assert_says(caught.value, "the file has become larger than is allowed here")


def test_an_old_files_permissions_are_kept_and_a_new_ones_follow_the_umask(folder: Path) -> None:
    (folder / "old.csv").chmod(0o604)
    before = os.umask(0o027)
    try:
        for name in ("old.csv", "new.csv"):
            with write_atomically(folder / name) as file:
                file.write("new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "old.csv").stat().st_mode) == 0o604
    assert stat.S_IMODE((folder / "new.csv").stat().st_mode) == 0o640


@pytest.mark.parametrize("target", ["old.csv", "sub/not yet.csv"])
def test_a_link_stays_and_its_target_is_replaced(folder: Path, target: str) -> None:
    link = folder / "link.csv"
    link.symlink_to(target)
    check_writable(link)
    with write_atomically(link) as file:
        file.write("new")
    assert link.is_symlink()
    assert (folder / target).read_text() == "new"


def test_numbers_written_with_repr_come_back(tmp_path: Path) -> None:
    numbers = [0.1, -0.0, 5e-324, 1.7976931348623157e308, 1 / 3]
    with write_atomically(tmp_path / "out.jsonl") as file:
        for number in numbers:
            file.write(json.dumps(number) + "\n")
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [float(line).hex() for line in lines] == [number.hex() for number in numbers]
