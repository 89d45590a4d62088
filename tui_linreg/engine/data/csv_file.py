"""Two numeric columns of a CSV file, or one line that says which cell is wrong and what is allowed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_linreg.engine.data.csv_records import FEWEST_ROWS, Record, chunks, delimiter_of, read, records
from tui_linreg.engine.errors import InputError, quoted

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

_LONGEST_LISTING = 200
# Narrower than float(), which also takes "1_000", "infinity" and digits of other scripts; linear on long digit runs.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_COLUMN_NUMBER = re.compile(r"[0-9]{1,9}")
_ALLOWED = "a cell must hold a finite number such as 12, -1.5 or 2e-3"


@dataclass(frozen=True, eq=False)
class CsvColumns:
    """The two columns of one file, rows in file order.

    Attributes:
        x: float64, shape (n,), n ≥ 3, all finite, not all equal; in the file's own units.
        y: float64, shape (n,), all finite.
        x_name: the header's name of x, blanks around it removed; "column 3" where the header leaves it blank.
        y_name: the same for y. Names come from outside and may hold markup or escape sequences.
    """

    x: FloatArray
    y: FloatArray
    x_name: str
    y_name: str


@dataclass(frozen=True)
class Layout:
    """How to read a file's rows: its bytes, what to call it in a message, and which two columns to take."""

    source: str
    data: bytes
    delimiter: str
    names: list[str]
    x: int
    """Position of the column, from 0."""
    y: int


def read_columns(path: str, x: str | None, y: str | None) -> CsvColumns:
    """Read columns x and y of a CSV file (UTF-8 with or without BOM, header row, RFC 4180 quoting).

    The delimiter is the comma, or `;` or tab where these and no comma separate the header's names. Blank lines are
    skipped. The whole file is held in memory once while it is read (at most 1 GiB, a row at most 4 Mi characters).

    Args:
        path: a regular file.
        x: name or number (from 1) of the column of inputs; an exact name wins over a number. None together with
            y None takes a two-column file's columns in order. A column whose name is a number is taken only where x or
            y is a name that no column number could be: otherwise the first row is taken for data and refused.
        y: the same for the targets.

    Raises:
        InputError: the file cannot be read, is no such CSV file, lacks the columns, holds a cell in them that is no
            finite number, has fewer than 3 rows, or the same x in every row. Its field is "data", "x" or "y".
    """
    return _columns(read_layout(path, x, y))


def read_layout(path: str, x: str | None, y: str | None) -> Layout:
    """Return how `read_columns` reads a file; of its rows only the header has been looked at.

    Raises:
        InputError: as `read_columns`, for what can be told without the rows.
    """
    source = quoted(path)
    data = read(path, source)
    delimiter = delimiter_of(source, data)
    _, header = next(records(source, data, delimiter))
    names = [name.strip() for name in header]
    return Layout(source, data, delimiter, names, *_choose_both(source, names, x, y))


def _choose_both(source: str, names: list[str], x: str | None, y: str | None) -> tuple[int, int]:
    """Return the positions (from 0) of x and y among the names."""
    named = any(_is_name(names, wanted) for wanted in (x, y))
    if not named and all(_NUMBER.fullmatch(name) for name in names):
        raise _no_header(source, names, 0)
    if x is None and y is None and len(names) == 2:
        first, second = 0, 1
    else:
        first, second = _choose(source, names, x, "x"), _choose(source, names, y, "y")
    for position in (first, second):
        if not named and _NUMBER.fullmatch(names[position]):
            raise _no_header(source, names, position)
    if first == second:
        problem = f"x and y are both column {first + 1} {quoted(names[first])}; choose two different columns"
        raise InputError(f"{source}: {problem}", field="y")
    return first, second


def _is_name(names: list[str], wanted: str | None) -> bool:
    """Return whether `wanted` can only mean a name, so that the first row is a header: it is no column number."""
    text = "" if wanted is None else wanted.strip()
    return text in names and not (_COLUMN_NUMBER.fullmatch(text) and 1 <= int(text) <= len(names))


def _no_header(source: str, names: list[str], position: int) -> InputError:
    """Return the error for a first row that holds data: read as names, it would be lost silently."""
    problem = f"the first row holds data ({quoted(names[position])} in column {position + 1})"
    return InputError(f"{source}: {problem}; a header row must name the columns", field="data")


