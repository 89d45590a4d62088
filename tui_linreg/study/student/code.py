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
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from tui_linreg.engine.errors import InputError, printable, quoted

Kind = Literal["file", "syntax", "missing", "raised", "answer", "time", "memory", "ended", "channel", "start", "closed"]
KINDS: tuple[str, ...] = get_args(Kind)

_LONGEST_SOURCE = 80
_LONGEST_WORDS = 240


def system_words(error: OSError | ValueError) -> str:
    """Return why a file cannot be used; ValueError is what Python raises for a name that no file can have."""
    return (getattr(error, "strerror", None) or "no file can have this name").lower()


class StudentError(InputError):
    """The learner's file cannot be used, or its `update` failed. Its text is one line: file, line, code, what.

    Attributes:
        kind: "file" (cannot be read), "syntax", "missing" (a part is not written yet), "raised" (an exception),
            "answer" (it returned something else than what is needed), "time" (it took too long), "memory", "ended"
            (it ended or crashed its process), "channel" (it wrote between the answers), "start" (its process did not
            start), "closed" (the student has been closed).
        what: what went wrong, without file and line.
        line: the line's number in the learner's file, from 1; None where there is none.
        source: that line, safe to show; None where there is none.
        where: the file's name and the line.
        missing: what is not written yet ("∂L/∂ŷ"); None for other kinds.
    """

    def __init__(
        self, kind: Kind, what: str, *, path: Path, line: int | None = None, source: str | None = None
    ) -> None:
        self.kind: Kind = kind
        self.missing = printable(what) if kind == "missing" else None
        self.what = printable(f"not written yet: {what}" if kind == "missing" else what, _LONGEST_WORDS)
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


SKELETON = '''"""Your own update: one step of gradient descent for the line ŷ = b + w x.

Save this file and the app runs it. Fill in one part after the other: a part that is not written yet is named,
a mistake is shown with its line, and every number is compared with what torch's autograd found.

It runs in a process of its own with a time limit. That guards the app against mistakes; it is no sandbox, so run
only code that you would run anyway. What it prints is thrown away.
"""

import torch


def update(x, y_true, y_pred, lr):
    """Return what one mini-batch does to b and w.

    x, y_true and y_pred are tensors of shape (m,): the inputs, the targets, and the predictions ŷ = b + w x made with
    the b and w of now. m is this batch's own length; the last batch of an epoch may be short. lr is the learning
    rate η, a number. You are not given b and w: return what is to be added to them.

    The loss is L = (1/m) ‖ŷ − y‖². The answer may depend on these four arguments alone; the same batch may be asked
    for again, at any time.
    """
    # ∂L/∂ŷ: what each prediction adds to the loss. Shape (m,).
    dloss_dpred = todo("∂L/∂ŷ")

    # ∂L/∂b, by the chain rule: sum over the batch of ∂L/∂ŷ times ∂ŷ/∂b. One number.
    grad_b = todo("∂L/∂b")

    # ∂L/∂w, by the chain rule: sum over the batch of ∂L/∂ŷ times ∂ŷ/∂w. One number.
    grad_w = todo("∂L/∂w")

    # What is added to b and to w: a step of length η against the gradient. One number each.
    step_b = todo("the step of b")
    step_w = todo("the step of w")

    return dloss_dpred, grad_b, grad_w, step_b, step_w


def todo(part):
    """Stand in for a part that you have not written yet."""
    raise NotImplementedError("write " + part)


# The notebook's method works too, with b and w of shape (1,) in self. It changes them itself and returns the rest:
#
#     def update(self, x, y_true, y_pred, lr):
#         ...
#         self.b -= ...
#         self.w -= ...
#         return dloss_dpred, grad_b, grad_w
'''


def write_skeleton(path: str | Path) -> None:
    """Write the skeleton to a new file; a file that is there already stays as it is.

    Raises:
        InputError: when the path exists or cannot be written.
    """
    shown = quoted(path)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        raise InputError(f"{shown} is there already and stays as it is; give the name of a new file") from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot write {shown}: {system_words(error)}") from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as handle:
            handle.write(SKELETON)
    except OSError as error:
        with suppress(OSError):
            Path(path).unlink()  # made by this call, and half a file helps nobody
        raise InputError(f"cannot write {shown}: {system_words(error)}") from error
