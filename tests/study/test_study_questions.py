"""Questions: their numbers are the engine's, the numbers given are enough, and the tiny data stays short."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from engine_helpers import line_data, on_data, small, trained
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_linreg.engine.data import tiny
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.step import Side
from tui_linreg.engine.training.session import Session
from tui_linreg.study.predict.answer import Result
from tui_linreg.study.predict.drafts import LEFT, WHOLE
from tui_linreg.study.predict.formula import evaluate
from tui_linreg.study.predict.known_error_values import Facts, facts_of
from tui_linreg.study.predict.known_errors import Before
from tui_linreg.study.predict.questions import Given, Question, given_lines, question, questions

KEYS = [quantity.key for quantity in QUANTITIES]


def all_of(session: Session, index: int) -> list[Question]:
    facts = facts_of(session, index)
    return [one for phase in Phase for one in questions(session.step(index), phase, facts)]


def engine_value(side: Side, one: Question) -> float:
    if one.row is not None:
        return float(getattr(side, one.key)[one.row])
    return float(getattr(side, {"b": "b_after", "w": "w_after"}.get(one.key, one.key)))


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 999),
    n=st.integers(1, 40),
    size=st.integers(1, 40),
    scale=st.sampled_from([1e-3, 1.0, 50.0]),
    offset=st.sampled_from([0.0, 3.0, 1e4]),
    dtype=st.sampled_from(["float64", "float32"]),
    steps=st.integers(1, 5),
)
def test_the_numbers_given_lead_to_what_the_engine_computed(
    seed: int, n: int, size: int, scale: float, offset: float, dtype: str, steps: int
) -> None:
    data = line_data(seed, n, scale, offset)
    lr = 0.1 / (1 + scale**2 + offset**2)
    session = trained(on_data(*data, lr=lr, batch_size=size, epochs=5, dtype=dtype), steps)
    index = session.trained - 1
    step = session.step(index)
    found = all_of(session, index)
    assert [one.key for one in found] == KEYS
    for one in found:
        assert one.true == engine_value(step.scratch, one)
        shown = {item.name: evaluate(item.text).value for item in one.given}
        for item in one.given:
            assert shown[item.name] == pytest.approx(item.value, rel=5.1e-6)
        assert_signs(one, dtype)
        assert one.judge(one.worked).result is Result.RIGHT
        assert one.judge(repr(one.true)).result is Result.RIGHT
        assert one.hints[2].endswith(one.worked)
        assert len({one.text, *one.hints, one.solution}) == 5
        assert len(re.findall(r"\d+(?:\.\d+)?", one.worked)) <= 2 * WHOLE + 2
        assert one.partial == (step.place.m > WHOLE and one.key in ("loss", "grad_b", "grad_w"))
        if abs(one.true) > 1e3 * one.slack:
            assert one.judge(f"{one.true:.1e}").result is Result.RIGHT
            assert one.judge(repr(-one.true)).result is not Result.RIGHT
            assert one.judge(repr(1.05 * one.true)).result is not Result.RIGHT
            assert one.slack <= 2e-3 * abs(one.true)


def assert_signs(one: Question, dtype: str) -> None:
    """An equals sign stands only where no digit of what is beside it is left out."""

    def whole(text: str, value: float) -> bool:
        return Fraction(text) == Fraction(repr(value) if dtype == "float64" else str(np.float32(value)))

    for item in one.given:
        assert (item.sign == "=") == whole(item.text, item.value)
    put_in = "=" if all(item.sign == "=" for item in one.given) else "≈"
    assert one.hints[2] == f"{one.symbol} {put_in} {one.worked}"
    assert one.solution.startswith(f"{one.hints[2]} ")
    sign, text = one.result.split()
    assert (sign == "=") == whole(text, one.true)
    assert sign == "=" or f" ≈ {text} (in full " in one.solution
    if f"{one.worked} = " in one.solution:
        assert sign == "="


def test_a_hint_has_an_equals_sign_while_only_whole_numbers_are_put_in() -> None:
    x, y = np.array([1.0, 2.0, 3.0]), np.array([2.0, 1 / 3, 5.0])
    session = trained(on_data(x, y, lr=0.1, batch_size=3, epochs=2), 1)
    loss = question(session.step(0), "loss", facts_of(session, 0))
    assert loss is not None
    assert [item.sign for item in loss.given if item.name in ("y₀", "y₁", "m")] == ["=", "≈", "="]
    assert loss.hints[1].startswith("L = (1/m) ‖ŷ − y‖² ≈ ")
    signal = question(session.step(0), "dloss_dpred", facts_of(session, 0))
    assert signal is not None
    assert re.search(r"\) = 2/3 · \(ŷ. − y.\)$", signal.hints[1])
    assert signal.hints[2].startswith(f"{signal.symbol} ≈ 2/3 · (")


def test_the_slack_covers_every_way_of_rounding_the_inputs() -> None:
    """Any mixture of shown and full numbers, computed here anew, stays within it."""
    random = np.random.default_rng(0)
    session = trained(on_data(*line_data(5, 5), lr=0.1, batch_size=5, epochs=4), 3)
    for one in all_of(session, 2):
        for _ in range(50):
            mixed = [float(item.text) if random.random() < 0.5 else item.value for item in one.given]
            assert abs(recomputed(one.key, mixed) - one.true) <= one.slack


def recomputed(key: str, v: list[float]) -> float:
    """The seven formulas in NumPy, from a question's given numbers in their order (short mini-batches)."""
    if key == "y_pred":
        return v[0] + v[1] * v[2]
    if key == "dloss_dpred":
        return 2 * (v[0] - v[1]) / v[2]
    if key == "loss":
        return float(((np.array(v[:-1:2]) - np.array(v[1:-1:2])) ** 2).sum() / v[-1])
    if key in ("b", "w"):
        return v[0] - v[1] * v[2]
    return sum(v) if key == "grad_b" else float(np.dot(v[::2], v[1::2]))


