"""A learner's file under a running app: one process for many tests, since starting it takes longer than all of them."""

from __future__ import annotations

import os
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from app_helpers import FULL, App, Driver, press_means, settle, text, wait

from tui_linreg.engine.config import RunConfig
from tui_linreg.settings import Settings
from tui_linreg.study.student.student import Limits, Student
from tui_linreg.tui.app import LinRegApp

NAME = "my [b]ü 1.py"
"""With all that a path may have in it."""
GOOD = """\
import torch


def update(x, y_true, y_pred, lr):
    d = 2 * (y_pred - y_true) / len(y_true)
    return d, d.sum(), torch.dot(d, x), -lr * d.sum(), -lr * torch.dot(d, x)
"""
NO_2 = GOOD.replace("2 * (y_pred", "(y_pred")
STATEFUL = GOOD.replace("\n\ndef update", "\nasked = 0\n\n\ndef update").replace(
    "    d = 2 *", "    global asked\n    asked += 1\n    d = (2 + (asked + 1) // 2 * 2**-20) *"
)
"""Right but for a little more each time. Each short batch is asked for twice at once, and both answers are the same."""
QUICK = Limits(call=0.5, load=1.0)


def in_step(number: int, code: str) -> str:
    """The right file, but for what it does in the step of this number (from 1) of the default run."""
    # Told by its first target: nothing else of a step is given to `update` that no other step has.
    from app_helpers import straight_run

    first = straight_run(8)[number - 1].y[0].item()
    bad = textwrap.indent(code, "        ")
    return GOOD.replace("    d = 2", f"    if y_true[0].item() == {first!r}:\n{bad}\n    d = 2")


def save(student: Student, source: str) -> None:
    """Save as editors do: a new file in the place of the old one."""
    new = student.path.with_suffix(".new")
    new.write_text(source, encoding="utf-8")
    new.replace(student.path)


@asynccontextmanager
async def learning(
    student: Student, source: str, size: tuple[int, int] = FULL, **options: Any
) -> AsyncIterator[tuple[App, Driver]]:
    """Run the app with a learner's file until its first step, or the one that stands in, is on the screen."""
    save(student, source)
    app = LinRegApp(RunConfig(device="cpu", **options), Settings(), student)
    async with app.run_test(size=size) as pilot:
        await wait(pilot, lambda: app.controller.loaded, "the run")
        await pilot.pause()
        press_means(pilot, app, trained)
        yield app, pilot


async def trained(app: App, pilot: Driver) -> None:
    """Let the app act on all keys pressed so far, paint, and end the work they began."""
    await settle(app, pilot)
    await idle(app, pilot)


async def idle(app: App, pilot: Driver) -> None:
    """Wait until no work is under way."""
    await wait(pilot, lambda: app.controller.work.busy is None, "the end of the work")
    await pilot.pause()


async def shows(app: App, pilot: Driver, words: str) -> None:
    """Wait until the screen says this."""
    await wait(pilot, lambda: words in text(app), words)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent to notice does not."""
    state = Path(f"/proc/{pid}/stat")
    try:
        if state.parent.parent.joinpath("self").exists():
            return state.read_text().rpartition(")")[2].split()[0] not in "ZX"
        os.kill(pid, 0)
    except (OSError, ProcessLookupError):
        return False
    return True


def bottom(app: App) -> str:
    """The line above the keys."""
    return text(app).splitlines()[-2]


def file_in(folder: Path) -> Path:
    """A path with spaces, brackets and letters of other alphabets."""
    path = folder / "a b [red]ä" / NAME
    path.parent.mkdir()
    path.write_text(GOOD, encoding="utf-8")
    return path
