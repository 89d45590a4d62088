"""The benchmarks still start. What they measure is read, never tested: time depends on the machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parent / "benchmarks" / "run.py"


@pytest.mark.parametrize(
    "name",
    [
        "key",
        "instruments",
        "first-frame",
        "ready",
        "loading",
        "training",
        "cuda",
        "seek",
        "big-data",
        "big-history",
        "idle",
    ],
)
def test_benchmark_starts(name: str) -> None:
    done = subprocess.run([sys.executable, RUN, "--quick", name], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    summary = done.stdout.partition("\n\n")[2].splitlines()
    assert summary[0].split()[:3] == ["measured", "median", "p95"]
    assert len(summary) > 1 or name == "cuda"


def test_an_unknown_benchmark_is_named() -> None:
    done = subprocess.run([sys.executable, RUN, "nothing"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nothing: choose from key, instruments" in done.stderr
