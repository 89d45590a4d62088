"""Predict: what the dialog says to each answer, what it returns, and that its keys are no part of a number."""

from __future__ import annotations

import re
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import dialog_helpers
import numpy as np
import pytest
from app_helpers import lines, running, text, typed, wait
from engine_helpers import small, trained
from textual import events
from textual.pilot import Pilot

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import Phase
from tui_linreg.study.predict.known_error_values import facts_of
from tui_linreg.study.predict.questions import Question, questions
from tui_linreg.study.progress_file import load
from tui_linreg.tui.dialogs.controls import TextField
from tui_linreg.tui.features.predict.dialog import PredictDialog, Predicted

SIZES = ((160, 45), (80, 24), (60, 18))


def asked(phase: Phase = Phase.BIAS_GRADIENT, batch_size: int = 4, step: int = 0) -> tuple[Question, ...]:
    session = trained(small(batch_size=batch_size, train_size=40), step + 1)
    return questions(session.step(step), phase, facts_of(session, step))


class Host(dialog_helpers.Host):
    """Shows one dialog of questions and keeps its answers."""

    pilot: Pilot[None]

    @property
    def typed(self) -> str:
        return self.dialog.query_one(TextField).value

    @property
    def shown(self) -> str:
        return self.unwrapped()

    async def wait(self, condition: Callable[[], bool]) -> None:
        await dialog_helpers.wait_for(self.pilot, condition)

    async def shows(self, *texts: str) -> None:
        for part in texts:
            await self.wait(lambda part=part: part in self.shown)  # type: ignore[misc]

    async def answer(self, text: str, said: str) -> None:
        """Paste an answer in the place of what is typed, and wait for what is said to it."""
        await self.pilot.press("home", "ctrl+k")
        assert self.focused is not None
        self.focused.post_message(events.Paste(text))
        await self.pilot.pause()
        await self.pilot.press("enter")
        await self.shows(said)


@asynccontextmanager
async def opened(
    asked: Sequence[Question], size: tuple[int, int] = (80, 24), streak: int = 3, best: int = 7
) -> AsyncIterator[Host]:
    host = Host(PredictDialog(asked, streak, best))
    async with host.run_test(size=size) as pilot:
        host.pilot = pilot
        await host.wait(lambda: host.screen is host.dialog and host.focused is not None)
        yield host


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("phase", "batch_size"), [(Phase.LOSS, 4), (Phase.WEIGHT_GRADIENT, 12), (Phase.UPDATE, 4)])
async def test_question_numbers_field_and_judgement_are_in_sight(
    size: tuple[int, int], batch_size: int, phase: Phase
) -> None:
    """At every size, with all hints shown; what the body cannot hold scrolls."""
    one = asked(phase, batch_size)[0]
    async with opened([one], size) as host:
        await host.shows(one.text, f"{one.symbol} =", "streak 3 · best 7", "Type the answer")
        shown = re.sub(" *([=≈]) +", r" \1 ", host.shown)
        assert all(f"{item.name} {item.sign} {item.text}" in shown for item in one.given)
        await host.pilot.press("ctrl+t", "ctrl+t", "ctrl+t")
        await host.shows(one.hints[2])
        await host.answer("0,5", "✗ ',' at position 2: a decimal point is allowed, no comma, as in 1.5")
        await host.answer(one.worked, "✓ Right:")
        await host.shows(one.solution, f"{one.symbol} =", "enter go on")
        await host.pilot.press("pageup", "pageup", "pageup")
        await host.shows(one.text)
        await host.pilot.press("pagedown", "pagedown", "up", "down")
        await host.shows(one.solution)
        assert max(map(len, lines(host))) <= size[0]


