"""A learner's file as it was read. Importable without torch."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path

from tui_linreg.engine.errors import quoted
from tui_linreg.study.student.error import Kind, StudentError, system_words

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
            raise StudentError("file", f"cannot read {quoted(path)}: {system_words(error)}", path=path) from error
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
    """Says whether a file's content differs from what was read last; for an unchanged file this is one `stat`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digest: str | None = None
        self._stamp: tuple[int, ...] | None = None

    def read(self) -> StudentCode:
        """Read the file and remember its content.

        Raises:
            StudentError: kind "file".
        """
        stamp = self._look()
        code = StudentCode.read(self._path)
        self._digest, self._stamp = code.digest, stamp
        return code

    def changed(self) -> bool:
        """Say whether the content differs from that of the last `read`; False while it cannot be read."""
        stamp = self._look()
        if stamp is None:
            return False  # an editor may be replacing it just now
        if stamp == self._stamp:
            return False
        try:
            same = StudentCode.read(self._path).digest == self._digest
        except StudentError:
            return False
        if same:
            self._stamp = stamp
        return not same

    def _look(self) -> tuple[int, ...] | None:
        """Return values that change when the file is saved; None where there is no file."""
        try:
            status = os.stat(self._path)  # noqa: PTH116
        except (OSError, ValueError):
            return None
        # The file system's clock may be too coarse to tell two saves apart: read a file that has just changed again.
        racy = time.time_ns() if time.time_ns() - status.st_mtime_ns < _RACY_NS else 0
        return status.st_mtime_ns, status.st_size, status.st_ino, racy
