"""Trying other arithmetic: what the dialog counts, and what it returns."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest
import torch
from app_helpers import running, text, wait
from textual.message import Message

from tui_linreg.engine.analysis.identity import FirstBits, Identity, count_identity
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.device import number_of_threads
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.progress import Cancelled
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.training.session import Session
from tui_linreg.engine.verdicts.bits import float_bits
from tui_linreg.tui import jobs
from tui_linreg.tui.features.editing.arithmetic_dialog import (
    MOST_STEPS,
    ArithmeticDialog,
    outcome,
    thread_counts,
)
from tui_linreg.tui.messages import Progressed

QUICK: dict[str, Any] = {"samples": 30, "train_size": 20, "batch_size": 7, "epochs": 3}
SIZES = ((160, 45), (80, 24), (60, 18))


def counts(**options: Any) -> list[int]:
    """The counts that the table should show of a run, counted on a session of the test's own."""
    session = Session(RunConfig(**(QUICK | options)))
    session.train_to(session.schedule.steps)
    found = count_identity(session)
    return [*found.same.values(), found.whole]


def shown(screen: str, label: str) -> list[str]:
    row = next(line for line in screen.splitlines() if label in line)
    return row.split(label)[1].split()[:8]


def dialog_of(app: Any) -> ArithmeticDialog:
    assert isinstance(app.screen, ArithmeticDialog)
    return app.screen


@pytest.mark.parametrize("size", SIZES)
async def test_the_switches_are_counted_and_reach_identity(size: tuple[int, int]) -> None:
    as_is, as_set = ("as it is", "as set") if size[0] < 80 else ("as this run is", "as the switches say")
    async with running(size, **QUICK) as (app, pilot):
        threads = torch.get_num_threads()
        await pilot.press("b")
        dialog = dialog_of(app)
        expected = [str(count) for count in counts()]
        await wait(pilot, lambda: shown(text(app), as_set) == expected, "the run as it is")
        assert "first difference: step " in text(app)
        for switch in range(3):
            await pilot.press("right", "down")
            arithmetic = ("error-signal", "error-signal+weight-gradient", "kernel")[switch]
            expected = [str(count) for count in counts(arithmetic=arithmetic)]
            await wait(pilot, lambda expected=expected: shown(text(app), as_set) == expected, arithmetic)  # type: ignore[misc]
        assert "= identical to the last bit in all 9 steps" in text(app)
        assert shown(text(app), as_is) == [str(count) for count in counts()]
        assert "Identical among all 9 steps" in text(app)
        assert app.controller.run.session.trained == 1  # the run itself is left alone
        assert dialog.body.region.height > 0
        await pilot.press("escape")
        assert app.screen is app.main
        assert app.controller.run.session.config.arithmetic == "notebook"
        assert torch.get_num_threads() == threads


async def test_enter_starts_a_run_so_and_an_unchanged_one_goes_on() -> None:
    async with running(**QUICK) as (app, pilot):
        await pilot.press("down", "b", "enter")
        assert app.controller.run.cursor.step == 1
        assert "this run goes on" in text(app)
        before = app.controller.run
        await pilot.press("b", "down", "right", "down", "down", "right", "enter")
        await wait(pilot, lambda: app.controller.run is not before and app.controller.loaded, "the new run")
        config = RunConfig(**QUICK)
        expected = dataclasses.replace(config, arithmetic="weight-gradient", dtype="float32")
        assert app.controller.run.session.config == expected


async def test_other_threads_are_tried_but_not_applied() -> None:
    threads = torch.get_num_threads()
    async with running(**QUICK) as (app, pilot):
        await pilot.press("b", "up")
        dialog = dialog_of(app)
        await pilot.press("space")
        other = dialog.as_set
        assert other is not None
        assert other.threads != threads
        await wait(pilot, lambda: other in dialog.found, "counted")
        with number_of_threads(other.threads):
            assert [*dialog.found[other].same.values(), dialog.found[other].whole] == counts()
        assert torch.get_num_threads() == threads
        await pilot.press("enter")
        assert "this run goes on" in text(app)