async def test_each_result_is_said_and_the_first_one_counts() -> None:
    (one,) = asked()
    async with opened([one]) as host:
        await host.answer(f"{one.true:.0e}", "… About right. Give one more digit.")
        await host.shows("streak 3 · best 7")
        await host.answer(repr(1.006 * one.true), "≈ Close, less than 1 % away")
        await host.shows("streak 0 · best 7")
        await host.answer(repr(one.true / 2), "! ")
        await host.shows(MISTAKES["missing-2"].title)
        await host.answer("123.456", "✗ Not right, and none of the mistakes known here gives this number.")
        assert f"{one.true:.3g}"[:5] not in host.shown  # nothing is given away
        await host.answer(repr(one.true), f"✓ Right: {one.true:.6g}.")
        await host.shows("streak 0 · best 7")
        await host.pilot.press("enter")
        await host.wait(lambda: bool(host.answers))
    assert host.answers == [Predicted((False,), (True,), (True,))]


async def test_too_few_digits_and_what_cannot_be_read_are_no_answer_yet() -> None:
    (one,) = asked()
    async with opened([one], streak=7) as host:
        await host.pilot.press("enter")
        await host.shows("✗ the answer is empty")
        await host.answer("2*", "✗ the end: a number or '(' is needed there")
        await host.answer("2 3 4", "✗ '3' at position 3: an operator is needed before it")
        await host.pilot.press("plus")  # the cursor stands where the operator is missing
        assert host.typed == "2 +3 4"
        await host.answer(f"{one.true:.0e}", "Give one more digit")
        await host.answer(f"{one.true:.1e}", "✓ Right")
        await host.shows("streak 8 · best 8")
        await host.pilot.press("enter")
        await host.wait(lambda: bool(host.answers))
    assert host.answers == [Predicted((True,), (True,), (True,))]


async def test_a_formula_is_worth_its_number_and_is_said_beside_the_field() -> None:
    first, second = asked(Phase.UPDATE)
    async with opened([first, second]) as host:
        b, eta, gradient = (item.text for item in first.given)
        await host.pilot.press(*typed(f"{b}-{eta}*({gradient})"))
        value = np.float64(b) - np.float64(eta) * np.float64(gradient)
        sign = "=" if float(f"{value:.6g}") == value else "≈"
        await host.shows(f"{sign} {value:.6g} Type the answer")
        await host.pilot.press("enter")
        await host.shows("✓ Right")
        await host.pilot.press("home", "ctrl+k", "1", "2")
        await host.wait(
            lambda: not host.dialog.query_one("#value").render_line(0).text.strip()
        )  # a plain number is not


async def test_hints_come_in_order_and_reveal_counts_as_not_right() -> None:
    (one,) = asked(Phase.WEIGHT_GRADIENT)
    async with opened([one], (160, 45)) as host:
        for count in range(3):
            assert sum(hint in host.shown for hint in one.hints) == count
            await host.pilot.press("ctrl+t")
            await host.shows(f"Hint {count + 1} of 3 {one.hints[count]}")
        await host.pilot.press("ctrl+t")
        assert "Solution" not in host.shown
        assert host.typed == ""
        await host.pilot.press("ctrl+r")
        await host.shows(
            f"Solution {one.solution}", f"Revealed: {one.symbol} ≈ {one.true:.6g}. It counts as not right."
        )
        await host.shows("streak 0 · best 7")
        await host.pilot.press("ctrl+r", "ctrl+t", "enter")
        await host.wait(lambda: bool(host.answers))
    assert host.answers == [Predicted((False,), (False,), (True,))]


async def test_questions_come_one_after_the_other() -> None:
    first, second = asked(Phase.UPDATE)
    async with opened([first, second], streak=7, best=7) as host:
        await host.shows("Predict · phase 7/7 update · 1 of 2", first.text)
        await host.pilot.press("ctrl+t")
        await host.answer(repr(first.true), "✓ Right")
        await host.shows("streak 8 · best 8")
        await host.pilot.press("enter")
        await host.shows("update · 2 of 2", second.text, "new w =", "Type the answer")
        assert "Hint" not in host.shown
        assert host.typed == ""
        await host.answer("99", "✗ Not right")
        await host.answer(repr(second.true), "✓ Right")
        await host.shows("streak 0 · best 8")
        await host.pilot.press("enter")
        await host.wait(lambda: bool(host.answers))
    assert host.answers == [Predicted((True, False), (True, True), (True, True))]


