"""A lesson beside everything else on the screen: pages before charts, its strip where lines are few, its run."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_helpers import COMPACT, App, Driver, lines, quiet, running, settle, text, wait
from lesson_helpers import LESSONS, begin, course, solve, to_tasks

from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.features.lessons.list_dialog import LessonsDialog
from tui_linreg.tui.panes.prose import shorten
from tui_linreg.tui.styles import Line

MIDDLE = (120, 40)
MODEL = LESSONS[1]
PAGE = MODEL.pages[0].title


def strip(app: App) -> list[str]:
    """The lesson's strip: from its head to the status line."""
    seen = lines(app)
    head = next(y for y, line in enumerate(seen) if "LESSON" in line)
    return seen[head:-2]


def title(chart: int) -> str:
    return f"{chart} {CHARTS[chart].name}"


def body_is_empty(app: App) -> bool:
    seen = lines(app)
    head = next(y for y, line in enumerate(seen) if "LESSON" in line)
    return not any(line.strip("│╭╮╰╯─ ") for line in seen[3 : head - 1])


async def own_run(app: App, pilot: Driver) -> None:
    """Load another run than the lesson's, with the form."""
    before = app.controller.run
    await pilot.press("e")
    await wait(pilot, lambda: app.screen is not app.main)
    await pilot.press("end", "5", "enter")
    await wait(pilot, lambda: app.controller.run is not before)
    await quiet(app, pilot)


async def list_lessons(app: App, pilot: Driver) -> None:
    await pilot.press("L")
    await wait(pilot, lambda: isinstance(app.screen, LessonsDialog))
    await settle(app, pilot)


@pytest.mark.parametrize("size", [COMPACT, MIDDLE], ids=str)
async def test_maximising_beside_a_page_leaves_nothing_empty(size: tuple[int, int]) -> None:
    async with running(size, device="cpu") as (app, pilot):
        await begin(app, pilot, MODEL.id)
        await pilot.press("m")
        assert not body_is_empty(app)
        assert PAGE in text(app), "the page stands where the chart would"
        await pilot.press("m")
        assert app.main.maximized is None
        await pilot.press("1", "m", "T")
        assert PAGE in text(app), "a page that comes is seen"
        app.main.query_one("#lesson").focus()
        await pilot.press("m", "T")
        assert app.main.maximized is None
        assert not body_is_empty(app)
        await pilot.press("m")
        assert title(1) in text(app)


async def test_a_maximised_chart_stays_when_the_terminal_becomes_narrow() -> None:
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, MODEL.id)
        await pilot.press("1", "m")
        for size in (MIDDLE, COMPACT):
            await pilot.resize_terminal(*size)
            await settle(app, pilot)
            assert not body_is_empty(app)


@pytest.mark.parametrize("size", [COMPACT, MIDDLE], ids=str)
async def test_what_a_key_brings_up_is_seen_though_a_page_was_there(size: tuple[int, int]) -> None:
    async with running(size, device="cpu") as (app, pilot):
        await begin(app, pilot, MODEL.id)
        await pilot.press("down")
        assert PAGE in text(app), "a stepping key keeps the page, and nothing promises more"
        assert "T hides the text and shows it again" in text(app)
        for key, seen in (("1", 1), ("1", 1), ("2", 2), ("z", 5)):
            await pilot.press(key)
            assert title(seen) in text(app), key
            assert PAGE not in text(app)
            await pilot.press("T")
            assert PAGE in text(app)
        for key, panel in (("f2", "learning_rate"), ("f2", "learning_rate" if size == COMPACT else None), ("i", ...)):
            await pilot.press(key)
            assert panel is ... or app.controller.run.look.instrument == panel
            assert (PAGE in text(app)) == (size == MIDDLE), "beside the page where there is room"
            if size == COMPACT:
                await pilot.press("T")


