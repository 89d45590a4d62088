"""CSV files as programs and people write them: the right numbers, or one line that names the cause and what helps."""

from __future__ import annotations

import gzip
import io
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_csv_file import assert_one_line
from test_csv_file_properties import same_folder

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.data.csv_file import CsvColumns, CsvOptions, read_columns
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.training.session import Session

ROWS = "1,2.5\n2,4.1\n3,6.2\n4,7.9\n"
Y = [2.5, 4.1, 6.2, 7.9]


def read(
    folder: Path, data: str | bytes, x: str | None = "x", y: str | None = "y", options: CsvOptions | None = None
) -> CsvColumns:
    path = folder / "data.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_columns(str(path), x, y, options)


def refused(
    folder: Path, data: str | bytes, x: str | None = "x", y: str | None = "y", options: CsvOptions | None = None
) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, data, x, y, options)
    assert_one_line(caught.value)
    return str(caught.value)


# ── without a header ──


@pytest.mark.parametrize(
    ("text", "x", "y"),
    [
        ("1,100\n2,200\n3,300\n4,400\n5,500\n", [1, 2, 3, 4, 5], [100, 200, 300, 400, 500]),
        ("2,1\n3,10\n4,20\n5,30\n6,40\n7,50\n", [2, 3, 4, 5, 6, 7], [1, 10, 20, 30, 40, 50]),
        ("0,1\n1,3\n2,5\n3,7\n", [0, 1, 2, 3], [1, 3, 5, 7]),
        ("1.1,39343,a\n1.3,46205,b\n1.5,37731,c\n", [1.1, 1.3, 1.5], [39343, 46205, 37731]),
        ("1.5;2\n2.5;3\n3.5;4\n", [1.5, 2.5, 3.5], [2, 3, 4]),
    ],
)
def test_a_file_without_a_header_keeps_its_first_row(tmp_path: Path, text: str, x: list[float], y: list[float]) -> None:
    said = refused(tmp_path, text, "1", "2")
    assert "the first row holds data" in said
    assert "--no-header" in said
    if ";" in text:
        assert "the first row holds data" in refused(tmp_path, text.replace(".", ","), "1", "2"), "in any notation"
    found = read(tmp_path, text, "1", "2", CsvOptions(header=False))
    assert (found.x.tolist(), found.y.tolist()) == (x, y)
    assert (found.x_name, found.y_name) == ("column 1", "column 2")


@given(
    first=st.lists(st.integers(0, 9), min_size=2, max_size=5),
    x=st.integers(0, 9).map(str) | st.none(),
    y=st.integers(0, 9).map(str) | st.none(),
)
@same_folder
def test_no_name_makes_a_row_of_numbers_a_header(
    tmp_path: Path, first: list[int], x: str | None, y: str | None
) -> None:
    rows = [first, *([number] * len(first) for number in (11, 12, 13))]
    text = "".join(",".join(map(str, row)) + "\n" for row in rows)
    assert "the first row holds data" in refused(tmp_path, text, x, y)


def test_without_a_header_columns_go_by_number(tmp_path: Path) -> None:
    options = CsvOptions(header=False)
    assert "no column 'x'; choose by number, from 1 to 2" in refused(tmp_path, ROWS, "x", "2", options)
    assert "x and y are both column 1;" in refused(tmp_path, ROWS, "1", "1", options)
    assert "line 2, column 2: 'b'" in refused(tmp_path, "1,2\n3,b\n", "1", "2", options)
    assert "3 cells in this row, 2 in the first" in refused(tmp_path, ROWS + "1,2,3\n", "1", "2", options)
    assert read(tmp_path, ROWS, None, None, options).y.tolist() == Y


# ── delimiters ──


@pytest.mark.parametrize("name", ["Temp, C", "'Temp, C'", "a, b, c", '"Temp, C"'])
def test_a_comma_in_a_name_does_not_decide(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, f"{name};Yield\n1.5;2.0\n2.5;3.9\n3.5;6.1\n", "1", "2")
    assert (found.x.tolist(), found.y.tolist()) == ([1.5, 2.5, 3.5], [2.0, 3.9, 6.1])
    assert found.x_name == name.strip('"')
    decimal = read(tmp_path, f"{name};Yield, g\n1,5;2,0\n2,5;3,9\n3,5;6,1\n", "1", "2", CsvOptions(decimal=","))
    assert (decimal.x.tolist(), decimal.y.tolist()) == ([1.5, 2.5, 3.5], [2.0, 3.9, 6.1])


