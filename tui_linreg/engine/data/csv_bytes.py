"""A CSV file's bytes: read, known to be text, in UTF-8; what is no such file is named."""

from __future__ import annotations

import codecs
import re
import stat
from pathlib import Path

from tui_linreg.engine.errors import InputError

FEWEST_ROWS = 3

_MOST_BYTES = 1 << 30
_BYTES_AT_ONCE = 1 << 20
_NEEDED = "a CSV file in UTF-8 is needed"
_SPREADSHEET = "it is a spreadsheet; save it as CSV (UTF-8) first"
_KINDS = (
    (b"\x1f\x8b", "it is compressed by gzip; unpack it first"),
    (b"BZh", "it is compressed by bzip2; unpack it first"),
    (b"\xfd7zXZ\0", "it is compressed by xz; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "it is compressed by zstd; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive; unpack it first"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _SPREADSHEET),
    (b"PK\x03\x04", "it is a zip archive; unpack it first"),
)
"""How files begin that are taken for CSV files, and what helps."""
_SHEETS = (b"xl/", b"opendocument.spreadsheet")
"""What stands near the beginning of a zip archive that is a spreadsheet."""
_SEPARATOR_LINE = re.compile(rb"\A(?:\xef\xbb\xbf)?\"?sep=([^\r\n\"])\"?(?=\r|\n)", re.IGNORECASE)
_END_OF_FILE = b"\x1a"


def read(path: str, source: str) -> bytes:
    """Return the file's bytes in UTF-8 without NUL, not blank; UTF-16 with its mark is recoded.

    Raises:
        InputError: when there is no such file, or it is something else.
    """
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
    return _text(source, data)


def _text(source: str, data: bytes) -> bytes:
    for start, words in _KINDS:
        if data.startswith(start):
            sheet = start.startswith(b"PK") and any(part in data[:4096] for part in _SHEETS)
            raise _cannot_read(source, _SPREADSHEET if sheet else words)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not data.startswith(codecs.BOM_UTF32_LE):
        data = _from_utf16(source, data)
    if (position := data.find(b"\0")) >= 0:
        if _is_wide(data):
            raise _cannot_read(source, "it is UTF-16 or UTF-32 without the mark that says so; save it as UTF-8")
        raise _not_text(source, data, position, "a NUL byte")
    data = _without_end_marks(data)
    if _is_blank(source, data):
        raise is_empty(source)
    return data


def separator_line(data: bytes) -> tuple[bytes, str | None]:
    """Return the data and what a first line such as `sep=;`, as spreadsheets write it, says; it is made blank."""
    found = _SEPARATOR_LINE.match(data)
    if found is None:
        return data, None
    return data[found.end() :], found[1].decode("ascii", "replace")


def is_empty(source: str) -> InputError:
    """Return the error for a file that holds no record."""
    return InputError(f"{source} is empty; a header row and at least {FEWEST_ROWS} rows are needed", field="data")


def _from_utf16(source: str, data: bytes) -> bytes:
    """Return the text in UTF-8, recoded part by part to spare memory."""
    decoder, whole = codecs.getincrementaldecoder("utf-16")(), bytearray()
    for start in range(0, len(data), _BYTES_AT_ONCE):
        end = start + _BYTES_AT_ONCE
        try:
            whole += decoder.decode(data[start:end], final=end >= len(data)).encode("utf-8")
        except UnicodeError as error:
            line = _line_of(whole, len(whole))
            raise InputError(
                f"{source}, line {line} or after: it begins as UTF-16, and this is none; {_NEEDED}", field="data"
            ) from error
    return bytes(whole)


def _is_wide(data: bytes) -> bool:
    """Say whether every other byte at the beginning is NUL, as in UTF-16 of Western text."""
    start = data[:64]
    even, odd = start[0::2], start[1::2]
    return len(start) >= 8 and any(part.count(0) >= 0.9 * len(part) for part in (even, odd))


def _without_end_marks(data: bytes) -> bytes:
    """Return the data without the Ctrl-Z that old programs write at the end of a file."""
    tail = data[-512:]
    kept = tail.rstrip(_END_OF_FILE + b"\r\n\t ")
    return data[: len(data) - len(tail) + len(kept)] if _END_OF_FILE in tail[len(kept) :] else data


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


def _line_of(data: bytes | bytearray, position: int) -> int:
    return data.count(b"\n", 0, position) + data.count(b"\r", 0, position) - data.count(b"\r\n", 0, position) + 1


def _not_text(source: str, data: bytes, position: int, what: str) -> InputError:
    return InputError(f"{source}, line {_line_of(data, position)}: {what}; {_NEEDED}", field="data")


def _cannot_read(source: str, reason: str) -> InputError:
    return InputError(f"cannot read {source}: {reason}", field="data")
