"""Conditions on the app's state, answers, and the true values they are judged by."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_linreg.engine.analysis.instruments import Instruments
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.schedule import slices
from tui_linreg.engine.training.session import Session
from tui_linreg.study.lessons.answers import ChoiceAnswer, MistakeAnswer, NumberAnswer, TaskJudgement, read_numbers
from tui_linreg.study.lessons.checks import read_answer, with_wrong
from tui_linreg.study.lessons.conditions import ScreenFacts, TaskCondition, read_task_condition
from tui_linreg.study.lessons.values import OF_STEP, VALUES, Wanted, question_of, true_value
from tui_linreg.study.predict.questions import Question
from tui_linreg.tui.features.lessons.facts import VOCABULARY

AT = ScreenFacts(
    step=4, epoch=1, batch=4, m=1, phase=Phase.ERROR_SIGNAL, charts=(1, 5), panel="bits", lr=0.5, loss=math.nan,
    student=("predict", "mse_loss"),
)  # fmt: skip
HOLDS = {
    "m = 1": True, "m == 2": False, "M  =  1 and step >= 4": True, "m=1 and step>4": False, "m = 2 or batch ≥ 4": True,
    "phase = error signal": True, "phase = Error-Signal": True, "phase = 4": True, "phase = error": True,
    "phase > loss": True, "phase < loss": False, "phase = update": False, "chart = 5": True, "chart = 1": True,
    "chart = 2": False, "chart != 2": True, "chart != 5": False, "panel = bits": True, "panel = none": False,
    "panel ≠ gradient check": True, "dialog = none": True, "diverged": False, "not diverged": True,
    "not diverged and not playing": True, "playing or m = 1 and diverged": False, "playing or m = 1": True,
    "η = 0.5": True, "lr > .5": False, "lr < 1e0": True, "loss < 1": False, "not loss < 1": False, "loss > 1": False,
    "start": False, "by hand": False, "by hand and train loss below 1": False, "chart cursor = 1": False,
    "m at least 1": True, "m below 1": False, "batch above 3 and m at most 1": True, "sample = 3": False,
    "dtype = Float64": True, "dataset = make regression": True, "not m = 1": False, "epoch = 1.0": True,
    "student predict right": True, "Student  MSE_loss right and m = 1": True,
    "student update right": False, "not student update right": True, "not student predict right": False,
    "student fit right or student predict right": True, "student = predict": True, "student != predict": False,
}  # fmt: skip


@pytest.mark.parametrize("text", HOLDS)
def test_conditions(text: str) -> None:
    assert read_task_condition(text, VOCABULARY).holds(AT) is HOLDS[text]


def test_other_states() -> None:
    assert read_task_condition("chart != 5", VOCABULARY).holds(ScreenFacts())
    assert not read_task_condition("chart = 5", VOCABULARY).holds(ScreenFacts())
    assert read_task_condition("diverged and differs", VOCABULARY).holds(ScreenFacts(diverged=True, differs=True))
    hand = ScreenFacts(by_hand=True, train_loss=0.5, start=True, chart_cursor=3, sample=7)
    for text in (
        "by hand",
        "by-hand and train_loss below 1",
        "start",
        "chart cursor = 3 and sample = 7",
        "not sample = 8",
    ):
        assert read_task_condition(text, VOCABULARY).holds(hand), text
    for name in VOCABULARY.dialogs:
        assert read_task_condition(f"dialog = {name}", VOCABULARY).holds(ScreenFacts(dialog=name))


WRONG_CONDITIONS = (
    "", "student", "student evaluate right", "student predict wrong", "student predict", "student > predict",
    "student right", "m",
    "m = ", "m = 1 and", "= 1", "phase = eight", "phase = 0", "chart = 9", "chart = 1.5", "panel > bits",
    "panel = code", "diverged = 1", "dtype = int", "m = 1_0", "m = inf", "m = nan", "m = 1 = 1", "m => 1",
    "__import__('os')", "m = (1)", "m = 1 or" + " m = 1 or" * 30 + " m = 1", "not not diverged", "m = 1 m = 2",
)  # fmt: skip


@pytest.mark.parametrize("text", WRONG_CONDITIONS)
def test_wrong_conditions(text: str) -> None:
    with pytest.raises(InputError):
        read_task_condition(text, VOCABULARY)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (partial(read_task_condition, vocabulary=VOCABULARY), read_answer):
        try:
            found = read(text)
        except InputError:
            continue
        assert isinstance(found, TaskCondition | NumberAnswer | MistakeAnswer)
    assert all(map(math.isfinite, read_numbers(text)))


def judged(answer: str, text: str, truth: float = math.nan) -> TaskJudgement:
    found = read_answer(answer)
    assert isinstance(found, NumberAnswer)
    return found.judge(text, lambda wanted: truth if wanted.name else wanted.number)


@pytest.mark.parametrize(
    "text", ["0.91", " 0,91 ", ".91", "9.1e-1", "η = 0.91", "η=0.914", "9.1 × 10^-1", "91e-2", "0.91 units", "≈ 0.91"]
)
def test_a_number_is_read_as_people_write_it(text: str) -> None:
    assert judged("number 0.91 tolerance 0.005", text).right


def test_numbers() -> None:
    assert judged("number n_valid tolerance 0", "10 000", 10_000).right
    assert judged("number n_valid tolerance 0", "10,000 samples", 10_000).right
    assert judged("number 100 tolerance 5 %", "95").right
    assert not judged("number 100 tolerance 5%", "94.9").right
    assert judged("number 0.91 tolerance 0.005", "0.915").right
    assert not judged("number 0.91 tolerance 0.005", "0.9151").right
    assert judged("number -2 tolerance 0", "− 2").right
    assert "sign" in judged("number -2 tolerance 0", "2").message
    for text in ("", "nine", "1 2", "1.2.3", "nan", "inf", "1e999", "__import__", "9" * 501, "0x10", "2*"):
        verdict = judged("number 1 tolerance 0", text)
        assert (verdict.right, verdict.readable) == (False, False), text
        assert verdict.message.isprintable()


@settings(deadline=None, max_examples=60)
@given(st.floats(1e-12, 1e12), st.integers(1, 8), st.booleans())
def test_to_so_many_digits(size: float, digits: int, negative: bool) -> None:
    truth = -size if negative else size
    answer = f"digits {digits} of eta_edge"
    assert judged(answer, f"{truth:.{digits - 1}e}", truth).right
    assert judged(answer, repr(truth), truth).right
    unit = 10.0 ** (int(f"{size:e}".split("e")[1]) - digits + 1)
    assert not judged(answer, repr(truth + 0.6 * unit), truth).right
    assert not judged(answer, repr(-truth), truth).right


def test_digits_of_what_is_no_number_or_nothing() -> None:
    assert judged("digits 2 of eta_edge", "0", 0.0).right
    assert not judged("digits 2 of eta_edge", "0.1", 0.0).right
    for truth in (math.nan, math.inf):
        assert not judged("digits 2 of eta_edge", "1", truth).right
    assert read_answer("digits 3 of grad_b at step 5") == NumberAnswer(Wanted("grad_b", step=5), digits=3)


def test_choices_and_mistakes() -> None:
    choice = read_answer("choice B", ["goes up", "goes down"])
    assert isinstance(choice, ChoiceAnswer)
    assert [each[:2] for each in choice.listed] == [("a", "goes up"), ("b", "goes down")]
    assert choice.judge("b") == TaskJudgement(True, "")
    assert choice.judge("a") == TaskJudgement(False, "no, another one")
    told = with_wrong(choice, "a: it is the loss that goes up")
    assert isinstance(told, ChoiceAnswer)
    assert told.judge("a") == TaskJudgement(False, "it is the loss that goes up")
    mistake = read_answer("mistake No x")
    assert mistake == MistakeAnswer("no-x")
    assert isinstance(mistake, MistakeAnswer)
    keys = {each.text.partition(":")[0]: each.key for each in mistake.listed}
    assert list(keys) == [*MISTAKES, "none"]
    assert {each.formula for each in mistake.listed} == {"", *(one.wrong for one in MISTAKES.values())}
    assert mistake.judge(keys["no-x"]) == TaskJudgement(True, MISTAKES["no-x"].explanation)
    assert mistake.judge(keys["sum"]).message == "no: that would first show in phase 3, loss"
    assert not mistake.judge(keys["none"]).right
    assert MistakeAnswer("none").judge("0").right


def test_a_number_s_own_mistakes_are_named() -> None:
    answer = with_wrong(read_answer("number 0.6 tolerance 0.001"), "6: the factor 1/m is missing")
    assert isinstance(answer, NumberAnswer)

    def told(text: str) -> str:
        return answer.judge(text, lambda wanted: wanted.number).message

    assert told("2*3") == "the factor 1/m is missing"
    assert answer.judge("2/10*3", lambda wanted: wanted.number).right
    assert told("7") == "not this number"
    for text in ("6", "6:", "six: why", ": why"):
        with pytest.raises(InputError, match="must be a number, a colon"):
            with_wrong(answer, text)
    for text in ("b: why", "c: why", "a", "ab: why"):
        with pytest.raises(InputError, match="letter of a wrong option"):
            with_wrong(ChoiceAnswer(1, ("up", "down")), text)
    with pytest.raises(InputError, match="belong to an answer"):
        with_wrong(MistakeAnswer("sum"), "sum: why")


def test_a_quantity_is_judged_as_predict_judges_it() -> None:
    """In formulas with the names on the screen, too; every mistake that predict knows is named here."""
    run = Session(RunConfig(train_size=8, batch_size=4, device="cpu"))
    run.train_to(2)
    step = run.step(1)
    for name, right, wrong, said in (
        ("dloss_first", "2/m*(yhat - y)", "(yhat - y)/m", MISTAKES["missing-2"].title),
        ("dloss_first", "(2/m)*(ŷ4 − y₄)", "yhat-y", "the factor 2/m is missing"),
        ("y_pred_first", "b + w*x", "w*x", "b is left out"),
        ("grad_b", "d4+d5+d6+d7", "d4+d5+d6", "the last sample is left out"),
        ("grad_w", "d4*x4+d5*x5+d6*x6+d7*x7", "d4*x5+d5*x6+d6*x7+d7*x4", "the x of another row"),
        ("loss", "((yhat4-y4)^2+(yhat5-y5)^2+(yhat6-y6)^2+(yhat7-y7)^2)/m", "(yhat4-y4+yhat5-y5+yhat6-y6+yhat7-y7)/m",
         "the errors are not squared"),
        ("b", "b - eta*db", "b + eta*db", "the gradient is added"),
    ):  # fmt: skip
        answer = read_answer(f"digits 2 of {name} at step 2")
        assert isinstance(answer, NumberAnswer)
        asked = question_of(answer.wanted, run, 0)
        assert asked is not None
        true = OF_STEP[name](step)
        assert asked.true == true

        def judge(text: str, answer: NumberAnswer = answer, asked: Question = asked) -> TaskJudgement:
            return answer.judge(text, lambda wanted: asked.true, asked)

        assert judge(right) == TaskJudgement(True, asked.why), name
        assert judge(f"{true:.1e}").right
        assert said in judge(wrong).message, (name, judge(wrong))
        assert not judge(wrong).right
        assert not judge("q").readable
        assert judge("q").position == 1
        few = judge(f"{true:.0e}")
        assert few.right or not few.readable or "mistake" in few.message
    assert question_of(Wanted("eta_max"), run, 0) is None
    assert question_of(Wanted("grad_b", step=3), run, 0) is None, "not trained yet"


WRONG_ANSWERS = (
    "", "12", "number", "number 1", "number x tolerance 1", "number 1 tolerance -1", "number 1 tolerance x",
    "number eta_edge tolerance 1%", "digits 0 of 1", "digits 16 of 1", "digits 2", "digits 2 of x", "choice a",
    "mistake x", "digits 2 of loss at step 0", "digits 2 of loss at step 10001", "digits 2 of eta_edge at step 1",
    "number inf tolerance 0", "number 1e999 tolerance 0",
)  # fmt: skip


@pytest.mark.parametrize("text", WRONG_ANSWERS)
def test_wrong_answers(text: str) -> None:
    with pytest.raises(InputError):
        read_answer(text)


def test_wrong_options() -> None:
    for text, options in (
        ("choice c", ["1", "2"]),
        ("choice a", ["1"]),
        ("choice a", ["x", " X"]),
        ("number 1", ["1"]),
    ):
        with pytest.raises(InputError):
            read_answer(text, options)


def test_named_values_against_numpy() -> None:
    """Each value that an answer may name, computed anew from the samples."""
    run = Session(RunConfig(train_size=7, batch_size=3, lr=0.1, device="cpu"))
    instruments = Instruments(run)
    x, y = (v.numpy() for v in (run.dataset.x_train, run.dataset.y_train))
    b, w = (float(v) for v in run.timeline.states(0)[0][:2])
    expected: dict[str, float] = {}
    for i, j in ((0, 3), (3, 6)):
        bx, by = x[i:j], y[i:j]
        residual = b + w * bx - by
        signal = 2 * residual / len(bx)
        grad_b, grad_w = signal.sum(), (signal * bx).sum()
        expected |= {"m": j - i, "b_before": b, "w_before": w, "x_first": bx[0], "y_first": by[0]}
        expected |= {"y_pred_first": b + w * bx[0], "loss": (residual**2).mean(), "dloss_first": signal[0]}
        expected |= {"grad_b": grad_b, "grad_w": grad_w}
        b, w = b - 0.1 * grad_b, w - 0.1 * grad_w
        expected |= {"b": b, "w": w}
    design = np.stack([np.ones_like(x), x], axis=1)
    (ls_b, ls_w), *_ = np.linalg.lstsq(design, y, rcond=None)
    values = np.linalg.eigvalsh(2 * design.T @ design / len(x))
    m = np.eye(2)
    for i in (0, 3, 6):
        part = design[i : i + 3]
        m = (np.eye(2) - 0.1 * 2 * part.T @ part / len(part)) @ m
    expected |= {
        "ls_b": ls_b, "ls_w": ls_w, "ls_loss": ((design @ [ls_b, ls_w] - y) ** 2).mean(), "eta_max": 2 / values[1],
        "eta_best": 2 / values.sum(), "condition_number": values[1] / values[0],
        "spectral_radius": abs(np.linalg.eigvals(m)).max(), "n_train": 7, "n_valid": 10_093, "batch_size": 3,
        "batches": 3, "steps": 48, "short_m": 1, "true_b": 0.8444218515, "true_w": 33.9623845080,
    }  # fmt: skip
    assert set(expected) | {"eta_edge"} == set(VALUES)
    for name, value in expected.items():
        at = 2 if name in OF_STEP else None
        assert true_value(Wanted(name, step=at), instruments, run, 0) == pytest.approx(value, rel=1e-9), name
    assert true_value(Wanted(None, 7.5), instruments, run, 0) == 7.5
    assert true_value(Wanted("loss"), instruments, run, 1) == pytest.approx(expected["loss"]), "of the step shown"
    with pytest.raises(InputError, match="the run ends before step 49"):
        true_value(Wanted("loss", step=49), instruments, run, 0)
    edge = true_value(Wanted("eta_edge"), instruments, run, 0)
    assert ends_far(edge * 1.01, run)
    assert not ends_far(edge * 0.99, run)


def ends_far(lr: float, run: Session, epochs: int = 3000) -> bool:
    """Whether a long run over the session's train set ends farther from another one than it began, by plain NumPy."""
    x = run.dataset.x_train.numpy()
    parts = [np.stack([np.ones_like(x[i:j]), x[i:j]], axis=1) for i, j in slices(len(x), run.schedule.batch_size)]
    maps = [np.eye(2) - lr * 2 * part.T @ part / len(part) for part in parts]
    # What two runs from different starts differ by obeys the maps alone.
    distance = np.array([1.0, 0.5])
    for _ in range(epochs):
        for m in maps:
            distance = m @ distance
    return bool(not np.hypot(*distance) < 1)


