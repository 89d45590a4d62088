"""Moving the line by hand, in sentences: against NumPy, and the run beneath stays as it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_helpers import Talk, told
from numpy.typing import NDArray

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.line.run import Spot
from tui_linreg.line.words import number

PLACES = st.floats(-100, 100).map(lambda value: round(value, 6))


def tiny(**options: str) -> Talk:
    config = {"dataset": "tiny", "batch_size": "4", "device": "cpu", **options}
    return Talk(Session(RunConfig.read(config)), digits=17)


def train_set(talk: Talk) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    data = talk.session.dataset
    return data.x_train.numpy(), data.y_train.numpy()


def numbers(lines: list[str]) -> list[float]:
    return [told(lines, label) for label in ("b", "w", "Loss", "Gradient of b", "Gradient of w")]


def by_numpy(x: NDArray[np.float64], y: NDArray[np.float64], b: float, w: float) -> list[float]:
    residual = b + w * x - y
    return [b, w, float(np.mean(residual**2)), float(2 * np.mean(residual)), float(2 * np.mean(residual * x))]


@given(b=PLACES, w=PLACES, move=PLACES)
def test_every_move_says_what_numpy_computes(b: float, w: float, move: float) -> None:
    talk = tiny()
    talk.say("hand", f"b to {b:.6f}")
    lines = talk.say(f"w to {w:.6f}")
    assert numbers(lines) == pytest.approx(by_numpy(*train_set(talk), b, w), rel=1e-9, abs=1e-9)
    lines = talk.say(f"b {'minus' if move < 0 else 'plus'} {abs(move):.6f}")
    assert numbers(lines) == pytest.approx(by_numpy(*train_set(talk), b + move, w), rel=1e-9, abs=1e-9)
    for name in "bw":
        slope = told(lines, f"Gradient of {name}")
        way = f"{name} {'down' if slope > 0 else 'up'} goes downhill"
        assert any(way in line for line in lines) == (slope != 0)


def test_the_opening_has_the_least_loss_and_begins_where_one_stands() -> None:
    talk = tiny()
    talk.say("go 1")
    after = talk.session.step(0).scratch
    lines = talk.say("hand")
    assert numbers(lines)[:2] == [after.b_after, after.w_after]
    x, y = train_set(talk)
    w, b = np.polyfit(x, y, 1)
    assert told(lines, "Least loss of these samples") == pytest.approx(float(np.mean((b + w * x - y) ** 2)))
    assert any(line.endswith("of all 6 train samples.") for line in lines)


def test_by_hand_may_be_of_the_mini_batch_alone() -> None:
    talk = tiny()
    talk.say("go 2 1")
    step = talk.session.step(1)
    lines = talk.say("hand batch")
    assert lines[-3].endswith("of this batch, 2 samples.")
    expected = by_numpy(step.x.numpy(), step.y.numpy(), step.scratch.b_before, step.scratch.w_before)
    assert numbers(lines) == pytest.approx(expected)


def test_descend_takes_the_step_of_gradient_descent() -> None:
    talk = tiny(lr="0.05")
    talk.say("hand", "b 3")
    x, y = train_set(talk)
    b, w = 3.0, -1.0
    for _ in range(4):
        *_, by_b, by_w = by_numpy(x, y, b, w)
        b, w = b - 0.05 * by_b, w - 0.05 * by_w
    lines = talk.say("descend", "d 3")
    assert numbers(lines) == pytest.approx(by_numpy(x, y, b, w))
    talk.say("undo")  # the three at once
    assert numbers(talk.say("u"))[:2] == [3, -1]
    assert numbers(talk.say("undo"))[:2] == [1, -1]
    assert talk.text("undo").startswith("No move to take back")


def test_what_looks_closer_is_of_the_place_by_hand() -> None:
    talk = tiny()
    lines = talk.say("hand", "b 2", "w 0.5")
    loss, by_w = told(lines, "Loss"), told(lines, "Gradient of w")
    assert talk.say("value loss")[0].startswith(f"Loss: {number(loss, 17)},")
    assert told(talk.say("chart surface"), "Loss of all train samples here") == pytest.approx(loss)
    assert "Here: b is 2, w is 0.5" in talk.text("panel landing")
    assert "prediction is 2 plus 0.5 times x" in talk.text("chart fit")
    assert told(talk.say("panel gradient"), "Gradient of w, by hand") == by_w
    assert "Samples: 6." in talk.say("where")
    assert talk.say("samples")[0] == "Rows 1 to 6 of 6."


def test_back_and_every_move_lead_to_the_run_as_it_was() -> None:
    talk = tiny()
    talk.say("go 3 5")
    before = talk.session.trained
    talk.say("hand", "b 5")
    assert talk.state.run.at == Spot(2, Phase.WEIGHT_GRADIENT)
    left = talk.say("back")
    assert left[0] == "By hand no longer: the run again."
    assert left[1].startswith("Step 3 of 32")
    assert (talk.state.run.at, talk.session.trained) == (Spot(2, Phase.BIAS_GRADIENT), before)
    for command in ("next", "batch", "go 1", "until end", "guess loss", "rate half"):
        talk.say("go 3 5", "hand")
        assert talk.say(command)[0] == "By hand no longer: the run again.", command
        assert talk.state.run.hand is None


def test_a_run_may_start_where_the_line_is() -> None:
    talk = tiny()
    talk.say("go 4", "hand", "b 2", "w to minus 1.5")
    assert "forgets this run and its 4 steps" in talk.text("start")
    assert "Another run: from b 2 and w minus 1.5." in talk.text("start")
    assert talk.session.config.start == (2.0, -1.5)
    assert talk.state.run.at == Spot(0, Phase.BATCH)
    talk.say("go 1")
    ours = talk.session.step(0).scratch
    assert (ours.b_before, ours.w_before) == (2.0, -1.5)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("b x", "B 'x': allowed is a number, plus or minus a number, or to and a number."),
        ("w 1 2", "W '1 2': allowed is"),
        ("b 1e400", "b and w cannot be there, float64 has no such numbers"),
        ("descend 0", "Descend '0': must be a whole number from 1 to 1000."),
        ("hand all", "Hand 'all': allowed is nothing, for all train samples, or batch."),
    ],
)
def test_what_is_no_move_changes_nothing(line: str, answer: str) -> None:
    talk = tiny()
    before = talk.say("hand")[-5:]
    assert answer.casefold() in talk.text(line).casefold()
    assert talk.say("hand") == before


def test_the_words_by_hand_are_free_outside() -> None:
    talk = tiny()
    for command in ("b 3", "w plus 1", "descend", "undo", "start"):
        assert talk.text(command).endswith("that is said while the line is moved by hand: hand begins it."), command
    talk.say("go 1 3", "b")
    assert talk.state.run.at == Spot(0, Phase.PREDICT)
    talk.say("hand")
    assert talk.say("b") == ["b: 1."]
    assert talk.say("digits 3", "w") == ["w: minus 1."]
    assert talk.say("help")[0] == "b NUMBER: set b by hand, or with plus or minus move it."


def test_numbers_that_are_not_finite_cannot_be_taken() -> None:
    talk = Talk(lr=1000.0, epochs=60)
    talk.say("go 200")
    assert "not finite here" in talk.text("hand")
    talk = Talk(lr=1e300)
    before = talk.say("hand")[-5:]
    assert talk.text("descend 1000").endswith("float64 has no such numbers: the line stays where it was.")
    assert talk.say("hand") == before
