"""What a lesson's file may look like: fenced code, quotes, names of files; and the lines that are new in a task."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_linreg.engine.errors import InputError
from tui_linreg.study.lessons.answers import ChoiceAnswer, NumberAnswer
from tui_linreg.study.lessons.file import read_lesson
from tui_linreg.study.lessons.folder import built_in_lessons, load_lessons
from tui_linreg.study.lessons.lesson import Blank, Lesson, Show
from tui_linreg.tui.features.lessons.facts import VOCABULARY

LESSON = """---
id: own
title: {title}
minutes: 5
seed: 3
batch-size: 33
start: step 1 phase 7
chart: 1 2
blank: grad_b from step 3
---
## What is special about it

{page}

## Task: Go there

Go to the first batch that has one sample.

check: m = 1
hint: It is the last batch of its epoch.
keys: j j j

## Task: Its gradient

{task}
"""
TASK = "What is ∂L/∂b there?\n\nanswer: digits 3 of grad_b at step 4\nhint: The sum has one term.\n"


def read(folder: Path, page: str = "Text.", task: str = TASK, title: str = "The lone sample") -> Lesson:
    path = folder / "own.md"
    path.write_text(LESSON.format(title=title, page=page, task=task), encoding="utf-8")
    return read_lesson(path, VOCABULARY)


@pytest.mark.parametrize("fence", ["```", "~~~", "````", "  ~~~~"])
@pytest.mark.parametrize(
    "inside", ["# the sum over the batch", "## the sum", "#", "### a\n\n#b", "check: m = 1", "---"]
)
def test_fenced_code_is_code_whatever_stands_in_it(tmp_path: Path, fence: str, inside: str) -> None:
    page = f"Text.\n\n{fence}python\nd = 2 * (p - y) / m\n{inside}\n  gb = d.sum()\n{fence}\n\nAfter."
    lesson = read(tmp_path, page)
    assert [one.title for one in lesson.pages] == ["What is special about it"]
    code = [f"    {line}" if line else "" for line in inside.split("\n")]
    expected = ["Text.", "", "    d = 2 * (p - y) / m", *code, "      gb = d.sum()", "", "After."]
    assert lesson.pages[0].text.split("\n") == expected
    assert len(lesson.tasks) == 2
    in_task = read(tmp_path, task=f"Look:\n\n{fence}\n{inside}\n{fence}\n\n{TASK}").tasks[1]
    assert "\n".join(code) in in_task.text
    assert isinstance(in_task.check, NumberAnswer)


def test_a_fence_ends_with_its_own_signs_only(tmp_path: Path) -> None:
    lesson = read(tmp_path, "````\n```\n~~~\n```` no\n````\nAfter `code` and ```more``` code.")
    assert lesson.pages[0].text == "    ```\n    ~~~\n    ```` no\nAfter `code` and ```more``` code."
    with pytest.raises(InputError, match=r"line 15: the code that begins here does not end; a line ~~~ is missing"):
        read(tmp_path, "Text.\n\n~~~\n```\nno end")
    with pytest.raises(InputError, match=r"text after the lines check"):
        read(tmp_path, task=f"{TASK}```\nlate\n```\n")


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ('"The lone sample"', "The lone sample"),
        ("'The lone sample'", "The lone sample"),
        ('"A: \\"colon\\" # and all"', 'A: "colon" # and all'),
        ("'it''s'", "it's"),
        ('"one" and "two"', '"one" and "two"'),
        ('"open', '"open'),
        ('""', '""'),
        ("it's", "it's"),
        ("The lone sample", "The lone sample"),
    ],
)
def test_titles_may_stand_in_quotes(tmp_path: Path, written: str, title: str) -> None:
    assert read(tmp_path, title=written).title == title


@settings(deadline=None, max_examples=40)
@given(st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=30))
def test_any_quoted_title_is_read_back(tmp_path_factory: pytest.TempPathFactory, title: str) -> None:
    folder = tmp_path_factory.mktemp("lesson")
    double = title.replace("\\", "\\\\").replace('"', '\\"')
    single = title.replace("'", "''")
    assert read(folder, title=f'"{double}"').title == title
    assert read(folder, title=f"'{single}'").title == title


def test_which_files_of_a_folder_are_lessons(tmp_path: Path) -> None:
    for number, name in enumerate(("a.md", "B.MD", "c.markdown", "d.Markdown")):
        text = LESSON.format(title=name, page="Text.", task=TASK).replace("id: own", f"id: own-{number}")
        (tmp_path / name).write_text(text, encoding="utf-8")
    for name in ("README.md", "readme.MD", "ReadMe.markdown", ".hidden.md", "._a.md", "notes.txt", "a.md~"):
        (tmp_path / name).write_text("no lesson at all", encoding="utf-8")
    found = load_lessons(tmp_path, VOCABULARY)
    assert found.problems == ()
    own = {lesson.title for lesson in found.lessons} - {lesson.title for lesson in built_in_lessons(VOCABULARY).lessons}
    assert own == {"a.md", "B.MD", "c.markdown", "d.Markdown"}
    for path in tmp_path.iterdir():
        if path.name[0] in "aBcd":
            path.unlink()
    with pytest.raises(InputError, match=r"holds no file that ends in \.md"):
        load_lessons(tmp_path, VOCABULARY)


def test_what_comes_up_what_is_hidden_and_what_is_said(tmp_path: Path) -> None:
    lesson = read(
        tmp_path,
        "show: chart 1\nText.",
        f"{TASK}show: chart 3 5, panel gradient-check\nhide: inputs\nwhy: There is one term.\nwrong: 5: a slip\n",
    )
    assert lesson.pages[0].show == Show((1,))
    assert lesson.pages[0].text == "Text."
    first, task = lesson.tasks
    assert (first.show, first.hide, first.faded, first.why) == (None, frozenset(), None, "")
    assert task.show == Show((3, 5), "gradient_check")
    assert task.hide == {"inputs"}
    assert (task.quantity, task.faded) == ("grad_b", Blank(("grad_b",), 2))
    assert task.why == "There is one term."
    assert isinstance(task.check, NumberAnswer)
    assert task.check.known == ((5.0, "a slip"),)
    assert read(tmp_path, task=f"{TASK}hide: formula\n").tasks[1].hide == {"inputs", "formula"}
    choice = "Which?\n\nanswer: choice b\noption: up\noption: down\nwrong: a: no, down\nhint: h\nshow: panel bits\n"
    task = read(tmp_path, task=choice).tasks[1]
    assert task.check == ChoiceAnswer(1, ("up", "down"), ((0, "no, down"),))
    assert task.show == Show((), "bits")


CHECK = "Go.\n\ncheck: m = 1\nhint: h\n"
MISTAKES = {
    f"{TASK}show: chart 99": "chart '99': must be one or two numbers",
    f"{TASK}show: chart 1, chart 2": "must be chart and numbers, panel and a name",
    f"{TASK}show: bits": "must be chart and numbers, panel and a name",
    f"{TASK}show: panel nothing": "panel 'nothing': must be",
    f"{TASK}show: chart 1\nshow: chart 2": "show is given twice",
    f"{TASK}hide: result": "hide 'result': must be inputs or formula, or both",
    f"{CHECK}hide: inputs": "hide needs an answer that is one of y_pred_first, loss",
    "What?\n\nanswer: digits 2 of eta_edge\nhint: h\nhide: inputs": "hide needs an answer that is one of",
    f"{CHECK}why: So.": "why belongs to an answer",
    f"{CHECK}wrong: 1: why": "wrong lines belong to an answer",
    f"{TASK}wrong: x: why": "must be a number, a colon",
}


@pytest.mark.parametrize("task", MISTAKES)
def test_what_is_wrong_is_one_line_that_says_where(tmp_path: Path, task: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, task=task)
    said = str(caught.value)
    assert MISTAKES[task] in said
    assert "own.md', line " in said
    assert "\n" not in said


def test_a_page_shows_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 14: show is given twice"):
        read(tmp_path, "show: chart 1\nshow: chart 2\nText.")
