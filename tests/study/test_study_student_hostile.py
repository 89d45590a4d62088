"""Files that loop, crash, print without end, lie: each is told in one line, and the app stays alive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hostile_files import DEADLY, FALSE_ANSWERS, HARMLESS, TOLD, Told, body
from student_helpers import GOOD, alive

from tui_linreg.study.student.code import StudentError
from tui_linreg.study.student.session import student_model
from tui_linreg.study.student.student import Limits, Student


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    path = tmp_path_factory.mktemp("learner") / "mine.py"
    path.write_text(GOOD)
    with Student(path, limits=Limits()) as opened:
        yield opened


@pytest.fixture
def quick_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file whose process starts in a tenth of the time: what it takes for torch can nothing but load a file."""
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "torch.py").write_text("float32 = None\ndef set_default_dtype(dtype): pass\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "first"), prepend=os.pathsep)
    path = tmp_path / "mine.py"
    path.write_text("def update(x, y_true, y_pred, lr): pass\n")
    return path


def ask(student: Student, text: str) -> list[float]:
    """Save a file, let it do one step, and return ∂L/∂ŷ."""
    student.path.write_text(text, encoding="utf-8")
    student.reload()
    model = student_model(student)(dtype=torch.float64)
    x = torch.arange(5, dtype=torch.float64)
    before = [value.clone() for value in model.state()]
    try:
        found: list[float] = model.update(x, x, x + 1, 0.1).dloss_dpred.tolist()
    except StudentError:
        assert all(old.equal(new) for old, new in zip(before, model.state(), strict=True))
        raise
    return found


def check_words(error: StudentError, told: Told) -> None:
    assert (error.kind, error.line) == (told.kind, told.line), str(error)
    assert told.words in str(error)
    assert str(error).startswith("mine.py")
    assert str(error).isprintable()
    assert len(str(error)) < 400
    assert error.line is None or error.source == told.text.splitlines()[error.line - 1].strip()[:80]


@pytest.mark.parametrize("name", TOLD)
def test_it_is_told_and_the_process_goes_on(student: Student, name: str) -> None:
    pid = student.pid
    with pytest.raises(StudentError) as caught:
        ask(student, TOLD[name].text)
    check_words(caught.value, TOLD[name])
    assert student.pid == pid


@pytest.mark.skipif(sys.platform == "win32", reason="signals and descriptors of POSIX")
@pytest.mark.parametrize("name", DEADLY)
def test_it_is_told_and_its_process_ended(quick_path: Path, name: str) -> None:
    with Student(quick_path, limits=Limits(load=0.5)) as quick:
        quick.check()
        pid = quick.pid
        assert pid is not None
        quick_path.write_text(DEADLY[name].text)
        with pytest.raises(StudentError) as caught:
            quick.reload()
        check_words(caught.value, DEADLY[name])
        assert quick.pid != pid
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)  # its status was taken: it is no zombie
        assert not alive(pid)
        quick.check()  # with the version from before


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", HARMLESS)
def test_it_does_no_harm(student: Student, name: str) -> None:
    text = body(HARMLESS[name] + "\nd = 2 * (y_pred - y_true) / len(x)\nreturn d, d.sum(), 0.0, 0.0, 0.0")
    pid = student.pid
    assert ask(student, text) == [0.4] * 5
    assert ask(student, GOOD) == [0.4] * 5
    assert student.pid == pid


def test_an_endless_update_is_told(student: Student) -> None:
    pid = student.pid
    told = Told("time", "update took longer than 2 s", 3, body("while True: pass"))
    with pytest.raises(StudentError) as caught:
        ask(student, told.text)
    check_words(caught.value, told)
    assert pid is not None
    assert not alive(pid)


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors of POSIX")
@pytest.mark.parametrize("name", FALSE_ANSWERS)
def test_a_false_answer_is_not_believed(quick_path: Path, name: str) -> None:
    answers, kind = FALSE_ANSWERS[name]
    quick_path.write_text(
        "import os, stat, time\nfrom multiprocessing.connection import Connection\n"
        "def is_socket(n):\n    try: return stat.S_ISSOCK(os.fstat(n).st_mode)\n    except OSError: return False\n"
        "channel = next(filter(is_socket, range(3, 99)))\n"
        f"send = Connection(os.dup(channel)).send_bytes\n{answers}\n"
        "def update(x, y_true, y_pred, lr): pass\n"
    )
    with Student(quick_path, limits=Limits(call=0.4, load=1.0)) as student:
        x = torch.arange(5, dtype=torch.float64)
        with pytest.raises(StudentError) as caught:
            student_model(student)(dtype=torch.float64).update(x, x, x, 0.1)
        assert caught.value.kind == kind, str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_process_that_does_not_read_a_long_batch_is_told(quick_path: Path) -> None:
    with Student(quick_path, limits=Limits(call=0.4)) as student:
        student.check()
        pid = student.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        x = torch.zeros(1_000_000, dtype=torch.float64)
        with pytest.raises(StudentError, match=r"update took longer than 0\.4 s"):
            student_model(student)(dtype=torch.float64).update(x, x, x, 0.1)
        assert not alive(pid)


def test_what_cannot_be_a_file_is_told(tmp_path: Path) -> None:
    large = tmp_path / "large.py"
    large.write_bytes(b"#" * (1 << 20) + b"\n")
    cases = [(tmp_path, "no regular file"), (tmp_path / "none.py", "no such file"), (large, "larger than 1 MiB")]
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe.py")
        cases.append((tmp_path / "pipe.py", "no regular file"))
    for path, words in cases:
        with pytest.raises(StudentError, match=words) as caught:
            Student(path)
        assert caught.value.kind == "file"


def test_closing_ends_a_call_under_way(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("while True: pass\n")
    student = Student(path, limits=Limits(load=100))
    pid, kinds = student.pid, []
    assert pid is not None

    def check() -> None:
        try:
            student.check()
        except StudentError as error:
            kinds.append(error.kind)

    thread = threading.Thread(target=check)
    thread.start()
    student.close()
    student.close()
    thread.join(10)
    assert not thread.is_alive()
    assert kinds == ["closed"]
    assert not alive(pid)
    with pytest.raises(StudentError, match="has been closed"):
        student.check()


OWNER = """
import sys, threading, time
from pathlib import Path
from tui_linreg.study.student.student import Limits, Student
folder, end = Path(sys.argv[1]), sys.argv[2]
limits = Limits(load=1.0 if end == "wait" else 1000.0)
idle, busy = (Student(folder / name, limits=limits) for name in ("idle.py", "busy.py"))
def loop():
    try: busy.check()
    except Exception: pass
threading.Thread(target=loop, daemon=True).start()
idle.check()
while not (folder / "busy").exists(): time.sleep(0.01)
print(idle.pid, busy.pid, flush=True)
if end == "wait": time.sleep(1000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("end", ["quit", "wait"])
@pytest.mark.usefixtures("quick_path")
def test_no_process_outlives_the_app(tmp_path: Path, end: str) -> None:
    (tmp_path / "idle.py").write_text(GOOD)
    # In C, without letting any other thread of Python run.
    text = f"import pathlib\npathlib.Path({str(tmp_path / 'busy')!r}).touch()\nsum(iter(int, 1))\n"
    (tmp_path / "busy.py").write_text(text)
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path), end], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner:
        pids = [int(pid) for pid in owner.stdout.readline().split()]
        assert len(pids) == 2
        if end == "wait":
            owner.send_signal(signal.SIGKILL)
        owner.wait(20)
    deadline = time.monotonic() + 20
    while any(map(alive, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
