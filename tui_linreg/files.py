"""Writing a file whole or not at all."""

from __future__ import annotations

import errno
import io
import os
import re
import stat
import sys
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
_OURS = re.compile(r"\.tui-linreg-[0-9a-f]{16}\.tmp")


@contextmanager
def write_atomically(path: str | Path) -> Iterator[TextIO]:
    r"""Give a UTF-8 text handle (`\n` stays `\n`) whose content becomes the file at `path` when the block ends well.

    Until then the content is in a temporary file in the same folder; if the block raises, that file is removed and
    an older file at `path` stays as it was. An older file's permissions are kept, a new one's follow the umask. Where
    `path` is a symbolic link, the file that it points to is replaced. The content is on the disk before it gets its
    name, so that after a kill or a power cut the file is the old or the new one, whole; a temporary file that a kill
    left behind is removed by the next write into its folder.

    Raises:
        InputError: with field "out", for every way in which the file cannot be written, at the start (missing or
            read-only folder, a folder or a device as path) or later (disk full). An OSError of the block's own work
            passes unchanged.
    """
    shown = quoted(path)
    target, mode = _target(path, shown)
    _remove_abandoned(target.parent)
    temporary, lock = _create_beside(target, shown)
    try:
        with _handle(temporary, shown) as handle:
            yield handle
            handle.flush()
            with _said_of(shown):
                if mode is not None:
                    temporary.chmod(mode)
                os.fsync(handle.fileno())
        with _said_of(shown):
            temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    finally:
        _close(lock)
    _sync_folder(target.parent)


def check_writable(path: str | Path) -> None:
    """Try what `write_atomically` does first, and leave nothing behind: call it before long work.

    Raises:
        InputError: the same, with field "out", that writing would raise at its start.
    """
    shown = quoted(path)
    target, _ = _target(path, shown)
    temporary, lock = _create_beside(target, shown)
    try:
        with _said_of(shown):
            temporary.unlink()
    finally:
        _close(lock)


def _target(path: str | Path, shown: str) -> tuple[Path, int | None]:
    """Return the file to replace, links followed, and its permission bits (None where there is no file yet)."""
    if not str(path) or str(path).endswith(("/", os.sep)):
        raise _cannot_write(shown, _PLAIN_WORDS[errno.EISDIR])
    with _said_of(shown):
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


def _create_beside(target: Path, shown: str) -> tuple[Path, int | None]:
    """Create an empty file of a new name in the target's folder; the system applies the umask.

    Returns:
        Its path, and a descriptor that holds a lock on it until it is closed (None where the system has no such locks).
    """
    while True:
        temporary = target.with_name(f".tui-linreg-{os.urandom(8).hex()}.tmp")
        with _said_of(shown):
            temporary.touch(exist_ok=False)
        try:
            return temporary, _locked(temporary)
        except (BlockingIOError, FileNotFoundError):
            # Before it was locked, another process took it for abandoned: a matter of microseconds, so not again.
            with suppress(OSError):
                temporary.unlink()
        except OSError:
            # Where there are no locks, nothing is taken for abandoned either.
            return temporary, None


def _locked(path: Path) -> int | None:
    """Lock a regular file, to say that its writer lives, or to learn that it does not.

    Returns:
        The descriptor that holds the lock; the system ends the lock with the process. None on Windows.

    Raises:
        OSError: BlockingIOError when another process holds the lock, FileNotFoundError when the file has gone.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    # A link is not followed and a pipe not waited for, in case somebody else chose such a name.
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not stat.S_ISREG(path.lstat().st_mode):
            raise OSError(errno.EINVAL, "is no regular file", str(path))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _close(lock: int | None) -> None:
    if lock is not None:
        with suppress(OSError):
            os.close(lock)


def _remove_abandoned(folder: Path) -> None:
    """Remove the temporary files in a folder whose writers were killed, as far as that can be told and done."""
    with suppress(OSError), os.scandir(folder) as entries:
        for name in [entry.name for entry in entries if _OURS.fullmatch(entry.name)]:
            with suppress(OSError):
                lock = _locked(folder / name)
                if lock is not None:
                    try:
                        (folder / name).unlink()
                    finally:
                        _close(lock)


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
    """A file whose failed writes say so in InputErrors, so that they are told from OSErrors of the caller's block."""

    def __init__(self, path: Path, shown: str) -> None:
        super().__init__(path, "w")
        self._shown = shown

    def write(self, data: ReadableBuffer, /) -> int:
        with _said_of(self._shown):
            return super().write(data)


@contextmanager
def _handle(path: Path, shown: str) -> Iterator[TextIO]:
    with _said_of(shown):
        raw = _RawFile(path, shown)
    handle = io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", newline="")
    try:
        yield handle
    except BaseException:
        # Closing writes out what is left, which fails again on a full disk; the first error is the one to tell.
        with suppress(InputError, OSError):
            handle.close()
        raise
    with _said_of(shown):
        handle.close()


@contextmanager
def _said_of(shown: str) -> Iterator[None]:
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
