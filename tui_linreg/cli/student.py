"""`student`: writes the file that a learner begins with, or checks one. Importable without torch and textual."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui_linreg.cli.launch import opened_session, progress_bar
from tui_linreg.cli.plain import check_sentences, say
from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.progress import Pace
from tui_linreg.explain import PROGRAM
from tui_linreg.plain_text import visible

if TYPE_CHECKING:
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.engine.step import Step, Verdict
    from tui_linreg.engine.training.session import Session

DIFFERS = 3
"""The exit status of a file that runs and is not right."""
_MOST_STEPS = 256
"""Steps that are checked, at least an epoch."""


def new(path: str) -> None:
    """Write the skeleton to a new file and say what to do next.

    Raises:
        InputError: when the name does not end in .py, there is such a file already, or it cannot be written.
    """
    from tui_linreg.study.student.code import write_skeleton

    if not path.endswith(".py"):
        raise InputError(f"--new {quoted(path)}: must be a name that ends in .py")
    write_skeleton(path)
    print(f"written; next: {PROGRAM} --student {visible(shlex.quote(path))}, then fill it in and save: the app follows")


def check(path: str, config: RunConfig, *, plain: bool = False) -> int:
    """Run a file, print how each quantity was judged, in sentences if `plain`, and return the exit status.

    Raises:
        InputError: when the run is impossible, or the file cannot be used.
    """
    from tui_linreg.engine.step import Verdict

    with opened_session(config, path, plain=plain) as session:
        goal = min(session.schedule.steps, max(_MOST_STEPS, session.schedule.batches))
        found = {quantity.key: Counter[Verdict]() for quantity in QUANTITIES}
        first: dict[str, Step] = {}
        with progress_bar("checking", goal, plain=plain) as progress:
            pace = Pace(goal, progress)
            for step in session.walk(0, goal):
                pace.stops(step.place.step)
                for key, counter in found.items():
                    verdict = step.comparisons[key].verdict
                    counter[verdict] += 1
                    if verdict is Verdict.DIFFERS:
                        first.setdefault(key, step)
            pace.finish(goal)
        session.step(0)  # asked again, it must give the same numbers
    if plain:
        say(check_sentences(session.trained, found, first))
        return DIFFERS if first else 0
    for line in _table(session, found, first):
        print(line)
    return DIFFERS if first else 0


def _table(session: Session, found: dict[str, Counter[Verdict]], first: dict[str, Step]) -> Iterator[str]:
    from tui_linreg.engine.step import ALL_TOGETHER, Verdict

    count = f"{session.trained} step{'s' * (session.trained != 1)}"
    heads = "".join(f"{f'{verdict.sign} {verdict.word}':<14}" for verdict in Verdict)
    yield f"{f'verdicts on {count}':<26}{heads}".rstrip()
    for quantity in QUANTITIES:
        counts = "".join(f"{found[quantity.key][verdict]:<14}" for verdict in Verdict)
        at = first.get(quantity.key)
        where = "" if at is None else f"first {Verdict.DIFFERS.sign} in step {at.place.step + 1}"
        yield f"  {quantity.formula:<24}{counts}{where}".rstrip()
    if not first:
        yield f"right: every number of {count} agrees with torch's autograd, but for rounding"
        return
    step = min(step.place.step for step in first.values())
    wrong = next(
        quantity for quantity in QUANTITIES if quantity.key in first and first[quantity.key].place.step == step
    )
    yield f"not right: in step {step + 1} the first to differ is {wrong.symbol}, of phase {wrong.phase:d}"
    if first[wrong.key].comparisons[wrong.key].together:
        yield f"{wrong.symbol} is off by a little in every step: {ALL_TOGETHER}"
