"""The code of one phase, ours beside torch's, read from the running code itself.

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
from tui_linreg.study.student.load import CLASS

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
_STUDENTS = {Phase.PREDICT: ("predict", "phase 2"), Phase.LOSS: ("mse_loss", "phase 3")} | dict.fromkeys(
    [phase for phase in Phase if phase >= Phase.ERROR_SIGNAL], ("update", "phases 4 to 7")
)
"""The part of a learner's file that does a phase, and which phases it does."""
_MOST_LINES = 400
_LONGEST_LINE = 400
_SPLIT = ("ours =", "theirs =")
"""Of both models the line of `Batches.cut` that makes their mini-batches."""


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
    from tui_linreg.engine.data.batches import Batches
    from tui_linreg.engine.models.reference import TorchLinearRegression
    from tui_linreg.engine.models.scratch import SimpleLinearRegression

    if phase is Phase.BATCH:
        ours, theirs = (_excerpt(Batches.cut, (marker,)) for marker in _SPLIT)
        return ours, theirs
    shown = shown_type or SimpleLinearRegression
    code: StudentCode | None = getattr(shown, "code", None)
    theirs = _excerpt(TorchLinearRegression.train_batch, (_TORCHS[phase],))
    part, does = _STUDENTS[phase]
    if code is not None and part in getattr(shown, "holds", ("update",)):
        return _of_student(code, part, does), theirs
    if phase is Phase.WEIGHT_GRADIENT and shown.update is not SimpleLinearRegression.update:
        return _excerpt(shown.update, (_REORDERED,)), theirs
    return _excerpt(getattr(shown, _OURS[phase]), None), theirs


def _of_student(code: StudentCode, part: str, does: str) -> CodeExcerpt:
    """Return a part of a learner's file; all of the file where that is no plain function or method.

    Args:
        code: the file.
        part: the function's name.
        does: the phases that it does, in words.
    """
    lines = code.lines()
    try:
        body = ast.parse(code.source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        body = []
    body += [node for each in body if isinstance(each, ast.ClassDef) and each.name == CLASS for node in each.body]
    found = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == part]
    docstring, marked = frozenset[int](), frozenset[int]()
    first, last = 1, len(lines)
    if found:
        node = found[-1]  # the last one counts, as it does when the file is run
        docstring, marked = _marks(node, 1)
        first, last = node.lineno, node.end_lineno or node.lineno
    texts = [printable(line.expandtabs(4).rstrip(), _LONGEST_LINE) for line in lines[first - 1 : last][:_MOST_LINES]]
    rows = list(enumerate(texts, first))
    if last > rows[-1][0]:
        rows.append((rows[-1][0] + 1, f"# … {last - rows[-1][0]} more lines"))
    name = printable(code.path.name)
    title = f"{part} · {name}:{first}" if found else name
    return CodeExcerpt(title, tuple(rows), marked, docstring, f"from {name}: {does}")


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
    docstring, body = _marks(ast.parse(textwrap.dedent("".join(texts))).body[0], start)
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


def _marks(definition: ast.stmt, start: int) -> tuple[frozenset[int], frozenset[int]]:
    """Return the line numbers of a function's docstring and of what follows it; `start` is that of its first line."""
    if not isinstance(definition, ast.FunctionDef):
        return frozenset(), frozenset()
    has_docstring = ast.get_docstring(definition) is not None
    return _numbers(definition.body[:has_docstring], start), _numbers(definition.body[has_docstring:], start)


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
