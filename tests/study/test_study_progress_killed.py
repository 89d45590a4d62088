"""Killing the process at any moment never loses a finished task, nor do two processes at once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tui_linreg
from tui_linreg.study.progress.file import load

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")

# Says each task's number once it is kept: what is said is promised.
LEARNER = """
import sys
from pathlib import Path
from tui_linreg.study.progress.file import Keeper
path, name, first, last = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
keeper = Keeper(path)
print("ready", flush=True)
for number in range(first, last):
    note = keeper.keep(keeper.progress.task_done("lesson", f"{name}-{number}").predicted(True, "loss"))
    assert not note, note
    print(f"{name}-{number}", flush=True)
"""
KILLS = 12


def learner(path: Path, name: str, first: int, last: int) -> subprocess.Popen[str]:
    environment = {"PYTHONPATH": str(Path(tui_linreg.__file__).parent.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", LEARNER, str(path), name, str(first), str(last)],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_kills_lose_no_finished_task(tmp_path: Path) -> None:
    path, chance, promised = tmp_path / "p.json", random.Random(0), set[str]()
    for kills in range(KILLS):
        with learner(path, "task", 100_000 * kills, 10**9) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, 0.05))
            process.kill()
            said = process.stdout.read()
        assert process.returncode == -signal.SIGKILL
        # A line without its end was cut by the kill, but its task was kept before.
        new = {line for line in said.split("\n")[:-1] if line}
        promised |= new
        found = load(path)
        assert not found.note
        done = found.progress.tasks.get("lesson", frozenset())
        assert promised <= done
    assert promised, "some were finished before their process was killed"
    assert not list(tmp_path.glob("*.damaged-*"))


def test_two_apps_at_once_keep_every_task(tmp_path: Path) -> None:
    path, many = tmp_path / "p.json", 60
    with learner(path, "one", 0, many) as one, learner(path, "two", 0, many) as two:
        said = [process.communicate(timeout=60)[0] for process in (one, two)]
    assert (one.returncode, two.returncode) == (0, 0)
    assert all(len(lines.split()) == many + 1 for lines in said)
    progress = load(path).progress
    assert progress.tasks["lesson"] == {f"{name}-{number}" for name in ("one", "two") for number in range(many)}
    assert progress.predictions["loss"].right == 2 * many
