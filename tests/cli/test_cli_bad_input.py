"""Bad input on the command line: one line on stderr, exit code 2, nothing on stdout, nothing written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli_helpers import Run, assert_refused

# What is wrong without looking at any data: refused alike by all three ways to run.
BAD_OPTIONS = {
    "unknown option": (["--learnrate", "1"], "no option '--learnrate'; did you mean --lr?"),
    "option by its label": (["--learning-rate", "1"], "no option '--learning-rate'; did you mean --lr?"),
    "singular": (["--epoch", "1"], "no option '--epoch'; did you mean --epochs?"),
    "nothing near": (["--qqqqqq"], "no option '--qqqqqq'; tui-linreg"),
    "one dash": (["-lr", "1"], "no option '-l'; did you mean --lr?"),
    "escape in an option": (["--\x1b[31m"], r"no option '--\x1b[31m'"),
    "no value": (["--lr"], "--lr: needs a value; it must be a finite number above 0"),
    "empty value": (["--lr="], "--lr '': must be a finite number above 0"),
    "flag with a value": (["--shuffle=yes"], "--shuffle: takes no value"),
    "device": (["--device", "tpu"], "--device 'tpu': must be auto, cpu, cuda, cuda:N or mps"),
    "dtype": (["--dtype", "float16"], "--dtype 'float16': must be float64 or float32"),
    "dataset": (["--dataset", "iris"], "--dataset 'iris': must be one of make_regression, diabetes, tiny"),
    "samples of tiny": (["--dataset", "tiny", "--samples", "9"], "--samples: only for make_regression"),
    "lr a word": (["--lr", "x"], "--lr 'x': must be a finite number above 0"),
    "lr 0": (["--lr", "0"], "--lr '0': must be a finite number above 0"),
    "lr negative": (["--lr", "-1"], "--lr '-1': must be a finite number above 0"),
    "lr nan": (["--lr", "nan"], "--lr 'nan': must be a finite number above 0"),
    "lr inf": (["--lr", "inf"], "--lr 'inf': must be a finite number above 0"),
    "lr of float32": (["--lr", "1e39", "--dtype", "float32"], "--lr 1e+39: must be at most"),
    "lr from step 2": (
        ["--lr", "0.1@2"],
        "--lr '0.1@2': must be a finite number above 0, or such numbers at rising steps",
    ),
    "lr falling steps": (["--lr", "0.1@1,0.2@9,0.3@9"], "--lr '0.1@1,0.2@9,0.3@9': must be a finite number above 0"),
    "lr changes to 0": (["--lr", "0.1@1,0@9"], "--lr '0.1@1,0@9': must be a finite number above 0"),
    "lr changes of float32": (["--lr", "1@1,1e39@9", "--dtype", "float32"], "--lr 1@1,1e+39@9: must be at most"),
    "start one number": (["--start", "1"], "--start '1': must be two finite numbers with a comma between them"),
    "start words": (["--start", "a,b"], "--start 'a,b': must be two finite numbers"),
    "start three": (["--start", "1,2,3"], "--start '1,2,3': must be two finite numbers"),
    "start nan": (["--start", "nan,1"], "--start 'nan,1': must be two finite numbers"),
    "start inf": (["--start", "1,inf"], "--start '1,inf': must be two finite numbers"),
    "start beyond float": (["--start", "-1,1e400"], "--start '-1,1e400': must be two finite numbers"),
    "start empty": (["--start="], "--start '': must be two finite numbers"),
    "start of float32": (["--start", "0,-1e39", "--dtype", "float32"], "--start 0,-1e+39: must be numbers of at most"),
    "start without a value": (["--start"], "--start: needs a value; it must be two finite numbers"),
    "batch size empty": (["--batch-size="], "--batch-size '': must be a whole number from 1"),
    "epochs 0": (["--epochs", "0"], "--epochs '0': must be a whole number from 1"),
    "epochs 1.5": (["--epochs", "1.5"], "--epochs '1.5': must be a whole number from 1"),
    "batch size 0": (["--batch-size", "0"], "--batch-size '0': must be a whole number from 1"),
    "samples": (["--samples", "-5"], "--samples '-5': must be a whole number from 2"),
    "seed": (["--seed", "-1"], "--seed '-1': must be a whole number from 0"),
    "noise negative": (["--noise", "-0.1"], "--noise '-0.1': must be a finite number, 0 or more"),
    "noise inf": (["--noise", "inf"], "--noise 'inf': must be a finite number, 0 or more"),
    "train size": (["--samples", "50", "--train-size", "50"], "--train-size 50: must be below --samples 50"),
    "samples below 100": (["--samples", "100"], "--samples 100: must be above 100, the train size"),
    "two sources": (["--dataset", "diabetes", "--data", "a.csv"], "--data and --dataset: give one of them"),
    "mistake": (["--mistake", "no-y"], "--mistake 'no-y': must be one of sign, missing-2, sum, divide-by-batch-size"),
    "mistake without a name": (["--mistake"], "--mistake: needs a value; it must be one of sign, missing-2"),
    "arithmetic": (
        ["--arithmetic", "exact"],
        "--arithmetic 'exact': must be notebook, kernel, or some of error-signal",
    ),
    "arithmetic twice": (["--arithmetic", "update+update"], "--arithmetic 'update+update': must be notebook, kernel"),
    "x of made data": (["--x", "a"], "--x: only for --data or --dataset diabetes"),
    "header of made data": (["--no-header"], "--no-header: only for --data, a CSV file"),
    "missing of tiny": (["--dataset", "tiny", "--drop-missing"], "--drop-missing: only for --data, a CSV file"),
    "decimal of made data": (["--decimal", ","], "--decimal: only for --data, a CSV file"),
    "decimal": (["--decimal", ";"], "--decimal ';': must be a point or a comma: . or ,"),
    "delimiter": (
        ["--delimiter", "ab"],
        "--delimiter 'ab': must be comma, semicolon, tab, space, pipe or one character",
    ),
    "delimiter a digit": (["--delimiter", "1"], "--delimiter '1': must be comma, semicolon"),
    "delimiter empty": (["--delimiter="], "--delimiter '': must be comma, semicolon"),
    "delimiter of made data": (["--delimiter", " "], "--delimiter: only for --data, a CSV file"),
    "y of tiny": (["--dataset", "tiny", "--y", "y"], "--y: only for --data, tiny has one target"),
}


@pytest.mark.parametrize(("args", "words"), BAD_OPTIONS.values(), ids=BAD_OPTIONS.keys())
@pytest.mark.parametrize("command", [[], ["train"], ["trace", "--out", "t.csv"]], ids=["app", "train", "trace"])
def test_a_bad_option_is_one_line(run: Run, tmp_path: Path, command: list[str], args: list[str], words: str) -> None:
    assert_refused(run(*command, *args), words)
    assert not list(tmp_path.iterdir())


OTHERS = {
    "unknown command": (["trian"], "no command 'trian'; did you mean train?"),
    "no command near": (
        ["qqqq"],
        "no command 'qqqq'; the commands are completion, config, notebook, progress, report, serve",
    ),
    "a file for a command": (["data.csv"], "no command 'data.csv'; to read a file: tui-linreg --data data.csv"),
    "a file after a command": (["train", "my data.TSV"], "to read a file: tui-linreg train --data 'my data.TSV'"),
    "progress two ways": (["progress", "--json", "--reset"], "--json and --reset: give one of them"),
    "empty command": ([""], "no command ''"),
    "left over": (["train", "\x1bx"], r"unexpected argument '\x1bx'; tui-linreg train takes options only"),
    "option too early": (["--json", "train"], "did you mean tui-linreg train --json?"),
    "bad before the command": (["--lr", "x", "train"], "--lr 'x': must be"),
    "config takes none": (["config", "--lr", "1"], "no option '--lr'; tui-linreg config --help lists them"),
    "no out": (["trace"], "--out: is missing; trace needs a file name that ends in .csv or .jsonl"),
    "out without value": (["trace", "--out"], "--out: needs a value"),
    "ending of out": (["trace", "--out", "t.txt"], "--out: cannot write 't.txt': needs a file name that ends in"),
    "no ending": (["trace", "--out", ""], "--out: cannot write '': needs a file name that ends in"),
    "folder of out": (["trace", "--out", "no/t.csv"], "--out: cannot write 'no/t.csv': its folder does not exist"),
    "help with a value": (["--help=me"], "--help: takes no value"),
    "no terminal": ([], "the app needs a terminal; without one, tui-linreg step tells the run in sentences"),
}


@pytest.mark.parametrize(("args", "words"), OTHERS.values(), ids=OTHERS.keys())
def test_bad_use_of_a_command_is_one_line(run: Run, tmp_path: Path, args: list[str], words: str) -> None:
    assert_refused(run(*args), words)
    assert not list(tmp_path.iterdir())


BAD_DATA: dict[str, tuple[bytes | None, list[str], str]] = {
    "missing": (None, [], "--data: cannot read 'd.csv': no such file"),
    "empty": (b"", [], "'d.csv' is empty"),
    "binary": (b"a,b\n\0\1,2\n", [], "'d.csv', line 2: a NUL byte"),
    "no such column": (b"a,b,c\n1,2,3\n", ["--x", "q", "--y", "b"], "--x: 'd.csv': no column 'q'"),
    "duplicate column": (b"a,a,c\n1,2,3\n", ["--x", "a", "--y", "c"], "--x: 'd.csv': columns 1 and 2 are named 'a'"),
    "escape in a column": (b"a,b\x1b[1m\n1,2\n2,3\n3,nan\n", [], r"line 4, column 2 'b\x1b[1m': 'nan'"),
    "empty cell": (b"a,b\n1,2\n,3\n4,5\n", [], "line 3, column 1 'a': an empty cell"),
    "text": (b"a,b\n1,2\n2,[b]x\n4,5\n", [], "line 3, column 2 'b': '[b]x'"),
    "inf": (b"a,b\n1,2\n2,inf\n4,5\n", [], "line 3, column 2 'b': 'inf'"),
    "two rows": (b"a,b\n1,2\n2,3\n", [], "has 2 data rows; at least 3 are needed"),
    "constant x": (b"a,b\n1,2\n1,3\n1,4\n", [], "x column 'a' is 1 in every row"),
    "constant in train": (b"a,b\n1,2\n1,3\n1,4\n1,4\n2,4\n", [], "column 'a' is constant in the 4 train rows"),
    "train size": (b"a,b\n1,2\n2,3\n3,4\n", ["--train-size", "3"], "--train-size 3: must be below the 3 rows"),
}


@pytest.mark.parametrize(("content", "more", "words"), BAD_DATA.values(), ids=BAD_DATA.keys())
def test_bad_data_is_one_line(run: Run, tmp_path: Path, content: bytes | None, more: list[str], words: str) -> None:
    if content is not None:
        (tmp_path / "d.csv").write_bytes(content)
    before = list(tmp_path.iterdir())
    for command in (["train", "--json"], ["trace", "--out", "t.jsonl"]):
        assert_refused(run(*command, "--data", "d.csv", *more), words)
    assert list(tmp_path.iterdir()) == before


def test_a_folder_as_data_and_a_device_that_is_not_there(run: Run, tmp_path: Path) -> None:
    assert_refused(run("train", "--data", str(tmp_path.parent)), "it is a folder; a CSV file is needed")
    assert_refused(run("train", "--device", "cuda:999"), "--device cuda:999: not available; this machine has cpu")
    assert_refused(run("train", "--device", "mps"), "--device mps: has no float64; allowed with --dtype float32")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b\n1,2\n")
    (tmp_path / "d.csv").chmod(0)
    assert_refused(run("train", "--data", "d.csv"), "--data: cannot read 'd.csv': permission denied")


def test_a_trace_does_not_overwrite_its_data(run: Run, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b\n1,2\n2,3\n4,5\n")
    assert_refused(run("trace", "--data", "d.csv", "--out", "./d.csv"), "--out: is the file that --data reads")
    assert (tmp_path / "d.csv").read_text() == "a,b\n1,2\n2,3\n4,5\n"
