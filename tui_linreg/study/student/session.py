"""A run whose from-scratch model uses a learner's `update`. All else of the model is the program's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import torch
from torch import Tensor

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.progress import Cancelled, Pace, Progress
from tui_linreg.engine.step import Gradients, Step
from tui_linreg.engine.training.session import Session
from tui_linreg.study.student.answer import ALIGNMENT
from tui_linreg.study.student.code import StudentCode, StudentError
from tui_linreg.study.student.student import Student, refuse_options


class StudentModel(SimpleLinearRegression):
    """ŷ = b + w x; one version of a learner's file does phases 4 to 7. Made by `student_model`."""

    student: ClassVar[Student]
    code: ClassVar[StudentCode]
    why_other_numbers = "the file's update has a state of its own: it gave other numbers the second time"

    def update(self, x: Tensor, y_true: Tensor, y_pred: Tensor, lr: float) -> Gradients:
        """Call the learner's `update` on one mini-batch (x, y, ŷ of shape (m,)), then set b and w to its answer.

        Raises:
            ValueError: unless all three have one shape (m,) with m ≥ 1 and the model's dtype.
            StudentError: when the learner's code fails; b and w are then as before.
        """
        if not (x.shape == y_true.shape == y_pred.shape and x.dim() == 1 and x.numel()):
            raise ValueError("needs x, y_true and y_pred of one shape (m,) with m >= 1")
        if not x.dtype == y_true.dtype == y_pred.dtype == self.b.dtype:
            raise ValueError(f"the model holds {self.b.dtype}, the data {x.dtype}")
        vectors = [vector.detach().cpu().contiguous() for vector in (x, y_true, y_pred)]
        (grad_b, grad_w, b, w), dloss_dpred = self.student.update(
            self.code,
            [vector.numpy().data.cast("B") for vector in vectors],
            (lr, self.b.item(), self.w.item()),
            dtype=str(x.dtype).removeprefix("torch."),
            threads=torch.get_num_threads(),
            offsets=[vector.data_ptr() % ALIGNMENT // vector.itemsize for vector in vectors],
        )
        self.b.fill_(b)
        self.w.fill_(w)
        return Gradients(
            torch.frombuffer(dloss_dpred, dtype=x.dtype).to(x.device),
            torch.tensor(grad_b, dtype=x.dtype, device=x.device),
            torch.tensor(grad_w, dtype=x.dtype, device=x.device),
        )


def student_model(student: Student, code: StudentCode | None = None) -> type[StudentModel]:
    """Return the from-scratch model's class for a version of a learner's file; None: the present one."""
    attributes = {"__doc__": StudentModel.__doc__, "student": student, "code": code or student.code}
    return type("StudentModel", (StudentModel,), attributes)


class StudentSession(Session):
    """A session that trains with one version of a learner's file; when it fails, every step before is kept.

    Args:
        config: the options.
        student: whose `update` it is.
        code: the version of the file; None: the present one.

    Raises:
        InputError: as `Session`; also when the config asks for a mistake or another arithmetic.
    """

    def __init__(self, config: RunConfig, student: Student, code: StudentCode | None = None) -> None:
        refuse_options(config)
        self.student = student
        self.code = code or student.code
        self.author = f"{student.name} v{student.version(self.code)}"
        super().__init__(config, scratch_type=student_model(student, self.code))

    def train_to(
        self,
        steps: int,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> int:
        """Train as any session does, but one step at a time, so that every step before a failing one is kept.

        Raises:
            StudentError: what failed, which `failure` holds until more steps are trained; `trained` is then the number
                of the failing step.
        """
        timeline, goal = self.timeline, min(steps, self.schedule.steps)
        pace = Pace(goal, progress)
        while self.trained < goal and not (cancelled is not None and cancelled()):
            if self.timeline is not timeline:  # another thread has restarted the run
                break
            pace.stops(self.trained)
            try:
                super().train_to(self.trained + 1)
            except StudentError as error:
                self.failure = error
                raise
            self.failure = None
        pace.finish(self.trained)
        return self.trained

    def walk(self, start: int = 0, stop: int | None = None) -> Iterator[Step]:
        """Yield steps as any session does, but train one at a time, so that every step before a failing one is kept.

        Raises:
            StudentError: as `train_to`.
        """
        for index in range(start, self.schedule.steps if stop is None else stop):
            self.train_to(index + 1)
            yield self.step(index)
