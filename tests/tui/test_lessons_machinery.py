"""What the machinery of lessons does by itself: what predict solved, hints, pages, pictures, fading, conditions."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from app_helpers import COMPACT, FULL, App, Driver, lines, quiet, running, settle, text, typed, wait
from lesson_helpers import LESSONS, begin, course, done, solve, to_tasks

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.settings import Settings
from tui_linreg.study.progress_file import load
from tui_linreg.tui.app import LinRegApp
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.features.lessons.answer_dialog import LessonAnswerDialog, NumberDialog
from tui_linreg.tui.features.lessons.list_dialog import LessonsDialog
from tui_linreg.tui.features.predict.dialog import PredictDialog
from tui_linreg.tui.panes.lesson import LessonPane

OWN = """---
id: own
title: {title}
minutes: 4
train-size: 8
batch-size: 4
start: step 1 phase 4
---
## A picture

show: chart 3
Look at the residuals beside this text.

```python
# the mean
L = ((p - y) ** 2).mean()
```

## Words alone

No picture here.

{tasks}
"""
FADING = """## Task: Put in

What is ∂L/∂b of mini-batch 2?

show: chart 4, panel landing
start: step 2 phase 5
hide: inputs
answer: digits 2 of grad_b at step 2
why: Every ∂ŷ/∂b is 1.
hint: first of three hints, and long enough that it does not fit into one line of a narrow terminal at all
hint: second of three hints
hint: third of three hints

## Task: A new batch and no formula

What is the loss of mini-batch 3?

start: step 3 phase 3
hide: formula
answer: digits 2 of loss at step 3
hint: Squares.

## Task: The rest

Which?

answer: choice b
option: an option that is long enough to be broken in a narrow terminal, so that its second line hangs below
option: the other
wrong: a: that one is long, no more
hint: Not the first.
"""


@asynccontextmanager
async def own_lesson(
    folder: Path, size: tuple[int, int] = FULL, tasks: str = FADING, title: str = "Mine", **options: object
) -> AsyncIterator[tuple[App, Driver]]:
    """Begin a lesson of a folder of one's own; the list is at the built-in ones' end."""
    (folder / "own.md").write_text(OWN.format(title=title, tasks=tasks), encoding="utf-8")
    app = LinRegApp(RunConfig(device="cpu"), Settings(), lessons=str(folder))
    async with app.run_test(size=size) as pilot:
        await wait(pilot, lambda: app.controller.loaded)
        await pilot.press("L")
        await wait(pilot, lambda: isinstance(app.screen, LessonsDialog))
        await pilot.press("end", "enter")
        await quiet(app, pilot)
        assert course(app).lesson.id == "own"
        yield app, pilot


def page_of(app: App) -> str:
    """What is to be read of the lesson's page."""
    return app.main.query_one(LessonPane).text


async def predict(app: App, pilot: Driver, answer: str, leave: str) -> None:
    """Answer the question of the next phase, and leave its dialog by a key."""
    await pilot.press("t")
    await wait(pilot, lambda: isinstance(app.screen, PredictDialog))
    await pilot.press(*typed(answer), "enter")
    await wait(pilot, lambda: "✓ Right" in text(app))
    await pilot.press(leave)
    await wait(pilot, lambda: app.screen is app.main)
    await quiet(app, pilot)


@pytest.mark.parametrize("leave", ["enter", "escape"])
async def test_what_predict_solved_is_solved(leave: str) -> None:
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, "chain-rule-to-b")
        lesson = course(app).lesson
        await to_tasks(app, pilot)
        await solve(app, pilot, lesson.tasks[0])
        await pilot.press("enter")
        await predict(app, pilot, "d3 + d4 + d5", leave)
        assert done(app, lesson.tasks[1])
        assert "✓ right, predicted" in text(app)
        assert "▒" not in text(app)
        assert "enter next task" in text(app)


async def test_what_is_revealed_is_not_solved() -> None:
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, "chain-rule-to-b")
        lesson = course(app).lesson
        await to_tasks(app, pilot)
        await solve(app, pilot, lesson.tasks[0])
        await pilot.press("enter", "t")
        await wait(pilot, lambda: isinstance(app.screen, PredictDialog))
        await pilot.press("ctrl+r", "escape")
        await wait(pilot, lambda: app.screen is app.main)
        assert not done(app, lesson.tasks[1])
        assert "▒" not in text(app), "it is shown all the same"


