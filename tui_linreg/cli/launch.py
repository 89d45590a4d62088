"""Opens the app on a terminal. textual is imported when there is one."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tui_linreg.cli.errors import PROGRAM
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError

if TYPE_CHECKING:
    from tui_linreg.study.student.student import Student


def open_app(config: RunConfig, *, student: str | None = None, lessons: str | None = None) -> int:
    """Run the app and return its exit code.

    Args:
        config: the run to begin with.
        student: a file whose `update` the hand-written model does.
        lessons: a folder with more lessons.

    Raises:
        InputError: when there is no terminal, or the settings or the student's file are wrong.
    """
    _need_terminal()
    if student is None:
        return _run(config, None, lessons)
    from tui_linreg.study.student.student import Student, refuse_options

    refuse_options(config)
    with Student(student) as opened:
        return _run(config, opened, lessons)


def _run(config: RunConfig, student: Student | None, lessons: str | None) -> int:
    from tui_linreg.settings import load_settings

    settings = load_settings()
    from tui_linreg.tui.app import LinRegApp

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


def _need_terminal() -> None:
    """Raise InputError unless textual can read keys and draw here.

    Raises:
        InputError: when stdin, or the stream that textual draws on, is no terminal.
    """
    drawn_on = sys.stdout if sys.platform == "win32" else sys.stderr
    # TEXTUAL_DRIVER asks for another way in and out, a browser for example.
    if not os.environ.get("TEXTUAL_DRIVER") and not (sys.stdin.isatty() and drawn_on.isatty()):
        raise InputError(f"the app needs a terminal; {PROGRAM} train prints the numbers without one")
