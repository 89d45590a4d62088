"""Every built-in lesson with the keyboard: to each question a typical wrong answer, then the documented solution."""

from __future__ import annotations

import re

import pytest
from app_helpers import COMPACT, FULL, App, Driver, quiet, running, text, typed, wait
from lesson_helpers import LESSONS, begin, course, done, play

from tui_linreg.study.lessons.conditions import TaskCondition
from tui_linreg.study.lessons.lesson import Lesson, Task
from tui_linreg.study.progress_file import load
from tui_linreg.tui.features.lessons.answer_dialog import LessonAnswerDialog, NumberDialog

ADDED = "the gradient is added"
WRONG = {
    "who-has-a-say": ("10000", "validation samples"),
    "why-validate": ("a", "changes neither b nor w"),
    "which-one-to-trust": ("a", "a new sample is like"),
    "your-own-prediction": ("w*x", "b is left out"),
    "where-it-crosses": ("1", "it predicts b + w"),
    "the-model/without-the-formula": ("2.2296*0.1004", "b is left out"),
    "the-loss-of-three-samples": ("10327", "the sum of the squares where the mean belongs"),
    "twice-as-far": ("b", "each residual is squared"),
    "mse/without-the-formula": ("46", "the root of the loss"),
    "your-own-error-signal": ("1/m*(yhat-y)", "the 2 of the square's derivative is missing"),
    "too-high": ("a", "ŷ − y is above 0"),
    "ten-samples": ("0.3", "factor 2"),
    "error-signal/without-the-formula": ("-10.9", "the factor 2/m is missing"),
    "your-own-bias-gradient": ("-22.8", "averaged once more"),
    "how-b-acts": ("0", "contains b"),
    "chain-rule-to-b/without-the-formula": ("-8.9", "the wrong way round"),
    "your-own-weight-gradient": ("-68.4", "without x"),
    "where-it-splits": ("a", "from L it goes on"),
    "at-x-0": ("5", "multiplied by its x"),
    "chain-rule-to-w/without-the-formula": ("8.9", "without x"),
    "your-own-update": ("-7.56", ADDED),
    "your-own-update-of-w": ("-17.2", ADDED),
    "the-update/without-the-formula": ("-3.8", "only the step"),
    "on-paper": ("2.5", "the factor 2/m is missing"),
    "which-m": ("a", "33 is the batch size"),
    "how-many-updates": ("140", "short mini-batch"),
    "what-means": ("a", "a wrong formula would be marked"),
    "float32": ("23", "the spacing itself"),
    "when-they-must-agree": ("a", "no finite binary expansion"),
    "which-way": ("a", "points to where L rises"),
    "shorter-and-shorter": ("a", "η is 0.1 in every step"),
    "the-smallest-η-that-diverges": ("1", "η = 1 diverges"),
    "the-edge-in-a-chart": ("c", "far above the edge"),
    "which-one": ("2", "would first show in phase 4"),
    "another-one": ("0", "differs by more than rounding"),
    "a-third-one": ("2", "by another amount"),
}  # fmt: skip
"""Of a task, or of a lesson's task: what is typed, and words of what is said."""


def test_every_question_has_one() -> None:
    asked = {
        (f"{lesson.id}/{task.id}" if task.id == "without-the-formula" else task.id)
        for lesson in LESSONS
        for task in lesson.tasks
        if not isinstance(task.check, TaskCondition)
    }
    assert asked == set(WRONG)


async def answer_wrongly(app: App, pilot: Driver, task: Task) -> None:
    """Give the wrong answer to the task at hand, and read what is said of it."""
    if isinstance(task.check, TaskCondition):
        return
    answer, said = WRONG.get(task.id) or WRONG[f"{course(app).lesson.id}/{task.id}"]
    await pilot.press("enter")
    await wait(pilot, lambda: isinstance(app.screen, LessonAnswerDialog))
    await pilot.press(*(typed(answer) if isinstance(app.screen, NumberDialog) else [answer]), "enter")
    # A sentence is broken into the lines of a box.
    await wait(pilot, lambda: said in " ".join(re.sub("[│┃]", " ", text(app)).split()), said)
    assert not done(app, task)
    await pilot.press("escape")
    await quiet(app, pilot)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
async def test_it_is_completed(lesson: Lesson) -> None:
    size = (FULL, COMPACT)[LESSONS.index(lesson) % 2]
    async with running(size, device="cpu") as (app, pilot):
        await begin(app, pilot, lesson.id)
        assert lesson.pages[0].title in text(app)
        await play(app, pilot, lesson, first=answer_wrongly)
        progress = load().progress
        assert progress.is_finished(lesson)
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
