"""The source of each phase, ours and torch's, read from the running code itself.

Lines are found by what they say, never by number, so that a test fails when the code no longer says it.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType

import tui_linreg
from tui_linreg.engine.phases import Phase


@dataclass(frozen=True, slots=True)
class CodeExcerpt:
    """Consecutive lines of one function."""

    title: str
    """Where it stands: function, file and the first highlighted line."""
    lines: tuple[tuple[int, str], ...]
    """(line number in the file, text), the indentation they share taken away."""
    highlighted: frozenset[int]
    """The numbers of the lines that do the phase."""
    docstring: frozenset[int]
    """The numbers of the lines of the docstring, which may be left out where room is short."""


_OURS: dict[Phase, tuple[str, tuple[str, ...]]] = {
    Phase.PREDICT: ("predict", ("return self.b + self.w * x",)),
    Phase.LOSS: ("squared_loss", ("return ((y_pred - y_true) ** 2).mean()",)),
    Phase.ERROR_SIGNAL: ("error_signal", ("return 2 * (y_pred - y_true) / len(y_true)",)),
    Phase.BIAS_GRADIENT: ("bias_gradient", ("return dloss_dpred.sum()",)),
    Phase.WEIGHT_GRADIENT: ("weight_gradient", ("return torch.dot(dloss_dpred, x)",)),
    Phase.UPDATE: ("descend", ("self.b -= lr * grad_b", "self.w -= lr * grad_w")),
}
_TORCHS: dict[Phase, str] = {
    Phase.PREDICT: "y_pred = self(x)",
    Phase.LOSS: "loss = self.loss(y_pred, y)",
    Phase.ERROR_SIGNAL: "loss.backward()",
    Phase.BIAS_GRADIENT: "loss.backward()",
    Phase.WEIGHT_GRADIENT: "loss.backward()",
    Phase.UPDATE: "optimizer.step()",
}
_SLICE = "rows = slice(place.start, place.stop)"
_SLICED = ("models.train_scratch(x[rows], y[rows])", "models.watch_reference(x_column[rows], y_column[rows])")


def code_for(phase: Phase) -> tuple[CodeExcerpt, CodeExcerpt]:
    """Return the code of a phase, of the scratch model and of torch's.

    Raises:
        LookupError: when the source does not hold the lines that do the phase.
        OSError: when the source is not there (a copy without its .py files).
    """
    from tui_linreg.engine.reference import TorchLinearRegression
    from tui_linreg.engine.replay import Replay
    from tui_linreg.engine.scratch import SimpleLinearRegression

    if phase is Phase.BATCH:
        ours, theirs = (
            _excerpt(Replay.step, (_SLICE, marker), first="x, y = data.x_train", last=_SLICED[1]) for marker in _SLICED
        )
        return ours, theirs
    name, markers = _OURS[phase]
    method = getattr(SimpleLinearRegression, name)
    return _excerpt(method, markers), _excerpt(TorchLinearRegression.train_batch, (_TORCHS[phase],))


def _excerpt(
    function: Callable[..., object], markers: tuple[str, ...], *, first: str | None = None, last: str | None = None
) -> CodeExcerpt:
    """Return a function's lines, from the one with `first` to the one with `last`, and mark those with `markers`."""
    assert isinstance(function, FunctionType)
    texts, start = inspect.getsourcelines(function)
    lines = [(start + i, text.rstrip("\n")) for i, text in enumerate(texts)]
    marked = frozenset(_only(lines, marker, function) for marker in markers)
    low = start if first is None else _only(lines, first, function)
    high = lines[-1][0] if last is None else _only(lines, last, function)
    lines = lines[low - start : high - start + 1]
    indent = min(len(text) - len(text.lstrip()) for _, text in lines if text.strip())
    file = Path(function.__code__.co_filename)
    package = Path(tui_linreg.__file__).parent
    place = file.relative_to(package) if file.is_relative_to(package) else file
    title = f"{function.__qualname__} · {place.as_posix()}:{min(marked)}"
    shown = tuple((number, text[indent:]) for number, text in lines)
    return CodeExcerpt(title, shown, marked, _docstring("".join(texts), start))


def _docstring(source: str, start: int) -> frozenset[int]:
    """Return the line numbers of a function's docstring, `start` being that of its first line."""
    body = ast.parse(textwrap.dedent(source)).body[0]
    assert isinstance(body, ast.FunctionDef)
    first = body.body[0]
    if ast.get_docstring(body) is None:
        return frozenset()
    return frozenset(range(start + first.lineno - 1, start + (first.end_lineno or first.lineno)))


def _only(lines: list[tuple[int, str]], marker: str, function: FunctionType) -> int:
    found = [number for number, text in lines if marker in text]
    if len(found) != 1:
        raise LookupError(f"{function.__qualname__} holds {len(found)} lines with {marker!r}, not one")
    return found[0]
