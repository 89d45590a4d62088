"""`--mistake` and `--arithmetic` on the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from cli_helpers import Run

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.schedule import Schedule

# On the default batches of 33, 33, 33 and 1 samples.
FIRST = {name: 0 for name in MISTAKES} | {"divide-by-batch-size": 3, "no-zero-grad": 1}


@pytest.mark.parametrize("name", MISTAKES)
def test_json_tells_the_first_step_that_differs(run: Run, name: str) -> None:
    result = run("train", "--json", "--mistake", name, "--epochs", "2")
    first = MISTAKES[name].first_step(Schedule(100, 33, 2))
    assert first is not None
    report = json.loads(result.out)
    assert result.code == 0
    assert result.err == f"note: the from-scratch model makes the mistake {name}: {MISTAKES[name].title}\n"
    assert (report["config"]["mistake"], report["first_difference"]) == (name, first)
    assert report["verdicts"]["differs"] == 8 - first


def test_the_comparison_tells_it_in_words(run: Run) -> None:
    shown = run("--mistake", "divide-by-batch-size", "train", "--epochs", "2").out
    assert "  ≠ differs                    5\n  first ≠ in step 4: ∂L/∂ŷ, ∂L/∂b, ∂L/∂w, b, w\n" in shown
    assert "first ≠" not in run("train", "--mistake", "divide-by-batch-size", "--batch-size", "50").out
    assert "first ≠ in step 1: ∂L/∂w, w\n" in run("train", "--mistake", "no-x").out


def test_a_trace_is_of_the_mistaken_run(run: Run, tmp_path: Path) -> None:
    assert run("trace", "--mistake", "stale", "--epochs", "1", "--out", "t.csv", "--verdicts").code == 0
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as handle:
        first = next(csv.DictReader(handle))
    differs = {name for name, value in first.items() if value == "differs"}
    assert differs == {"verdict_grad_w", "verdict_w"}


def test_the_app_gets_both(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[RunConfig] = []

    def open_app(config: RunConfig, **_: object) -> int:
        opened.append(config)
        return 0

    monkeypatch.setattr("tui_linreg.cli.commands.open_app", open_app)
    assert run("--mistake", "no-x", "--arithmetic", "update+error-signal") == (0, "", "")
    assert opened == [RunConfig(mistake="no-x", arithmetic="error-signal+update")]


def test_kernel_forms_have_more_identical_steps(run: Run) -> None:
    same = {}
    for forms in ("notebook", "kernel"):
        report = json.loads(run("train", "--json", "--device", "cpu", "--arithmetic", forms).out)
        assert report["config"]["arithmetic"] == forms
        assert (report["verdicts"]["differs"], report["first_difference"]) == (0, None)
        same[forms] = report["verdicts"]["identical"]
    assert same["kernel"] > same["notebook"]
