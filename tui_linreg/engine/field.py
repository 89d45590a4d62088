"""`Field`: one option of a run, and how texts become values and values texts. Importable without torch."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple

from tui_linreg.engine.errors import InputError, quoted

_LONGEST_SHOWN = 200  # bits

Pair = tuple[float, float]
Value = int | float | str | bool | Pair | None


class Field(NamedTuple):
    """One option of a run.

    `parse` turns what a person typed into a value, `check` says whether a value (typed or given in code) is allowed.
    """

    name: str
    label: str
    """Its name in the form and in messages inside the app."""
    allowed: str
    """What is allowed, to stand after 'must be'."""
    help: str
    parse: Callable[[str], Value]
    check: Callable[[object], bool]
    optional: bool = False
    """True when None (an empty text) is allowed and means: choose for me."""
    blanks: bool = False
    """True when a text of blanks is a value."""

    @property
    def option(self) -> str:
        """The option on the command line."""
        return "--" + self.name.replace("_", "-")

    def error(self, value: object) -> InputError:
        """Return the error that says what was given and what is allowed."""
        longest = max((part.bit_length() for part in _parts(value) if isinstance(part, int)), default=0)
        if longest > _LONGEST_SHOWN:
            shown = f"(a number of {longest} bits)"  # str() refuses very long ones
        else:
            shown = quoted(value) if isinstance(value, str) else str(value)
        return InputError(f"{self.option} {shown}: must be {self.allowed}", field=self.name)

    def read(self, text: str) -> Value:
        """Return the value that `text` stands for.

        Raises:
            InputError: when it is none, or not an allowed one.
        """
        stripped = text.strip() or (text if self.blanks else "")
        if self.optional and not stripped:
            return None
        try:
            value = self.parse(stripped)
        except Part as part:
            raise InputError(f"{self.error(text)}; {part}", field=self.name) from None
        except ValueError:
            raise self.error(text) from None
        self.validate(value, text)
        return value

    def validate(self, value: object, shown: object = None) -> None:
        """Raise InputError unless `value` is allowed; `shown` is how it was written."""
        if value is None and self.optional:
            return
        if not self.check(value):
            raise self.error(value if shown is None else shown)


class Part(ValueError):
    """A text that is not allowed, and which part of it, in words."""


def _parts(value: object) -> Iterable[object]:
    return value if isinstance(value, tuple | list) else (value,)


def whole(text: str) -> int:
    """Return a whole number in ASCII digits, of 40 at most; ValueError for any other text."""
    if not re.fullmatch(r"[+-]?[0-9]+", text) or len(text) > 40:
        raise ValueError(text)
    return int(text)


def number(text: str) -> float:
    """Return a number as Python writes it, without underscores; ValueError for any other text."""
    if "_" in text:
        raise ValueError(text)
    return float(text)


def pair(text: str) -> Pair:
    """Return two numbers with a comma between them; ValueError for any other text."""
    b, w = text.split(",")
    return number(b), number(w)


def flag(text: str) -> bool:
    """Return what yes, no, true, false, 1 or 0 means; ValueError for any other text."""
    try:
        return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}[text.lower()]
    except KeyError:
        raise ValueError(text) from None


def plain(value: object) -> object:
    """Return a value of NumPy or torch, or a path, as Python's own number, list or text; another as it is."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, tuple | list):
        return type(value)(map(plain, value))
    as_list = getattr(value, "tolist", None)
    return as_list() if callable(as_list) else value


def is_whole(low: int, high: int) -> Callable[[object], bool]:
    """Return the check for a whole number from `low` to `high`."""
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_number(test: Callable[[float], bool]) -> Callable[[object], bool]:
    """Return the check for a finite number that passes `test`."""

    def check(value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return abs(value) <= sys.float_info.max and test(value)  # no nan, no inf, no integer beyond float

    return check


_is_finite = is_number(lambda v: True)


DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " ", "pipe": "|"}
"""Words for characters that a shell, a form or a file would take for something else."""


def delimiter(text: str) -> str:
    """Return a word of `DELIMITERS`, or the one character that a text is; ValueError for any other text."""
    words = {character: word for word, character in DELIMITERS.items()} | {"\\t": "tab"}
    word = words.get(text, text.lower() if len(text) > 1 else text)
    fits = len(word) == 1 and word.isprintable() and not word.isalnum() and word not in "\"'.+-_"
    if word not in DELIMITERS and not fits:
        raise ValueError(text)
    return word


def is_delimiter(value: object) -> bool:
    """Say whether a value can separate cells."""
    try:
        return isinstance(value, str) and bool(delimiter(value))
    except ValueError:
        return False


def is_pair(value: object) -> bool:
    """Say whether a value is two finite numbers."""
    return isinstance(value, tuple | list) and len(value) == 2 and all(map(_is_finite, value))


def is_device(value: object) -> bool:
    """Say whether a value can be the name of a device."""
    return isinstance(value, str) and re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]{1,3})?", value) is not None


def is_text(value: object) -> bool:
    """Say whether a value is a text that is not empty."""
    return isinstance(value, str) and value != ""


def text_of(value: Value) -> str:
    """Return the text of an option from which its field reads the same value."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(map(text_of, value))
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)
