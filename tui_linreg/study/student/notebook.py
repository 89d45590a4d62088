"""Takes the class `SimpleLinearRegression` out of a learner's notebook: parsed, never run. Importable without torch."""

from __future__ import annotations

import ast
import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.study.student.code import system_words
from tui_linreg.study.student.load import CLASS

LARGEST = 32 << 20
"""Bytes that a notebook may have: its pictures are in it."""
_ADDS = "add_to_class"
_HEAD = '"""The class {} of {}, and what it needs."""\n'

Function = ast.FunctionDef | ast.AsyncFunctionDef


def class_of(path: str) -> str:
    """Return the text of a Python file with the notebook's class, the methods added to it later, and what they use.

    The class may be defined in parts: by later definitions of the same class, by functions decorated with
    `add_to_class(SimpleLinearRegression)`, and by `SimpleLinearRegression.name = function`. Of several definitions of
    a method the last one counts.

    Raises:
        InputError: when the file is no notebook, or it holds no such class.
    """
    cells = list(_cells(path))
    found = _Found()
    unread = 0
    for cell in cells:
        tree, source = _parsed(cell)
        unread += tree is None
        for node in tree.body if tree is not None else ():
            found.take(node, source)
    if found.class_ is None:
        classes = f"; its classes are {', '.join(found.classes)}" if found.classes else ""
        cells_left = f"; {unread} of its {len(cells)} code cells are no Python" if unread else ""
        raise InputError(f"{quoted(path)} holds no class {CLASS}{classes}{cells_left}")
    return found.text(Path(path).name)


def _cells(path: str) -> Iterator[str]:
    """Yield the source of each code cell."""
    try:
        with open(path, "rb") as handle:  # noqa: PTH123
            data = handle.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"--from-notebook: cannot read {quoted(path)}: {system_words(error)}") from error
    if len(data) > LARGEST:
        raise InputError(f"--from-notebook: {quoted(path)} is larger than {LARGEST >> 20} MiB")
    try:
        notebook = json.loads(data)
        cells = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
        sources = [cell.get("source", cell.get("input", "")) for cell in cells if cell["cell_type"] == "code"]
        texts = [source if isinstance(source, str) else "".join(source) for source in sources]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise InputError(f"--from-notebook: {quoted(path)} is no notebook; an .ipynb file is needed") from error
    yield from texts


def _parsed(source: str) -> tuple[ast.Module | None, str]:
    """Return a cell's tree, None where it is no Python, and the text that was read: magics are taken out if need be."""
    first, _, rest = source.lstrip().partition("\n")
    for text in (source, "\n".join(map(_without_magic, (rest if first.startswith("%%") else source).splitlines()))):
        try:
            return ast.parse(text), text
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None, source


def _without_magic(line: str) -> str:
    """Return a line, or nothing done in the place of a magic, a shell command or a question."""
    bare = line.strip()
    odd = bare.startswith(("%", "!", "?")) or (bare.endswith("?") and "#" not in bare)
    return line[: len(line) - len(line.lstrip())] + "pass" if odd else line


