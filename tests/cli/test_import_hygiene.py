"""The structure: which module may import which, no circles, no private names of libraries, nothing heavy too early.

The lists of exceptions are exact: an exception that is no longer needed fails as a new one does, and is deleted here.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import tui_linreg

PACKAGE = Path(tui_linreg.__file__).parent
FILES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip("."): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
"""Every module's file by the module's name without the package's."""
LIBRARIES = {"textual", "textual_plotext", "plotext", "rich", "click", "torch"}
TERMINAL = LIBRARIES - {"torch"}
HEAVY = {"torch", "textual", "textual_plotext", "plotext", "sklearn", "numpy", "scipy", "nbformat"}

PACKAGES = ("engine", "study", "line", "tui", "cli")
"""Each imports only itself and those before it; of these five the modules beside them import only the engine."""
ENGINE = ("data", "models", "verdicts", "training", "analysis")
"""The folders of the engine: each imports only itself, those before it, and the modules beside them."""

UPWARDS = {
    ("settings", "tui.commands"),  # the keys that can be remapped; imports nothing of textual
    ("settings", "tui.plot"),
    ("engine.config", "engine.data.tiny"),  # a default
    ("engine.config", "engine.models.arithmetic"),  # the names of options' values
    ("engine.config", "engine.models.mistakes"),
}

PRIVATE: dict[str, tuple[str, ...]] = {
    "an error ends the app in one line, not in Textual's page of source and values": (
        "tui.app LinRegApp._handle_exception",
        "tui.app LinRegApp._exception",
        "tui.app LinRegApp._exception_event",
        "tui.app LinRegApp._close_messages_no_wait",
        "tui.app LinRegApp._return_code",
    ),
    "input that comes after the screens are gone; a signal after the app has begun to end": (
        "tui.app LinRegApp._running",
        "tui.app LinRegApp._exit",
    ),
    "a byte that is no UTF-8 ends Textual's input thread: Textualize/textual#6456; so does the end of the terminal": (
        "tui.key_reader textual._xterm_parser.XTermParser",
        "tui.terminal_driver TerminalDriver._app",
        "tui.terminal_driver TerminalDriver._debug",
        "tui.terminal_driver TerminalDriver._file",
        "tui.terminal_driver TerminalDriver._run_input_thread",
    ),
    "Textual takes the size of stdout, or what COLUMNS and LINES say, for that of the terminal it draws on": (
        "tui.terminal_driver TerminalDriver._get_terminal_size",
    ),
    "keys typed while the command palette closes, and a terminal without room for its list, raise in Textual": (
        "tui.app Palette._gather_commands",
        "tui.app Palette._action_command_list",
    ),
    "an Input draws control characters as they are; its public highlighter can style its text, not change it": (
        "tui.dialogs.controls TextField._value",
    ),
}
"""The private names of libraries that ours override, read or import, by the reason for it."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def import_names(path: Path) -> Iterator[str]:
    """Yield the full names that a file imports when it runs, anywhere in it: not what only type checkers import."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            skipped |= {inner for statement in node.body for inner in ast.walk(statement)}
        elif isinstance(node, ast.Import) and node not in skipped:
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node not in skipped:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def edges() -> dict[str, set[str]]:
    """Return the modules of ours that each of them imports."""
    found: dict[str, set[str]] = {}
    for name, path in FILES.items():
        ours = (full.removeprefix("tui_linreg.") for full in import_names(path) if full.startswith("tui_linreg."))
        found[name] = {each if each in FILES else each.rpartition(".")[0] for each in ours}
    return found


def rank(module: str) -> tuple[int, int]:
    """Return how high a module stands: its package, then in the engine its folder."""
    parts = [*module.split("."), ""]
    if parts[0] not in PACKAGES:
        return (len(PACKAGES), 0) if module == "__main__" else (0, len(ENGINE) + 1)
    return PACKAGES.index(parts[0]), ENGINE.index(parts[1]) + 1 if parts[1] in ENGINE else 0


def test_imports_go_one_way() -> None:
    # The package itself holds the version; `engine` is the door to the whole engine.
    pairs = {(one, other) for one, others in edges().items() if one != "engine" for other in others if other}
    assert {(one, other) for one, other in pairs if rank(other) > rank(one)} == UPWARDS


def test_the_screen_and_the_sentences_know_nothing_of_each_other() -> None:
    packages = {(one.partition(".")[0], other.partition(".")[0]) for one, others in edges().items() for other in others}
    assert not {("line", "tui"), ("tui", "line"), ("line", "settings")} & packages


def circles() -> Iterator[frozenset[str]]:
    """Yield the largest sets of modules in which each can be reached from each."""
    reached: dict[str, set[str]] = {}
    for start in edges():
        waiting, reached[start] = [start], set()
        while waiting:
            new = edges()[waiting.pop()] - reached[start]
            reached[start] |= new
            waiting += new
    for start in edges():
        if start in reached[start]:
            yield frozenset(other for other in reached[start] if start in reached[other])


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert not set(circles())


