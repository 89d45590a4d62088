"""Conditions of a task: `m = 1`, `epoch >= 3 and not playing`, read from a small vocabulary and never evaluated.

`ScreenFacts` is what a condition may ask of the app, which fills one in after each key. Another fact is another field
there, and its value in `Feature.facts` or `Mode.facts` of what knows it.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Literal

from tui_linreg.engine.config import DATASETS, DTYPES
from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.phases import PHASES, QUANTITIES, Phase
from tui_linreg.study.student.load import TAKES


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names of what a lesson may ask to be on the screen, which the screen hands in."""

    charts: tuple[int, ...]
    """Numbers of the charts."""
    panels: tuple[str, ...]
    """Names of the instruments."""
    dialogs: tuple[str, ...]
    """Names of what opens over the screen."""


@dataclass(frozen=True, slots=True)
class ScreenFacts:
    """What stands on the screen. Steps, epochs and batches count from 1, as the screen counts them."""

    step: int = 1
    epoch: int = 1
    batch: int = 1
    """Number of the mini-batch in its epoch."""
    m: int = 1
    """Samples in this mini-batch."""
    phase: Phase = Phase.UPDATE
    loss: float = math.nan
    """This batch's loss before its update, of the hand-written model; nan until phase 3 is reached."""
    trained: int = 0
    """Steps trained so far."""
    steps: int = 1
    """Steps of the whole run."""
    diverged: bool = False
    """Whether a number of the trained steps is not finite."""
    differs: bool = False
    """Whether a quantity of this step reached so far has the verdict ≠."""
    identical: bool = False
    """Whether all seven quantities of this step are the same to the last bit."""
    playing: bool = False
    charts: tuple[int, ...] = ()
    """Numbers of the charts in sight."""
    panel: str | None = None
    """Name of the instrument in sight."""
    dialog: str | None = None
    """Name of what is open over the screen."""
    ghosts: int = 0
    """Runs kept beside this one."""
    lr: float = 0.01
    batch_size: int = 1
    """As it holds: never None, at most the train set."""
    epochs: int = 1
    seed: int = 0
    train_size: int = 1
    """Samples in the train set."""
    dtype: str = "float64"
    dataset: str = "make_regression"
    """`RunConfig.source`: make_regression, diabetes, tiny or csv."""
    predicted: int = 0
    """Right predictions since the task began."""
    student: tuple[str, ...] = ()
    """What of the learner's file is written and right over the whole run, of `STUDENT_PARTS`."""
    found: int = 0
    """Mistakes found in the game "find the mistake" since the task began."""
    start: bool = False
    """Whether the run began at a b and w that were given (`--start`, the form, or by hand)."""
    by_hand: bool = False
    """Whether b and w are moved by hand."""
    train_loss: float = math.nan
    """By hand, the loss of all train samples at the present b and w; else nan."""
    chart_cursor: float = math.nan
    """The number of the chart in which the cursor is on, else nan."""
    sample: float = math.nan
    """The sample at which the cursor of a chart stands, numbered as on the screen; else nan."""


Value = float | str | bool
Kind = Literal["number", "flag", "name"]


def plain(text: str) -> str:
    """Return a name without case, and with one space for each run of spaces, hyphens and underscores."""
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()


STUDENT_PARTS = (*TAKES, *(quantity.key for quantity in QUANTITIES))
"""What of a learner's file may be asked for: its parts, and the quantities that they give."""
_NONE = "none"


_PHASES = {plain(name): float(info.phase) for info in PHASES for name in (info.name, info.short)}

_KINDS: dict[str, Kind] = {
    "int": "number", "float": "number", "Phase": "number", "tuple[int, ...]": "number", "tuple[str, ...]": "name",
    "bool": "flag", "str": "name", "str | None": "name",
}  # fmt: skip
_OF_SEVERAL = {"charts": "chart"}
"""Of several values one has to fit; the word is that of one."""
WORDS: dict[str, Kind] = {_OF_SEVERAL.get(fact.name, fact.name): _KINDS[str(fact.type)] for fact in fields(ScreenFacts)}
"""By the word as it is written in a check; `η` is read as `lr`. A flag stands alone, a name knows = and ≠ only."""


def _allowed(word: str, vocabulary: Vocabulary | None) -> tuple[str, ...]:
    """Return the values that a word may be compared with; none: any number, or any name."""
    match word:
        case "phase":
            return tuple(_PHASES)
        case "dtype":
            return DTYPES
        case "student":
            return STUDENT_PARTS
        case "dataset":
            return (*DATASETS, "csv")
        case "chart" if vocabulary is not None:
            return tuple(map(str, vocabulary.charts))
        case "panel" if vocabulary is not None:
            return (*vocabulary.panels, _NONE)
        case "dialog" if vocabulary is not None:
            return (*vocabulary.dialogs, _NONE)
    return ()


def _values(word: str, facts: ScreenFacts) -> tuple[Value, ...]:
    """Return what stands on the screen; a comparison holds when it does for one of these values."""
    if word == "chart":
        return facts.charts
    if word == "student":
        return tuple(map(plain, facts.student))
    value = getattr(facts, word)
    return (_NONE if value is None else plain(value) if isinstance(value, str) else value,)


