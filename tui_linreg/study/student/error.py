"""What is said when a learner's file goes wrong. Importable without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from tui_linreg.engine.errors import InputError, printable

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
