"""A run's notebook: executed cell by cell without this program, its numbers are the session's, bit for bit."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import execute_notebooks
import nbformat
import pytest
import torch

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.training.session import Session
from tui_linreg.study.notebook.cells import cells
from tui_linreg.study.notebook.file import notebook_text, script_text, write_run

TINY_CSV = str(Path(__file__).parents[1] / "data" / "tiny.csv")
ALONE = "import sys\nassert not any(name.split('.')[0] == 'tui_linreg' for name in sys.modules)\n"
ASK = """
import json
print("NUMBERS", json.dumps({
    "losses": [[loss.hex() for loss in each.batch_losses] for each in (model, reference)],
    "valid": [model.evaluate(x_valid, y_valid).hex(),
              reference.evaluate(x_valid.unsqueeze(1), y_valid.unsqueeze(1)).hex()],
    "lines": [[v.item().hex() for v in pair]
              for pair in ((model.b, model.w), (reference.layer.bias, reference.layer.weight))],
    "agreement": agreement().hex(), "threads": torch.get_num_threads(), "torch": torch.__version__}))
"""
RUNS: dict[str, dict[str, Any]] = {
    "default": {},
    "float32": {"dtype": "float32", "seed": 3},
    "tiny": {"dataset": "tiny", "lr": 0.1, "batch_size": 2},
    "diabetes": {"dataset": "diabetes", "standardize": True, "lr": 0.1, "x": "9"},
    "csv": {"data": "tiny.csv", "batch_size": 2, "standardize": True, "dtype": "float32"},
    "schedule": {"lr": "0.1@1,0.01@9,0.003@30", "shuffle": True},
    "start": {"start": (1.5, -2.25), "train_size": 57, "batch_size": 10, "epochs": 5, "noise": 3.5},
    "kernel": {"arithmetic": "kernel"},
    "diverging": {"lr": 60.0, "epochs": 200, "samples": 120},
}


def trained(**options: Any) -> Session:
    session = Session(RunConfig(**({"device": "cpu"} | options)))
    session.train_to(session.schedule.steps)
    return session


def expected(session: Session) -> dict[str, Any]:
    timeline = session.timeline
    return {
        "losses": [[loss.hex() for loss in timeline.losses(side).tolist()] for side in (0, 1)],
        "valid": [session.epoch_log(side)[-1].mse_v.hex() for side in (0, 1)],
        "lines": [[value.hex() for value in state[:2]] for state in timeline.states(session.trained)],
        "agreement": session.agreement().predictions.hex(),
        "threads": session.threads,
        "torch": torch.__version__,
    }


def numbers(printed: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(next(line for line in printed.splitlines() if line.startswith("NUMBERS"))[8:])
    return found


def test_executed_cell_by_cell_notebooks_have_the_sessions_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(TINY_CSV, "tiny.csv")
    sessions = {f"{name}.ipynb": trained(**options) for name, options in RUNS.items()}
    for path, session in sessions.items():
        assert write_run(session, path) == len(cells(session, path))
        book = nbformat.read(path, 4)
        book.cells.append(nbformat.v4.new_code_cell(ALONE + ASK))
        nbformat.write(book, path)
    subprocess.run([sys.executable, execute_notebooks.__file__, *sessions], check=True, capture_output=True)
    for path, session in sessions.items():
        outputs = [output for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"
                   for output in cell.outputs]  # fmt: skip
        assert all(output.output_type == "stream" for output in outputs), path
        printed = "".join(output.text for output in outputs)
        assert numbers(printed) == expected(session), path
        for side in (0, 1):
            assert all(losses.line() in printed for losses in session.epoch_log(side)), path
        assert printed.count("the recorded bits") == 2, path
        before, after = session.agreement_before_copy.predictions, session.agreement_at_start.predictions
        assert f"predictions before the copy differ by {before!r}" in printed, path
        assert f"predictions after the copy differ by {after!r}" in printed, path


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_script_makes_the_mistake_that_is_asked_for(mistake: str, tmp_path: Path) -> None:
    session = trained(mistake=mistake, samples=130, epochs=3, arithmetic="error-signal+update", lr="0.02@1,0.01@5")
    write_run(session, str(tmp_path / "run.py"))
    text = (tmp_path / "run.py").read_text(encoding="utf-8")
    assert mistake in text
    assert MISTAKES[mistake].title in text
    printed = io.StringIO()
    with torch.random.fork_rng(devices=[]), redirect_stdout(printed):  # here, as loading torch again takes long
        exec(compile(text + ASK, "run.py", "exec", dont_inherit=True), {})
    assert numbers(printed.getvalue()) == expected(session)


def test_a_script_finds_the_csv_file_beside_it_from_any_folder(tmp_path: Path) -> None:
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    table = '\ufeffname;"we""ight";use\r\na;1.5;2\r\n\r\nb;2.5; 3 \nc;4;5\rd;7;6.5\n'
    (folder / "cars.csv").write_bytes(table.encode())
    session = trained(data=str(folder / "cars.csv"), x='we"ight', y="3", lr=0.001)
    write_run(session, str(folder / "run.py"))
    moved = tmp_path / "elsewhere"
    folder.rename(moved)
    done = subprocess.run([sys.executable, str(moved / "run.py")], capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout.count("the recorded bits") == 2


def test_a_notebook_is_valid_and_says_what_its_last_bits_depend_on() -> None:
    session = trained(samples=130)
    text = notebook_text(cells(session, "run.ipynb"))
    assert text == notebook_text(cells(session, "run.ipynb"))
    book = nbformat.reads(text, 4)
    nbformat.validate(book)
    heads = [line for cell in book.cells if cell.cell_type == "markdown" for line in cell.source.splitlines()
             if line.startswith(("# ", "## "))]  # fmt: skip
    assert heads == ["# Simple linear regression from scratch", "## Data", "## From scratch", "## Derivation",
                     "## With torch.nn", "## Training", "## Comparison"]  # fmt: skip
    first = book.cells[0].source
    by = session.computed_by
    assert f"torch {by['torch']}" in first
    assert str(by["cpu_capability"]) in first
    assert f"{by['threads']} thread" in first
    assert "    tui-linreg --samples 130 --device cpu" in first
    assert r"\frac{\partial L}{\partial \hat{y}}" in text.replace("\\\\", "\\")
    assert "align*" not in text


def test_a_run_half_trained_names_no_end_and_a_script_is_python_alone() -> None:
    session = Session(RunConfig(samples=130, device="cpu"))
    session.train_to(5)
    made = cells(session, "run.py")
    assert not any("recorded" in cell.source for cell in made if cell.code)
    text = script_text(made)
    compile(text, "run.py", "exec")
    assert "$$" not in text
    assert "∂L/∂w = Σ ∂L/∂ŷ · x" in text
