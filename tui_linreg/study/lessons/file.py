"""Reads a lesson from its Markdown file, strictly: every mistake in it is one line that says where and what is allowed.

---
id: mse
title: The mean squared error
minutes: 5
lr: 0.01                     any option of a run, by its name
start: step 10 phase 5       where the cursor stands
chart: 3                     charts (1 2) and panel to open
blank: loss from step 2      quantities to hide until they are answered
---
## A page
Text.

## Task: The lone sample
Go to the batch with one sample.

show: chart 1                what comes up by itself, in a page too: charts, panel
check: m = 1                 or an answer: number, digits, choice, mistake
hint: It is the last batch of an epoch.
keys: j j j
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from tui_linreg.engine.config import FIELDS, RunConfig
from tui_linreg.engine.errors import printable, quoted, told
from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.key_names import key_name
from tui_linreg.study.lessons.answers import NumberAnswer
from tui_linreg.study.lessons.checks import Check, read_answer, with_wrong
from tui_linreg.study.lessons.conditions import TaskCondition, Vocabulary, phase_number, read_task_condition
from tui_linreg.study.lessons.lesson import HIDES, NO_PANEL, Blank, Lesson, Page, Show, Start, Task
from tui_linreg.study.lessons.text import Source, SourceLine, SourceSection, front_matter, joined, sections
from tui_linreg.study.lessons.values import QUANTITY_OF

_OWN = ("id", "title", "minutes", "start", "chart", "panel", "hidden", "blank")
_START_OPTION = "b_w"
"""What a lesson calls the option `start`: its own `start` is where the cursor stands."""
_OPTIONS = {_START_OPTION if name == "start" else name: name for name in FIELDS}
"""The options of a run, by the names that lessons call them."""
_NEEDED = ("id", "title", "minutes")
_END = "end:"
"""What the heading of the page after the last task begins with."""
_MOST_HINTS = 3
_MOST_KEYS = 200
_LONGEST_MINUTES = 600


def read_lesson(path: str | Path, vocabulary: Vocabulary | None = None) -> Lesson:
    """Return the lesson in a file. A CSV file of its run (`data:`) is looked for beside it.

    Args:
        path: the file.
        vocabulary: the names of charts, instruments and dialogs; None: such names are not checked.

    Raises:
        InputError: one line: the file, the line, what is wrong, what is allowed.
    """
    source = Source(Path(path), vocabulary)
    lines = source.lines()
    keys, begin = front_matter(source, lines)
    values: dict[str, SourceLine] = {}
    blanks: list[Blank] = []
    for key, line in keys:
        if key not in _OWN and key not in _OPTIONS:
            source.fail(line.number, f"unknown key {quoted(key)}; allowed are {', '.join((*_OWN, *_OPTIONS))}")
        if key == "blank":
            blanks.append(_blank(source, line))
        elif key in values:
            source.fail(line.number, f"{key} is given twice; once is allowed")
        values[key] = line
    for key in _NEEDED:
        if key not in values:
            source.fail(begin, f"the front matter has no {key}")
    options = _options(source, {_OPTIONS[key]: line for key, line in values.items() if key in _OPTIONS}, {})
    parts = list(sections(source, lines, begin))
    return Lesson(
        id=_id(source, values["id"]),
        title=values["title"].text,
        minutes=_minutes(source, values["minutes"]),
        options=MappingProxyType(options),
        config=_config(source, options, begin),
        start=_start(source, values["start"]) if "start" in values else Start(),
        charts=_charts(source, values["chart"]) if "chart" in values else (),
        panel=_panel(source, values["panel"]) if "panel" in values else None,
        hidden="hidden" in values and _yes(source, "hidden", values["hidden"]),
        blanks=tuple(blanks),
        pages=tuple(_page(source, part) for part in parts if not part.is_task and not _is_end(part)),
        tasks=_tasks(source, [part for part in parts if part.is_task], options),
        source=printable(told(source.path)),
        end=_end(source, [part for part in parts if _is_end(part)]),
    )


def _is_end(section: SourceSection) -> bool:
    return section.heading.text.casefold().startswith(_END)


def _end(source: Source, parts: list[SourceSection]) -> Page | None:
    if len(parts) > 1:
        source.fail(parts[1].heading.number, "a lesson has one page that begins with End:")
    if not parts:
        return None
    page = _page(source, parts[0])
    return replace(page, title=page.title[len(_END) :].strip())


def _page(source: Source, section: SourceSection) -> Page:
    text = joined(section.text)
    if not text:
        source.fail(section.heading.number, "this page is empty")
    if len(section.shows) > 1:
        source.fail(section.shows[1].number, "show is given twice; once is allowed")
    return Page(section.heading.text, text, _show(source, section.shows[0]) if section.shows else None)


def _tasks(source: Source, parts: list[SourceSection], options: Mapping[str, str]) -> tuple[Task, ...]:
    tasks: list[Task] = []
    for part in parts:
        task = _task(source, part, options)
        if any(task.id == other.id for other in tasks):
            source.fail(part.heading.number, f"two tasks are called {quoted(task.title)}")
        tasks.append(task)
    return tuple(tasks)


def _task(source: Source, section: SourceSection, options: Mapping[str, str]) -> Task:
    at, title = section.heading.number, section.heading.text.partition(":")[2].strip()
    id_ = re.sub(r"[^\w]+", "-", title.casefold()).strip("-")
    if not id_:
        source.fail(at, "this task has no title")
    given: dict[str, list[SourceLine]] = {}
    for name, line in section.directives:
        given.setdefault(name, []).append(line)
        if not line.text:
            source.fail(line.number, f"{name} has no value")
        if name not in ("hint", "option", "wrong") and len(given[name]) > 1:
            source.fail(line.number, f"{name} is given twice; once is allowed")
    hints = tuple(line.text for line in given.get("hint", ()))
    if not 1 <= len(hints) <= _MOST_HINTS:
        source.fail(at, f"this task has {len(hints)} hint lines; 1 to {_MOST_HINTS} are needed")
    run, keys, start = given.get("run"), given.get("keys"), given.get("start")
    own = _run(source, run[0], options) if run else None
    check = _check(source, at, given)
    show, why, hide = (given[name][0] if name in given else None for name in ("show", "why", "hide"))
    if why is not None and isinstance(check, TaskCondition):
        source.fail(why.number, "why belongs to an answer: it is said when the answer is right")
    return Task(
        id=id_,
        title=title,
        text=joined(section.text),
        check=check,
        hints=hints,
        solution=_keys(source, keys[0]) if keys else (),
        options=None if own is None else MappingProxyType(own),
        config=_config(source, own, run[0].number) if run and own is not None else None,
        start=_start(source, start[0]) if start else None,
        show=None if show is None else _show(source, show),
        why="" if why is None else why.text,
        hide=frozenset() if hide is None else _hide(source, hide, check),
        optional="optional" in given and _yes(source, "optional", given["optional"][0]),
    )


def _yes(source: Source, name: str, line: SourceLine) -> bool:
    if line.text not in ("yes", "no"):
        source.fail(line.number, f"{name} {quoted(line.text)}: must be yes or no")
    return line.text == "yes"


def _hide(source: Source, line: SourceLine, check: Check) -> frozenset[str]:
    names = frozenset(line.text.replace(",", " ").split())
    if not names <= set(HIDES):
        source.fail(line.number, f"hide {quoted(line.text)}: must be {' or '.join(HIDES)}, or both")
    if not isinstance(check, NumberAnswer) or check.wanted.quantity is None:
        source.fail(line.number, f"hide needs an answer that is one of {', '.join(QUANTITY_OF)}")
    return names | {"inputs"}  # without its formula there is nothing to put them in


def _show(source: Source, line: SourceLine) -> Show:
    """Return what `show: chart 1 3, panel bits` says."""
    charts: tuple[int, ...] = ()
    panel = None
    for part in re.split(r",\s*(?=[^\s\d])", line.text):
        kind, _, rest = part.strip().partition(" ")
        value = SourceLine(line.number, rest.strip())
        if kind in ("chart", "charts") and not charts:
            charts = _charts(source, value)
        elif kind in ("panel", "instrument") and panel is None:
            panel = NO_PANEL if value.text == NO_PANEL else _panel(source, value)
        else:
            source.fail(line.number, f"show {quoted(line.text)}: must be chart and numbers, panel and a name, or both,"
                                     " such as chart 1 2, panel bits")  # fmt: skip
    return Show(charts, panel)


def _check(source: Source, at: int, given: Mapping[str, list[SourceLine]]) -> Check:
    if ("check" in given) == ("answer" in given):
        source.fail(at, "this task needs one check line or one answer line, and not both")
    if "option" in given and "answer" not in given:
        source.fail(given["option"][0].number, "option lines belong to an answer: choice")
    if "wrong" in given and "answer" not in given:
        source.fail(given["wrong"][0].number, "wrong lines belong to an answer: number, digits or choice")
    line = given["check" if "check" in given else "answer"][0]
    with source.at(line.number):
        if "check" in given:
            return read_task_condition(line.text, source.vocabulary)
        answer = read_answer(line.text, [option.text for option in given.get("option", ())])
    for each in given.get("wrong", ()):
        with source.at(each.number):
            answer = with_wrong(answer, each.text)
    return answer


def _run(source: Source, line: SourceLine, options: Mapping[str, str]) -> dict[str, str]:
    """Return the options of `run: lr 0.5, b-w 1,-1` over those of the lesson; `run: again` changes none."""
    texts: dict[str, SourceLine] = {}
    # A comma within a value is followed by a number, one between options by a name.
    for part in [] if line.text == "again" else re.split(r",(?=\s*(?:[a-z]|$))", line.text):
        name, _, value = part.strip().partition(" ")
        name = name.replace("-", "_")
        if name not in _OPTIONS or not value.strip() or _OPTIONS[name] in texts:
            allowed = f"again, or options and values, such as lr 0.5, batch-size 100; options are {', '.join(_OPTIONS)}"
            source.fail(line.number, f"run {quoted(part.strip())}: must be {allowed}")
        texts[_OPTIONS[name]] = SourceLine(line.number, value.strip())
    return _options(source, texts, options)


def _options(source: Source, texts: Mapping[str, SourceLine], base: Mapping[str, str]) -> dict[str, str]:
    """Return option texts by field name, each checked alone."""
    texts_by_name = dict(base)
    for name, line in texts.items():
        # A lesson's own CSV file lies beside it, wherever the app is started.
        texts_by_name[name] = str(source.path.parent / line.text) if name == "data" else line.text
        with source.at(line.number):
            FIELDS[name].read(texts_by_name[name])
    return texts_by_name


def _config(source: Source, options: Mapping[str, str], line: int) -> RunConfig:
    with source.at(line):
        return RunConfig.read(options)


def _id(source: Source, line: SourceLine) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", line.text) or len(line.text) > 60:
        source.fail(line.number, f"id {quoted(line.text)}: must be small letters, digits and hyphens, 60 at most")
    return line.text


def _minutes(source: Source, line: SourceLine) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", line.text) or not 1 <= int(line.text) <= _LONGEST_MINUTES:
        source.fail(line.number, f"minutes {quoted(line.text)}: must be a whole number from 1 to {_LONGEST_MINUTES}")
    return int(line.text)


def _start(source: Source, line: SourceLine) -> Start:
    match = re.fullmatch(r"step ([0-9]{1,9})(?: phase (.+))?", line.text)
    phase = phase_number(match[2]) if match is not None and match[2] else Phase.UPDATE
    if match is None or phase is None or int(match[1]) < 1:
        allowed = "such as step 10 phase 5, the phase a number from 1 to 7 or a name"
        source.fail(line.number, f"start {quoted(line.text)}: must be a step from 1 on, and perhaps a phase, {allowed}")
    return Start(int(match[1]), phase)


def _charts(source: Source, line: SourceLine) -> tuple[int, ...]:
    words = line.text.replace(",", " ").split()
    charts = [] if source.vocabulary is None else list(map(str, source.vocabulary.charts))
    allowed = set(words) <= set(charts) if charts else all(re.fullmatch("[0-9]{1,9}", word) for word in words)
    if not allowed or len(set(words)) < len(words) or len(words) > 2:
        last = f" to {charts[-1]}" if charts else " on"
        source.fail(line.number, f"chart {quoted(line.text)}: must be one or two numbers from 1{last}")
    return tuple(map(int, words))


def _panel(source: Source, line: SourceLine) -> str:
    name = line.text.replace("-", "_").replace(" ", "_")
    if source.vocabulary is not None and name not in source.vocabulary.panels:
        source.fail(line.number, f"panel {quoted(line.text)}: must be {' or '.join(source.vocabulary.panels)}")
    return name


def _blank(source: Source, line: SourceLine) -> Blank:
    match = re.fullmatch(r"(.+?) from step ([0-9]{1,9})", line.text)
    keys = tuple(quantity.key for quantity in QUANTITIES)
    names = () if match is None else tuple(name.strip() for name in match[1].split(","))
    if match is None or int(match[2]) < 1 or not set(names) <= set(keys):
        allowed = f"quantities and the first step, such as grad_b, grad_w from step 2; they are {', '.join(keys)}"
        source.fail(line.number, f"blank {quoted(line.text)}: must be {allowed}")
    return Blank(names, int(match[2]))


def _keys(source: Source, line: SourceLine) -> tuple[str, ...]:
    words = line.text.split()
    if len(words) > _MOST_KEYS:
        source.fail(line.number, f"has {len(words)} keys; {_MOST_KEYS} are the most allowed")
    with source.at(line.number):
        return tuple(key_name(word) for word in words)