def test_no_feature_imports_another() -> None:
    def feature(module: str) -> str:
        return module.removeprefix("tui.features.").partition(".")[0] if module.startswith("tui.features.") else ""

    pairs = {(feature(one), feature(other)) for one, others in edges().items() for other in others}
    assert not {(one, other) for one, other in pairs if one and other and one != other}


def test_imports_are_absolute_and_the_terminal_is_left_to_the_screen() -> None:
    for module, path in FILES.items():
        nodes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
        assert not [node for node in nodes if node.level], f"{module}: a relative import hides where it leads"
        if module.partition(".")[0] not in ("tui", "cli"):
            assert not {name.partition(".")[0] for name in import_names(path)} & TERMINAL, module


def is_private(name: str) -> bool:
    return name.startswith("_") and name.strip("_") != "" and not name.startswith("__")


def private_names(node: ast.AST) -> set[str]:
    """Return the private names that a class defines, or sets on `self`; or that it reads there."""
    names = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute) and _is_self(each.value)}
    for each in ast.walk(node):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(each.name)
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            names.add(each.id)
    return {name for name in names if is_private(name)}


def _is_self(node: ast.expr) -> bool:
    return ast.unparse(node) in ("self", "cls", "super()")


@cache
def classes_of(path: Path) -> dict[str, set[str]]:
    """Return the private names of each class of a file."""
    return {node.name: private_names(node) for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)}


def of_a_library(cls: type) -> bool:
    return cls.__module__.partition(".")[0] in LIBRARIES


@cache
def of_libraries(cls: type) -> frozenset[str]:
    """Return the private names of a library's class."""
    path = inspect.getsourcefile(cls) if of_a_library(cls) else None
    return frozenset(classes_of(Path(path)).get(cls.__name__, ()) if path else ())


def test_private_names_of_libraries_are_used_by_these_guards_alone() -> None:
    found: set[str] = set()
    everything = {name for path in FILES.values() for names in classes_of(path).values() for name in names}
    for module, path in FILES.items():
        for full in import_names(path):
            if full.partition(".")[0] in LIBRARIES and any(map(is_private, full.split("."))):
                found.add(f"{module} {full}")
        for node in ast.walk(tree(path)):
            # Of another object: a private name that no class of ours has.
            if isinstance(node, ast.Attribute) and is_private(node.attr) and not _is_self(node.value):
                whole = ast.unparse(node)
                if node.attr not in everything and whole != "os._exit" and node.attr not in ("_asdict", "_replace"):
                    found.add(f"{module} {whole}")
        if not classes_of(path):
            continue
        for cls in vars(importlib.import_module(f"tui_linreg.{module}".rstrip("."))).values():
            if inspect.isclass(cls) and cls.__module__ == f"tui_linreg.{module}":
                theirs = {name for base in cls.__mro__ for name in of_libraries(base)}
                found |= {f"{module} {cls.__name__}.{name}" for name in classes_of(path)[cls.__name__] & theirs}
    assert found == {name for names in PRIVATE.values() for name in names}


def loaded_by(code: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after `code`."""
    listing = f"{code}\nimport sys\nprint('\\n' + ' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


COMMANDS = "from tui_linreg.cli.main import main; assert main({!r}) == {}"


@pytest.mark.parametrize(
    "code",
    [
        "import tui_linreg.engine, tui_linreg.engine.data.csv_file, tui_linreg.settings, tui_linreg.trace_file",
        *(COMMANDS.format([*args.split()], 0) for args in ("--help", "train --help", "step --help", "--version")),
        *(COMMANDS.format([*args.split()], 0) for args in ("config", "progress", "progress --reset")),
        *(COMMANDS.format([*args.split()], 2) for args in ("student --new /", "--student / train")),
        *(
            COMMANDS.format([*args.split()], 2)
            for args in (
                "train --lr x",
                "trace --out /",
                "notebook --out /",
                "notebook --out /a/b.ipynb",
                "step --digits 0",
            )
        ),
    ],
)
def test_what_must_answer_at_once_loads_nothing_heavy(
    code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TUI_LINREG_STATE", str(tmp_path / "progress.json"))
    (tmp_path / "progress.json").write_text('{"version": 1, "lessons": ["one"]}')
    assert not loaded_by(code) & HEAVY


def test_the_first_frame_needs_neither_torch_nor_numpy_nor_scikit_learn() -> None:
    loaded = loaded_by("from tui_linreg.tui.app import LinRegApp\nfrom tui_linreg.engine import RunConfig\n"
                       "from tui_linreg.settings import Settings\nLinRegApp(RunConfig(), Settings())")  # fmt: skip
    assert "textual" in loaded
    assert not loaded & {"torch", "numpy", "sklearn", "scipy", "nbformat"}


@pytest.mark.parametrize("module", ["engine.training.session", "line.loop"])
def test_a_session_loads_nothing_of_the_screen(module: str) -> None:
    loaded = loaded_by(f"import tui_linreg.{module}")
    assert "torch" in loaded
    assert not loaded & TERMINAL
    assert not any(name.startswith(("tui_linreg.tui", "tui_linreg.cli", "tui_linreg.settings")) for name in loaded)
