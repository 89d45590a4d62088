"""The process in a real pseudo-terminal: how it ends, and how it leaves the terminal."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest
from full_length import LONG, at_full_length
from pseudo_terminal import APP, ENTERS, LEAVES, SHOWS_CURSOR, Terminal, assert_restored, terminal

from tui_linreg.tui.loader import STAGES

PATCHED = (sys.executable, str(Path(__file__).parents[1] / "helpers" / "patched_app.py"))
ON_A_FILE = ("--data", str(Path(__file__).parents[1] / "data" / "tiny.csv"))
"""Where it does not matter: without scikit-learn a process is ready in two thirds of the time."""
A_MILLION_EPOCHS = ("--epochs", "1000000", *ON_A_FILE)

WHILE = {
    "loading": ("", "loading"),
    "idle": ("", "LIVE"),
    "training": ("u7\r", "left"),
    "playing": (" ", "pause"),
    "in a dialog": ("g", "Go to"),
    "in the palette": ("\x10", "Search"),
}
"""What to type in each state, and what is on the screen then; each starts a process, so some of them at full length."""
SIGNALS = [(signal.SIGTERM, state) for state in WHILE if state != "training"] + [(signal.SIGHUP, "idle")]


def bring_to(screen: Terminal, state: str) -> None:
    """Type what leads to a state of `WHILE`."""
    keys, shown = WHILE[state]
    if keys:
        screen.until("LIVE")
    since = len(screen.written) if keys else 0
    screen.press(keys)
    screen.until(shown, since=since)


def test_quitting_while_loading_ends_at_once() -> None:
    with terminal(APP) as screen:
        screen.until("loading")
        screen.press("q")
        assert screen.ended() == 0
        assert_restored(screen)


def test_quitting_during_long_work_ends_in_order() -> None:
    with terminal((*APP, *A_MILLION_EPOCHS)) as screen:
        bring_to(screen, "training")
        screen.press("q")
        assert screen.ended() == 0
        assert_restored(screen)


@pytest.mark.parametrize(
    ("number", "state"),
    [(signal.SIGTERM, "training"), (signal.SIGHUP, "loading"), *at_full_length(*SIGNALS)],
)
def test_a_signal_leaves_the_terminal_restored(number: signal.Signals, state: str) -> None:
    with terminal((*APP, *A_MILLION_EPOCHS)) as screen:
        bring_to(screen, state)
        screen.process.send_signal(number)
        assert screen.ended() == 128 + number
        assert_restored(screen)
        assert f"tui-linreg: ended by {number.name}".encode() in screen.written


@pytest.mark.parametrize("stage", STAGES if LONG else STAGES[-1:])
def test_no_stage_of_loading_keeps_the_process_alive(stage: str) -> None:
    with terminal((*PATCHED, f"stays-at-{stage}")) as screen:
        screen.until(f"▸ {stage}")
        screen.press("q")
        assert screen.ended() == 0
        assert_restored(screen)


@pytest.mark.parametrize(("patch", "keys"), [("long-work-hangs", "u7\r"), ("export-hangs", "x\r")])
def test_no_work_under_way_keeps_the_process_alive(patch: str, keys: str, tmp_path: Path) -> None:
    with terminal((*PATCHED, patch, *ON_A_FILE), folder=tmp_path) as screen:
        screen.until("LIVE")
        screen.press(keys)
        screen.until("running until" if "u" in keys else "writing")
        screen.press("q")
        assert screen.ended() == 0
        assert_restored(screen)


@pytest.mark.parametrize(
    ("patch", "keys"), [("loading-fails", ""), ("key-fails", "y"), *at_full_length(("dialog-fails", "g5\r"))]
)
def test_an_unforeseen_error_ends_in_one_line(patch: str, keys: str) -> None:
    with terminal((*PATCHED, patch, *ON_A_FILE)) as screen:
        if keys:
            screen.until("LIVE")
            screen.press(keys)
        assert screen.ended() == 1
        assert_restored(screen)
        assert said_last(screen) == [
            b"tui-linreg: internal error: ZeroDivisionError: 'broken on purpose\\n[bold]twice[/]\\x1b[31m'; "
            b"please report it (TUI_LINREG_DEBUG=1 shows where)"
        ]


def said_last(screen: Terminal) -> list[bytes]:
    """Return the lines written after the app left its screen, without control sequences."""
    after = bytes(screen.written[screen.written.rindex(LEAVES) :])
    return [line for line in re.sub(rb"\x1b\[[?<>]?[0-9;]*[a-z]", b"", after).split(b"\r\n") if line]


@pytest.mark.parametrize(("patch", "keys"), [("long-work-fails", "u7\r"), ("export-fails", "x\r")])
def test_an_error_in_long_work_is_said_and_the_app_goes_on(patch: str, keys: str, tmp_path: Path) -> None:
    with terminal((*PATCHED, patch, *ON_A_FILE), folder=tmp_path) as screen:
        screen.until("LIVE")
        screen.press(keys)
        screen.until("internal error: ZeroDivisionError")
        since = len(screen.written)
        screen.press("j")
        screen.until("LIVE step 2", since=since)
        screen.press("q")
        assert screen.ended() == 0
        assert_restored(screen)


def test_a_debugger_gets_the_whole_traceback() -> None:
    with terminal((*PATCHED, "key-fails", *ON_A_FILE), environment={"TUI_LINREG_DEBUG": "1"}) as screen:
        screen.until("LIVE")
        screen.press("y")
        assert screen.ended() == 1
        assert b"patched_app.py" in screen.written[screen.written.rindex(LEAVES) :]


def test_bytes_that_are_no_text_do_no_harm() -> None:
    with terminal(APP) as screen:
        screen.until("LIVE")
        os.write(screen.master, b"\xff\xfe\x80j\xc3(\xf0\x9f\x1b[<\xff;1M\x1b[999;999;999~\x1b[200~\xe2\x82")
        os.write(screen.master, b"\x1b[201~")
        screen.until("LIVE step 2")
        screen.press("q")
        assert screen.ended() == 0
        assert_restored(screen)


@pytest.mark.parametrize(
    ("state", "controlling"),
    [
        ("loading", True),
        ("training", False),
        *at_full_length(("in a dialog", True), ("idle", True), ("playing", True), ("idle", False)),
    ],
)
def test_closing_the_terminal_ends_the_process(state: str, controlling: bool) -> None:
    """A terminal sends SIGHUP only to the program whose own it is; the others find that there is nothing to read."""
    with terminal((*APP, *A_MILLION_EPOCHS), controlling=controlling) as screen:
        bring_to(screen, state)
        screen.close()
        deadline = time.monotonic() + 60
        while screen.process.poll() is None:
            assert time.monotonic() < deadline, "the process never ended"
            time.sleep(0.02)
        assert screen.process.returncode == 128 + signal.SIGHUP


def test_stopping_restores_the_terminal_and_going_on_paints_again() -> None:
    with terminal((*APP, *A_MILLION_EPOCHS), controlling=True) as screen:
        since = 0
        for stops in (1, 2):
            screen.until(f"LIVE step {stops}", since=since)
            since = len(screen.written)
            screen.press("\x1a")
            screen.until(LEAVES, since=since)
            assert screen.stopped()
            screen.settle(0.2)
            assert SHOWS_CURSOR in screen.written[screen.written.index(LEAVES, since) :]
            assert screen.echoes()
            since = len(screen.written)
            os.kill(screen.process.pid, signal.SIGCONT)  # as `fg` does
            screen.until(ENTERS, since=since)
            screen.until("One mini-batch", since=since)
            screen.press("j")
        screen.until("LIVE step 3", since=since)
        screen.press("q")
        assert screen.ended() == 0
        assert screen.written.count(ENTERS) == screen.written.count(LEAVES) == 3
        assert b"Traceback" not in screen.written
        assert screen.echoes()


def test_the_very_first_start_alone_is_for_someone_new() -> None:
    for line, other in ((b"computes the next phase", b"this step"), (b"this step", b"computes the next phase")):
        with terminal((*APP, *ON_A_FILE)) as screen:
            screen.until(line.decode())
            screen.press("q")
            assert screen.ended() == 0
            assert other not in screen.written
