"""Which run is on the screen, and which ones a new run ends."""

from __future__ import annotations

from functools import cache

import pytest

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.training.session import Session
from tui_linreg.tui.look import Look, ShownCharts
from tui_linreg.tui.run import Owner, Run, RunStack
from tui_linreg.tui.view import RunFacts


@cache
def _session() -> Session:
    return Session(RunConfig(dataset="tiny"))


def stack(*owners: Owner) -> tuple[RunStack, list[Run]]:
    """The stack after runs of these owners began, one after the other."""
    runs, found = RunStack(), []
    for owner in owners:
        found.append(Run(_session(), RunFacts.of(_session()), owner))
        runs.begin(found[-1])
    return runs, found


def test_an_empty_stack_shows_nothing() -> None:
    runs = RunStack()
    assert runs.top is None
    assert runs.own is None
    assert runs.beneath_hunt() is None


@pytest.mark.parametrize(
    ("owners", "on_top", "beneath"),
    [
        (("own", "own"), 1, 1),  # a new run of one's own takes the place of the one before
        (("own", "hunt"), 1, 0),
        (("own", "hunt", "hunt"), 2, 0),  # another hunt, the same run of one's own
        (("own", "hunt", "own"), 2, 2),  # the hunt ends, and the run from before it is forgotten
        (("own", "lesson"), 1, 1),
        (("own", "lesson", "own"), 2, 2),
        (("own", "lesson", "own", "hunt"), 3, 2),
        (("own", "lesson", "hunt", "own"), 3, 3),
        (("own", "lesson", "hunt", "lesson"), 3, 3),
        (("own", "hunt", "lesson"), 2, 2),
    ],
)
def test_the_run_on_top_and_the_one_beneath_a_hunt(owners: tuple[Owner, ...], on_top: int, beneath: int) -> None:
    runs, made = stack(*owners)
    assert runs.top is made[on_top]
    assert runs.beneath_hunt() is made[beneath]


@pytest.mark.parametrize(
    ("owners", "own"),
    [
        (("own", "own"), 1),
        (("own", "hunt", "own"), 2),
        (("own", "lesson", "own"), 0),
        (("own", "lesson", "own", "hunt", "lesson"), 0),
    ],
)
def test_the_users_own_run_is_at_the_bottom(owners: tuple[Owner, ...], own: int) -> None:
    runs, made = stack(*owners)
    assert runs.own is made[own]
    runs.back_to(made[own])
    assert runs.top is made[own]


def test_leaving_gives_each_run_back_with_its_look() -> None:
    runs, (own, lesson, hunt) = stack("own", "lesson", "hunt")
    own.look = Look(charts=ShownCharts.of(5, 2), instrument="bits", log_y=True)
    hunt.look = Look(charts=ShownCharts.of(1, 6))
    runs.back_to(lesson)
    assert runs.top is lesson
    runs.back_to(own)
    assert runs.top is own
    assert own.look == Look(charts=ShownCharts.of(5, 2), instrument="bits", log_y=True)
