"""The from-scratch model whose `update` is a learner's: all else of it is the program's own."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tui_linreg.engine.models.scratch import Gradients, SimpleLinearRegression
from tui_linreg.study.student.channel import Question
from tui_linreg.study.student.code import StudentCode
from tui_linreg.study.student.student import Student

_CACHE_LINE = 64


class StudentModel(SimpleLinearRegression):
    """ŷ = b + w x; phases 4 to 7 are done by one version of a learner's file. Made by `Student.scratch_type`."""

    student: ClassVar[Student]
    code: ClassVar[StudentCode]

    def update(self, x: Tensor, y_true: Tensor, y_pred: Tensor, lr: float) -> Gradients:
        """Ask the learner's `update` about one mini-batch (x, y, ŷ of shape (m,)), then set b and w as it answered.

        Raises:
            ValueError: unless all three have one shape (m,) with m ≥ 1 and the model's dtype.
            StudentError: when the learner's code fails; b and w are then as before.
        """
        if not (x.shape == y_true.shape == y_pred.shape and x.dim() == 1 and x.numel()):
            raise ValueError("needs x, y_true and y_pred of one shape (m,) with m >= 1")
        if not x.dtype == y_true.dtype == y_pred.dtype == self.b.dtype:
            raise ValueError(f"the model holds {self.b.dtype}, the data {x.dtype}")
        host = [vector.detach().cpu().contiguous() for vector in (x, y_true, y_pred)]
        offsets = [vector.data_ptr() % _CACHE_LINE for vector in host]
        question = Question(
            vectors=[vector.numpy().data.cast("B") for vector in host],
            offsets=(offsets[0], offsets[1], offsets[2]),
            count=len(x),
            single=x.dtype == torch.float32,
            threads=torch.get_num_threads(),
            lr=lr,
            b=self.b.item(),
            w=self.w.item(),
        )
        (grad_b, grad_w, b, w), data = self.student.ask(self.code, question)
        self.b.fill_(b)
        self.w.fill_(w)
        return Gradients(
            torch.frombuffer(data, dtype=x.dtype).to(x.device),
            torch.tensor(grad_b, dtype=x.dtype, device=x.device),
            torch.tensor(grad_w, dtype=x.dtype, device=x.device),
        )


def model_of(student: Student, code: StudentCode) -> type[StudentModel]:
    """Return the class for one version of a learner's file."""
    return type("StudentModel", (StudentModel,), {"__doc__": StudentModel.__doc__, "student": student, "code": code})