async def test_demo_judges_nothing_and_counts_nothing() -> None:
    first, second = asked(Phase.UPDATE)
    async with opened([first, second]) as host:
        await host.pilot.press("ctrl+g")
        await host.shows("1 of 2 · demo", "Demo: the audience guesses, ^r reveals. Nothing counts.")
        await host.pilot.press("7", "enter", "ctrl+t")
        await host.shows(first.hints[0])
        assert host.typed == ""
        assert first.solution not in host.shown
        await host.pilot.press("ctrl+r")
        await host.shows(first.solution)
        assert "counts as" not in host.shown
        await host.pilot.press("enter")
        await host.shows("2 of 2 · demo", second.text)
        await host.pilot.press("ctrl+g")
        await host.answer(repr(second.true), "✓ Right")
        await host.shows("streak 4 · best 7")
        await host.pilot.press("enter")
        await host.wait(lambda: bool(host.answers))
    assert host.answers == [Predicted((None, True), (False, True), (True, True))]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["escape"], Predicted((None,), (False,), (False,))),
        (["1", "enter", "escape"], Predicted((False,), (False,), (False,))),
        (["ctrl+r", "escape"], Predicted((False,), (False,), (True,))),
        (["ctrl+g", "escape"], Predicted((None,), (False,), (False,))),
        (["ctrl+g", "ctrl+r", "escape"], Predicted((None,), (False,), (True,))),
        (["ctrl+k", "2", "*", "escape"], Predicted((None,), (False,), (False,))),
    ],
)
async def test_what_was_answered_counts_though_the_dialog_is_closed(keys: list[str], answer: Predicted) -> None:
    async with opened(asked()) as host:
        await host.pilot.press(*keys)
        await host.wait(lambda: bool(host.answers))
    assert host.answers == [answer]


async def test_letters_are_text() -> None:
    """None of them reveals, hints or closes; names of the numbers listed stand for them."""
    (one,) = asked(Phase.ERROR_SIGNAL)
    async with opened([one]) as host:
        await host.shows("a number, or a formula of yhat, y, m")
        for text in ("0.64 + r", "sqrt(", "h d r q s L H"):
            await host.pilot.press("home", "ctrl+k", *typed(text))
            assert host.typed == text
            assert "Hint" not in host.shown
            assert "Solution" not in host.shown
        await host.answer("q + 1", "✗ 'q' at position 1: allowed are numbers such as -1.02")
        await host.shows("and names such as yhat, y, m")
        await host.answer("1/m*(yhat-y)", MISTAKES["missing-2"].title)
        await host.answer("yhat - y", "the factor 2/m is missing")
        await host.answer("2/m*(yhat-y)", f"✓ Right: {one.true:.6g}. The square brings the 2")
    (one,) = asked(Phase.PREDICT)
    async with opened([one]) as host:
        await host.pilot.press(*typed("b + w*x"))
        await host.shows(f"≈ {one.true:.6g}")
        await host.pilot.press("enter")
        await host.shows("✓ Right", one.why)


async def test_who_tried_before_is_told_that_it_counts_no_more() -> None:
    host = Host(PredictDialog(asked(), 4, 7, [False]))
    async with host.run_test(size=(80, 24)) as pilot:
        host.pilot = pilot
        await host.shows("It was tried before, so it counts no more", "streak 4 · best 7")
        await host.answer(repr(asked()[0].true), "✓ Right")
        await host.shows("streak 4 · best 7")
        await pilot.press("escape")
        await host.wait(lambda: bool(host.answers))
    assert host.answers == [Predicted((None,), (True,), (True,))]


