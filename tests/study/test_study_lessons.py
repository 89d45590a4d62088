"""Lesson files: what they may hold, and that every mistake in one is a line that names file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.phases import Phase
from tui_linreg.study.lessons.answers import ChoiceAnswer
from tui_linreg.study.lessons.conditions import ScreenFacts, TaskCondition, Vocabulary
from tui_linreg.study.lessons.file import read_lesson
from tui_linreg.study.lessons.folder import built_in_lessons, load_lessons
from tui_linreg.study.lessons.lesson import Blank, Start
from tui_linreg.tui.features.lessons.facts import VOCABULARY

NO_CHART = max(VOCABULARY.charts) + 1
HEAD = "---\nid: own\ntitle: Own\nminutes: 5\n{}---\n"
PAGE = "## A page\nText.\n\n"
TASK = "## Task: Do it\nGo.\n\n{}\n"
GOOD = TASK.format("check: m = 1\nhint: Last.\nkeys: j ] enter")


def written(folder: Path, content: str, name: str = "own.md") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_whole_lesson(tmp_path: Path) -> None:
    head = (
        "# a note\nlr: 0.5\nb-w: 1,-0.5\nbatch-size: 10\nstart: step 10 phase error signal\nchart: 3 2\n"
        "panel: gradient-check\n"
        "hidden: yes\nblank: grad_b from step 2\nblank: loss, w from step 5\n"
    )
    task = TASK.format(
        "answer: choice b\noption: one\noption: two\nhint: first\n  and more\nhint: second\n\nkeys: j ] f5 - enter\n"
        "run: lr 2@1,0.5@9, b-w -2, 3, mistake no-x\nstart: step 3"
    )
    lesson = read_lesson(
        written(tmp_path, HEAD.format(head) + PAGE + "## Two\n\n    code\n\nend\n\n" + task + GOOD * 0)
    )
    assert (lesson.id, lesson.title, lesson.minutes, lesson.hidden) == ("own", "Own", 5, True)
    assert (lesson.config.lr, lesson.config.batch_size, lesson.config.mistake) == (0.5, 10, None)
    assert lesson.config.start == (1.0, -0.5)
    assert lesson.start == Start(10, Phase.ERROR_SIGNAL)
    assert (lesson.charts, lesson.panel) == ((3, 2), "gradient_check")
    assert lesson.blanks == (Blank(("grad_b",), 2), Blank(("loss", "w"), 5))
    assert [lesson.blanked(step) for step in (1, 2, 4, 5)] == [set(), {"grad_b"}, {"grad_b"}, {"grad_b", "loss", "w"}]
    assert [(page.title, page.text) for page in lesson.pages] == [("A page", "Text."), ("Two", "    code\n\nend")]
    (done,) = lesson.tasks
    assert (done.id, done.title, done.text) == ("do-it", "Do it", "Go.")
    assert done.check == ChoiceAnswer(1, ("one", "two"))
    assert done.hints == ("first and more", "second")
    assert done.solution == ("j", "right_square_bracket", "f5", "minus", "enter")
    assert done.config is not None
    assert (done.config.lr, done.config.batch_size, done.config.mistake) == ("2@1,0.5@9", 10, "no-x")
    assert done.config.start == (-2.0, 3.0)
    assert done.start == Start(3, Phase.UPDATE)
    assert lesson.task("do-it") is done
    assert lesson.task("gone") is None


def test_windows_lines_a_mark_and_a_csv_beside_the_lesson(tmp_path: Path) -> None:
    text = "\ufeff" + (HEAD.format("data: tiny.csv\nx: a\n") + PAGE + GOOD).replace("\n", "\r\n")
    path = tmp_path / "own.md"
    path.write_bytes(text.encode())
    lesson = read_lesson(path, VOCABULARY)
    assert lesson.config.data == str(tmp_path / "tiny.csv")
    assert lesson.tasks[0].config is None


MISTAKES = {
    "": (1, "must be ---"),
    "---\nid: a\n": (3, "the front matter does not end"),
    "---\nid a\n---\n": (2, "must be a key, a colon and a value"),
    "---\nid:\n---\n": (2, "id has no value"),
    "---\nid: a\ntitle: T\n---\n": (4, "the front matter has no minutes"),
    HEAD.format("id: b\n"): (5, "id is given twice"),
    HEAD.format("colour: red\n"): (5, "unknown key 'colour'; allowed are id, title"),
    HEAD.format("lr: fast\n"): (5, "--lr 'fast': must be a finite number above 0"),
    HEAD.format("lr: 1\nx: 1\ndata: a.csv\ndataset: diabetes\n") + PAGE: (9, "--data"),
    HEAD.format("start: batch 3\n") + PAGE: (5, "start 'batch 3': must be a step"),
    HEAD.format("start: step 0\n") + PAGE: (5, "must be a step from 1 on"),
    HEAD.format("start: step 1 phase 8\n") + PAGE: (5, "must be a step"),
    HEAD.format(f"chart: {NO_CHART}\n") + PAGE: (5, f"must be one or two numbers from 1 to {NO_CHART - 1}"),
    HEAD.format("panel: x\n") + PAGE: (5, "panel 'x': must be learning_rate or"),
    HEAD.format("blank: gradient from step 2\n") + PAGE: (5, "they are y_pred, loss"),
    HEAD.format("blank: loss\n") + PAGE: (5, "quantities and the first step"),
    HEAD.format("hidden: maybe\n") + PAGE: (5, "must be yes or no"),
    HEAD.format("minutes: 5\n"): (5, "minutes is given twice"),
    HEAD.format("").replace("own", "Own Lesson") + PAGE: (2, "id 'Own Lesson': must be small letters"),
    HEAD.format("").replace("5", "0") + PAGE: (4, "minutes '0': must be a whole number from 1"),
    HEAD.format("") + "text\n": (6, "text stands before the first heading"),
    HEAD.format("") + "# Page\ntext\n": (6, "a heading must be ## and a title"),
    HEAD.format("") + "## Page\n## Other\ntext": (6, "this page is empty"),
    HEAD.format("") + PAGE + "\x1b[2J": (9, "holds a control character"),
    HEAD.format("") + PAGE + "a" * 1001: (9, "is longer than 1000 characters"),
    HEAD.format(""): (6, "has no heading"),
    HEAD.format("") + PAGE + TASK.format("hint: h"): (9, "one check line or one answer line"),
    HEAD.format("") + PAGE + TASK.format("check: m = 1\nanswer: number 1 tolerance 0\nhint: h"): (9, "and not both"),
    HEAD.format("") + PAGE + TASK.format("check: m = 1"): (9, "this task has 0 hint lines; 1 to 3 are needed"),
    HEAD.format("") + PAGE + TASK.format("check: m = 1\n" + "hint: h\n" * 4): (9, "this task has 4 hint lines"),
    HEAD.format("") + PAGE + TASK.format("check: m = one\nhint: h"): (12, "m 'one': must be a number"),
    HEAD.format("") + PAGE + TASK.format("check: size = 1\nhint: h"): (12, "begins with no word that is known"),
    HEAD.format("") + PAGE + TASK.format("check: m = 1\nhint: h\ncheck: m = 1"): (14, "check is given twice"),
    HEAD.format("") + PAGE + TASK.format("check: m = 1\nhint: h\nlater"): (14, "text after the lines check"),
    HEAD.format("") + PAGE + TASK.format("check: m = 1\nhint: h\nkeys: j ctrl+alt"): (14, "no key is called"),
    HEAD.format("") + PAGE + TASK.format("check: m = 1\nhint: h\nkeys:"): (14, "keys has no value"),
    HEAD.format("") + PAGE + TASK.format("check: m = 1\nhint: h\nrun: lr"): (14, "run 'lr': must be again, or options"),
    HEAD.format("") + PAGE + TASK.format("check: m = 1\nhint: h\nrun: lr -1"): (14, "--lr '-1': must be"),
    HEAD.format("") + PAGE + TASK.format("answer: choice a\nhint: h"): (12, "a choice needs 2 to 6 option lines"),
    HEAD.format("") + PAGE + TASK.format("check: m = 1\nhint: h\noption: x"): (14, "belong to an answer: choice"),
    HEAD.format("") + PAGE + GOOD + GOOD: (15, "two tasks are called 'Do it'"),
    HEAD.format("") + PAGE + GOOD.replace("Do it", "?"): (9, "this task has no title"),
}  # fmt: skip


@pytest.mark.parametrize("content", MISTAKES)
def test_every_mistake_is_one_line_that_says_where(tmp_path: Path, content: str) -> None:
    line, words = MISTAKES[content]
    with pytest.raises(InputError) as caught:
        read_lesson(written(tmp_path, content), VOCABULARY)
    said = str(caught.value)
    assert "own.md', line " in said
    assert f"line {line}: " in said
    assert words in said
    assert "\n" not in said
    assert said.isprintable()


def test_what_is_no_lesson_at_all(tmp_path: Path) -> None:
    for name, content in (("utf.md", b"\xff"), ("large.md", b"a" * 140_000)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=r"UTF-8|larger"):
            read_lesson(tmp_path / name, VOCABULARY)
    for path in (tmp_path, tmp_path / "none.md", Path("a\0b")):
        with pytest.raises(InputError, match=r"regular|no such file|no file can"):
            read_lesson(path, VOCABULARY)


def test_a_folder_adds_to_the_built_in_lessons(tmp_path: Path) -> None:
    written(tmp_path, HEAD.format("") + PAGE + GOOD, "b.md")
    written(tmp_path, "no lesson", "a.md")
    written(tmp_path, (HEAD.format("") + PAGE).replace("own", "mse"), "c.md")
    (tmp_path / "notes.txt").write_text("x")
    own, found = built_in_lessons(VOCABULARY), load_lessons(tmp_path, VOCABULARY)
    assert load_lessons(vocabulary=VOCABULARY) == own
    assert [lesson.id for lesson in found.lessons] == [*(lesson.id for lesson in own.lessons), "own"]
    assert len(found.problems) == 2
    assert "line 1: must be ---" in found.problems[0]
    assert "the id mse is also that of" in found.problems[1]
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "none", Path("a\0b")):
        with pytest.raises(InputError, match="--lessons"):
            load_lessons(folder)


def test_a_new_chart_instrument_or_dialog_is_a_name_more(tmp_path: Path) -> None:
    more = Vocabulary((*VOCABULARY.charts, NO_CHART), (*VOCABULARY.panels, "norms"), (*VOCABULARY.dialogs, "table"))
    task = f"## Task: Go\nGo.\n\ncheck: chart = {NO_CHART} and panel = norms and dialog = table\nhint: Go.\n"
    path = written(tmp_path, HEAD.format(f"chart: {NO_CHART}\npanel: norms\n") + PAGE + task)
    with pytest.raises(InputError, match=f"from 1 to {NO_CHART - 1}"):
        read_lesson(path, VOCABULARY)
    for vocabulary in (more, None):
        lesson = read_lesson(path, vocabulary)
        (check,) = (task.check for task in lesson.tasks)
        assert (lesson.charts, lesson.panel) == ((NO_CHART,), "norms")
        assert isinstance(check, TaskCondition)
        assert check.holds(ScreenFacts(charts=(NO_CHART,), panel="norms", dialog="table"))
        assert not check.holds(ScreenFacts(charts=(NO_CHART,), panel="norms"))


def test_the_lesson_in_the_readme_can_be_read(tmp_path: Path) -> None:
    found = re.search(r"```\n(---\n.*?)```", (Path(__file__).parents[2] / "README.md").read_text("utf-8"), re.DOTALL)
    assert found is not None
    path = tmp_path / "readme.md"
    path.write_text(found.group(1), encoding="utf-8")
    assert len(read_lesson(path, VOCABULARY).tasks) == 2
