"""A coverage-guided search for a file that the CSV reader stumbles over: `python tests/fuzz_csv.py [SECONDS]`.

Needs atheris. An input is one byte that chooses the columns, then the file. It is read once as a user's file is and
once row by row; both must give the same finite numbers, or the same one line. Exits with 0 when nothing was found; a
finding's bytes are shown as base64 and kept in the folder that is named.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

LONGEST = 512
COLUMNS = [(None, None), ("1", "2"), ("b", "a"), ("3", "n"), ("a", None)]
TABLES = [
    b"a,b\n1,2\n3,4\n5,6\n",
    b"\xef\xbb\xbfn;a;b\r\n1;-2.5e3;+.5\r\n\r\n2;1.;3e-2;\r\n4;5;6",
    b'"a, ""b"""\tn\tb\r"two\nlines"\t0\t1\r1\t2\t3\r3\t4\t5\r',
    '\x1b[31ma,[red]b[/]\n1,2\n\u00a03,4\n１,1e400\nnan,0x10\n1_0,"1,5"\n'.encode(),
    "a,b\n1,2\n3,4\n5,6\n".encode("utf-16"),
]
WORDS = [
    '"',
    '""',
    ",",
    ";",
    "\\x09",
    "\\x0d\\x0a",
    "\\xef\\xbb\\xbf",
    "\\x00",
    "e308",
    "1e400",
    "nan",
    "_",
    "\\xc2\\xa0",
]


def main(seconds: int) -> None:
    """Search for so long; ends the process."""
    # Imported by name, since it is an extra that type checkers need not have.
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["tui_linreg"]):
        from tui_linreg.engine.data import csv_file, csv_records
        from tui_linreg.engine.errors import InputError

    warnings.simplefilter("error")
    folder = Path(tempfile.mkdtemp(prefix="fuzz-csv-"))
    file = folder / "data.csv"
    at_once = csv_file._all_at_once
    csv_records._ROWS_AT_ONCE = 4

    def checked(text: str, field: str | None) -> tuple[str]:
        assert text.isprintable(), repr(text)
        assert len(text) < 500, repr(text)
        assert field in {"data", "x", "y"}
        return (text,)

    def outcome(x: str | None, y: str | None) -> tuple[Any, ...]:
        try:
            columns = csv_file.read_columns(str(file), x, y)
        except InputError as error:
            return checked(str(error), error.field)
        values = [columns.x.tolist(), columns.y.tolist()]
        assert len(values[0]) == len(values[1]) >= 3
        assert all(abs(value) < float("inf") for column in values for value in column)
        return (columns.x.tobytes(), columns.y.tobytes(), columns.x_name, columns.y_name)

    def one(data: bytes) -> None:
        x, y = COLUMNS[(data[0] if data else 0) % len(COLUMNS)]
        file.write_bytes(data[1:])
        csv_file._all_at_once = at_once
        usual = outcome(x, y)
        csv_file._all_at_once = lambda layout, chunk: None
        assert outcome(x, y) == usual

    corpus = folder / "corpus"
    corpus.mkdir()
    for number, table in enumerate(TABLES):
        for choice in range(len(COLUMNS)):
            (corpus / f"seed-{number}-{choice}").write_bytes(bytes([choice]) + table)
    (folder / "words").write_text("".join('"{}"\n'.format(word.replace('"', '\\"')) for word in WORDS))
    print(f"findings go to {folder}", flush=True)
    limits = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        "-len_control=0",
        "-timeout=10",
        "-rss_limit_mb=1024",
    ]
    places = [f"-artifact_prefix={folder}/found-", f"-dict={folder / 'words'}", str(corpus)]
    atheris.Setup([sys.argv[0], *limits, *places, "-print_final_stats=1"], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
