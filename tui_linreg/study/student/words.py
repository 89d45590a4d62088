"""What is said of a learner's file over a run, on the screen and on the command line. Importable without torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tui_linreg.engine.errors import printable
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.step import ALL_TOGETHER
from tui_linreg.study.predict.answer import titles
from tui_linreg.study.student.output import PrintedLine

if TYPE_CHECKING:
    from tui_linreg.study.student.judged import Fault, RunJudgement

SYMBOLS = {quantity.key: quantity.symbol for quantity in QUANTITIES} | {"fit": "fit"}
LONGEST_LINE = 400
"""Characters of a printed line that are shown."""


def steps_text(judgement: RunJudgement) -> str:
    """Return how many steps were judged: "all 64 steps", or "the first 100 of 2000 steps"."""
    if judgement.steps < judgement.goal:
        return f"the first {judgement.steps} of {judgement.goal} steps"
    return f"all {judgement.goal} steps" if judgement.goal > 1 else "the one step"


def absent_text(judgement: RunJudgement) -> str:
    """Return what is not there and why, "not written yet: ŷ, L; not returned: ∂L/∂b"; empty where nothing is."""
    by_reason: dict[str, list[str]] = {}
    for key, why in judgement.absent.items():
        by_reason.setdefault(printable(why), []).append(SYMBOLS[key])
    return "; ".join(f"{why}: {', '.join(symbols)}" for why, symbols in by_reason.items())


def right_text(judgement: RunJudgement) -> str:
    """Return what is right over the steps judged; empty where nothing written is."""
    wrong = {fault.key for fault in judgement.faults}
    symbols = [SYMBOLS[key] for key in judgement.written if key not in wrong]
    if judgement.fit is not None and judgement.fit.right:
        symbols.append("fit")
    if not symbols or not judgement.steps:
        return ""
    whole = judgement.right and not judgement.absent
    return f"right over {steps_text(judgement)}{'' if whole else ': ' + ', '.join(symbols)}"


def fault_text(fault: Fault) -> str:
    """Return what is wrong with a formula, in a line."""
    if fault.together and fault.step is not None:
        return (
            f"{SYMBOLS[fault.key]} is off by a little in every step, seen from step {fault.step + 1} on: {ALL_TOGETHER}"
        )
    text = f"{SYMBOLS[fault.key]} is wrong {fault.where}"
    return f"{text}: {titles(fault.errors)}" if fault.errors else text


def first_fault(faults: Sequence[Fault]) -> Fault:
    """Return the one of the earliest step, and in it of the earliest phase."""
    return min(faults, key=lambda fault: float("inf") if fault.step is None else fault.step)


def hints(fault: Fault) -> str:
    """Return where to look, for the known wrong formulas of a fault."""
    return " ".join(dict.fromkeys(error.hint for error in fault.errors))


def wrong_text(judgement: RunJudgement) -> str:
    """Return what is wrong first, in a line; empty where nothing is."""
    if judgement.faults:
        return fault_text(first_fault(judgement.faults))
    if judgement.failure is not None:
        return f"step {judgement.steps + 1}: {judgement.failure}"
    if judgement.fit is not None and judgement.fit.wrong:
        return f"fit: {judgement.fit.what}"
    return ""


def printed_lines(lines: Sequence[PrintedLine], most: int) -> Iterator[tuple[str, str]]:
    """Yield (where, text) of what a file printed, safe to show: each place is named once; at most so many lines."""
    before = ""
    for line in lines[:most]:
        where = "" if line.where == before else line.where
        before = line.where
        yield where, printable(line.text.expandtabs(4), LONGEST_LINE)
    if len(lines) > most:
        yield "", f"… {len(lines) - most} more lines"
