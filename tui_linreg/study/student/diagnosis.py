"""Which known wrong formula gives a learner's numbers, of those that predict and the hunt know. Loads torch."""

from __future__ import annotations

from collections.abc import Container, Sequence

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.step import Side, Step
from tui_linreg.study.predict.drafts import telling_row
from tui_linreg.study.predict.known_error_values import Facts, known_errors, value_of
from tui_linreg.study.predict.known_errors import KnownError
from tui_linreg.study.student.local_check import NEEDS, right_side

_VECTORS = frozenset(quantity.key for quantity in QUANTITIES if quantity.vector)
_ROWS = 5
"""So many elements of a vector are looked at, and the farthest from the line."""
_MOST = 3


def diagnose(steps: Sequence[tuple[Step, Facts]], key: str, written: Container[str] = ()) -> tuple[KnownError, ...]:
    """Return the known wrong formulas that give a learner's numbers of a quantity in all these steps, three at most.

    Args:
        steps: at least one, in each of which the quantity is wrong and what it is computed from is right.
        key: of `engine.phases.QUANTITIES`.
        written: the quantities that the learner's file gives. One that is right rules out a mistake that shows in it.
    """
    before = [each for each in _before(key) if each in written]
    found = [error for error in _explaining(*steps[0], key) if not _shows_in(error, before)]
    for step, facts in steps[1:]:
        names = {error.name for error in _explaining(step, facts, key)}
        found = [error for error in found if error.name in names] or found
    return tuple(found[:_MOST])


def _before(key: str) -> list[str]:
    """Return the quantities that one is computed from, directly or not."""
    return [each for need in NEEDS[key] for each in (need, *_before(need))]


def _shows_in(error: KnownError, keys: Sequence[str]) -> bool:
    mistake = MISTAKES.get(error.name)
    return mistake is not None and any(key in mistake.shows_in for key in keys)


def _explaining(step: Step, facts: Facts, key: str) -> list[KnownError]:
    """Return the wrong formulas that give all wrong numbers of one step that are looked at."""
    right = right_side(step)
    rows: list[int | None] = [None]
    if key in _VECTORS:
        m = step.place.m
        rows = [*dict.fromkeys([telling_row(step, right, key), *range(0, m, -(-m // _ROWS))])]
    found: dict[str, KnownError] | None = None
    for row in rows:
        here = _fitting(step, right, key, row, facts)
        if here is not None:
            found = here if found is None else {name: error for name, error in found.items() if name in here}
    return list((found or {}).values())


def _fitting(step: Step, right: Side, key: str, row: int | None, facts: Facts) -> dict[str, KnownError] | None:
    """Return the wrong formulas that give one number; None where it is right."""
    given, true = value_of(step.scratch, key, row), value_of(right, key, row)
    share = 1e-4 if step.x.element_size() == 4 else 1e-9
    if abs(given - true) <= share * abs(true):
        return None
    fitting: dict[str, KnownError] = {}
    for error in known_errors(step, right, key, row, facts):
        if abs(given - error.value) <= share * max(abs(error.value), abs(true)):
            fitting.setdefault(error.name, error)
    return fitting
