"""What each option of a run may be: one parser and one sentence for the command line, the form and the code.

Importable without torch, so that `--help` and the edit form cost nothing.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import NamedTuple

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.models import arithmetic
from tui_linreg.engine.models.mistakes import MISTAKES

DATASETS = ("make_regression", "diabetes", "tiny")
DTYPES = ("float64", "float32")
LARGEST_COUNT = 10**9
LARGEST_SAMPLES = 10**8
LARGEST_SEED = 2**32 - 1
_LONGEST_SHOWN = 200  # bits

Value = int | float | str | bool | None


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

    @property
    def option(self) -> str:
        """The option on the command line."""
        return "--" + self.name.replace("_", "-")

    def error(self, value: object) -> InputError:
        """Return the error that says what was given and what is allowed."""
        if isinstance(value, int) and value.bit_length() > _LONGEST_SHOWN:
            shown = f"(a number of {value.bit_length()} bits)"  # str() refuses very long ones
        else:
            shown = quoted(value) if isinstance(value, str) else str(value)
        return InputError(f"{self.option} {shown}: must be {self.allowed}", field=self.name)

    def read(self, text: str) -> Value:
        """Return the value that `text` stands for.

        Raises:
            InputError: when it is none, or not an allowed one.
        """
        stripped = text.strip()
        if self.optional and not stripped:
            return None
        try:
            value = self.parse(stripped)
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


def _whole(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]+", text) or len(text) > 40:
        raise ValueError(text)
    return int(text)


def _number(text: str) -> float:
    if "_" in text:
        raise ValueError(text)
    return float(text)


def _flag(text: str) -> bool:
    try:
        return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}[text.lower()]
    except KeyError:
        raise ValueError(text) from None


def _is_whole(low: int, high: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_number(test: Callable[[float], bool]) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return abs(value) <= sys.float_info.max and test(value)  # no nan, no inf, no integer beyond float

    return check


def _is_device(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]{1,3})?", value) is not None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


_SHORT_NAMES = [name for name in MISTAKES if "-" not in name]  # help breaks lines at hyphens


def _is_arithmetic(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(arithmetic.canonical(value))
    except ValueError:
        return False


_count = f"a whole number from 1 to {LARGEST_COUNT:,}".replace(",", " ")
_samples = f"a whole number from 2 to {LARGEST_SAMPLES:,}".replace(",", " ")

FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("dataset", "dataset", "one of " + ", ".join(DATASETS),
              "Built-in data: make_regression, diabetes or tiny.",
              str, lambda v: v in DATASETS, optional=True),
        Field("data", "CSV file", "the path of a CSV file", "A CSV file (UTF-8, header row) instead of built-in data.",
              str, _is_text, optional=True),
        Field("x", "x column", "a column name or number", "The feature: a column name or its number, from 1.",
              str, _is_text, optional=True),
        Field("y", "y column", "a column name or number", "The target (CSV only): a column name or its number.",
              str, _is_text, optional=True),
        Field("seed", "seed", f"a whole number from 0 to {LARGEST_SEED}", "Fixes the data and the start.",
              _whole, _is_whole(0, LARGEST_SEED)),
        Field("samples", "samples", _samples, "Samples that make_regression makes.",
              _whole, _is_whole(2, LARGEST_SAMPLES)),
        Field("train_size", "train size", _count, "Rows that train, the rest validates.",
              _whole, _is_whole(1, LARGEST_COUNT), optional=True),
        Field("noise", "noise", "a finite number, 0 or more", "Standard deviation of make_regression's noise.",
              _number, _is_number(lambda v: v >= 0)),
        Field("lr", "learning rate η", "a finite number above 0", "Learning rate η; 0.1 for tiny.",
              _number, _is_number(lambda v: v > 0)),
        Field("epochs", "epochs", _count, "Passes over the train set.", _whole, _is_whole(1, LARGEST_COUNT)),
        Field("batch_size", "batch size", _count, "Samples in a mini-batch; the last of an epoch may be shorter.",
              _whole, _is_whole(1, LARGEST_COUNT), optional=True),
        Field("device", "device", "auto, cpu, cuda, cuda:N or mps", "Where the tensors live.", str, _is_device),
        Field("dtype", "dtype", "float64 or float32", "Precision of every number.", str, lambda v: v in DTYPES),
        Field("shuffle", "shuffle rows", "yes or no", "Shuffle the rows once, seeded, before the split.",
              _flag, lambda v: isinstance(v, bool)),
        Field("standardize", "standardize", "yes or no", "Scale x and y by the train rows' mean and deviation.",
              _flag, lambda v: isinstance(v, bool)),
        Field("arithmetic", "arithmetic", arithmetic.ALLOWED,
              "How the from-scratch model rounds: as the notebook writes its formulas, or as torch's kernels do "
              "(all, or some of " + ", ".join(form.name for form in arithmetic.FORMS) + " joined by +).",
              arithmetic.canonical, _is_arithmetic),
        Field("mistake", "mistake", "one of " + ", ".join(MISTAKES),
              f"Make the from-scratch model wrong on purpose: {', '.join(_SHORT_NAMES)}, …; an unknown NAME lists all.",
              str, lambda v: isinstance(v, str) and v in MISTAKES, optional=True),
    )
}  # fmt: skip
