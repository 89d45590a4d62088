"""The one error that a user's input can cause, and how text from outside is quoted in it."""

from __future__ import annotations

import os
from pathlib import Path

_LONGEST_QUOTE = 60


def printable(text: object, longest: int = _LONGEST_QUOTE) -> str:
    """Return text from outside (a cell, a path, a column name) safe to show on one line.

    Control and other unprintable characters are shown as escapes, so no terminal acts on them; what is longer than
    `longest` characters loses its middle to an ellipsis (of a path, the name at the end matters).
    """
    raw = str(text)
    visible = "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in raw)
    if len(visible) <= longest:
        return visible
    end = (longest - 1) // 2
    return visible[: longest - 1 - end] + "…" + visible[-end:]


def quoted(text: object) -> str:
    """Return text from outside in single quotes, as `printable` shows it."""
    return f"'{printable(text)}'"


def in_browser() -> bool:
    """Say whether the app is drawn in a browser: Textual's own variable names what draws it."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def told(path: str | Path) -> str:
    """Return a path as it may be told: whole, and where a browser's visitor reads it the name alone."""
    return (Path(path).name or "file") if in_browser() else str(path)


def quoted_path(path: str | Path) -> str:
    """Return a path in single quotes, as it may be told and as `printable` shows it."""
    return quoted(told(path))


class InputError(ValueError):
    """Something the user gave is wrong. Its text is one line: what, where, what is allowed.

    Attributes:
        field: the `RunConfig` field it concerns ("lr", "data", …), or None when it is no single one.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(" ".join(message.split()))
        self.field = field


class ReplayError(InputError):
    """A recorded step has other numbers when it is computed again, so it cannot be shown.

    Args:
        step: which, from 0; its text counts from 1.
        why: what is said of it, a part of a sentence.
    """

    def __init__(self, step: int, why: str) -> None:
        super().__init__(f"step {step + 1} cannot be shown again: {why}")
