"""A learner's file: what one starts from, one version of it as it was read, and what is said when it goes wrong.

Importable without torch.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from tui_linreg.engine.errors import InputError, in_browser, printable, quoted_path

Kind = Literal["file", "syntax", "raised", "answer", "time", "memory", "ended", "channel", "start", "closed"]
KINDS: tuple[str, ...] = get_args(Kind)

_LONGEST_SOURCE = 80
_LONGEST_WORDS = 240


def system_words(error: OSError | ValueError) -> str:
    """Return why a file cannot be used; ValueError is what Python raises for a name that no file can have."""
    return (getattr(error, "strerror", None) or "no file can have this name").lower()


class StudentError(InputError):
    """The learner's file cannot be used, or a part of it failed. Its text is one line: file, line, code, what.

    Attributes:
        kind: "file" (cannot be read), "syntax", "raised" (an exception),
            "answer" (it returned something else than what is needed), "time" (it took too long), "memory", "ended"
            (it ended or crashed its process), "channel" (it wrote between the answers), "start" (its process did not
            start), "closed" (the student has been closed).
        what: what went wrong, without file and line.
        line: the line's number in the learner's file, from 1; None where there is none.
        source: that line, safe to show; None where there is none.
        where: the file's name and the line.
        printed: what the code printed before; any characters, of bounded length.
    """

    def __init__(
        self, kind: Kind, what: str, *, path: Path, line: int | None = None, source: str | None = None
    ) -> None:
        if in_browser():  # Python names a module by its whole path
            what = what.replace(f"{path.parent}{os.sep}", "")
        self.kind: Kind = kind
        self.what = printable(what, _LONGEST_WORDS)
        self.printed = ""
        self.line = line
        self.source = None if source is None else printable(source.strip(), _LONGEST_SOURCE)
        where = self.where = printable(path.name) + ("" if line is None else f", line {line}")
        if self.source:
            where += f", `{self.source}`"
        super().__init__(f"{where}: {self.what}")


LARGEST = 1 << 20
"""Bytes that a learner's file may have."""
_RACY_NS = 2_000_000_000
"""A file changed so shortly before may change again without its time showing it."""

_LINE_END = re.compile("\r\n|\r|\n")
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class StudentCode:
    """One version of a learner's file."""

    path: Path
    source: bytes = field(repr=False)
    digest: str
    """SHA-256 of `source`."""
    number: int = field(default_factory=lambda: next(_NUMBERS), compare=False)
    """Names the version between the two processes: each file that is read gets a new number."""

    @classmethod
    def read(cls, path: Path) -> StudentCode:
        """Read a file.

        Raises:
            StudentError: kind "file", when it cannot be read, is no regular file or is too large.
        """
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise StudentError("file", "it is no regular file; a Python file is needed", path=path)
            with path.open("rb") as handle:
                source = handle.read(LARGEST + 1)
        except StudentError:
            raise
        except (OSError, ValueError) as error:
            raise StudentError("file", f"cannot read {quoted_path(path)}: {system_words(error)}", path=path) from error
        if len(source) > LARGEST:
            raise StudentError("file", f"it is larger than {LARGEST >> 20} MiB; a Python file is needed", path=path)
        return cls(path, source, hashlib.sha256(source).hexdigest())

    def line(self, number: int | None) -> str | None:
        """Return a line's text, numbers from 1; None where there is none."""
        if number is None:
            return None
        lines = self.lines()
        return lines[number - 1] if 0 < number <= len(lines) else None

    def lines(self) -> list[str]:
        """Return the lines as Python counts them, not made safe to show."""
        return _LINE_END.split(self.source.decode("utf-8", "replace").removeprefix("\ufeff"))

    def error(self, kind: Kind, what: str, line: int | None = None) -> StudentError:
        """Return an error about this file."""
        return StudentError(kind, what, path=self.path, line=line, source=self.line(line))


class Watch:
    """Says whether a file, or one beside it that it imports, differs from what was read; mostly by one `stat` each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: dict[Path, _Seen] = {}

    def read(self) -> StudentCode:
        """Read the file and remember its content, and that of those beside it.

        Raises:
            StudentError: kind "file".
        """
        stamp = _look(self._path)
        code = StudentCode.read(self._path)
        self._seen = {path: _Seen.of(path) for path in self._seen} | {self._path: _Seen(code.digest, stamp)}
        return code

    def watch(self, beside: Iterable[str], *, add: bool) -> None:
        """Watch these files too, besides those watched already or in the place of them."""
        known = self._seen
        new = {Path(name): known.get(Path(name)) or _Seen.of(Path(name)) for name in beside}
        self._seen = (known if add else {}) | new | {self._path: known[self._path]}

    def stamp(self) -> str:
        """Return what changes with the contents of the files beside."""
        return "".join(seen.digest or "" for path, seen in self._seen.items() if path != self._path)

    def changed(self) -> bool:
        """Say whether a content differs from that of the last `read`; False while the file cannot be read."""
        files = self._seen  # another thread may put others in its place
        return any(_differs(path, files) for path in list(files))


def _differs(path: Path, files: dict[Path, _Seen]) -> bool:
    stamp, seen = _look(path), files[path]
    if stamp is None:
        return False  # an editor may be replacing it just now
    if stamp == seen.stamp:
        return False
    try:
        same = StudentCode.read(path).digest == seen.digest
    except StudentError:
        return False
    if same:
        files[path] = seen._replace(stamp=stamp)
    return not same


class _Seen(NamedTuple):
    """What is known of a file."""

    digest: str | None
    stamp: tuple[int, ...] | None

    @classmethod
    def of(cls, path: Path) -> _Seen:
        stamp = _look(path)
        try:
            return cls(StudentCode.read(path).digest, stamp)
        except StudentError:
            return cls(None, stamp)


def _look(path: Path) -> tuple[int, ...] | None:
    """Return values that change when a file is saved; None where there is no file."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    # The file system's clock may be too coarse to tell two saves apart: read a file that has just changed again.
    racy = time.time_ns() if time.time_ns() - status.st_mtime_ns < _RACY_NS else 0
    return status.st_mtime_ns, status.st_size, status.st_ino, racy
