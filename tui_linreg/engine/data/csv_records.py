"""A CSV file's records: its bytes, checked, cut into rows of texts, in bounded memory however the file is made."""

from __future__ import annotations

import codecs
import csv
import io
import stat
from collections.abc import Iterator
from pathlib import Path

from tui_linreg.engine.errors import InputError

Record = tuple[int, list[str]]
"""Number of its first line, cells."""

FEWEST_ROWS = 3

_MOST_BYTES = 1 << 30
# Small enough for the garbage collector to find little to look at: a quarter faster than 65 536.
_ROWS_AT_ONCE = 1_024
# A row and a chunk of rows become lists of texts, ten times the file's size and more: these bound them.
_LONGEST_ROW = 1 << 22
_CELLS_AT_ONCE = 1 << 18
_BYTES_AT_ONCE = 1 << 20


def read(path: str, source: str) -> bytes:
    """Return the file's bytes, known to be UTF-8 without NUL and not blank."""
    try:
        # Asked before opening: to open a FIFO waits for a writer, and to open a device may act on it.
        about = Path(path).stat()
        if stat.S_ISDIR(about.st_mode):
            raise _cannot_read(source, "it is a folder; a CSV file is needed")
        if not stat.S_ISREG(about.st_mode):
            raise _cannot_read(source, "it is a pipe or a device; a regular file is needed")
        if about.st_size > _MOST_BYTES:
            raise _cannot_read(source, "it is larger than 1 GiB, the most that is read")
        data = Path(path).read_bytes()
    except InputError:
        raise
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise _cannot_read(source, f"{reason}; a readable CSV file is needed") from error
    except ValueError as error:
        raise _cannot_read(source, "no file can have this name") from error
    if (position := data.find(b"\0")) >= 0:
        raise _not_text(source, data, position, "a NUL byte")
    if _is_blank(source, data):
        raise _is_empty(source)
    return data


def records(source: str, data: bytes, delimiter: str) -> Iterator[Record]:
    """Yield (number of its first line, cells) for every record that is not a blank line, the header first."""
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
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        if "limit" in str(error):
            problem = f"a cell longer than {csv.field_size_limit()} characters, the most allowed; is a quote missing?"
        else:
            problem = "a misplaced or unclosed quote; a quoted cell starts and ends with one and doubles those inside"
        raise InputError(f"{source}, line {line}: {problem}", field="data") from error


def delimiter_of(source: str, data: bytes) -> str:
    """Return the comma if it separates the header's names, else what does of semicolon and tab."""
    ranks = dict.fromkeys(",;\t", (0, False))
    for candidate in ranks:
        try:
            # A file that is not blank may still hold no record: a lone `""` is a blank line.
            _, names = next(records(source, data, candidate), (0, []))
        except InputError:
            # A header quoted for another delimiter, or broken for all of them, which the real reading says.
            continue
        # Quotes inside names tell that a delimiter cut a quoted one in two, as the comma does with `size;"price, €"`.
        ranks[candidate] = (len(names), not any('"' in name for name in names))
    if not any(width for width, _ in ranks.values()):
        # Broken for every delimiter, which this says again for the comma, or no record at all.
        next(records(source, data, ","), None)
        raise _is_empty(source)
    whole = [candidate for candidate, (width, clean) in ranks.items() if width > 1 and clean]
    if "," in whole or (ranks[","][0] > 1 and not whole):
        return ","
    return max(whole or ranks, key=lambda candidate: ranks[candidate][0])


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


def _is_blank(source: str, data: bytes) -> bool:
    """Return whether there is nothing but blanks in the whole, which is decoded part by part to spare memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    blank = True
    for start in range(len(codecs.BOM_UTF8) * data.startswith(codecs.BOM_UTF8), len(data), _BYTES_AT_ONCE):
        end = start + _BYTES_AT_ONCE
        carried = len(decoder.getstate()[0])
        try:
            text = decoder.decode(data[start:end], final=end >= len(data))
        except UnicodeDecodeError as error:
            raise _not_text(source, data, start - carried + error.start, "bytes that are not UTF-8") from error
        blank = blank and not text.strip()
    return blank


def _not_text(source: str, data: bytes, position: int, what: str) -> InputError:
    line = data.count(b"\n", 0, position) + data.count(b"\r", 0, position) - data.count(b"\r\n", 0, position) + 1
    return InputError(f"{source}, line {line}: {what}; a CSV file in UTF-8 is needed", field="data")


def _cannot_read(source: str, reason: str) -> InputError:
    return InputError(f"cannot read {source}: {reason}", field="data")


def _is_empty(source: str) -> InputError:
    return InputError(f"{source} is empty; a header row and at least {FEWEST_ROWS} rows are needed", field="data")
