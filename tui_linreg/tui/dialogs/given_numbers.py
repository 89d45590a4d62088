"""The numbers that a question gives, aligned at their decimal points."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from tui_linreg.study.predict.questions import Given

_LONG_NAME = 14
"""A longer name stands outside the columns of the others."""
_SAMPLE = re.compile("[₀₁₂₃₄₅₆₇₈₉]+$")


def given_lines(given: Sequence[Given], room: int) -> list[str]:
    """Return the numbers as lines, aligned at their decimal points; those of one sample stand beside each other."""
    groups = groupby(enumerate(given), key=lambda pair: _together(*pair))
    rows = [[item for _, item in group] for _, group in groups]
    lines = _aligned(rows)
    if max(map(len, lines), default=0) > room:
        lines = _aligned([[item] for item in given])
    return lines


def _together(at: int, item: Given) -> str:
    """Return the same for numbers that belong to one sample."""
    found = _SAMPLE.search(item.name)
    return found[0] if found else f"alone {at}"


def _aligned(rows: Sequence[Sequence[Given]]) -> list[str]:
    short = [row for row in rows if len(row[0].name) <= _LONG_NAME]
    columns = [[row[i] for row in short if i < len(row)] for i in range(max(map(len, short), default=0))]
    names = [max(len(item.name) for item in column) for column in columns]
    wholes = [max(_whole(item.text) for item in column) for column in columns]
    cells = [max(len(_padded(item.text, whole)) for item in column)
             for column, whole in zip(columns, wholes, strict=True)]  # fmt: skip
    lines = []
    for row in rows:
        if len(row[0].name) > _LONG_NAME:
            lines.append(f"  {row[0].name} = {row[0].text}")
            continue
        parts = [f"{item.name:<{names[i]}} = {_padded(item.text, wholes[i]):<{cells[i]}}" for i, item in enumerate(row)]
        lines.append("  " + "     ".join(parts).rstrip())
    return lines


def _whole(text: str) -> int:
    """Return how many characters stand before the decimal point."""
    return len(re.split("[.e]", text, maxsplit=1)[0])


def _padded(text: str, whole: int) -> str:
    return " " * (whole - _whole(text)) + text
