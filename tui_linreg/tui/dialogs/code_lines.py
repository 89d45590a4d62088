"""The source of each phase, ours and torch's, read from the running code itself.

Of the from-scratch model that is the body of one method; elsewhere lines are found by what they say, never by number,
so that a test fails when the code no longer says it.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING

import tui_linreg
from tui_linreg.engine.errors import printable
from tui_linreg.engine.phases import Phase
from tui_linreg.study.student.code import StudentCode

if TYPE_CHECKING:
    from tui_linreg.engine.models.scratch import SimpleLinearRegression


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
    author: str = ""
    """Whose code it is, where not the program's own."""


_OURS: dict[Phase, str] = {
    Phase.PREDICT: "predict",
    Phase.LOSS: "squared_loss",
    Phase.ERROR_SIGNAL: "error_signal",
    Phase.BIAS_GRADIENT: "bias_gradient",
    Phase.WEIGHT_GRADIENT: "weight_gradient",
    Phase.UPDATE: "descend",
}
"""The method whose body, after the docstring, does the phase: in the scratch model and in each of its variants."""
_REORDERED = "grad_w = "
"""The line of `update` that a variant which writes `update` anew does the weight gradient in, out of its order."""
_TORCHS: dict[Phase, str] = {
    Phase.PREDICT: "y_pred = self(x)",
    Phase.LOSS: "loss = self.loss(y_pred, y)",
    Phase.ERROR_SIGNAL: "loss.backward()",
    Phase.BIAS_GRADIENT: "loss.backward()",
    Phase.WEIGHT_GRADIENT: "loss.backward()",
    Phase.UPDATE: "optimizer.step()",
}
_MOST_LINES = 400
_LONGEST_LINE = 400
_SLICE = "rows = slice(place.start, place.stop)"
_SLICED = ("models.train_scratch(x[rows], y[rows])", "models.watch_reference(x_column[rows], y_column[rows])")


def code_for(phase: Phase, shown_type: type[SimpleLinearRegression] | None = None) -> tuple[CodeExcerpt, CodeExcerpt]:
    """Return the code of a phase, of the scratch model and of torch's.

    Args:
        phase: the phase.
        shown_type: the scratch model's class; of a run, its `Session.scratch_type` is what really runs. None: the plain
            one.

    Raises:
        LookupError: when the source does not hold the lines that do the phase.
        OSError: when the source is not there (a copy without its .py files).
    """
    from tui_linreg.engine.models.reference import TorchLinearRegression
    from tui_linreg.engine.models.scratch import SimpleLinearRegression
    from tui_linreg.engine.training.recorded_run import RecordedRun

    if phase is Phase.BATCH:
        ours, theirs = (
            _excerpt(RecordedRun._recomputed, (_SLICE, marker), first="x, y = data.x_train", last=_SLICED[1])
            for marker in _SLICED
        )
        return ours, theirs
    shown = shown_type or SimpleLinearRegression
    code: StudentCode | None = getattr(shown, "code", None)
    theirs = _excerpt(TorchLinearRegression.train_batch, (_TORCHS[phase],))
    if code is not None and phase >= Phase.ERROR_SIGNAL:
        return _of_student(code), theirs
    if phase is Phase.WEIGHT_GRADIENT and shown.update is not SimpleLinearRegression.update:
        return _excerpt(shown.update, (_REORDERED,)), theirs
    return _excerpt(getattr(shown, _OURS[phase]), None), theirs


def _of_student(code: StudentCode) -> CodeExcerpt:
    """Return a learner's `update`, which does phases 4 to 7 in one; all of the file where that is no plain function."""
    lines = code.lines()
    try:
        body = ast.parse(code.source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        body = []
    # The last one counts, as it does when the file is run.
    found = next((part for part in reversed(body) if isinstance(part, ast.FunctionDef) and part.name == "update"), None)
    docstring, marked = frozenset[int](), frozenset[int]()
    first, last = 1, len(lines)
    if found is not None:
        docstring, marked = _marks(found, 1)
        first, last = found.lineno, found.end_lineno or found.lineno
    rows = [(number, _safe(lines[number - 1])) for number in range(first, min(last, first + _MOST_LINES - 1) + 1)]
    if last > rows[-1][0]:
        rows.append((rows[-1][0] + 1, f"# … {last - rows[-1][0]} more lines"))
    name = printable(code.path.name)
    title = f"update · {name}:{first}" if found is not None else name
    return CodeExcerpt(title, tuple(rows), marked, docstring, f"from {name}: phases 4 to 7")


def _safe(line: str) -> str:
    """Return a line of a learner's file with nothing in it that a terminal acts on."""
    return printable(line.expandtabs(4).rstrip(), _LONGEST_LINE)


def _excerpt(
    function: Callable[..., object],
    markers: tuple[str, ...] | None,
    *,
    first: str | None = None,
    last: str | None = None,
) -> CodeExcerpt:
    """Return a function's lines, from the one with `first` to the one with `last`, and mark those with `markers`.

    Without markers all lines after the docstring are marked.
    """
    assert isinstance(function, FunctionType)
    texts, start = inspect.getsourcelines(function)
    lines = [(start + i, text.rstrip("\n")) for i, text in enumerate(texts)]
    docstring, body = _parts("".join(texts), start)
    marked = body if markers is None else frozenset(_only(lines, marker, function) for marker in markers)
    if not marked:
        raise LookupError(f"{function.__qualname__} has no lines")
    low = start if first is None else _only(lines, first, function)
    high = lines[-1][0] if last is None else _only(lines, last, function)
    lines = lines[low - start : high - start + 1]
    indent = min(len(text) - len(text.lstrip()) for _, text in lines if text.strip())
    file = Path(function.__code__.co_filename)
    package = Path(tui_linreg.__file__).parent
    place = file.relative_to(package) if file.is_relative_to(package) else file
    title = f"{function.__qualname__} · {place.as_posix()}:{min(marked)}"
    shown = tuple((number, text[indent:]) for number, text in lines)
    return CodeExcerpt(title, shown, marked, docstring)


def _parts(source: str, start: int) -> tuple[frozenset[int], frozenset[int]]:
    """Return the line numbers of a function's docstring and of what follows it; `start` is that of its first line."""
    body = ast.parse(textwrap.dedent(source)).body[0]
    return _marks(body, start) if isinstance(body, ast.FunctionDef) else (frozenset(), frozenset())


def _marks(body: ast.FunctionDef, start: int) -> tuple[frozenset[int], frozenset[int]]:
    has = ast.get_docstring(body) is not None
    found = [_numbers(part, start) for part in (body.body[:1] if has else [], body.body[has:])]
    return found[0], found[1]


def _numbers(statements: list[ast.stmt], start: int) -> frozenset[int]:
    if not statements:
        return frozenset()
    last = statements[-1]
    return frozenset(range(start + statements[0].lineno - 1, start + (last.end_lineno or last.lineno)))


def _only(lines: list[tuple[int, str]], marker: str, function: FunctionType) -> int:
    found = [number for number, text in lines if marker in text]
    if len(found) != 1:
        raise LookupError(f"{function.__qualname__} holds {len(found)} lines with {marker!r}, not one")
    return found[0]