@pytest.mark.parametrize(
    ("delimiter", "said"),
    [
        ("|", "separated by '|'; --delimiter pipe"),
        (" ", "separated by blanks; --delimiter space"),
        (":", "--delimiter"),
    ],
)
def test_other_delimiters_are_named_and_read(tmp_path: Path, delimiter: str, said: str) -> None:
    text = ("x,y\n" + ROWS).replace(",", delimiter)
    assert said in refused(tmp_path, text)
    assert read(tmp_path, text, options=CsvOptions(delimiter=delimiter)).y.tolist() == Y


def test_columns_aligned_by_blanks(tmp_path: Path) -> None:
    text = "   x     y\n   1   2.5 \n  20   4.1\n 300   6.2\n"
    found = read(tmp_path, text, options=CsvOptions(delimiter=" "))
    assert (found.x.tolist(), found.y.tolist()) == ([1, 20, 300], [2.5, 4.1, 6.2])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line", ["sep={}\n", "SEP={}\r\n", '"sep={}"\n', "\ufeffsep={}\n"])
def test_a_separator_line_is_believed(tmp_path: Path, delimiter: str, line: str) -> None:
    text = line.format(delimiter) + ("x,y\n" + ROWS).replace(",", delimiter)
    assert read(tmp_path, text).y.tolist() == Y
    assert "line 7, column 1 'x': 'bad'" in refused(tmp_path, text + f"bad{delimiter}1\n"), "its line is counted"


# ── numbers and missing values ──


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=10, unique=True), decimal=st.sampled_from(".,"))
@same_folder
def test_a_decimal_sign_changes_no_digit(tmp_path: Path, values: list[float], decimal: str) -> None:
    texts = [repr(value).replace(".", decimal) for value in values]
    found = read(tmp_path, "x;y\n" + "".join(f"{t};{t}\n" for t in texts), options=CsvOptions(decimal=decimal))
    assert found.x.tobytes() == found.y.tobytes() == np.array(values).tobytes()


def test_a_unicode_minus_is_a_minus(tmp_path: Path) -> None:
    found = read(tmp_path, "x,y\n−1,2\n−2e−3,−.5\n3,4\n")
    assert (found.x.tolist(), found.y.tolist()) == ([-1, -2e-3, 3], [2, -0.5, 4])


@pytest.mark.parametrize(
    ("cell", "decimal", "said"),
    [
        ("2,5", ".", "'2,5' has a decimal comma; --decimal , reads it"),
        ("-,5", ".", "has a decimal comma"),
        ("1,250", ".", "has a thousands separator; a number is written without it, or as a decimal comma with"),
        ("1,250,000", ".", "'1,250,000' has a thousands separator; a number is written without it"),
        ("1,250.5", ".", "has a thousands separator; a number is written without it"),
        ("1 250", ".", "has a thousands separator"),
        ("1'250", ".", "has a thousands separator"),
        ("1\u202f250", ".", "has a thousands separator"),
        ("1.250", ",", "has a thousands separator; a number is written without it"),
        ("1.250,5", ",", "has a thousands separator"),
        ("2.5", ",", "'2.5' has a decimal point; with --decimal , the comma is the decimal sign"),
        ("–1", ".", "begins with a dash that is no minus sign; write -"),
    ],
)
def test_the_cause_of_a_bad_number_is_named(tmp_path: Path, cell: str, decimal: str, said: str) -> None:
    text = f"x;y\n1;2\n2;{cell}\n3;4\n"
    error = refused(tmp_path, text, options=CsvOptions(decimal=decimal))
    assert said in error
    assert "line 3, column 2 'y'" in error


MISSING = ["", " ", "NA", "n/a", "#N/A", "NaN", "null", "None", "?", "-", "."]


@pytest.mark.parametrize("cell", MISSING)
def test_rows_without_a_value_are_refused_or_left_out(tmp_path: Path, cell: str) -> None:
    text = f"x,y,z\n1,2.5,\n2,4.1,\n3,{cell},1\n{cell},5,1\n4,6.2,{cell}\n"
    assert "--drop-missing leaves out the rows" in refused(tmp_path, text)
    found = read(tmp_path, text, options=CsvOptions(drop_missing=True))
    assert (found.x.tolist(), found.y.tolist(), found.dropped) == ([1, 2, 4], [2.5, 4.1, 6.2], 2)


def test_a_wrong_cell_is_not_dropped_and_too_few_rows_are_said(tmp_path: Path) -> None:
    options = CsvOptions(drop_missing=True)
    assert "line 4, column 2 'y': 'oops'" in refused(tmp_path, "x,y\n1,2\n2,NA\n3,oops\n", options=options)
    said = refused(tmp_path, "x,y\n1,2\n2,NA\n3,4\n", options=options)
    assert "has 2 data rows besides 1 without a value; at least 3 are needed" in said


