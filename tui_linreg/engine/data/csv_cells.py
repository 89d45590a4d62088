"""What a cell says: a number, a missing value, or something else, whose cause is named."""

from __future__ import annotations

import re

# Narrower than float(), which also takes "1_000", "infinity" and digits of other scripts; linear on long digit runs.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LIKE_A_NUMBER = re.compile(r"[+-]?[.,]?[0-9][0-9.,'’_ \u00a0\u202f]*(?:[eE][+-]?[0-9]+)?(?: ?%)?")
MISSING = frozenset(["", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "?", "-", "--", ".", "–", "—"])
"""What a cell says, in small letters, where there is no value."""
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:([,.'’_ \u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*(?:[.,][0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?(?:[0-9]+,[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LONGEST = 100
"""A longer cell is no number that somebody wrote in another way."""
_DASHES = "‐‑‒–—﹣－"
MINUS = "−"

ALLOWED = "a cell must hold a finite number such as 12, -1.5 or 2e-3"
DROPPING = "--drop-missing leaves out the rows that lack a value"


def number(cell: str, decimal: str) -> float | None:
    """Return the number that a cell without blanks around it writes, maybe infinite; None where it writes none."""
    text = cell.replace(MINUS, "-")
    if decimal == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    return float(text) if _NUMBER.fullmatch(text) else None


def is_missing(cell: str) -> bool:
    """Say whether a cell is empty or says that there is no value."""
    return cell.strip().lower() in MISSING


def is_like_a_number(cell: str) -> bool:
    """Say whether a cell is a number in any notation, also one that is not read: then it names no column."""
    text = cell.replace(MINUS, "-")
    return _NUMBER.fullmatch(text) is not None or (len(text) <= _LONGEST and _LIKE_A_NUMBER.fullmatch(text) is not None)


def what_is_wrong(cell: str, decimal: str) -> str:
    """Return what is said after a cell that is no number."""
    if is_missing(cell):
        return f"; {ALLOWED}; {DROPPING}"
    text = cell.replace(MINUS, "-")
    if len(text) > _LONGEST:
        return f"; {ALLOWED}"
    grouped = _GROUPED.fullmatch(text)
    if grouped and (grouped[1] != "." or decimal == ","):
        other = ", or as a decimal comma with --decimal ," if grouped[1] == "," and text.count(",") == 1 else ""
        other = "" if decimal == "," or "." in text else other
        return f" has a thousands separator; a number is written without it{other}"
    if decimal == "." and _DECIMAL_COMMA.fullmatch(text):
        return " has a decimal comma; --decimal , reads it"
    if decimal == "," and _NUMBER.fullmatch(text):
        return " has a decimal point; with --decimal , the comma is the decimal sign"
    if text[0] in _DASHES and _NUMBER.fullmatch(text[1:]):
        return " begins with a dash that is no minus sign; write -"
    return f"; {ALLOWED}"
