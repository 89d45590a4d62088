"""Two numeric columns of a CSV file, or one line that says which cell is wrong and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from tui_linreg.engine.data.csv_bytes import FEWEST_ROWS, is_empty, read, separator_line
from tui_linreg.engine.data.csv_cells import ALLOWED, DROPPING, is_missing, number, what_is_wrong
from tui_linreg.engine.data.csv_delimiter import delimiter_of, refuse_one_column, refuse_short_header
from tui_linreg.engine.data.csv_names import choose_both
from tui_linreg.engine.data.csv_records import Record, chunks, records
from tui_linreg.engine.errors import InputError, quoted, quoted_path

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CsvColumns:
    """The two columns of one file, rows in file order.

    Attributes:
        x: float64, shape (n,), n ≥ 3, all finite, not all equal; in the file's own units.
        y: float64, shape (n,), all finite.
        x_name: the header's name of x, blanks around it removed; "column 3" where there is none.
        y_name: the same for y. Names come from outside and may hold markup or escape sequences.
        dropped: how many rows were left out because x or y is missing.
    """

    x: FloatArray
    y: FloatArray
    x_name: str
    y_name: str
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """How a file is written.

    Attributes:
        header: whether its first row names the columns.
        delimiter: the character between cells; None: comma, semicolon or tab, as the first rows tell.
        decimal: the decimal sign, "." or ",".
        drop_missing: whether rows without a value in x or y are left out; else they are refused.
    """

    header: bool = True
    delimiter: str | None = None
    decimal: str = "."
    drop_missing: bool = False


@dataclass(frozen=True)
class Layout:
    """How to read a file's rows: what to call it in a message, and which two columns to take."""

    source: str
    delimiter: str
    before: int
    """Rows that are not blank before the data: a line that says the delimiter, the header."""
    names: list[str]
    """A text for each column, empty where it has no name."""
    x: int
    """Position of the column, from 0."""
    y: int
    fewest: int
    """Cells that a row must have; after the last name there may be blank cells."""
    first: int
    """The line of the first row of data."""
    options: CsvOptions

    def column(self, position: int) -> str:
        """Return what a message calls a column."""
        name = self.names[position]
        return f"column {position + 1}" + (f" {quoted(name)}" if name else "")


def read_columns(path: str, x: str | None, y: str | None, options: CsvOptions | None = None) -> CsvColumns:
    """Read columns x and y of a CSV file (UTF-8, or UTF-16 with its mark; RFC 4180 quoting).

    A first line `sep=;` is taken as what it says. Blank lines, and rows of nothing but delimiters, are skipped. The
    whole file is held in memory once while it is read (at most 1 GiB, a row at most 4 Mi characters).

    Args:
        path: a regular file.
        x: name or number (from 1) of the column of inputs; an exact name wins over a number. None together with
            y None takes a two-column file's columns in order.
        y: the same for the targets.
        options: how the file is written; None: with a header, the rest is found.

    Raises:
        InputError: the file cannot be read, is no such CSV file, lacks the columns, holds a cell in them that is no
            finite number, has fewer than 3 rows, or the same x in every row. Its field is "data", "x" or "y".
    """
    return _columns(*_opened(path, x, y, CsvOptions() if options is None else options))


def read_layout(path: str, x: str | None, y: str | None, options: CsvOptions) -> Layout:
    """Return how `read_columns` reads a file; of its rows only the first ones have been looked at.

    Raises:
        InputError: as `read_columns`, for what can be told without the rows.
    """
    return _opened(path, x, y, options)[0]


def _opened(path: str, x: str | None, y: str | None, options: CsvOptions) -> tuple[Layout, Iterator[Record]]:
    source = quoted_path(path)
    data, said = separator_line(read(path, source))
    delimiter = options.delimiter or said or delimiter_of(source, data)
    rows = records(source, data, delimiter)
    head = next(rows, None)
    if head is None:
        raise is_empty(source)
    names = [name.strip() for name in head[1]]
    if len(names) == 1:
        refuse_one_column(source, data, delimiter)
    refuse_short_header(source, data, delimiter)
    x_at, y_at = choose_both(source, names, x, y, header=options.header)
    width = max((at + 1 for at, name in enumerate(names) if name), default=0)
    if not options.header:
        rows, names = chain([head], rows), [""] * len(names)
    first = next(rows, None)
    rows = rows if first is None else chain([first], rows)
    fewest = max(width, x_at + 1, y_at + 1)
    before = (said is not None) + options.header
    layout = Layout(source, delimiter, before, names, x_at, y_at, fewest, 0 if first is None else first[0], options)
    return layout, rows


