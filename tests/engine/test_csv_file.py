"""The CSV reader: what it takes, what it refuses, and the one line it says then."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import numpy as np
import pytest

from tui_linreg.engine.data import csv_records
from tui_linreg.engine.data.csv_file import CsvColumns, read_columns
from tui_linreg.engine.errors import InputError

ROWS = b"1,10\n2,20\n3,30\n"


def read(folder: Path, data: bytes, x: str | None = None, y: str | None = None) -> CsvColumns:
    path = folder / "data.csv"
    path.write_bytes(data)
    return read_columns(str(path), x, y)


def refused(folder: Path, data: bytes, x: str | None = None, y: str | None = None) -> InputError:
    with pytest.raises(InputError) as caught:
        read(folder, data, x, y)
    assert_one_line(caught.value)
    return caught.value


def assert_one_line(error: InputError) -> None:
    text = str(error)
    assert len(text.splitlines()) == 1
    assert text.isprintable()
    assert len(text) < 500
    assert error.field in {"data", "x", "y", "dtype", "standardize"}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"a,b\n" + ROWS, id="plain"),
        pytest.param(b"\xef\xbb\xbfa,b\n" + ROWS, id="byte order mark"),
        pytest.param(b"a,b\r\n1,10\r\n2,20\r\n3,30\r\n", id="crlf"),
        pytest.param(b"a,b\r1,10\r2,20\r3,30", id="cr, no newline at the end"),
        pytest.param(b"a;b\n1;10\n2;20\n3;30\n", id="semicolon"),
        pytest.param(b"a\tb\n1\t10\n2\t20\n3\t30\n", id="tab"),
        pytest.param(b'"a"\t"b"\n1\t10\n2\t20\n3\t30\n', id="tab and quotes"),
        pytest.param(b" a , b \n 1 , 10\n2,\t20\n3,30 \n", id="blanks around"),
        pytest.param(b'"a", "b"\n"1", "10"\n2,20\n3,30\n', id="quotes after a blank"),
        pytest.param(b"\n  \na,b\n\n1,10\n   \n2,20\n\n3,30\n\n\n", id="blank lines"),
        pytest.param(b"a,b\n1,10,\n2,20, ,\n3,30\n", id="trailing delimiters"),
        pytest.param(b"a,b\n+1.,1e1\n0.2E+1,20.0\n.3e1,300e-1\n", id="ways to write a number"),
        pytest.param("a,b\n\u00a01,10\n2,20\u2009\n3,30\n".encode(), id="other blanks"),
    ],
)
def test_the_same_table_written_differently(tmp_path: Path, data: bytes) -> None:
    columns = read(tmp_path, data)
    assert (columns.x_name, columns.y_name) == ("a", "b")
    assert columns.x.tolist() == [1, 2, 3]
    assert columns.y.tolist() == [10, 20, 30]
    for values in (columns.x, columns.y):
        assert values.dtype == np.float64
        assert values.flags.c_contiguous


def test_quoted_names_with_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    data = b'"a, ""b"""; "two\nlines";c\n1;10;0\n2;20;0\n3;30;oops\n'
    columns = read(tmp_path, data, 'a, "b"', "2")
    assert (columns.x_name, columns.y_name) == ('a, "b"', "two\nlines")
    assert "line 5, column 3 'c': 'oops'" in str(refused(tmp_path, data, "1", "c"))
    assert read(tmp_path, b"a;b;c,d\n" + ROWS).x_name == "a;b;c", "a comma wins over other delimiters"


def test_columns_by_name_and_number(tmp_path: Path) -> None:
    data = b"n,b,a,\n1,2,3,4\n5,6,7,8\n9,10,11,12\n"
    assert read(tmp_path, data, "b", "a").x.tolist() == [2, 6, 10]
    assert read(tmp_path, data, " b ", "a").y.tolist() == [3, 7, 11]
    assert read(tmp_path, data, "b", "3").y.tolist() == [3, 7, 11]
    assert read(tmp_path, data, "b", "1").y_name == "n"
    assert read(tmp_path, data, "b", "4").y_name == "column 4"
    text_beside = 'name,a,b\n"Ada, Countess",1,4\n,2,5\n_ñ_,3,6\n'.encode()
    assert read(tmp_path, text_beside, "a", "b").y.tolist() == [4, 5, 6]