async def test_an_answer_that_is_being_judged_counts_though_the_dialog_is_closed() -> None:
    (one,) = asked()
    wait = threading.Event()

    def slow() -> tuple[()]:
        wait.wait(20)
        return ()

    try:
        async with opened([replace(one, known_errors=slow)]) as host:
            await host.answer("99", "… looking for known mistakes")
            await host.pilot.press("escape")
            assert not host.answers
            wait.set()
            await host.wait(lambda: bool(host.answers))
    finally:
        wait.set()
    assert host.answers == [Predicted((False,), (False,), (False,))]


async def test_in_the_app_the_first_try_counts_once() -> None:
    """Wrong, esc, right: wrong in the progress, and the cursor goes on when all is answered, however it is left."""
    async with running((80, 24), train_size=20, device="cpu") as (app, pilot):
        await pilot.press(*["left"] * 3)
        for keys, said in ((typed("99"), "✗ Not right"), (typed("dloss"), "✗ 'dloss' at position 1")):
            await pilot.press("t", *keys, "enter")
            await wait(pilot, lambda said=said: said in text(app), said)  # type: ignore[misc]
            await pilot.press("escape")
            await wait(pilot, lambda: app.screen is app.main)
            assert app.controller.run.cursor.phase is Phase.ERROR_SIGNAL
        counts = load().progress.predictions["grad_b"]
        assert (counts.right, counts.wrong) == (0, 1)
        await pilot.press("t", *typed(repr(app.controller.run.step().scratch.grad_b)), "enter")
        await wait(pilot, lambda: "✓ Right" in text(app))
        await pilot.press("escape")
        await wait(pilot, lambda: app.screen is app.main)
        assert load().progress.predictions["grad_b"] == counts
        assert app.controller.run.cursor.phase is Phase.BIAS_GRADIENT


async def test_long_judging_is_said_and_keys_go_on() -> None:
    (one,) = asked()
    wait, calls = threading.Event(), []

    def slow() -> tuple[()]:
        calls.append(1)
        wait.wait(20)
        return ()

    try:
        async with opened([replace(one, known_errors=slow)]) as host:
            await host.answer("99", "… looking for known mistakes")
            await host.pilot.press("enter", "ctrl+t")
            await host.shows(one.hints[0])
            await host.pilot.press("ctrl+r")
            await host.shows(one.solution)
            wait.set()
            dialog = host.dialog
            assert isinstance(dialog, PredictDialog)
            await host.wait(lambda: not dialog.judging)
            await host.shows("Revealed")
            assert len(calls) == 1
    finally:
        wait.set()


@pytest.mark.parametrize("size", [(30, 8), (12, 4), (3, 2)])
async def test_the_tiniest_terminal_breaks_nothing(size: tuple[int, int]) -> None:
    async with opened(asked(batch_size=12), size) as host:
        await host.pilot.press("ctrl+t", "1", "enter", "ctrl+r", "enter")
        await host.wait(lambda: bool(host.answers))


async def test_a_resize_keeps_what_is_typed_and_said() -> None:
    (one,) = asked()
    async with opened([one], (160, 45)) as host:
        await host.answer("99", "✗ Not right")
        await host.pilot.press("ctrl+t")
        for size in ((60, 18), (80, 24)):
            await host.pilot.resize_terminal(*size)
            await host.shows("✗ Not right", one.hints[0], " 99 ")


async def test_without_colour_and_over_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the app itself, whose key queue lets one key at a time through."""
    monkeypatch.setenv("NO_COLOR", "1")
    (one,) = asked()
    answers: list[Predicted | None] = []
    async with running((80, 24), train_size=20) as (app, pilot):
        dialog = PredictDialog([one], 0, 0)
        await app.push_screen(dialog, answers.append)
        await pilot.press("ctrl+t", *typed(repr(one.true)), "enter")
        await wait(pilot, lambda: "✓ Right" in text(app))
        assert "Hint 1 of 3" in text(app)
        await pilot.press("enter")
        assert app.screen is app.main
    assert answers == [Predicted((True,), (True,), (True,))]
