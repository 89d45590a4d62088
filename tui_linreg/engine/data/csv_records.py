"""A CSV file's records: its text cut into rows of cells, in bounded memory however the file is made."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from tui_linreg.engine.errors import InputError

Record = tuple[int, list[str]]
"""Number of its first line, cells."""

# Small enough for the garbage collector to find little to look at: a quarter faster than 65 536.
_ROWS_AT_ONCE = 1_024
# A row and a chunk of rows become lists of texts, ten times the file's size and more: these bound them.
_LONGEST_ROW = 1 << 22
_CELLS_AT_ONCE = 1 << 18


def records(source: str, data: bytes, delimiter: str) -> Iterator[Record]:
    """Yield (number of its first line, cells) for every record that holds more than blanks, the header first."""
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")
    line, length = 1, 0

    def lines() -> Iterator[str]:
        nonlocal length
        while part := text.readline(_LONGEST_ROW):
            length += len(part)
            if length >= _LONGEST_ROW:
                problem = f"a row longer than {_LONGEST_ROW} characters, the most allowed"
                raise InputError(f"{source}, line {line}: {problem}", field="data")
            yield part

    reader = csv.reader(lines(), delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        for cells in reader:
            length = 0
            # Spreadsheets write rows of nothing but delimiters where cells were once filled.
            if not all(not cell or cell.isspace() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        if "limit" in str(error):
            problem = f"a cell longer than {csv.field_size_limit()} characters, the most allowed; is a quote missing?"
        else:
            problem = "a misplaced or unclosed quote; a quoted cell starts and ends with one and doubles those inside"
        raise InputError(f"{source}, line {line}: {problem}", field="data") from error


def chunks(rows: Iterator[Record]) -> Iterator[list[Record]]:
    """Yield the records in lists, short ones where the rows are long."""
    chunk: list[Record] = []
    cells = 0
    for record in rows:
        chunk.append(record)
        cells += len(record[1])
        if len(chunk) == _ROWS_AT_ONCE or cells > _CELLS_AT_ONCE:
            yield chunk
            chunk, cells = [], 0
    if chunk:
        yield chunk
