"""What studying looks like, cell by cell: lessons, the hunt, a learner's own update."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_helpers import wait
from hunt_helpers import drawing, seeds
from snapshot_helpers import COMPACT, FULL, SIZES, TINY, Before, SnapCompare, app, exact_start, pressed
from student_helpers import GOOD, NO_2
from textual.pilot import Pilot

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.schedule import Schedule
from tui_linreg.settings import Settings
from tui_linreg.study.lessons.folder import built_in_lessons
from tui_linreg.study.student.student import Student
from tui_linreg.tui.app import LinRegApp

__all__ = ["exact_start"]  # pytest finds the fixture here

SMALLEST = (60, 18)
BEGUN = ("L", *["down"] * len(built_in_lessons().lessons), "enter")


def lesson_app() -> LinRegApp:
    return LinRegApp(RunConfig(**TINY), Settings(), lessons="lessons")


@SIZES
def test_lesson_list(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(lesson_app(), terminal_size=size, run_before=pressed("L", "down", "down"))


@pytest.mark.parametrize("size", [FULL, COMPACT, SMALLEST], ids=["160x45", "80x24", "60x18"])
def test_lesson_page(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(lesson_app(), terminal_size=size, run_before=pressed(*BEGUN))


@pytest.mark.parametrize("size", [FULL, COMPACT, SMALLEST], ids=["160x45", "80x24", "60x18"])
def test_lesson_task_with_a_hidden_quantity(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    to_the_page_s_end = ["enter"] if size == SMALLEST else []
    keys = (*BEGUN, *to_the_page_s_end, "enter", "enter", "down", "enter", "H")
    assert snap_compare(lesson_app(), terminal_size=size, run_before=pressed(*keys))


@SIZES
def test_lesson_answer(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    keys = (*BEGUN, "enter", "enter", "down", "enter", "enter", "4", "enter")
    assert snap_compare(lesson_app(), terminal_size=size, run_before=pressed(*keys))


@SIZES
def test_hunt_levels(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=pressed("f", "down"))


@SIZES
@pytest.mark.parametrize("level", ["1", "2", "3"])
def test_hunt(snap_compare: SnapCompare, size: tuple[int, int], level: str) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=hunted(level, "right_square_bracket"))


@SIZES
@pytest.mark.parametrize("keys", [("f",), ("f", "0", "enter"), ("f", "u", "u")], ids=["choices", "wrong", "revealed"])
def test_hunt_decision(snap_compare: SnapCompare, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=hunted("1", *keys))


def hunted(level: str, *keys: str) -> Before:
    """Hunt the forgotten x, then press keys."""

    async def before(pilot: Pilot[None]) -> None:
        shown = pilot.app
        assert isinstance(shown, LinRegApp)
        await pressed("f", level)(pilot)
        own = shown.controller.run
        with drawing(seeds(Schedule(10, 4, 16))["no-x"]):
            await pressed("enter")(pilot)
            await wait(pilot, lambda: shown.controller.run is not own)
        await pressed(*keys)(pilot)

    return before


@SIZES
@pytest.mark.parametrize(
    "source", [GOOD, NO_2, "def update(x, y_true, y_pred, lr:\n"], ids=["right", "wrong", "broken"]
)
def test_student(snap_compare: SnapCompare, size: tuple[int, int], source: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(source, encoding="utf-8")
    with Student(path) as student:
        learning = LinRegApp(RunConfig(**TINY), Settings(), student)
        assert snap_compare(learning, terminal_size=size, run_before=pressed("down", "left"))
