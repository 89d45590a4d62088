"""Lessons on the screen: going on after a restart, resets, wrong answers, hints, leaving, sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_helpers import COMPACT, lines, quiet, running, settle, text, typed, wait
from hunt_helpers import hunting
from lesson_helpers import LESSONS, begin, course, done, play, solve, to_tasks

from tui_linreg.engine.phases import Phase
from tui_linreg.study.predict.known_error_values import facts_of
from tui_linreg.study.predict.questions import questions
from tui_linreg.study.progress_file import load
from tui_linreg.tui.features.lessons.answer_dialog import LessonAnswerDialog
from tui_linreg.tui.features.lessons.list_dialog import LessonsDialog

MODEL = next(lesson for lesson in LESSONS if lesson.id == "the-model")


async def test_it_goes_on_where_it_was_left_after_a_restart() -> None:
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, "the-model")
        await to_tasks(app, pilot)
        await solve(app, pilot, MODEL.tasks[0])
        await pilot.press("enter")
        await solve(app, pilot, MODEL.tasks[1])
        await pilot.press("enter", "q")
    async with running(device="cpu") as (app, pilot):
        await pilot.press("L")
        await wait(pilot, lambda: isinstance(app.screen, LessonsDialog))
        row = next(line for line in lines(app) if MODEL.title in line)
        assert "▸" in row
        assert "about 5 min   2 of 5 tasks done, left here" in row
        assert f"goes on at: {MODEL.tasks[2].title}" in text(app)
        await pilot.press("enter")
        await quiet(app, pilot)
        assert course(app).task == MODEL.tasks[2]
        assert "task 3 of 6 ●●○○○○" in text(app)
        assert (app.controller.run.cursor.step, app.controller.run.cursor.phase) == (1, 2)
        assert "▒▒▒" in text(app)
        await solve(app, pilot, MODEL.tasks[2])


async def test_a_finished_lesson_can_be_gone_through_and_reset() -> None:
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, "the-model")
        await to_tasks(app, pilot)
        for task in MODEL.needed:
            await solve(app, pilot, task)
            await pilot.press("enter")
            await quiet(app, pilot)
        assert course(app).task == MODEL.tasks[-1]
        assert "optional" in text(app)
        await pilot.press("enter")
        assert course(app).over, "the optional task is passed over"
        await begin(app, pilot, "the-model")
        assert course(app).task == MODEL.tasks[-1], "the only one that is left"
        await pilot.press("enter")
        assert course(app).over
        await pilot.press("L")
        await wait(pilot, lambda: isinstance(app.screen, LessonsDialog))
        await pilot.press("r")
        assert "r once more forgets the 5 finished tasks" in text(app)
        await pilot.press("up", "down", "r")
        assert load().progress.done_of(MODEL) == 5, "a key between takes the question back"
        await pilot.press("r")
        assert load().progress.done_of(MODEL) == 0
        assert "the-model" not in load().progress.lessons
        await pilot.press("r")
        assert "nothing to reset" in text(app)
        await pilot.press("enter")
        await quiet(app, pilot)
        assert course(app).at is None
        assert not course(app).finished


async def test_wrong_answers_are_told_and_tried_again() -> None:
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, "mse")
        await to_tasks(app, pilot)
        await solve(app, pilot, course(app).lesson.tasks[0])
        await pilot.press("enter")
        task = course(app).task
        assert task is not None
        await pilot.press("enter")
        await wait(pilot, lambda: isinstance(app.screen, LessonAnswerDialog))
        for answer, said in (
            ("7", "✗ Not right, and none of the mistakes known here gives this number."),
            ("q", "… 'q' at position 1: allowed are numbers"),
            ("3600", "✗ close; look at the last digit"),
            ("-3400", "the size is right, the sign is not"),
            ("(yhat3-y3+yhat4-y4+yhat5-y5)^2/m", "summed first, then squared"),
            ("yhat3", "✗ Not right"),
        ):
            await pilot.press("home", "ctrl+k", *typed(answer), "enter")
            await wait(pilot, lambda said=said: said in text(app), said)  # type: ignore[misc]
        await pilot.press("ctrl+u", "enter")
        await wait(pilot, lambda: "type a number" in text(app))
        for i, hint in enumerate(task.hints, start=1):
            await pilot.press("ctrl+t")
            await wait(pilot, lambda i=i: f"Hint {i} of {len(task.hints)}" in text(app))  # type: ignore[misc]
            assert hint[:30] in text(app)
        await pilot.press("ctrl+t")
        assert "these were all hints" in text(app)
        await pilot.press("escape")
        await wait(pilot, lambda: app.screen is app.main)
        assert not done(app, task)
        assert task.hints[-1][:40] in text(app), "the hints shown there are shown here"
        await solve(app, pilot, task)


async def test_a_choice_shows_its_options() -> None:
    lesson = LESSONS[0]
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, lesson.id)
        await to_tasks(app, pilot)
        for task in lesson.tasks[:2]:
            await solve(app, pilot, task)
            await pilot.press("enter")
        await pilot.press("enter")
        await wait(pilot, lambda: isinstance(app.screen, LessonAnswerDialog))
        for option in lesson.tasks[2].check.options:  # type: ignore[union-attr]
            assert option[:40] in text(app)
        await pilot.press("a", "enter")
        await wait(pilot, lambda: "✗ to predict them takes time" in text(app))
        assert "✗ a  " in text(app), "what was tried is crossed"
        await pilot.press("up", "down", "enter")
        await wait(pilot, lambda: done(app, lesson.tasks[2]))


async def test_leaving_gives_back_the_run_the_charts_and_the_instrument() -> None:
    async with running(device="cpu", lr=0.02) as (app, pilot):
        await pilot.press("3", "4", "f3", "down", "down", "left")
        own, before = app.controller.run, text(app)
        await begin(app, pilot, "the-update")
        await to_tasks(app, pilot)
        await pilot.press("1", "2", "f2")
        await begin(app, pilot, "learning-rate")
        await pilot.press("X")
        assert app.controller.run is own
        assert "your own run again: η 0.02, step 3" in text(app)
        await pilot.press("right", "left")
        assert text(app).splitlines() == before.splitlines()


async def test_exploring_on_one_s_own_keeps_the_lesson() -> None:
    """The learner starts another run in a lesson; answers are still about the lesson's."""
    async with running(device="cpu") as (app, pilot):
        lesson = next(lesson for lesson in LESSONS if lesson.id == "learning-rate")
        await begin(app, pilot, lesson.id)
        await to_tasks(app, pilot)
        lessons_run = app.controller.run
        await pilot.press("e")
        await wait(pilot, lambda: app.screen is not app.main)
        app.screen.query_one("#row-batch_size TextField").focus()
        await pilot.press("end", "backspace", "backspace", "enter")
        await wait(pilot, lambda: app.controller.run is not lessons_run)
        await quiet(app, pilot)
        assert "another run is on the screen" in text(app)
        assert app.controller.run.session.config.batch_size == 1
        await solve(app, pilot, lesson.tasks[0])
        await begin(app, pilot, lesson.id)
        assert app.controller.run.session.config.batch_size == 100


