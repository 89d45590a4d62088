"""A run without a screen: loading it, training it, and saying on the terminal how far that is.

Importable without torch: it is loaded when a run starts, with a word on the terminal about it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tui_linreg.cli.errors import tell
from tui_linreg.engine.errors import InputError, quoted

if TYPE_CHECKING:
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.engine.progress import Progress
    from tui_linreg.engine.training.session import Session

_SECONDS_BETWEEN_FRAMES = 0.1


@contextmanager
def opened_session(config: RunConfig, student: str | None) -> Iterator[Session]:
    """Give what `open_session` returns, or a session that does a learner's `update`; ends that one's process.

    Raises:
        InputError: when the run is impossible, or the learner's file cannot be used.
    """
    if student is None:
        yield open_session(config)
        return
    from tui_linreg.study.student.student import Student, refuse_options

    refuse_options(config)
    with Student(student) as opened:
        with _word("loading torch, the data and your file …"), leaving_at_once(opened.close):
            from tui_linreg.study.student.session import StudentSession

            opened.check()
            session = StudentSession(config, opened)
        print(f"note: the from-scratch model's update is that of {quoted(student)}", file=sys.stderr)
        _tell_notices(session)
        try:
            yield session
        except InputError as error:
            if session.failure is not error:
                raise
            raise InputError(f"step {session.trained + 1} of {session.schedule.steps}: {error}") from error


def open_session(config: RunConfig) -> Session:
    """Load what a run needs and say on stderr what the user should know before it starts.

    Raises:
        InputError: when the data, the split or the device that `config` asks for is impossible.
    """
    with _word("loading torch and the data …"), leaving_at_once():
        from tui_linreg.engine.training.session import Session

        session = Session(config)
    _tell_notices(session)
    return session


def _tell_notices(session: Session) -> None:
    """Print what the user should know before the run starts, a warning that it will diverge included."""
    from tui_linreg.engine.analysis.instruments import Instruments

    for notice in (*session.notices, Instruments(session).warning):
        if notice is not None:
            print(f"note: {notice}", file=sys.stderr)


def train_whole(session: Session) -> None:
    """Train the run to its end."""
    goal = session.schedule.steps
    with progress_bar("training", goal) as progress:
        session.train_to(goal, progress=progress)


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def _word(text: str) -> Iterator[None]:
    """Show `text` on stderr while the block runs, where that is a terminal."""
    if not _on_terminal():
        yield
        return
    print(text, end="\r", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        print(" " * len(text), end="\r", file=sys.stderr, flush=True)


@contextmanager
def leaving_at_once(before: Callable[[], object] = bool) -> Iterator[None]:
    """Let Ctrl+C end the program from within the block, in which nothing is written.

    `before` is called first. A KeyboardInterrupt in the middle of torch's import is swallowed there and leaves half a
    torch behind.
    """
    main = threading.current_thread() is threading.main_thread()
    # Who has a handler of their own, a test runner for example, keeps it.
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def leave(*_: object) -> None:
        before()
        os._exit(tell(KeyboardInterrupt()))

    signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def progress_bar(label: str, length: int) -> Iterator[Progress | None]:
    """Give a callback that moves a progress bar on stderr; None where that is no terminal."""
    if not _on_terminal():
        yield None
        return
    shown, drawn_at = 0, 0.0
    with click.progressbar(length=length, label=f"{label:<9}", file=sys.stderr) as bar:

        def move(done: int, goal: int) -> None:
            nonlocal shown, drawn_at
            now = time.monotonic()
            # Drawing at every step would cost more than the step.
            if done > shown and (done >= goal or now - drawn_at >= _SECONDS_BETWEEN_FRAMES):
                bar.update(done - shown)
                shown, drawn_at = done, now

        yield move