def test_the_smallest_rate_that_diverges_to_two_digits() -> None:
    """The lesson's question has one answer of two digits: it diverges, and the one below it does not."""
    run = Session(RunConfig(batch_size=100, device="cpu"))
    edge = true_value(Wanted("eta_edge"), Instruments(run), run, 0)
    assert f"{edge:.2g}" == "0.91"
    assert ends_far(0.91, run)
    assert not ends_far(0.90, run)


@settings(deadline=None, max_examples=60)
@given(st.floats(1e-12, 1e12), st.integers(1, 8), st.floats(-1, 1))
def test_close_is_said_of_what_is_close(size: float, digits: int, off: float) -> None:
    """Two units of the last digit asked for at most, and never more than 5 %: 21 % off is not close."""
    unit = 10.0 ** (Decimal(repr(size)).adjusted() - digits + 1)
    verdict = judged(f"digits {digits} of eta_edge", repr(size * (1 + off)), size)
    if "close" in verdict.message:
        assert 0.49 * unit < abs(off) * size <= min(2.01 * unit, 0.0501 * size)
    assert "close" not in judged(f"digits {digits} of eta_edge", repr(size * 1.21), size).message
    if digits > 1:
        near = size + 0.7 * unit
        assert ("close" in judged(f"digits {digits} of eta_edge", repr(near), size).message) == (0.7 * unit < size / 20)
