"""Runs a learner's file, finds what it holds, and imports what lies beside it. Used only in the learner's process."""

from __future__ import annotations

import inspect
import os
import sys
import types
from collections.abc import Callable, Container
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES, ExtensionFileLoader, FileFinder, SourceFileLoader
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from torch import Tensor

FILENAME = "<student>"
"""The name that the learner's file has in tracebacks: plain ASCII, whatever its path."""
CLASS = "SimpleLinearRegression"
"""The notebook's class, which may hold the parts as methods."""
TAKES = {
    "predict": ("x",),
    "mse_loss": ("y_true", "y_pred"),
    "update": ("x", "y_true", "y_pred", "lr"),
    "fit": ("x", "y", "epochs", "lr", "batch_size", "x_valid", "y_valid"),
}
"""The parts that a file may hold, and what each is given besides `self`."""
_FUNCTION_TAKES = TAKES | {"predict": ("x", "b", "w")}
"""What a function without `self` is given."""
MEMORY = 4 << 30
"""Bytes of address space allowed beyond what torch takes."""
_MODULE = "__student__"
"""What the learner's file is called as a module: no file beside it has this name."""


class BadAnswerError(Exception):
    """The learner's code gives something else than what is needed: what, and in which line of the file if known."""

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.line = line


class Model:
    """What the notebook's class has besides what the learner wrote."""

    b: Tensor
    w: Tensor

    def predict(self, x: Tensor) -> Tensor:
        """Return ŷ = b + w x."""
        return self.b + self.w * x

    def mse_loss(self, y_true: Tensor, y_pred: Tensor) -> float:
        """Return the mean squared error."""
        return float(((y_pred - y_true) ** 2).mean().item())

    def evaluate(self, x: Tensor, y_true: Tensor) -> float:
        """Return the loss of the present b and w."""
        return self.mse_loss(y_true, self.predict(x))


class Call(NamedTuple):
    """One part of a file, and how it is called."""

    function: Callable[..., Any]
    line: int
    """Where it is defined; 0 where that is not known."""
    has_self: bool
    """Whether it is a method of the model, which changes `self.b` and `self.w` itself."""
    takes: tuple[str, ...]
    by_position: int
    """So many arguments are given by position, those after them by name."""

    def __call__(self, *arguments: Any) -> Any:
        """Call it, with `self` first if it has one."""
        own, rest = arguments[: self.has_self], arguments[self.has_self :]
        by_name = dict(zip(self.takes[self.by_position :], rest[self.by_position :], strict=True))
        return self.function(*own, *rest[: self.by_position], **by_name)


class Learner(NamedTuple):
    """A learner's file, loaded."""

    calls: dict[str, Call]
    """By the names of `TAKES`; parts that the file does not hold are left out."""
    of_class: bool
    """Whether the file has the notebook's class."""
    type_: type[Any]
    """The model's class: the notebook's, with what it lacks."""
    bare: bool
    """Whether the class cannot be called without arguments: its `__init__` is left out then."""

    def model(self, b: Tensor, w: Tensor) -> Any:
        """Return a new model with these b and w."""
        made = object.__new__(cast("type[Model]", self.type_)) if self.bare else self.type_()
        made.b, made.w = b, w
        return made

    def call(self, part: str, model: Any, *arguments: Any) -> Any:
        """Call a part."""
        call = self.calls[part]
        if call.has_self:
            return call(model, *arguments)
        return call(*arguments, model.b, model.w) if part == "predict" else call(*arguments)


def load(source: bytes, path: str, keep: Container[str] = ()) -> Learner:
    """Run a learner's file and return what it holds.

    Args:
        source: what is in it.
        path: where it lies. Modules beside it are imported anew, but for those named in `keep`.
        keep: names of modules.

    Raises:
        BadAnswerError: when it holds no part, or one with other arguments.
        BaseException: whatever the file raises.
    """
    import torch

    torch.set_default_dtype(torch.float32)  # torch's own, whatever an older version of the file did
    folder = os.path.dirname(path)  # noqa: PTH120
    for name in beside(folder, keep):
        del sys.modules[name]
    # Without the caches of Python, which take a file for the same when it is as long and was saved in the same second.
    sys.path_importer_cache[folder] = FileFinder(
        folder, (ExtensionFileLoader, EXTENSION_SUFFIXES), (_Anew, SOURCE_SUFFIXES)
    )
    module = types.ModuleType(_MODULE)
    module.__file__ = path
    sys.modules[_MODULE] = module
    sys.argv[:] = [path]
    exec(compile(source, FILENAME, "exec", dont_inherit=True), module.__dict__)
    return _learner(module.__dict__)


