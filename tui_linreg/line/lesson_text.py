"""The texts of lessons and tasks as sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.line.charts import CHARTS
from tui_linreg.line.panels import PANELS
from tui_linreg.line.words import capital, sentence, spoken
from tui_linreg.study.lessons.answers import NO_MISTAKE, ChoiceAnswer, MistakeAnswer
from tui_linreg.study.lessons.conditions import TaskCondition
from tui_linreg.study.lessons.course import Course
from tui_linreg.study.lessons.lesson import Task

DIALOGS = ("derivation", "code")
"""What commands of the line mode open that is a dialog of the app, by the names that lessons use."""


_APP_ONLY = ("playing", "chart_cursor", "sample", "student")
"""Words of conditions that nothing in the line mode makes true."""


def text(markdown: str) -> Iterator[str]:
    """Yield a lesson's Markdown as sentences: a paragraph each, and each indented line of its own."""
    paragraph: list[str] = []
    for line in [*markdown.split("\n"), ""]:
        if line and not line.startswith("    ") and not re.match(r"\s*[-*|] ", line):
            paragraph.append(line)
            continue
        if paragraph:
            yield capital(spoken(" ".join(paragraph)))
            paragraph = []
        if line.strip(" -|:"):
            cells = [spoken(cell) for cell in re.split(r"\s{2,}|\|", line.strip()) if cell.strip(" -*")]
            if cells:
                yield sentence(", ".join(cells).rstrip(","))


def task_text(course: Course) -> Iterator[str]:
    """Yield the task at hand: title, text, options, hints given, and how it is done."""
    at = course.task
    if at is None:
        return
    kind = "Optional task" if at.optional else "Task"
    yield f"{kind} {(course.at or 0) + 1} of {len(course.lesson.tasks)}: {sentence(spoken(at.title))}"
    yield from text(at.text)
    if isinstance(at.check, ChoiceAnswer):
        for each in at.check.listed:
            yield f"{each.key.upper()}: {sentence(spoken(each.text))}"
    for given in at.hints[: course.hints]:
        yield f"Hint: {sentence(spoken(given))}"
    if not course.open:
        yield "Done before. Next: task."
    elif isinstance(at.check, TaskCondition):
        missing = only_in_app(at)
        if missing == "student":
            yield "Your file is judged in the app. student --check judges it, too."
            yield "task next passes it over."
        else:
            yield f"Only the app has {missing}: task next passes it over." if missing else "Checked as you go."
    elif isinstance(at.check, ChoiceAnswer):
        yield "Your answer? Say answer and a letter."
    elif isinstance(at.check, MistakeAnswer):
        yield f"Your answer? Say answer and one of: {', '.join(MISTAKES)}, {NO_MISTAKE}."
    else:
        yield "Your answer?"


def only_in_app(at: Task) -> str:
    """Return what a task asks for that the line mode does not have; empty where it can be done."""
    if not isinstance(at.check, TaskCondition):
        return ""
    known: dict[str, set[object]] = {
        "panel": {each.name.replace("_", " ") for each in PANELS}, "dialog": set(DIALOGS),
        "chart": {float(each.number) for each in CHARTS},
    }  # fmt: skip
    missing = ""
    for group in at.check.groups:
        lacking = [
            part.word
            if part.value is True or part.word == "student"
            else f"{part.word} {part.value:g}"
            if isinstance(part.value, float)
            else f"{part.word} {part.value}"
            for part in group
            if not part.negated
            and part.sign != "!="
            and (part.word in _APP_ONLY or (part.word in known and part.value not in known[part.word]))
        ]
        if not lacking:
            return ""
        missing = lacking[0]
    return spoken(missing)