def phase_number(text: str) -> Phase | None:
    """Return the phase that a name or a number from 1 to 7 stands for, None when it stands for none."""
    number = _PHASES.get(plain(text))
    if number is None and re.fullmatch(r"\s*[1-7]\s*", text):
        number = float(text)
    return None if number is None else Phase(int(number))


_OPERATORS: dict[str, Callable[[Value, Value], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_SPELLINGS = {"==": "=", "≠": "!=", "≤": "<=", "≥": ">="}
_IN_WORDS = {"below": "<", "above": ">", "at least": ">=", "at most": "<="}
_WORD_SIGN = re.compile(rf"\s({'|'.join(_IN_WORDS)})\s", re.IGNORECASE)
_COMPARISON = re.compile(r"(?P<name>[^=<>!≠≤≥]*?)\s*(?P<sign>==|!=|<=|>=|[=<>≠≤≥])\s*(?P<value>[^=<>!≠≤≥]*)")
_RIGHT = re.compile(r"\s*student\s+(?P<part>\w+)\s+right\s*", re.IGNORECASE)
"""`student predict right`: that part of the learner's file is. The same as `student = predict`."""
_NAMES = {"η": "lr", "learning rate": "lr", "instrument": "panel"}
_MOST_PARTS = 20


@dataclass(frozen=True, slots=True)
class Comparison:
    """One part of a condition: a word, a sign, a value."""

    word: str
    sign: str
    value: Value
    negated: bool = False

    def holds(self, facts: ScreenFacts) -> bool:
        """Say whether it holds. With nan nothing does; of several charts or parts, ≠ asks all, the others any."""
        compare = _OPERATORS[self.sign]
        given = [v for v in _values(self.word, facts) if not (isinstance(v, float) and math.isnan(v))]
        any_value = bool(given) or self.word in ("chart", "student")
        holds = any_value and (all if self.sign == "!=" else any)(compare(v, self.value) for v in given)
        return any_value and holds != self.negated


@dataclass(frozen=True, slots=True)
class TaskCondition:
    """A condition on what stands on the screen: one of several groups holds when all its parts do."""

    text: str
    """As the lesson's file has it."""
    groups: tuple[tuple[Comparison, ...], ...]

    def holds(self, facts: ScreenFacts) -> bool:
        """Say whether it holds on this screen."""
        return any(all(part.holds(facts) for part in group) for group in self.groups)


def read_task_condition(text: str, vocabulary: Vocabulary | None = None) -> TaskCondition:
    """Return the condition that `text` stands for: comparisons and flags joined by `and` and `or` (`and` binds first).

    Args:
        text: the condition.
        vocabulary: the names of charts, instruments and dialogs; None: such names are not checked.

    Raises:
        InputError: in one line: the part that is wrong, and what is allowed.
    """
    groups = tuple(
        tuple(_part(part, vocabulary) for part in re.split(r"\s+and\s+", group, flags=re.IGNORECASE))
        for group in re.split(r"\s+or\s+", text.strip(), flags=re.IGNORECASE)
    )
    if sum(map(len, groups)) > _MOST_PARTS:
        raise InputError(f"has more than {_MOST_PARTS} parts")
    return TaskCondition(" ".join(text.split()), groups)


def _part(text: str, vocabulary: Vocabulary | None) -> Comparison:
    bare = re.sub(r"^\s*not\s+", "", text, flags=re.IGNORECASE)
    negated = bare != text
    if (right := _RIGHT.fullmatch(bare)) is not None:
        return Comparison("student", "=", _value("student", right["part"], STUDENT_PARTS), negated)
    signed = _WORD_SIGN.sub(lambda found: f" {_IN_WORDS[found[1].casefold()]} ", bare)
    match = _COMPARISON.fullmatch(signed.strip())
    name = plain(bare if match is None else match["name"])
    name = _NAMES.get(name, name).replace(" ", "_")
    kind = WORDS.get(name)
    if kind is None:
        raise InputError(f"{quoted(text.strip())} begins with no word that is known; allowed are {', '.join(WORDS)}")
    allowed = _allowed(name, vocabulary)
    if match is None:
        if kind != "flag":
            raise InputError(f"{quoted(text.strip())} needs a comparison, such as {name} = {(*allowed, '1')[0]}")
        return Comparison(name, "=", True, negated)
    if kind == "flag":
        raise InputError(f"{quoted(text.strip())}: {name} stands alone, or after not")
    sign = _SPELLINGS.get(match["sign"], match["sign"])
    if kind == "name" and sign not in ("=", "!="):
        raise InputError(f"{quoted(text.strip())}: {name} can only be compared by = and !=")
    return Comparison(name, sign, _value(name, match["value"], allowed), negated)


def _value(name: str, text: str, allowed: tuple[str, ...]) -> Value:
    if name == "phase":
        phase = phase_number(text)
        if phase is not None:
            return int(phase)
    elif WORDS[name] == "name":
        if not allowed or plain(text) in map(plain, allowed):
            return plain(text)
    else:
        # Without this, float() would also read "infinity" and "1_0".
        number = float(text) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text, re.I | re.A) else math.nan
        if math.isfinite(number) and (not allowed or f"{number:g}" in allowed):
            return number
    raise InputError(f"{name} {quoted(text)}: must be {' or '.join(allowed) or 'a number'}")
