"""Calls the parts of a learner's file and says what is wrong with an answer. Used only in the learner's process."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from tui_linreg.study.student.load import FILENAME, MEMORY, BadAnswerError, Learner
from tui_linreg.study.student.reasons import NOT_RETURNED, NOT_WRITTEN

if TYPE_CHECKING:
    from torch import Tensor

ARGUMENTS = struct.Struct("3d")
"""lr, b, w."""
NUMBERS = struct.Struct("4d")
"""Of `update`: ∂L/∂b, ∂L/∂w, b and w after it. The data of ∂L/∂ŷ follow. A number that is absent is nan."""
LOSS = struct.Struct("d")
RETURNED = ("∂L/∂ŷ", "∂L/∂b", "∂L/∂w", "step of b", "step of w")
KEYS = ("dloss_dpred", "grad_b", "grad_w", "b", "w")
"""The quantities of `engine.phases` that `update` gives, in the order of `RETURNED`."""
LONGEST_TEXT = 2000

Copies = Callable[[], "list[Tensor]"]


class Answer(NamedTuple):
    """What a part gave."""

    data: bytes
    absent: dict[str, str]
    """Why a quantity is not there: `NOT_WRITTEN`, `NOT_RETURNED`, or which line waits for it."""


def predict(learner: Learner, copies: Copies, lr: float, b: float, w: float) -> Answer:
    """Call a learner's `predict` on x and return the data of ŷ.

    Raises:
        BadAnswerError: when what it returns is not what is needed.
        BaseException: whatever it raises.
    """
    (x,) = copies()
    m, dtype = len(x), x.dtype
    returned = learner.call("predict", _start(learner, b, w, dtype), x)
    if returned is ...:
        return Answer(b"", {"y_pred": NOT_WRITTEN})
    return Answer(_data(_tensor("ŷ", _given("predict", returned, "ŷ"), m, dtype)), {})


def mse_loss(learner: Learner, copies: Copies, lr: float, b: float, w: float) -> Answer:
    """Call a learner's `mse_loss` on y and ŷ and return the data of `LOSS`; raises as `predict`."""
    y_true, y_pred = copies()
    returned = learner.call("mse_loss", _start(learner, b, w, y_true.dtype), y_true, y_pred)
    if returned is ...:
        return Answer(b"", {"loss": NOT_WRITTEN})
    return Answer(LOSS.pack(_tensor("L", _given("mse_loss", returned, "L"), None, y_true.dtype).item()), {})


def update(learner: Learner, copies: Copies, lr: float, b: float, w: float) -> Answer:
    """Call a learner's `update` and return the data of `NUMBERS` and of ∂L/∂ŷ; raises as `predict`."""
    vectors = copies()
    m, dtype = len(vectors[0]), vectors[0].dtype
    model, own = _start(learner, b, w, dtype), learner.calls["update"].has_self
    returned = learner.call("update", model, *vectors, lr)
    if returned is ...:
        return Answer(b"", dict.fromkeys(KEYS, NOT_WRITTEN))
    needed = RETURNED[:3] if own else RETURNED
    if returned is None and own:
        still = [isinstance(v, type(model.b)) and v.numel() == 1 and v.item() == old
                 for v, old in ((model.b, b), (model.w, w))]  # fmt: skip
        if all(still):
            return Answer(b"", dict.fromkeys(KEYS, NOT_WRITTEN))
        values: list[Any] = [None, None, None]
    elif returned is None:
        raise BadAnswerError(f"update returned nothing; it must return {', '.join(needed)}")
    elif not isinstance(returned, (tuple, list)) or len(returned) != len(needed):
        count = f"{len(returned)} values" if isinstance(returned, (tuple, list)) else f"one {type(returned).__name__}"
        raise BadAnswerError(f"update returned {count}; needed are {len(needed)}: {', '.join(needed)}")
    else:
        values = list(returned)
    silent = returned is None
    if own:
        values += [getattr(model, name, None) for name in ("b", "w")]
    absent = {key: NOT_WRITTEN for key, value in zip(KEYS, values, strict=True) if value is ...}
    if silent:
        absent |= dict.fromkeys(KEYS[:3], NOT_RETURNED)
    names = (*needed, "b", "w") if own else needed
    given = [
        None if key in absent else _tensor(name, value, m if key == "dloss_dpred" else None, dtype)
        for key, name, value in zip(KEYS, names, values, strict=True)
    ]
    if not own:  # what is returned is what to add
        given[3:] = [None if step is None else before + step for before, step in zip((b, w), given[3:], strict=True)]
    numbers = [float("nan") if number is None else number.item() for number in given[1:]]
    signal = vectors[0].new_full((m,), float("nan")) if given[0] is None else given[0]
    return Answer(NUMBERS.pack(*numbers) + _data(signal), absent)