def _columns(layout: Layout, rows: Iterator[Record]) -> CsvColumns:
    """Read every row and check what only the whole can tell: its length, and that x varies."""
    import numpy as np

    parts: list[FloatArray] = []
    dropped = 0
    for chunk in chunks(rows):
        found = _all_at_once(layout, chunk)
        if found is None:
            kept = [row for record in chunk if (row := _one_row(layout, record)) is not None]
            found = np.array(kept, dtype=np.float64).reshape(-1, 2).T
            dropped += len(chunk) - len(kept)
        parts.append(found)
    x, y = np.concatenate(parts, axis=1) if parts else np.empty((2, 0))
    if x.size < FEWEST_ROWS:
        count = f"{x.size} data row{'' if x.size == 1 else 's'}"
        without = f" besides {dropped} without a value" if dropped else ""
        raise InputError(f"{layout.source} has {count}{without}; at least {FEWEST_ROWS} are needed", field="data")
    x_name = layout.names[layout.x] or f"column {layout.x + 1}"
    y_name = layout.names[layout.y] or f"column {layout.y + 1}"
    if (x == x[0]).all():
        problem = f"x column {quoted(x_name)} is {x[0]:g} in every row; at least two different values are needed"
        raise InputError(f"{layout.source}: {problem}", field="x")
    return CsvColumns(np.ascontiguousarray(x), np.ascontiguousarray(y), x_name, y_name, dropped)


def _all_at_once(layout: Layout, chunk: list[Record]) -> FloatArray | None:
    """Return shape (2, rows), or None where anything is unusual and each row has to be looked at."""
    import numpy as np

    fewest, most = layout.fewest, len(layout.names)
    columns = []
    for position in (layout.x, layout.y):
        try:
            cells = [cells[position] for _, cells in chunk if fewest <= len(cells) <= most]
            # These two exclude what float() takes and `number` does not, but for nan and inf.
            joined = "".join(cells)
            if len(cells) != len(chunk) or "_" in joined or not joined.isascii():
                return None
            if layout.options.decimal == ",":
                if "." in joined:
                    return None
                cells = [cell.replace(",", ".") for cell in cells]
            columns.append(np.fromiter(map(float, cells), np.float64, len(cells)))
        except ValueError:
            return None
    both = np.stack(columns)
    return both if np.isfinite(both).all() else None


def _one_row(layout: Layout, record: Record) -> tuple[float, float] | None:
    """Return x and y of one record, None where it is to be left out, or raise the InputError that names its line."""
    line, cells = record
    most = len(layout.names)
    # Blank cells past the last name are trailing delimiters; anything else there means that columns have shifted.
    if len(cells) < layout.fewest or any(cell.strip() for cell in cells[most:]):
        count = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"
        where = f"{most} names in the header" if layout.options.header else f"{most} in the first"
        problem = f"{count} in this row, {where}; as many are needed"
        raise InputError(f"{layout.source}, line {line}: {problem}", field="data")
    both = [cells[layout.x].strip(), cells[layout.y].strip()]
    if layout.options.drop_missing and any(map(is_missing, both)):
        return None
    if line == layout.first and layout.options.header and all(map(_is_word, both)):
        problem = f"no numbers ({quoted(both[0])}, {quoted(both[1])}); a second header row, of units for example?"
        raise InputError(f"{layout.source}, line {line}: {problem} Remove that line; {ALLOWED}", field="data")
    return _number(layout, line, both[0], layout.x), _number(layout, line, both[1], layout.y)


def _is_word(cell: str) -> bool:
    return not is_missing(cell) and not any(character.isdigit() for character in cell)


def _number(layout: Layout, line: int, cell: str, position: int) -> float:
    value = number(cell, layout.options.decimal)
    if value is not None and math.isfinite(value):
        return value
    if value is not None:
        problem = f"{quoted(cell)} is too large; a cell must be at most 1.79e308 in size"
    elif not cell:
        problem = f"an empty cell; {ALLOWED}; {DROPPING}"
    else:
        problem = quoted(cell) + what_is_wrong(cell, layout.options.decimal)
    raise InputError(f"{layout.source}, line {line}, {layout.column(position)}: {problem}", field="data")
