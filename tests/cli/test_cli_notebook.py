"""`tui-linreg notebook`: what it writes, says and refuses."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from cli_helpers import Run, assert_refused

SMALL = ("--samples", "130", "--epochs", "2", "--device", "cpu")


def test_it_writes_both_kinds_and_says_so(run: Run, tmp_path: Path) -> None:
    result = run(*SMALL, "notebook", "--out", "run.ipynb", "--script", "run.py", "--lr", "0.05")
    assert (result.code, result.err) == (0, "")
    book = nbformat.read(tmp_path / "run.ipynb", 4)
    assert result.out == f"written: 'run.ipynb', {len(book.cells)} cells\nwritten: 'run.py', a script\n"
    for cell in book.cells:
        if cell.cell_type == "code":
            assert cell.source in (tmp_path / "run.py").read_text(encoding="utf-8")
    assert "learning_rate = 0.05" in book.cells[1].source
    assert "recorded = {" in book.cells[-1].source


@pytest.mark.parametrize("option", ["--out", "--script"])
def test_a_file_that_is_there_stays_unless_forced(option: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / ("run.ipynb" if option == "--out" else "run.py")
    path.write_text("old")
    assert_refused(run(*SMALL, "notebook", option, path.name), f"{option} '{path.name}': is there already; --force")
    assert path.read_text() == "old"
    assert run(*SMALL, "notebook", option, path.name, "--force").code == 0
    assert "torch" in path.read_text(encoding="utf-8")


def test_one_file_that_cannot_be_written_keeps_the_other_away(run: Run, tmp_path: Path) -> None:
    assert_refused(run("notebook", "--out", "a.ipynb", "--script", "no/b.py"), "its folder does not exist")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "--out: is missing; notebook needs --out FILE.ipynb, --script FILE.py, or both"),
        (("--out", "run.py"), "--out 'run.py': must be a file name that ends in .ipynb"),
        (("--script", "run.ipynb"), "--script 'run.ipynb': must be a file name that ends in .py"),
        (("--out", "a.ipynb", "--data", "none.csv"), "none.csv"),
        (("--out", "a.ipynb", "--student", "a.py"), "--student"),
    ],
)
def test_it_refuses(args: tuple[str, ...], words: str, run: Run, tmp_path: Path) -> None:
    assert_refused(run("notebook", *args), words)
    assert list(tmp_path.iterdir()) == []


def test_it_is_not_for_a_learners_own_update(run: Run) -> None:
    assert_refused(run("--student", "mine.py", "notebook", "--out", "a.ipynb"), "--student: a notebook holds")