class _Found:
    """What has been found so far, cell by cell."""

    def __init__(self) -> None:
        self.class_: ast.ClassDef | None = None
        self.classes: list[str] = []
        self._head = ""
        self._members: dict[str, str] = {}
        """The source of each statement of the class, by the name that it defines, not indented."""
        self._others: dict[str, str] = {}
        """Other functions, classes, imports and plain assignments, by the names that they define."""
        self._functions: dict[str, str] = {}

    def take(self, node: ast.stmt, source: str) -> None:
        """Take one statement of a cell."""
        match node:
            case ast.ClassDef(name=name) if name == CLASS:
                self._take_class(node, source)
            case ast.FunctionDef() if _added(node):
                self._members[node.name] = _source(node, source, without=_added(node))
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=owner), attr=name)], value=ast.Name(id=function)):
                if owner == CLASS and function in self._functions:
                    text = self._functions[function]
                    self._members[name] = text if name == function else f"{text}\n{name} = {function}"
            case _:
                self._take_other(node, source)

    def _take_class(self, node: ast.ClassDef, source: str) -> None:
        goes_on = any(isinstance(base, ast.Name) and base.id == CLASS for base in node.bases)
        if not goes_on:
            self._members.clear()
            bases = ", ".join(ast.unparse(part) for part in (*node.bases, *node.keywords))
            self._head = f"class {CLASS}{f'({bases})' if bases else ''}:"
        self.class_ = node
        for number, member in enumerate(node.body):
            name = member.name if isinstance(member, Function | ast.ClassDef) else f"statement {number}"
            if isinstance(member, ast.Expr) and isinstance(member.value, ast.Constant):
                name = "docstring"
            if not (goes_on and isinstance(member, ast.Pass)):
                self._members[name] = _source(member, source)

    def _take_other(self, node: ast.stmt, source: str) -> None:
        text = _source(node, source)
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                self._others[name] = text
                if isinstance(node, ast.ClassDef):
                    self.classes.append(name)
                else:
                    self._functions[name] = text
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                for each in names:
                    alone = ast.unparse(_only(node, each))
                    self._others[(each.asname or each.name).partition(".")[0]] = alone
            case ast.Assign(targets=[ast.Name(id=name)]):
                self._others[name] = text
            case ast.AnnAssign(target=ast.Name(id=name)):
                self._others[name] = text

    def text(self, notebook: str) -> str:
        """Return the file: what the class uses, in the notebook's order, then the class."""
        members = [text for name, text in self._members.items() if name != "docstring"]
        if "docstring" in self._members:
            members.insert(0, self._members["docstring"])
        body = "\n\n".join(textwrap.indent(text, "    ") for text in members) or "    pass"
        used = self._used(ast.parse(f"{self._head}\n{body}"))
        needed = [text for name, text in self._others.items() if name in used]
        imports = [text for text in needed if text.startswith(("import ", "from "))]
        rest = [text for text in needed if text not in imports]
        parts = [_HEAD.format(CLASS, ascii(notebook)[1:-1]), "\n".join(imports), *rest, f"{self._head}\n{body}"]
        return "\n\n".join(part for part in parts if part).replace('"""\n\n\n', '"""\n\n') + "\n"

    def _used(self, tree: ast.AST) -> set[str]:
        """Return the names that some code uses, and that what it uses uses."""
        used: set[str] = set()
        waiting = [tree]
        while waiting:
            names = [*ast.walk(waiting.pop())]
            own = {node.arg for node in names if isinstance(node, ast.arg)}
            own |= {node.id for node in names if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
            loaded = {node.id for node in names if isinstance(node, ast.Name)} - own
            for name in sorted((loaded & self._others.keys()) - used):
                used.add(name)
                waiting.append(ast.parse(self._others[name]))
        return used


def _only(node: ast.Import | ast.ImportFrom, name: ast.alias) -> ast.stmt:
    if isinstance(node, ast.Import):
        return ast.Import([name])
    return ast.ImportFrom(node.module, [name], node.level)


def _added(node: ast.FunctionDef) -> ast.expr | None:
    """Return the decorator that adds a function to the class; None where there is none."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and any(isinstance(a, ast.Name) and a.id == CLASS for a in decorator.args):
            name = decorator.func.attr if isinstance(decorator.func, ast.Attribute) else ast.unparse(decorator.func)
            if name == _ADDS:
                return decorator
    return None


def _source(node: ast.stmt, source: str, without: ast.expr | None = None) -> str:
    """Return the lines of a statement, decorators included, its indentation taken away."""
    decorators = getattr(node, "decorator_list", [])
    kept = [f"@{ast.unparse(each)}" for each in decorators if each is not without]
    text = ast.get_source_segment(source, node, padded=True) or ast.unparse(node)
    return "\n".join([*kept, textwrap.dedent(text)])
