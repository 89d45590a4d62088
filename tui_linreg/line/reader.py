"""From a line that was typed to the sentences that answer it. No stream is read or written here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.line import beside, charts, hand, hunts, lessons, looking, moves, panels, questions
from tui_linreg.line.state import State
from tui_linreg.line.words import lines_of, sentence, spoken
from tui_linreg.study.lessons.conditions import TaskCondition

Tell = Callable[[State, str], Iterator[str]]
_LONGEST = 1000


class LineCommand(NamedTuple):
    """A word that does something."""

    name: str
    argument: str
    """What may follow it, for the help; empty: nothing."""
    text: str
    tell: Tell

    @property
    def help(self) -> str:
        """What the help says of it."""
        alone = f"{self.name}, " if self.argument.islower() else ""  # a word that may be left out
        return f"{alone}{self.name}{f' {self.argument}' if self.argument else ''}: {self.text}."


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
    by_hand = state.run.hand is not None
    if rest:
        yield find(rest, by_hand=by_hand).help
        return
    first = BY_HAND if by_hand else ()
    for command in (*first, *(each for each in COMMANDS if each.name not in [own.name for own in first])):
        yield command.help
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
    LineCommand("compare", "", "the hand-written model beside torch, and this run beside kept ones", looking.compare),
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
    LineCommand("questions", "on or off", "whether next asks before it tells", looking.asking),
    LineCommand("rate", "VALUE", "another learning rate from the next mini-batch on: a number, half or double",
                beside.rate),
    LineCommand("hand", "batch", "move the line by hand, over all train samples or this batch", hand.hand),
    LineCommand("keep", "", "keep this run; compare says then how far another one is from it", beside.keep),
    LineCommand("kept", "", "which runs are kept, and in what they differ", beside.kept),
    LineCommand("forget", "", "forget the run kept last", beside.forget),
    LineCommand("change", "OPTION VALUE", "another run, such as change batch size 10", beside.change),
)  # fmt: skip
BY_HAND: tuple[LineCommand, ...] = (
    LineCommand("b", "NUMBER", "set b by hand, or with plus or minus move it", hand.move_b),
    LineCommand("w", "NUMBER", "set w by hand, or with plus or minus move it", hand.move_w),
    LineCommand("descend", "N", "the step that gradient descent takes from here, or N of them", hand.descend),
    LineCommand("undo", "", "take back the last move", hand.undo),
    LineCommand("back", "", "the run again, where you left it", hand.back),
    LineCommand("start", "", "begin a run where the line is", hand.start),
)
"""What comes before `COMMANDS` while the line is moved by hand."""
KEYS = (
    ("Right arrow, left arrow", "next, back"), ("Down arrow, up arrow", "batch, batch back"),
    ("Closing and opening bracket", "epoch, epoch back"), ("g", "go and a step"), ("u", "until and a condition"),
    ("A digit", "chart and the digit"), ("F2", "panel learning rate"), ("F3", "panel landing"),
    ("F4", "panel epoch losses"), ("F5", "panel gradient check"), ("F6", "panel bits"), ("F7", "panel runs"),
    ("F8", "panel graph"),
    ("c", "code"), ("d", "why"), ("t", "next, or guess and a name"), ("f", "hunt"), ("enter", "task, or an answer"),
    ("H", "hint"), ("R", "show"), ("T", "lesson again"), ("X", "lesson leave"),
    ("Less-than key, greater-than key", "rate half, rate double"), ("p", "keep"), ("P", "forget"), ("e", "change"),
    ("o", "hand"), ("By hand, left and right arrow", "b minus 1, b plus 1"),
    ("By hand, down and up arrow", "w minus 1, w plus 1"), ("By hand, space bar", "descend"),
)  # fmt: skip
"""What stands here for the keys that lessons name."""


def find(word: str, *, by_hand: bool = False) -> LineCommand:
    """Return the command that a word, or its first letters, stands for: the first in the list.

    Args:
        word: what was typed.
        by_hand: whether the words of moving by hand come first.

    Raises:
        InputError: when there is none.
    """
    commands = (*BY_HAND, *COMMANDS) if by_hand else COMMANDS
    found = next((command for command in commands if command.name.startswith(word.casefold())), None)
    if found is None:
        names = ", ".join(command.name for command in commands)
        raise InputError(f"{quoted(word)}: allowed is a number, or {names}")
    return found


def _asked(state: State) -> bool:
    """Say whether a question or a task waits for an answer, which may begin with a name: `b + w * x`, `no-x`."""
    course = state.course
    task = None if course is None or not course.open else course.task
    by_hand = state.run.hand is not None
    return not by_hand and (
        state.asking is not None or (task is not None and not isinstance(task.check, TaskCondition))
    )


def _sentences(state: State, line: str) -> Iterator[str]:
    if len(line) > _LONGEST:
        raise InputError(f"the line has {len(line)} characters: at most {_LONGEST} are allowed")
    if questions.is_answer(line) or (_asked(state) and re.match(r"\w+\s*[-+−*/^]", line)):
        yield from answered(state, line)
        return
    run, word, _, rest = state.run, *line.partition(" ")
    by_hand = run.hand is not None
    name = word.casefold()
    if not by_hand and ((name in ("b", "w") and rest) or name in ("descend", "undo", "start")):
        raise InputError(f"{quoted(line)}: that is said while the line is moved by hand: hand begins it")
    command = find(word, by_hand=by_hand)
    if rest and not command.argument:
        raise InputError(f"{command.name}: takes nothing after it, not {quoted(rest)}")
    for each in command.tell(state, rest):
        if by_hand and run.hand is None:
            by_hand = False
            yield "By hand no longer: the run again."
        yield each


def respond(state: State, line: str) -> Iterator[str]:
    """Yield the lines, of at most 80 characters, that answer a typed line; an empty one is the same as repeat.

    Each comes as soon as it is known. Never raises for what was typed.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in line).split())
    said: list[str] = []
    repeats = not line or find_name(line) in ("repeat", "again")
    state.dialog = None
    if not repeats:
        state.asked_before, state.asked = state.asked, ""
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
