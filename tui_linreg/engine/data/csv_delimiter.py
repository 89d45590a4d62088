"""What separates a file's cells, found in its first rows, and what is wrong where nothing does."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from tui_linreg.engine.data.csv_bytes import is_empty
from tui_linreg.engine.data.csv_cells import is_like_a_number
from tui_linreg.engine.data.csv_records import Record, records
from tui_linreg.engine.errors import InputError

_FOUND = ",;\t"
_TOLD = {"|": "pipe", " ": "space", ":": "':'"}
"""Delimiters that are not taken without being asked for, and how to ask."""
_ROWS = 50
_CELLS = 1 << 16


class _Try(NamedTuple):
    """The first records as a delimiter cuts them."""

    records: list[Record]

    @property
    def width(self) -> int:
        return len(self.records[0][1]) if self.records else 0

    @property
    def rank(self) -> tuple[float, bool, float]:
        """Return how well it fits: rows as wide as the header, no name cut in its quotes, numbers in the cells."""
        header, rows = self.records[0][1], [_trimmed(cells) for _, cells in self.records[1:]]
        named = len(_trimmed(header))
        fitting = sum(1 < named <= len(cells) <= len(header) for cells in rows)
        cells = [cell.strip() for row in rows for cell in row]
        numbers = sum(map(is_like_a_number, cells))
        return fitting / max(len(rows), 1), not any('"' in name for name in header), numbers / max(len(cells), 1)


def _first_records(source: str, data: bytes, delimiter: str) -> _Try:
    found: list[Record] = []
    cells = 0
    try:
        for record in islice(records(source, data, delimiter), _ROWS):
            found.append(record)
            cells += len(record[1])
            if cells > _CELLS:
                break
    except InputError:
        # Quoted for another delimiter, or broken for all of them, which the real reading says.
        pass
    return _Try(found)


def delimiter_of(source: str, data: bytes) -> str:
    """Return which of comma, semicolon and tab cuts the rows as it cuts the header; the comma where several do.

    Raises:
        InputError: when the file holds no record, or the first is broken for all of them.
    """
    tries = {candidate: _first_records(source, data, candidate) for candidate in _FOUND}
    if not any(each.width for each in tries.values()):
        # Broken for every delimiter, which this says again for the comma, or no record at all.
        next(records(source, data, ","), None)
        raise is_empty(source)
    several = {candidate: each for candidate, each in tries.items() if each.width > 1}
    if several:
        return max(several, key=lambda candidate: several[candidate].rank)
    return next(candidate for candidate, each in tries.items() if each.width)


def refuse_one_column(source: str, data: bytes, delimiter: str) -> None:
    """Say why a first row is one cell, where the rows tell.

    Raises:
        InputError: when the columns begin below it, or another delimiter separates them.
    """
    tries = {candidate: _first_records(source, data, candidate) for candidate in (*_FOUND, *_TOLD)}
    for candidate in (delimiter, *_FOUND):
        each = tries.get(candidate) or _first_records(source, data, candidate)
        _refuse_late_header(source, each)
    for candidate, name in _TOLD.items():
        widths = {len(_trimmed(cells)) for _, cells in tries[candidate].records}
        if candidate != delimiter and len(widths) == 1 and max(widths) > 1 and len(tries[candidate].records) > 1:
            what = "blanks" if candidate == " " else f"'{candidate}'"
            raise InputError(f"{source}: its cells are separated by {what}; --delimiter {name} reads it", field="data")


def refuse_short_header(source: str, data: bytes, delimiter: str) -> None:
    """Say that the first row is no header, where all rows below have one larger number of cells.

    Raises:
        InputError: when that is so.
    """
    own = _first_records(source, data, delimiter)
    _refuse_late_header(source, own)
    if not own.rank[0]:
        for candidate in _FOUND:
            _refuse_late_header(source, _first_records(source, data, candidate))


def _refuse_late_header(source: str, found: _Try) -> None:
    if len(found.records) < 3:
        return
    (first, header), *rows = found.records
    widths = [len(_trimmed(cells)) for _, cells in rows]
    width = widths[-1]
    if width <= len(header):
        return
    start = next(number for number, each in enumerate(widths) if each > len(header))
    above = [cells for _, cells in rows[:start]]
    if len(rows) - start < 2 or set(widths[start:]) != {width} or any(all(map(is_like_a_number, c)) for c in above):
        return
    line, names = rows[start][0], len(header)
    problem = (
        f"line {first} has {names} cell{'s' * (names != 1)}, from line {line} on there are {width}; "
        "remove the lines before the header, or name every column in it"
    )
    raise InputError(f"{source}: {problem}", field="data")


def _trimmed(cells: list[str]) -> list[str]:
    """Return the cells without blank ones at the end, which trailing delimiters make."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]