async def test_a_file_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("TUI_LINREG_STATE", str(tmp_path / "file" / "progress.json"))
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, "the-model")
        await wait(pilot, lambda: "✗ progress is not kept" in text(app))
        await to_tasks(app, pilot)
        await pilot.press("l")
        assert MODEL.tasks[0].id in course(app).finished
        assert "✓ done" in text(app)
        await pilot.press("enter", "j")
        assert MODEL.tasks[1].id in course(app).finished


@pytest.mark.parametrize("size", [(160, 45), COMPACT, (60, 18), (120, 36)], ids=str)
async def test_sizes(size: tuple[int, int]) -> None:
    async with running(size, device="cpu") as (app, pilot):
        await begin(app, pilot, "the-model")
        seen = text(app)
        assert MODEL.pages[0].title in seen
        for word in ["The", "model", "is", "a", "line", "with", "two", "parameters"]:
            assert word in seen
        assert "LESSON 2/12" in seen
        assert "enter next page" in seen
        for _ in range(4):
            await pilot.press("J")
        assert "enough." in text(app)
        await to_tasks(app, pilot)
        await pilot.press("l", "enter", "j", "enter")
        assert "enter answer" in text(app)
        assert "▒▒▒" in text(app)
        assert "≈ 0.521965 + 0.963076" in text(app)
        await pilot.resize_terminal(40, 10)
        await settle(app, pilot)
        assert "needs 60×18" in text(app)
        await pilot.resize_terminal(80, 24)
        await settle(app, pilot)
        await wait(pilot, lambda: "LESSON 2/12" in text(app))
        await solve(app, pilot, MODEL.tasks[2])
        assert len(set(map(len, lines(app)))) == 1


