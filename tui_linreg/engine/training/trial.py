"""One step tried at a b and w of one's choosing, beside the run: nothing is trained or recorded by it."""

from __future__ import annotations

from dataclasses import replace

from tui_linreg.engine.step import Step
from tui_linreg.engine.training.session import Session


def trial_step(session: Session, b: float, w: float, step: int, *, whole: bool = False) -> Step:
    """Return what both models compute from b and w at a step, with its verdicts.

    It is the first step of a run over these samples alone, so that the functions that train compute it.

    Args:
        session: a run with the program's own models.
        b: the bias, rounded to the run's dtype.
        w: the weight, likewise.
        step: the number of the step (from 0), trained or not: its mini-batch and its learning rate.
        whole: take all train samples for the mini-batch.

    Raises:
        InputError: when no run can start there.
    """
    place, data = session.schedule.place(step), session.dataset
    if whole:
        place = place._replace(start=0, stop=data.n_train)
    rows = slice(place.start, place.stop)
    alone = replace(data, x_train=data.x_train[rows], y_train=data.y_train[rows], x_valid=data.x_valid[:1],
                    y_valid=data.y_valid[:1])  # fmt: skip
    lr = session.config.rates.at(step)
    config = replace(session.config, start=(b, w), lr=lr, batch_size=place.m, epochs=1)
    run = Session(config, scratch_type=session.scratch_type, dataset=alone)
    run.train_to(1)
    return replace(run.step(0), place=place)