def test_a_long_sum_is_given_but_for_its_last_samples() -> None:
    session = trained(small(batch_size=33), 1)
    step = session.step(0)
    loss, _, grad_b, grad_w = (one for one in all_of(session, 0) if one.phase in (3, 4, 5, 6))
    side = step.scratch
    first = 33 - LEFT
    for one, terms in (
        (loss, (side.y_pred - step.y) ** 2),
        (grad_b, side.dloss_dpred),
        (grad_w, side.dloss_dpred * step.x),
    ):
        assert one.given[0].value == pytest.approx(float(terms.numpy()[:first].sum()), rel=1e-12)
        assert one.given[0].name.endswith("of samples 0 to 29")
        assert "The sum over samples 0 to 29 is given." in one.text
    assert [item.name for item in grad_w.given[1:]] == ["∂L/∂ŷ₃₀", "x₃₀", "∂L/∂ŷ₃₁", "x₃₁", "∂L/∂ŷ₃₂", "x₃₂"]
    assert grad_w.hints[1].endswith("∂L/∂ŷ₃₁ · x₃₁ + ∂L/∂ŷ₃₂ · x₃₂")


def test_which_element_is_asked_for() -> None:
    x, y = np.array([1.0, 2.0, 0.0, 3.0, 2.0]), np.array([50.0, 9.0, -60.0, 1.0, 9.0])
    session = trained(on_data(x, y, batch_size=5, lr=0.001), 1)
    found = {one.key: one for one in all_of(session, 0)}
    assert (found["dloss_dpred"].row, found["dloss_dpred"].symbol) == (2, "∂L/∂ŷ₂")
    assert (found["y_pred"].row, found["y_pred"].symbol) == (1, "ŷ₁")  # of x 2 and 3, the farther, the first of two
    ones = trained(on_data(np.array([0.0, 1.0]), y[:2], batch_size=2, lr=0.001), 1)
    assert {one.key: one.row for one in all_of(ones, 0)}["y_pred"] == 0


def test_what_a_phase_asks() -> None:
    session = trained(small(batch_size=4, train_size=10), 3)
    step, facts = session.step(2), facts_of(session, 2)
    asked = {phase: [one.symbol for one in questions(step, phase, facts)] for phase in Phase}
    assert asked[Phase.BATCH] == []
    assert (asked[Phase.LOSS], asked[Phase.UPDATE]) == (["L"], ["new b", "new w"])
    assert all(symbol[0][-1] in "₈₉" for symbol in (asked[Phase.PREDICT], asked[Phase.ERROR_SIGNAL]))
    with pytest.raises(KeyError):
        question(step, "speed", facts)


