"""`serve`: the app in a browser, a process for each page. Importable without torch, textual and what serves."""

from __future__ import annotations

import errno
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tui_linreg.engine.config import FIELDS, RunConfig
from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.explain import PROGRAM
from tui_linreg.settings import load_settings
from tui_linreg.study.lessons.folder import load_lessons

PORT, SESSIONS = "8000", "8"
MEGABYTES = 330
"""Memory of one session, measured: see CONTRIBUTING."""
_MOST = {"port": 65535, "max-sessions": 1000}
_ROOT = Path(__file__).resolve().parents[2]
# Nothing is imported from the present folder, whichever way the program was started.
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from tui_linreg.cli.main import main; "
    "del sys.path[0]; sys.exit(main())"
)


def serve(
    texts: Mapping[str, str], places: Mapping[str, str | None], *, host: str, port: str, max_sessions: str
) -> int:
    """Serve the app until it is ended, and return the exit code.

    Args:
        texts: the options of the run to begin with, as `RunConfig.read` takes them.
        places: what else of this machine the sessions are given: "student", a file, and "lessons", a folder.
        host: the address to listen at.
        port: as typed.
        max_sessions: how many pages may be open at a time, as typed.

    Raises:
        InputError: when something is wrong with one of these, or the library that serves is not there.
    """
    config = RunConfig.read(texts)
    load_settings()  # what is wrong with the settings is said before anybody opens a page
    if places["lessons"] is not None:
        load_lessons(places["lessons"])
    numbers = {name: _whole(name, text) for name, text in (("port", port), ("max-sessions", max_sessions))}
    try:
        from tui_linreg.cli.web_server import WebServer, is_loopback
    except ModuleNotFoundError as error:
        raise InputError(f"serve: needs {error.name}, which is not there; pip install '{PROGRAM}[web]'") from error
    _need_address(host, numbers["port"])
    if (student := places["student"]) is not None:
        from tui_linreg.study.student.student import Student, refuse_options

        refuse_options(config)
        with Student(student):
            pass
    options = [each for name, text in texts.items() for each in _option(name, text)]
    if options and (code := _tried(options)):
        return code
    options += [f"--{name}={path}" for name, path in places.items() if path is not None]
    most = numbers["max-sessions"]
    lines = [
        f"{PROGRAM} is at {url(host, numbers['port'])} for up to {most} at a time, some {MEGABYTES} MB each; "
        "ctrl+c ends it",
        "only this machine can reach it"
        if is_loopback(host)
        else "note: whoever reaches this address may use it, without a password and unencrypted; they compute here, "
        "and read or write no file",
    ]
    WebServer(_shell_command(_program(*options)), host, numbers["port"], most, lines).serve()
    return 0


def url(host: str, port: int) -> str:
    """Return where a browser finds the page."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _whole(name: str, text: str) -> int:
    if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= _MOST[name]:
        return int(text[:9])
    raise InputError(f"--{name} {quoted(text)}: must be a whole number from 1 to {_MOST[name]}")


def _option(name: str, text: str) -> list[str]:
    option = FIELDS[name].option
    return [option] if isinstance(getattr(RunConfig(), name), bool) else [f"{option}={text}"]


def _program(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-c", _START, str(_ROOT), *arguments]


def _shell_command(command: list[str]) -> str:
    # With exec the shell becomes the app, and is no process beside it.
    return subprocess.list2cmdline(command) if os.name == "nt" else f"exec {shlex.join(command)}"


def _tried(options: list[str]) -> int:
    """Run one epoch of the run in another process; where that fails, print why and return its exit code."""
    done = subprocess.run(
        _program(*options, "train", "--epochs", "1"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    if done.returncode:
        sys.stderr.write(done.stderr.decode(errors="replace"))
    return done.returncode


def _need_address(host: str, port: int) -> None:
    """Raise InputError unless one can listen there."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        socket.create_server(address[:2], family=family).close()
    except (OSError, UnicodeError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise InputError(f"--port {port}: is in use; choose another one") from error
        if getattr(error, "errno", None) == errno.EACCES:
            raise InputError(f"--port {port}: the system does not allow it; choose one above 1023") from error
        raise InputError(f"--host {quoted(host)}: must be an address of this machine, such as 127.0.0.1") from error
