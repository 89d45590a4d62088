"""Questions about the next phase: posed, answered, hinted at and shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.phases import QUANTITIES, Phase, info
from tui_linreg.engine.step import Verdict
from tui_linreg.line.facts import FORMULAS, NAMES
from tui_linreg.line.run import Spot
from tui_linreg.line.state import Asking, State
from tui_linreg.line.words import number, sentence, spoken
from tui_linreg.study.predict.answer import Result

if TYPE_CHECKING:
    from tui_linreg.study.predict.questions import Given
    from tui_linreg.study.progress import Progress

GIVEN = {
    "y_pred": ("b_before", "w_before"), "loss": ("y_pred",), "dloss_dpred": ("y_pred",), "grad_b": ("dloss_dpred",),
    "grad_w": ("dloss_dpred",), "b": ("b_before", "grad_b"), "w": ("w_before", "grad_w"),
}  # fmt: skip
"""What the question after a quantity tells."""
_ASK = "Your answer?"
_ON = "Hint, again or show?"
_SUM = re.compile(r"^Σ (?P<terms>.*) of samples (?P<first>[0-9]+) to (?P<last>[0-9]+)$")
_TERMS = {"(ŷ − y)²": "the squares", "∂L/∂ŷ": "error signal", "∂L/∂ŷ · x": "error signal times x"}
_SAMPLE = re.compile("[₀₁₂₃₄₅₆₇₈₉]+$")
_SAID = (
    (r"\bminus\b", "-"), (r"\bplus\b", "+"), (r"\btimes\b", "*"), (r"\bover\b|\bdivided by\b", "/"),
    (r"\bsquared\b", "^2"), (r"\bpoint\b", "."),
)  # fmt: skip
"""What a person dictates, and how it is written."""


def typed(text: str) -> str:
    """Return an answer as it is written: "minus 9" is -9, "2 over 33" 2/33."""
    for words, sign in _SAID:
        text = re.sub(words, sign, text, flags=re.IGNORECASE)
    return re.sub(r"(?<=[0-9])\s*\.\s*(?=[0-9])", ".", text)


def is_answer(text: str) -> bool:
    """Say whether a line is an answer, not a command: it begins with a digit, a sign or a parenthesis."""
    return re.match(r"[-+−(.0-9]", typed(text).lstrip()) is not None


def why_not(state: State, keys: Iterable[str]) -> str:
    """Return why these quantities are not asked for; empty where they may be."""
    if state.level is not None:
        return "Hidden at this level: decide first, guess and the number of an answer."
    hidden = [name for key in keys for name in GIVEN[key] if name in state.blanks]
    if hidden:
        name = NAMES.get(hidden[0], f"{hidden[0][0]} before the update")
        return f"The question would tell what is hidden, {name.lower()}: guess or answer that first."
    return ""


def ask(state: State, spot: Spot, key: str | None = None) -> Asking | None:
    """Return the questions about a phase, or about one quantity of it; None where nothing can be asked.

    Raises:
        InputError: when the step cannot be reached.
    """
    from tui_linreg.study.predict.known_error_values import facts_of
    from tui_linreg.study.predict.questions import questions

    run = state.run
    step = run.step if spot.step == run.at.step else run.reach(spot.step)
    # Then torch's numbers are asked for: whatever is hidden, or a learner's own update got wrong.
    wrong = state.secret or (run.session.author is not None and step.verdict is Verdict.DIFFERS)
    asked = questions(step, spot.phase, facts_of(run.session, spot.step, mistaken=wrong or None))
    asked = tuple(question for question in asked if key is None or question.key == key)
    return Asking(run, spot.phase, asked, spot.step) if asked else None


def pose(asking: Asking, *, again: bool = False) -> Iterator[str]:
    """Yield the question at hand: the phase and its formula first, then the numbers to answer it with."""
    question, phase = asking.question, asking.phase
    start = asking.run.session.schedule.place(asking.step).start
    if asking.number == 0 or again:
        yield f"Phase {phase:d}, {info(phase).name}. {FORMULAS[phase]}"
    if question.row is not None:
        yield f"The question: {NAMES[question.key].lower()} of row {question.row + 1}."
    elif len(asking.questions) > 1 or phase is Phase.UPDATE:
        yield f"The question: {NAMES[question.key].lower()}."
    yield from _given(question.given, start)
    yield _ASK


def _given(given: Iterable[Given], start: int) -> Iterator[str]:
    """Yield the numbers to compute with, those of a row together."""

    def row(item: tuple[int, Given]) -> str:
        found = _SAMPLE.search(item[1].name)
        return found[0] if found else f"alone {item[0]}"

    for _, group in groupby(enumerate(given), key=row):
        items = [item for _, item in group]
        name = items[0].name
        if found := _SUM.match(name):
            first, last = (int(found[part]) - start + 1 for part in ("first", "last"))
            yield f"Sum of {_TERMS[found['terms']]} over rows {first} to {last}: {spoken(items[0].text)}."
        elif _SAMPLE.search(name):
            *_, number_ = spoken(name, first_row=start).split(" ")
            texts = [f"{spoken(_symbol(item.name))} is {spoken(item.text)}" for item in items]
            yield f"Row {number_}: {', '.join(texts)}."
        else:
            yield f"{_capital(spoken(_symbol(name)))}: {spoken(items[0].text)}."


def _symbol(name: str) -> str:
    bare = _SAMPLE.sub("", name)
    return "target" if bare == "y" else bare


def _capital(text: str) -> str:
    return text if len(text) == 1 else f"{text[0].upper()}{text[1:]}"


def answer(state: State, text: str) -> Iterator[str]:
    """Yield how an answer to the question at hand is judged, and go on when it is right."""
    asking = state.asking
    assert asking is not None
    question = asking.question
    try:
        judgement = question.judge(typed(text))
    except InputError as error:
        yield sentence(spoken(str(error)))
        return
    start = asking.run.session.schedule.place(asking.step).start
    if judgement.result is Result.TOO_FEW_DIGITS:
        yield spoken(judgement.text)
        return
    asking.right.setdefault(question.key, judgement.result is Result.RIGHT)
    if judgement.result is Result.RIGHT:
        yield f"Right. {_result(state, asking)}"
        yield from _next_question(state, asking)
    elif judgement.result is Result.CLOSE:
        yield f"{spoken(judgement.text)} {_ON}"
    elif judgement.errors:
        title = spoken(judgement.errors[0].title, first_row=start)
        others = [spoken(error.title, first_row=start) for error in judgement.errors[1:]]
        yield f"Not right. It looks as if: {title}{''.join(f', or {other}' for other in others)}. {_ON}"
    else:
        yield f"Not right, and no mistake that is known here gives this number. {_ON}"


def _result(state: State, asking: Asking) -> str:
    question = asking.question
    what = NAMES[question.key] if question.row is None else f"Row {question.row + 1}"
    return f"{what} is {number(question.true, state.digits, asking.run.single)}."


def hint(asking: Asking) -> Iterator[str]:
    """Yield the next hint of the question at hand."""
    question = asking.question
    if asking.hints == len(question.hints):
        yield "These were all hints. Again or show?"
        return
    asking.hints += 1
    start = asking.run.session.schedule.place(asking.step).start
    yield f"Hint {asking.hints} of {len(question.hints)}: {_said(question.hints[asking.hints - 1], start)}"
    yield _ASK


def _said(text: str, start: int) -> str:
    return sentence(spoken(text, first_row=start))


def show(state: State, asking: Asking) -> Iterator[str]:
    """Yield the answer to the question at hand; that counts as not right."""
    asking.right.setdefault(asking.question.key, False)
    yield f"{_result(state, asking)} It counts as not right."
    yield from _next_question(state, asking)


def _next_question(state: State, asking: Asking) -> Iterator[str]:
    asking.hints = 0
    if asking.number + 1 < len(asking.questions):
        asking.number += 1
        yield from pose(asking)
        return
    state.asking = None
    yield from _count(state, asking)
    if asking.run is not state.run:
        return
    if state.course is not None and state.run.owner == "lesson":
        state.course.uncovered |= {(question.key, asking.step) for question in asking.questions}
    spot = Spot(asking.step, asking.phase)
    if spot > state.run.at:
        state.run.go(spot)
    asked = {question.key for question in asking.questions}
    told = state.told
    for quantity in QUANTITIES:
        if quantity.key in asked and quantity.phase <= state.run.at.phase:
            yield from told.verdict(quantity)


def _count(state: State, asking: Asking) -> Iterator[str]:
    right = dict(asking.right)

    def count(progress: Progress) -> Progress:
        for key, each in right.items():
            progress = progress.predicted(each, key)
        return progress

    note = state.keeper.change(count)
    if note and note != state.note:
        state.note = note
        yield f"{spoken(note)}."
