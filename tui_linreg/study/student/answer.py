"""Runs a learner's file and its `update`, and says what is wrong with either. Used only in the learner's process."""

from __future__ import annotations

import inspect
import os
import struct
import sys
import types
from collections.abc import Callable, Container
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

FILENAME = "<student>"
"""The name that the learner's file has in tracebacks: plain ASCII, whatever its path."""
ARGUMENTS = struct.Struct("3d")
"""lr, b, w."""
NUMBERS = struct.Struct("4d")
"""∂L/∂b, ∂L/∂w, b and w after the update. The data of ∂L/∂ŷ follow."""
SIGNATURE = "update(x, y_true, y_pred, lr)"
RETURNED = ("∂L/∂ŷ", "∂L/∂b", "∂L/∂w", "step of b", "step of w")
MEMORY = 4 << 30
"""Bytes of address space allowed beyond what torch takes."""
ALIGNMENT = 64
"""Bytes. torch begins a tensor's memory at a multiple of them; a mini-batch begins anywhere within the train set's."""
LONGEST_TEXT = 2000


class BadAnswerError(Exception):
    """The learner's code gives something else than what is needed: what, and in which line of the file if known."""

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.line = line


class Learner(NamedTuple):
    """A learner's file, loaded."""

    update: Callable[..., Any]
    line: int
    """Where it is defined."""
    has_self: bool
    """Whether it is a method of the notebook's model, which changes `self.b` and `self.w` itself."""


class Model:
    """What a learner's `self` is: the line before the update, b and w of shape (1,)."""

    def __init__(self, b: Tensor, w: Tensor) -> None:
        self.b, self.w = b, w

    def predict(self, x: Tensor) -> Tensor:
        """Return ŷ = b + w x."""
        return self.b + self.w * x


def load(source: bytes, path: str, keep: Container[str] = ()) -> Learner:
    """Run a learner's file and return its `update`.

    Args:
        source: what is in it.
        path: where it lies. Modules beside it are imported anew, but for those named in `keep`.
        keep: names of modules.

    Raises:
        BadAnswerError: when there is none, or one with other arguments.
        BaseException: whatever the file raises.
    """
    import torch

    torch.set_default_dtype(torch.float32)  # torch's own, whatever an older version of the file did
    folder = os.path.dirname(path)  # noqa: PTH120
    for name, beside in list(sys.modules.items()):
        if name not in keep and os.path.dirname(getattr(beside, "__file__", None) or "") == folder:  # noqa: PTH120
            del sys.modules[name]
    module = types.ModuleType("student")
    module.__file__ = path
    sys.modules["student"] = module
    exec(compile(source, FILENAME, "exec", dont_inherit=True), module.__dict__)
    update = module.__dict__.get("update")
    if update is None:
        raise BadAnswerError(f"there is no function {SIGNATURE}")
    code = getattr(update, "__code__", None)
    line = code.co_firstlineno if isinstance(code, types.CodeType) and code.co_filename == FILENAME else 0
    if not callable(update):
        raise BadAnswerError(f"update is not a function: {SIGNATURE} is needed")
    parameters = inspect.signature(update)
    names = list(parameters.parameters)
    has_self = names[:1] == ["self"]
    try:
        parameters.bind(*range(5 if has_self else 4))
    except TypeError:
        raise BadAnswerError(f"update must take (x, y_true, y_pred, lr), it takes ({', '.join(names)})", line) from None
    return Learner(update, line, has_self)


def answer(learner: Learner, vectors: list[Tensor], lr: float, b: float, w: float) -> tuple[bytes, bytes]:
    """Call a learner's `update` once and return the data of `NUMBERS` and of ∂L/∂ŷ.

    Raises:
        BadAnswerError: when what it returns is not what is needed.
        BaseException: whatever it raises.
    """
    import torch

    m, dtype = len(vectors[0]), vectors[0].dtype
    if learner.has_self:
        model = Model(torch.tensor([b], dtype=dtype), torch.tensor([w], dtype=dtype))
        returned = learner.update(model, *vectors, lr)
    else:
        returned = learner.update(*vectors, lr)
    needed = RETURNED[:3] if learner.has_self else RETURNED
    if returned is None:
        raise BadAnswerError(f"update returned nothing; it must return {', '.join(needed)}")
    if not isinstance(returned, (tuple, list)) or len(returned) != len(needed):
        count = f"{len(returned)} values" if isinstance(returned, (tuple, list)) else f"one {type(returned).__name__}"
        raise BadAnswerError(f"update returned {count}; needed are {len(needed)}: {', '.join(needed)}")
    dloss_dpred = _tensor(needed[0], returned[0], m, dtype)
    numbers = [_tensor(name, value, None, dtype) for name, value in zip(needed[1:], returned[1:], strict=True)]
    if learner.has_self:
        after = [_tensor(name, getattr(model, name, None), None, dtype) for name in ("b", "w")]
    else:
        after = [before + step for before, step in zip((b, w), numbers[2:], strict=True)]
    return NUMBERS.pack(*(number.item() for number in (*numbers[:2], *after))), dloss_dpred.detach().numpy().tobytes()


