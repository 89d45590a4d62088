"""The command line: what it prints and writes, and that whatever fails is one line."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from cli_helpers import Run, assert_refused

from tui_linreg import __version__
from tui_linreg.cli import launch, train
from tui_linreg.engine.config import FIELDS, RunConfig
from tui_linreg.engine.device import computed_by
from tui_linreg.engine.errors import InputError
from tui_linreg.settings import Settings

FAST = ["--epochs", "1"]
FIRST, LAST = "epoch: 0 - MSE: 736.9844 - MSE_v: 949.6741", "epoch: 15 - MSE: 133.2815 - MSE_v: 178.2338"


@contextmanager
def interrupted_by_ctrl_c() -> Iterator[None]:
    """As in a terminal: what a shell runs in the background ignores ctrl+c, and so does all that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def test_train_prints_the_notebooks_lines_and_the_comparison(run: Run) -> None:
    result = run("train", "--seed", "0")
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert [lines[i] for i in (0, 1, 16, 17, 18, 33, 34)] == [
        "torch.nn", FIRST, LAST, "from scratch", FIRST, LAST, "",
    ]  # fmt: skip
    table = "\n".join(lines[35:])
    assert "  predictions before the copy  14.1126\n" in table
    assert "  predictions after the copy   0\n  loss after the copy          0\n" in table
    for words in ("predictions after training", "b after training", "w after training"):
        assert f"  {words}" in table
    assert "verdicts on cpu, float64: 64 steps, each counted by the worst of its seven compared quantities" in table
    assert "  ≠ differs                    0\n" in table
    assert "1.9453398231" in table
    assert "20.536281458" in table
    assert "0.844421851525        33.962384508" in table
    assert "original units" not in table


def test_options_before_and_after_a_command_merge_and_the_later_win(run: Run) -> None:
    report = json.loads(run("--seed", "3", "--lr", "0.5", "--shuffle", "train", "--lr", "0.1", "--json", *FAST).out)
    assert [report["config"][name] for name in ("seed", "lr", "shuffle", "epochs")] == [3, 0.1, True, 1]


def test_json_is_one_object_with_these_keys(run: Run) -> None:
    result = run("train", "--json")
    assert (result.code, result.err, result.out.count("\n")) == (0, "", 1)
    report = json.loads(result.out)
    assert list(report) == ["config", "computed_by", "torch", "scratch", "mape", "verdicts", "first_difference"]
    assert report["computed_by"] == computed_by(torch.get_num_threads())
    assert report["config"] == RunConfig(train_size=100, batch_size=33, device=report["config"]["device"]).as_json()
    assert report["config"]["device"] in ("cpu", "cuda")
    for side in ("torch", "scratch"):
        assert list(report[side]) == ["epochs", "b", "w"]
        assert [list(epoch) for epoch in report[side]["epochs"]] == [["epoch", "mse", "mse_v"]] * 16
        assert [epoch["epoch"] for epoch in report[side]["epochs"]] == list(range(16))
        last = report[side]["epochs"][15]
        assert f"epoch: 15 - MSE: {round(last['mse'], 4)} - MSE_v: {round(last['mse_v'], 4)}" == LAST
        assert report[side]["b"] == pytest.approx(1.9453398231, abs=1e-10)
        assert report[side]["w"] == pytest.approx(20.5362814585, abs=1e-10)
    assert list(report["mape"]) == [
        "predictions_before_copy", "predictions_after_copy", "loss_after_copy", "predictions", "b", "w",
    ]  # fmt: skip
    assert report["mape"]["predictions_after_copy"] == report["mape"]["loss_after_copy"] == 0.0
    assert report["mape"]["predictions_before_copy"] == pytest.approx(14.112556765255205)
    assert list(report["verdicts"]) == ["identical", "rounding", "differs"]
    assert sum(report["verdicts"].values()) == 64
    assert (report["verdicts"]["differs"], report["first_difference"]) == (0, None)


