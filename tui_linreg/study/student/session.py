"""A run whose from-scratch model is a learner's, as far as it is written. All else is the program's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.data.dataset import Dataset
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.progress import Cancelled, Pace, Progress
from tui_linreg.engine.step import Gradients, Step
from tui_linreg.engine.training.session import Session
from tui_linreg.study.student.answer import GIVES, KEYS, LOSS, NUMBERS
from tui_linreg.study.student.code import StudentCode, StudentError
from tui_linreg.study.student.output import FILE, Printed
from tui_linreg.study.student.reasons import NOT_WRITTEN
from tui_linreg.study.student.student import Student, refuse_options
from tui_linreg.study.student.worker import Reply

if TYPE_CHECKING:
    from tui_linreg.study.student.judged import RunJudgement

ALIGNMENT = 64
"""Bytes. torch begins a tensor's memory at a multiple of them; a mini-batch begins anywhere within the train set's."""


class StudentModel(SimpleLinearRegression):
    """ŷ = b + w x; one version of a learner's file does what it holds. Made by `student_model`.

    In the place of what is not written yet the program's own formula is computed, so that what comes after it can be
    judged; `absent` says of which quantities, and these numbers are shown nowhere.
    """

    student: ClassVar[Student]
    code: ClassVar[StudentCode]
    holds: ClassVar[frozenset[str]]
    """The parts that are the file's."""
    why_other_numbers = "the file's update has a state of its own: it gave other numbers the second time"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.absent: dict[str, str] = {}
        """Why a quantity is not the file's, by its key."""
        self.printed: list[tuple[str, str]] = []
        """(part, text) of each call that printed something."""

    def predict(self, x: Tensor) -> Tensor:
        """Return ŷ, shape (m,), for x of shape (m,).

        Raises:
            StudentError: when the learner's code fails.
        """
        if "predict" not in self.holds:
            return super().predict(x)
        reply = self._ask("predict", (x,), len(x) * x.element_size())
        if reply.absent:
            return super().predict(x)
        return torch.frombuffer(bytearray(reply.result), dtype=x.dtype).to(x.device)

    def squared_loss(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return L as a scalar tensor; raises as `predict`."""
        if "mse_loss" not in self.holds:
            return super().squared_loss(y_true, y_pred)
        reply = self._ask("mse_loss", (y_true, y_pred), LOSS.size)
        if reply.absent:
            return super().squared_loss(y_true, y_pred)
        return y_pred.new_tensor(LOSS.unpack(reply.result)[0])

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
        if "update" not in self.holds:
            return super().update(x, y_true, y_pred, lr)
        reply = self._ask("update", (x, y_true, y_pred), NUMBERS.size + len(x) * x.element_size(), lr)
        if reply.absent.keys() >= set(KEYS):
            return super().update(x, y_true, y_pred, lr)
        data, absent = bytearray(reply.result), reply.absent.keys()
        grad_b, grad_w, *after = (x.new_tensor(number) for number in NUMBERS.unpack_from(data))
        signal = torch.frombuffer(data, dtype=x.dtype, offset=NUMBERS.size).to(x.device)
        if "dloss_dpred" in absent:
            signal = self.error_signal(y_true, y_pred)
        if "grad_b" in absent:
            grad_b = self.bias_gradient(signal)
        if "grad_w" in absent:
            grad_w = self.weight_gradient(signal, x)
        self.descend(grad_b, grad_w, lr)
        for key, parameter, value in zip(KEYS[3:], (self.b, self.w), after, strict=True):
            if key not in absent:
                parameter.fill_(value)
        return Gradients(signal, grad_b, grad_w)

    def _ask(self, part: str, vectors: tuple[Tensor, ...], length: int, lr: float = 0.0, **options: int) -> Reply:
        host = [vector.detach().cpu().contiguous() for vector in vectors]
        try:
            reply = self.student.call(
                self.code,
                part,
                [vector.numpy().data.cast("B") for vector in host],
                (lr, self.b.item(), self.w.item()),
                length,
                dtype=str(vectors[0].dtype).removeprefix("torch."),
                threads=torch.get_num_threads(),
                offsets=[vector.data_ptr() % ALIGNMENT // vector.itemsize for vector in host],
                **options,
            )
        except StudentError as error:
            if error.printed:
                self.printed.append((part, error.printed))
            raise
        if reply.printed:
            self.printed.append((part, reply.printed))
        self.absent |= {key: why for key, why in reply.absent.items() if key in GIVES[part]}
        return reply

    def fit_log(self, *data: Tensor, epochs: int, lr: float, batch_size: int) -> str | None:
        """Return what the learner's `fit` prints, begun at the present b and w; None where it is not written.

        Args:
            data: x, y, x_valid and y_valid.
            epochs: of the run.
            lr: the learning rate.
            batch_size: samples in a mini-batch.

        Raises:
            StudentError: when the learner's code fails.
        """
        if "fit" not in self.holds:
            return None
        reply = self._ask("fit", data, 0, lr, epochs=epochs, batch_size=batch_size)
        return None if reply.absent else reply.printed


def student_model(student: Student, code: StudentCode | None = None) -> type[StudentModel]:
    """Return the from-scratch model's class for a version of a learner's file; None: the present one.

    Raises:
        StudentError: when the file cannot be used.
    """
    code = code or student.code
    attributes = {
        "__doc__": StudentModel.__doc__,
        "student": student,
        "code": code,
        "holds": frozenset(student.held(code).parts),
    }
    return type("StudentModel", (StudentModel,), attributes)


class StudentSession(Session):
    """A session that trains with one version of a learner's file; when it fails, every step before is kept.

    Args:
        config: the options.
        student: whose file it is.
        code: the version of the file; None: the present one.
        dataset: the data, where they are loaded already.
        printed: takes what the file prints; None: a new one.

    Raises:
        InputError: as `Session`; also when the config asks for a mistake or another arithmetic.
    """

    def __init__(
        self,
        config: RunConfig,
        student: Student,
        code: StudentCode | None = None,
        *,
        dataset: Dataset | None = None,
        printed: Printed | None = None,
    ) -> None:
        refuse_options(config)
        self.student = student
        self.code = code or student.code
        held = student.held(self.code)
        self.author = f"{student.name} v{student.version(self.code)}"
        self.printed = printed or Printed()
        """What the file printed, of the steps trained so far."""
        self.printed.put(FILE, [("", held.printed)])
        self._type = student_model(student, self.code)
        self.lacks = {
            key: NOT_WRITTEN for part, keys in GIVES.items() for key in keys if part not in held.parts
            if part != "fit" and (held.of_class or part == "update")
        }  # fmt: skip
        self.judgement: RunJudgement | None = None
        """How the file stands over the whole run, where it has been judged."""
        super().__init__(config, scratch_type=self._type, dataset=dataset)

    @property
    def model(self) -> StudentModel:
        """The learner's model, with the newest b and w."""
        model = self._run.models.scratch
        assert isinstance(model, StudentModel)
        return model

    def new_model(self) -> StudentModel:
        """Return another one, with any b and w."""
        return self._type(device=self.device, dtype=self.dtype, generator=torch.Generator())

    @property
    def absent(self) -> Mapping[str, str]:  # type: ignore[override]
        """Why a quantity is not the file's own, by its key, in the order of the phases; "fit" is another key."""
        found = self.lacks | self.model.absent
        return {key: found[key] for key in (*(quantity.key for quantity in QUANTITIES), "fit") if key in found}

    @property
    def given(self) -> frozenset[str]:  # type: ignore[override]
        """The quantities that are the program's own, since the file has a function `update` alone."""
        parts = {"predict", "mse_loss"} - self.model.holds
        return frozenset(key for part in parts for key in GIVES[part]) - self.lacks.keys()

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
            step = self.trained
            pace.stops(step)
            self.model.printed.clear()
            try:
                super().train_to(step + 1)
            except StudentError as error:
                self.failure = error
                raise
            finally:
                self.printed.put(step, list(self.model.printed))
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
