"""The path of a command: refused with a reason, or done by its feature; then one frame, and drawing changes nothing."""

from __future__ import annotations

import inspect
from typing import NoReturn

import pytest
from app_helpers import COMPACT, FULL, App, feature, quiet, running, settle, text, wait
from lesson_helpers import LESSONS, begin, done, to_tasks

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import ReplayError
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.recorded_run import RecordedRun
from tui_linreg.settings import Settings
from tui_linreg.tui.commands import COMMANDS, Command, Needs
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.dialogs.base import Dialog
from tui_linreg.tui.features import FEATURES
from tui_linreg.tui.features.lessons.feature import Lessons

BUSY = "still at work: space stops it"
OURS = [each for each in COMMANDS if each.feature != "app"]


@pytest.mark.parametrize("command", OURS, ids=lambda command: command.id)
def test_a_command_names_a_method_of_its_feature_that_takes_its_argument(command: Command) -> None:
    kind = {each.name: each for each in FEATURES}[command.feature]
    parameters = list(inspect.signature(getattr(kind, command.method)).parameters)[1:]
    assert len(parameters) == (command.argument is not None)


def test_features_have_names_of_their_own() -> None:
    assert len({each.name for each in FEATURES}) == len(FEATURES)


@pytest.mark.parametrize("command", [each for each in OURS if each.opens_dialog], ids=lambda command: command.id)
async def test_a_command_opens_the_dialog_of_its_name(command: Command) -> None:
    async with running() as (app, pilot):
        app.controller.do(command.id)
        await wait(pilot, lambda: app.screen is not app.main, "the dialog")
        await settle(app, pilot)
        assert isinstance(app.screen, Dialog)
        assert command.id == app.screen.NAME


async def test_commands_that_need_an_idle_app_wait_for_long_work() -> None:
    async with running() as (app, _):
        app.controller.work.begin("training")
        for command in OURS:
            app.controller.say("")
            if Needs.IDLE in command.needs:
                app.controller.do(command.id)
                assert app.controller.message == BUSY, command.id
                assert app.screen is app.main
        app.controller.work.end()


async def test_commands_that_need_a_still_screen_stop_playing() -> None:
    for command in OURS:
        if Needs.STILL in command.needs:
            async with running(epochs=3) as (app, pilot):
                app.controller.player.play()
                app.controller.do(command.id)
                assert not app.controller.player.playing, command.id
                await settle(app, pilot)


async def test_a_command_without_a_run_does_nothing() -> None:
    app = App(RunConfig(), Settings())
    async with app.run_test(size=FULL) as pilot:
        for command in OURS:
            app.controller.do(command.id)
            assert app.screen is app.main
        await wait(pilot, lambda: app.controller.loaded, "the run")
        await quiet(app, pilot)
        assert app.controller.run.cursor.step == 0


async def test_drawing_does_not_check_a_task() -> None:
    """What a task asks for counts once the state has changed by a command, not when a frame happens to be drawn."""
    lesson = next(each for each in LESSONS if each.id == "the-model")
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, lesson.id)
        await to_tasks(app, pilot)
        session = feature(app, Lessons).session
        assert session is not None
        task, condition = session.task, session.condition
        assert task is not None
        assert condition is not None
        app.controller.run.cursor = Cursor(0, Phase.PREDICT)  # what the task asks for, without a command
        for size in (COMPACT, FULL):
            await pilot.resize_terminal(*size)
            await settle(app, pilot)
        controller = app.controller
        app.main.show(controller.run.view(app.main.text_styles, "braille", playing=False, speed=1.0, busy=None))
        app.main.refresh(layout=True)
        await settle(app, pilot)
        assert not done(app, task)
        controller.changed()
        assert done(app, task)


async def test_a_step_that_cannot_be_shown_again_is_told_and_the_cursor_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: RecordedRun, first: int, count: int) -> NoReturn:
        raise ReplayError(first, self.models.scratch.why_other_numbers)

    async with running(device="cpu") as (app, pilot):
        await pilot.press("down", "down", "down")
        run, before = app.controller.run, app.controller.run.step()
        second = run.session.step(1)
        monkeypatch.setattr(RecordedRun, "recomputed", refused)
        for keys, step in ((("up",), 3), (("home",), 1), (("g", "2", "enter"), 2)):
            await pilot.press(*keys)
            await settle(app, pilot)
            assert f"✗ step {step} cannot be shown again: its numbers are not those of training" in text(app)
            assert (run.step(), run.cursor.step) == (before, 3)
        await pilot.press("down")  # the newest is there as it was trained
        assert run.cursor.step == 4
        for keys in (("t",), ("space",)):  # to predict the third step, and to play on, from the second
            run.arrive(second, Phase.UPDATE)
            await pilot.press(*keys)
            await settle(app, pilot)
            assert "✗ step 3 cannot be shown again" in text(app)
            assert (run.step(), app.screen, app.controller.player.playing) == (second, app.main, False)
