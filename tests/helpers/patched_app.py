"""Starts the app with something in it broken on purpose, for tests of the process: `patched_app.py PATCH [OPTIONS]`."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from tui_linreg.cli import main as cli
from tui_linreg.tui.loader import STAGES

MESSAGE = "broken on purpose\n[bold]twice[/]\x1b[31m"


def fail(*_: object, **__: object) -> NoReturn:
    raise ZeroDivisionError(MESSAGE)


def hold(*_: object, **__: object) -> None:
    """Never come back, as a thread deep in a library does."""
    threading.Event().wait()


def in_loading(do: Callable[..., object]) -> None:
    from tui_linreg.tui import loader

    def load(request: Any, report: Callable[[str], None]) -> Any:
        report("torch")
        do()

    loader.load = load


def in_stage(stage: str) -> None:
    """Stay for ever in one stage of loading."""
    from tui_linreg.tui import loader

    load = loader.load

    def load_until(request: Any, report: Callable[[str], None]) -> Any:
        def report_and_stay(now: str) -> None:
            report(now)
            if now == stage:
                hold()

        return load(request, report_and_stay)

    loader.load = load_until


def in_long_work(do: Callable[..., object]) -> None:
    from tui_linreg.engine.training import until

    until.run_until = do  # type: ignore[assignment]


def in_export(do: Callable[..., object]) -> None:
    from tui_linreg import trace_file

    trace_file.write_trace = do  # type: ignore[assignment]


def in_key() -> None:
    from tui_linreg.tui.features.looking import Looking

    Looking.log_y = fail  # type: ignore[method-assign]


def in_dialog() -> None:
    from tui_linreg.tui.features.stepping.dialogs import GotoDialog

    GotoDialog.action_apply = fail  # type: ignore[method-assign]


def quitting_only_when_allowed() -> None:
    """Let `q` and the palette quit only once the file that TUI_LINREG_MAY_QUIT names is there."""
    from tui_linreg.tui.app import LinRegApp

    quit_app = LinRegApp.action_quit

    async def action_quit(self: LinRegApp) -> None:
        if Path(os.environ["TUI_LINREG_MAY_QUIT"]).exists():
            await quit_app(self)

    LinRegApp.action_quit = action_quit  # type: ignore[method-assign, assignment]


PATCHES: dict[str, Callable[[], None]] = {
    "loading-fails": partial(in_loading, fail),
    "long-work-fails": partial(in_long_work, fail),
    "long-work-hangs": partial(in_long_work, hold),
    "export-fails": partial(in_export, fail),
    "export-hangs": partial(in_export, hold),
    "key-fails": in_key,
    "dialog-fails": in_dialog,
    "quit-when-allowed": quitting_only_when_allowed,
    **{f"stays-at-{stage}": partial(in_stage, stage) for stage in STAGES},
}

if __name__ == "__main__":
    PATCHES[sys.argv[1]]()
    sys.exit(cli.main(sys.argv[2:]))