async def test_keys_typed_while_its_run_loads_reach_it() -> None:
    lesson = next(lesson for lesson in LESSONS if lesson.id == "learning-rate")
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, lesson.id)
        await to_tasks(app, pilot)
        for task in lesson.tasks[:3]:
            await solve(app, pilot, task)
            if task is not lesson.tasks[2]:
                await pilot.press("enter")
        await pilot.press("enter", *lesson.tasks[3].solution)
        await wait(pilot, lambda: done(app, lesson.tasks[3]))


async def test_a_hunt_inside_a_lesson_and_a_lesson_inside_a_hunt() -> None:
    async with running(device="cpu") as (app, pilot):
        own = app.controller.run
        await pilot.press("f", "enter")
        await wait(pilot, lambda: hunting(app) and app.screen is app.main)
        assert app.controller.run is not own
        await begin(app, pilot, "the-model")
        assert not hunting(app), "a lesson ends the hunt"
        lessons_run = app.controller.run
        await to_tasks(app, pilot)
        await pilot.press("f", "enter")
        await wait(pilot, lambda: hunting(app) and app.screen is app.main)
        await quiet(app, pilot)
        assert app.controller.hidden.secret
        assert "LESSON 2/12" in text(app)
        await pilot.press("j", "l")
        assert app.controller.hidden.secret, "the lesson hides nothing less of the hunt's run"
        await pilot.press("X")
        assert app.controller.run is own
        assert not hunting(app)
        assert not app.controller.hidden.secret
        assert lessons_run is not own


async def test_a_hidden_lesson_names_its_mistake_only_when_it_is_answered() -> None:
    lesson = LESSONS[-1]
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, lesson.id)
        await to_tasks(app, pilot)
        for task in lesson.tasks[:2]:
            assert app.controller.hidden.secret
            assert app.controller.run.session.config.mistake is None
            assert "no-x" not in text(app)
            await solve(app, pilot, task)
            if task is lesson.tasks[1]:  # named: from now on the app itself knows, and asks for torch's numbers
                assert app.controller.run.session.config.mistake == "no-x"
                session = app.controller.run.session
                (asked,) = questions(session.step(0), Phase.WEIGHT_GRADIENT, facts_of(session, 0))
                assert asked.true == session.step(0).torch.grad_w
            await pilot.press("enter")
            await quiet(app, pilot)
        assert "divide-by" not in text(app)
        assert app.controller.hidden.secret, "the next run hides another one"


async def test_a_finished_lesson_with_hidden_mistakes_hides_them_again() -> None:
    lesson = LESSONS[-1]
    assert lesson.hidden
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, lesson.id)
        await play(app, pilot, lesson)
        await begin(app, pilot, lesson.id)
        assert app.controller.hidden.secret
        await to_tasks(app, pilot)
        assert course(app).open
        assert "no-x" not in text(app)
        await solve(app, pilot, lesson.tasks[0])
        assert app.controller.hidden.secret, "it is still to be named"
        assert load().progress.is_finished(lesson), "what was done stays done"
