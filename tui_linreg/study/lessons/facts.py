"""What holds in a run, as a lesson's tasks ask for it. Importing this loads no torch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.step import Step, Verdict
from tui_linreg.study.lessons.conditions import ScreenFacts
from tui_linreg.study.progress import Progress

if TYPE_CHECKING:
    from tui_linreg.engine.training.session import Session


def counts(progress: Progress) -> tuple[int, int]:
    """Return how many right predictions and mistakes found there are in all."""
    return sum(count.right for count in progress.predictions.values()), sum(progress.found.values())


def run_facts(session: Session, step: Step, phase: Phase, since: tuple[int, int]) -> ScreenFacts:
    """Return what holds in a run at a phase of a step; what else is on the screen is left empty.

    Args:
        session: the run.
        step: where the learner stands.
        phase: the phase of it that was reached.
        since: right predictions, and mistakes found, since the task began.
    """
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
        lr=step.lr,
        batch_size=schedule.batch_size,
        epochs=schedule.epochs,
        seed=config.seed,
        train_size=schedule.n_train,
        dtype=config.dtype,
        dataset=config.source,
        predicted=since[0],
        found=since[1],
        start=config.start is not None,
    )