async def test_the_list_says_all_of_what_it_has_to_say(tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_text("{")
    async with running((60, 18), device="cpu") as (app, pilot):
        await list_lessons(app, pilot)
        said = " ".join(line.strip("│ ") for line in lines(app))
        assert "✗ the progress file was damaged" in said
        assert ".damaged" in "".join(line.strip("│ ") for line in lines(app))
        assert "esc close" in said
        await pilot.press("enter")
        await quiet(app, pilot)
        assert course(app).lesson == LESSONS[0]
        await to_tasks(app, pilot)
        await solve(app, pilot, LESSONS[0].tasks[0])
        await list_lessons(app, pilot)
        await pilot.press("r")
        assert "any other key keeps them" in " ".join(line.strip("│ ") for line in lines(app))
        assert "esc close" in text(app)


async def test_one_line_keeps_the_task_in_sight() -> None:
    async with running(COMPACT, device="cpu") as (app, pilot):
        await begin(app, pilot, MODEL.id)
        await to_tasks(app, pilot)
        task = MODEL.tasks[0]
        assert "T whole text" in text(app), "the task is longer than the line"
        await own_run(app, pilot)
        head, body = strip(app)
        assert "another run" in head
        assert "L lesson's run" in head
        assert body.startswith(f" {task.title}")
        await pilot.press("H")
        assert task.hints[0][:20] in strip(app)[1]
        assert "T task again" in text(app)
        await pilot.press("T")
        assert task.hints[0][:20] in text(app)
        await pilot.press("T")
        assert strip(app)[1].startswith(f" {task.title}")


async def test_the_keys_a_task_needs_stand_before_the_title() -> None:
    lesson = max((each for each in LESSONS if each.blanks), key=lambda each: len(each.title))
    async with running(COMPACT, device="cpu") as (app, pilot):
        await begin(app, pilot, lesson.id)
        await to_tasks(app, pilot)
        await solve(app, pilot, lesson.tasks[0])
        await pilot.press("enter")
        head = strip(app)[0]
        for key in ("LESSON 3/12", "task 2/5", "enter answer", "^t hint", "R ▒", "T whole text", "X leave"):
            assert key in head


async def test_the_next_task_goes_on_in_the_lesson_s_own_run() -> None:
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, MODEL.id)
        await to_tasks(app, pilot)
        await solve(app, pilot, MODEL.tasks[0])
        lessons_run = app.controller.run
        await own_run(app, pilot)
        await pilot.press("enter")
        assert app.controller.run is lessons_run
        assert course(app).task == MODEL.tasks[1]
        assert "another run" not in text(app)
        await solve(app, pilot, MODEL.tasks[1])


async def test_a_lesson_that_is_on_begins_anew_when_it_is_reset() -> None:
    async with running(device="cpu") as (app, pilot):
        await begin(app, pilot, MODEL.id)
        await to_tasks(app, pilot)
        await solve(app, pilot, MODEL.tasks[0])
        await pilot.press("enter", "H", "down", "R")
        assert course(app).uncovered
        await list_lessons(app, pilot)
        await pilot.press("r", "r", "escape")
        await wait(pilot, lambda: app.screen is app.main)
        await quiet(app, pilot)
        assert "page 1 of 2 ○○○○" in strip(app)[0]
        assert (course(app).uncovered, course(app).told, course(app).hints) == (set(), None, 0)
        assert app.controller.run is course(app).run
        await to_tasks(app, pilot)
        await solve(app, pilot, MODEL.tasks[0])


@pytest.mark.parametrize("word", ["x" * 50, "线性回归的损失函数" * 5], ids=["long", "wide"])
def test_a_text_without_gaps_isshorten_and_not_left_out(word: str) -> None:
    texts: list[Line] = [[(word[:10], "text")], [("more", "text")]]
    ((part, _), (end, _)) = shorten(texts, 1, 9)[0]
    assert part
    assert word.startswith(part)
    assert end == " …"
