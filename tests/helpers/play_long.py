"""Plays many mini-batches in the app and prints, as JSON, what the process held before and after.

`python play_long.py STEPS`; a process of its own, so that nothing else is measured.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from app_helpers import FULL, App, Driver, assert_shows, running, settle
from random_input import messages
from textual.events import Resize
from textual.geometry import Size

WATCHED = 50
LONG_CURVES = 10_000
"""Steps from which on charts thin their curves: from there a frame holds no more."""
OUT_OF_SIGHT = (40, 12)
EXCURSIONS = (
    "g\x1b",
    "?\x1b",
    "u\x1b",
    "c\x1b",
    "mm",
    "1324",
    "yy",
    "hhll",
    "\x10\x1b",
    "[]",
    "kkjj",
    "e\x1b",
    "x\x1b",
)


async def play(steps: int) -> dict[str, Any]:
    """Fill the caches of all screens, measure, play, measure again; a short play goes round less often."""
    rounds, between = (2, 1000) if steps > LONG_CURVES else (1, 250)
    async with running(epochs=(LONG_CURVES + steps) // 4 + 2000) as (app, pilot):
        explorer = app.controller.run
        explorer.session.train_to(LONG_CURVES)
        each = between // 10
        warm = LONG_CURVES + each * rounds * len(EXCURSIONS)
        await go_on(app, pilot, warm, each)
        before = await held(app, pilot)
        begin = time.perf_counter()
        await go_on(app, pilot, warm + steps, between)
        seconds = time.perf_counter() - begin
        after = await held(app, pilot)
        assert_shows(app, explorer.session.step(explorer.cursor.step), explorer.cursor.phase)
        return {
            "steps": steps,
            "seconds": seconds,
            "trained": explorer.session.trained,
            "before": before,
            "after": after,
        }


async def go_on(app: App, pilot: Driver, steps: int, between: int) -> None:
    """Play until so many steps are trained, by the timer's own ticks.

    After every `between` steps look at other things, then watch for a while: each frame painted. The rest is played in
    a terminal too small to draw anything, where a tick still trains, recomputes its step and hands it to every pane.
    """
    explorer = app.controller.run
    while explorer.session.trained < steps:
        await look_elsewhere(app, pilot, explorer.session.trained // between)
        app.controller.do("run.newest")
        if not app.controller.player.playing:
            app.controller.do("play")
        for _ in range(min(WATCHED, between // 4)):
            app.controller.player.tick()
            await asyncio.sleep(0)
            app.screen._on_timer_update()
        await resize(app, pilot, *OUT_OF_SIGHT)
        for _ in range(between - min(WATCHED, between // 4)):
            app.controller.player.tick()
        await resize(app, pilot, *FULL)


async def look_elsewhere(app: App, pilot: Driver, number: int) -> None:
    for key in EXCURSIONS[number % len(EXCURSIONS)]:
        app.post_message(messages(key)[0])
        await settle(app, pilot)
    await resize(app, pilot, 80 + number % 7, 24)
    await resize(app, pilot, *FULL)


async def resize(app: App, pilot: Driver, width: int, height: int) -> None:
    size = app._driver._size = Size(width, height)  # type: ignore[union-attr]  # headless
    app.post_message(Resize(size, size))
    await pilot.pause()


async def held(app: App, pilot: Driver) -> dict[str, int]:
    """Return what the process holds once everything that would end by itself has ended."""
    if app.controller.player.playing:
        app.controller.do("play")
    await asyncio.sleep(1)  # past the patience of the key queue
    await pilot.pause()
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)  # what was given back to the allocator is not held
    return {
        "bytes": int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
        "timeline": app.controller.run.session.timeline.nbytes,
        "threads": threading.active_count(),
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "tasks": len(asyncio.all_tasks()),
        "timers": len(app._timers) + len(app.main._timers),
        "callbacks": len(app.main._callbacks),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(play(int(sys.argv[1])))))
