"""Shared by the tests of lessons on the screen: a lesson begun and played, with the keyboard only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from app_helpers import App, Driver, feature, quiet, text, wait

from tui_linreg.study.lessons.conditions import TaskCondition
from tui_linreg.study.lessons.folder import built_in_lessons
from tui_linreg.study.lessons.lesson import Lesson, Task
from tui_linreg.study.progress_file import load
from tui_linreg.tui.features.lessons.answer_dialog import LessonAnswerDialog
from tui_linreg.tui.features.lessons.feature import Lessons
from tui_linreg.tui.features.lessons.lesson_session import LessonSession
from tui_linreg.tui.features.lessons.list_dialog import LessonsDialog

LESSONS = built_in_lessons().lessons


def course(app: App) -> LessonSession:
    """The lesson that is on."""
    session = feature(app, Lessons).session
    assert session is not None
    return session


async def begin(app: App, pilot: Driver, id_: str) -> None:
    """Choose a lesson of the list, from wherever it stands."""
    await pilot.press("L")
    await wait(pilot, lambda: isinstance(app.screen, LessonsDialog))
    number = next(i for i, lesson in enumerate(LESSONS) if lesson.id == id_)
    await pilot.press("home", *["down"] * number, "enter")
    await quiet(app, pilot)
    assert course(app).lesson.id == id_


async def to_tasks(app: App, pilot: Driver) -> None:
    """Read the text to its end."""
    while course(app).page is not None:
        await pilot.press("enter")
    await quiet(app, pilot)


async def solve(app: App, pilot: Driver, task: Task) -> None:
    """Do what the lesson's file says that solves the task at hand."""
    assert course(app).task == task
    assert not done(app, task)
    if isinstance(task.check, TaskCondition):
        await pilot.press(*task.solution)
    else:
        await pilot.press("enter")
        await wait(pilot, lambda: isinstance(app.screen, LessonAnswerDialog))
        await pilot.press(*task.solution)
    await wait(pilot, lambda: done(app, task), f"{task.id} is done")
    if app.screen is not app.main:
        if isinstance(task.check, TaskCondition):
            await pilot.press("escape")
        await wait(pilot, lambda: app.screen is app.main)
    await quiet(app, pilot)


def done(app: App, task: Task) -> bool:
    """Whether the task is done, here and on the disk."""
    here = task.id in course(app).finished
    on_disk = load().progress.is_done(course(app).lesson.id, task.id)
    assert here == on_disk or (on_disk and course(app).lesson.hidden), "a hidden mistake is hidden again"
    return here


async def play(
    app: App, pilot: Driver, lesson: Lesson, first: Callable[[App, Driver, Task], Awaitable[None]] | None = None
) -> None:
    """Do all tasks that are needed, each after what is done `first`, and pass over the optional one."""
    await to_tasks(app, pilot)
    for i, task in enumerate(lesson.tasks):
        of = len(lesson.tasks)
        assert any(f"task {i + 1}{between}{of}" in text(app) for between in (" of ", "/"))
        if task.optional:
            assert "pass over" in text(app)
        else:
            if first is not None:
                await first(app, pilot, task)
            await solve(app, pilot, task)
            assert "✓" in text(app)
        await pilot.press("enter")
        await quiet(app, pilot)
    assert course(app).over
