"""Files that loop, crash, print without end, lie: each is told in one line, and the app stays alive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from student_helpers import GOOD

from tui_linreg.study.student.code import StudentError
from tui_linreg.study.student.session import student_model
from tui_linreg.study.student.student import Limits, Student


class Told(NamedTuple):
    """What is said of a file."""

    kind: str
    words: str
    line: int | None
    text: str


def body(code: str) -> str:
    """A file with this code in `update`, from line 3 on."""
    return "import torch, os, sys\ndef update(x, y_true, y_pred, lr):\n" + textwrap.indent(code, "    ") + "\n"


def giving(values: str) -> str:
    return body(f"d = y_pred - y_true\nreturn {values}")


TOLD = {
    "raises": Told("raised", "ZeroDivisionError: division by zero", 3, body("1 / 0")),
    "control characters": Told("raised", r"ValueError: \x1b[2J\x07", 3, body("raise ValueError('\\33[2J\\7')")),
    "raises what cannot be written": Told(
        "raised", "Odd", 5, "class Odd(Exception):\n    def __str__(self): raise self\n\n"
        "def update(x, y_true, y_pred, lr):\n    raise Odd\n",
    ),
    "raises a long text": Told("raised", "ValueError: aaaa", 3, body("raise ValueError('a' * 10**6)")),
    "raises in torch": Told("raised", "size of tensor a", 3, body("return x + torch.zeros(1000)")),
    "recursion": Told("raised", "RecursionError", 1, "def update(a, b, c, d): return update(a, b, c, d)\n"),
    "asks to exit": Told("raised", "the code asked to exit", 3, body("sys.exit(0)")),
    "interrupts": Told("raised", "KeyboardInterrupt", 3, body("raise KeyboardInterrupt")),
    "reads the keyboard": Told("raised", "EOFError", 3, body("input('?')")),
    "closes what it prints to": Told("answer", "returned nothing", 2, body("sys.stdout.close(); os.close(1)")),
    "100 GB in Python": Told("memory", "out of memory; the code may take 4 GiB", 3, body("bytearray(100 << 30)")),
    "100 GB in torch": Told("memory", "out of memory; the code may take 4 GiB", 3, body("torch.ones(100 << 27)")),
    "syntax": Told("syntax", "SyntaxError", 2, "import torch\ndef update(x y): pass\n"),
    "indentation": Told("syntax", "IndentationError", 2, "def update(x):\npass\n"),
    "a NUL": Told("raised", "null bytes", None, "\0"),
    "nonsense imported": Told("raised", "No module named 'no_such_module'", 2, "\nimport no_such_module\n"),
    "empty": Told("answer", "there is no function update(x, y_true, y_pred, lr)", None, ""),
    "no function": Told("answer", "update is not a function", None, "update = 3\n"),
    "other arguments": Told("answer", "it takes (x, y)", 1, "def update(x, y): pass\n"),
    "nothing": Told("answer", "update returned nothing", 2, body("pass")),
    "one value": Told("answer", "returned one Tensor; needed are 5", 2, body("return x")),
    "three values": Told("answer", "returned 3 values; needed are 5", 2, giving("d, d.sum(), d.sum()")),
    "shape (m, m)": Told("answer", "∂L/∂ŷ has shape (5, 5); needed is sh", 2, giving("d[:, None] - d, 0, 0, 0, 0")),
    "shape (m, 1)": Told("answer", "∂L/∂ŷ has shape (5, 1)", 2, giving("d[:, None], 0, 0, 0, 0")),
    "a vector for a number": Told("answer", "∂L/∂w has shape (5,); needed is a", 2, giving("d, 0, d * x, 0, 0")),
    "float32": Told("answer", "∂L/∂ŷ holds float32, this run's", 2, giving("d.float(), 0, 0, 0, 0")),
    "complex": Told("answer", "∂L/∂b holds complex128", 2, giving("d, d.sum() + 0j, 0, 0, 0")),
    "text": Told("answer", "∂L/∂b is a str; a tensor is needed", 2, giving("d, 'x', 0, 0, 0")),
    "None": Told("answer", "step of w is a NoneType", 2, giving("d, 0, 0, 0, None")),
    "sparse": Told("answer", "∂L/∂ŷ is no plain tensor", 2, giving("d.to_sparse(), 0, 0, 0, 0")),
    "no data": Told("answer", "∂L/∂ŷ is no plain tensor", 2, giving("d.to('meta'), 0, 0, 0, 0")),
    "a huge number": Told("raised", "OverflowError", None, giving("d, 10**400, 0, 0, 0")),
    "random": Told("answer", "the same batch twice gave two", 2, giving("d, torch.rand(1).double(), 0, 0, 0")),
}  # fmt: skip

WRITE_ALL = "import os\nfor n in range(3, 99):\n    try: os.write(n, b'x' * 10**6)\n    except OSError: pass\n"

# After each of these its process is ended and another started. They do it when the file is run, which needs no torch.
DEADLY = {
    "loops in C": Told("time", "running the file took longer than 0.5 s", 2, "def f():\n    sum(iter(int, 1))\nf()\n"),
    "stops itself": Told("time", "took longer", None, "import os; os.kill(os.getpid(), 19)"),
    "ends its process": Told("ended", "ended its process (exit status 7)", None, "import os; os._exit(7)"),
    "crashes": Told("ended", "crashed its process (segmentation fault)", 2, "import ctypes\nctypes.string_at(0)\n"),
    "aborts": Told("ended", "crashed its process (aborted)", 2, "import os\nos.abort()\n"),
    "closes the channel": Told("channel", "closed the app's channel", None, "import os; os.closerange(3, 100)"),
    "writes to the channel": Told("channel", "wrote into the app's channel", None, WRITE_ALL),
}  # fmt: skip


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    path = tmp_path_factory.mktemp("learner") / "mine.py"
    path.write_text(GOOD)
    with Student(path, limits=Limits()) as opened:
        yield opened


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Student]:
    """A student whose process starts in a tenth of the time: what it takes for torch can nothing but load a file."""
    stand_in(tmp_path, monkeypatch)
    path = tmp_path / "mine.py"
    path.write_text("def update(x, y_true, y_pred, lr): pass\n")
    with Student(path, limits=Limits(load=0.5)) as opened:
        yield opened


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put something that is called torch where new processes find it first."""
    (folder / "first").mkdir()
    (folder / "first" / "torch.py").write_text("float32 = None\ndef set_default_dtype(dtype): pass\n")
    monkeypatch.setenv("PYTHONPATH", str(folder / "first"), prepend=os.pathsep)


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


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent to notice does not."""
    state = Path(f"/proc/{pid}/stat")
    try:
        if state.parent.parent.joinpath("self").exists():
            return state.read_text().rpartition(")")[2].split()[0] not in "ZX"
        os.kill(pid, 0)
    except (OSError, ProcessLookupError):
        return False
    return True


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
def test_it_is_told_and_its_process_ended(quick: Student, name: str) -> None:
    quick.check()
    pid = quick.pid
    assert pid is not None
    quick.path.write_text(DEADLY[name].text)
    with pytest.raises(StudentError) as caught:
        quick.reload()
    check_words(caught.value, DEADLY[name])
    assert quick.pid != pid
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # its status was taken: it is no zombie
    assert not alive(pid)
    quick.check()  # with the version from before


HARMLESS = {
    "prints a gigabyte": "print('x' * 10**6)\nfor _ in range(500): os.write(1, bytes(2**20)); os.write(2, b'x')",
    "prints odd characters": "print('\\ud800 ∂L/∂ŷ')\nsys.stderr.write('x')",
    "threads": "import threading, time\nfor _ in range(5): threading.Thread(target=time.sleep, args=(1000,)).start()",
    "changes what it got": "for v in (x, y_true, y_pred): v.zero_()\ny_pred += 1",
    "forks": "os.fork()",
    "starts a process": "import subprocess\nsubprocess.Popen(['sleep', '1000'])",
    "autograd": "x.requires_grad_()\ny_pred = y_pred + 0 * x\ny_true = y_true + 0 * x",
}


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


# What a file writes to the app's channel when it is run, as the answers to the app's first two requests.
FALSE_ANSWERS = {
    "the answer to another request": ("send(b'{\"request\": 99}')", "channel"),
    "a result that is too short": ('send(b\'{"request": 1}\'); send(b\'{"request": 2}\'); send(b"x")', "channel"),
    "a result that is too long": ("send(b'{\"request\": 1}'); send(b'{\"request\": 2}'); send(bytes(99))", "channel"),
    "a huge length": ("os.write(channel, b'\\x7f\\xff\\xff\\xff')", "channel"),
    "no JSON": ("send(b'\\xff')", "channel"),
    "no object": ("send(b'[1, 2, 3]')", "channel"),
    "no error": ('send(b\'{"request": 1, "kind": "odd", "line": 1, "text": ""}\')', "channel"),
    "half a message": ("os.write(channel, b'\\0\\0'); time.sleep(100)", "time"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors of POSIX")
@pytest.mark.parametrize("name", FALSE_ANSWERS)
def test_a_false_answer_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    stand_in(tmp_path, monkeypatch)
    answers, kind = FALSE_ANSWERS[name]
    path = tmp_path / "mine.py"
    path.write_text(
        "import os, stat, time\nfrom multiprocessing.connection import Connection\n"
        "def is_socket(n):\n    try: return stat.S_ISSOCK(os.fstat(n).st_mode)\n    except OSError: return False\n"
        "channel = next(filter(is_socket, range(3, 99)))\n"
        f"send = Connection(os.dup(channel)).send_bytes\n{answers}\n"
        "def update(x, y_true, y_pred, lr): pass\n"
    )
    with Student(path, limits=Limits(call=0.4, load=1.0)) as student:
        model = student_model(student)(dtype=torch.float64)
        x = torch.arange(5, dtype=torch.float64)
        with pytest.raises(StudentError) as caught:
            model.update(x, x, x, 0.1)
        assert caught.value.kind == kind, str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_process_that_does_not_read_a_long_batch_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch)
    path = tmp_path / "mine.py"
    path.write_text("def update(x, y_true, y_pred, lr): pass\n")
    with Student(path, limits=Limits(call=0.4)) as student:
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
def test_no_process_outlives_the_app(tmp_path: Path, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch)
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
