"""Writing a file whole or not at all."""

from __future__ import annotations

import errno
import io
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tui_linreg.engine.errors import InputError, quoted

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Where the system's own words mislead about a file that is to be written.
_PLAIN_WORDS = {
    errno.ENOENT: "its folder does not exist",
    errno.ENOTDIR: "part of its path is a file, not a folder",
    errno.EISDIR: "it is a folder; a file name is needed",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file has become larger than is allowed here",
    errno.EROFS: "it is on a read-only disk",
}

# The names of `_create_beside` and no others, so that no file of anybody else is ever taken for one of ours.
_TEMPORARY = re.compile(r"\.tui-linreg-[0-9a-f]{16}\.tmp")
_ABANDONED_AFTER = 24 * 60 * 60
"""Seconds without a write after which a temporary file counts as left behind by a killed process."""


def path_named_by(variable: str) -> Path | None:
    """Return the path that an environment variable names, a leading ~ meaning the home folder; None where it is unset.

    Raises:
        InputError: when it begins with ~ and there is no such home folder.
    """
    named = os.environ.get(variable)
    if not named:
        return None
    path = os.path.expanduser(named)  # noqa: PTH111  # Path.expanduser raises, and this tells as well
    if path.startswith("~"):
        raise InputError(f"{variable} {quoted(named)}: there is no such home folder; give a whole path")
    return Path(path)


@contextmanager
def write_atomically(path: str | Path) -> Iterator[TextIO]:
    r"""Give a UTF-8 text handle (`\n` stays `\n`) whose content becomes the file at `path` when the block ends well.

    Until then the content is in a temporary file in the same folder; if the block raises, that file is removed and
    an older file at `path` stays as it was. An older file's permissions are kept, a new one's follow the umask. Where
    `path` is a symbolic link, the file that it points to is replaced. The content is on the disk before it gets its
    name, so that after a kill or a power cut the file is the old or the new one, whole; a temporary file that a kill
    left behind is removed by a write into its folder a day later.

    Raises:
        InputError: with field "out", for every way in which the file cannot be written, at the start (missing or
            read-only folder, a folder or a device as path) or later (disk full). An OSError of the block's own work
            passes unchanged.
    """
    shown = quoted(path)
    target, mode = _target(path, shown)
    _remove_abandoned(target.parent)
    temporary = _create_beside(target, shown)
    try:
        with _handle(temporary, shown) as handle:
            yield handle
            handle.flush()
            with _as_input_error(shown):
                if mode is not None:
                    temporary.chmod(mode)
                os.fsync(handle.fileno())
        with _as_input_error(shown):
            temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(target.parent)


def check_writable(path: str | Path) -> None:
    """Try what `write_atomically` does first, and leave nothing behind: call it before long work.

    Raises:
        InputError: the same, with field "out", that writing would raise at its start.
    """
    shown = quoted(path)
    target, _ = _target(path, shown)
    temporary = _create_beside(target, shown)
    with _as_input_error(shown):
        temporary.unlink()


def _target(path: str | Path, shown: str) -> tuple[Path, int | None]:
    """Return the file to replace, links followed, and its permission bits (None where there is no file yet)."""
    if not str(path) or str(path).endswith(("/", os.sep)):
        raise _cannot_write(shown, _PLAIN_WORDS[errno.EISDIR])
    with _as_input_error(shown):
        target = Path(os.path.realpath(path))
        try:
            mode = target.stat().st_mode
        except FileNotFoundError:
            return target, None
    if stat.S_ISDIR(mode):
        raise _cannot_write(shown, _PLAIN_WORDS[errno.EISDIR])
    if not stat.S_ISREG(mode):
        # A rename would put a plain file in the place of a pipe or of /dev/null.
        raise _cannot_write(shown, "it is a pipe or a device; a regular file is needed")
    if not os.access(target, os.W_OK):
        # The rename would succeed all the same: it asks the folder, not the file.
        raise _cannot_write(shown, "the file there is read-only")
    return target, mode & 0o777


def _create_beside(target: Path, shown: str) -> Path:
    """Create an empty file of a new name in the target's folder and return its path; the system applies the umask."""
    temporary = target.with_name(f".tui-linreg-{os.urandom(8).hex()}.tmp")
    with _as_input_error(shown):
        temporary.touch(exist_ok=False)
    return temporary


def _remove_abandoned(folder: Path) -> None:
    """Remove our temporary files in a folder that nobody has written to for a day: their writers were killed.

    Where a writer was only held up that long, it fails, and the older file stays.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in list(entries):
            if _TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_mtime < time.time() - _ABANDONED_AFTER:
                        Path(entry).unlink()


def _sync_folder(folder: Path) -> None:
    """Bring a rename in a folder to the disk, where the system can: the file is whole either way."""
    if sys.platform == "win32":
        # Folders cannot be opened there.
        return
    # Some network and FUSE file systems refuse, as does a folder that may be written and not read.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class _RawFile(io.FileIO):
    """A file whose failed writes raise InputError, to tell them from an OSError of the caller's block."""

    def __init__(self, path: Path, shown: str) -> None:
        super().__init__(path, "w")
        self._shown = shown

    def write(self, data: ReadableBuffer, /) -> int:
        with _as_input_error(self._shown):
            return super().write(data)


@contextmanager
def _handle(path: Path, shown: str) -> Iterator[TextIO]:
    with _as_input_error(shown):
        raw = _RawFile(path, shown)
    handle = io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", newline="")
    try:
        yield handle
    except BaseException:
        # Closing writes out what is left, which fails again on a full disk; the first error is the one to report.
        with suppress(InputError, OSError):
            handle.close()
        raise
    with _as_input_error(shown):
        handle.close()


@contextmanager
def _as_input_error(shown: str) -> Iterator[None]:
    """Turn an OSError, or the ValueError of a path that holds NUL, into the InputError about the path `shown`."""
    try:
        yield
    except OSError as error:
        words = _PLAIN_WORDS.get(error.errno or 0) or (error.strerror or type(error).__name__).lower()
        raise _cannot_write(shown, words) from error
    except InputError:
        raise
    except ValueError as error:
        raise _cannot_write(shown, "no file can have this name") from error


def _cannot_write(shown: str, words: str) -> InputError:
    return InputError(f"cannot write {shown}: {words}", field="out")
