"""Playing for hours: memory grows by what the timeline keeps, and nothing else piles up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from full_length import LONG

import tui_linreg

STEPS = 200_000 if LONG else 500
"""200 000 steps are six hours of play at 10 mini-batches a second."""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from Linux's /proc")
def test_hours_of_play_cost_only_what_the_timeline_keeps(tmp_path: Path) -> None:
    played = subprocess.run(
        [sys.executable, str(Path(__file__).parents[1] / "helpers" / "play_long.py"), str(STEPS)],
        capture_output=True, text=True, check=False, cwd=tmp_path, timeout=1800,
        env={**os.environ, "PYTHONPATH": str(Path(tui_linreg.__file__).parents[1])},
    )  # fmt: skip
    assert played.returncode == 0, played.stderr[-4000:]
    found = json.loads(played.stdout)
    before, after = found["before"], found["after"]
    assert found["trained"] >= STEPS
    grown = after["bytes"] - before["bytes"] - (after["timeline"] - before["timeline"])
    assert grown < 5 * 2**20, found
    for name in ("threads", "files", "tasks", "timers", "callbacks"):
        assert after[name] <= before[name] + 1, (name, found)
