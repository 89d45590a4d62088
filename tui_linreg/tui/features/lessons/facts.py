"""The screen as a lesson's tasks ask for it: the names that they may use, and what holds now."""

from __future__ import annotations

import math

from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.step import Verdict
from tui_linreg.study.lessons.conditions import ScreenFacts, Vocabulary
from tui_linreg.study.progress import Progress
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.commands import COMMANDS
from tui_linreg.tui.instruments.records import PANELS
from tui_linreg.tui.run import Run

VOCABULARY = Vocabulary(tuple(CHARTS), tuple(PANELS), tuple(each.id for each in COMMANDS if each.opens_dialog))
"""The charts, instruments and dialogs that a task may ask for, by their names."""


def counts(progress: Progress) -> tuple[int, int]:
    """Return how many right predictions and mistakes found there are in all."""
    return sum(count.right for count in progress.predictions.values()), sum(progress.found.values())


def state_of(
    run: Run,
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
        charts: the charts in sight.
        dialog: what is open over the screen.
        playing: whether it plays.
        since: right predictions, and mistakes found, since the task began.
        student: the parts of a learner's file that are right over the run.
    """
    session, step, phase = run.session, run.step(), run.cursor.phase
    place, schedule, config = step.place, session.schedule, session.config
    verdicts = [step.comparisons[q.key].verdict for q in QUANTITIES]
    reached = [verdict for q, verdict in zip(QUANTITIES, verdicts, strict=True) if q.phase <= phase]
    return ScreenFacts(
        step=place.step + 1,
        epoch=place.epoch + 1,
        batch=place.batch + 1,
        m=place.m,
        phase=phase,
        loss=step.scratch.loss if phase >= Phase.LOSS else math.nan,
        trained=session.trained,
        steps=schedule.steps,
        diverged=session.timeline.first_overflow is not None,
        differs=Verdict.DIFFERS in reached,
        identical=all(verdict is Verdict.IDENTICAL for verdict in verdicts),
        playing=playing,
        charts=charts,
        panel=run.look.instrument,
        dialog=dialog,
        ghosts=len(run.look.kept),
        lr=config.lr,
        batch_size=schedule.batch_size,
        epochs=schedule.epochs,
        seed=config.seed,
        train_size=schedule.n_train,
        dtype=config.dtype,
        dataset=config.source,
        predicted=since[0],
        found=since[1],
        student=student,
    )
