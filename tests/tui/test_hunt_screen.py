"""Find the mistake on the screen: starting, deciding, giving up, going back, and what may come between."""

from __future__ import annotations

import pytest
from app_helpers import COMPACT, FULL, lines, quiet, running, settle, text, wait
from hunt_helpers import (
    SMALL,
    assert_untold,
    decide,
    explorer,
    flat,
    give_up,
    hunting,
    key_for,
    right_key,
    round_of,
    start,
)
from textual.screen import ModalScreen

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import Phase
from tui_linreg.study.hunt import ANSWER_KEYS, choices, planted
from tui_linreg.study.hunt_text import LEVELS
from tui_linreg.study.progress_file import load
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.dialogs.code import CodeDialog
from tui_linreg.tui.features.editing.edit_dialog import EditDialog
from tui_linreg.tui.features.hunt.dialogs import HuntDialog, HuntStartDialog
from tui_linreg.tui.features.hunt.reveal_dialog import HuntRevealDialog
from tui_linreg.tui.hidden import NOTHING


async def test_a_round_from_its_start_to_ones_own_run_again() -> None:
    """Wrong, wrong, right; told in full; to the step, its code; and back with place, options and instrument."""
    async with running(**SMALL, lr=0.02) as (app, pilot):
        await pilot.press("down", "down", "left", "f3")
        own = explorer(app)
        hunt = await start(app, pilot, "no-x")
        assert "hunt with all verdicts · f decides" in lines(app)[0]
        assert "press f when you know" in text(app)
        assert explorer(app) is not own
        assert explorer(app).session.config == own.session.config
        await decide(app, pilot, key_for(hunt, "missing-2"))
        first = "That would first show in epoch 1, batch 1, phase 4 (error signal). Look at a later phase."
        assert f"✗ {first}" in flat(app)
        await pilot.press(key_for(hunt, "missing-2"), "enter")  # tried before: counts for nothing
        assert "That was tried" in flat(app)
        await pilot.press("escape")
        assert app.screen is app.main
        await decide(app, pilot, key_for(hunt, "stale"))
        shown = flat(app)
        assert f"hint 1: {first}" in shown  # stays listed
        assert "✗ Look at phase 6, weight gradient." in shown
        assert "wrong so far: 2" in shown
        await pilot.press(right_key(hunt), "enter")
        await wait(pilot, lambda: isinstance(app.screen, HuntRevealDialog))
        await wait(pilot, lambda: "Here: after 3 epochs" in flat(app))
        mistake, shown = MISTAKES["no-x"], flat(app)
        told = [f"✓ Right: {mistake.title} (no-x)", mistake.explanation, mistake.correct, mistake.wrong]
        told += ["epoch 1, batch 1, phase 6 (weight gradient)", mistake.loss_gives_it_away, "Found so far: 1."]
        assert all(words in shown for words in told)
        assert load().progress.found == {("no-x", 1): 1}  # on the disk at once
        assert sum(load().progress.found.values()) == 1
        await pilot.press("c")
        await wait(pilot, lambda: isinstance(app.screen, CodeDialog))
        assert "NoX.weight_gradient · engine/models/mistakes.py" in text(app)
        await pilot.press("escape", "f", "g")
        assert explorer(app).cursor == Cursor(0, Phase.WEIGHT_GRADIENT)
        assert "hunt over · f goes on" in lines(app)[0]
        assert "mistake no-x" in text(app)
        assert explorer(app).session.config.mistake == "no-x"
        await pilot.press("f", "l")
        assert explorer(app) is own
        assert own.cursor == Cursor(2, Phase.WEIGHT_GRADIENT)
        assert app.controller.config == own.session.config
        assert own.look.instrument == "landing"
        assert "Where it lands" in text(app)
        assert "the run from before, where you left it" in text(app)
        assert "hunt" not in lines(app)[0]
        await pilot.press("f")
        assert isinstance(app.screen, HuntStartDialog)
        assert "found: 1" in text(app)


async def test_each_right_answer_is_counted_and_giving_up_is_not() -> None:
    rounds = [("verdicts", None), ("epoch losses", "stale"), ("loss curve", "sign"), ("loss curve", "stale")]
    found: dict[tuple[str, int], int] = {}
    async with running(**SMALL) as (app, pilot):
        for level, secret in rounds:
            number = [*LEVELS].index(level) + 1
            hunt = await start(app, pilot, secret, level)
            await decide(app, pilot, right_key(hunt))
            await wait(pilot, lambda: isinstance(app.screen, HuntRevealDialog))
            shown = flat(app)
            assert (MISTAKES[secret].title if secret else "no mistake") in shown
            assert ("the curve cannot tell" in shown) == (level == "loss curve" and secret != "sign")
            found[secret or "none", number] = 1
            assert load().progress.found == found
            if secret is None:
                await pilot.press("g", "c")  # there is no place, and no code, of nothing
                assert isinstance(app.screen, HuntRevealDialog)
                assert "own run" in shown
                assert "go there" not in shown
            await pilot.press("n")
        await start(app, pilot, "no-x")
        await decide(app, pilot)
        await pilot.press("u")
        assert "u again gives up" in flat(app)
        assert round_of(app).outcome is None
        await pilot.press("u")
        await wait(pilot, lambda: isinstance(app.screen, HuntRevealDialog))
        assert "Given up. It was: the weight gradient without x (no-x)" in flat(app)
        assert load().progress.found == found


