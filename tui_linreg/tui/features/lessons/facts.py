"""The screen as a lesson's tasks ask for it: the names that they may use, and what holds now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from tui_linreg.study.lessons.conditions import ScreenFacts, Vocabulary
from tui_linreg.study.lessons.facts import run_facts
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.commands import COMMANDS
from tui_linreg.tui.instruments.records import PANELS
from tui_linreg.tui.run import Run

VOCABULARY = Vocabulary(tuple(CHARTS), tuple(PANELS), tuple(each.id for each in COMMANDS if each.opens_dialog))
"""The charts, instruments and dialogs that a task may ask for, by their names."""


def state_of(
    run: Run,
    known: Iterable[Mapping[str, object]] = (),
    *,
    charts: tuple[int, ...],
    dialog: str | None,
    playing: bool,
    since: tuple[int, int],
    student: tuple[str, ...] = (),
) -> ScreenFacts:
    """Return what stands on the screen.

    Args:
        run: the run and the cursor.
        known: what features and the mode that is on know, by the fields of `ScreenFacts`.
        charts: the charts in sight.
        dialog: what is open over the screen.
        playing: whether it plays.
        since: right predictions, and mistakes found, since the task began.
        student: the parts of a learner's file that are right over the run.
    """
    facts = replace(
        run_facts(run.session, run.step(), run.cursor.phase, since),
        playing=playing,
        charts=charts,
        panel=run.look.instrument,
        dialog=dialog,
        ghosts=len(run.look.kept),
        student=student,
    )
    for more in known:
        facts = replace(facts, **more)  # type: ignore[arg-type]  # their fields, by name
    return facts