def test_the_facts_are_those_of_the_steps_before() -> None:
    session = trained(small(batch_size=4, train_size=10), 3)
    first, second = (session.step(index).scratch for index in (0, 1))
    assert facts_of(session, 0) == Facts(session.schedule)
    before = Before(second.b_before, second.w_before, second.loss, second.grad_b, second.grad_w)
    sums = ((second.grad_b, second.grad_w), (first.grad_b + second.grad_b, first.grad_w + second.grad_w))
    assert facts_of(session, 2) == Facts(session.schedule, before, sums)
    assert len(facts_of(session, 1).gradient_sums) == 1


def test_of_a_wrong_model_the_other_side_is_asked_for() -> None:
    session = trained(small(mistake="missing-2", batch_size=4, train_size=10), 3)
    step = session.step(2)
    for one in all_of(session, 2):
        assert one.true == engine_value(step.torch, one)
        assert one.judge(one.worked).result is Result.RIGHT
    wrong = question(step, "grad_b", facts_of(session, 2))
    assert wrong is not None
    assert wrong.judge(repr(wrong.true / 2)).errors[0].name == "missing-2"
    assert facts_of(session, 2, mistaken=False).before is not None


@pytest.mark.parametrize(
    ("options", "absent"),
    [
        ({"batch_size": 10, "train_size": 10}, {"divide-by-batch-size", "divide-by-n", "batch-size", "train-size"}),
        ({"batch_size": 1, "train_size": 10}, {"sum", "double-mean", "one-less", "first-left-out", "mean-of-products"}),
    ],
)
def test_a_mistake_without_effect_is_not_offered(options: dict[str, Any], absent: set[str]) -> None:
    session = trained(small(**options), 2)
    for one in all_of(session, 1):
        for error in one.known_errors():
            # What differs by rounding only is left to the slack.
            assert error.name not in absent or abs(error.value - one.true) <= one.slack
        assert one.judge(repr(one.true)).result is Result.RIGHT


def test_a_diverging_run_is_asked_about_as_long_as_its_numbers_are_finite() -> None:
    session = trained(on_data(*line_data(1, 12), lr=1e200, batch_size=4, epochs=3))
    seen = [all_of(session, index) for index in range(session.trained)]
    assert len(seen[0]) == 7
    assert seen[-1] == []
    for one in (one for found in seen for one in found):
        assert math.isfinite(one.true)
        one.judge("1.23")
        one.judge("1.23*2")


# ── the tiny data ────────────────────────────────────────────────────────────────────────────────────────────────────


class FromTinyStart(SimpleLinearRegression):
    def copy_params(self, layer: torch.nn.Linear) -> None:
        with torch.no_grad():
            layer.bias.fill_(tiny.START[0])
            layer.weight.fill_(tiny.START[1])
        super().copy_params(layer)


def tiny_session(size: int) -> Session:
    x, y = (np.array(values)[: tiny.N_TRAIN] for values in tiny.tiny_samples())
    return on_data(x, y, FromTinyStart, lr=tiny.LEARNING_RATE, batch_size=size, epochs=6)


def places(value: Fraction) -> int:
    """Decimals of a number; fails for a third."""
    found = next((n for n in range(20) if (value * 10**n).denominator == 1), None)
    assert found is not None
    return found