class _Anew(SourceFileLoader):
    """Compiles a module from its source, always."""

    def get_code(self, fullname: str) -> types.CodeType:
        path = self.get_filename(fullname)
        code: types.CodeType = self.source_to_code(self.get_data(path), path)
        return code


def beside(folder: str, keep: Container[str] = ()) -> dict[str, str]:
    """Return the modules imported from a folder and those below it, by name, with their files."""
    found = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) if name not in keep and name != _MODULE else None
        if isinstance(file, str) and file.startswith(folder + os.sep) and "site-packages" not in file[len(folder) :]:
            found[name] = file
    return found


def _learner(names: dict[str, Any]) -> Learner:
    own = names.get(CLASS)
    if own is not None and not isinstance(own, type):
        raise BadAnswerError(f"{CLASS} is no class")
    calls: dict[str, Call] = {}
    added: dict[str, Any] = {}
    for part in TAKES:
        function = getattr(own, part, None)
        if function is not None:
            calls[part] = _call(part, function, has_self=True)
        elif part in names:
            call = calls[part] = _call(part, names[part])
            added[part] = call.function if call.has_self else _as_method(part, call)
    if not calls:
        if own is None:
            raise BadAnswerError(
                f"there is no function update(x, y_true, y_pred, lr), and no class {CLASS} with such methods"
            )
        raise BadAnswerError(f"the class {CLASS} has none of the methods {', '.join(TAKES)}")
    made = type(CLASS, (Model,) if own is None else (own, Model), added)
    try:
        inspect.signature(made).bind()
    except (TypeError, ValueError):
        return Learner(calls, own is not None, made, bare=True)
    return Learner(calls, own is not None, made, bare=False)


def _call(part: str, function: Any, *, has_self: bool | None = None) -> Call:
    code = getattr(function, "__code__", None)
    line = code.co_firstlineno if isinstance(code, types.CodeType) and code.co_filename == FILENAME else 0
    if not callable(function):
        raise BadAnswerError(f"{part} is not a function: {part}({', '.join(TAKES[part])}) is needed")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # one written in C does not say
        return Call(function, line, bool(has_self), TAKES[part], len(TAKES[part]))
    if has_self is None:
        has_self = next(iter(signature.parameters), "") == "self" or part == "fit"
    takes = TAKES[part] if has_self else _FUNCTION_TAKES[part]
    for count in range(len(takes), -1, -1):
        try:
            signature.bind(*range(has_self + count), **dict.fromkeys(takes[count:]))
        except TypeError:
            continue
        return Call(function, line, has_self, takes, count)
    bare = (each.replace(default=each.empty, annotation=each.empty) for each in signature.parameters.values())
    wanted = ("self",) * (has_self and part != "update") + takes
    raise BadAnswerError(
        f"{part} must take ({', '.join(wanted)}), it takes ({', '.join(map(str, _starred(list(bare))))})", line
    )


def _starred(parameters: list[inspect.Parameter]) -> list[str]:
    """Return the parameters as they are written, with a star before those that are given by name only."""
    texts = [str(each) for each in parameters]
    kinds = [each.kind for each in parameters]
    if inspect.Parameter.KEYWORD_ONLY in kinds and inspect.Parameter.VAR_POSITIONAL not in kinds:
        texts.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
    return texts


def _as_method(part: str, call: Call) -> Callable[..., Any]:
    """Return a function without `self` as the method of the model that a learner's `fit` calls."""

    def method(self: Any, *arguments: Any) -> Any:
        if part == "predict":
            return call(*arguments, self.b, self.w)
        returned = call(*arguments)
        if part == "update":
            self.b, self.w = self.b + returned[3], self.w + returned[4]
            return returned[:3]
        return returned

    return method