async def test_everything_names_the_mistake_after_the_decision() -> None:
    async with running(**SMALL) as (app, pilot):
        await pilot.press("p")
        await start(app, pilot, "sum")
        assert explorer(app).session.mistake_notice is None
        await pilot.press("f7")
        assert "kept runs come back with the decision" in text(app)
        await give_up(app, pilot)
        await pilot.press("escape")
        assert app.controller.hidden.secret == NOTHING.secret
        assert "A no mistake" in flat(app)  # in what the run kept before is another
        await pilot.press("p")
        assert "kept as B" in text(app)
        await pilot.press("f3")
        assert "the planted mistake may lead elsewhere" in flat(app)
        await pilot.press("f4", *["down"] * 5)
        assert "batch losses and validation are sums of squares" in flat(app)
        assert "lag" not in text(app)
        await pilot.press("f", "l", "f7")
        assert "B sum" in flat(app)


async def test_quitting_and_coming_back_to_ones_run_in_the_middle() -> None:
    async with running(**SMALL) as (app, pilot):
        own = explorer(app)
        hunt = await start(app, pilot, "sign", "loss curve")
        await decide(app, pilot)
        await pilot.press("l")
        assert explorer(app) is own
        assert not load().progress.found
        await start(app, pilot, "stale", "epoch losses")
        assert "epoch losses" in LEVELS
        await decide(app, pilot)
        await pilot.press("n")
        assert isinstance(app.screen, HuntStartDialog)
        await pilot.press("escape")  # then the round goes on
        assert round_of(app).hunt.level == "epoch losses"
        assert planted(hunt) == "sign"
        await pilot.press("q")
        await wait(pilot, lambda: app.return_code is not None)
    assert not load().progress.found


async def test_a_new_run_ends_the_hunt_and_the_form_says_so() -> None:
    async with running(**SMALL) as (app, pilot):
        await start(app, pilot, "sign")
        hunted = explorer(app)
        await pilot.press("e")
        assert isinstance(app.screen, EditDialog)
        assert "applying starts a new run; the hunt ends" in flat(app)
        await pilot.press("enter")
        await wait(pilot, lambda: explorer(app) is not hunted)
        await quiet(app, pilot)
        assert "the hunt is over, undecided" in text(app)
        assert app.controller.hidden == NOTHING
        assert explorer(app).session.step(0).verdict.word != "differs"
        assert not hunting(app)
        await pilot.press("f")
        assert isinstance(app.screen, HuntStartDialog)


async def test_f_stops_playing_and_waits_for_work() -> None:
    async with running(**SMALL) as (app, pilot):
        await pilot.press("space", "f")
        assert isinstance(app.screen, HuntStartDialog)
        assert not app.controller.player.playing
        await pilot.press("escape")
        await start(app, pilot, None)
        await pilot.press("space", "f")
        assert isinstance(app.screen, HuntDialog)
        assert not app.controller.player.playing
        await pilot.press("escape")
        app.controller.work.begin("training")
        await pilot.press("f")
        assert not isinstance(app.screen, ModalScreen)
        assert "still at work" in app.controller.message
        app.controller.work.busy = None


async def test_every_size_shows_what_is_seen_and_keeps_it() -> None:
    """What a level leaves is brought up in one column too; a resize keeps hunt, hints and what is hidden."""
    async with running(COMPACT, **SMALL) as (app, pilot):
        hunt = await start(app, pilot, "no-x", "loss curve")
        assert "2 Loss" in text(app)
        assert "hunt 3/3 · f decides" in lines(app)[0]
        await pilot.press("down")
        assert "batch" in text(app)
        await pilot.press("2")
        assert "hidden at this level" in text(app)
        await decide(app, pilot, key_for(hunt, "none"))
        for size in ((60, 18), (59, 18), FULL, COMPACT):
            await pilot.resize_terminal(*size)
            await settle(app, pilot)
            shown = flat(app)
            assert_untold(hunt, shown)
            assert "✗ Which other mistake" in shown
        await pilot.press("escape")
        assert len(round_of(app).hints) == 1
        await decide(app, pilot)
        await pilot.press("n")
        await start(app, pilot, "no-x", "epoch losses")
        await pilot.press(*["down"] * 4)
        assert "loss of the validation set" in text(app)
        assert max(map(len, lines(app))) <= 80


async def test_every_answer_has_a_key_that_does_nothing_else() -> None:
    assert len(MISTAKES) <= len(ANSWER_KEYS) == len({*ANSWER_KEYS, "0", "?"}) - 2
    async with running(COMPACT, **SMALL) as (app, pilot):
        hunt = await start(app, pilot, "stale", "loss curve")
        await decide(app, pilot)
        for choice in choices(hunt):
            await pilot.press(choice.key)
            assert f"● {choice.key} {choice.text[:20]}" in flat(app)
        bound = set(app.screen.active_bindings)
        assert not bound & {*ANSWER_KEYS}


@pytest.mark.parametrize("size", [(60, 18), FULL])
async def test_every_answer_can_be_reached_by_the_arrows(size: tuple[int, int]) -> None:
    async with running(size, **SMALL) as (app, pilot):
        hunt = await start(app, pilot, "stale", "loss curve")
        await decide(app, pilot)
        await pilot.press(*["down"] * len(MISTAKES))
        assert "● 0 nothing: every formula is right" in flat(app)
        await pilot.press("down")
        assert "● ? it cannot be told from what is shown" in flat(app)
        await pilot.press(*["up"] * (len(MISTAKES) + 1))
        assert "● 1 phase" in flat(app)
        assert max(map(len, lines(app))) <= size[0]
        assert_untold(hunt, text(app))