def test_standardize_adds_the_lines_in_the_original_units(run: Run) -> None:
    args = ["train", "--standardize", "--dataset", "diabetes", *FAST]
    report = json.loads(run(*args, "--json").out)
    assert list(report)[-2:] == ["first_difference", "original_units"]
    assert list(report["original_units"]) == ["torch", "scratch"]
    from tui_linreg.engine.training.session import Session

    session = Session(RunConfig(standardize=True, dataset="diabetes", epochs=1))
    assert session.dataset.scaling is not None
    b, w = session.dataset.scaling.to_original(report["torch"]["b"], report["torch"]["w"])
    assert report["original_units"]["torch"] == {"b": b, "w": w}
    text = run(*args).out
    assert "y = b + w x, x and y standardized" in text
    assert "y = b + w x in the original units" in text
    assert text.count(f"{b:.12g}") == 2
    assert "true" not in text  # nobody knows it for real data
    made = run("train", "--standardize", *FAST).out
    assert made.splitlines()[-1].split() == ["true", "0.844421851525", "33.962384508"]


def test_a_diverging_run_ends_well_and_its_json_is_valid(run: Run) -> None:
    def no_constants(name: str) -> float:
        raise AssertionError(name)

    result = run("train", "--json", "--lr", "1e300", *FAST)
    assert result.code == 0
    assert result.err.startswith("note: η 1e+300 diverges")
    report = json.loads(result.out, parse_constant=no_constants)
    assert (report["torch"]["b"], report["mape"]["w"]) == ("NaN", "NaN")
    result = run("train", "--lr", "1e100", "--epochs", "2")
    assert result.code == 0
    assert "MSE: inf" in result.out


def test_what_should_be_known_is_a_note_on_stderr(run: Run) -> None:
    result = run("train", "--batch-size", "5000", *FAST)
    assert result.code == 0
    assert result.err == "note: batch size 5000 is larger than the 100 train samples: one batch an epoch\n"
    assert ": 1 step, each counted" in result.out


def test_trace_writes_the_file_and_says_so(run: Run, tmp_path: Path) -> None:
    result = run("--epochs", "2", "trace", "--out", "t.csv", "--verdicts")
    assert result == (0, "8 steps written to 't.csv', counted from 0\n", "")
    lines = (tmp_path / "t.csv").read_text().splitlines()
    assert len(lines) == 9
    assert lines[0].endswith(",verdict_b,verdict_w")
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


FAILURES: dict[str, tuple[BaseException, int, str]] = {
    "memory": (MemoryError(), 2, "this machine has not enough memory for this run"),
    "memory of torch": (RuntimeError("DefaultCPUAllocator: can't allocate memory"), 2, "not enough memory"),
    "disk": (OSError(errno.ENOSPC, "No space left on device"), 2, "input or output failed: no space left on device"),
    "a file": (OSError(errno.EACCES, "Permission denied", "a\x1b"), 2, r"'a\x1b': permission denied"),
    "field": (InputError("too\nlong", field="train_size"), 2, "--train-size: too long"),
    "Ctrl+C": (KeyboardInterrupt(), 130, "interrupted"),
    "a mistake": (ZeroDivisionError("x\n\x1b"), 1, r"internal error: ZeroDivisionError: 'x\n\x1b'; please report it"),
}


