"""Lessons without a picture: read, done by commands, kept, and left."""

from __future__ import annotations

from pathlib import Path

import pytest
from line_helpers import Talk

from tui_linreg.line.lesson_text import only_in_app
from tui_linreg.study.lessons.answers import ChoiceAnswer
from tui_linreg.study.lessons.conditions import TaskCondition
from tui_linreg.study.lessons.folder import built_in_lessons
from tui_linreg.study.progress_file import load

LESSONS = built_in_lessons().lessons
OWN = len(LESSONS) + 1
"""The number of a teacher's first lesson."""
KEYS = {
    "l": ("questions off", "next"), "j": ("batch",), "right_square_bracket": ("epoch",), "c": ("code",), "d": ("why",),
    "f2": ("panel learning rate",), "f4": ("panel epoch losses",), "f5": ("panel gradient check",),
    "f6": ("panel bits",), "f8": ("panel graph",), "o": ("hand",), "space": ("descend",),
    "less_than_sign": ("rate half",), "down": ("batch",), **{str(digit): (f"chart {digit}",) for digit in range(1, 9)},
}  # fmt: skip
"""What stands in the line mode for the keys that solve the tasks."""
BY_THE_GRADIENTS = ("hand", "w 30", "w plus 4", "b plus 1", "w minus 0.3", "b minus 0.2")
"""What a learner may say where arrow keys move the line."""


@pytest.mark.parametrize("number", range(1, len(LESSONS) + 1))
def test_every_lesson_can_be_done_by_commands(number: int) -> None:
    talk, lesson = Talk(), LESSONS[number - 1]
    first = talk.text(f"lesson {number}")
    assert first.startswith(f"Lesson {number} of {len(LESSONS)}: ")
    for page in range(2, len(lesson.pages) + 1):
        assert talk.say("lesson")[0].startswith(f"Page {page} of {len(lesson.pages)}: ")
    for at, task in enumerate(lesson.tasks, 1):
        asked = talk.say("task next")
        if task.optional:
            assert asked[0].startswith(f"Optional task {at} of {len(lesson.tasks)}: ")
            assert asked[-2:] == ["Your file is judged in the app. student --check judges it, too.",
                                  "task next passes it over."]  # fmt: skip
            continue
        assert not only_in_app(task)
        assert asked[0].startswith(f"Task {at} of {len(lesson.tasks)}: ")
        keys = [key for key in task.solution if key != "enter"]
        if not isinstance(task.check, TaskCondition):
            typed = "".join({"full_stop": ".", "minus": "-"}.get(key, key) for key in keys)
            lines = talk.say(typed if typed[-1].isdigit() else f"answer {typed}")
            assert lines[0] == "Right. Task done."
        elif keys[0] == "g":
            lines = talk.say(f"go {''.join(keys[1:])}")
        elif "up" in keys:
            lines = [line for command in BY_THE_GRADIENTS for line in talk.say(command)]
        else:
            lines = [line for key in keys for command in KEYS[key] for line in talk.say(command)]
        assert load().progress.is_done(lesson.id, task.id), lines
        assert any("ask done" in line for line in lines)
    assert lesson.id in load().progress.lessons
    finished = talk.text("task next")
    assert finished.startswith(f"Lesson {number} is finished.")
    assert lesson.end is None or "What to do next" in finished
    talk.say("lesson leave")
    assert talk.state.run.owner == "own"


def test_what_was_told_before_a_task_does_not_solve_it() -> None:
    talk = Talk()
    talk.say("lesson 11", "panel learning rate", "task", "0.91")
    assert talk.say("task")[-1] == "Checked as you go."
    assert "Task done." in talk.text("panel learning rate")


def test_a_lesson_goes_on_where_it_was_left() -> None:
    talk = Talk()
    talk.say("lesson 8", "task", "batch", "batch", "batch", "task", "quit")
    other = Talk()
    said = other.text("lesson 8")
    assert "Task 2 of 5: Which m." in said
    assert "1 of 4 tasks done" in other.text("lesson list")


