"""Every built-in lesson, from its text to its last task, with the keyboard and by its documented solutions."""

from __future__ import annotations

import pytest
from app_helpers import COMPACT, FULL, quiet, running, text, wait
from lesson_helpers import LESSONS, begin, course, play

from tui_linreg.study.lessons.lesson import Lesson
from tui_linreg.study.progress_file import load


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
async def test_it_is_completed(lesson: Lesson) -> None:
    size = (FULL, COMPACT)[LESSONS.index(lesson) % 2]
    async with running(size, device="cpu") as (app, pilot):
        await begin(app, pilot, lesson.id)
        assert lesson.pages[0].title in text(app)
        await play(app, pilot, lesson)
        progress = load().progress
        assert progress.done_of(lesson) == len(lesson.tasks)
        assert lesson.id in progress.lessons
        assert "This lesson is finished." in text(app)
        assert not app.controller.hidden.cuts, "all that was blanked has been given"
        assert not app.controller.hidden.secret
        await pilot.press("X")
        await wait(pilot, lambda: "your own run again" in text(app))
        assert "LESSON" not in text(app)
        assert app.controller.run.session.config.train_size is None


async def test_one_after_the_other_until_the_list() -> None:
    """Whoever presses enter at the end of a lesson stands at the beginning of the next."""
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, LESSONS[0].id)
        await play(app, pilot, LESSONS[0])
        await pilot.press("enter")
        await quiet(app, pilot)
        assert course(app).lesson == LESSONS[1]
        assert LESSONS[1].pages[0].title in text(app)
