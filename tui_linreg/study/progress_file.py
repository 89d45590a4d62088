"""Keeps `Progress` in the user's state folder: a versioned JSON file, written whole or not at all.

Several apps may change it at once: a change is a function that is applied to the file's present content, and reading,
changing and writing happen under one lock.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from tui_linreg.engine.errors import InputError, quoted, quoted_path
from tui_linreg.files import path_named_by, write_atomically
from tui_linreg.study.progress import VERSION, Progress, progress_json, read_progress

VARIABLE = "TUI_LINREG_STATE"
"""The environment variable that names another progress file."""

_MOST_BYTES = 1 << 23
_LOCK_SECONDS = 1.0
_DEEPEST = 50


def progress_path() -> Path:
    """Return where the progress file is, whether or not it exists.

    Raises:
        InputError: when there is no home folder for it.
    """
    if (named := path_named_by(VARIABLE)) is not None:
        return named
    try:
        return Path(platformdirs.user_state_dir("tui-linreg", appauthor=False)) / "progress.json"
    except RuntimeError as error:
        raise InputError(f"there is no home folder for a progress file; {VARIABLE}=FILE names one") from error


def first_start() -> bool:
    """Say whether there is no progress file yet; from then on there is one, where it can be written."""
    try:
        if os.path.lexists(progress_path()):
            return False
    except InputError:
        return False
    return update(lambda there: there.progress).writable


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file holds, or what stands in its place."""

    progress: Progress
    note: str = ""
    """One line for the learner when something was not as it should be, else empty."""
    writable: bool = True
    """False when the file must be left as it is: a newer version's, or one that cannot be read or set aside."""
    raw: Mapping[str, object] | None = None
    """The file's content, with what this version does not know."""


def load(path: Path | None = None) -> Loaded:
    """Read the progress file; a missing one gives empty progress. Never raises.

    A damaged file is renamed, to its name with `.damaged-1` (or the next free number), and `note` says so.
    """
    try:
        path = progress_path() if path is None else path
    except InputError as error:
        return _nowhere(error)
    loaded = _read(path)
    if loaded is None:
        with _lock(path):  # another app may be setting it aside, and writing a new one
            loaded = _load_locked(path)
    return loaded


def _nowhere(error: InputError) -> Loaded:
    return Loaded(Progress(), f"{error}; progress is not kept", writable=False)


def _load_locked(path: Path) -> Loaded:
    return _read(path) or _set_aside(path)


def _read(path: Path) -> Loaded | None:
    """Read the file as it is; None when it is damaged."""
    try:
        content = _content(path)
        if content is None:
            return Loaded(Progress())
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no file can have this name"
        note = f"cannot read the progress file {quoted_path(path)}: {why.lower()}; progress is not kept"
        return Loaded(Progress(), note, writable=False)
    try:
        raw = json.loads(content.decode("utf-8"))
        version = raw.get("version") if isinstance(raw, dict) else None
        if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
            note = f"the progress file {quoted_path(path)} is of a newer version of tui-linreg; it is left as it is"
            return Loaded(Progress(), f"{note}, progress is not kept", writable=False)
        return Loaded(read_progress(_not_deep(raw)), raw=raw)
    except (ValueError, RecursionError):
        return None


def _not_deep(raw: object) -> object:
    """Return what was read, or raise ValueError for what is nested so deeply that it could not be written again."""
    level = [raw]
    for _ in range(_DEEPEST):
        inner = (each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list))
        level = [item for items in inner for item in items]
        if not level:
            return raw
    raise ValueError("nested too deeply")


