"""Nothing tells what is planted before the decision: not the screen, whatever is opened on it, and not the files.

With TUI_LINREG_LONG set, everything is opened for every secret; else a share of it for some.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from app_helpers import App, Driver, quiet, running, settle, text, wait
from full_length import LONG
from hunt_helpers import SECRETS, assert_untold, decide, explorer, round_of, start

from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.study.hunt import Hunt, choices, judge
from tui_linreg.study.hunt_text import LEVELS
from tui_linreg.tui.commands import COMMANDS, Command
from tui_linreg.tui.hidden import Visible
from tui_linreg.tui.look import ShownCharts, SurfaceLook

SOME = SECRETS if LONG else (None, "sign", "stale")
FEW = SECRETS if LONG else (None, "no-x")
LOOKS = [
    each
    for each in COMMANDS
    if each.feature == "looking" and each.id not in ("maximise", "panel.next", "panel.previous", "log_y")
]
"""Every chart and instrument: they stay open, one beside the other."""
MOVES = ("stepping",)
"""Features whose commands lead to other steps, where what a mistake does may be seen."""
APART = ("quit", "palette", "lessons", "hunt", "screenshot")
"""Commands that end the app or the hunt or list all commands, and those tried by themselves below."""
OTHERS = [each for each in COMMANDS if each not in LOOKS and each.feature not in MOVES and each.id not in APART]
REFUSED = {each.keys.split(",")[0]: each.while_hidden.secret for each in COMMANDS if each.while_hidden.secret}
"""The words with which a key refuses while a mistake is secret."""
NUMBERS = {each.keys.split(",")[0]: each.while_hidden.level for each in COMMANDS if each.while_hidden.level}
"""The words with which a key refuses while a hunt hides the numbers."""


def share(items: Sequence[Command], turn: int, of: int) -> Sequence[str]:
    """The keys of all commands, or without TUI_LINREG_LONG of one in `of`."""
    keys = [each.keys.split(",")[0] for each in items]
    return keys if LONG else keys[turn % of :: of]


async def as_at_first(app: App, pilot: Driver) -> None:
    """Bring back the charts and instrument that another round's walk put away."""
    run = explorer(app)
    if app.controller.hidden.sight is Visible.ALL:
        app.controller.show_instrument(None)
    run.look = replace(run.look, charts=ShownCharts(), surface=SurfaceLook(), log_y=False, full=False, sample=None)
    app.controller.changed()
    await settle(app, pilot)


async def opened(app: App, pilot: Driver, turn: int, of: int) -> AsyncIterator[str]:
    """Press the key of every command in turn; yield the screen's text after each."""
    for key in share(LOOKS, turn, of):
        await pilot.press(key)
        await quiet(app, pilot)
        yield text(app)
    for key in share(OTHERS, turn, of):
        await pilot.press(key)
        await settle(app, pilot)
        yield text(app)
        if app.screen is app.main:
            if key == "v" and app.controller.mode is not None:  # the cursor of a chart
                for more in ("left", "home", "right", "up"):
                    await pilot.press(more)
                    yield text(app)
                await pilot.press("escape")
            if app.main.maximized is not None:
                await pilot.press("escape")
            continue
        for more in {"c": ["left"] * 3, "t": ["1", "enter", "h", "r"]}.get(key, []):
            await pilot.press(more)
            yield text(app)
        await pilot.press("escape")
        await wait(pilot, lambda: app.screen is app.main, f"{key} closed")


async def guessed(app: App, pilot: Driver, hunt: Hunt, turn: int) -> AsyncIterator[str]:
    """Give wrong answers; yield the screen's text after each, and end with the answers open."""
    wrong = [choice.key for choice in choices(hunt) if not judge(hunt, choice.number).right]
    wrong = wrong if LONG else wrong[turn % 4 :: 4]
    await decide(app, pilot)
    for key in wrong:
        await pilot.press(key, "enter")
        yield text(app)
    assert len(round_of(app).hints) == len(wrong)


async def export(app: App, pilot: Driver, name: str) -> None:
    """Write the steps so far to this file."""
    await pilot.press("x", "home", "ctrl+k", *(("full_stop" if c == "." else c) for c in name), "enter")
    if "exists; enter again" in text(app):
        await pilot.press("enter")
    await quiet(app, pilot)
    assert f"'{name}'" in text(app)