async def test_a_formula_with_the_names_on_the_screen_and_why() -> None:
    async with running(COMPACT, device="cpu") as (app, pilot):
        await begin(app, pilot, "the-model")
        lesson = course(app).lesson
        await to_tasks(app, pilot)
        for task in lesson.tasks[:2]:
            await solve(app, pilot, task)
            await pilot.press("enter")
        await pilot.press("enter")
        await wait(pilot, lambda: isinstance(app.screen, NumberDialog))
        assert "a number, or a formula of b, w, x" in text(app)
        for answer, said in (("w*x", "b is left out"), ("b + w*q", "'q' at position 7")):
            await pilot.press("home", "ctrl+k", *typed(answer), "enter")
            await wait(pilot, lambda said=said: said in " ".join(text(app).split()), said)  # type: ignore[misc]
        await pilot.press("home", "ctrl+k", *typed("b + w*x"), "enter")
        await wait(pilot, lambda: done(app, lesson.tasks[2]))
        await quiet(app, pilot)
        assert "✓ right: b + w*x. The line starts at b" in text(app)
        await pilot.press("T")
        assert "rises by w for each unit of x." in " ".join(text(app).split()), "the page has all of it"


async def test_numbers_that_the_lesson_hides_are_not_listed(tmp_path: Path) -> None:
    task = (
        "## Task: Go\n\nGo on.\n\nstart: step 2 phase 7\nanswer: digits 2 of b at step 3\nhint: h\n\n"
        "## Task: Before\n\nBefore.\n\nanswer: digits 2 of b at step 2\nhint: h\n"
    )
    async with own_lesson(tmp_path, tasks=task) as (app, pilot):
        (tmp_path / "own.md").write_text(
            OWN.format(title="Mine", tasks=task).replace("start: step 1", "blank: b from step 2\nstart: step 1"),
            encoding="utf-8",
        )
        await pilot.press("L")
        await wait(pilot, lambda: isinstance(app.screen, LessonsDialog))
        await pilot.press("end", "enter")
        await quiet(app, pilot)
        await to_tasks(app, pilot)
        await pilot.press("enter")
        await wait(pilot, lambda: isinstance(app.screen, NumberDialog))
        step = app.controller.run.session.step(2).scratch
        assert f"{step.b_before:.5g}" not in text(app)
        await pilot.press(*typed(repr(step.b_before)), "enter")
        await wait(pilot, lambda: "b before the update" in text(app), "the mistake is known all the same")


@pytest.mark.parametrize("size", [COMPACT, (60, 18), FULL], ids=str)
async def test_hints_are_never_lost(tmp_path: Path, size: tuple[int, int]) -> None:
    async with own_lesson(tmp_path, size) as (app, pilot):
        await to_tasks(app, pilot)
        task = course(app).lesson.tasks[0]
        await pilot.press("enter")
        await wait(pilot, lambda: isinstance(app.screen, LessonAnswerDialog))
        for count, hint in enumerate(task.hints, start=1):
            await pilot.press("ctrl+t")
            await wait(pilot, lambda hint=hint: hint[:20] in text(app), f"hint {count}")  # type: ignore[misc]
        for _ in range(3):
            await pilot.press("ctrl+t")
            await settle(app, pilot)
            assert "these were all hints" in text(app)
            assert "Hint 3 of 3" in text(app)
        await pilot.press(*["pageup"] * 4)
        await settle(app, pilot)
        assert "What is" in text(app)
        seen = text(app)
        for _ in range(12):
            await pilot.press("down")
            await settle(app, pilot)
            seen += text(app)
        assert all(f"Hint {count} of 3" in seen for count in (1, 2, 3))
        await pilot.press("escape")
        await wait(pilot, lambda: app.screen is app.main)
        await pilot.press("ctrl+t")
        assert "these were all hints; T shows them together" in text(app)
        await pilot.press("T")
        page = text(app)
        for _ in range(4):
            await pilot.press("J")
            page += text(app)
        assert all(hint[:20] in page for hint in task.hints)


async def test_pages_are_leafed_through_in_a_task_and_one_comes_back(tmp_path: Path) -> None:
    async with own_lesson(tmp_path, COMPACT) as (app, pilot):
        await to_tasks(app, pilot)
        task = course(app).task
        await pilot.press("backspace")
        assert "No picture here." in text(app)
        await pilot.press("backspace")
        assert "Look at the residuals" in text(app)
        assert "T to the task" in text(app)
        await pilot.press("enter")
        assert "No picture here." in text(app)
        await pilot.press("T")
        assert (course(app).page, course(app).task) == (None, task)
        assert "Put in" in text(app)
        await pilot.press("backspace", "enter", "enter")
        assert course(app).page is None, "page by page one comes back, too"


