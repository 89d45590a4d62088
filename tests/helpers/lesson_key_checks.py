"""What the keys of lessons must do; `test_app_keys` presses them."""

from __future__ import annotations

from app_helpers import App, Driver, feature, text, wait
from key_checks import checks
from lesson_helpers import LESSONS, begin, course, to_tasks

from tui_linreg.tui.features.lessons.answer_dialog import LessonAnswerDialog
from tui_linreg.tui.features.lessons.feature import Lessons
from tui_linreg.tui.features.lessons.list_dialog import LessonsDialog

MODEL = next(lesson for lesson in LESSONS if lesson.id == "the-model")


@checks("lessons")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(key)
    await wait(pilot, lambda: isinstance(app.screen, LessonsDialog))
    for lesson in LESSONS:
        assert lesson.title in text(app)
    await pilot.press("escape")
    await wait(pilot, lambda: app.screen is app.main)
    assert feature(app, Lessons).session is None


async def _without_a_lesson(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(key)
    assert "no lesson is on: L lists them" in text(app)


@checks("lesson.go")
async def _(app: App, pilot: Driver, key: str) -> None:
    await _without_a_lesson(app, pilot, key)
    await begin(app, pilot, "the-model")
    assert "page 1 of 2" in text(app)
    await pilot.press(key)
    assert "page 2 of 2" in text(app)
    await pilot.press(key)
    assert "task 1 of 6" in text(app)
    await pilot.press(key)
    assert "checked as you go" in text(app)
    await pilot.press("right")
    assert "✓ done" in text(app)
    await pilot.press(key, "down", key)
    assert "task 3 of 6" in text(app)
    await pilot.press(key)
    await wait(pilot, lambda: isinstance(app.screen, LessonAnswerDialog))


@checks("lesson.back")
async def _(app: App, pilot: Driver, key: str) -> None:
    await _without_a_lesson(app, pilot, key)
    await begin(app, pilot, "the-model")
    await pilot.press("enter", key)
    assert MODEL.pages[0].title in text(app)
    await pilot.press(key)
    assert "the first page" in text(app)


@checks("lesson.text")
async def _(app: App, pilot: Driver, key: str) -> None:
    await _without_a_lesson(app, pilot, key)
    await begin(app, pilot, "the-model")
    await pilot.press(key)
    assert MODEL.pages[0].title not in text(app)
    await pilot.press(key)
    assert MODEL.pages[0].title in text(app)
    await to_tasks(app, pilot)
    await pilot.press("H", key)
    assert f"Hint 1: {MODEL.tasks[0].hints[0]}" in text(app)
    await pilot.press("backspace")
    assert MODEL.pages[1].title in text(app)
    await pilot.press("enter", "enter")
    assert course(app).page is None


@checks("lesson.hint")
async def _(app: App, pilot: Driver, key: str) -> None:
    await _without_a_lesson(app, pilot, key)
    await begin(app, pilot, "the-model")
    await pilot.press(key)
    assert "hints belong to a task that is open" in text(app)
    await to_tasks(app, pilot)
    await pilot.press(key)
    assert f"Hint 1 of 1: {MODEL.tasks[0].hints[0]}" in text(app)
    await pilot.press(key)
    assert "these were all hints" in text(app)


@checks("lesson.uncover")
async def _(app: App, pilot: Driver, key: str) -> None:
    await _without_a_lesson(app, pilot, key)
    await begin(app, pilot, "the-model")
    await pilot.press(key)
    assert "nothing is hidden here" in text(app)
    await pilot.press("j", "l")
    assert "▒▒▒" in text(app)
    await pilot.press(key)
    assert "▒" not in text(app)
    assert "shown for this mini-batch" in text(app)


@checks("lesson.leave")
async def _(app: App, pilot: Driver, key: str) -> None:
    await _without_a_lesson(app, pilot, key)
    await pilot.press("down", "down")
    own = app.controller.run
    await begin(app, pilot, "the-model")
    assert app.controller.run is not own
    await pilot.press(key)
    assert app.controller.run is own
    assert "your own run again: η 0.01, step 3" in text(app)