@pytest.mark.parametrize(("error", "code", "words"), FAILURES.values(), ids=FAILURES.keys())
def test_whatever_fails_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, words: str
) -> None:
    def fail(config: RunConfig, **_: object) -> None:
        raise error

    monkeypatch.setattr(train, "train", fail)
    assert_refused(run("train"), words, code)
    monkeypatch.setenv("TUI_LINREG_DEBUG", "1")
    assert "Traceback (most recent call last)" in run("train").err


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_ctrl_c_while_loading_leaves_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def leave(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(os, "_exit", leave)
    with interrupted_by_ctrl_c():
        with pytest.raises(SystemExit) as caught, launch.leaving_at_once():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert (caught.value.code, capsys.readouterr()) == (130, ("", "tui-linreg: interrupted\n"))


def test_the_app_is_opened_with_the_configuration_and_its_last_word_is_printed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[RunConfig, Settings]] = []

    class FakeApp:
        exit_line = "the data could not be read"
        return_code = 2
        controller = types.SimpleNamespace(student=None)

        def __init__(self, config: RunConfig, settings: Settings, *_: object) -> None:
            opened.append((config, settings))

        def run(self) -> None:
            pass

        def work_ended(self) -> bool:
            return True

    module = types.ModuleType("tui_linreg.tui.app")
    module.LinRegApp = FakeApp  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tui_linreg.tui.app", module)
    monkeypatch.setenv("TEXTUAL_DRIVER", "any")  # so that no terminal is asked for
    assert run("--seed", "3", "--standardize") == (2, "", "tui-linreg: the data could not be read\n")
    assert opened == [(RunConfig(seed=3, standardize=True), Settings(start="first phase"))]


def test_help_lists_every_option_with_its_default(run: Run) -> None:
    for command in ([], ["train"], ["trace"]):
        result = run(*command, "--help")
        assert (result.code, result.err) == (0, "")
        assert result == run(*command, "-h")
        text = " ".join(result.out.split())
        for field in FIELDS.values():
            assert f"{field.option} " in text
            assert field.help in text
        for default in (
            "0.01",
            "10100",
            "16",
            "a third of the train size; of tiny 4",
            "auto",
            "float64",
            "make_regression",
        ):
            assert f"[default: {default}]" in text
        assert run(*command, "--version") == (0, f"tui-linreg {__version__}\n", "")


def test_config_prints_a_settings_file(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    result = run("config")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[0] == f"# settings file: {tmp_path / 'none.toml'} (does not exist)"
    path = tmp_path / "s.toml"
    path.write_text('theme = "é"\nspeed = 3\n[keys]\n"batch.next" = "N"\n')
    monkeypatch.setenv("TUI_LINREG_CONFIG", str(path))
    first = run("config")
    assert 'theme = "é"' in first.out
    assert '"batch.next" = "N"' in first.out
    path.write_text(first.out)
    assert run("config") == first
    path.write_text("speed = 'fast'")
    broken = run("config")
    assert broken.code == 2
    assert broken.out.splitlines()[1:] == result.out.splitlines()[1:]
    assert broken.err.count("\n") == 1
    assert "speed = 'fast': must be a number from 0.1 to 1000" in broken.err
    monkeypatch.setenv("TEXTUAL_DRIVER", "any")
    assert_refused(run(), "speed = 'fast': must be")


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "tui_linreg", *args]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell with pipes")
def test_a_closed_pipe_is_quiet() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(command("--help"), stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command("config"), stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "tui-linreg: input or output failed: no space left on device\n"


def test_an_ascii_terminal_and_closed_streams() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command("config"), capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"residuals \u0177" in done.stdout
    for closing in ("1>&-", "2>&-", "0<&-"):
        shell = f'"{sys.executable}" -m tui_linreg --lr x {closing}'
        assert subprocess.run(shell, shell=True, capture_output=True, check=False).returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals and signals of Unix")
def test_on_a_terminal_there_is_a_bar_and_ctrl_c_leaves_no_file(tmp_path: Path) -> None:
    import pty

    master, slave = pty.openpty()
    out = tmp_path / "t.csv"
    with interrupted_by_ctrl_c():
        process = subprocess.Popen(
            command("trace", "--epochs", "1000000", "--out", str(out)),
            stdin=slave, stderr=slave, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
    os.close(slave)
    seen = b""
    try:
        while b"writing" not in seen or b"%" not in seen:
            seen += os.read(master, 4096)
        process.send_signal(signal.SIGINT)
        while b"interrupted" not in seen:
            seen += os.read(master, 4096)
        assert process.wait(30) == 130
    finally:
        process.kill()
        process.communicate()
        os.close(master)
    assert b"loading torch" in seen
    assert b"Traceback" not in seen
    assert not list(tmp_path.iterdir())
