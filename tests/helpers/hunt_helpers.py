"""Shared by the tests of "find the mistake" on the screen: hunts of one's choosing, and what must not be told."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

from app_helpers import App, Driver, feature, lines, quiet, wait

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.schedule import Schedule
from tui_linreg.study.hunt import Hunt, choices, judge, new_hunt, planted
from tui_linreg.study.hunt_text import CHOICE_TEXTS, LEVELS
from tui_linreg.tui.features.hunt.dialogs import HuntDialog, HuntStartDialog
from tui_linreg.tui.features.hunt.feature import Hunting
from tui_linreg.tui.features.hunt.reveal_dialog import HuntRevealDialog
from tui_linreg.tui.features.hunt.round import Round
from tui_linreg.tui.run import Run

SMALL: dict[str, Any] = {"samples": 120, "epochs": 3}
SECRETS: tuple[str | None, ...] = (None, *MISTAKES)


def gives_away(hunt: Hunt, text: str) -> str | None:
    """Return the first words in `text` that name what is planted, or None.

    Searched are the mistake's name, title, explanation and wrong formula, and the module that holds its code. A name
    that is a common word (sum, sign, stale) counts where it follows "mistake" or is a name in a list.
    """
    secret = planted(hunt)
    if secret is None:
        return None
    mistake = MISTAKES[secret]
    flat = " ".join(text.split())
    end = r"(?![\w-]| ?[·/])"  # the wrong formula may be how a right one begins
    patterns = [rf"(?<![\w-]){re.escape(words)}{end}" for words in (mistake.title, mistake.explanation, mistake.wrong)]
    if "-" in secret:
        patterns.append(rf"(?<![\w-]){secret}(?![\w-])")
    else:
        patterns += [rf"(?i:mistake)\W{{1,6}}{secret}\b", rf"(?:^|[·,] ){secret}(?:$| [·,]|,)"]
    patterns.append(r"\bmistakes\.py\b")
    matches = (re.search(pattern, flat) for pattern in patterns)
    return next((match.group() for match in matches if match), None)


@cache
def seeds(schedule: Schedule) -> dict[str | None, int]:
    """A seed of the random source for each secret that can be drawn on this schedule."""
    found: dict[str | None, int] = {}
    for seed in range(400):
        found.setdefault(planted(new_hunt(schedule, source=random.Random(seed))), seed)
    return found


@contextmanager
def drawing(seed: int) -> Iterator[None]:
    """Have the next hunts drawn from this seed."""
    with patch("random.SystemRandom", lambda: random.Random(seed)):
        yield


def explorer(app: App) -> Run:
    return app.controller.run


def hunting(app: App) -> bool:
    """Whether a round is on that is not decided yet."""
    found = feature(app, Hunting).round
    return found is not None and found.outcome is None


def round_of(app: App) -> Round:
    found = feature(app, Hunting).round
    assert found is not None
    return found


async def start(app: App, pilot: Driver, secret: str | None, level: str = "verdicts") -> Hunt:
    """Begin a hunt for this secret from the main screen, or from where `n` was pressed."""
    beneath = app.controller.runs.beneath_hunt()
    assert beneath is not None
    schedule = beneath.session.schedule
    with drawing(seeds(schedule)[secret]):
        if app.screen is app.main:
            await pilot.press("f")
        await wait(pilot, lambda: isinstance(app.screen, HuntStartDialog))
        before = explorer(app)
        await pilot.press(str([*LEVELS].index(level) + 1), "enter")
        await wait(pilot, lambda: app.controller.run is not before, "the hunt's run")
    await quiet(app, pilot)
    hunt = round_of(app).hunt
    assert planted(hunt) == secret
    assert hunt.level == level
    return hunt


def key_for(hunt: Hunt, name: str) -> str:
    """The key that chooses an answer: the name of a mistake, "none" or "cannot-tell"."""
    return next(choice.key for choice in choices(hunt) if choice.text == CHOICE_TEXTS[name])


def right_key(hunt: Hunt) -> str:
    """The key of the first right answer, in the order of `MISTAKES`."""
    right = {choice.text: choice.key for choice in choices(hunt) if judge(hunt, choice.number).right}
    return next(right[text] for text in CHOICE_TEXTS.values() if text in right)


async def decide(app: App, pilot: Driver, *keys: str) -> None:
    """Open the answers, choose these one after the other, each with enter."""
    await pilot.press("f")
    await wait(pilot, lambda: isinstance(app.screen, HuntDialog))
    for key in keys:
        await pilot.press(key, "enter")


async def give_up(app: App, pilot: Driver) -> None:
    await decide(app, pilot)
    await pilot.press("u", "u")
    await wait(pilot, lambda: isinstance(app.screen, HuntRevealDialog))


def flat(app: App) -> str:
    """The text of the dialog, or of the whole screen where none is open, without borders and line ends."""
    shown = lines(app)
    if app.screen is not app.main:
        box = app.screen.query_one("#box").region
        shown = [line[box.x : box.right] for line in shown[box.y : box.bottom]]
    return " ".join(re.sub("[│▁-▉]", " ", "\n".join(shown)).split())


def _without_the_offer(hunt: Hunt, shown: str) -> str:
    """The text without the answers offered, which name all wrong formulas once, whatever is planted."""
    flat = " ".join(re.sub("[│▁-▉]", " ", shown).split())
    for choice in choices(hunt):
        flat = flat.replace(f"{choice.text} {choice.formula}", choice.text, 1) if choice.formula else flat
    return flat


def assert_untold(hunt: Hunt, shown: str) -> None:
    """No word of what is planted, nor of where its code is."""
    shown = _without_the_offer(hunt, shown)
    assert gives_away(hunt, shown) is None
    assert "mistakes.py" not in shown
    for mistake in MISTAKES.values():  # none of them, so that the one planted is not the one that is missing
        assert mistake.title not in shown
        assert mistake.explanation not in shown
        assert "-" not in mistake.name or not re.search(rf"(?<![\w-]){mistake.name}(?![\w-])", shown)
