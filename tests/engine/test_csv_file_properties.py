"""The CSV reader on whatever a file may hold: data or one line, and every float as it was written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from csv_tables import FILES, Table, tables
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from test_csv_file import assert_one_line, read

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.data import csv_file, csv_records
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.training.session import Session

T = TypeVar("T")

# The folder of one test serves all of Hypothesis's examples: each overwrites the file.
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


CHOSEN = st.sampled_from([None, "1", "2", "b", "n", "\x1b[31mx", "[red]", "９", "1e5", " b "])
TYPED = CHOSEN | st.text(max_size=3)


@given(data=FILES, x=TYPED, y=TYPED)
@example(data=b"a,b\n1,2\n3,4\n5,6", x=None, y=None)
@example(data=b'"\r",b\n1,2\n3,4\n5,6', x="1", y="2")
@example(data=b"\xef\xbb\xbfa,b\n1,2\n\xff", x=None, y=None)
@same_folder
def test_any_file_gives_data_or_one_line(tmp_path: Path, data: bytes, x: str | None, y: str | None) -> None:
    columns = outcome(lambda: read(tmp_path, data, x, y))
    if not isinstance(columns, InputError):
        assert columns.x.shape == columns.y.shape
        assert columns.x.size >= 3
        assert np.isfinite(columns.x).all()
        assert np.isfinite(columns.y).all()
        assert (columns.x != columns.x[0]).any()
    # Read row by row, as a chunk with something unusual is, it gives the same numbers or the same line.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_file, "_all_at_once", lambda layout, chunk: None)
        again = outcome(lambda: read(tmp_path, data, x, y))
    if isinstance(columns, InputError) or isinstance(again, InputError):
        assert str(again) == str(columns)
    else:
        assert (again.x.tobytes(), again.y.tobytes()) == (columns.x.tobytes(), columns.y.tobytes())


@given(table=tables())
@same_folder
def test_tables_are_read_as_they_were_made(tmp_path: Path, table: Table) -> None:
    columns = read(tmp_path, table.data, table.x, table.y)
    assert (columns.x_name, columns.y_name) == table.names
    assert list(zip(columns.x.tolist(), columns.y.tolist(), strict=True)) == table.rows


@given(table=tables(), shuffle=st.booleans(), dtype=st.sampled_from(["float64", "float32"]))
@settings(same_folder, max_examples=50)
def test_a_session_has_the_tables_rows(tmp_path: Path, table: Table, shuffle: bool, dtype: str) -> None:
    found = outcome(lambda: session(tmp_path, table.data, x=table.x, y=table.y, shuffle=shuffle, dtype=dtype))
    if isinstance(found, InputError):
        # The table is right; it may still not suit the split or the smaller type.
        assert "constant in the" in str(found) or "outside float32" in str(found)
        return
    x, y = everything(found)
    expected = np.array(table.rows).astype(dtype)
    if shuffle:
        assert sorted(zip(x, y, strict=True)) == sorted(map(tuple, expected.tolist()))
    else:
        assert list(zip(x, y, strict=True)) == list(map(tuple, expected.tolist()))


@given(data=FILES, x=CHOSEN, y=CHOSEN, dtype=st.sampled_from(["float64", "float32"]), scaled=st.booleans())
@settings(same_folder, max_examples=50)
def test_a_session_has_finite_data_or_one_line(
    tmp_path: Path, data: bytes, x: str | None, y: str | None, dtype: str, scaled: bool
) -> None:
    columns = outcome(lambda: read(tmp_path, data, x, y))
    found = outcome(lambda: session(tmp_path, data, x=x, y=y, dtype=dtype, standardize=scaled))
    if isinstance(columns, InputError):
        assert str(found) == str(columns)
    elif not isinstance(found, InputError) and not scaled:
        assert everything(found) == (columns.x.astype(dtype).tolist(), columns.y.astype(dtype).tolist())
    if not isinstance(found, InputError):
        assert np.isfinite(everything(found)).all()


def session(folder: Path, data: bytes, **options: Any) -> Session:
    (folder / "data.csv").write_bytes(data)
    return Session(RunConfig(data=str(folder / "data.csv"), epochs=1, **options))


def outcome(make: Callable[[], T]) -> T | InputError:
    """What a call returns, or its one line."""
    try:
        return make()
    except InputError as error:
        caught = error
    assert_one_line(caught)
    return caught


def everything(session: Session) -> tuple[list[float], list[float]]:
    """All x and all y of a run, train rows first."""
    data = session.dataset
    return data.x_train.tolist() + data.x_valid.tolist(), data.y_train.tolist() + data.y_valid.tolist()


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(
    rows=st.lists(st.tuples(FINITE, FINITE), min_size=3, max_size=50).filter(
        lambda rows: len({x for x, _ in rows}) > 1
    ),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n"]),
)
@same_folder
def test_finite_floats_round_trip(tmp_path: Path, rows: list[tuple[float, float]], delimiter: str, end: str) -> None:
    lines = [delimiter.join(("a", "b")), *(f"{x!r}{delimiter}{y!r}" for x, y in rows)]
    columns = read(tmp_path, end.join(lines).encode())
    expected = np.array(rows, dtype=np.float64)
    assert columns.x.tobytes() == expected[:, 0].tobytes()
    assert columns.y.tobytes() == expected[:, 1].tobytes()


def test_chunks_join_without_a_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_records, "_ROWS_AT_ONCE", 4)
    for count in (3, 4, 5, 8, 9):
        # Row 6 goes row by row, its neighbours do not.
        rows = "".join(f"{number},{number * 2}{',' if number == 6 else ''}\n" for number in range(count))
        columns = read(tmp_path, f"a,b\n{rows}".encode())
        assert columns.x.tolist() == list(range(count))
        assert columns.y.tolist() == [number * 2 for number in range(count)]