@pytest.mark.parametrize(
    ("x", "y", "field", "said"),
    [
        ("z", "b", "x", "no column 'z'; choose by name or number from 1 'a', 2 'b', 3 'c', 4 'c'"),
        ("a", "B", "y", "no column 'B'"),
        ("0", "b", "x", "no column '0'"),
        ("a", "5", "y", "no column '5'"),
        ("a", "-1", "y", "no column '-1'"),
        ("a", "9" * 5000, "y", "no column '999"),
        ("a", "²", "y", "no column '²'"),
        ("", "b", "x", "no column ''"),
        (None, None, "x", "choose column x by name or number from 1 'a', 2 'b', 3 'c', 4 'c'"),
        ("a", None, "y", "choose column y by name or number from 1 'a'"),
        (None, "a", "x", "choose column x by name or number from 1 'a'"),
        ("a", "c", "y", "columns 3 and 4 are named 'c'; choose it by number"),
        ("a", "a", "y", "x and y are both column 1 'a'; choose two different columns"),
        ("2", "b", "y", "x and y are both column 2 'b'"),
        ("\x1b[31m[red]", "b", "x", r"no column '\x1b[31m[red]'"),
    ],
)
def test_wrong_columns(tmp_path: Path, x: str | None, y: str | None, field: str, said: str) -> None:
    error = refused(tmp_path, b"a,b,c,c\n1,2,3,4\n5,6,7,8\n9,10,11,12\n", x, y)
    assert said in str(error)
    assert error.field == field


def test_a_duplicate_name_can_be_chosen_by_number(tmp_path: Path) -> None:
    data = b"a,a,a\n1,2,3\n5,6,7\n9,10,11\n"
    assert read(tmp_path, data, "1", "3").y.tolist() == [3, 7, 11]
    assert "columns 1 and 2 and others are named 'a'" in str(refused(tmp_path, data, "a", "3"))


def test_the_columns_to_choose_from_are_listed_up_to_a_length(tmp_path: Path) -> None:
    assert refused(tmp_path, b"a,b\n" + ROWS, "a", None).field == "y"
    assert refused(tmp_path, b"a,b\n" + ROWS, None, "a").field == "x"
    assert refused(tmp_path, b"a\n1\n2\n3\n").field == "x"
    names = ",".join(f"{'long name ' * 20}{number}" for number in range(10_000))
    text = str(refused(tmp_path, names.encode(), "x", "y"))
    assert "… (10000 columns)" in text


@pytest.mark.parametrize(
    ("header", "x", "y", "cell"),
    [
        (b"0,1.5", None, None, "'0' in column 1"),
        (b"0,1.5", "1", "2", "'0' in column 1"),
        (b"1,100", "1", "2", "'1' in column 1"),
        (b"2,1", "1", "2", "'2' in column 1"),
        (b"0,1", "1", "2", "'0' in column 1"),
        (b"1.1,39343,a", "1", "2", "'1.1' in column 1"),
        (b"a,39343,1.1", "1", "2", "'39343' in column 2"),
        (b"a,7", None, None, "'7' in column 2"),
        (b"1,2,3", None, None, "'1' in column 1"),
        (b"3,b,a", "2", "1", "'3' in column 1"),
        (b"1,5,7", "5", "7", "'1' in column 1"),
        (b"a,5,7", "5", "7", "'5' in column 2"),
        (b"1000,2000", "2000", "1000", "'1000' in column 1"),
        ("−1,−2".encode(), "1", "2", "'−1' in column 1"),
        (b"1 250,a", "1", "2", "'1 250' in column 1"),
    ],
)
def test_a_first_row_that_holds_data_is_no_header(
    tmp_path: Path, header: bytes, x: str | None, y: str | None, cell: str
) -> None:
    rows = b"".join(b"%d,%d%s\n" % (n, n * n, b",%d" % n * (header.count(b",") - 1)) for n in (1, 2, 3))
    error = refused(tmp_path, header + b"\n" + rows, x, y)
    assert f"the first row holds data ({cell}); --no-header reads it as data; in a header row" in str(error)
    assert error.field == "data"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("", "an empty cell; a cell must hold a finite number such as 12, -1.5 or 2e-3"),
        ("  ", "an empty cell"),
        ("abc", "'abc'; a cell must hold a finite number"),
        ("nan", "'nan'; a cell must hold a finite number"),
        ("NaN", "'NaN'; a cell must hold a finite number"),
        ("inf", "'inf'; a cell must hold a finite number"),
        ("-Infinity", "'-Infinity'; a cell must hold a finite number"),
        ("1e999", "'1e999' is too large; a cell must be at most 1.79e308 in size"),
        ("-1e309", "'-1e309' is too large"),
        pytest.param("9" * 400, "' is too large", id="400 nines"),
        ("1_000", "'1_000' has a thousands separator; a number is written without it"),
        ("١٢", "'١٢'; a cell must hold a finite number"),
        ('"1,5"', "'1,5' has a decimal comma; --decimal , reads it"),
        ("0x10", "'0x10'"),
        ("1 2", "'1 2'"),
        ("--1", "'--1'"),
        ("1e", "'1e'"),
        (".", "'.'"),
        ("5 %", "'5 %'"),
        ("\x1b[31m", r"'\x1b[31m'"),
        ("[b]1", "'[b]1'"),
        pytest.param("9" * 100_000 + "x", "…99999999", id="100000 nines"),
    ],
)
@pytest.mark.parametrize("before", [3, 12])
def test_a_bad_cell_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: str, said: str, before: int
) -> None:
    # The more rows reach another chunk; the two lines of one quoted cell count as two.
    monkeypatch.setattr(csv_records, "_ROWS_AT_ONCE", 8)
    good = 'note,a,b\n"two\nlines",0,0\n' + "-,1,2\n" * before
    number = before + 4
    for row, column in ((f"-,{cell},7\n", "column 2 'a'"), (f"-,7,{cell}\n", "column 3 'b'")):
        error = refused(tmp_path, (good + row + "-,1,2\n-,bad,bad\n").encode(), "a", "b")
        assert f"line {number}, {column}: " in str(error)
        assert said in str(error)
        assert error.field == "data"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("7", "1 cell in this row, 3 names in the header; as many are needed"),
        ("7,8", "2 cells in this row"),
        ("7,8,9,10", "4 cells in this row"),
        ("7,8,9,,10", "5 cells in this row"),
    ],
)
def test_rows_of_another_length(tmp_path: Path, row: str, said: str) -> None:
    error = refused(tmp_path, f"a,b,c\n1,2,3\n4,5,6\n\n{row}\n".encode(), "a", "b")
    assert "line 5: " in str(error)
    assert said in str(error)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty; a header row and at least 3 rows are needed"),
        (b"\xef\xbb\xbf", "is empty"),
        (b" \n\r\n\t\n", "is empty"),
        (b'""\n', "is empty"),
        (b"a,b\n", "has 0 data rows; at least 3 are needed"),
        (b"a,b\n1,2\n", "has 1 data row; at least 3 are needed"),
        (b"a,b\n1,2\n\n3,4\n", "has 2 data rows"),
        (b"a,b\n1,2\n\0,4\n", "line 3: a NUL byte; a CSV file in UTF-8 is needed"),
        (b"\x7fELF\x02\x01\x01\0\0\0", "line 1: a NUL byte"),
        ("a,b\n1,2\n".encode("utf-16"), "has 1 data row; at least 3 are needed"),
        (b"a,b\n1,2\n3,4\nJos\xe9,5\n", "line 4: bytes that are not UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "line 1: bytes that are not UTF-8"),
        (b'a,b\n1,2\n3,4\n"5,6\n7,8\n', "line 4: a misplaced or unclosed quote"),
        (b'a,b\n1,2\n"3" 4,5\n', "line 3: a misplaced or unclosed quote"),
        (b'"a,b\n1,2\n', "line 1: a misplaced or unclosed quote"),
        (b'a,b\n1,2\n"' + b"3,4\n" * 50_000, "line 3: a cell longer than 131072 characters"),
        (b'"' + b"a" * 200_000, "line 1: a cell longer than 131072 characters"),
    ],
)
def test_files_that_are_no_such_table(tmp_path: Path, data: bytes, said: str) -> None:
    error = refused(tmp_path, data)
    assert said in str(error)
    assert error.field == "data"