def fit(learner: Learner, copies: Copies, lr: float, b: float, w: float, epochs: int, batch_size: int) -> Answer:
    """Call a learner's `fit` on x, y and the validation set, for what it prints; raises as `predict`."""
    x, y, x_valid, y_valid = copies()
    returned = learner.call("fit", _start(learner, b, w, x.dtype), x, y, epochs, lr, batch_size, x_valid, y_valid)
    return Answer(b"", {"fit": NOT_WRITTEN} if returned is ... else {})


PARTS: dict[str, Callable[..., Answer]] = {"predict": predict, "mse_loss": mse_loss, "update": update, "fit": fit}
GIVES = {"predict": ("y_pred",), "mse_loss": ("loss",), "update": KEYS, "fit": ("fit",)}
"""The quantities of a part."""


def _start(learner: Learner, b: float, w: float, dtype: Any) -> Any:
    """Return what `self` is: the line before the step, b and w of shape (1,)."""
    import torch

    return learner.model(torch.tensor([b], dtype=dtype), torch.tensor([w], dtype=dtype))


def _given(part: str, returned: Any, what: str) -> Any:
    if returned is None:
        raise BadAnswerError(f"{part} returned nothing; it must return {what}")
    return returned


def _data(vector: Tensor) -> bytes:
    return vector.detach().numpy().tobytes()


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
        raise BadAnswerError(f"{name} has shape {tuple(value.shape)}; it must be {needed}")
    if value.layout != torch.strided or value.device.type != "cpu":
        raise BadAnswerError(f"{name} is no plain tensor on the CPU")
    return value


def judged(
    learner: Learner,
    part: str,
    copies: Copies,
    again: bool,
    *numbers: float,
    between: Callable[[], None],
    **options: int,
) -> Answer:
    """Return what a part answers, after a second call with the same arguments if `again`.

    Args:
        learner: whose part it is.
        part: a key of `PARTS`.
        copies: makes new copies of the vectors that it is given, which the learner may change.
        again: whether to call it twice.
        numbers: the learning rate, b and w.
        between: called before the second call.
        options: of `fit`.

    Raises:
        BadAnswerError: also when the two calls answered differently.
    """
    try:
        first = _once(learner, part, copies, *numbers, **options)
        between()
        if again and (second := _once(learner, part, copies, *numbers, **options)) != first:
            what = _apart(part, first.data, second.data)
            raise BadAnswerError(
                f"the same batch twice gave two answers ({what}): the answer must depend on the arguments alone"
            )
    except BadAnswerError as error:
        error.line = learner.calls[part].line
        raise
    return first


def _once(learner: Learner, part: str, copies: Copies, *numbers: float, **options: int) -> Answer:
    """Return what a part answers; one that says that it is not written, or that needs what is not, has no numbers."""
    try:
        return PARTS[part](learner, copies, *numbers, **options)
    except NotImplementedError as error:
        if not _lines(error, innermost=True):  # torch's own, of what it cannot do
            raise
        return Answer(b"", dict.fromkeys(GIVES[part], NOT_WRITTEN))
    except (TypeError, AttributeError) as error:
        lines = _lines(error)
        if "ellipsis" not in str(error) or not lines:
            raise
        return Answer(b"", dict.fromkeys(GIVES[part], f"line {lines[-1]} needs a …"))


def _apart(part: str, first: bytes, second: bytes) -> str:
    """Return in which of its numbers two answers of a part differ first."""
    if part != "update" or min(len(first), len(second)) < NUMBERS.size:
        return GIVES[part][0]
    pairs = zip(NUMBERS.unpack_from(first), NUMBERS.unpack_from(second), KEYS[1:], RETURNED[1:3] + KEYS[3:],
                strict=True)  # fmt: skip
    shown = [f"{name} {one:.6g}, then {two:.6g}" for one, two, _, name in pairs if one != two]
    return "∂L/∂ŷ" if first[NUMBERS.size :] != second[NUMBERS.size :] or not shown else shown[0]


def _lines(error: BaseException, *, innermost: bool = False) -> list[int]:
    """Return the lines of the learner's file that an error went through; `innermost`: only where it was raised."""
    found, trace = [], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILENAME and not (innermost and trace.tb_next is not None):
            found.append(trace.tb_lineno)
        trace = trace.tb_next
    return found


def describe(error: BaseException) -> dict[str, Any]:
    """Return what the app is told of an error: kind, line (None where the learner's file has none), text."""
    lines = _lines(error)
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
    elif isinstance(error, SystemExit):
        text = "the code asked to exit (SystemExit)"
    elif isinstance(error, MemoryError) or "can't allocate memory" in text:
        kind, text = "memory", f"{name}: out of memory; the code may take {MEMORY >> 30} GiB"
    else:
        text = f"{name}: {text}" if text else name
    return {"kind": kind, "line": line or None, "text": text[:LONGEST_TEXT]}