@pytest.mark.parametrize("size", [FULL, (120, 36), COMPACT], ids=str)
async def test_pictures_come_by_themselves_beside_the_text(tmp_path: Path, size: tuple[int, int]) -> None:
    async with own_lesson(tmp_path, size) as (app, pilot):
        assert "Look at the residuals beside this text." in " ".join(page_of(app).split())
        assert f"3 {CHARTS[3].name}" in text(app)
        assert app.main.charts_in_sight == (3,)
        assert "L = ((p - y) ** 2).mean()" in text(app), "fenced code, as it stands"
        await pilot.press("1")
        assert app.main.charts_in_sight == (1,)
        assert "Look at the residuals" in text(app)
        await pilot.press("enter", "backspace")
        assert app.main.charts_in_sight == (3,)
        await to_tasks(app, pilot)
        look = app.controller.run.look
        assert (look.instrument, look.charts.numbers) == ("landing", (4,))


@pytest.mark.parametrize("size", [FULL, COMPACT], ids=str)
async def test_worked_then_faded(tmp_path: Path, size: tuple[int, int]) -> None:
    """The first mini-batch is whole; then the numbers are the learner's to put in, at last the formula, too."""
    async with own_lesson(tmp_path, size, FADING.replace(", panel landing", "")) as (app, pilot):
        await to_tasks(app, pilot)
        assert (app.controller.run.cursor.step, app.controller.run.cursor.phase) == (1, Phase.BIAS_GRADIENT)

        def phase() -> str:
            return app.main.query_one("#phase").text  # type: ignore[attr-defined,no-any-return]

        step = app.controller.run.step().scratch
        terms = [f"{value:.5g}"[:6] for value in step.dloss_dpred.tolist()]
        assert "∂L/∂b = Σ ∂L/∂ŷ · 1" in phase()
        assert "put the numbers in yourself" in phase()
        assert not any(term in phase() for term in terms)
        assert f"{step.grad_b:.5g}"[:6] not in text(app)
        await pilot.press("up")
        assert "▒" not in text(app), "the first mini-batch is worked out"
        await pilot.press("down", "enter")
        await wait(pilot, lambda: isinstance(app.screen, NumberDialog))
        await pilot.press(*typed("d4+d5+d6+d7"), "enter")
        await wait(pilot, lambda: app.screen is app.main)
        await quiet(app, pilot)
        assert "✓ right: d4+d5+d6+d7. Every ∂ŷ/∂b is 1." in text(app)
        assert any(term in phase() for term in terms)
        await pilot.press("enter")
        await quiet(app, pilot)
        assert app.controller.run.cursor.step == 2
        assert "find the formula yourself" in phase()
        assert "‖" not in phase()
        assert "‖" not in app.main.query_one("#quantities").text  # type: ignore[attr-defined]
        for key in ("d", "c"):
            await pilot.press(key)
            assert "the formula is yours to find here: answer first" in text(app)
        await pilot.press("R")
        assert "‖" in phase()


@pytest.mark.parametrize("size", [(160, 45), (130, 40), (120, 30), (80, 24), (60, 18)], ids=str)
async def test_a_long_title_and_leave_are_never_cut(tmp_path: Path, size: tuple[int, int]) -> None:
    title = "From scratch against torch, and what rounding has to do with all of that in the end"
    async with own_lesson(tmp_path, size, title=title) as (app, pilot):
        seen = " ".join(" ".join(line.strip("│") for line in lines(app)).split())
        assert title in seen or title in " ".join(page_of(app).split())
        for _ in range(2):
            assert "X leave" in text(app)
            await pilot.press("enter")
        await quiet(app, pilot)
        assert "X leave" in text(app)
        await pilot.press("L")
        await wait(pilot, lambda: isinstance(app.screen, LessonsDialog))
        await settle(app, pilot)
        rows = " ".join(" ".join(line.strip("│ █▁▂▃▄▅▆▇") for line in lines(app)).split())
        assert all(word in rows for word in title.split())
        assert "open now" in rows
        assert "about 4 min" in rows


async def test_a_mistake_found_in_a_lesson_counts() -> None:
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, "find-the-mistake")
        await to_tasks(app, pilot)
        for task in course(app).lesson.tasks[:2]:
            await solve(app, pilot, task)
            await pilot.press("enter")
        assert load().progress.found == {("no-x", 1): 1}


CONDITIONS = """## Task: By hand

Bring the loss down.

check: by hand and train loss below 900
hint: o, then the arrows.

## Task: A point

Put the cursor of chart 1 on sample 2.

check: chart cursor = 1 and sample = 2
hint: v.

## Task: From there

Start a run at a b and w of your own.

check: start
hint: enter, by hand.
"""