@pytest.mark.parametrize("values", [["5"] * 3, ["5", "5.0", "0.5e1", "+5"], ["0", "-0", "0"]])
def test_constant_x(tmp_path: Path, values: list[str]) -> None:
    rows = "".join(f"{value},{number}\n" for number, value in enumerate(values))
    error = refused(tmp_path, f"a,b\n{rows}".encode())
    assert f"x column 'a' is {float(values[0]):g} in every row" in str(error)
    assert error.field == "x"
    assert read(tmp_path, f"a,b\n{rows}".encode(), "b", "a").x.size == len(values), "a constant y is allowed"


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    (tmp_path / "loop").symlink_to("loop")
    for path, said in [
        (str(tmp_path), "it is a folder; a CSV file is needed"),
        (str(tmp_path / "none.csv"), "no such file or directory"),
        (str(plain / "below"), "not a directory"),
        (str(tmp_path / ("n" * 300)), "file name too long"),
        (str(tmp_path / "loop"), "too many levels of symbolic links"),
        ("", "it is a folder"),
        ("nul\0byte", "no file can have this name"),
        ("lone\ud800surrogate", "no file can have this name"),
        ("two\nlines", r"'two\nlines'"),
    ]:
        with pytest.raises(InputError) as caught:
            read_columns(path, None, None)
        assert_one_line(caught.value)
        assert said in str(caught.value)
        assert caught.value.field == "data"


def test_special_and_huge_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A socket's path is short of room, so it is bound from inside its folder.
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    for path in ("fifo", "socket", "/dev/null", "/dev/zero"):
        with pytest.raises(InputError, match="it is a pipe or a device; a regular file is needed"):
            read_columns(path, None, None)
    with Path("sparse.csv").open("wb") as file:
        file.truncate((1 << 30) + 1)
    with pytest.raises(InputError, match="it is larger than 1 GiB"):
        read_columns("sparse.csv", None, None)


def test_permission_denied_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "data.csv"
    path.touch()
    monkeypatch.setattr(Path, "read_bytes", deny)
    with pytest.raises(InputError, match=r"cannot read '.*': permission denied; a readable CSV file is needed"):
        read_columns(str(path), None, None)
