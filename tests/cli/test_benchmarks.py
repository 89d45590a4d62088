"""The benchmarks still start. What they measure is read, never tested: time depends on the machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[1] / "benchmarks" / "run.py"


@pytest.mark.parametrize("names", ["key long-work big-data", "start training seek"])
def test_benchmarks_start(names: str) -> None:
    done = subprocess.run([sys.executable, RUN, "--quick", *names.split()], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    summary = done.stdout.partition("\n\n")[2].splitlines()
    assert summary[0].split()[:3] == ["measured", "median", "p95"]
    for name in names.split():
        assert any(line.startswith(name.replace("-", " ")) for line in summary[1:]), name


def test_an_unknown_benchmark_is_named() -> None:
    done = subprocess.run([sys.executable, RUN, "nothing"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nothing: choose from key, start" in done.stderr
