"""What every test starts from."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from cli_helpers import Run, runner
from full_length import LONG
from hypothesis import settings

# Before numpy and torch are loaded, and for every process that a test starts: threads that wait for work by spinning
# took a tenth of the suite's time from those that had some. No number depends on either.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# As in the app (`tui_linreg.tui.loader`): a million objects of the libraries and of pytest stay, and going through
# them again and again was a quarter of the suite's time.
gc.disable()


def pytest_collection_finish() -> None:
    """Have the garbage collector ignore what is there by now."""
    gc.freeze()
    gc.set_threshold(200_000)
    gc.enable()


# No deadline, so that a busy machine fails nothing; fewer examples than usual, so that the whole suite stays short.
# Other examples each time, but for a run that decides over a change: that one gives the same answer twice.
settings.register_profile(
    "untimed", deadline=None, max_examples=400 if LONG else 20, derandomize="CI" in os.environ and not LONG
)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the user's colours, settings and progress out of the tests."""
    for name in ("NO_COLOR", "TEXTUAL_THEME", "FORCE_COLOR", "COLORFGBG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TUI_LINREG_CONFIG", str(tmp_path / "no-settings.toml"))
    monkeypatch.setenv("TUI_LINREG_STATE", str(tmp_path / "progress.json"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """What runs a command line in this process, in an empty folder."""
    return runner(capsys, monkeypatch, tmp_path)