async def test_many_steps_are_counted_in_part_and_closing_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    count: Callable[..., jobs.Job] = jobs.count_bits

    def held_once_it_began(*options: Any) -> jobs.Job:
        *others, post = options
        stop_asked: list[Cancelled] = []

        def post_and_wait(message: Message) -> None:
            post(message)
            while isinstance(message, Progressed) and message.done and not stop_asked[0]():
                time.sleep(0.001)

        def job(cancelled: Cancelled) -> None:
            stop_asked.append(cancelled)
            count(*others, post_and_wait)(cancelled)

        return job

    monkeypatch.setattr(jobs, "count_bits", held_once_it_began)
    async with running((80, 24), **(QUICK | {"epochs": 40_000})) as (app, pilot):
        await pilot.press("b")
        dialog = dialog_of(app)
        assert dialog.steps == MOST_STEPS
        await wait(pilot, lambda: re.search("[█·] [1-9][0-9 ]* of 2 000", text(app)) is not None, "progress")
        assert "Identical among the first 2 000 of 120 000 steps" in text(app)
        await pilot.press("escape")
        await wait(pilot, lambda: app.controller.work.ended(0.0), "stopped")
        assert app.screen is app.main
        assert not dialog.found


async def test_what_cannot_be_is_said_and_not_started() -> None:
    async with running(**(QUICK | {"lr": 1e39})) as (app, pilot):
        await pilot.press("b", "down", "down", "down", "right", "enter")
        assert "must be at most 3.4028234663852886e+38 with dtype float32" in " ".join(text(app).split())
        dialog = dialog_of(app)
        await pilot.press("left")
        await wait(pilot, lambda: dialog.as_set in dialog.found, "counted again")
        assert "must be at most" not in text(app)


async def test_very_large_data_is_not_loaded_again() -> None:
    async with running(**QUICK) as (app, pilot):
        schedule = Schedule(3_000_000, 1_000_000, 2)
        await app.push_screen(ArithmeticDialog(RunConfig(**QUICK), schedule, app.controller.work))
        await wait(pilot, lambda: "Not counted: 3 000 000 train samples" in text(app), "the reason")
        assert not dialog_of(app).found


def identity(first: FirstBits | None, same: int) -> Identity:
    return Identity(9, MappingProxyType({quantity.key: same for quantity in QUANTITIES}), same, first)


def test_what_a_count_says() -> None:
    first = FirstBits(4, "dloss_dpred", 2, 1.0, 1.0000000000000002, single=False)
    kernel, notebook = RunConfig(arithmetic="kernel"), RunConfig()
    bits = f"\nby hand {float_bits(1.0, False).hex} · torch 0x3ff0000000000001"
    where = "step 5, ∂L/∂ŷ, row 3"
    assert outcome(identity(first, 4), kernel).plain == f"≠ not on this build: first at {where}{bits}"
    assert outcome(identity(first, 4), notebook).plain == f"≠ first difference: {where}{bits}"
    wrong = dataclasses.replace(kernel, mistake="sign")  # no build is to blame
    assert outcome(identity(first, 4), wrong).plain == f"≠ first difference: {where}{bits}"
    assert outcome(identity(None, 9), notebook).plain == "= identical to the last bit in all 9 steps"
    assert max(map(len, outcome(identity(first, 4), kernel).plain.splitlines())) <= 56  # of 60 columns


def test_thread_counts_hold_one_and_the_present_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for cpus, now, expected in (
        (2, 2, [1, 2]),
        (6, 3, [1, 2, 3, 4, 6]),
        (64, 32, [1, 2, 4, 32, 64]),
        (None, 1, [1, 2, 4]),
    ):
        monkeypatch.setattr("os.cpu_count", lambda cpus=cpus: cpus)
        assert thread_counts(now) == expected