@pytest.mark.parametrize("size", [2, 4])
def test_tiny_numbers_stay_short(size: int) -> None:
    """By fractions: before step k, b and w have at most k decimals, and the engine has the same numbers."""
    x, y = ([Fraction(value) for value in values[: tiny.N_TRAIN]] for values in tiny.tiny_samples())
    b, w = map(Fraction, tiny.START)
    session = trained(tiny_session(size))
    for index in range(4):
        place = session.schedule.place(index)
        xs, ys = x[place.start : place.stop], y[place.start : place.stop]
        residuals = [b + w * u - v for u, v in zip(xs, ys, strict=True)]
        loss = sum((r * r for r in residuals), Fraction()) / place.m
        signal = [2 * r / place.m for r in residuals]
        grad_b = sum(signal, Fraction())
        grad_w = sum((d * u for d, u in zip(signal, xs, strict=True)), Fraction())
        assert max(places(b), places(w)) <= index
        assert max(map(places, residuals)) <= index
        assert max(places(d) for d in signal) <= index + (size == 4)
        assert places(loss) <= 2 * index + 2
        b, w = b - Fraction(1, 10) * grad_b, w - Fraction(1, 10) * grad_w
        exact = {"loss": loss, "grad_b": grad_b, "grad_w": grad_w, "b": b, "w": w}
        for one in all_of(session, index):
            if one.key in exact:
                assert one.true == pytest.approx(float(exact[one.key]), rel=1e-12)
            assert all(len(item.text) <= 9 for item in one.given)
            assert abs(one.true) > 1e-3
            same = {error.name for error in one.known_errors() if abs(error.value - one.true) < 1e-9}
            assert same <= {"last-left-out"}  # of the sample with x = 0


def test_tiny_losses_fall_and_most_mistakes_can_be_told_apart() -> None:
    for size in (2, 4):
        session = trained(tiny_session(size))
        valid = session.timeline.valid(0)
        assert all(np.diff(valid[:4]) < 0)
        found = [one for index in range(2) for one in all_of(session, index)]
        values = [[round(error.value, 9) for error in one.known_errors()] for one in found]
        assert sum(len(set(one)) for one in values) >= 0.85 * sum(map(len, values))


def test_tiny_samples_are_small_integers() -> None:
    x, y = tiny.tiny_samples()
    assert len(x) == len(y) == 10
    assert tiny.N_TRAIN == 6
    assert len(set(x[:6])) == 6
    assert all(value.is_integer() and abs(value) < 10 for value in (*x, *y, *tiny.START))
    assert all(abs(v - (1 + 2 * u)) <= 1 for u, v in zip(x, y, strict=True))


def test_asking_and_judging_numbers_loads_no_torch() -> None:
    code = (
        "import sys\n"
        "import tui_linreg.study.predict.questions, tui_linreg.engine.data.tiny\n"
        "from tui_linreg.study.predict.answer import judge\n"
        "from tui_linreg.study.predict.formula import evaluate\n"
        "print(judge(evaluate('1/2'), 0.5).result.word, {'torch', 'numpy', 'textual'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "right set()\n"


def test_numbers_are_aligned_at_their_points() -> None:
    names = ["Σ (ŷ − y)² of samples 0 to 9", "ŷ₈", "y₈", "ŷ₁₀", "y₁₀", "m"]
    given = [
        Given(name, text, 0.0) for name, text in zip(names, ["12", "-1.5", "2", "22.25", "-1e-05", "3"], strict=True)
    ]
    assert given_lines(given, 80) == [
        "  Σ (ŷ − y)² of samples 0 to 9 = 12",
        "  ŷ₈  = -1.5      y₈  =  2",
        "  ŷ₁₀ = 22.25     y₁₀ = -1e-05",
        "  m   =  3",
    ]
    assert given_lines([Given("b", "0.333333", 1 / 3, "≈"), Given("w", "2", 2.0)], 80) == ["  b ≈ 0.333333", "  w = 2"]
    narrow = given_lines(given, 32)
    assert narrow[1:] == ["  ŷ₈  = -1.5", "  y₈  =  2", "  ŷ₁₀ = 22.25", "  y₁₀ = -1e-05", "  m   =  3"]
    assert given_lines([], 10) == []


def test_many_digits_fit_the_narrowest_screen() -> None:
    """Of data far from 0 numbers are given with up to 17 digits: then those of a sample stand under each other."""
    x = 1e9 + np.array([0.5, 1.25, 2.125])
    session = trained(on_data(x, 3 * x, lr=1e-20, batch_size=3, epochs=1), 1)
    for phase in (Phase.LOSS, Phase.WEIGHT_GRADIENT):
        for one in questions(session.step(0), phase, facts_of(session, 0)):
            assert max(map(len, given_lines(one.given, 55))) <= 55
