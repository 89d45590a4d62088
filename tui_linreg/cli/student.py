"""`student`: writes the file that a learner begins with, or checks one. Importable without torch and textual."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui_linreg.cli.launch import opened_student, progress_bar
from tui_linreg.cli.plain import check_sentences, say
from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.step import Verdict
from tui_linreg.explain import PROGRAM
from tui_linreg.plain_text import visible
from tui_linreg.study.student.output import PrintedLine
from tui_linreg.study.student.reasons import GIVEN, NOT_WRITTEN

if TYPE_CHECKING:
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.study.student.judged import RunJudgement

DIFFERS = 3
"""The exit status of a file that runs and is not right."""
_MOST_PRINTED = 40
"""Lines shown of what the file printed."""


def new(path: str, notebook: str | None = None) -> None:
    """Write a new file and say what to do next: the skeleton, or the class of a notebook.

    Raises:
        InputError: when the name does not end in .py, there is such a file already, it cannot be written, or the
            notebook has no such class.
    """
    from tui_linreg.study.student.skeleton import SKELETON, write_new

    if not path.endswith(".py"):
        raise InputError(f"--new {quoted(path)}: must be a name that ends in .py")
    then = "then fill it in and save: the app follows"
    text = SKELETON
    if notebook is not None:
        from tui_linreg.study.student.notebook import class_of

        text, then = class_of(notebook), f"or {PROGRAM} student --check {visible(shlex.quote(path))}"
    write_new(path, text)
    print(f"written; next: {PROGRAM} --student {visible(shlex.quote(path))}, {then}")


def check(path: str, config: RunConfig, *, plain: bool = False) -> int:
    """Run a file over the whole run, print how each quantity was judged, and return the exit status.

    In sentences if `plain`.

    Raises:
        InputError: when the run is impossible, or the file cannot be used.
    """
    with opened_student(config, path) as session:
        from tui_linreg.study.student.judged import judge_run

        with progress_bar("checking", session.schedule.steps, plain=plain) as progress:
            judgement = judge_run(session, progress=progress)
        if judgement.failure is not None:
            _print_printed(session.printed.lines())
            raise judgement.failure
        session.step(0)  # asked again, it must give the same numbers
    if plain:
        say(check_sentences(judgement))
    else:
        print("\n".join(_table(judgement)))
    _print_printed(session.printed.lines())
    return 0 if judgement.right and NOT_WRITTEN not in judgement.absent.values() else DIFFERS


def _print_printed(lines: list[PrintedLine]) -> None:
    from tui_linreg.study.student.words import printed_lines

    if lines:
        print("printed by the file:")
    for where, text in printed_lines(lines, _MOST_PRINTED):
        print(f"  {where:<18}{visible(text)}".rstrip())


def _table(judgement: RunJudgement) -> Iterator[str]:
    from tui_linreg.study.student import words

    count = f"{judgement.steps} step{'s' * (judgement.steps != 1)}"
    heads = "".join(f"{f'{verdict.sign} {verdict.word}':<14}" for verdict in Verdict)
    yield f"{f'verdicts on {count}':<26}{heads}".rstrip()
    for quantity in QUANTITIES:
        key = quantity.key
        if key in judgement.absent or key in judgement.given:
            yield f"  {quantity.formula:<24}{judgement.absent.get(key, GIVEN)}"
            continue
        counts = "".join(f"{judgement.counts[key].get(verdict, 0):<14}" for verdict in Verdict)
        at = judgement.first.get(key)
        where = "" if at is None else f"first {Verdict.DIFFERS.sign} in step {at + 1}"
        yield f"  {quantity.formula:<24}{counts}{where}".rstrip()
    if (fit := judgement.fit) is not None:
        yield f"  {'fit':<24}{f'its {fit.lines} lines are those of torch' if fit.right else fit.what}"
    for fault in judgement.faults:
        yield f"not right: {words.fault_text(fault)}"
        if hint := words.hints(fault):
            yield f"  {hint}"
    if judgement.fit is not None and judgement.fit.wrong:
        yield f"not right: fit: {judgement.fit.what}"
    if absent := words.absent_text(judgement):
        yield absent
    if judgement.right and not absent:
        yield f"right: every number of {count} agrees with torch's autograd, but for rounding"
    elif right := words.right_text(judgement):
        yield right