@pytest.mark.parametrize("options", [{}, {"no_header": True, "x": "1", "y": "2"}])
def test_how_many_rows_are_left_out_is_said(tmp_path: Path, options: dict[str, bool]) -> None:
    path = tmp_path / "data.csv"
    path.write_text(("" if options else "x,y\n") + ROWS + "5,NA\n,6\n6,12\n")
    session = Session(RunConfig(data=str(path), drop_missing=True, **options))  # type: ignore[arg-type]
    assert session.notices == ("2 rows of the file are left out: x or y is missing there; 5 are used",)
    assert session.dataset.n_train + session.dataset.n_valid == 5


# ── what stands around the table ──


@pytest.mark.parametrize("tail", [",\n,\n,\n", ",,\n \n,,\n", "\x1a", "\r\n\x1a\x1a\n", "\n\n\t,\n"])
def test_what_spreadsheets_leave_at_the_end_is_read_past(tmp_path: Path, tail: str) -> None:
    assert read(tmp_path, "x,y\n" + ROWS + tail).y.tolist() == Y


def test_a_delimiter_after_the_last_name_alone(tmp_path: Path) -> None:
    assert read(tmp_path, "x,y,\n" + ROWS).y.tolist() == Y
    assert read(tmp_path, "x,y,,\n" + ROWS, None, None).y.tolist() == Y
    assert "2 cells in this row, 3 names" in refused(tmp_path, "x,y,\n" + ROWS, "x", "3"), "its column is asked for"


def test_a_row_of_units_and_lines_before_the_header_are_named(tmp_path: Path) -> None:
    said = refused(tmp_path, "x,y\ncm,kg\n" + ROWS)
    assert "line 2: no numbers ('cm', 'kg'); a second header row, of units for example? Remove that line" in said
    for before, line, cells in (
        ("# made by a logger\n# 2024\n", 3, "1 cell,"),
        ("Logger\n\n", 3, "1 cell,"),
        ("Logger 2;b\n", 2, "1 cell,"),
    ):
        said = refused(tmp_path, before + "x,y\n" + ROWS)
        assert f"line 1 has {cells} from line {line} on there are 2; remove the lines before the header" in said
    said = refused(tmp_path, "Logger,v 2\nx,y,z\n1,2,3\n4,5,6\n")
    assert "line 1 has 2 cells, from line 2 on there are 3" in said


# ── bytes ──


def zipped(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "x,y\n" + ROWS)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (gzip.compress(ROWS.encode()), "it is compressed by gzip; unpack it first"),
        (zipped("data.csv"), "it is a zip archive; unpack it first"),
        (zipped("xl/workbook.xml"), "it is a spreadsheet; save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(8), "it is a spreadsheet; save it as CSV"),
        (("x,y\n" + ROWS).encode("utf-16-le"), "it is UTF-16 or UTF-32 without the mark"),
        (("x,y\n" + ROWS).encode("utf-32"), "it is UTF-16 or UTF-32 without the mark"),
        (("x,y\n" + ROWS).encode("utf-16") + b"\x00\xd8", "it begins as UTF-16, and this is none"),
    ],
    ids=["gzip", "zip", "xlsx", "xls", "UTF-16", "UTF-32", "half a character"],  # compressed bytes hold the time
)
def test_bytes_that_are_no_text_are_named(tmp_path: Path, data: bytes, said: str) -> None:
    assert said in refused(tmp_path, data)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_with_its_mark_is_read(tmp_path: Path, encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    found = read(tmp_path, (mark + "größe,😀\n" + ROWS).encode(encoding), "größe", "😀")
    assert (found.y.tolist(), found.x_name) == (Y, "größe")


# ── names ──


@given(name=st.text(st.characters(categories=["L", "M"]), min_size=1, max_size=6), composed=st.booleans())
@settings(same_folder, max_examples=50)
def test_a_name_is_found_however_its_characters_are_composed(tmp_path: Path, name: str, composed: bool) -> None:
    there, typed = unicodedata.normalize("NFC", "n" + name), unicodedata.normalize("NFD", "n" + name)
    there, typed = (there, typed) if composed else (typed, there)
    assert read(tmp_path, f"{there},other\n{ROWS}", typed, "2").x.tolist() == [1, 2, 3, 4]


def test_names_that_are_compatible_and_names_that_only_look_the_same(tmp_path: Path) -> None:
    assert read(tmp_path, "ﬁt,a\u00a0b\n" + ROWS, "fit", "a b").y.tolist() == Y
    said = refused(tmp_path, "\u0430ge,y\n" + ROWS, "age", "y")
    assert "no column 'age'; column 1 only looks the same: it has U+0430 where U+0061 was typed; choose it by" in said
    assert "U+200B where nothing was typed" in refused(tmp_path, "x\u200b,y\n" + ROWS)
    assert read(tmp_path, "\u00e9,e\u0301\n" + ROWS, "\u00e9", "e\u0301").y.tolist() == Y, "the exact name comes first"
