"""A while of input at random in a real pseudo-terminal: broken sequences, bytes that are no text, new sizes."""

from __future__ import annotations

import random
import sys
import time
from collections import deque
from pathlib import Path

from full_length import LONG
from pseudo_terminal import assert_restored, terminal
from random_input import Act, random_input

SEED, ACTS = 2026, 20_000
SECONDS = 60.0 if LONG else 8.0
SIZE = (120, 36)
_BROKEN = (
    b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\x80\x80", b"\xed\xa0\x80", b"\xc0\xaf", b"\x9b5A", b"\x00",
    b"\x1b[", b"\x1b[<", b"\x1b[<0;", b"\x1b[<0;1;1", b"\x1b[<999;999;999M", b"\x1b[<0;-1;-1M", b"\x1b[M !!", b"\x1bO",
    b"\x1b[1;", b"\x1b[999~", b"\x1b[" + b"1;" * 200 + b"m", b"\x1b\x1b\x1b[A", b"\x1b]0;title\x07", b"\x1bP$w\x1b\\",
    b"\x1b[200~never ended", b"\x1b[201~", b"\x1b[200~1\n2\n\x1b[31m\xff3\x1b[201~",
    b"\x1b[?1;2c", b"\x1b[?2026;9$y", b"\x1b[?2048;0$y", b"\x1b[1;1R", b"\x1b[57441u", b"\x1b[97;5u",
    b"[" * 300, b"9" * 500, "ü€🙂".encode() * 20,
)  # fmt: skip


def test_after_much_of_anything_it_still_answers(tmp_path: Path) -> None:
    acts = 0
    chance, source = random.Random(SEED), random_input(SEED, SIZE)
    may_quit = tmp_path / "may-quit"
    launcher = Path(__file__).parents[1] / "helpers" / "patched_app.py"
    last: deque[Act | bytes] = deque(maxlen=60)
    with terminal(
        (sys.executable, str(launcher), "quit-when-allowed"), SIZE,
        {"TUI_LINREG_MAY_QUIT": str(may_quit)}, controlling=True, folder=tmp_path,
    ) as screen:  # fmt: skip
        try:
            screen.until("LIVE")
            begin = time.monotonic()
            while acts < ACTS and time.monotonic() - begin < SECONDS:
                burst = bytearray()
                for _ in range(chance.choice((1, 1, 5, 30))):
                    act: Act | bytes = chance.choice(_BROKEN) if chance.random() < 0.05 else next(source)
                    acts += 1
                    last.append(act)
                    if isinstance(act, tuple):
                        screen.resize(*act)
                    else:
                        burst += act.encode() if isinstance(act, str) else act
                cut = chance.randint(0, len(burst))
                for part in (burst[:cut], burst[cut:]):
                    screen.type(bytes(part))
                    screen.settle(0.1, most=5)  # else what is typed piles up, and the end waits for all of it
                assert screen.process.poll() is None, "the process ended"
            may_quit.touch()
            screen.resize(*SIZE)
            screen.type(b"\x1b[201~")
            deadline = time.monotonic() + 60
            while screen.process.poll() is None:
                assert time.monotonic() < deadline, "it never answered"
                screen.type(b"\x1b")
                screen.settle(0.3, most=1)
                screen.type(b"q")
                screen.settle(0.3, most=2)
            assert screen.ended() == 0
            assert_restored(screen)
        except BaseException as error:
            error.add_note(f"seed {SEED}, after {acts} acts; the last ones: {list(last)!r}; {screen.written[-600:]!r}")
            raise
