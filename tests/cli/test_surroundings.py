"""What the program makes of odd surroundings: terminals, encodings, homes, and files that are there already."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyte
import pytest
from cli_helpers import Run, assert_refused
from pseudo_terminal import APP, Terminal, assert_restored, terminal

ON_A_FILE = ("--data", str(Path(__file__).parents[1] / "data" / "tiny.csv"))
TINY = ("--dataset", "tiny")


def ends_with(screen: Terminal, line: str) -> None:
    assert screen.ended() == 2
    assert screen.written.decode().strip().replace("\r\n", "\n") == f"tui-linreg: {line}"


def drawn(screen: Terminal, columns: int, rows: int) -> list[str]:
    """What stands on a terminal of this size."""
    seen = pyte.Screen(columns, rows)
    pyte.ByteStream(seen).feed(bytes(screen.written))
    return list(seen.display)


def test_the_size_is_the_terminals_and_no_other(tmp_path: Path) -> None:
    with terminal((*APP, *ON_A_FILE), (80, 24), {"COLUMNS": "200", "LINES": "60"}) as screen:
        screen.until("LIVE")
        screen.settle(0.5)
        assert drawn(screen, 80, 24)[-1].strip(), "the footer is on the last line"
        assert b"\x1b[25;" not in screen.written, "nothing is written below the last line"
        since = len(screen.written)
        screen.resize(120, 36)
        screen.until("\x1b[36;", since=since)
        screen.press("q")
        assert screen.ended() == 0


def test_stdout_may_be_a_file(tmp_path: Path) -> None:
    command = ("/bin/sh", "-c", 'exec "$@" > out.txt', "sh", *APP, *ON_A_FILE)
    with terminal(command, (120, 36), folder=tmp_path) as screen:
        screen.until("LIVE")
        screen.until("\x1b[36;")
        since = len(screen.written)
        screen.resize(100, 30)
        screen.until("LIVE", since=since)
        screen.press("q")
        assert screen.ended() == 0
        assert_restored(screen)
    assert (tmp_path / "out.txt").read_text() == ""


def test_a_dumb_terminal_is_refused() -> None:
    with terminal(APP, environment={"TERM": "dumb"}) as screen:
        ends_with(
            screen,
            "the app needs a terminal that can place the cursor, and TERM says 'dumb'; without one, tui-linreg step "
            "tells the run in sentences",
        )


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"},
    ],
)
def test_an_encoding_without_the_characters_is_refused(environment: dict[str, str]) -> None:
    with terminal(APP, environment=environment) as screen:
        name = {"latin-1": "iso8859-1"}.get(environment["PYTHONIOENCODING"], "ascii")
        ends_with(
            screen,
            f"the app draws characters that {name} lacks; in a terminal that shows UTF-8, set LC_ALL=C.UTF-8 or "
            "PYTHONUTF8=1; without one, tui-linreg step tells the run in sentences",
        )


def test_key_sequences_that_are_no_keys_are_ignored() -> None:
    with terminal((*APP, *ON_A_FILE)) as screen:
        screen.until("LIVE")
        for sequence in ("\x1b[:u", "\x1b[106;1:3u", "\x1b[1;1:3B", "\x1b[9999999999u"):
            screen.press(sequence)
        screen.press("j")
        screen.until("LIVE step 2")
        screen.press("g\x1bj")  # a dialog, away again, and the next key is not lost
        screen.until("LIVE step 3")
        screen.press("q")
        assert screen.ended() == 0
        assert_restored(screen)


# ── homes ──

NOBODY = ("unshare", "-U", "--map-user=23456", "env", "-u", "HOME")


def has_nobody() -> bool:
    try:
        done = subprocess.run([*NOBODY, sys.executable, "-c", "import pathlib; pathlib.Path.home()"],
                              capture_output=True, text=True, check=False)  # fmt: skip
    except OSError:
        return False
    return "home directory" in done.stderr


without_a_home = pytest.mark.skipif(not has_nobody(), reason="this system gives no user without a home")


@without_a_home
def test_without_a_home_the_app_runs() -> None:
    with terminal((*NOBODY, *APP, *ON_A_FILE), environment={"TUI_LINREG_STATE": "", "TUI_LINREG_CONFIG": ""}) as screen:
        screen.until("LIVE")
        screen.press("j")
        screen.until("LIVE step 2")
        screen.press("q")
        assert screen.ended() == 0


@without_a_home
@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("train", 0, ""),
        ("config", 2, "there is no home folder for a settings file; TUI_LINREG_CONFIG=FILE names one"),
        ("progress", 2, "there is no home folder for a progress file; TUI_LINREG_STATE=FILE names one"),
    ],
)
def test_without_a_home_a_command_runs_or_says_what_helps(command: str, code: int, said: str) -> None:
    options = TINY if command == "train" else ()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TUI_LINREG", "XDG"))}
    done = subprocess.run(
        [*NOBODY, *APP, *options, command], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("\n") <= 1


def test_a_tilde_in_a_variable_means_home(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("TUI_LINREG_STATE", "~/p.json")
    monkeypatch.setenv("TUI_LINREG_CONFIG", "~/c.toml")
    assert f"kept in {tmp_path}/me/p.json" in run("progress").out
    assert f"settings file: {tmp_path}/me/c.toml" in run("config").out
    monkeypatch.setenv("TUI_LINREG_STATE", "~nobody-of-that-name/p.json")
    monkeypatch.setenv("TUI_LINREG_CONFIG", "~nobody-of-that-name/c.toml")
    for command, variable in (("progress", "TUI_LINREG_STATE"), ("config", "TUI_LINREG_CONFIG")):
        assert_refused(run(command), f"{variable} '~nobody-of-that-name/")


# ── files that are there, help that is whole ──


def test_a_trace_replaces_nothing_unasked_and_says_what_it_wrote(run: Run, tmp_path: Path) -> None:
    first = run("trace", *TINY, "--out", "t.csv")
    assert (first.code, first.out) == (0, "32 steps written to 't.csv', counted from 0\n")
    before = (tmp_path / "t.csv").read_bytes()
    assert_refused(run("trace", *TINY, "--epochs", "1", "--out", "t.csv"), "--out: 't.csv' exists; --force replaces it")
    assert (tmp_path / "t.csv").read_bytes() == before
    assert run("trace", *TINY, "--epochs", "1", "--out", "t.csv", "--force").out.startswith("2 steps written")
    assert len((tmp_path / "t.csv").read_text().splitlines()) == 3


def test_train_says_what_the_copy_is(run: Run) -> None:
    assert "the copy: before training, the from-scratch model takes b and w of torch.nn" in run("train", *TINY).out


@pytest.mark.parametrize("columns", ["60", "80", "100"])
@pytest.mark.parametrize("command", ["", "train", "trace", "report", "student", "progress", "config", "completion"])
def test_help_is_whole(run: Run, monkeypatch: pytest.MonkeyPatch, columns: str, command: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    shown = run(*command.split(), "--help").out
    assert "..." not in shown
    assert all(len(line) <= int(columns) for line in shown.splitlines())
    names = ("error-signal", "weight-gradient", "make_regression", "from-scratch", "first-row")
    joined = "".join(line.strip() for line in shown.splitlines())
    for name in names:
        assert joined.count(name) == shown.count(name), f"{name} is broken over two lines"
