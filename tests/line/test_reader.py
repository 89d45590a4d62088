"""Commands and what they answer, by text lines alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine_helpers import small, trained
from hypothesis import given
from hypothesis import strategies as st
from line_helpers import LOOKING, Talk, read, told

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.line.reader import COMMANDS, find
from tui_linreg.line.run import Spot
from tui_linreg.study.progress_file import load

LABELS = {"loss": "Loss", "grad_b": "Gradient of b", "grad_w": "Gradient of w", "b": "New b", "w": "New w"}


def tiny() -> Talk:
    return Talk(Session(RunConfig.read({"dataset": "tiny", "batch_size": "4", "device": "cpu"})))


def test_the_error_signal_of_the_first_lesson_on_paper() -> None:
    talk = tiny()
    talk.say("questions off", "next", "next", "questions on")
    asked = talk.say("next")
    assert asked[0] == "Phase 4, error signal. Two over m times prediction minus target."
    assert asked[1:] == [
        "The question: error signal of row 2.",
        "Row 2: prediction is minus 2, target is 7.",
        "m: 4.",
        "Your answer?",
    ]
    wrong = talk.text("-9")
    assert wrong.startswith("Not right. It looks as if: ")
    assert wrong.endswith("Hint, again or show?")
    assert talk.state.run.at == Spot(0, Phase.LOSS)
    assert talk.say("again") == asked
    assert talk.say("hint")[0].startswith("Hint 1 of 3: ")
    right = talk.say("minus 4.5")
    assert right[0] == "Right. Row 2 is minus 4.5."
    assert talk.state.run.at == Spot(0, Phase.ERROR_SIGNAL)
    progress = load().progress
    assert (progress.predictions["dloss_dpred"].right, progress.predictions["dloss_dpred"].wrong) == (0, 1)


def test_the_dialogue_in_the_readme_is_what_is_said() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = readme.partition("$ tui-linreg step --dataset tiny\n")[2].partition("```")[0]
    turns = [turn.splitlines() for turn in block.split("> ")[1:]]
    assert len(turns) == 3
    talk = tiny()
    for command, *answer in turns:
        assert talk.say(command) == answer
    command, *answer = readme.partition("```\n> w plus")[2].partition("```")[0].splitlines()
    talk = tiny()
    talk.say("hand")
    assert talk.say(f"w plus{command}") == answer


@pytest.mark.parametrize("answer", ["-4.5", "2/4*(-2-7)", "2 over 4 times (minus 2 minus 7)", "answer minus 4.5"])
def test_an_answer_may_be_a_number_a_formula_or_dictated(answer: str) -> None:
    talk = tiny()
    talk.say("go 1 3", "next")
    assert talk.say(answer)[0] == "Right. Row 2 is minus 4.5."
    assert load().progress.predictions["dloss_dpred"].right == 1


def test_show_tells_and_does_not_count_as_right() -> None:
    talk = tiny()
    talk.say("go 1 2", "next")
    assert talk.say("show")[0] == "Loss is 35. It counts as not right."
    assert load().progress.predictions["loss"].wrong == 1
    talk.say("go 1 6", "next")
    assert talk.say("show")[1] == "The question: new w."  # the update has two questions
    talk.say("show")
    assert talk.state.run.at == Spot(0, Phase.UPDATE)


def test_next_again_passes_a_question_over_uncounted() -> None:
    talk = tiny()
    talk.say("next")
    assert talk.state.asking is not None
    assert "Prediction: identical in all 4 rows." in talk.say("next")
    assert load().progress.predictions == {}
    assert talk.state.run.at == Spot(0, Phase.PREDICT)


def test_what_was_told_is_not_asked_again() -> None:
    talk = tiny()
    talk.say("go 1", "batch")
    assert talk.state.run.at == Spot(1, Phase.UPDATE)
    talk.say("back", "next")
    assert talk.state.asking is None
    assert talk.state.run.at == Spot(1, Phase.UPDATE)


@given(
    seed=st.integers(0, 50), lr=st.floats(1e-3, 0.3), batch_size=st.integers(1, 40), step=st.integers(1, 12),
    dtype=st.sampled_from(["float64", "float32"]),
)  # fmt: skip
def test_the_numbers_are_those_of_the_session(seed: int, lr: float, batch_size: int, step: int, dtype: str) -> None:
    options: dict[str, Any] = {
        "seed": seed,
        "lr": lr,
        "batch_size": batch_size,
        "dtype": dtype,
        "train_size": 40,
        "epochs": 12,
    }
    talk = Talk(digits=17, **options)
    own = trained(small(**options), step).step(step - 1)
    lines = [line for key in LABELS.values() for line in talk.say(f"go {step}", f"value {key.lower()}")]
    for key, label in LABELS.items():
        line = next(line for line in lines if re.match(rf"{label}( differs)?:", line))
        numbers = [read(each) for each in re.findall(r"(?:minus )?[0-9][0-9.]*(?: times 10 to the minus [0-9]+)?",
                                                     line.partition(":")[2].partition(", rounding")[0])]  # fmt: skip
        value = getattr(own.scratch, f"{key}_after" if key in "bw" else key)
        assert np.dtype(dtype).type(numbers[0]) == np.dtype(dtype).type(value)
    x, y = (v.numpy().astype(np.float64) for v in (own.x, own.y))
    residual = own.scratch.b_before + own.scratch.w_before * x - y
    assert own.scratch.loss == pytest.approx(float(np.mean(residual**2)), rel=1e-4)
    assert own.scratch.grad_w == pytest.approx(float(2 * np.mean(residual * x)), rel=1e-2, abs=1e-4)
    row = talk.say(f"row {own.place.m}")
    assert np.float32(told(row, "x")) == np.float32(x[-1])
    assert np.float32(told(row, "Target")) == np.float32(y[-1])
    assert told(row, "Prediction minus target") == pytest.approx(residual[-1], rel=1e-3, abs=1e-4)


def test_samples_tell_ten_rows_each_with_its_numbers() -> None:
    talk = Talk()
    first = talk.text("go 1 1", "samples")
    assert first.startswith("Rows 1 to 10 of 33. Row 1: x is ")
    assert "prediction" not in first
    assert first.endswith("More: samples 11.")
    last = talk.text("go 1 4", "samples 31")
    assert last.startswith("Rows 31 to 33 of 33.")
    signal = talk.session.step(0).scratch.dloss_dpred.tolist()[-1]
    assert last.endswith(f"error signal is {f'{signal:.5g}'.replace('-', 'minus ')}.")


def test_a_mistake_is_heard_in_the_first_quantity_that_differs() -> None:
    talk = Talk(mistake="missing-2")
    lines = talk.say("go 1 4", "compare")
    assert lines[1].startswith("Loss: ")
    assert "Error signal of row" in lines[2]
    assert " differs: hand-written " in lines[2]
    ours, theirs = (read(words) for words in re.findall(r"(?:hand-written|torch) ((?:minus )?[0-9.]+[0-9])", lines[2]))
    assert theirs == pytest.approx(2 * ours, rel=1e-4)


def test_moves_by_batch_epoch_and_step() -> None:
    talk = Talk()
    talk.say("go 1")
    for command, step in (("batch", 1), ("epoch", 4), ("batch back", 3), ("epoch back", 0), ("go 64", 63)):
        talk.say(command)
        assert talk.state.run.at == Spot(step, Phase.UPDATE)
    assert talk.say("batch") == ["The run ends with step 64; you stand at step 64."]
    assert talk.say("next") == ["The run ends here, after step 64."]
    assert talk.say("go 1 1", "back") == ["This is the start of the run."]


def test_until_stops_where_the_condition_holds() -> None:
    talk = Talk()
    assert talk.say("until loss 200")[0] == "Found: batch loss below 200."
    found = talk.state.run.at.step
    losses = talk.session.timeline.losses(0)
    assert losses[found] < 200
    assert not (losses[1:found] < 200).any()
    talk.say("go 1", "until short")
    assert talk.session.schedule.place(talk.state.run.at.step).m == 1
    assert talk.say("until differs")[0] == "Not found up to the end: a verdict differs."


def test_digits_are_kept() -> None:
    talk = Talk()
    assert talk.say("go 1", "value loss") == ["Loss: 88.207, identical."]
    assert talk.say("digits 1", "value loss") == ["Loss: 90, identical."]
    whole = told(talk.say("digits 17", "value loss"), "Loss")
    assert whole == talk.session.step(0).scratch.loss


def test_first_letters_will_do() -> None:
    letters = {"n": "next", "b": "back", "r": "repeat", "w": "where", "s": "samples", "v": "value", "g": "guess",
               "h": "hint", "e": "epoch", "u": "until", "d": "digits", "c": "compare", "l": "lesson", "t": "task",
               "q": "quit", "ba": "back", "bat": "batch", "go": "go", "ro": "row", "why": "why", "hu": "hunt",
               "sh": "show", "he": "help", "co": "compare", "cod": "code", "ra": "rate", "ha": "hand", "k": "keep",
               "kept": "kept", "f": "forget", "ch": "chart", "chan": "change"}  # fmt: skip
    assert {letter: find(letter).name for letter in letters} == letters
    for command in COMMANDS:
        assert find(command.name) is command
        assert find(command.name.upper()) is command
    by_hand = {"b": "b", "ba": "back", "bat": "batch", "w": "w", "wh": "where", "d": "descend", "di": "digits",
               "u": "undo", "un": "undo", "unt": "until", "s": "start", "sa": "samples"}  # fmt: skip
    assert {letter: find(letter, by_hand=True).name for letter in by_hand} == by_hand


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("foo", "'foo': allowed is a number, or next, back, repeat"),
        ("row 34", "Row '34': this batch has rows 1 to 33."),
        ("row", "Row '': this batch has rows 1 to 33."),
        ("go 65", "Go '65': the run has steps 1 to 64."),
        ("go x", "Go 'x': allowed is a step from 1 to 64"),
        ("until", "Until '': allowed is loss N, gradient N"),
        ("until loss x", "Batch loss below 'x': must be a finite number above 0."),
        ("until short 3", "Until short: takes no number."),
        ("digits 18", "Digits '18': must be a whole number from 1 to 17."),
        ("value x", "Value 'x': allowed is prediction, loss, error signal"),
        ("guess", "Guess '': allowed is prediction, loss"),
        ("chart 9", "Chart '9': allowed is 1 fit, 2 loss"),
        ("panel x", "Panel 'x': allowed is learning rate, landing"),
        ("next please", "Next: takes nothing after it, not 'please'."),
        ("batch 4", "'4': allowed is nothing, for the next, or back."),
        ("lesson 99", "Lesson 99: there are lessons 1 to 12."),
        ("hunt 4", "Hunt 4: must be a level from 1 to 3."),
        ("task", "No lesson is on"),
        ("4.5", "No question is open: next asks one."),
        ("x" * 1001, "The line has 1001 characters: at most 1000 are allowed."),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence_and_changes_nothing(line: str, answer: str) -> None:
    talk = Talk()
    before = talk.state.run.at
    assert talk.text(line).startswith(answer)
    assert talk.state.run.at == before


WORDS = [command.name for command in COMMANDS if command.name not in ("hunt", "code")]
TYPED = st.text(st.characters(exclude_characters="'"), max_size=20).filter(
    lambda text: not text.strip().startswith("co")
)


@given(st.lists(st.sampled_from(WORDS) | TYPED, max_size=8))
def test_whatever_is_typed_is_answered(lines: list[str]) -> None:
    talk = Talk(samples=30, train_size=10, epochs=2)
    for line in lines:
        assert talk.say(line)


def test_repeat_says_the_same_again() -> None:
    talk = Talk()
    said = talk.say("go 2")
    assert talk.say("repeat") == talk.say("r") == talk.say("") == said


def test_looking_changes_nothing() -> None:
    talk = Talk()
    talk.say("go 6 7")
    before = talk.session.step(5).scratch.w_after, talk.session.trained
    for command in LOOKING:
        assert talk.say(command)
    assert (talk.session.step(5).scratch.w_after, talk.session.trained, talk.state.run.at.step) == (*before, 5)


def test_overflow_is_said() -> None:
    talk = Talk(lr=1000.0, epochs=60)
    assert talk.say("until diverged")[0] == "Found: numbers no longer finite."
    for command in LOOKING:
        assert talk.say(command)
    talk.say("batch", "batch", "back")
    assert "Nothing to guess" in talk.text("go 200 2", "guess loss") or "not finite" in talk.text("guess loss")


def test_phases_not_reached_are_not_told() -> None:
    talk = Talk()
    talk.say("questions off", "next")
    for name, phase in (("loss", 3), ("error signal", 4), ("gradient of b", 5), ("gradient of w", 6), ("new b", 7)):
        assert f"not computed yet, that is phase {phase}" in talk.text(f"value {name}")


def test_until_looks_at_the_step_that_is_not_finished() -> None:
    talk = Talk(mistake="no-x")
    talk.say("go 1 1")
    assert talk.say("until differs")[0].startswith("Found: ")
    assert talk.state.run.at.step == 0
    talk.say("until differs")
    assert talk.state.run.at.step == 1, "from a finished step on, the next"
