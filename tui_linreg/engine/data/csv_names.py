"""Which two columns are meant: by name, by number, and what is said where that cannot be told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from tui_linreg.engine.data.csv_cells import is_like_a_number
from tui_linreg.engine.errors import InputError, quoted

_LONGEST_LISTING = 200
_COLUMN_NUMBER = re.compile(r"[0-9]{1,9}")
_LOOK_ALIKE = str.maketrans(
    dict(zip("АВЕЅІЈКМНОРСТХУасеорхуіјѕһԁԛԝ", "ABESIJKMHOPCTXYaceopxyijshdqw", strict=True))  # Cyrillic
    | dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορ", "ABEZHIKMNOPTYXavop", strict=True))  # Greek
    | dict(zip("‐‑‒–—−’‘“”", "------''\"\"", strict=True))
)  # fmt: skip
"""Letters and signs of other alphabets that look like these."""


def choose_both(source: str, names: list[str], x: str | None, y: str | None, *, header: bool) -> tuple[int, int]:
    """Return the positions (from 0) of x and y among the first row's cells.

    Args:
        source: what to call the file.
        names: the cells of the first row.
        x: name or number (from 1); None together with y None takes two columns in order.
        y: the same.
        header: whether the first row is a header. Its names must be no numbers then, or a row of data would be lost.

    Raises:
        InputError: when the columns cannot be told, are one, or the first row holds data.
    """
    if header and names and all(map(is_like_a_number, names)):
        raise _no_header(source, names, 0)
    if x is None and y is None and len(names) >= 2 and not any(names[2:]):
        first, second = 0, 1
    else:
        first, second = (_choose(source, names, wanted, role, header) for wanted, role in ((x, "x"), (y, "y")))
    for position in (first, second):
        if header and is_like_a_number(names[position]):
            raise _no_header(source, names, position)
    if first == second:
        name = f" {quoted(names[first])}" if header else ""
        problem = f"x and y are both column {first + 1}{name}; choose two different columns"
        raise InputError(f"{source}: {problem}", field="y")
    return first, second


def _no_header(source: str, names: list[str], position: int) -> InputError:
    problem = f"the first row holds data ({quoted(names[position])} in column {position + 1})"
    return InputError(
        f"{source}: {problem}; --no-header reads it as data; in a header row a name must be no number",
        field="data",
    )


def _choose(source: str, names: list[str], wanted: str | None, role: str, header: bool) -> int:
    """Return the position (from 0) of the column that `wanted` names or numbers."""
    among = f"by name or number from {_listing(names)}" if header else f"by number, from 1 to {len(names)}"
    if wanted is None:
        data = header and any(map(is_like_a_number, names))
        hint = "; if this first row holds data, --no-header reads it" if data else ""
        raise InputError(f"{source}: choose column {role} {among}{hint}", field=role)
    text = wanted.strip()
    positions = _named(names, text, (str, _composed)) if header else []
    if positions and is_like_a_number(text):
        raise _no_header(source, names, positions[0])
    if len(positions) > 1:
        numbers = f"{positions[0] + 1} and {positions[1] + 1}" + (" and others" if len(positions) > 2 else "")
        raise InputError(f"{source}: columns {numbers} are named {quoted(text)}; choose it by number", field=role)
    if positions:
        return positions[0]
    if _COLUMN_NUMBER.fullmatch(text) and 1 <= int(text) <= len(names):
        return int(text) - 1
    compatible = _named(names, text, (_compatible,)) if header else []
    if len(compatible) == 1:
        return compatible[0]
    alike = [position for position, name in enumerate(names) if text and _seen(name) == _seen(text)] if header else []
    if alike:
        problem = f"column {alike[0] + 1} only looks the same: {_difference(names[alike[0]], text)}"
        raise InputError(f"{source}: no column {quoted(text)}; {problem}; choose it by number", field=role)
    raise InputError(f"{source}: no column {quoted(text)}; choose {among}", field=role)


def _named(names: list[str], text: str, forms: Iterable[Callable[[str], str]]) -> list[int]:
    """Return the positions of a name in the first of these forms that one has."""
    for form in forms:
        positions = [position for position, name in enumerate(names) if text and form(name) == form(text)]
        if positions:
            return positions
    return []


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _compatible(name: str) -> str:
    return unicodedata.normalize("NFKC", name)


def _seen(name: str) -> str:
    """Return a name as the eye has it: nothing invisible, letters of other alphabets as those they look like."""
    visible = "".join(c for c in _compatible(name).translate(_LOOK_ALIKE) if unicodedata.category(c) != "Cf")
    return " ".join(visible.split())


def _difference(name: str, text: str) -> str:
    """Return which characters of a name in the file are others than those typed."""
    at = next((i for i, (a, b) in enumerate(zip(name, text, strict=False)) if a != b), min(len(name), len(text)))
    there, typed = (f"U+{ord(each[at]):04X}" if at < len(each) else "nothing" for each in (name, text))
    return f"it has {there} where {typed} was typed"


def _listing(names: list[str]) -> str:
    """Return "1 'a', 2 'b'" of bounded length, however many names there are."""
    shown = ""
    for number, name in enumerate(names, start=1):
        entry = f"{', ' if shown else ''}{number} {quoted(name)}"
        if len(shown) + len(entry) > _LONGEST_LISTING:
            return f"{shown}, … ({len(names)} columns)"
        shown += entry
    return shown
