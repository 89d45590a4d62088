"""Known slips in a learner's `fit`: which wrong loop gives the losses that its log prints. Loads torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from tui_linreg.study.student.session import StudentSession


class Slip(NamedTuple):
    """A loss that a wrong loop prints."""

    value: float
    why: str


def of_train(session: StudentSession, epoch: int) -> Iterator[Slip]:
    """Yield what MSE is with a slip, in an epoch (from 0) that has been trained."""
    schedule, data = session.schedule, session.dataset
    start, stop = epoch * schedule.batches, (epoch + 1) * schedule.batches
    losses = session.timeline.losses(1, start, stop)
    lengths = np.array([schedule.place(step).m for step in range(start, stop)])
    total = float(losses.sum())
    if epoch == 0 and lengths[-1] < lengths[0]:
        yield Slip(float(losses[:-1].mean()), "the short mini-batch at the end is left out")
    yield Slip(float((losses * lengths).sum() / lengths.sum()),
               "MSE is the mean over the samples; the log's is the mean of the mini-batches' losses")  # fmt: skip
    yield Slip(total, "MSE is the sum of the mini-batches' losses, not their mean")
    yield Slip(total / schedule.n_train, "the losses are divided by the number of samples, not of mini-batches")
    yield Slip(float(losses[-1]), "MSE is the loss of the last mini-batch alone")
    yield Slip(_loss(session, stop, data.x_train, data.y_train),
               "MSE is taken after the epoch; take each mini-batch's loss before its update")  # fmt: skip


def of_validation(session: StudentSession, epoch: int) -> Iterator[Slip]:
    """Yield what MSE_v is with a slip, in an epoch (from 0) that has been trained."""
    data, batches = session.dataset, session.schedule.batches
    yield Slip(_loss(session, epoch * batches, data.x_valid, data.y_valid), "MSE_v is taken before the epoch's updates")
    yield Slip(_loss(session, (epoch + 1) * batches, data.x_train, data.y_train), "MSE_v is taken on the train set")


def _loss(session: StudentSession, step: int, x: Tensor, y: Tensor) -> float:
    """Return torch's loss of x and y, shape (n,), before a step."""
    b, w = session.timeline.states(step)[1]
    return float(((b + w * x - y) ** 2).mean())
