"""Running the command in this process, for the tests of the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tui_linreg.cli import main as cli


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]


def runner(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> Run:
    """Return what runs the command in an empty folder."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TUI_LINREG_CONFIG", str(folder / "none.toml"))
    monkeypatch.delenv("TUI_LINREG_DEBUG", raising=False)

    def call(*args: str) -> Result:
        code = cli.main(list(args))
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call


def assert_refused(result: Result, words: str, code: int = 2) -> None:
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith("tui-linreg: ")
    assert result.err.count("\n") == 1
    assert result.err.endswith("\n")
    assert result.err.rstrip("\n").isprintable()
    assert words in result.err