def _content(path: Path) -> bytes | None:
    """Return the file's bytes, None when there is no file; of one that is too large an unreadable beginning."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # asked before opening: to open a pipe waits for a writer
            raise OSError(0, "it is no regular file")
        return b"" if about.st_size > _MOST_BYTES else path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _set_aside(path: Path) -> Loaded:
    """Rename a damaged file to a free name."""
    for number in range(1, 10_000):
        aside = path.with_name(f"{path.name}.damaged-{number}")
        if os.path.lexists(aside):
            continue
        try:
            path.rename(aside)
        except OSError as error:
            why = (error.strerror or type(error).__name__).lower()
            note = (
                f"the progress file {quoted_path(path)} is damaged and cannot be set aside: {why}; progress is not kept"
            )
            return Loaded(Progress(), note, writable=False)
        note = f"the progress file was damaged; it is kept as {quoted(aside)}, and progress begins anew"
        return Loaded(Progress(), note)
    note = (
        f"the progress file {quoted_path(path)} is damaged, and no name is free to set it aside; progress is not kept"
    )
    return Loaded(Progress(), note, writable=False)


def update(change: Callable[[Loaded], Progress], path: Path | None = None) -> Loaded:
    """Apply a change to what the file holds now and write the result, under the file's lock.

    When this returns `writable`, the result is on the disk; otherwise `note` says why nothing was written. Raises only
    what `change` raises; then nothing is written.

    Args:
        change: given what the file holds, returns what it shall hold.
        path: the file; None: `progress_path()`.
    """
    try:
        path = progress_path() if path is None else path
    except InputError as error:
        return _nowhere(error)
    with suppress(OSError, ValueError):  # writing reports a folder that is needed and missing
        path.parent.mkdir(parents=True, exist_ok=True)
    with _lock(path):
        there = _load_locked(path)
        if not there.writable:
            return there
        progress = change(there)
        raw = progress_json(progress, there.raw)
        try:
            with write_atomically(path) as file:
                json.dump(raw, file, ensure_ascii=True, indent=1)
                file.write("\n")
        except InputError as error:
            return Loaded(there.progress, f"progress is not kept: {error}", writable=False, raw=there.raw)
    return Loaded(progress, there.note, raw=raw)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold the file's lock, waiting a second at most: the system ends it with the process that held it."""
    descriptor = None
    with suppress(OSError, ValueError):
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if descriptor is not None:
            end = time.monotonic() + _LOCK_SECONDS
            while not _locked(descriptor) and time.monotonic() < end:
                time.sleep(0.002)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Try to take the lock; True also where the system has none, since waiting would not help."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True


class Keeper:
    """The app's progress, in memory and in the file. Every change is written at once; nothing raises.

    Args:
        path: the file; None: `progress_path()`.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        loaded = load(path)
        self.progress = loaded.progress
        self.note = loaded.note
        """One line about the file, of the start or of the last `change`; empty when all is well."""
        self._unwritten: list[Callable[[Progress], Progress]] = []

    def change(self, change: Callable[[Progress], Progress]) -> str:
        """Apply a change to the file's present content, and return `note`.

        When it cannot be written, `progress` has it nevertheless, and the next call tries again. The app should show a
        line once, not at each call.

        Args:
            change: returns the changed progress; called at once, and again whenever writing is tried again. It must
                depend on its argument alone.
        """
        self._unwritten.append(change)
        in_memory = change(self.progress)

        def changed(there: Loaded) -> Progress:
            if there.raw is None:  # a file that was deleted or set aside takes nothing away from what the app knows
                return in_memory
            progress = there.progress
            for each in self._unwritten:
                progress = each(progress)
            return progress

        written = update(changed, self._path)
        if written.writable:
            self._unwritten.clear()
        self.progress = written.progress if written.writable else in_memory
        self.note = written.note
        return self.note


class PassingKeeper(Keeper):
    """Progress that is kept as long as the app runs, and in no file: a visitor's in a browser."""

    def __init__(self) -> None:
        self.progress = Progress()
        self.note = ""

    def change(self, change: Callable[[Progress], Progress]) -> str:
        """Apply a change; there is nothing to note."""
        self.progress = change(self.progress)
        return self.note
