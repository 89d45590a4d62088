"""A process killed while it writes a file leaves the old or the new one, whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import tui_linreg
from tui_linreg.files import write_atomically

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")

LENGTHS = (700_000, 400_000)
KILLS, WRITERS = 120, 4

# Light: imports the standard library and the module under test, which is replaced where a test needs a worse one.
WRITER = """
import sys
{imported}
contents = [letter * int(length) + "end" for letter, length in zip("ab", sys.argv[2:])]
while True:
    for content in contents:
        print("<", end="", flush=True)
        with write(sys.argv[1]) as file:
            file.write(content)
        print(">", end="", flush=True)
"""
ATOMIC = WRITER.format(imported="from tui_linreg.files import write_atomically as write")
PLAIN = WRITER.format(imported="def write(path): return open(path, 'w')")


def whole(data: bytes) -> bool:
    """Whether a file holds one of the two contents, to the last byte."""
    return any(data == letter * length + b"end" for letter, length in zip((b"a", b"b"), LENGTHS, strict=True))


def write_and_kill(path: Path, code: str, chance: random.Random) -> bool:
    """Let a process write to `path` over and over, kill it at a random moment, and say whether that was in a write."""
    environment = {"PYTHONPATH": str(Path(tui_linreg.__file__).parent.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        [sys.executable, "-S", "-c", code, str(path), *map(str, LENGTHS)],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = process.stdout.read(1)
        time.sleep(chance.uniform(0, 0.02))
        process.kill()
        said += process.stdout.read()
        error = process.stderr.read()
    assert process.returncode == -signal.SIGKILL, error.decode()
    return said.endswith(b"<")


def test_the_file_is_whole_after_every_kill(tmp_path: Path) -> None:
    """Several write at a time into one folder, each over its own file; no kill may trouble the others."""

    def write(number: int) -> int:
        chance, path, in_a_write = random.Random(number), tmp_path / f"out-{number}.csv", 0
        path.write_bytes(b"a" * LENGTHS[0] + b"end")
        for _ in range(KILLS // WRITERS):
            in_a_write += write_and_kill(path, ATOMIC, chance)
            assert whole(path.read_bytes())
        return in_a_write

    with ThreadPoolExecutor(WRITERS) as pool:
        in_a_write = sum(pool.map(write, range(WRITERS)))
    assert in_a_write > KILLS // 4
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    with write_atomically(tmp_path / "out-0.csv") as file:
        file.write("last")
    assert {path.name for path in tmp_path.iterdir()} == {f"out-{number}.csv" for number in range(WRITERS)}


def test_these_kills_would_tear_a_file_written_in_place(tmp_path: Path) -> None:
    path, chance = tmp_path / "out.csv", random.Random(0)
    for _ in range(KILLS):
        write_and_kill(path, PLAIN, chance)
        if path.exists() and not whole(path.read_bytes()):
            return
    pytest.fail("no kill came in the midst of a write")
