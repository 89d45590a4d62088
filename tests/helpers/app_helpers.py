"""Shared by the app's tests: a running app, waiting for a condition, and the screen as text."""

from __future__ import annotations

import asyncio
import time
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, TypeVar

from textual._wait import wait_for_idle
from textual.app import App as TextualApp
from textual.dom import DOMNode
from textual.events import Key
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.step import Step
from tui_linreg.engine.training.session import Session
from tui_linreg.key_names import character_name
from tui_linreg.number_text import significant
from tui_linreg.settings import Settings
from tui_linreg.tui.app import LinRegApp
from tui_linreg.tui.feature import Feature
from tui_linreg.tui.hidden import MARK

AFeature = TypeVar("AFeature", bound=Feature)
FULL, COMPACT = (160, 45), (80, 24)
App = LinRegApp
Driver = Pilot[None]


@asynccontextmanager
async def running(
    size: tuple[int, int] = FULL, settings: Settings | None = None, **options: Any
) -> AsyncIterator[tuple[LinRegApp, Driver]]:
    """Run the app until its first step is on the screen."""
    app = LinRegApp(RunConfig(**options), settings or Settings())
    async with app.run_test(size=size) as pilot:
        await wait(pilot, lambda: app.controller.loaded)
        await pilot.pause()
        press_means(pilot, app, settle)
        yield app, pilot


def press_means(pilot: Driver, app: LinRegApp, settled: Callable[[LinRegApp, Driver], Awaitable[None]]) -> None:
    """Have `pilot.press` mean: pressed, acted on and settled, a key after the other."""

    async def press(*keys: str) -> None:
        for key in keys:
            app.post_message(key_named(key))
            await acted_on(app)
            await settled(app, pilot)

    pilot.press = press  # type: ignore[method-assign]  # so for every test


def key_named(name: str) -> Key:
    """Return what a terminal's key becomes, named as for `Pilot.press`."""
    key = _character_to_key(name) if len(name) == 1 and not name.isalnum() else name
    character: str | None
    try:
        character = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(key, key)))
    except KeyError:
        character = key if len(key) == 1 else None
    return Key(key, character)


async def acted_on(app: App) -> None:
    """Wait until no key waits any more and what stands on the screen has taken its messages.

    With `settle` in place of `Pilot.press`, which waits for every widget twice and for an idle process thrice a key.
    """
    deadline = time.monotonic() + 60
    while len(app.key_queue) or any(map(_has_messages, (app, app.screen))):
        if ended(app):
            return
        await asyncio.sleep(0.001)
        assert time.monotonic() < deadline, "keys were never acted on"


async def settle(app: LinRegApp, pilot: Driver) -> None:
    """Let the app act on all keys pressed so far (one at a time: `tui_linreg.tui.key_queue`) and paint."""
    await wait(pilot, lambda: not len(app.key_queue) or app.return_code is not None, "all keys acted on")
    if app.return_code is None:
        await painted(app)


def ended(app: TextualApp[Any]) -> bool:
    return app.return_code is not None or app._exception is not None


async def painted(app: TextualApp[Any]) -> None:
    """Let the app do all it has to, and paint.

    As `Pilot.pause`, but looking into the widgets' queues instead of sending each of them a message.
    """
    while True:
        await wait_for_idle(0)
        if ended(app) or not any(map(_has_messages, app.screen.walk_children())):
            break
    app.screen._on_timer_update()


def _has_messages(node: DOMNode) -> bool:
    return node._message_queue.qsize() > 0


async def wait(pilot: Driver, condition: Callable[[], bool], what: str = "condition") -> None:
    """Let the app work until `condition` holds, and on until it has nothing to do.

    Without `Pilot.pause` while it waits, which sends each widget a message that the app must then work through.
    """
    if condition():
        return
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, f"never came true: {what}"
        await asyncio.sleep(0.01)
    await painted(pilot.app)


def typed(text: str) -> list[str]:
    """The keys that type a text."""
    return [character_name(character) for character in text]


async def answer_rightly(app: LinRegApp, pilot: Driver, number: str) -> None:
    """Answer the question of a dialog, and go on from it."""
    await pilot.press(*typed(number), "enter")
    # It is judged in a thread; until then a second enter does nothing.
    await wait(pilot, lambda: "✓ Right" in text(app), f"{number} is right")
    await pilot.press("enter")


def feature(app: LinRegApp, kind: type[AFeature]) -> AFeature:
    """One of the app's features."""
    found = app.controller.features[kind.name]
    assert isinstance(found, kind)
    return found


async def quiet(app: LinRegApp, pilot: Driver) -> None:
    """Let the app end all its work, and paint."""
    await wait(pilot, lambda: app.idle, "nothing under way")
    await settle(app, pilot)


def lines(app: TextualApp[Any]) -> list[str]:
    """The screen as lines of text."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def text(app: LinRegApp) -> str:
    """The screen as one text."""
    return "\n".join(lines(app))


@cache
def straight_run(steps: int, **options: Any) -> list[Step]:
    """The steps of a run of its own, trained straight on."""
    session = Session(RunConfig(**options))
    session.train_to(steps)
    return [session.step(k) for k in range(session.trained)]


def row(app: LinRegApp, formula: str) -> str:
    """The line of the main table that starts with a formula."""
    return next(line for line in lines(app) if line.strip("│ ✓▶").startswith(formula))


def assert_covered(app: LinRegApp, step: Step) -> None:
    """Where no number of a mini-batch may be seen, none is."""
    seen = text(app)
    assert "hidden at this level" in seen
    for side in (step.scratch, step.torch):
        numbers = (side.grad_b, side.grad_w, side.b_after, side.w_after)
        assert not any(write(number) in seen for number in numbers for write in (repr, significant))


def assert_shows(app: LinRegApp, step: Step, phase: Phase) -> None:
    """The main table shows this step at this phase by value: what is computed exactly, the rest as dots.

    What a hidden hides is nowhere in it.
    """
    hidden = app.controller.hidden
    place = step.place
    top = " ".join(lines(app)[1].split())
    assert f"epoch {place.epoch + 1}/" in top
    assert f"batch {place.batch + 1}/" in top
    assert f"samples {place.start}{'' if place.m == 1 else f'–{place.stop - 1}'} " in top
    if hidden.in_place_of("numbers"):
        assert_covered(app, step)
        return
    for quantity in QUANTITIES:
        line = row(app, quantity.formula)
        comparison = step.comparisons[quantity.key]
        if phase < quantity.phase:
            assert "·" in line.replace(quantity.formula, "")
            assert comparison.verdict.word not in line
            continue
        if hidden.hides(quantity.key):
            assert MARK in line
            assert comparison.verdict.word not in line
            continue
        assert f"{comparison.verdict.sign} {comparison.verdict.word}" in line
        if quantity.vector:
            assert line.count(f"[{place.m}]") == 2
            continue
        name = quantity.key + "_after" if quantity.phase is Phase.UPDATE else quantity.key
        write = repr if quantity.phase is phase or app.controller.run.look.full else significant
        assert write(getattr(step.scratch, name)) in line
        assert write(getattr(step.torch, name)) in line
    assert ("▶" in text(app)) == (phase >= Phase.PREDICT)
