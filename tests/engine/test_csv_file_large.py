"""The CSV reader on files that are made to take long or to fill the memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from test_csv_file import ROWS, read, refused

MIB = 1 << 20
# What the interpreter and numpy take, the file itself, and lists of the cells of a few rows.
MOST_MEMORY = 250 * MIB
HANGS_AFTER = 120

READ = """
import json, pathlib, re, sys
from tui_linreg.engine.data.csv_file import read_columns
from tui_linreg.engine.errors import InputError
try:
    said = str(read_columns(sys.argv[1], "1", "2").x.size)
except InputError as error:
    said = str(error)
# Not ru_maxrss, which a process takes over from the one that started it.
status = pathlib.Path("/proc/self/status")
most = re.search(r"VmHWM:\\s*([0-9]+) kB", status.read_text() if status.exists() else "")
print(json.dumps([said, int(most[1]) * 1024 if most else None]))
"""


TOO_LONG = "a row longer than 4194304 characters, the most allowed"


def wide(columns: int, rows: int) -> Iterator[bytes]:
    yield b",".join(b"c%d" % number for number in range(columns)) + b"\n"
    for row in range(rows):
        yield b",".join(b"%d" % (number + row) for number in range(columns)) + b"\n"


def rows_of(cell: bytes, count: int) -> Iterator[bytes]:
    yield b"a,b\n1,2\n"
    for row in range(count):
        yield b"%d,%s\n" % (row, cell)


# What writes the file, and how the answer ends: a number of rows or the words of an error.
CASES: dict[str, tuple[Callable[[], Iterator[bytes]], str]] = {
    "one cell": (lambda: iter([b"a" * 50 * MIB]), f"line 1: {TOO_LONG}"),
    "one line of names": (lambda: iter([b"a," * 25 * MIB]), f"line 1: {TOO_LONG}"),
    "one line of commas": (lambda: iter([b"a,b\n1,2\n", b"," * 50 * MIB]), f"line 3: {TOO_LONG}"),
    "one line of digits": (lambda: iter([b"a,b\n1,", b"9" * 50 * MIB]), f"line 2: {TOO_LONG}"),
    "one row of many lines": (lambda: iter([b"a,b\n1,2\n", b'"\n",' * 12 * MIB]), f"line 3: {TOO_LONG}"),
    "one name of many bytes": (lambda: iter([b"a,b\n", "😀".encode() * 12 * MIB]), f"line 2: {TOO_LONG}"),
    "a quote left open": (lambda: iter([b'a,b\n1,2\n"', b"3,4\n" * 12 * MIB]), "is a quote missing?"),
    "100 000 columns": (lambda: wide(100_000, 30), "30"),
    "rows of 50 000 blanks": (lambda: rows_of(b"2" + b"," * 50_000, 200), "201"),
    "cells of 100 000 digits": (lambda: rows_of(b"0." + b"1234567890" * 10_000, 300), "301"),
    "blank lines": (lambda: iter([b"a,b\n", b"\n" * 3 * MIB, ROWS]), "3"),
    "blank": (lambda: iter([b" " * 50 * MIB]), "a header row and at least 3 rows are needed"),
}


@pytest.mark.parametrize(("make", "end"), CASES.values(), ids=CASES)
def test_time_and_memory_are_bounded(tmp_path: Path, make: Callable[[], Iterator[bytes]], end: str) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.writelines(make())
    command = [sys.executable, "-W", "error", "-c", READ, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=HANGS_AFTER, check=True)
    path.unlink()
    said, used = json.loads(run.stdout)
    assert said.endswith(end)
    if used is not None:  # where the system tells
        assert used < MOST_MEMORY
    assert not run.stderr


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize(("bad", "said"), [(b"\xff", "bytes that are not UTF-8"), (b"\0", "a NUL byte")])
def test_the_line_of_a_bad_byte_far_behind(tmp_path: Path, end: str, mark: str, bad: bytes, said: str) -> None:
    # Characters of two bytes, so that one lies across each place where the decoding is cut.
    for lines in (1, 2, 400_000):
        text = mark + f"é,é{end}" * lines
        assert f"line {lines + 1}: {said}" in str(refused(tmp_path, text.encode() + bad))


def test_a_character_cut_off_at_the_end(tmp_path: Path) -> None:
    assert "line 5: bytes that are not UTF-8" in str(refused(tmp_path, b"a,b\n" + ROWS + "é".encode()[:1]))


def test_the_longest_rows_that_are_read(tmp_path: Path) -> None:
    blanks = b"," * (4 * MIB - 10)
    columns = read(tmp_path, b"a,b\n" + b"".join(b"%d,2%s\n" % (row, blanks) for row in range(3)))
    assert columns.x.tolist() == [0, 1, 2]