def _tensor(name: str, value: Any, m: int | None, dtype: Any) -> Tensor:
    """Return what the learner gave as a tensor of shape (m,), or for m None of one element."""
    import torch

    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = torch.tensor(float(value), dtype=dtype)
    elif type(value).__module__ == "numpy":
        value = torch.as_tensor(value)
    if not isinstance(value, torch.Tensor):
        raise BadAnswerError(f"{name} is a {type(value).__name__}; a tensor is needed")
    if value.dtype != dtype:
        have, need = (str(d).removeprefix("torch.") for d in (value.dtype, dtype))
        raise BadAnswerError(f"{name} holds {have}, this run's numbers are {need}")
    if (value.numel() != 1) if m is None else (value.shape != (m,)):
        needed = "a single number" if m is None else f"shape ({m},)"
        raise BadAnswerError(f"{name} has shape {tuple(value.shape)}; needed is {needed}")
    if value.layout != torch.strided or value.device.type != "cpu":
        raise BadAnswerError(f"{name} is no plain tensor on the CPU")
    return value


def judged(learner: Learner, copies: Callable[[], list[Tensor]], again: bool, lr: float, b: float, w: float) -> bytes:
    """Return what `answer` returns, after a second call with the same arguments if `again`.

    Args:
        learner: whose `update` it is.
        copies: makes new copies of x, y and ŷ, which the learner may change.
        again: whether to call it twice.
        lr: the learning rate.
        b: before the update.
        w: before the update.

    Raises:
        BadAnswerError: also when the two calls answered differently.
    """
    try:
        first = answer(learner, copies(), lr, b, w)
        if again and (second := answer(learner, copies(), lr, b, w)) != first:
            pairs = zip(NUMBERS.unpack(first[0]), NUMBERS.unpack(second[0]), ("∂L/∂b", "∂L/∂w", "b", "w"), strict=True)
            shown = [f"{name} {one:.6g}, then {two:.6g}" for one, two, name in pairs if one != two]
            what = "∂L/∂ŷ" if first[1] != second[1] or not shown else shown[0]
            raise BadAnswerError(
                f"the same batch twice gave two answers ({what}): the answer must depend on the arguments alone"
            )
    except BadAnswerError as error:
        error.line = learner.line
        raise
    return b"".join(first)


def describe(error: BaseException) -> dict[str, Any]:
    """Return what the app is told of an error: kind, line (None where the learner's file has none), text."""
    lines = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILENAME:
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    line = lines[-1] if lines else None
    try:
        text = str(error)
    except BaseException:
        text = ""
    kind, name = "raised", type(error).__name__
    if isinstance(error, BadAnswerError):
        kind, line = "answer", error.line
    elif isinstance(error, SyntaxError) and error.filename == FILENAME:
        kind, line, text = "syntax", error.lineno, f"{name}: {error.msg}"
    elif isinstance(error, NotImplementedError):
        # The line that asks for the part, not that of the function which stands in for it.
        kind, line, text = "missing", lines[0] if lines else None, text.removeprefix("write ") or "update"
    elif isinstance(error, SystemExit):
        text = "the code asked to exit (SystemExit)"
    elif isinstance(error, MemoryError) or "can't allocate memory" in text:
        kind, text = "memory", f"{name}: out of memory; the code may take {MEMORY >> 30} GiB"
    else:
        text = f"{name}: {text}" if text else name
    return {"kind": kind, "line": line or None, "text": text[:LONGEST_TEXT]}
