"""Starts a run: in the app, or without a screen, with the progress shown on the terminal.

Importable without torch and textual: they are loaded when the run starts.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.progress import Progress
from tui_linreg.explain import PROGRAM
from tui_linreg.settings import load_settings
from tui_linreg.study.progress_file import first_start

if TYPE_CHECKING:
    from tui_linreg.engine.training.session import Session
    from tui_linreg.study.student.student import Student


def open_app(config: RunConfig, *, student: str | None = None, lessons: str | None = None) -> int:
    """Run the app and return its exit code.

    Args:
        config: the run to begin with.
        student: a file whose `update` replaces that of the hand-written model.
        lessons: a folder with more lessons.

    Raises:
        InputError: when there is no terminal, or the settings or the student's file are wrong.
    """
    _need_terminal()
    if student is None:
        return _run_app(config, None, lessons)
    from tui_linreg.study.student.student import Student, refuse_options

    refuse_options(config)
    with Student(student) as opened:
        return _run_app(config, opened, lessons)


def _run_app(config: RunConfig, student: Student | None, lessons: str | None) -> int:
    settings = load_settings()
    if settings.start == "auto":
        new = _in_browser() or first_start()  # a visitor may be new each time: nothing is kept of one
        settings = settings._replace(start="first phase" if new else "last phase")
    from tui_linreg.tui.app import LinRegApp  # loads textual

    app = LinRegApp(config, settings, student, lessons)
    try:
        app.run()
    finally:
        if student is not None:
            student.close()  # first, so that a thread that waits for an answer ends
    if app.exit_line:
        print(f"{PROGRAM}: {app.exit_line}", file=sys.stderr)
    if not app.work_ended():
        # A thread inside torch while the interpreter shuts down aborts the process; there is nothing left to save.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(app.return_code or 0)
    return app.return_code or 0


def _in_browser() -> bool:
    """Say whether the app is drawn in a browser: Textual's own variable names what draws it."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def _need_terminal() -> None:
    """Raise InputError unless textual can read keys and draw here: stdin and the stream that it draws on."""
    drawn_on = sys.stdout if sys.platform == "win32" else sys.stderr
    # TEXTUAL_DRIVER asks for another way in and out, a browser for example.
    if not os.environ.get("TEXTUAL_DRIVER") and not (sys.stdin.isatty() and drawn_on.isatty()):
        raise InputError(f"the app needs a terminal; {PROGRAM} train prints the numbers without one")


@contextmanager
def opened_session(config: RunConfig, student: str | None) -> Iterator[Session]:
    """Give a new session, after what the user should know of it is said on stderr.

    Args:
        config: the run.
        student: a file whose `update` replaces that of the from-scratch model; its process ends with the block.

    Raises:
        InputError: when the data, the split or the device is impossible, or the student's file cannot be used.
    """
    if student is None:
        with _shown("loading torch and the data …"), leaving_at_once():
            from tui_linreg.engine.training.session import Session

            session = Session(config)
        _print_notices(session)
        yield session
        return
    from tui_linreg.study.student.student import Student, refuse_options

    refuse_options(config)
    with Student(student) as opened:
        with _shown("loading torch, the data and your file …"), leaving_at_once(opened.close):
            from tui_linreg.study.student.session import StudentSession

            opened.check()
            session = StudentSession(config, opened)
        print(f"note: the from-scratch model's update is that of {quoted(student)}", file=sys.stderr)
        _print_notices(session)
        try:
            yield session
        except InputError as error:
            if session.failure is not error:
                raise
            raise InputError(f"step {session.trained + 1} of {session.schedule.steps}: {error}") from error


def _print_notices(session: Session) -> None:
    """Print what the user should know before the run starts, a warning that it will diverge included."""
    from tui_linreg.engine.analysis.instruments import Instruments

    for notice in (*session.notices, Instruments(session).warning):
        if notice is not None:
            print(f"note: {notice}", file=sys.stderr)


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def _shown(text: str) -> Iterator[None]:
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
    # A program with a handler of its own, a test runner for example, keeps it.
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def leave(*_: object) -> None:
        from tui_linreg.cli.errors import print_error

        before()
        os._exit(print_error(KeyboardInterrupt()))

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
    import click

    shown = 0
    with click.progressbar(length=length, label=f"{label:<9}", file=sys.stderr) as bar:

        def move(done: int, _: int) -> None:
            nonlocal shown
            bar.update(done - shown)
            shown = done

        yield move