async def test_nothing_tells_with_all_numbers_in_sight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts, instruments and dialogs, wrong answers' hints, both kinds of file, a picture; and where no mistake can
    show yet, in the first two phases of the first step, the screen is the same for all."""
    monkeypatch.chdir(tmp_path)
    first: list[str] = []
    async with running(samples=120, epochs=3) as (app, pilot):
        for turn, secret in enumerate(SOME):
            hunt = await start(app, pilot, secret)
            await as_at_first(app, pilot)
            await pilot.press(*["left"] * 6)
            first.append(text(app))
            await pilot.press("right")
            first.append(text(app))
            await pilot.press(*["down"] * 3, "right", "right")  # the short batch's error signal
            seen = [text(app)]
            await pilot.press(*["right"] * 3)
            seen += [shown async for shown in opened(app, pilot, turn, 4)]
            if LONG or turn in (1, 2):
                names = {1: ["steps.csv"], 2: ["steps.jsonl"]}.get(turn, ["steps.csv", "steps.jsonl"])
                for name in names:
                    await export(app, pilot, name)
                    seen.append((tmp_path / name).read_text())
                    assert len(seen[-1]) > 1000
                await pilot.press("s")
                seen += [file.read_text() for file in tmp_path.glob("tui-linreg-*.svg")]
                assert "</svg>" in seen[-1]
                for key, said in REFUSED.items():
                    await pilot.press(key)
                    assert app.screen is app.main
                    assert said in text(app)
            seen += [shown async for shown in guessed(app, pilot, hunt, turn)]
            assert len(seen) > 8
            for shown in seen:
                assert_untold(hunt, shown)
            await pilot.press("n")
    assert first[::2] == [first[0]] * len(SOME)
    assert first[1::2] == [first[1]] * len(SOME)


def digits(value: float) -> str:
    """The digits that any text with this number would hold."""
    return f"{abs(value):.5g}"[:6]


@pytest.mark.parametrize("level", ["epoch losses", "loss curve"])
async def test_nothing_tells_where_less_is_seen(level: str) -> None:
    """Within the first step, where the losses agree but for one that is itself wrong, all screens are the same,
    whatever is opened; and none holds another number of the step, or a verdict."""
    found: dict[str | None, list[str]] = {}
    async with running(samples=120, epochs=3) as (app, pilot):
        for secret in FEW:
            hunt = await start(app, pilot, secret, level)
            assert app.controller.hidden.sight is Visible(level)
            await as_at_first(app, pilot)
            step = explorer(app).step()
            await pilot.press("left")
            seen = found[secret] = [text(app)]
            await pilot.press("right")
            seen += [shown async for shown in opened(app, pilot, [*LEVELS].index(level), 2)]
            for key, said in {**REFUSED, **NUMBERS}.items():
                await pilot.press(key)
                assert app.screen is app.main
                assert said in text(app)
            keys = [f"{q.key}_after" if q.key in "bw" else q.key for q in QUANTITIES if not q.vector]
            told = [digits(getattr(side, key)) for side in (step.scratch, step.torch) for key in keys if key != "loss"]
            told += [digits(float(value)) for side in (step.scratch, step.torch) for value in side.dloss_dpred[:3]]
            if level == "epoch losses":
                told += [digits(step.torch.loss)]
            for shown in seen:
                assert not [each for each in told if each in shown]
                assert "rounding 1 ulp" not in shown
            async for shown in guessed(app, pilot, hunt, 1):
                assert_untold(hunt, shown)
            for shown in seen:
                assert_untold(hunt, shown)
            await pilot.press("n")
    assert len(found[None]) > 10
    for secret, seen in found.items():
        assert seen == found[None] or (level, secret) == ("loss curve", "sum")


async def test_the_losses_of_the_epochs_tell_when_an_epoch_is_over() -> None:
    async with running(samples=120, epochs=3) as (app, pilot):
        seen = []
        for secret in FEW:
            await start(app, pilot, secret, "epoch losses")
            await pilot.press(*["down"] * 3)
            seen.append(text(app))
            row = next(line for line in text(app).splitlines() if "▸ 1" in line)
            session = explorer(app).session
            for side in (0, 1):
                assert f"{session.epoch_log(side)[0].mse:.4f}" in row
                assert f"{session.epoch_log(side)[0].mse_v:.4f}" in row
            await decide(app, pilot)
            await pilot.press("n")
        assert len(set(seen)) == len(FEW)