async def test_conditions_by_hand_at_a_point_and_from_a_start(tmp_path: Path) -> None:
    async with own_lesson(tmp_path, tasks=CONDITIONS) as (app, pilot):
        await to_tasks(app, pilot)
        by_hand, point, start = course(app).lesson.tasks
        instruments = app.controller.run.instruments
        ours = app.controller.run.step().scratch
        assert instruments.whole.at(ours.b_before, ours.w_before) > 900
        await pilot.press("o")
        assert not done(app, by_hand)
        await pilot.press("ctrl+t")
        assert "Hint 1 of 1" in text(app)
        assert app.controller.mode is not None, "a hint leaves b and w where they are"
        for _ in range(40):
            if done(app, by_hand):
                break
            await pilot.press("up")
        assert done(app, by_hand)
        assert "run from here" not in lines(app)[-1], "enter goes on in the lesson"
        await pilot.press("enter")
        assert course(app).task == point
        assert app.controller.mode is None
        await pilot.press("1", "v") if 1 not in app.main.charts_in_sight else await pilot.press("v")
        for key in ("home", *["right"] * 3):
            await pilot.press(key)
            if done(app, point):
                break
        assert done(app, point)
        await pilot.press("enter")
        assert course(app).task == start
        lessons_run = app.controller.run
        await pilot.press("o", "up")
        assert "run from here" in lines(app)[-1]
        await pilot.press("enter")
        await wait(pilot, lambda: app.controller.run is not lessons_run)
        await quiet(app, pilot)
        assert done(app, start)


async def test_what_a_wrong_option_is_told(tmp_path: Path) -> None:
    tasks = FADING[FADING.index("## Task: The rest") :]
    async with own_lesson(tmp_path, COMPACT, tasks) as (app, pilot):
        await to_tasks(app, pilot)
        await pilot.press("enter")
        await wait(pilot, lambda: isinstance(app.screen, LessonAnswerDialog))
        await pilot.press("enter")
        await wait(pilot, lambda: "choose an answer first" in text(app), "none is chosen at first")
        await pilot.press("down", "enter")
        await wait(pilot, lambda: "✗ that one is long, no more" in text(app))
        second = next(line for line in lines(app) if "hangs below" in line)
        assert second.strip("│ ").startswith(("hangs", "second", "line", "so", "its", "that")), "a line of its own"
        first = next(line for line in lines(app) if "an option that" in line)
        assert len(second) - len(second.lstrip("│ ")) == first.index("an option"), "below the option's words"
        await pilot.press("b", "enter")
        await wait(pilot, lambda: course(app).finished == {"the-rest"})


def test_the_built_in_lessons_ask_for_nothing_that_has_no_place() -> None:
    assert all(task.show is None or set(task.show.charts) <= set(CHARTS) for one in LESSONS for task in one.tasks)


async def test_enter_reads_a_page_to_its_end_before_it_turns_it() -> None:
    async with running((120, 36), device="cpu") as (app, pilot):
        await begin(app, pilot, "the-update")
        assert course(app).page == 0
        assert re.search(r"enter \d+ more lines", text(app))
        last = course(app).lesson.pages[0].text.split()[-1]
        assert last not in text(app)
        while app.main.query_one(LessonPane).below:
            await pilot.press("enter")
            assert course(app).page == 0
        assert last in text(app)
        await pilot.press("enter")
        assert course(app).page == 1


async def test_what_was_shown_of_one_run_is_hidden_in_the_next() -> None:
    """A task with a run of its own asks for another number, even where the step is the same."""
    lesson = next(lesson for lesson in LESSONS if lesson.id == "error-signal")
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, lesson.id)
        await to_tasks(app, pilot)
        for task in lesson.needed:
            if task.id == "without-the-formula":
                break
            if task.quantity is not None:
                await pilot.press("R")
                assert not app.controller.hidden.blanks
            await solve(app, pilot, task)
            await pilot.press("enter")
            await quiet(app, pilot)
        assert app.controller.run.session.config.seed == 1
        assert "dloss_dpred" in app.controller.hidden.blanks
        assert "dloss_dpred" in app.controller.hidden.formulas


@pytest.mark.parametrize(("id_", "alike"), [("chain-rule-to-b", {"grad_b", "grad_w"}), ("the-update", {"b", "w"})])
async def test_a_hidden_formula_is_not_told_by_its_neighbour(id_: str, alike: set[str]) -> None:
    lesson = next(lesson for lesson in LESSONS if lesson.id == id_)
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, id_)
        await to_tasks(app, pilot)
        for task in lesson.needed:
            if task.id == "without-the-formula":
                break
            await solve(app, pilot, task)
            await pilot.press("enter")
            await quiet(app, pilot)
        assert app.controller.hidden.formulas == alike
        for formula in (quantity.formula for quantity in QUANTITIES if quantity.key in alike):
            assert formula not in text(app)