def test_hints_wrong_answers_and_answers_that_are_none() -> None:
    talk = Talk()
    talk.say("lesson 8", "task", "task next", "task next", "task next")
    assert talk.say("hint")[0].startswith("Hint 1 of 2: ")
    talk.say("hint")
    assert talk.say("hint") == ["These were all hints. task tells them again."]
    assert talk.text("63").startswith("Not this number. Hint, or another answer?")
    assert "makes an update too" in talk.text("140")
    assert "allowed are numbers such as" in talk.text("answer many")
    assert talk.say("160")[:2] == [
        "Right. Task done.",
        "7 whole mini-batches and one of 26 samples are 8 updates an epoch.",
    ]
    assert talk.say("160") == ["No task asks for an answer now."]


def test_the_options_of_a_choice_are_told_with_their_letters() -> None:
    talk = Talk()
    at = next(i for i, task in enumerate(LESSONS[7].tasks) if isinstance(task.check, ChoiceAnswer))
    talk.say("lesson 8", "task", *["task next"] * at)
    said = talk.say("task")
    assert [line[:3] for line in said if line[1:3] == ": "] == ["A: ", "B: ", "C: "]
    assert talk.text("answer a").startswith("Not right: 33 is the batch size")
    assert talk.say("answer C")[0] == "Right. Task done."


def test_while_a_task_waits_for_an_answer_next_asks_nothing() -> None:
    talk = Talk()
    talk.say("lesson 3", "task", "next", "next", "chart residuals", "task")
    talk.say("next")
    assert talk.state.asking is None


def test_a_teachers_lessons_are_in_the_list_and_what_only_the_app_has_is_said(tmp_path: Path) -> None:
    text = "---\nid: own\ntitle: My own\nminutes: 3\n---\n## Page\n\nText.\n\n## Task: Play\n\nPlay.\n\n"
    (tmp_path / "own.md").write_text(f"{text}check: playing\nhint: space\n")
    (tmp_path / "broken.md").write_text("nothing")
    talk = Talk()
    talk.state.lessons_folder = str(tmp_path)
    listed = talk.text("lesson list")
    assert f"Lesson {OWN}: My own, 0 of 1 tasks done." in listed
    assert "broken.md" in listed
    talk.say(f"lesson {OWN}")
    assert "Only the app has playing: task next passes it over." in talk.text("task")
    assert talk.text("task next").startswith((f"Lesson {OWN} is finished", "Task 1 of 1"))


def test_a_run_that_cannot_be_had_leaves_ones_own(tmp_path: Path) -> None:
    text = "---\nid: own\ntitle: My own\nminutes: 3\ndata: none.csv\n---\n## Page\n\nText.\n"
    (tmp_path / "own.md").write_text(text)
    talk = Talk()
    talk.state.lessons_folder = str(tmp_path)
    assert "none.csv" in talk.text(f"lesson {OWN}")
    assert talk.state.course is None
    assert talk.state.run.owner == "own"


@pytest.mark.parametrize("answer", ["b + w*x", "w * x + b", "answer b + w*x", "b+w*x"])
def test_a_formula_may_begin_with_a_name(answer: str) -> None:
    talk = Talk()
    talk.say("lesson 2", "task", "task next", "task next")
    assert talk.text(answer).startswith("Right. Task done.")


def test_a_mistake_is_named_without_a_word_before_it() -> None:
    talk = Talk()
    talk.say("lesson 12", "task", "task next")
    assert talk.text("missing-2").startswith("No: that would first show in phase 4")
    assert talk.text("no-x").startswith("Right. Task done.")


def test_what_is_no_answer_is_refused_in_words() -> None:
    talk = Talk()
    talk.say("lesson 2", "task", "task next", "task next")
    assert "plus, minus, times, over and power" in talk.text("answer many")