def _choose(source: str, names: list[str], wanted: str | None, role: str) -> int:
    """Return the position (from 0) of the column that `wanted` names or numbers."""
    if wanted is None:
        raise InputError(f"{source}: choose column {role} by name or number from {_listing(names)}", field=role)
    text = wanted.strip()
    positions = [position for position, name in enumerate(names) if text and name == text]
    if len(positions) > 1:
        numbers = f"{positions[0] + 1} and {positions[1] + 1}" + (" and others" if len(positions) > 2 else "")
        raise InputError(f"{source}: columns {numbers} are named {quoted(text)}; choose it by number", field=role)
    if positions:
        return positions[0]
    if _COLUMN_NUMBER.fullmatch(text) and 1 <= int(text) <= len(names):
        return int(text) - 1
    raise InputError(f"{source}: no column {quoted(text)}; choose by name or number from {_listing(names)}", field=role)


def _listing(names: list[str]) -> str:
    """Return "1 'a', 2 'b'" of bounded length, however many names there are."""
    shown = ""
    for number, name in enumerate(names, start=1):
        entry = f"{', ' if shown else ''}{number} {quoted(name)}"
        if len(shown) + len(entry) > _LONGEST_LISTING:
            return f"{shown}, … ({len(names)} columns)"
        shown += entry
    return shown


def _columns(layout: Layout) -> CsvColumns:
    """Read every row and check what only the whole can tell: its length, and that x varies."""
    import numpy as np

    rows = records(layout.source, layout.data, layout.delimiter)
    next(rows)
    parts: list[FloatArray] = []
    for chunk in chunks(rows):
        fast = _all_at_once(layout, chunk)
        parts.append(np.array([_one_row(layout, record) for record in chunk]).T if fast is None else fast)
    x, y = np.concatenate(parts, axis=1) if parts else np.empty((2, 0))
    if x.size < FEWEST_ROWS:
        count = f"{x.size} data row{'' if x.size == 1 else 's'}"
        raise InputError(f"{layout.source} has {count}; at least {FEWEST_ROWS} are needed", field="data")
    x_name = layout.names[layout.x] or f"column {layout.x + 1}"
    y_name = layout.names[layout.y] or f"column {layout.y + 1}"
    if (x == x[0]).all():
        problem = f"x column {quoted(x_name)} is {x[0]:g} in every row; at least two different values are needed"
        raise InputError(f"{layout.source}: {problem}", field="x")
    return CsvColumns(np.ascontiguousarray(x), np.ascontiguousarray(y), x_name, y_name)


def _all_at_once(layout: Layout, chunk: list[Record]) -> FloatArray | None:
    """Return shape (2, rows), or None where anything is unusual and each row has to be looked at."""
    import numpy as np

    width = len(layout.names)
    columns = []
    for position in (layout.x, layout.y):
        try:
            cells = [cells[position] for _, cells in chunk if len(cells) == width]
            # These two exclude what float() takes and _NUMBER does not, but for nan and inf.
            joined = "".join(cells)
            if len(cells) != len(chunk) or "_" in joined or not joined.isascii():
                return None
            columns.append(np.fromiter(map(float, cells), np.float64, len(cells)))
        except ValueError:
            return None
    both = np.stack(columns)
    return both if np.isfinite(both).all() else None


def _one_row(layout: Layout, record: Record) -> tuple[float, float]:
    """Return x and y of one record, or raise the InputError that names its line and column."""
    line, cells = record
    width = len(layout.names)
    # Blank cells past the last name are trailing delimiters; anything else there means that columns have shifted.
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        count = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"
        problem = f"{count} in this row, {width} names in the header; as many are needed"
        raise InputError(f"{layout.source}, line {line}: {problem}", field="data")
    return _number(layout, line, cells, layout.x), _number(layout, line, cells, layout.y)


def _number(layout: Layout, line: int, cells: list[str], position: int) -> float:
    cell = cells[position].strip()
    if not cell:
        problem = f"an empty cell; {_ALLOWED}"
    elif not _NUMBER.fullmatch(cell):
        problem = f"{quoted(cell)}; {_ALLOWED}"
    elif not math.isfinite(value := float(cell)):
        problem = f"{quoted(cell)} is too large; a cell must be at most 1.79e308 in size"
    else:
        return value
    where = f"line {line}, column {position + 1} {quoted(layout.names[position])}"
    raise InputError(f"{layout.source}, {where}: {problem}", field="data")
