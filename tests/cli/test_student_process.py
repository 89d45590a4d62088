"""`--student` in a pseudo-terminal: however the app ends, the learner's process ends with it."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from full_length import at_full_length
from pseudo_terminal import APP, assert_restored, terminal
from student_helpers import alive
from test_process import ON_A_FILE, PATCHED

SHORT_BATCH = (*ON_A_FILE, "--train-size", "9", "--batch-size", "4")
"""Its third mini-batch has a single sample."""

# When it is run and in its third step it writes its process id to a file.
SOURCE = """\
import os, torch
open("pid-load", "w").write(str(os.getpid()))
{load_code}

def update(x, y_true, y_pred, lr):
    if len(x) == 1:
        open("pid-step", "w").write(str(os.getpid()))
        {step_code}
    d = 2 * (y_pred - y_true) / len(y_true)
    return d, d.sum(), torch.dot(d, x), -lr * d.sum(), -lr * torch.dot(d, x)
"""


def come(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"never came true: {what}"
        time.sleep(0.02)


def pid_in(folder: Path, name: str) -> int:
    path = folder / f"pid-{name}"
    come(lambda: path.exists() and bool(path.read_text()), name)
    return int(path.read_text())


@pytest.mark.parametrize("end", ["quit", "signal", *at_full_length("error")])
def test_no_process_of_the_learners_stays(tmp_path: Path, end: str) -> None:
    """The app is ended while a step loops for ever, while the file loops as it is run, and by an error of its own."""
    loops = "while True: pass"
    source = SOURCE.format(
        load_code=loops * (end == "signal"),
        step_code=f"if os.path.exists('go'):\n            {loops}" if end == "quit" else "pass",
    )
    (tmp_path / "mine.py").write_text(source)
    command = (*PATCHED, "key-fails") if end == "error" else APP
    with terminal((*command, "--student", "mine.py", *SHORT_BATCH), folder=tmp_path) as screen:
        screen.until("▸ mine.py" if end == "signal" else "LIVE step 1")
        pid = pid_in(tmp_path, "load")
        if end == "quit":
            (tmp_path / "go").touch()  # from now on: when the app began it has judged the file over the whole run
            (tmp_path / "pid-step").unlink()
            screen.press("jjj")
            assert pid_in(tmp_path, "step") == pid
        assert alive(pid)
        if end == "signal":
            screen.process.send_signal(signal.SIGHUP)
        else:
            screen.press("q" if end == "quit" else "y")
        assert screen.ended() == {"quit": 0, "signal": 128 + signal.SIGHUP, "error": 1}[end]
        assert_restored(screen)
        come(lambda: not alive(pid), "the end of the learner's process")


def test_a_file_that_cannot_be_read_ends_in_one_line_before_the_app_opens(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    with terminal((*APP, "--student", "folder.py"), folder=tmp_path) as screen:
        assert screen.ended() == 2
        assert screen.written == b"tui-linreg: folder.py: it is no regular file; a Python file is needed\r\n"


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals of POSIX systems")
