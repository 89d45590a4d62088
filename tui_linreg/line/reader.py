"""From a line that was typed to the sentences that answer it. No stream is read or written here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.line import charts, hunts, lessons, looking, moves, panels, questions
from tui_linreg.line.state import State
from tui_linreg.line.words import lines_of, sentence, spoken

Tell = Callable[[State, str], Iterator[str]]
_LONGEST = 1000


class LineCommand(NamedTuple):
    """A word that does something."""

    name: str
    argument: str
    """What may follow it, for the help; empty: nothing."""
    text: str
    tell: Tell


def answered(state: State, text: str) -> Iterator[str]:
    """Yield how an answer to the question or the task at hand is judged."""
    if not text:
        yield "What is the answer? Say it after the word answer."
    elif state.asking is not None:
        yield from questions.answer(state, text)
    elif state.course is not None:
        yield from lessons.answer(state, text)
    else:
        yield "No question is open: next asks one."


def _repeat(state: State, rest: str) -> Iterator[str]:
    if state.asking is not None:
        yield from questions.pose(state.asking, again=True)
    else:
        yield from state.said or state.run.where()


def _hint(state: State, rest: str) -> Iterator[str]:
    if state.asking is not None:
        yield from questions.hint(state.asking)
    elif state.course is not None:
        yield from lessons.hint(state, state.course)
    elif state.hunting is not None and state.hunting.hints:
        yield spoken([*state.hunting.hints.values()][-1])
    else:
        yield "No question is open: next asks one."


def _show(state: State, rest: str) -> Iterator[str]:
    if state.asking is not None:
        yield from questions.show(state, state.asking)
    elif state.course is not None:
        yield from lessons.uncover(state, state.course)
    elif state.hunting is not None:
        yield "In a hunt: hunt give up."
    else:
        yield "No question is open: next asks one."


def _help(state: State, rest: str) -> Iterator[str]:
    if rest == "keys":
        for key, words in KEYS:
            yield f"{key}: {words}."
        return
    if rest:
        command = find(rest)
        yield f"{command.name}{f' {command.argument}' if command.argument else ''}: {command.text}."
        return
    for command in COMMANDS:
        yield f"{command.name}{f' {command.argument}' if command.argument else ''}: {command.text}."
    yield "A number or a formula alone: answers the question that is open."
    yield "First letters will do; where several words fit, the first of this list is meant."


def _quit(state: State, rest: str) -> Iterator[str]:
    state.over = True
    yield "Goodbye."


COMMANDS: tuple[LineCommand, ...] = (
    LineCommand("next", "", "the next phase; its numbers are asked for, next again tells them", moves.step_on),
    LineCommand("back", "", "the phase before", moves.step_back),
    LineCommand("repeat", "", "what was said last, or the open question", _repeat),
    LineCommand("where", "", "step, epoch, batch and phase", moves.where),
    LineCommand("samples", "N", "ten rows of the batch, from row N on", looking.samples),
    LineCommand("row", "N", "all of one row", looking.row),
    LineCommand("value", "NAME", "one value, of both models", looking.value),
    LineCommand("why", "", "where the formula of this phase comes from", looking.why),
    LineCommand("guess", "NAME", "be asked for a quantity; in a hunt, guess and a number decides", looking.guess),
    LineCommand("hint", "", "a hint for the question or the task", _hint),
    LineCommand("show", "", "the answer, or what is hidden of this batch", _show),
    LineCommand("batch", "back", "the same phase of the next mini-batch, or of the one before", moves.batch),
    LineCommand("epoch", "back", "the next epoch, or the one before", moves.epoch),
    LineCommand("go", "N P", "the end of step N, or its phase P", moves.go),
    LineCommand("until", "CONDITION", f"run until {moves.CONDITIONS}", moves.until),
    LineCommand("digits", "N", "how many digits numbers have", looking.digits),
    LineCommand("compare", "", "the hand-written model beside torch", looking.compare),
    LineCommand("lesson", "N", "the lessons; in one, its next page; lesson leave ends it", lessons.lesson),
    LineCommand("task", "next", "the task at hand, or the next one if that is done; task next passes it over",
                lessons.task),
    LineCommand("hunt", "N", "find the mistake, on level N; hunt leave ends it", hunts.hunt),
    LineCommand("help", "WORD", "these words; help keys: what stands for the app's keys", _help),
    LineCommand("quit", "", "end", _quit),
    LineCommand("answer", "TEXT", "answer the question or the task, such as answer b", answered),
    LineCommand("again", "", "the same as repeat", _repeat),
    LineCommand("chart", "NAME", f"what a chart shows: {', '.join(c.name for c in charts.CHARTS)}", charts.chart),
    LineCommand("panel", "NAME", f"what an instrument says: {', '.join(p.spoken for p in panels.PANELS)}",
                panels.panel),
    LineCommand("code", "", "the code of this phase, both models", looking.code),
    LineCommand("questions", "on, off", "whether next asks before it tells", looking.asking),
)  # fmt: skip
KEYS = (
    ("Right arrow, left arrow", "next, back"), ("Down arrow, up arrow", "batch, batch back"),
    ("Closing and opening bracket", "epoch, epoch back"), ("g", "go and a step"), ("u", "until and a condition"),
    ("A digit", "chart and the digit"), ("F2", "panel learning rate"), ("F3", "panel landing"),
    ("F4", "panel epoch losses"), ("F5", "panel gradient check"), ("F6", "panel bits"), ("F8", "panel graph"),
    ("c", "code"), ("d", "why"), ("t", "next, or guess and a name"), ("f", "hunt"), ("enter", "task, or an answer"),
    ("H", "hint"), ("R", "show"), ("T", "lesson again"), ("X", "lesson leave"),
)  # fmt: skip
"""What stands here for the keys that lessons name."""


def find(word: str) -> LineCommand:
    """Return the command that a word, or its first letters, stands for: the first in the list.

    Raises:
        InputError: when there is none.
    """
    found = next((command for command in COMMANDS if command.name.startswith(word.casefold())), None)
    if found is None:
        names = ", ".join(command.name for command in COMMANDS)
        raise InputError(f"{quoted(word)}: allowed is a number, or {names}")
    return found


def _sentences(state: State, line: str) -> Iterator[str]:
    if len(line) > _LONGEST:
        raise InputError(f"the line has {len(line)} characters: at most {_LONGEST} are allowed")
    if questions.is_answer(line):
        yield from answered(state, line)
        return
    word, _, rest = line.partition(" ")
    command = find(word)
    rest = rest.strip()
    if rest and not command.argument:
        raise InputError(f"{command.name}: takes nothing after it, not {quoted(rest)}")
    yield from command.tell(state, rest)


def respond(state: State, line: str) -> Iterator[str]:
    """Yield the lines, of at most 80 characters, that answer a typed line; an empty one is the same as repeat.

    Each comes as soon as it is known. Never raises for what was typed.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in line).split())
    said: list[str] = []
    repeats = not line or find_name(line) in ("repeat", "again")
    state.dialog = None
    try:
        for each in _sentences(state, line or "repeat"):
            said.append(each)
            yield from lines_of([each])
        for each in lessons.check(state):
            said.append(each)
            yield from lines_of([each])
    except InputError as error:
        yield from lines_of([sentence(spoken(str(error)))])
    if said and not repeats:
        state.said = said


def find_name(line: str) -> str:
    """Return the name of the command that a line begins with; empty where it is none."""
    try:
        return find(line.partition(" ")[0]).name
    except InputError:
        return ""
