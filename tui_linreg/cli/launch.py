"""Starts a run: in the app, or without a screen, with the progress shown on the terminal.

Importable without torch and textual: they are loaded when the run starts.
"""

from __future__ import annotations

import codecs
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError, in_browser, printable, quoted
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.progress import Progress
from tui_linreg.explain import PROGRAM
from tui_linreg.settings import load_settings
from tui_linreg.study.progress_file import first_start

if TYPE_CHECKING:
    from tui_linreg.engine.training.session import Session
    from tui_linreg.study.student.session import StudentSession
    from tui_linreg.study.student.student import Student

SYMBOLS = {quantity.key: quantity.symbol for quantity in QUANTITIES}


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
        new = in_browser() or first_start()  # a visitor may be new each time: nothing is kept of one
        settings = settings._replace(start="first phase" if new else "last phase")
    from tui_linreg.tui.app import LinRegApp  # loads textual

    app = LinRegApp(config, settings, student, lessons)
    try:
        app.run()
    finally:
        if app.controller.student is not None:  # which may have been taken up in the app
            app.controller.student.close()  # first, so that a thread that waits for an answer ends
    if app.exit_line:
        print(f"{PROGRAM}: {app.exit_line}", file=sys.stderr)
    if not app.work_ended():
        # A thread inside torch while the interpreter shuts down aborts the process; there is nothing left to save.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(app.return_code or 0)
    return app.return_code or 0


def _need_terminal() -> None:
    """Raise InputError unless textual can read keys and draw here: stdin and the stream that it draws on."""
    drawn_on = sys.stdout if sys.platform == "win32" else sys.stderr
    # TEXTUAL_DRIVER asks for another way in and out, a browser for example.
    if os.environ.get("TEXTUAL_DRIVER"):
        return
    without = f"without one, {PROGRAM} step tells the run in sentences"
    if not (sys.stdin.isatty() and drawn_on.isatty()):
        raise InputError(f"the app needs a terminal; {without}")
    if os.environ.get("TERM") == "dumb":
        raise InputError(f"the app needs a terminal that can place the cursor, and TERM says 'dumb'; {without}")
    encoding = getattr(drawn_on, "encoding", None) or "ascii"
    if sys.platform != "win32" and codecs.lookup(encoding).name != "utf-8":
        raise InputError(
            f"the app draws characters that {encoding} lacks; in a terminal that shows UTF-8, set LC_ALL=C.UTF-8 "
            f"or PYTHONUTF8=1; {without}"
        )
    for name in ("COLUMNS", "LINES"):  # another terminal's, or this one's before it was resized
        os.environ.pop(name, None)


@contextmanager
def opened_session(config: RunConfig, student: str | None, *, plain: bool = False) -> Iterator[Session]:
    """Give a new session, after what the user should know of it is said on stderr.

    Args:
        config: the run.
        student: a file whose model replaces the from-scratch one; its process ends with the block.
        plain: whether nothing on the screen may be written over, and symbols are said in words.

    Raises:
        InputError: when the data, the split or the device is impossible, or the student's file cannot be used or is
            not written whole.
    """
    if student is None:
        with _shown("loading torch and the data …", plain), leaving_at_once():
            from tui_linreg.engine.training.session import Session

            session = Session(config)
        _print_notices(session, plain)
        yield session
        return
    with opened_student(config, student, plain=plain) as own:
        own.train_to(1)
        if absent := {key: why for key, why in own.absent.items() if key in SYMBOLS}:
            symbols = ", ".join(map(SYMBOLS.__getitem__, absent))
            raise InputError(
                f"{own.student.name}: {printable(next(iter(absent.values())))}: {symbols}; "
                f"{PROGRAM} student --check judges what is there"
            )
        yield own


@contextmanager
def opened_student(config: RunConfig, student: str, *, plain: bool = False) -> Iterator[StudentSession]:
    """Give a new session of a learner's file, whether that is written whole or not; as `opened_session`."""
    from tui_linreg.study.student.student import Student, refuse_options

    refuse_options(config)
    with Student(student) as opened:
        with _shown("loading torch, the data and your file …", plain), leaving_at_once(opened.close):
            from tui_linreg.study.student.session import StudentSession

            opened.check()
            session = StudentSession(config, opened)
        print(f"note: the from-scratch model is that of {quoted(student)}", file=sys.stderr)
        _print_notices(session, plain)
        try:
            yield session
        except InputError as error:
            if session.failure is not error:
                raise
            raise InputError(f"step {session.trained + 1} of {session.schedule.steps}: {error}") from error


def _print_notices(session: Session, plain: bool) -> None:
    """Print what the user should know before the run starts, a warning that it will diverge included."""
    from tui_linreg.engine.analysis.instruments import Instruments
    from tui_linreg.line.words import spoken

    for notice in (*session.notices, Instruments(session).warning):
        if notice is not None:
            print(f"note: {spoken(notice) if plain else notice}", file=sys.stderr)


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def _shown(text: str, plain: bool) -> Iterator[None]:
    """Show `text` on stderr while the block runs, where that is a terminal that may be written over."""
    if plain or not _on_terminal():
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
def progress_bar(label: str, length: int, *, plain: bool = False) -> Iterator[Progress | None]:
    """Give a callback that moves a progress bar on stderr; None where that is no terminal, or `plain` forbids it."""
    if plain or not _on_terminal():
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
