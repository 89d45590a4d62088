"""The dialogs "go to" and "run until": what they read, what they return, what they refuse and why."""

from __future__ import annotations

from typing import Any

import pytest
from app_helpers import typed
from dialog_helpers import MARKUP, SCHEDULE, Host, answer, opened, refused, wait_for
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.training.until import CONDITIONS
from tui_linreg.tui.dialogs.base import KeyHint
from tui_linreg.tui.dialogs.controls import Choice, TextField
from tui_linreg.tui.features.stepping.dialogs import GotoDialog, UntilDialog, parse_goto

schedules = st.builds(Schedule, st.integers(1, 400), st.integers(1, 400), st.integers(1, 10**6))


@given(schedules, st.data(), st.sampled_from([" ", "/", ".", "  ", " / ", " . ", "\t"]), st.sampled_from(["", " "]))
def test_parse_goto_reads_every_step_both_ways(schedule: Schedule, data: st.DataObject, between: str, pad: str) -> None:
    step = data.draw(st.integers(0, schedule.steps - 1))
    place = schedule.place(step)
    assert parse_goto(f"{pad}{step + 1}{pad}", schedule) == step
    assert parse_goto(f"{pad}{place.epoch + 1}{between}{place.batch + 1}{pad}", schedule) == step


@given(schedules, st.text())
def test_parse_goto_gives_a_step_of_the_run_or_an_input_error(schedule: Schedule, text: str) -> None:
    try:
        step = parse_goto(text, schedule)
    except InputError as error:
        message = str(error)
    else:
        message = "must be"
        assert 0 <= step < schedule.steps
    assert message.isprintable()
    assert "must be" in message


@given(schedules, st.integers(0), st.integers(0))
def test_parse_goto_refuses_what_the_run_has_not(schedule: Schedule, epoch: int, batch: int) -> None:
    if 1 <= epoch <= schedule.epochs and 1 <= batch <= schedule.batches:
        assert parse_goto(f"{epoch} {batch}", schedule) == (epoch - 1) * schedule.batches + batch - 1
    else:
        with pytest.raises(InputError, match="must be from 1 to"):
            parse_goto(f"{epoch} {batch}", schedule)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a step from 1 to 64, or epoch and batch like 16 4"),
        ("x", "'x': must be a step from 1 to 64, or epoch and batch like 16 4"),
        ("1 2 3", "'1 2 3': must be a step from 1 to 64, or epoch and batch like 16 4"),
        ("-1", "'-1': must be a step from 1 to 64, or epoch and batch like 16 4"),
        ("3.", "'3.': must be a step from 1 to 64, or epoch and batch like 16 4"),
        ("٣", "'٣': must be a step from 1 to 64, or epoch and batch like 16 4"),
        ("0", "step 0: must be from 1 to 64"),
        ("65", "step 65: must be from 1 to 64"),
        ("17 1", "epoch 17: must be from 1 to 16"),
        ("3 5", "batch 5: must be from 1 to 4, the batches of an epoch"),
        ("9" * 5000, "step 9999999999999999999…: must be from 1 to 64"),
    ],
)
def test_parse_goto_says_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_goto(text, SCHEDULE)
    assert str(caught.value) == message


@pytest.mark.parametrize(("text", "step"), [("37", 36), ("3 2", 9), ("3/2", 9), ("3.2", 9), ("1", 0), ("64", 63)])
async def test_goto_returns_the_step(text: str, step: int) -> None:
    assert await answer(GotoDialog(SCHEDULE, 0, 1), *typed(text), "enter") == step


async def test_goto_shows_where_it_leads() -> None:
    dialog = GotoDialog(SCHEDULE, 9, 10)

    async def body(host: Host, pilot: Pilot[None]) -> None:
        assert "now at step 10 of 64: epoch 3, batch 2" in host.on_screen()
        assert "a step from 1 to 64, or epoch and batch like 16 4" in host.on_screen()
        await pilot.press("1", "0")
        await wait_for(pilot, lambda: "step 10 of 64: epoch 3, batch 2, samples 33–65" in host.on_screen())
        assert "trained already" in host.on_screen()
        await pilot.press("backspace", "1")
        await wait_for(pilot, lambda: "will train 1 step first" in host.on_screen())
        await pilot.press("backspace", "backspace", "2", "2")
        await wait_for(pilot, lambda: "will train 12 steps first" in host.on_screen())
        await pilot.press("backspace", "backspace")
        await wait_for(pilot, lambda: "now at step 10" in host.on_screen())

    await opened(dialog, body)


async def test_goto_refuses() -> None:
    allowed = "must be a step from 1 to 64, or epoch and batch like 16 4"
    await refused(GotoDialog(SCHEDULE, 0, 1), "goto", allowed, "enter")
    await refused(GotoDialog(SCHEDULE, 0, 1), "goto", f"'{MARKUP}': {allowed}", *typed(MARKUP))
    await refused(GotoDialog(SCHEDULE, 0, 1), "goto", "step 65: must be from 1 to 64", "6", "5", "enter")


@pytest.mark.parametrize(("number", "kind"), list(enumerate(CONDITIONS, 1)))
async def test_until_by_digit(number: int, kind: Any) -> None:
    value = "2.5" if kind.needs_value else ""
    choice = await answer(UntilDialog(None), str(number), *typed(value), "enter")
    assert (choice.key, choice.value) == (kind.key, value)
    assert choice.condition.text == kind.make(2.5).text


async def test_until_by_arrows_remembers_and_enables_the_threshold_only_where_needed() -> None:
    dialog = UntilDialog(("gradient", "1e-3"))

    async def body(host: Host, pilot: Pilot[None]) -> None:
        choice, value = dialog.query_one(Choice), dialog.query_one(TextField)
        assert (choice.value, value.value, value.disabled) == ("gradient", "1e-3", False)
        assert "until: gradient norm below 0.001" in host.unwrapped()
        await pilot.press("down")
        await wait_for(pilot, lambda: value.disabled)
        assert choice.value == "differs"
        await pilot.press("up", "up", "up")
        assert choice.value == "loss"
        assert not value.disabled
        await pilot.press("enter")
        await wait_for(pilot, lambda: bool(host.answers))

    found = (await opened(dialog, body)).answers[0]
    assert (found.key, found.value, found.condition.text) == ("loss", "1e-3", "batch loss below 0.001")


@pytest.mark.parametrize("text", ["", "x", "0", "nan", "inf", MARKUP])
async def test_until_refuses(text: str) -> None:
    await refused(UntilDialog(None), "value", "must be a finite number above 0", "1", *typed(text), "enter")


async def test_until_by_mouse() -> None:
    dialog = UntilDialog(None)

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await pilot.click(Choice, offset=(8, 3))
        assert dialog.query_one(Choice).value == "short"
        await pilot.click(next(iter(dialog.query(KeyHint))))
        await wait_for(pilot, lambda: bool(host.answers))

    assert (await opened(dialog, body)).answers[0].key == "short"
