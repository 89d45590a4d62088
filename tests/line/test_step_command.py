"""`tui-linreg step` and `--plain`: options, pipes, the end of the input, ctrl+c, a dumb terminal."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_helpers import Result, Run, assert_refused
from line_helpers import WIDTH, audible
from pseudo_terminal import APP, terminal
from student_helpers import GOOD, NO_2
from whole_files import whole

from tui_linreg.study.progress_file import load

TALKS = ("--dataset", "tiny", "--batch-size", "2")


def heard(result: Result) -> list[str]:
    lines = result.out.splitlines()
    for line in lines:
        assert len(line) <= WIDTH
        assert audible(line), line
    return lines


@pytest.fixture
def talk(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    def call(typed: str, *args: str) -> Result:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        return run("step", *args)

    return call


def test_a_pipe_is_answered_without_a_prompt_until_it_ends(talk: Run) -> None:
    result = talk("next\n-2\n", *TALKS)
    assert (result.code, result.err) == (0, "")
    lines = heard(result)
    assert lines[0] == "Linear regression: 6 train samples, 16 epochs, 48 steps."
    assert "Right. Row 2 is minus 2." in lines
    assert not [line for line in lines if line.startswith(">")]
    assert load().progress.predictions["y_pred"].right == 1


def test_quit_ends_before_the_input_does(talk: Run) -> None:
    lines = heard(talk("quit\nwhere\n", *TALKS))
    assert lines[-1] == "Goodbye."


def test_a_last_line_without_its_end_is_read(talk: Run) -> None:
    assert heard(talk("where", *TALKS))[-1] == "Learning rate: 0.1."


def test_the_options_of_a_run_hold(talk: Run) -> None:
    result = talk("value lr\ndigits\n", *TALKS, "--lr", "0.03", "--digits", "7", "--epochs", "2")
    assert heard(result)[0].endswith("2 epochs, 6 steps.")
    assert heard(result)[-2:] == ["Learning rate: 0.03.", "Digits: 7."]


def test_a_mistake_is_noted_in_words(talk: Run) -> None:
    result = talk("go 1 4\n", *TALKS, "--mistake", "sign")
    assert result.err == "note: the from-scratch model makes the mistake sign: the residual the wrong way round\n"
    assert any("Error signal of row 2 differs: hand-written 9, torch minus 9." in line for line in heard(result))


def test_wrong_options_are_refused_in_one_line(talk: Run) -> None:
    assert_refused(talk("", "--digits", "x"), "digits 'x': must be a whole number from 1 to 17")
    assert_refused(talk("", "--lessons", "/nowhere"), "/nowhere")
    assert_refused(talk("", "--lr", "x"), "--lr 'x'")
    assert_refused(talk("", "more"), "takes options only")


def test_lessons_of_a_folder_are_listed_whether_the_option_is_before_or_after(talk: Run, run: Run,
                                                                              monkeypatch: pytest.MonkeyPatch,
                                                                              tmp_path: Path) -> None:  # fmt: skip
    (tmp_path / "own.md").write_text("---\nid: own\ntitle: My own\nminutes: 3\n---\n## Page\n\nText.\n")
    assert "Lesson 13: My own, 0 of 0 tasks done." in heard(talk("lesson\n", *TALKS, "--lessons", str(tmp_path)))
    monkeypatch.setattr(sys, "stdin", io.StringIO("lesson\n"))
    assert "Lesson 13: My own, 0 of 0 tasks done." in run("--lessons", str(tmp_path), "step", *TALKS).out


def test_a_learners_own_update_is_stepped_through(talk: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(NO_2, encoding="utf-8")
    result = talk("go 1 4\n", *TALKS, "--student", "mine.py")
    assert result.code == 0
    assert "note: the from-scratch model is that of 'mine.py'" in result.err
    assert "Error signal of row 2 differs: hand-written minus 4.5, torch minus 9." in heard(result)


def test_an_update_that_fails_later_is_said_and_the_steps_before_it_stay(talk: Run, tmp_path: Path) -> None:
    failing = GOOD.replace("    d = 2", "    if y_true[0].item() == -4:\n        raise ValueError('no')\n    d = 2")
    (tmp_path / "mine.py").write_text(failing, encoding="utf-8")
    result = talk("go 2\ngo 3\nrate half\nwhere\nhunt 1\n", *TALKS, "--student", "mine.py")
    assert result.code == 0
    text = " ".join(result.out.splitlines())
    assert text.count("mine.py, line") == 2  # the step, and another learning rate
    assert "Step 2 of 48" in text.rpartition("mine.py")[2]
    assert text.endswith("A hunt needs the program's own model: leave out --student.")


def test_an_update_that_is_not_written_ends_it_with_one_line(talk: Run, run: Run) -> None:
    run("student", "--new", "start.py")
    result = talk("where\n", *TALKS, "--student", "start.py")
    assert result.code == 2
    assert "not written yet" in result.err.splitlines()[-1]
    assert "Traceback" not in result.err


def test_bytes_of_another_encoding_are_an_unknown_word() -> None:
    done = subprocess.run([*APP, "step", *TALKS], input=b"\xff\xfe\nwhere\n", capture_output=True, check=False)
    assert done.returncode == 0
    assert b"allowed is a number, or next" in done.stdout
    assert done.stdout.rstrip().endswith(b"Learning rate: 0.1.")


def test_ctrl_c_ends_with_one_line() -> None:
    process = subprocess.Popen(
        [*APP, "step", *TALKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert process.stdout is not None
    while not process.stdout.readline().startswith(b"Target:"):
        time.sleep(0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, b"tui-linreg: interrupted\n")


def test_a_closed_output_ends_it() -> None:
    command = f"printf 'where\\nwhere\\n' | {sys.executable} -m tui_linreg step --dataset tiny | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.stdout.startswith("Linear regression")
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["dumb", "xterm-256color"])
def test_a_terminal_gets_a_prompt_and_no_control_sequence(name: str, tmp_path: Path) -> None:
    environment = {"TERM": name, "TUI_LINREG_STATE": str(tmp_path / "p.json")}
    with terminal((*APP, "step", *TALKS), environment=environment) as screen:
        screen.until("> ")
        screen.press("n\r")
        screen.until("Your answer?")
        screen.press("-2\r")
        screen.until("Right. Row 2 is minus 2.")
        screen.press("\x04")
        assert screen.ended() == 0
        assert re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", screen.written) is None
        assert b"Traceback" not in screen.written


def test_train_in_sentences(run: Run) -> None:
    lines = heard(run("train", "--plain", "--epochs", "2"))
    assert lines[0] == "torch, epoch 1: loss is 736.98, validation is 949.67."
    assert "Verdicts: 8 steps, each by the worst of its seven quantities." in lines
    assert "Differs: 0 steps." in lines
    plain, table = run("train", "--plain").out, run("train").out
    assert "Hand-written: b is 1.9453, w is 20.536." in plain
    assert "1.9453398231" in table
    assert "True line: b is 0.84442, w is 33.962." in plain


def test_train_in_sentences_names_the_first_difference(run: Run) -> None:
    assert "First to differ, in step 1: gradient of w, new w." in run("train", "--plain", "--mistake", "stale").out


def test_report_in_sentences(run: Run) -> None:
    result = run("report", "--plain", "--epochs", "3")
    assert result.err == ""
    lines = heard(result)
    assert "Edge, the smallest that diverges with these batches: 1.0235." in lines
    assert "Epoch 1, mean of the batches: 736.98." in lines
    assert any(line.startswith("Least squares: b is 0.74832, w is 33.813") for line in lines)
    assert "Gradient of b, by hand it is: fine." in lines
    long = heard(run("report", "--plain", "--epochs", "30"))
    assert "6 more epochs: --json has all." in long


def test_the_check_of_a_file_in_sentences(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(GOOD, encoding="utf-8")
    result = run(*TALKS, "student", "--check", "mine.py", "--plain")
    assert result.code == 0
    lines = heard(result)
    assert lines[1] == "Loss: the program's own."
    assert lines[2].startswith("Error signal: identical ")
    assert lines[-1] == "Right: every number of 48 steps agrees with torch, but for rounding."
    (tmp_path / "mine.py").write_text(NO_2, encoding="utf-8")
    result = run(*TALKS, "student", "--check", "mine.py", "--plain")
    assert result.code == 3
    lines = heard(result)
    assert "Error signal: identical 0, rounding 0, differs 48, first differs in step 1." in lines
    assert " ".join(lines).endswith(
        "Not right: error signal, in step 1. It looks as if: the 2 of the square's derivative is missing."
    )


def test_the_check_in_sentences_says_what_is_wrong_with_fit(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(whole(fit="print('epoch: 0')"), encoding="utf-8")
    result = run(*TALKS, "--epochs", "2", "student", "--check", "mine.py", "--plain")
    assert result.code == 3
    assert "Not right: fit: line 1 of its log is epoch: 0; torch's is epoch: 0" in " ".join(heard(result))
    (tmp_path / "mine.py").write_text(whole(), encoding="utf-8")
    result = run(*TALKS, "--epochs", "2", "student", "--check", "mine.py", "--plain")
    assert result.code == 0
    assert any(line.startswith("Fit: its ") and line.endswith(" are those of torch.") for line in heard(result))


def test_two_forms_at_once_are_refused(run: Run) -> None:
    for command in ("train", "report"):
        assert_refused(run(command, "--json", "--plain"), "--json and --plain: give one of them, not both")
