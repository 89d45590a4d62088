"""What is hidden from a learner is told by no command: a hunt's mistake, a lesson's blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hunt_helpers import SECRETS, drawing, gives_away, seeds
from line_helpers import LOOKING, Talk

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.step import Step
from tui_linreg.line.facts import value_of
from tui_linreg.line.words import number
from tui_linreg.study.hunt import choices, judge, planted
from tui_linreg.study.lessons.folder import built_in_lessons
from tui_linreg.study.progress_file import load

RUN: dict[str, Any] = {"samples": 120, "epochs": 3}
MOVES = ("next", "next", "back", "batch", "epoch", "go 4 4", "until short", "until end", "go 2", "guess loss")
LESSONS = built_in_lessons().lessons
OWN = len(LESSONS) + 1


def hunting(secret: str | None, level: int) -> Talk:
    """A talk in which a hunt is on, for this secret."""
    talk = Talk(**RUN)
    with drawing(seeds(talk.session.schedule)[secret]):
        assert talk.say(f"hunt {level}")[0] == "Hiding a mistake, or none."
    assert talk.state.hunting is not None
    assert planted(talk.state.hunting.hunt) == secret
    return talk


def everything(talk: Talk) -> Iterator[tuple[str, str]]:
    """Yield each command that looks or moves, and what it says, from several places."""
    for move in MOVES:
        yield move, talk.text(move)
        for command in LOOKING:
            if move in ("next", "go 4 4", "until end"):
                yield command, talk.text(command)


@pytest.mark.parametrize("secret", SECRETS, ids=str)
def test_no_command_names_the_mistake_of_a_hunt(secret: str | None) -> None:
    talk = hunting(secret, 1)
    hunting_ = talk.state.hunting
    assert hunting_ is not None
    for command, text in everything(talk):
        assert gives_away(hunting_.hunt, text) is None, command
    assert "hidden until you have decided" in talk.text("code")


@pytest.mark.parametrize("secret", SECRETS, ids=str)
def test_the_derivation_judges_no_number_before_the_decision(secret: str | None) -> None:
    talk = hunting(secret, 1)
    for step in (1, 4):
        for phase in range(1, 8):
            text = talk.text(f"go {step} {phase}", "why")
            assert " is not " not in text, (step, phase)
            assert (", as computed, " in text) == (phase > 1)


@pytest.mark.parametrize("level", [2, 3])
def test_at_a_level_that_hides_numbers_only_the_losses_depend_on_the_mistake(level: int) -> None:
    said = []
    for secret in (None, "missing-2", "no-x"):
        talk = hunting(secret, level)
        assert talk.text("until differs").startswith("Until differs: where that holds is hidden")
        assert ("where that holds is hidden" in talk.text("until loss 5")) == (level == 2)
        assert ("Hidden" in talk.text("panel epoch")) == (level == 3)
        seen = {"chart loss", "panel epoch losses", "repeat"} if level == 2 else {"chart loss", "repeat"}
        said.append([(command, text) for command, text in everything(talk) if command not in seen])
        assert "torch" not in talk.text("chart loss") or level == 2
    assert said[0] == said[1] == said[2]


def test_the_curve_alone_is_told_at_the_third_level() -> None:
    talk = hunting("missing-2", 3)
    talk.say("epoch", "epoch")
    lines = talk.say("chart loss")
    assert lines[:2] == ["Chart 2, loss.", lines[1]]
    assert lines[1].startswith("Loss: ")
    assert not [line for line in lines[2:] if ":" in line]


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_hunt_is_decided_by_the_number_of_an_answer(level: int) -> None:
    talk = hunting("no-x", level)
    round_ = talk.state.hunting
    assert round_ is not None
    offered = talk.say("guess")
    assert sum(line.startswith("Answer ") for line in offered) == len(choices(round_.hunt))
    right = [choice.number for choice in choices(round_.hunt) if judge(round_.hunt, choice.number).right]
    wrong = next(choice.number for choice in choices(round_.hunt) if choice.number not in right)
    assert talk.text(f"guess {wrong}").startswith("Not right. ")
    assert talk.text(f"guess {wrong}").startswith("That was tried: ")
    said = talk.text(f"guess {right[0]}")
    assert said.startswith("Right: ")
    assert "The right formula: gradient of w is sum of" in said
    assert "go 1 6" in said
    assert load().progress.found == {("no-x", level): 1}
    assert "Hand-written: return dloss_dpred.sum()" in talk.text("go 1 6", "code")
    talk.say("hunt leave")
    assert talk.state.run.owner == "own"
    assert talk.session.config.mistake is None


def test_giving_up_is_asked_for_twice_and_does_not_count() -> None:
    talk = hunting("sign", 1)
    assert talk.text("hunt give up").startswith("Say hunt give up again")
    assert talk.text("hunt").startswith("Answer 1: ")
    talk.say("hunt give up")
    said = talk.text("hunt give up")
    assert said.startswith("Given up. It was: ")
    assert MISTAKES["sign"].title.split(" ")[0] in said
    assert load().progress.found == {}


def test_a_run_without_a_mistake_is_hunted_too() -> None:
    talk = hunting(None, 1)
    round_ = talk.state.hunting
    assert round_ is not None
    number = next(choice.number for choice in choices(round_.hunt) if choice.text.startswith("nothing"))
    assert talk.text(f"guess {number}").startswith("Right: no mistake.")


def values_of(step: Step, key: str) -> list[float]:
    if next(q for q in QUANTITIES if q.key == key).vector:
        return [float(value) for side in (step.scratch, step.torch) for value in getattr(side, key)]
    return [value_of(side, key) for side in (step.scratch, step.torch)]


def with_a_blank(folder: Path, keys: str) -> Talk:
    """A talk in a lesson that hides these quantities from step 2 on."""
    options = "train-size: 12\nbatch-size: 4\nsamples: 40\nseed: 5"
    (folder / "own.md").write_text(
        f"---\nid: own\ntitle: Own\nminutes: 3\n{options}\nblank: {keys} from step 2\n---\n## Page\n\nText.\n\n"
        "## Task: One\n\nA task.\n\nanswer: number 1 tolerance 0\nhint: 1\n"
    )
    talk = Talk()
    talk.state.lessons_folder = str(folder)
    talk.say(f"lesson {OWN}")
    assert talk.state.run.owner == "lesson"
    return talk


GUESSES = tuple(f"guess {name}" for name in ("prediction", "loss", "error signal", "gradient of b", "gradient of w",
                                             "new b", "new w"))  # fmt: skip


@pytest.mark.parametrize("keys", [*(q.key for q in QUANTITIES), "b, w", "grad_b, grad_w", "y_pred, loss"])
def test_what_a_lesson_hides_is_told_by_no_command(keys: str, tmp_path: Path) -> None:
    talk = with_a_blank(tmp_path, keys)
    for place in ("go 2 3", "go 2 7", "go 3 1", "go 3 7", "go 4 2", "until end"):
        for command in (place, *LOOKING, *GUESSES):
            text = talk.text(command)
            for key in keys.split(", "):
                last = talk.state.run.at.step
                for step in range(max(1, last - 2), last + 1):
                    for value in values_of(talk.session.step(step), key):
                        for digits in (4, 5, 6, 17):
                            words = number(abs(value), digits)
                            told = re.search(rf"(?<![\d.]){re.escape(words)}(?!\d)", text)
                            assert told is None or len(words) < 4, (place, command, key, step + 1)
    assert "hidden until it is answered" in talk.text("compare")


@pytest.mark.parametrize("number", range(1, OWN))
def test_show_lifts_what_a_lesson_hides_of_this_batch(number: int) -> None:
    talk, lesson = Talk(), LESSONS[number - 1]
    talk.say(f"lesson {number}")
    if not lesson.blanks:
        assert talk.say("show") == ["Nothing is hidden here."]
        return
    talk.say(f"go {lesson.blanks[0].from_step}")
    assert "hidden" in talk.text("compare")
    assert talk.text("show").startswith("Shown for this mini-batch")
    assert "hidden" not in talk.text("compare")


def test_predicting_lifts_what_is_hidden(tmp_path: Path) -> None:
    talk = with_a_blank(tmp_path, "loss")
    assert "hidden" in talk.text("go 2 3", "value loss")
    talk.say("guess loss")
    true = talk.session.step(1).scratch.loss
    assert talk.text(f"{true:.3g}").startswith("Right. Loss is ")
    assert talk.say("value loss")[0].startswith(f"Loss: {true:.5g}")


def test_the_mistake_of_a_lesson_stays_secret_until_it_is_named() -> None:
    talk = Talk()
    talk.say("lesson 12", "go 1 6")
    for command in LOOKING:
        text = talk.text(command)
        assert "no-x" not in text, command
        assert MISTAKES["no-x"].title not in text, command
    assert talk.session.config.mistake is None
    assert "hidden until you have decided" in talk.text("code")
    assert "Task done." in talk.text("task")  # where the two part
    assert talk.say("task")[0] == "Task 2 of 4: Which one."
    assert talk.say("answer no-x")[0] == "Right. Task done."
    assert talk.session.config.mistake == "no-x"
