"""`--student` and `student` on the command line: checked without a screen, refused in one line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli_helpers import Run, assert_refused
from student_helpers import GOOD, NO_2, STATEFUL
from whole_files import whole

from tui_linreg.engine.config import RunConfig
from tui_linreg.study.student.skeleton import SKELETON

FAST = ("--dataset", "tiny", "--epochs", "2", "--device", "cpu")


def test_a_new_file_is_written_once_and_says_what_to_do_next(run: Run, tmp_path: Path) -> None:
    name = "my first [try].py"
    result = run("student", "--new", name)
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "written; next: tui-linreg --student 'my first [try].py', then fill it in and save: the app follows\n"
    )
    assert (tmp_path / name).read_text(encoding="utf-8") == SKELETON
    (tmp_path / name).write_text("mine", encoding="utf-8")
    assert_refused(run("student", "--new", name), "is there already and stays as it is")
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine"
    for bad in ("a.txt", "py", ""):
        assert_refused(run("student", "--new", bad), "must be a name that ends in .py")
    assert_refused(run("student"), "give --new FILE.py or --check FILE.py")
    assert_refused(run("student", "--new", "a.py", "--check", "a.py"), "give --new FILE.py or --check FILE.py")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_is_checked_and_trained_with_without_a_screen(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GOOD, encoding="utf-8")
    plain = json.loads(run("train", "--json", *FAST).out)
    mine = json.loads(run("train", "--json", "--student", "good.py", *FAST).out)
    assert mine.pop("student") == "good.py"
    assert mine == plain
    (tmp_path / "wrong.py").write_text(NO_2, encoding="utf-8")
    result = run(*FAST, "student", "--check", "wrong.py")
    assert result.code == 3
    lines = {line.split("  ")[1]: line.split()[-5:] for line in result.out.splitlines()[1:8]}
    assert [line for line in lines if lines[line][-1] == "1"] == [
        "∂L/∂ŷ = 2/m (ŷ − y)", "∂L/∂b = Σ ∂L/∂ŷ · 1", "∂L/∂w = Σ ∂L/∂ŷ · x", "b ← b − η ∂L/∂b", "w ← w − η ∂L/∂w",
    ]  # fmt: skip
    assert [line for line in lines if lines[line][-3:] == ["the", "program's", "own"]] == [
        "ŷ = b + w x", "L = ‖ŷ − y‖² / m",
    ]  # fmt: skip
    assert "\nnot right: ∂L/∂ŷ is wrong in step 1: the 2 of the square's derivative is missing\n" in result.out
    assert result.out.endswith("right over all 4 steps: ∂L/∂b, ∂L/∂w, b, w\n")


def test_what_cannot_be_used_is_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GOOD, encoding="utf-8")
    late = GOOD.replace("    d = 2", "    len(x) == 2 or 1 / 0\n    d = 2")
    (tmp_path / "late.py").write_text(late, encoding="utf-8")
    for option, value in (("--mistake", "sign"), ("--arithmetic", "kernel")):
        assert_refused(run("--student", "good.py", option, value, "train"), f"{option}: is for the built-in model")
    assert_refused(run("report", "--student", "no.py"), "no.py: cannot read ")
    assert_refused(run("student", "--check", "."), "it is no regular file")
    result = run("trace", "--out", "t.csv", "--student", "late.py", "--batch-size", "4", *FAST)
    assert (result.code, result.out) == (2, "")
    assert "step 1 of 4: late.py, line 5, `len(x) == 2 or 1 / 0`: ZeroDivisionError" in result.err
    assert not (tmp_path / "t.csv").exists()


def test_a_file_with_a_state_of_its_own_is_told_in_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(STATEFUL, encoding="utf-8")
    result = run(*FAST, "student", "--check", "mine.py")
    assert (result.code, result.out) == (2, "")
    assert result.err.splitlines()[-1] == (
        "tui-linreg: step 1 cannot be shown again: the file's update has a state of its own: "
        "it gave other numbers the second time"
    )
    # These compute each step once, and show it as it was computed.
    for command in (("train", "--json"), ("report",), ("trace", "--out", "t.csv")):
        assert run(*command, "--student", "mine.py", *FAST).code == 0


def test_the_app_gets_the_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    def open_app(config: RunConfig, *, student: str | None, **_: object) -> int:
        opened.append(student)
        return 0

    monkeypatch.setattr("tui_linreg.cli.commands.open_app", open_app)
    assert run("--student", "a.py").code == 0
    assert opened == ["a.py"]


def test_a_small_mistake_in_every_step_is_told_where_it_adds_up(run: Run, tmp_path: Path) -> None:
    (tmp_path / "decay.py").write_text(
        "def update(self, x, y_true, y_pred, lr):\n"
        "    d = 2 * (y_pred - y_true) / len(y_true)\n"
        "    gb, gw = d.sum(), (d * x).sum()\n"
        "    self.b -= lr * gb\n"
        "    self.w -= lr * gw\n"
        "    self.w *= 1 - 8e-7\n"
        "    return d, gb, gw\n",
        encoding="utf-8",
    )
    options = ("--dtype", "float32", "--lr", "0.0001", "--epochs", "30", "--samples", "200")
    result = run(*options, "student", "--check", "decay.py")
    assert result.code == 3
    said = (
        r"\nnot right: w is off by a little in every step, seen from step \d+ on: each step could be rounding, all tog"
    )
    assert re.search(said, result.out)
    result = run("train", "--student", "decay.py", *options)
    assert result.code == 0
    assert ": w (each step could be rounding, all together cannot)\n" in result.out


def test_the_order_of_adding_is_free(run: Run, tmp_path: Path) -> None:
    """A plain loop over values that repeat rounds the same way again and again."""
    (tmp_path / "loop.py").write_text(
        "def update(x, y_true, y_pred, lr):\n"
        "    d = 2 * (y_pred - y_true) / len(y_true)\n"
        "    gb = gw = 0.0\n"
        "    for v, u in zip(d, x):\n"
        "        gb, gw = gb + v, gw + v * u\n"
        "    return d, gb, gw, -lr * gb, -lr * gw\n",
        encoding="utf-8",
    )
    rows = "".join(f"{1.1 if i % 2 else 1.3},73.1\n" for i in range(1200))
    (tmp_path / "two.csv").write_text("x,y\n" + rows, encoding="utf-8")
    options = ("--data", "two.csv", "--batch-size", "512", "--epochs", "2", "--lr", "0.05")
    assert run(*options, "student", "--check", "loop.py").code == 0


def test_a_skeleton_is_judged_part_by_part_and_not_trained_with(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(SKELETON, encoding="utf-8")
    result = run(*FAST, "student", "--check", "mine.py")
    assert result.code == 3
    assert result.out.count("not written yet\n") == 8
    assert result.out.endswith("not written yet: ŷ, L, ∂L/∂ŷ, ∂L/∂b, ∂L/∂w, b, w, fit\n")
    refused = (
        "tui-linreg: mine.py: not written yet: ŷ, L, ∂L/∂ŷ, ∂L/∂b, ∂L/∂w, b, w; tui-linreg student --check judges "
    )
    for command in (("train", "--json"), ("report",), ("trace", "--out", "t.csv")):
        result = run(*command, "--student", "mine.py", *FAST)
        assert (result.code, result.out) == (2, "")
        assert result.err.splitlines()[-1] == refused + "what is there"
    assert not (tmp_path / "t.csv").exists()
    one = SKELETON.replace("return ...", "print('[b]\\x1b[2J')\n        return self.b + self.w * x", 1)
    (tmp_path / "mine.py").write_text(one, encoding="utf-8")
    result = run(*FAST, "student", "--check", "mine.py")
    assert "\nright over all 4 steps: ŷ\n" in result.out
    assert "\n  step 1 predict    [b]\\x1b[2J\n" in result.out


def test_the_whole_class_is_checked_with_its_log(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(whole(), encoding="utf-8")
    result = run(*FAST, "student", "--check", "mine.py")
    assert (result.code, result.out.splitlines()[-1]) == (
        0, "right: every number of 4 steps agrees with torch's autograd, but for rounding",
    )  # fmt: skip
    assert "fit                     its 2 lines are those of torch\n" in result.out
    (tmp_path / "mine.py").write_text(whole(fit="print('epoch: 0')"), encoding="utf-8")
    result = run(*FAST, "student", "--check", "mine.py")
    assert result.code == 3
    assert "\nnot right: fit: line 1 of its log is epoch: 0; torch's is epoch: 0 - MSE: " in result.out
    assert "\n  fit               epoch: 0\n" in result.out


def test_a_factor_that_the_small_data_would_hide_is_found(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(GOOD.replace("2 * (y_pred - y_true) / len(y_true)", "y_pred - y_true"))
    said = run(*FAST, "student", "--check", "mine.py").out
    assert "is wrong in step 1: ŷ − y alone, the factor 2/m is missing" in said
    result = run(*FAST, "--batch-size", "2", "student", "--check", "mine.py")
    assert result.code == 3
    assert "\nnot right: ∂L/∂ŷ is wrong on a mini-batch of 3 samples, which this run does not have: " in result.out
    assert "ŷ − y alone, the factor 2/m is missing" in result.out


def test_a_notebooks_class_is_written_to_a_new_file(run: Run, tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": whole()}]
    (tmp_path / "n b.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    result = run("student", "--new", "mine.py", "--from-notebook", "n b.ipynb")
    assert (result.code, result.out) == (
        0, "written; next: tui-linreg --student mine.py, or tui-linreg student --check mine.py\n",
    )  # fmt: skip
    assert run(*FAST, "student", "--check", "mine.py").code == 0
    assert_refused(run("student", "--new", "mine.py", "--from-notebook", "n b.ipynb"), "is there already")
    assert_refused(run("student", "--new", "x.py", "--from-notebook", "no.ipynb"), "cannot read 'no.ipynb'")
    assert_refused(run("student", "--check", "mine.py", "--from-notebook", "n b.ipynb"), "goes with --new FILE.py")
    assert not (tmp_path / "x.py").exists()
