"""The coverage-guided search of `fuzz_csv.py`, for a few seconds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed: pip install '.[fuzz]'")


def test_a_short_search_finds_nothing(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, str(Path(__file__).parents[1] / "helpers" / "fuzz_csv.py"), "5"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    done = re.search(r"Done (\d+) runs", run.stderr)
    assert done is not None, run.stderr
    assert int(done[1]) > 500
